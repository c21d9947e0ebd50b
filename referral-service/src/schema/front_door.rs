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
    }
}

diesel::table! {
    contact (referral_id) {
        referral_id -> Uuid,
        made_at -> Timestamptz,
        recorded_by -> Uuid,
        referrer_name -> Text,
        referrer_role -> Text,
        referrer_telephone -> Nullable<Text>,
        referrer_email -> Nullable<Text>,
        family_knows -> Bool,
        concerns -> Array<Text>,
        worries -> Text,
        working_well -> Nullable<Text>,
        needs_to_happen -> Nullable<Text>,
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
        version -> Int8,
    }
}
