//! What is measured of a family, and what it says.

diesel::table! {
    measurement (id) {
        id -> Uuid,
        case_id -> Uuid,
        family_id -> Uuid,
        point -> Text,
        status -> Text,
        ladder -> Text,
        ladder_version -> Int2,
        started_at -> Timestamptz,
        started_by -> Uuid,
        started_by_name -> Text,
        draft -> Nullable<Jsonb>,
        measured_on -> Nullable<Date>,
        completed_at -> Nullable<Timestamptz>,
        completed_by -> Nullable<Uuid>,
        completed_by_name -> Nullable<Text>,
        due_at -> Nullable<Timestamptz>,
        in_time -> Nullable<Bool>,
        working_well -> Nullable<Text>,
        worries -> Nullable<Text>,
        next_steps -> Nullable<Text>,
        corrects -> Nullable<Uuid>,
        correction_reason -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    measurement_score (measurement_id, area) {
        measurement_id -> Uuid,
        case_id -> Uuid,
        area -> Text,
        score -> Nullable<Int2>,
        not_applicable -> Nullable<Text>,
    }
}

diesel::table! {
    issue_answer (id) {
        id -> Uuid,
        measurement_id -> Uuid,
        case_id -> Uuid,
        place -> Int2,
        question -> Text,
        person_id -> Nullable<Uuid>,
        not_known -> Bool,
        yes -> Nullable<Bool>,
        percentage -> Nullable<Float8>,
        amount_pence -> Nullable<Int8>,
        count -> Nullable<Int4>,
        choice -> Nullable<Text>,
        day -> Nullable<Date>,
        period_from -> Nullable<Date>,
        period_to -> Nullable<Date>,
        creditor -> Nullable<Text>,
        plan -> Nullable<Text>,
        instalment_pence -> Nullable<Int8>,
        clear_by -> Nullable<Date>,
    }
}

diesel::table! {
    measurement_participant (measurement_id, place) {
        measurement_id -> Uuid,
        case_id -> Uuid,
        place -> Int2,
        person_id -> Nullable<Uuid>,
        name -> Nullable<Text>,
        agency -> Nullable<Text>,
    }
}

diesel::table! {
    family_voice (id) {
        id -> Uuid,
        case_id -> Uuid,
        family_id -> Uuid,
        measurement_id -> Nullable<Uuid>,
        point -> Text,
        said_on -> Date,
        whose -> Text,
        person_id -> Nullable<Uuid>,
        about -> Text,
        words -> Text,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
    }
}

diesel::table! {
    case_exit (case_id) {
        case_id -> Uuid,
        measurement_id -> Nullable<Uuid>,
        not_measured_because -> Nullable<Text>,
        continuing_help -> Nullable<Text>,
        asking_again -> Nullable<Text>,
        family_feedback -> Nullable<Text>,
        closed_by -> Uuid,
        closed_by_name -> Text,
    }
}

diesel::table! {
    case_study_consent (id) {
        id -> Uuid,
        case_id -> Uuid,
        family_id -> Uuid,
        person_id -> Uuid,
        scope -> Text,
        credited_as -> Nullable<Text>,
        how -> Nullable<Text>,
        given_on -> Date,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
        withdrawn_on -> Nullable<Date>,
        withdrawn_at -> Nullable<Timestamptz>,
        withdrawn_by_name -> Nullable<Text>,
        withdrawn_because -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    case_study_voice (consent_id, voice_id) {
        consent_id -> Uuid,
        voice_id -> Uuid,
    }
}

diesel::table! {
    follow_up (id) {
        id -> Uuid,
        case_id -> Uuid,
        family_id -> Uuid,
        after -> Text,
        started_on -> Date,
        onward_service -> Nullable<Text>,
        months -> Int2,
        due_at -> Timestamptz,
        status -> Text,
        asked_on -> Nullable<Date>,
        answered_at -> Nullable<Timestamptz>,
        answered_by_name -> Nullable<Text>,
        reached -> Nullable<Bool>,
        engaged -> Nullable<Bool>,
        sustained -> Nullable<Bool>,
        destination -> Nullable<Text>,
        words -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    case_study (id) {
        id -> Uuid,
        case_type -> Text,
        team -> Text,
        scope -> Text,
        credited_as -> Nullable<Text>,
        given_on -> Date,
    }
}

diesel::table! {
    case_study_quote (case_study_id, place) {
        case_study_id -> Uuid,
        place -> Int2,
        whose -> Text,
        about -> Text,
        words -> Text,
        masked -> Bool,
    }
}
