//! The tables, as diesel sees them.

diesel::table! {
    indicator (id) {
        id -> Uuid,
        code -> Text,
        title -> Text,
        numerator -> Text,
        denominator -> Nullable<Text>,
        unit -> Text,
        decimals -> Int2,
        polarity -> Text,
        tolerance -> Numeric,
        source -> Text,
        verified -> Bool,
        computed -> Bool,
        breakdowns -> Array<Text>,
        part_is -> Nullable<Text>,
        created_at -> Timestamptz,
        created_by -> Text,
    }
}

diesel::table! {
    observation (id) {
        id -> Uuid,
        indicator -> Text,
        period_from -> Date,
        period_to -> Date,
        period_label -> Text,
        geography -> Text,
        version -> Int8,
    }
}

diesel::table! {
    observation_version (observation_id, version) {
        observation_id -> Uuid,
        version -> Int8,
        value -> Numeric,
        decimals -> Int2,
        numerator -> Nullable<Int8>,
        denominator -> Nullable<Int8>,
        source -> Text,
        note -> Nullable<Text>,
        printed -> Nullable<Text>,
        provisional -> Bool,
        reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Text,
    }
}

diesel::table! {
    dashboard (id) {
        id -> Uuid,
        code -> Text,
        version -> Int8,
        created_at -> Timestamptz,
    }
}

diesel::table! {
    dashboard_definition (dashboard_id, version) {
        dashboard_id -> Uuid,
        version -> Int8,
        title -> Text,
        definition -> Jsonb,
        recorded_at -> Timestamptz,
        recorded_by -> Text,
    }
}

diesel::joinable!(observation_version -> observation (observation_id));
diesel::joinable!(dashboard_definition -> dashboard (dashboard_id));
diesel::allow_tables_to_appear_in_same_query!(indicator, observation, observation_version);
diesel::allow_tables_to_appear_in_same_query!(dashboard, dashboard_definition);
