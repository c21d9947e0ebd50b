//! Onward referrals.

diesel::table! {
    onward_referral (id) {
        id -> Uuid,
        referral_id -> Uuid,
        service_id -> Uuid,
        service_name -> Text,
        organisation -> Text,
        status -> Text,
        locality -> Nullable<Text>,
        sent_at -> Timestamptz,
        expires_at -> Timestamptz,
        viewed_at -> Nullable<Timestamptz>,
        answered_at -> Nullable<Timestamptz>,
        answered_by -> Nullable<Text>,
        outcome -> Nullable<Text>,
        outcome_on -> Nullable<Date>,
        version -> Int8,
    }
}

diesel::table! {
    onward_disclosure (id) {
        id -> Uuid,
        onward_id -> Uuid,
        referral_id -> Uuid,
        at -> Timestamptz,
        by_user -> Uuid,
        by_name -> Text,
        agency -> Text,
        to_whom -> Text,
        fields -> Array<Text>,
        people -> Array<Uuid>,
        purpose -> Text,
        basis -> Text,
        basis_note -> Nullable<Text>,
        consent_given_by -> Nullable<Text>,
        consent_on -> Nullable<Date>,
        warnings -> Array<Text>,
        reply_to -> Text,
    }
}

diesel::table! {
    onward_share (onward_id) {
        onward_id -> Uuid,
        content -> Jsonb,
    }
}

diesel::table! {
    onward_link (id) {
        id -> Uuid,
        onward_id -> Uuid,
        hash -> Bytea,
        made_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    onward_history (id) {
        id -> Uuid,
        onward_id -> Uuid,
        at -> Timestamptz,
        who -> Text,
        what -> Text,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    onward_follow_up (id) {
        id -> Uuid,
        onward_id -> Uuid,
        months -> Int2,
        started_on -> Date,
        due_at -> Timestamptz,
        status -> Text,
        asked_on -> Nullable<Date>,
        answered_at -> Nullable<Timestamptz>,
        answered_by_name -> Nullable<Text>,
        reached -> Nullable<Bool>,
        engaged -> Nullable<Bool>,
        sustained -> Nullable<Bool>,
        destination -> Nullable<Text>,
        words -> Nullable<Text>,
    }
}
