//! Families, and the cases services work on with them.

diesel::table! {
    family (id) {
        id -> Uuid,
        reference -> Text,
        locality -> Nullable<Text>,
        formed_at -> Timestamptz,
        version -> Int8,
    }
}

diesel::table! {
    family_name (family_id) {
        family_id -> Uuid,
        name -> Text,
    }
}

diesel::table! {
    family_referral (referral_id) {
        referral_id -> Uuid,
        family_id -> Uuid,
    }
}

diesel::table! {
    family_member (id) {
        id -> Uuid,
        family_id -> Uuid,
        person_id -> Uuid,
        role -> Text,
        unborn -> Bool,
        expected_on -> Nullable<Date>,
        main_household -> Bool,
        in_household -> Bool,
        from_date -> Date,
        to_date -> Nullable<Date>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    family_relationship (id) {
        id -> Uuid,
        family_id -> Uuid,
        person_id -> Uuid,
        kind -> Text,
        other_id -> Uuid,
        from_date -> Nullable<Date>,
        to_date -> Nullable<Date>,
    }
}

diesel::table! {
    family_address (id) {
        id -> Uuid,
        family_id -> Uuid,
        main -> Bool,
        address -> Text,
        postcode -> Nullable<Text>,
        tenure -> Nullable<Text>,
        from_date -> Date,
        to_date -> Nullable<Date>,
    }
}

diesel::table! {
    family_problem (id) {
        id -> Uuid,
        family_id -> Uuid,
        code -> Text,
        person_id -> Nullable<Uuid>,
        evidence -> Text,
        source -> Text,
        noted_on -> Date,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
        withdrawn_at -> Nullable<Timestamptz>,
        withdrawn_by_name -> Nullable<Text>,
        withdrawn_because -> Nullable<Text>,
    }
}

diesel::table! {
    family_case (id) {
        id -> Uuid,
        family_id -> Uuid,
        referral_id -> Nullable<Uuid>,
        allocation_id -> Nullable<Uuid>,
        case_type -> Text,
        team -> Text,
        origin -> Text,
        previous_case_id -> Nullable<Uuid>,
        status -> Text,
        opened_at -> Timestamptz,
        engaged_on -> Nullable<Date>,
        lead_worker -> Nullable<Uuid>,
        lead_worker_name -> Nullable<Text>,
        closed_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    case_worker (id) {
        id -> Uuid,
        case_id -> Uuid,
        user_id -> Uuid,
        name -> Text,
        part -> Text,
        reached_by -> Nullable<Text>,
        from_at -> Timestamptz,
        to_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    case_team (id) {
        id -> Uuid,
        case_id -> Uuid,
        team -> Text,
        from_at -> Timestamptz,
        to_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    case_attachment (case_id) {
        case_id -> Uuid,
        attached_on -> Date,
        framework -> Text,
        threshold -> Int2,
        problems -> Array<Text>,
        eligible -> Bool,
        request_reason -> Nullable<Text>,
        regardless_reason -> Nullable<Text>,
    }
}

diesel::table! {
    case_ending (case_id) {
        case_id -> Uuid,
        outcome -> Text,
        planned_exit -> Bool,
        summary -> Nullable<Text>,
    }
}
