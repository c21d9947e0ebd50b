//! The hubs: how they work, their meetings and their agenda.

diesel::table! {
    hub_practice (locality) {
        locality -> Text,
        way -> Text,
        reason -> Nullable<Text>,
        changed_at -> Nullable<Timestamptz>,
        changed_by_name -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    hub_meeting (id) {
        id -> Uuid,
        locality -> Text,
        held_on -> Timestamptz,
        chair -> Text,
        status -> Text,
        planned_by_name -> Text,
        opened_at -> Nullable<Timestamptz>,
        closed_at -> Nullable<Timestamptz>,
        closed_by_name -> Nullable<Text>,
        minutes -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    hub_meeting_member (id) {
        id -> Uuid,
        meeting_id -> Uuid,
        place -> Int2,
        name -> Text,
        agency -> Text,
        user_id -> Nullable<Uuid>,
        attendance -> Nullable<Text>,
    }
}

diesel::table! {
    hub_item (id) {
        id -> Uuid,
        locality -> Text,
        meeting_id -> Nullable<Uuid>,
        referral_id -> Uuid,
        kind -> Text,
        about -> Nullable<Text>,
        allocation_id -> Nullable<Uuid>,
        place -> Nullable<Int4>,
        status -> Text,
        added_at -> Timestamptz,
        added_by_name -> Text,
        added_because -> Nullable<Text>,
        outcome -> Nullable<Text>,
        settled_at -> Nullable<Timestamptz>,
        settled_by_name -> Nullable<Text>,
        settled_because -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    hub_decision (decision_id) {
        decision_id -> Uuid,
        referral_id -> Uuid,
        meeting_id -> Nullable<Uuid>,
        way -> Text,
        urgent_because -> Nullable<Text>,
    }
}

diesel::table! {
    decision_dissent (decision_id, place) {
        decision_id -> Uuid,
        place -> Int2,
        referral_id -> Uuid,
        who -> Text,
        agency -> Text,
        words -> Text,
    }
}

diesel::table! {
    hub_deferral (id) {
        id -> Uuid,
        referral_id -> Uuid,
        item_id -> Nullable<Uuid>,
        deferred_at -> Timestamptz,
        deferred_by_name -> Text,
        missing -> Text,
        until_day -> Date,
        reason -> Text,
    }
}

diesel::table! {
    panel_member (id) {
        id -> Uuid,
        panel -> Text,
        user_id -> Uuid,
        name -> Text,
        agency -> Text,
        from_at -> Timestamptz,
        added_by_name -> Text,
        until_at -> Nullable<Timestamptz>,
        ended_by_name -> Nullable<Text>,
        ended_because -> Nullable<Text>,
        version -> Int8,
    }
}

diesel::table! {
    panel_case (id) {
        id -> Uuid,
        panel -> Text,
        referral_id -> Uuid,
        opened_at -> Timestamptz,
        opened_by_name -> Text,
        reason -> Text,
        dissent -> Jsonb,
        status -> Text,
        outcome -> Nullable<Text>,
        words -> Nullable<Text>,
        closed_at -> Nullable<Timestamptz>,
        closed_by_name -> Nullable<Text>,
        version -> Int8,
    }
}
