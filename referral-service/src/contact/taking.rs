//! Taking referrals in: one from a form or a draft, hundreds from a file, all by the same way.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Months, Utc};
use diesel_async::AsyncPgConnection;
use serde_json::json;
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::{self, FieldError, Problem};
use shared::service::{Done, Write};
use uuid::Uuid;

use super::domain;
use super::form::{PersonForm, ReferralForm, Relation};
use super::store::{self, Coming};
use crate::alert::{self, Alert};
use crate::people::{self, Mention};
use crate::referral::api::shown;
use crate::referral::domain::ReferralId;
use crate::referral::previous::add_previous;
use crate::referral::telling::REFERRER_TOLD;
use crate::referral::told::{ContactChannel, ContactKind};
use crate::referral::view::ReferralView;
use crate::referral::{Happening, Status, for_change};

/// What a referral's reference begins with.
const REFERENCE_PREFIX: char = 'R';
/// Two referrals of somebody within so many months are a repeat.
const REPEAT_MONTHS: Months = Months::new(12);

/// A referral that was taken in.
#[derive(Debug)]
pub struct Taken {
    /// Its id.
    pub id: ReferralId,
    /// Its reference.
    pub reference: String,
    /// Whom it is about.
    pub people: Vec<Uuid>,
    /// What the other services are told.
    pub events: Vec<Event>,
    /// Its version by now.
    version: i64,
}

/// Holds a form against all rules, and its teller against what they may tell.
///
/// # Errors
/// 403 if they may not tell this; 422 with every field that breaks a rule.
pub fn judge(
    form: &ReferralForm,
    channel: ContactChannel,
    actor: &Actor,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    domain::may(form, channel, actor, rules, now.local_day())
        .map_err(|why| Problem::new(problem::NOT_ALLOWED).detail(why))?;
    domain::check(form, channel, rules, now).map_err(Problem::invalid)
}

/// Which of these forms carry a number of theirs under which the actor's agency has sent a referral before that was not
/// withdrawn: those numbers, with the reference of each. Asked in the transaction that takes the forms in: two that
/// come at once follow one another.
///
/// # Errors
/// As the database says.
pub async fn already_sent(
    connection: &mut AsyncPgConnection,
    forms: &[&ReferralForm],
) -> Result<HashMap<String, String>, Problem> {
    let theirs: Vec<&str> = forms.iter().filter_map(|form| form.their_reference()).collect();
    if theirs.is_empty() { Ok(HashMap::new()) } else { store::already_sent(connection, &theirs).await }
}

/// What is said of a form whose number was sent before.
pub fn sent_as(earlier: &str) -> FieldError {
    let detail = format!(
        "is the number of {earlier}, which your agency sent before: withdraw that first, if this is to stand for it"
    );
    FieldError::at("/their_reference", "already_sent", detail)
}

/// Takes in one form that somebody sends, and answers with the referral as they see it: with the warnings and, for the
/// working team, with what else is known of these people.
///
/// # Errors
/// As [`judge`]; 409 if its agency has sent it before under the same number; and as the database says.
pub async fn submit<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    rules: &Rules,
    channel: ContactChannel,
    form: &ReferralForm,
    warnings: Vec<FieldError>,
) -> Result<Done<ReferralView>, Problem> {
    let now = tx.now();
    judge(form, channel, actor, rules, now)?;
    let before = already_sent(tx, &[form]).await?;
    if let Some(earlier) = form.their_reference().and_then(|theirs| before.get(theirs)) {
        let detail = format!("your agency has sent this before: it is {earlier}");
        return Err(Problem::new(problem::DUPLICATE).detail(detail).errors(vec![sent_as(earlier)]));
    }
    let taken = take(tx, actor, rules, &[(channel, form)], now).await?;
    let Some(Taken { id, people, events, version, .. }) = taken.first() else {
        return Err(Problem::internal(&"one form and no referral"));
    };
    tx.entry.record = Some(id.0);
    tx.entry.people.clone_from(people);
    events.iter().cloned().for_each(|event| tx.publish(event));
    let mut view = shown(tx, *id).await?;
    let records = add_previous(tx, &mut view).await?;
    tx.entry.records.extend(records);
    view.warnings = warnings;
    settle(tx, &taken).await?;
    Ok(Done::created(format!("/v1/referrals/{id}"), *version, view))
}

