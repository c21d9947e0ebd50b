//! The person index.

diesel::table! {
    person (id) {
        id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        given_key -> Text,
        family_key -> Text,
        version -> Int8,
        given_sound -> Nullable<Text>,
        family_sound -> Nullable<Text>,
        family_last_key -> Nullable<Text>,
    }
}
