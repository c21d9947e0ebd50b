//! The 0 to 2 pathway and its developmental tracking.

diesel::table! {
    development_check (id) {
        id -> Uuid,
        person_id -> Uuid,
        family_id -> Nullable<Uuid>,
        service -> Text,
        locality -> Nullable<Text>,
        checked_on -> Date,
        age_months -> Int2,
        words -> Nullable<Text>,
        corrects -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
    }
}

diesel::table! {
    development_judgement (check_id, area) {
        check_id -> Uuid,
        area -> Text,
        judgement -> Text,
    }
}

diesel::table! {
    pathway_membership (id) {
        id -> Uuid,
        person_id -> Uuid,
        family_id -> Nullable<Uuid>,
        service -> Text,
        centre -> Nullable<Text>,
        locality -> Nullable<Text>,
        joined_on -> Date,
        told_by_name -> Text,
        told_by_is -> Text,
        joined_recorded_at -> Timestamptz,
        joined_recorded_by -> Uuid,
        joined_recorded_by_name -> Text,
        left_on -> Nullable<Date>,
        left_because -> Nullable<Text>,
        left_words -> Nullable<Text>,
        left_recorded_at -> Nullable<Timestamptz>,
        left_recorded_by -> Nullable<Uuid>,
        left_recorded_by_name -> Nullable<Text>,
        version -> Int8,
    }
}
