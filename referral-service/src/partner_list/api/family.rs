//! The families that lists found: who they may be, and how far the offer of help is.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::deadline::{self, Standing, standing};
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::partner_list::domain::{PartnerFamilyId, PartnerListId, PartnerOffer, PartnerStanding};
use crate::partner_list::event;
use crate::partner_list::store::family::{self, Family, PersonRow};
use crate::partner_list::store::matching::{self, Shown};
use crate::partner_list::taking::OFFER;
use crate::policy;

/// A family on a list of families.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerFamilyLine {
    /// Its id.
    pub id: PartnerFamilyId,
    /// The list it stands on.
    pub list_id: PartnerListId,
    /// The partner.
    pub agency: String,
    /// The partner's own mark of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_key: Option<String>,
    /// Why it stands there, codes of the set `partner_list_reason`.
    pub reasons: Vec<String>,
    /// How it stands to whom the partnership knows.
    pub standing: PartnerStanding,
    /// How far the offer of help is.
    pub offer: PartnerOffer,
    /// When the list came.
    pub found_at: DateTime<Utc>,
    /// When it was first offered help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offered_at: Option<DateTime<Utc>>,
    /// When it answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// The referral it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<Uuid>,
}

impl PartnerFamilyLine {
    fn of(row: Family) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            list_id: row.list_id,
            standing: row.standing()?,
            offer: row.offer()?,
            agency: row.agency,
            family_key: row.family_key,
            reasons: row.reasons,
            found_at: row.found_at,
            offered_at: row.offered_at,
            answered_at: row.answered_at,
            referral_id: row.referral_id,
        })
    }
}

/// Somebody the index has who is or may be meant.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerCandidate {
    /// Who.
    pub person_id: Uuid,
    /// Given name, as the index has it.
    pub given_name: String,
    /// Family name, as the index has it.
    pub family_name: String,
    /// Birth date, as the index has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Whether names and birth date are the same.
    pub exact: bool,
    /// What is alike: `name`, `birth_date`, `sound` (names that sound alike), `given_name`, `postcode`.
    pub why: Vec<String>,
    /// What was open about them when the list came: `referral`, `allocation`, `case`.
    pub open: Vec<String>,
}

/// Somebody on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerPersonView {
    /// The row.
    pub row: i32,
    /// What they are in the family.
    pub relation: String,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Postcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// School.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// Why they stand on the list.
    pub reason: String,
    /// As of when.
    pub reason_on: NaiveDate,
    /// How they stand to whom the partnership knows.
    pub standing: PartnerStanding,
    /// Whom they were taken to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Uuid>,
    /// Who decided that, where names only resembled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// Who they are or may be, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<PartnerCandidate>,
}

/// What was done about a family on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerFamilyStep {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// What: `decided`, `offered`, `accepted`, `declined`, `unreachable`.
    pub what: String,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A family on a partner's list.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerFamilyView {
    /// The family.
    #[serde(flatten)]
    pub family: PartnerFamilyLine,
    /// By when it is to be offered help.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_due_at: Option<DateTime<Utc>>,
    /// Where that clock stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub offer_clock: Option<Standing>,
    /// Its people, in the order of the list.
    pub people: Vec<PartnerPersonView>,
    /// What was done, oldest first.
    pub history: Vec<PartnerFamilyStep>,
}

fn person(row: PersonRow, candidates: &[Shown]) -> Result<PartnerPersonView, Problem> {
    let candidate = |one: &Shown| PartnerCandidate {
        person_id: one.person_id,
        given_name: one.given_name.clone(),
        family_name: one.family_name.clone(),
        birth_date: one.birth_date,
        exact: one.exact,
        why: one.why.clone(),
        open: one.open.clone(),
    };
    Ok(PartnerPersonView {
        row: row.number,
        standing: row.standing.parse().map_err(|()| Problem::internal(&"unknown standing of a row"))?,
        relation: row.relation,
        given_name: row.given_name,
        family_name: row.family_name,
        birth_date: row.birth_date,
        address: row.address,
        postcode: row.postcode,
        school: row.school,
        reason: row.reason,
        reason_on: row.reason_on,
        person_id: row.person_id,
        decided_by: row.decided_by_name,
        decided_at: row.decided_at,
        candidates: candidates.iter().filter(|one| one.row_id == row.id).map(candidate).collect(),
    })
}

/// A family with everything that belongs to it.
///
/// # Errors
/// As the database says.
pub async fn whole(
    connection: &mut AsyncPgConnection,
    row: Family,
    now: DateTime<Utc>,
) -> Result<PartnerFamilyView, Problem> {
    let candidates = matching::of_family(connection, row.id.0).await?;
    let people = family::people(connection, row.id).await?;
    let clock = deadline::clock(connection, row.id.0, OFFER).await?;
    let steps = family::steps(connection, row.id).await?;
    let history = steps.into_iter().map(|step| PartnerFamilyStep {
        at: step.at,
        who: step.who,
        what: step.what,
        note: step.note,
    });
    Ok(PartnerFamilyView {
        family: PartnerFamilyLine::of(row)?,
        offer_due_at: clock.map(|clock| clock.due_at),
        offer_clock: clock.map(|clock| standing(clock.due_at, clock.met_at, now)),
        people: people.into_iter().map(|row| person(row, &candidates)).collect::<Result<_, _>>()?,
        history: history.collect(),
    })
}

/// Whom a look at a family is about, for the access log.
pub fn about(view: &PartnerFamilyView) -> Vec<Uuid> {
    let of_person = |one: &PartnerPersonView| {
        one.candidates.iter().map(|candidate| candidate.person_id).chain(one.person_id).collect::<Vec<_>>()
    };
    let mut people: Vec<Uuid> = view.people.iter().flat_map(of_person).collect();
    people.sort_unstable();
    people.dedup();
    people
}

