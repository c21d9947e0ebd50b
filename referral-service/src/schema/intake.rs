//! Drafts of referrals, and files of many.

diesel::table! {
    referral_draft (id) {
        id -> Uuid,
        title -> Nullable<Text>,
        form -> Jsonb,
        created_at -> Timestamptz,
        changed_at -> Timestamptz,
        expires_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    referral_batch (id) {
        id -> Uuid,
        received_at -> Timestamptz,
        user_id -> Uuid,
        user_name -> Text,
        agency -> Text,
        roles -> Array<Text>,
        localities -> Array<Text>,
        teams -> Array<Text>,
        session_id -> Uuid,
        token_id -> Uuid,
        on_behalf_of -> Nullable<Text>,
        separator -> Text,
        header -> Array<Text>,
        row_count -> Int4,
        taken_rows -> Int4,
        refused_rows -> Int4,
        warned_rows -> Int4,
        referrals -> Int4,
        chunks_left -> Int4,
        warnings -> Jsonb,
        finished_at -> Nullable<Timestamptz>,
        kept_until -> Timestamptz,
        version -> Int8,
        token_made_at -> Nullable<Int8>,
        believed_at -> Nullable<Timestamptz>,
        held_at -> Nullable<Timestamptz>,
        stopped_at -> Nullable<Timestamptz>,
        stopped_by_name -> Nullable<Text>,
        stopped_because -> Nullable<Text>,
        not_taken_rows -> Int4,
        content_digest -> Nullable<Bytea>,
    }
}

diesel::table! {
    referral_batch_chunk (batch_id, n) {
        batch_id -> Uuid,
        n -> Int4,
        content -> Text,
        failures -> Int2,
    }
}
