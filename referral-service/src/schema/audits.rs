//! Audits of case files.

diesel::table! {
    audit_sample (id) {
        id -> Uuid,
        drawn_at -> Timestamptz,
        drawn_by -> Uuid,
        drawn_by_name -> Text,
        basis -> Text,
        from_day -> Date,
        to_day -> Date,
        team -> Nullable<Text>,
        case_type -> Nullable<Text>,
        locality -> Nullable<Text>,
        size -> Int2,
        due_on -> Date,
        seed -> Text,
        population -> Int4,
        left_out -> Int4,
        version -> Int8,
    }
}

diesel::table! {
    audit_population (sample_id) {
        sample_id -> Uuid,
        cases -> Array<Uuid>,
    }
}

diesel::table! {
    case_audit (id) {
        id -> Uuid,
        sample_id -> Uuid,
        case_id -> Uuid,
        place -> Int2,
        case_type -> Text,
        team -> Text,
        locality -> Nullable<Text>,
        status -> Text,
        auditor -> Nullable<Uuid>,
        auditor_name -> Nullable<Text>,
        given_at -> Nullable<Timestamptz>,
        due_on -> Nullable<Date>,
        facts -> Nullable<Jsonb>,
        finished_at -> Nullable<Timestamptz>,
        summary -> Nullable<Text>,
        excluded_because -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    case_audit_grade (audit_id, standard) {
        audit_id -> Uuid,
        standard -> Text,
        grade -> Nullable<Text>,
        not_applicable -> Nullable<Text>,
        evidence -> Nullable<Text>,
    }
}

diesel::table! {
    audit_action (id) {
        id -> Uuid,
        audit_id -> Uuid,
        case_id -> Uuid,
        team -> Text,
        standard -> Nullable<Text>,
        what -> Text,
        owner -> Uuid,
        owner_name -> Text,
        due_on -> Date,
        status -> Text,
        added_at -> Timestamptz,
        added_by_name -> Text,
        ended_at -> Nullable<Timestamptz>,
        ended_by_name -> Nullable<Text>,
        note -> Nullable<Text>,
        version -> Int8,
    }
}