/// A family as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor does not see it; 403.
pub async fn show(service: &Service, actor: &Actor, id: PartnerFamilyId) -> Result<(i64, PartnerFamilyView), Problem> {
    service
        .read(actor, &policy::WORK_PARTNER_FAMILY, async |tx| {
            tx.entry.record = Some(id.0);
            let row = family::find(tx, id).await?;
            policy::WORK_PARTNER_FAMILY.require(actor)?;
            let (now, version) = (tx.now(), row.version);
            let view = whole(tx, row, now).await?;
            tx.entry.records.push(id.0);
            tx.entry.people = about(&view);
            Ok((version, view))
        })
        .await
}

/// List families on partners' lists
///
/// Those to offer help to, or whose offer stands as you ask; or all of one list. Newest first.
#[utoipa::path(operation_id = "list_partner_families", tag = "partner lists",
    params(("offer" = Option<PartnerOffer>, Query, description = "`to_offer` unless asked otherwise; not together with `list_id`"),
           ("standing" = Option<PartnerStanding>, Query, description = "Only those that stand so to whom the partnership knows"),
           ("list_id" = Option<Uuid>, Query, description = "Those of this list, whatever their offer"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<PartnerFamilyLine>)))]
#[get("/v1/partner-families")]
pub async fn list_partner_families(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::WORK_PARTNER_FAMILY, async |tx| {
            policy::WORK_PARTNER_FAMILY.require(&actor)?;
            let mut query = Query::of(&request);
            let offers = "to_offer, offered, accepted, declined or unreachable";
            let offer = query.optional::<PartnerOffer>("offer", offers);
            let standing = query.optional::<PartnerStanding>("standing", "new, matched, possible or already_open");
            let list = query.optional::<PartnerListId>("list_id", "a list's id");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = match (list, offer) {
                (Some(_), Some(_)) => {
                    return Err(Problem::parameter("offer", "does_not_fit", "ask for a list or for an offer"));
                }
                (Some(list), None) => family::of_list(tx, list, standing, cursor, limit).await?,
                (None, offer) => {
                    family::list(tx, offer.unwrap_or(PartnerOffer::ToOffer), standing, cursor, limit).await?
                }
            };
            let key = |row: &Family| Cursor { sort_at: row.found_at, id: row.id.0 };
            let page = Page::from_rows(rows, limit, key, PartnerFamilyLine::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|line| line.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a family on a partner's list
///
/// Its people, who they are or may be and why, and what was done.
#[utoipa::path(operation_id = "read_partner_family", tag = "partner lists",
    params(("id" = Uuid, Path, description = "The family's id")),
    responses((status = 200, body = PartnerFamilyView)))]
#[get("/v1/partner-families/{id}")]
pub async fn read_partner_family(
    service: Data<Service>,
    actor: Actor,
    id: Path<PartnerFamilyId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

/// Who somebody on a list is.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "row": 1, "person_id": "0198c0de-0000-7000-8000-000000000001", "note": "The school spells the name otherwise." }))]
pub struct PartnerMatchDecision {
    /// The row.
    pub row: i32,
    /// Which of its candidates; nobody of them, if left out.
    pub person_id: Option<Uuid>,
    /// Why.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
}

/// Decide who somebody on a partner's list is
///
/// Where names only resemble: one of the candidates, or nobody of them. Before that the family is offered nothing.
#[utoipa::path(operation_id = "decide_partner_match", tag = "partner lists", request_body = PartnerMatchDecision,
    params(("id" = Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = PartnerFamilyView)))]
#[post("/v1/partner-families/{id}/matches")]
pub async fn decide_partner_match(
    service: Data<Service>,
    command: Command<PartnerMatchDecision>,
    id: Path<PartnerFamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::WORK_PARTNER_FAMILY, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = family::for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            let people = family::people(tx, id).await?;
            let Some(person) = people.iter().find(|one| one.number == body.row) else {
                let error = FieldError::at("/row", "unknown", "is no row of this family");
                return Err(Problem::invalid(vec![error]).into());
            };
            let candidates = matching::of_family(tx, id.0).await?;
            let whom = candidates.iter().find(|one| one.row_id == person.id && Some(one.person_id) == body.person_id);
            if body.person_id.is_some() && whom.is_none() {
                let error = FieldError::at("/person_id", "unknown", "is none of the candidates of that row");
                return Err(Problem::invalid(vec![error]).into());
            }
            if person.standing != PartnerStanding::Possible.as_str() {
                return Err(Problem::conflict("who that person is has been decided").into());
            }
            let open = whom.is_some_and(|one| !one.open.is_empty());
            let decided = PartnerStanding::of_row(whom.is_some(), false, open);
            family::decide(tx, person.id, decided, body.person_id, &command.actor.name, now).await?;
            let standings = people.iter().map(|one| match one.number == body.row {
                true => Ok(decided),
                false => one.standing.parse().map_err(|()| Problem::internal(&"unknown standing of a row")),
            });
            let of_family = PartnerStanding::of_family(standings.collect::<Result<Vec<_>, Problem>>()?);
            row.standing = of_family.as_str().to_owned();
            row.save(tx).await?;
            if of_family == PartnerStanding::AlreadyOpen {
                deadline::meet(tx, id.0, OFFER, now).await?;
            }
            family::note(tx, id, &command.actor.name, "decided", body.note.as_deref(), now).await?;
            tx.publish(event::decided(&row, now));
            let version = row.version;
            let view = whole(tx, row, now).await?;
            tx.entry.people = about(&view);
            Ok(Done::changed(version, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
