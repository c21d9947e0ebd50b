//! What passes between the working team and partners about a referral.

diesel::table! {
    message (id) {
        id -> Uuid,
        referral_id -> Uuid,
        sent_at -> Timestamptz,
        side -> Text,
        author -> Uuid,
        author_name -> Text,
        author_agency -> Text,
        words -> Text,
        seen_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    information_source (agency) {
        agency -> Text,
        kind -> Text,
        added_at -> Timestamptz,
        added_by_name -> Text,
    }
}

diesel::table! {
    information_request (id) {
        id -> Uuid,
        referral_id -> Uuid,
        agency -> Text,
        kind -> Text,
        status -> Text,
        scopes -> Array<Text>,
        years_back -> Int2,
        justification -> Nullable<Text>,
        purpose -> Text,
        lawful_basis -> Text,
        question -> Nullable<Text>,
        locality -> Nullable<Text>,
        asked_at -> Timestamptz,
        due_at -> Timestamptz,
        asked_by -> Uuid,
        asked_by_name -> Text,
        asked_by_agency -> Text,
        asked_in -> Text,
        settled_at -> Nullable<Timestamptz>,
        cancelled_because -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    information_request_person (request_id, number) {
        request_id -> Uuid,
        number -> Int2,
        person_id -> Uuid,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        address -> Nullable<Text>,
        postcode -> Nullable<Text>,
    }
}

diesel::table! {
    information_answer (request_id) {
        request_id -> Uuid,
        found -> Text,
        reason -> Nullable<Text>,
        answered_at -> Timestamptz,
        answered_by -> Uuid,
        answered_by_name -> Text,
    }
}

diesel::table! {
    information_item (request_id, place) {
        request_id -> Uuid,
        place -> Int2,
        scope -> Text,
        about -> Array<Int2>,
        from_date -> Nullable<Date>,
        to_date -> Nullable<Date>,
        words -> Text,
        dash_grade -> Nullable<Text>,
    }
}

diesel::table! {
    disclosure (id) {
        id -> Uuid,
        person_id -> Uuid,
        referral_id -> Uuid,
        at -> Timestamptz,
        from_agency -> Text,
        to_agency -> Text,
        fields -> Array<Text>,
        purpose -> Text,
        lawful_basis -> Text,
        about -> Text,
        about_id -> Uuid,
        by_user -> Uuid,
        by_name -> Text,
    }
}
