//! The directory of services.

diesel::table! {
    organisation (id) {
        id -> Uuid,
        name -> Text,
        description -> Text,
        website -> Nullable<Text>,
        email -> Nullable<Text>,
        agency -> Nullable<Text>,
        origin -> Nullable<Text>,
        origin_id -> Nullable<Text>,
        listed_at -> Timestamptz,
        changed_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    directory_service (id) {
        id -> Uuid,
        organisation_id -> Uuid,
        name -> Text,
        description -> Text,
        kind -> Text,
        url -> Nullable<Text>,
        email -> Nullable<Text>,
        code -> Nullable<Text>,
        status -> Text,
        minimum_age -> Nullable<Int2>,
        maximum_age -> Nullable<Int2>,
        districts -> Array<Text>,
        needs -> Array<Text>,
        levels -> Array<Int2>,
        places -> Nullable<Int4>,
        taken -> Nullable<Int4>,
        waiting_days -> Nullable<Int4>,
        delivery -> Array<Text>,
        languages -> Array<Text>,
        accreditations -> Nullable<Text>,
        alert -> Nullable<Text>,
        assured_on -> Nullable<Date>,
        published -> Bool,
        origin -> Nullable<Text>,
        origin_id -> Nullable<Text>,
        origin_digest -> Nullable<Text>,
        words -> Text,
        listed_at -> Timestamptz,
        changed_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    service_place (id) {
        id -> Uuid,
        service_id -> Uuid,
        place -> Int2,
        location_type -> Text,
        name -> Text,
        description -> Nullable<Text>,
        latitude -> Nullable<Float8>,
        longitude -> Nullable<Float8>,
        address -> Nullable<Text>,
        town -> Nullable<Text>,
        county -> Nullable<Text>,
        postcode -> Nullable<Text>,
        accessibility -> Array<Text>,
    }
}

diesel::table! {
    service_schedule (id) {
        id -> Uuid,
        service_id -> Uuid,
        service_place_id -> Nullable<Uuid>,
        place -> Int2,
        freq -> Text,
        every -> Int2,
        days -> Array<Text>,
        opens_at -> Nullable<Text>,
        closes_at -> Nullable<Text>,
        starts_on -> Nullable<Date>,
        ends_on -> Nullable<Date>,
        description -> Nullable<Text>,
    }
}

diesel::table! {
    service_contact (id) {
        id -> Uuid,
        service_id -> Uuid,
        place -> Int2,
        title -> Text,
        telephone -> Nullable<Text>,
        email -> Nullable<Text>,
    }
}

diesel::table! {
    service_cost (id) {
        id -> Uuid,
        service_id -> Uuid,
        place -> Int2,
        option -> Text,
        pence -> Nullable<Int4>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    service_import (id) {
        id -> Uuid,
        at -> Timestamptz,
        by_name -> Text,
        agency -> Text,
        origin -> Text,
        report -> Jsonb,
    }
}

diesel::joinable!(directory_service -> organisation (organisation_id));
diesel::allow_tables_to_appear_in_same_query!(
    organisation,
    directory_service,
    service_place,
    service_schedule,
    service_contact,
    service_cost,
);
