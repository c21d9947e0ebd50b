//! Lists from partners.

diesel::table! {
    partner_agreement (id) {
        id -> Uuid,
        agency -> Text,
        title -> Text,
        purpose -> Text,
        lawful_basis -> Text,
        basis_note -> Nullable<Text>,
        reasons -> Array<Text>,
        fields -> Array<Text>,
        starts_on -> Date,
        review_on -> Date,
        retention_days -> Int4,
        registered_at -> Timestamptz,
        registered_by_name -> Text,
        reviewed_at -> Nullable<Timestamptz>,
        reviewed_by_name -> Nullable<Text>,
        review_note -> Nullable<Text>,
        ended_at -> Nullable<Timestamptz>,
        ended_by_name -> Nullable<Text>,
        ended_because -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    partner_list (id) {
        id -> Uuid,
        agreement_id -> Uuid,
        agency -> Text,
        drawn_on -> Date,
        received_at -> Timestamptz,
        sent_by -> Uuid,
        sent_by_name -> Text,
        row_count -> Int4,
        taken_rows -> Int4,
        family_count -> Int4,
        answers -> Jsonb,
        delete_after -> Timestamptz,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    partner_family (id) {
        id -> Uuid,
        list_id -> Uuid,
        agency -> Text,
        family_key -> Nullable<Text>,
        reasons -> Array<Text>,
        standing -> Text,
        offer -> Text,
        found_at -> Timestamptz,
        offered_at -> Nullable<Timestamptz>,
        answered_at -> Nullable<Timestamptz>,
        referral_id -> Nullable<Uuid>,
        version -> Int8,
    }
}

diesel::table! {
    partner_row (id) {
        id -> Uuid,
        family_id -> Uuid,
        number -> Int4,
        relation -> Text,
        given_name -> Text,
        family_name -> Text,
        birth_date -> Nullable<Date>,
        address -> Nullable<Text>,
        postcode -> Nullable<Text>,
        school -> Nullable<Text>,
        reason -> Text,
        reason_on -> Date,
        standing -> Text,
        person_id -> Nullable<Uuid>,
        decided_at -> Nullable<Timestamptz>,
        decided_by_name -> Nullable<Text>,
    }
}

diesel::table! {
    partner_offer_step (id) {
        id -> Uuid,
        family_id -> Uuid,
        at -> Timestamptz,
        who -> Text,
        what -> Text,
        note -> Nullable<Text>,
    }
}
