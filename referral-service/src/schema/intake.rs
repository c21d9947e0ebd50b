//! Drafts of referrals.

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
