//! What is in a case's file: the plan and its actions, meetings of the team around the family, notes.

diesel::table! {
    plan (id) {
        id -> Uuid,
        case_id -> Uuid,
        made_at -> Timestamptz,
        made_by_name -> Text,
        version -> Int8,
    }
}

diesel::table! {
    plan_goal (id) {
        id -> Uuid,
        plan_id -> Uuid,
        case_id -> Uuid,
        place -> Int2,
        goal -> Text,
        need -> Nullable<Text>,
        person_id -> Nullable<Uuid>,
        set_on -> Date,
        status -> Text,
        closed_on -> Nullable<Date>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    plan_signature (id) {
        id -> Uuid,
        plan_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
        signed_on -> Date,
        plan_version -> Int8,
    }
}

diesel::table! {
    plan_action (id) {
        id -> Uuid,
        case_id -> Uuid,
        goal_id -> Nullable<Uuid>,
        meeting_id -> Nullable<Uuid>,
        family_id -> Uuid,
        family_reference -> Text,
        case_type -> Text,
        team -> Text,
        locality -> Nullable<Text>,
        what -> Text,
        concerns_person -> Nullable<Uuid>,
        concerns_name -> Nullable<Text>,
        concerns_birth_date -> Nullable<Date>,
        concerns_address -> Nullable<Text>,
        owner_kind -> Text,
        owner_agency -> Nullable<Text>,
        owner_user -> Nullable<Uuid>,
        owner_person -> Nullable<Uuid>,
        owner_name -> Nullable<Text>,
        due_on -> Date,
        status -> Text,
        proposed_at -> Timestamptz,
        proposed_by_name -> Text,
        answered_at -> Nullable<Timestamptz>,
        ended_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    plan_action_history (id) {
        id -> Uuid,
        action_id -> Uuid,
        at -> Timestamptz,
        who -> Text,
        agency -> Text,
        what -> Text,
        words -> Nullable<Text>,
        told_by -> Nullable<Text>,
    }
}

diesel::table! {
    team_around (id) {
        id -> Uuid,
        case_id -> Uuid,
        status -> Text,
        starts_at -> Timestamptz,
        place -> Nullable<Text>,
        chair -> Text,
        discussed -> Nullable<Text>,
        decisions -> Array<Text>,
        next_on -> Nullable<Date>,
        cancelled_because -> Nullable<Text>,
        recorded_at -> Nullable<Timestamptz>,
        version -> Int8,
    }
}

diesel::table! {
    team_around_person (id) {
        id -> Uuid,
        meeting_id -> Uuid,
        case_id -> Uuid,
        place -> Int2,
        person_id -> Nullable<Uuid>,
        name -> Nullable<Text>,
        agency -> Nullable<Text>,
        role -> Nullable<Text>,
        invited -> Bool,
        attended -> Nullable<Bool>,
    }
}

diesel::table! {
    case_note (id) {
        id -> Uuid,
        case_id -> Uuid,
        occurred_at -> Timestamptz,
        kind -> Text,
        words -> Text,
        child_seen -> Nullable<Bool>,
        seen_alone -> Nullable<Bool>,
        corrects -> Nullable<Uuid>,
        recorded_at -> Timestamptz,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
        in_time -> Nullable<Bool>,
    }
}

diesel::table! {
    case_note_seen (note_id, person_id) {
        note_id -> Uuid,
        case_id -> Uuid,
        person_id -> Uuid,
    }
}
