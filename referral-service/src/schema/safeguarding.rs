//! Missing and exploited children.

diesel::table! {
    missing_episode (id) {
        id -> Uuid,
        reference -> Text,
        status -> Text,
        missing_since -> Timestamptz,
        reported_at -> Timestamptz,
        agency -> Text,
        their_reference -> Nullable<Text>,
        locality -> Nullable<Text>,
        returned_at -> Nullable<Timestamptz>,
        interview_offered_at -> Nullable<Timestamptz>,
        interview_answered_at -> Nullable<Timestamptz>,
        interview_in_time -> Nullable<Bool>,
        version -> Int8,
    }
}

diesel::table! {
    missing_account (episode_id) {
        episode_id -> Uuid,
        person_id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        missing_since -> Timestamptz,
        reporter_name -> Text,
        reporter_role -> Text,
        reporter_telephone -> Nullable<Text>,
        recorded_by -> Uuid,
        missing_from -> Text,
        where_from -> Nullable<Text>,
        last_seen_at -> Nullable<Timestamptz>,
        last_seen -> Nullable<Text>,
        risk_level -> Text,
        circumstances -> Text,
        repeat_number -> Int4,
        exploitation -> Bool,
    }
}

diesel::table! {
    missing_same_absence (episode_id) {
        episode_id -> Uuid,
        same_as -> Uuid,
    }
}

diesel::table! {
    missing_update (id) {
        id -> Uuid,
        episode_id -> Uuid,
        risk_level -> Nullable<Text>,
        seen_at -> Nullable<Timestamptz>,
        seen_place -> Nullable<Text>,
        seen_told_by -> Nullable<Text>,
        locality -> Nullable<Text>,
        note -> Nullable<Text>,
        agency -> Text,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    missing_return (episode_id) {
        episode_id -> Uuid,
        found_how -> Text,
        whereabouts -> Nullable<Text>,
        harm -> Array<Text>,
        harm_note -> Nullable<Text>,
        recorded_by -> Uuid,
        recorded_by_name -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    missing_interview (id) {
        id -> Uuid,
        episode_id -> Uuid,
        outcome -> Text,
        at -> Timestamptz,
        by_name -> Text,
        themes -> Array<Text>,
        said -> Nullable<Text>,
        actions -> Nullable<Text>,
        late_reason -> Nullable<Text>,
        recorded_by -> Uuid,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    missing_cancellation (episode_id) {
        episode_id -> Uuid,
        because -> Text,
        note -> Text,
        recorded_by_name -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    exploitation_concern (id) {
        id -> Uuid,
        reference -> Text,
        kind -> Text,
        status -> Text,
        raised_at -> Timestamptz,
        agency -> Text,
        their_reference -> Nullable<Text>,
        locality -> Nullable<Text>,
        closed_at -> Nullable<Timestamptz>,
        joined_to -> Nullable<Uuid>,
        version -> Int8,
    }
}

diesel::table! {
    exploitation_account (concern_id) {
        concern_id -> Uuid,
        person_id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        reporter_name -> Text,
        reporter_role -> Text,
        reporter_telephone -> Nullable<Text>,
        recorded_by -> Uuid,
        indicators -> Array<Text>,
        account -> Text,
        level -> Nullable<Text>,
    }
}

diesel::table! {
    exploitation_screening (concern_id) {
        concern_id -> Uuid,
        screened_at -> Timestamptz,
        tool -> Nullable<Text>,
        score -> Nullable<Int4>,
        indicators -> Array<Text>,
        outcome -> Text,
        reason -> Text,
        recorded_by_name -> Text,
    }
}

diesel::table! {
    exploitation_alert (id) {
        id -> Uuid,
        concern_id -> Uuid,
        kind -> Text,
        at -> Timestamptz,
        note -> Nullable<Text>,
        their_reference -> Nullable<Text>,
        agency -> Text,
        recorded_by_name -> Text,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    exploitation_meeting (id) {
        id -> Uuid,
        concern_id -> Uuid,
        held_at -> Timestamptz,
        chair -> Text,
        level -> Text,
        decisions -> Text,
        recorded_by_name -> Text,
    }
}

diesel::table! {
    exploitation_attendance (meeting_id, place) {
        meeting_id -> Uuid,
        place -> Int2,
        concern_id -> Uuid,
        agency -> Text,
        name -> Text,
        attendance -> Text,
    }
}

diesel::table! {
    exploitation_plan (id) {
        id -> Uuid,
        concern_id -> Uuid,
        made_at -> Timestamptz,
        child_view -> Nullable<Text>,
        recorded_by_name -> Text,
    }
}

diesel::table! {
    exploitation_contingency (plan_id, place) {
        plan_id -> Uuid,
        place -> Int2,
        concern_id -> Uuid,
        if_this -> Text,
        then_that -> Text,
    }
}

diesel::table! {
    exploitation_action (id) {
        id -> Uuid,
        plan_id -> Uuid,
        concern_id -> Uuid,
        place -> Int2,
        what -> Text,
        agency -> Text,
        owner -> Text,
        due_on -> Date,
        status -> Text,
        ended_on -> Nullable<Date>,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    exploitation_review (id) {
        id -> Uuid,
        concern_id -> Uuid,
        reviewed_at -> Timestamptz,
        due_at -> Timestamptz,
        level -> Text,
        progress -> Text,
        recorded_by_name -> Text,
    }
}

diesel::table! {
    exploitation_closure (concern_id) {
        concern_id -> Uuid,
        outcome -> Text,
        summary -> Text,
        recorded_by_name -> Text,
    }
}
