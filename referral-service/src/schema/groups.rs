//! Group work.

diesel::table! {
    support_group (id) {
        id -> Uuid,
        reference -> Text,
        title -> Text,
        programme -> Text,
        service -> Text,
        locality -> Nullable<Text>,
        capacity -> Int4,
        taken -> Int4,
        waiting -> Int4,
        first_day -> Date,
        last_day -> Nullable<Date>,
        status -> Text,
        planned_at -> Timestamptz,
        ended_on -> Nullable<Date>,
        version -> Int8,
    }
}

diesel::table! {
    group_run (group_id) {
        group_id -> Uuid,
        venue -> Nullable<Text>,
        note -> Nullable<Text>,
        planned_by -> Uuid,
        planned_by_name -> Text,
        ended_because -> Nullable<Text>,
        ended_words -> Nullable<Text>,
        ended_by_name -> Nullable<Text>,
    }
}

diesel::table! {
    group_facilitator (group_id, user_id) {
        group_id -> Uuid,
        user_id -> Uuid,
        name -> Text,
    }
}

diesel::table! {
    group_session (id) {
        id -> Uuid,
        group_id -> Uuid,
        held_on -> Date,
        topic -> Nullable<Text>,
        status -> Text,
        cancelled_because -> Nullable<Text>,
        version -> Int8,
        moved_from -> Nullable<Date>,
        moved_because -> Nullable<Text>,
    }
}

diesel::table! {
    group_enrolment (id) {
        id -> Uuid,
        group_id -> Uuid,
        title -> Text,
        programme -> Text,
        service -> Text,
        person_id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        basis -> Text,
        referral_id -> Nullable<Uuid>,
        family_id -> Nullable<Uuid>,
        case_id -> Nullable<Uuid>,
        status -> Text,
        enrolled_at -> Timestamptz,
        enrolled_by -> Uuid,
        enrolled_by_name -> Text,
        placed_on -> Nullable<Date>,
        note -> Nullable<Text>,
        ended_on -> Nullable<Date>,
        ended_because -> Nullable<Text>,
        ended_words -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    group_attendance (id) {
        id -> Uuid,
        session_id -> Uuid,
        enrolment_id -> Uuid,
        held_on -> Date,
        attendance -> Text,
        excluded_because -> Nullable<Text>,
        note -> Nullable<Text>,
        correction_reason -> Nullable<Text>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
        replaced_at -> Nullable<Timestamptz>,
    }
}
