//! What people say of the help they had.

diesel::table! {
    feedback_question (code, occasion, valid_from) {
        code -> Text,
        occasion -> Text,
        place -> Int2,
        kind -> Text,
        text -> Text,
        positive_from -> Nullable<Int2>,
        asked_of -> Array<Text>,
        valid_from -> Date,
        valid_to -> Nullable<Date>,
        source -> Text,
        verified -> Bool,
    }
}

diesel::table! {
    feedback_given (id) {
        id -> Uuid,
        occasion -> Text,
        about -> Uuid,
        counted_for -> Uuid,
        giver -> Text,
        person_id -> Nullable<Uuid>,
        name -> Nullable<Text>,
        agency -> Nullable<Text>,
        giver_key -> Text,
        via -> Text,
        given_on -> Date,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
    }
}
