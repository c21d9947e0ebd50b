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
