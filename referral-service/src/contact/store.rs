//! The rows of new referrals, however many at once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::sql_types::{Array, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::USUAL_BASIS;
use super::form::ReferralForm;
use crate::referral::domain::ReferralId;
use crate::referral::told::ContactChannel;

/// A form on its way in: under which id and reference, and how it came.
#[derive(Debug, Clone, Copy)]
pub struct Coming<'a> {
    /// Its id.
    pub id: ReferralId,
    /// Its reference.
    pub reference: &'a str,
    /// By which way it came.
    pub channel: ContactChannel,
    /// What was said.
    pub form: &'a ReferralForm,
}

/// Everything that is said of referrals in one statement: a round trip for one of them as for hundreds.
/// What is absent in a form is an empty list or null here, and makes no row.
const INSERT: &str = "\
WITH told AS MATERIALIZED (
    SELECT * FROM jsonb_to_recordset($1) AS t(id uuid, history_id uuid, feedback_id uuid, reference text, locality text, urgent boolean, receipt text,
        made_at timestamptz, channel text, kind text, referrer_name text, referrer_role text, referrer_telephone text,
        referrer_email text, caller_name text, caller_relationship text, caller_telephone text, anonymous boolean,
        family_knows boolean, concerns text[], worries text, working_well text, needs_to_happen text,
        danger_statement text, safety_goal text, scale smallint, urgent_because text, social_care_reference text,
        step_down_reason text, earlier_reference text, needs jsonb, households jsonb, relationships jsonb,
        characteristics jsonb, consent jsonb, basis jsonb, their_reference text)
), referrals AS (
    INSERT INTO referral (id, reference, status, received_at, agency, locality, version, urgent, their_reference)
    SELECT id, reference, 'received', $2, $3, locality, 1, urgent, their_reference FROM told
), contacts AS (
    INSERT INTO contact (referral_id, made_at, recorded_by, referrer_name, referrer_role, referrer_telephone,
        referrer_email, family_knows, concerns, worries, working_well, needs_to_happen, channel, kind, caller_name,
        caller_relationship, caller_telephone, anonymous, danger_statement, safety_goal, scale, urgent_because,
        social_care_reference, step_down_reason, earlier_reference)
    SELECT id, coalesce(made_at, $2), $4, referrer_name, referrer_role, referrer_telephone, referrer_email,
        family_knows, concerns, worries, working_well, needs_to_happen, channel, kind, caller_name,
        caller_relationship, caller_telephone, anonymous, danger_statement, safety_goal, scale, urgent_because,
        social_care_reference, step_down_reason, earlier_reference FROM told
), needs AS (
    INSERT INTO contact_need (referral_id, place, code, who, words)
    SELECT told.id, n.place, n.code, n.who, n.words FROM told,
        jsonb_to_recordset(told.needs) AS n(place smallint, code text, who smallint[], words text)
), households AS (
    INSERT INTO named_household (referral_id, place, address, postcode)
    SELECT told.id, h.place, h.address, h.postcode FROM told,
        jsonb_to_recordset(told.households) AS h(place smallint, address text, postcode text)
), relationships AS (
    INSERT INTO named_relationship (referral_id, person, kinship, of)
    SELECT told.id, k.person, k.kinship, k.of FROM told,
        jsonb_to_recordset(told.relationships) AS k(person smallint, kinship text, of smallint)
), characteristics AS (
    INSERT INTO named_characteristic (referral_id, place, gender, ethnicity, language, interpreter, disability, send)
    SELECT told.id, c.place, c.gender, c.ethnicity, c.language, c.interpreter, c.disability, c.send FROM told,
        jsonb_to_recordset(told.characteristics) AS c(place smallint, gender text, ethnicity text, language text,
            interpreter boolean, disability boolean, send text)
), consents AS (
    INSERT INTO service_consent (id, referral_id, recorded_at, recorded_by, given, given_by, given_on, how, reason)
    SELECT c.id, told.id, $2, $4, c.given, c.by, c.\"on\", c.how, c.reason FROM told,
        jsonb_to_recordset(told.consent) AS c(id uuid, given text, by text, \"on\" date, how text, reason text)
), bases AS (
    INSERT INTO sharing_basis (id, referral_id, recorded_at, recorded_by, basis, stated, note)
    SELECT b.id, told.id, $2, $4, b.basis, b.stated, b.note FROM told,
        jsonb_to_recordset(told.basis) AS b(id uuid, basis text, stated boolean, note text)
), history AS (
    INSERT INTO referral_history (id, referral_id, at, actor_id, actor_name, agency, what, to_status)
    SELECT history_id, id, $2, $4, $5, $3, 'received', 'received' FROM told
)
INSERT INTO feedback (id, referral_id, told_at, about, message)
SELECT feedback_id, id, $2, 'received', receipt FROM told";

/// Inserts referrals, what was said of each, and what each referrer is told first.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    coming: &[Coming<'_>],
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query(INSERT)
        .bind::<Jsonb, _>(Value::Array(coming.iter().map(row).collect()))
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(actor.agency.as_str())
        .bind::<SqlUuid, _>(actor.user)
        .bind::<Text, _>(&actor.name)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// A form as the statement reads it.
fn row(coming: &Coming<'_>) -> Value {
    let Coming { id, reference, channel, form } = *coming;
    let caller = form.caller.as_ref();
    json!({
        "id": id, "history_id": Uuid::now_v7(), "feedback_id": Uuid::now_v7(), "reference": reference, "locality": form.locality, "urgent": form.urgency.is_some(),
        "receipt": format!("We have your referral {reference}. First Response decides within one working day."),
        "made_at": form.made_at, "channel": channel, "kind": form.kind(),
        "referrer_name": form.referrer.name, "referrer_role": form.referrer.role,
        "referrer_telephone": form.referrer.telephone, "referrer_email": form.referrer.email,
        "caller_name": caller.and_then(|caller| caller.name.as_deref()),
        "caller_relationship": caller.and_then(|caller| caller.relationship.as_deref()),
        "caller_telephone": caller.and_then(|caller| caller.telephone.as_deref()),
        "anonymous": form.is_anonymous(), "family_knows": form.family_knows, "concerns": form.codes(),
        "worries": form.worries, "working_well": form.working_well, "needs_to_happen": form.needs_to_happen,
        "danger_statement": form.danger_statement, "safety_goal": form.safety_goal, "scale": form.scale,
        "urgent_because": form.urgency.as_ref().map(|urgency| urgency.why.as_str()),
        "social_care_reference": form.step_down.as_ref().map(|from| from.social_care_reference.as_str()),
        "step_down_reason": form.step_down.as_ref().map(|from| from.reason.as_str()),
        "earlier_reference": form.earlier_reference.as_deref().and_then(|text| shared::reference::parse('R', text)),
        "needs": placed(&form.needs, |need| json!({ "code": need.code, "who": need.who, "words": need.words })),
        "households": placed(&form.households, |it| json!({ "address": it.address, "postcode": it.postcode })),
        "relationships": form.relationships,
        "characteristics": characteristics(form),
        "consent": consent(form), "basis": basis(form), "their_reference": form.their_reference(),
    })
}

/// Each item with its place in the list.
fn placed<T>(items: &[T], show: impl Fn(&T) -> Value) -> Value {
    let with_place = |(place, item): (i16, &T)| {
        let mut shown = show(item);
        if let Some(fields) = shown.as_object_mut() {
            fields.insert("place".to_owned(), place.into());
        }
        shown
    };
    (0i16..).zip(items).map(with_place).collect()
}

fn characteristics(form: &ReferralForm) -> Value {
    let says = |(_, person): &(i16, &super::form::PersonForm)| person.says_characteristics();
    let show = |(place, person): (i16, &super::form::PersonForm)| {
        json!({ "place": place, "gender": person.gender, "ethnicity": person.ethnicity, "language": person.language,
                "interpreter": person.interpreter, "disability": person.disability, "send": person.send })
    };
    (0i16..).zip(&form.people).filter(says).map(show).collect()
}

fn consent(form: &ReferralForm) -> Value {
    let show = |told: &crate::referral::told::ServiceConsent| {
        json!({ "id": Uuid::now_v7(), "given": told.given, "by": told.by, "on": told.on, "how": told.how,
                "reason": told.reason })
    };
    form.consent.iter().map(show).collect()
}

/// The basis that was stated; that of a professional who stated none.
fn basis(form: &ReferralForm) -> Value {
    match &form.lawful_basis {
        Some(told) => json!([{ "id": Uuid::now_v7(), "basis": told.basis, "stated": true, "note": told.note }]),
        None if form.kind().is_professional() => {
            json!([{ "id": Uuid::now_v7(), "basis": USUAL_BASIS, "stated": false }])
        }
        None => json!([]),
    }
}

#[derive(diesel::QueryableByName)]
struct Repeat {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// Which of these new referrals name somebody whom an earlier one named since `since`. It looks past what
/// the caller sees: the answer is for the figures, and never for whoever referred.
///
/// # Errors
/// As the database says.
pub async fn repeats(
    connection: &mut AsyncPgConnection,
    referrals: &[Uuid],
    since: DateTime<Utc>,
) -> Result<Vec<Uuid>, Problem> {
    let rows: Vec<Repeat> = diesel::sql_query("SELECT id FROM referral_repeats($1, $2) AS t(id)")
        .bind::<Array<SqlUuid>, _>(referrals)
        .bind::<Timestamptz, _>(since)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

#[derive(diesel::QueryableByName)]
struct Sent {
    #[diesel(sql_type = Text)]
    their_reference: String,
    #[diesel(sql_type = Text)]
    reference: String,
}

/// Which of these numbers of theirs the caller's own agency has sent before and not withdrawn, with the reference of
/// each. Nobody else of the agency takes any until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn already_sent(
    connection: &mut AsyncPgConnection,
    theirs: &[&str],
) -> Result<HashMap<String, String>, Problem> {
    let rows: Vec<Sent> = diesel::sql_query("SELECT their_reference, reference FROM referral_already_sent($1)")
        .bind::<Array<Text>, _>(theirs)
        .prepared()
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.their_reference, row.reference)).collect())
}

/// Lets a hub that lists a family itself see the people it named.
///
/// # Errors
/// As the database says.
pub async fn show_people(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    scope: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query("SELECT people_follow($1, $2, $3)")
        .bind::<SqlUuid, _>(referral)
        .bind::<Text, _>(scope)
        .bind::<Timestamptz, _>(now)
        .execute(connection)
        .await?;
    Ok(())
}