/// Takes in forms that [`judge`] has passed. Call [`settle`] with the answer once everything has been read
/// that the caller is answered with.
///
/// # Errors
/// As the database says.
pub async fn take(
    connection: &mut AsyncPgConnection,
    actor: &Actor,
    rules: &Rules,
    forms: &[(ContactChannel, &ReferralForm)],
    now: DateTime<Utc>,
) -> Result<Vec<Taken>, Problem> {
    let due = rules.must_due("front_door_decision", now)?;
    let named: Vec<(ReferralId, String)> =
        forms.iter().map(|_| (ReferralId::new(), shared::reference::random(REFERENCE_PREFIX))).collect();
    let ids: Vec<Uuid> = named.iter().map(|(id, _)| id.0).collect();
    let coming: Vec<Coming<'_>> = named
        .iter()
        .zip(forms)
        .map(|((id, reference), (channel, form))| Coming { id: *id, reference, channel: *channel, form })
        .collect();
    store::insert(connection, &coming, actor, now).await?;
    let grants: Vec<Grant> = ids.iter().flat_map(|id| first_scopes(*id, actor.agency.as_str(), now)).collect();
    access::grant(connection, &grants).await?;
    let mentions: Vec<(ReferralId, Vec<Mention<'_>>)> =
        coming.iter().map(|one| (one.id, one.form.people.iter().map(mention).collect())).collect();
    let people = people::link_named(connection, &mentions, now).await?;
    deadline::start_all(connection, &ids, "front_door_decision", now, due).await?;
    let told = rules.must_due(REFERRER_TOLD, now)?;
    deadline::start_all(connection, &ids, REFERRER_TOLD, now, told).await?;
    let since = now.checked_sub_months(REPEAT_MONTHS).unwrap_or(now);
    let repeats: HashSet<Uuid> = store::repeats(connection, &ids, since).await?.into_iter().collect();
    let mut taken = Vec::with_capacity(coming.len());
    for (one, people) in coming.iter().zip(people) {
        let received = received(one, actor, &people, repeats.contains(&one.id.0), now, due);
        let mut version = 1;
        let mut events = vec![Event::new("referral.received.v1", one.id, received)];
        if one.form.urgency.is_some() {
            events.push(call_for_help(connection, one, &people, now).await?);
        }
        if let (ContactKind::HubListing, Some(locality)) = (one.form.kind(), &one.form.locality) {
            let (listed, now_at) = list_for_hub(connection, one.id, locality.as_str(), actor, now).await?;
            events.push(listed);
            version = now_at;
        }
        taken.push(Taken { id: one.id, reference: one.reference.to_owned(), people, events, version });
    }
    Ok(taken)
}

/// The last thing of all: what restricts one of these people restricts the referral from here on, and
/// whoever tells of a worry shall neither be refused for that nor learn of it.
///
/// # Errors
/// As the database says.
pub async fn settle(connection: &mut AsyncPgConnection, taken: &[Taken]) -> Result<(), Problem> {
    let about: Vec<(Uuid, Uuid)> =
        taken.iter().flat_map(|one| one.people.iter().map(|person| (one.id.0, *person))).collect();
    access::subjects(connection, &about).await
}

/// What the figures need of it.
fn received(
    one: &Coming<'_>,
    actor: &Actor,
    people: &[Uuid],
    repeat: bool,
    now: DateTime<Utc>,
    due: DateTime<Utc>,
) -> serde_json::Value {
    let form = one.form;
    let count = |relation| form.people.iter().filter(|person| person.relation == relation).count();
    json!({
        "referral_id": one.id, "received_at": now, "decision_due_at": due, "locality": form.locality,
        "agency": actor.agency, "person_ids": people, "channel": one.channel, "kind": form.kind(),
        "urgent": form.urgency.is_some(), "repeat_within_12_months": repeat, "concerns": form.codes(),
        "children": count(Relation::Child), "people": form.people.len(), "family_knows": form.family_knows,
        "consent": form.consent.as_ref().map(|consent| consent.given), "scale": form.scale,
    })
}

/// A child may be in danger: the front door is alerted with the referral itself.
async fn call_for_help(
    connection: &mut AsyncPgConnection,
    one: &Coming<'_>,
    people: &[Uuid],
    now: DateTime<Utc>,
) -> Result<Event, Problem> {
    let urgent = Alert {
        kind: "urgent_safeguarding",
        urgency: alert::Urgency::Urgent,
        about: "referrals",
        record: one.id.0,
        people,
        scopes: &["front-door".to_owned()],
        locality: one.form.locality.as_ref().map(|locality| locality.as_str()),
    };
    alert::raise(connection, &urgent, now).await
}

/// A hub's own member lists the family: it goes where First Response would have sent it, and the history
/// says who sent it there. The front door has nothing left to decide, so its clock stops.
async fn list_for_hub(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    locality: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(Event, i64), Problem> {
    let mut referral = for_change(connection, id).await?;
    let hub = format!("hub:{locality}");
    let why = format!("Listed by a member of the hub of {locality}, without a decision of First Response.");
    access::grant(connection, &referral.for_team(&hub, Status::ListedForHub.as_str(), &[])).await?;
    store::show_people(connection, id, &hub, now).await?;
    referral.happens(connection, Happening::ListedForHub, actor, now, Some(&why)).await?;
    deadline::meet(connection, id.0, "front_door_decision", now).await?;
    referral.tell_referrer(connection, now, "listed", "It is listed for the hub of the family's district.").await?;
    let facts = json!({ "referral_id": id, "listed_at": now, "locality": locality, "by": "hub" });
    Ok((Event::new("referral.listed.v1", id, facts), referral.version))
}

fn mention(form: &PersonForm) -> Mention<'_> {
    Mention {
        relation: form.relation.as_str(),
        given_name: &form.given_name,
        family_name: &form.family_name,
        birth_date: form.birth_date,
        expected_on: form.expected_on,
        household: form.household,
        address: form.address.as_deref(),
        postcode: form.postcode.as_deref(),
        school: form.school.as_deref(),
    }
}

/// The front door has every referral whole; the agency that told it follows its status.
fn first_scopes(record: Uuid, agency: &str, now: DateTime<Utc>) -> [Grant; 2] {
    let grant = |scope: String, view| Grant {
        record,
        kind: "referral",
        scope,
        view,
        state: Status::Received.as_str(),
        sort_at: now,
    };
    [grant("front-door".to_owned(), View::Full), grant(format!("agency:{agency}"), View::Status)]
}
