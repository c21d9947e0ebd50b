//! Alerts.

diesel::table! {
    alert (id) {
        id -> Uuid,
        kind -> Text,
        urgency -> Text,
        raised_at -> Timestamptz,
        about -> Text,
        about_id -> Uuid,
        locality -> Nullable<Text>,
        acknowledged_at -> Nullable<Timestamptz>,
        acknowledged_by_name -> Nullable<Text>,
        note -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}
