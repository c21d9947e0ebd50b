//! What passes between the working team and partners about a referral.

diesel::table! {
    message (id) {
        id -> Uuid,
        referral_id -> Uuid,
        sent_at -> Timestamptz,
        side -> Text,
        author -> Uuid,
        author_name -> Text,
        author_agency -> Text,
        words -> Text,
        seen_at -> Nullable<Timestamptz>,
    }
}
