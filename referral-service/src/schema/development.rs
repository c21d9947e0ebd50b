//! The 0 to 2 pathway's developmental tracking.

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
