//! Brief interventions.

diesel::table! {
    brief_intervention (id) {
        id -> Uuid,
        reference -> Text,
        kind -> Text,
        service -> Text,
        locality -> Nullable<Text>,
        status -> Text,
        opened_on -> Date,
        basis -> Text,
        referral_id -> Nullable<Uuid>,
        family_id -> Nullable<Uuid>,
        aim -> Text,
        worker_name -> Text,
        opened_by -> Uuid,
        opened_at -> Timestamptz,
        closed_on -> Nullable<Date>,
        version -> Int8,
    }
}

diesel::table! {
    brief_person (intervention_id, person_id) {
        intervention_id -> Uuid,
        person_id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
    }
}

diesel::table! {
    brief_contact (id) {
        id -> Uuid,
        intervention_id -> Uuid,
        at -> Timestamptz,
        how -> Text,
        minutes -> Nullable<Int4>,
        words -> Text,
        corrects -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
    }
}

diesel::table! {
    brief_attendance (contact_id, person_id) {
        contact_id -> Uuid,
        person_id -> Uuid,
        intervention_id -> Uuid,
        attendance -> Text,
    }
}

diesel::table! {
    brief_ending (intervention_id) {
        intervention_id -> Uuid,
        outcome -> Text,
        planned -> Bool,
        destination -> Text,
        summary -> Text,
        closed_by -> Uuid,
        closed_by_name -> Text,
    }
}
