//! The gateway's tables, as its migrations make them.

diesel::table! {
    agency (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        kind -> Text,
        created_at -> Timestamptz,
        version -> BigInt,
    }
}

diesel::table! {
    team (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        agency -> Text,
        created_at -> Timestamptz,
        version -> BigInt,
    }
}

diesel::table! {
    user_account (id) {
        id -> Uuid,
        username -> Text,
        display_name -> Text,
        agency -> Text,
        roles -> Array<Text>,
        localities -> Array<Text>,
        teams -> Array<Text>,
        created_at -> Timestamptz,
        deactivated_at -> Nullable<Timestamptz>,
        version -> BigInt,
    }
}

diesel::table! {
    user_password (user_id) {
        user_id -> Uuid,
        hash -> Text,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    client (id) {
        id -> Uuid,
        client_id -> Text,
        name -> Text,
        agency -> Text,
        roles -> Array<Text>,
        localities -> Array<Text>,
        teams -> Array<Text>,
        jwks -> Jsonb,
        created_at -> Timestamptz,
        deactivated_at -> Nullable<Timestamptz>,
        version -> BigInt,
    }
}

diesel::table! {
    sign_in_client (client_id) {
        client_id -> Text,
        name -> Text,
        redirect_uris -> Array<Text>,
    }
}

diesel::table! {
    revocation (id, at, kind) {
        kind -> Text,
        id -> Uuid,
        at -> Timestamptz,
    }
}

diesel::table! {
    used_assertion (client, jti) {
        client -> Uuid,
        jti -> Bytea,
        expires_at -> Timestamptz,
    }
}

diesel::table! {
    authorization_code (code) {
        code -> Bytea,
        client_id -> Text,
        redirect_uri -> Text,
        challenge -> Text,
        user_id -> Uuid,
        session_id -> Uuid,
        expires_at -> Timestamptz,
        used_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    sign_in_attempt (username, source) {
        username -> Bytea,
        source -> Text,
        failures -> Integer,
        next_at -> Timestamptz,
    }
}

diesel::table! {
    record_scope (record_id, scope) {
        record_id -> Uuid,
        kind -> Text,
        scope -> Text,
        view -> Text,
        state -> Text,
        sort_at -> Timestamptz,
    }
}

diesel::allow_tables_to_appear_in_same_query!(user_account, user_password, record_scope, client);
