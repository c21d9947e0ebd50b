//! Short breaks.

diesel::table! {
    short_break (id) {
        id -> Uuid,
        reference -> Text,
        status -> Text,
        locality -> Nullable<Text>,
        asked_at -> Timestamptz,
        level -> Nullable<Text>,
        hours_per_year -> Nullable<Int4>,
        pounds_per_year -> Nullable<Int4>,
        decided_at -> Nullable<Timestamptz>,
        review_due_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    short_break_account (short_break_id) {
        short_break_id -> Uuid,
        person_id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        asker_name -> Text,
        asker_is -> Text,
        needs -> Array<Text>,
        words -> Text,
        recorded_by_name -> Text,
        agency -> Text,
    }
}

diesel::table! {
    short_break_step (id) {
        id -> Uuid,
        short_break_id -> Uuid,
        at -> Timestamptz,
        what -> Text,
        who -> Text,
        reason -> Text,
        criteria -> Array<Text>,
        level -> Nullable<Text>,
        hours_per_year -> Nullable<Int4>,
        pounds_per_year -> Nullable<Int4>,
    }
}
