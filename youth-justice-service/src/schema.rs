//! The tables, as diesel sees them.

diesel::table! {
    prevention_case (id) {
        id -> Uuid,
        reference -> Text,
        allocation_id -> Uuid,
        referral_id -> Uuid,
        locality -> Nullable<Text>,
        status -> Text,
        outcome -> Nullable<Text>,
        offered_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    prevention_case_step (case_id, status) {
        case_id -> Uuid,
        status -> Text,
        at -> Timestamptz,
        actor_id -> Nullable<Uuid>,
        actor_name -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    person_copy (person_id) {
        person_id -> Uuid,
        version -> Int8,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
        birth_date -> Nullable<Date>,
        wanted_version -> Int8,
        next_try_at -> Timestamptz,
        tries -> Int4,
    }
}

diesel::table! {
    record_subject (record_id, person_id) {
        record_id -> Uuid,
        person_id -> Uuid,
    }
}

diesel::allow_tables_to_appear_in_same_query!(person_copy, record_subject);
