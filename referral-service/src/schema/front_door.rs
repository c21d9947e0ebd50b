//! A referral, what was decided of it, and the services it was offered to.

diesel::table! {
    referral (id) {
        id -> Uuid,
        reference -> Text,
        status -> Text,
        received_at -> Timestamptz,
        agency -> Text,
        locality -> Nullable<Text>,
        version -> Int8,
        urgent -> Bool,
    }
}

diesel::table! {
    contact (referral_id) {
        referral_id -> Uuid,
        made_at -> Timestamptz,
        recorded_by -> Uuid,
        referrer_name -> Nullable<Text>,
        referrer_role -> Text,
        referrer_telephone -> Nullable<Text>,
        referrer_email -> Nullable<Text>,
        family_knows -> Bool,
        concerns -> Array<Text>,
        worries -> Text,
        working_well -> Nullable<Text>,
        needs_to_happen -> Nullable<Text>,
        channel -> Text,
        kind -> Text,
        caller_name -> Nullable<Text>,
        caller_relationship -> Nullable<Text>,
        caller_telephone -> Nullable<Text>,
        anonymous -> Bool,
        danger_statement -> Nullable<Text>,
        safety_goal -> Nullable<Text>,
        scale -> Nullable<Int2>,
        urgent_because -> Nullable<Text>,
        social_care_reference -> Nullable<Text>,
        step_down_reason -> Nullable<Text>,
        earlier_reference -> Nullable<Text>,
    }
}

diesel::table! {
    named_person (id) {
        id -> Uuid,
        referral_id -> Uuid,
        place -> Int2,
        relation -> Text,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        address -> Nullable<Text>,
        postcode -> Nullable<Text>,
        school -> Nullable<Text>,
        household -> Int2,
        expected_on -> Nullable<Date>,
    }
}

diesel::table! {
    person_link (named_person_id) {
        named_person_id -> Uuid,
        referral_id -> Uuid,
        person_id -> Uuid,
        method -> Text,
        linked_at -> Timestamptz,
    }
}

diesel::table! {
    decision (id) {
        id -> Uuid,
        referral_id -> Uuid,
        stage -> Text,
        outcome -> Text,
        decided_at -> Timestamptz,
    }
}

diesel::table! {
    decision_reason (decision_id) {
        decision_id -> Uuid,
        referral_id -> Uuid,
        level_of_need -> Nullable<Int2>,
        reason -> Text,
        decided_by -> Uuid,
        decided_by_name -> Text,
        signed_off_by -> Nullable<Uuid>,
        signed_off_by_name -> Nullable<Text>,
    }
}

diesel::table! {
    feedback (id) {
        id -> Uuid,
        referral_id -> Uuid,
        told_at -> Timestamptz,
        about -> Text,
        message -> Text,
    }
}

diesel::table! {
    referral_history (id) {
        id -> Uuid,
        referral_id -> Uuid,
        at -> Timestamptz,
        actor_id -> Uuid,
        actor_name -> Text,
        agency -> Text,
        what -> Text,
        from_status -> Nullable<Text>,
        to_status -> Text,
        why -> Nullable<Text>,
    }
}

diesel::table! {
    allocation (id) {
        id -> Uuid,
        referral_id -> Uuid,
        service -> Text,
        part -> Text,
        status -> Text,
        offered_at -> Timestamptz,
        answered_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
        note -> Nullable<Text>,
        case_type -> Nullable<Text>,
        complexity -> Nullable<Text>,
        asked_for -> Nullable<Text>,
        regardless_reason -> Nullable<Text>,
        waiting_since -> Nullable<Timestamptz>,
        expected_from -> Nullable<Date>,
        waiting_reason -> Nullable<Text>,
        transferred_to -> Nullable<Uuid>,
        version -> Int8,
    }
}

diesel::table! {
    proposed_decision (id) {
        id -> Uuid,
        referral_id -> Uuid,
        outcome -> Text,
        level_of_need -> Int2,
        reason -> Text,
        locality -> Nullable<Text>,
        feedback -> Nullable<Text>,
        proposed_at -> Timestamptz,
        proposed_by -> Uuid,
        proposed_by_name -> Text,
        due_at -> Timestamptz,
        settled_at -> Nullable<Timestamptz>,
        agreed -> Nullable<Bool>,
        settled_by_name -> Nullable<Text>,
        settled_because -> Nullable<Text>,
    }
}

diesel::table! {
    referral_step (id) {
        id -> Uuid,
        referral_id -> Uuid,
        direction -> Text,
        at -> Timestamptz,
        from_status -> Text,
        to_status -> Text,
        level_of_need -> Nullable<Int2>,
        reason -> Text,
        locality -> Nullable<Text>,
        social_care_did -> Nullable<Text>,
        social_care_reference -> Nullable<Text>,
        by_user -> Uuid,
        by_name -> Text,
        by_scope -> Text,
    }
}

diesel::table! {
    allocation_worker (id) {
        id -> Uuid,
        allocation_id -> Uuid,
        service -> Text,
        user_id -> Uuid,
        name -> Text,
        part -> Text,
        from_at -> Timestamptz,
        assigned_by_name -> Text,
        until_at -> Nullable<Timestamptz>,
        ended_by_name -> Nullable<Text>,
        ended_because -> Nullable<Text>,
    }
}

diesel::table! {
    caseload_ceiling (id) {
        id -> Uuid,
        team -> Text,
        user_id -> Nullable<Uuid>,
        points -> Int2,
        reason -> Text,
        set_at -> Timestamptz,
        set_by_name -> Text,
    }
}
