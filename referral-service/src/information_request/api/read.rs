//! Reading requests: what one agency is asked, and all that gathers on a referral.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::db::from_jsonb;
use shared::deadline::{Standing, standing};
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Service, Write, found};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::domain::{Found, RequestId, RequestStatus, since};
use super::super::store::{self, Line, Shown};
use super::answer::Item;
use crate::policy;
use crate::referral::domain::ReferralId;

/// A request for information, as far as the reader's part in it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct InformationRequestView {
    /// Its id.
    pub id: RequestId,
    /// The referral (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
    /// Who is asked.
    pub agency: String,
    /// Where it stands.
    pub status: RequestStatus,
    /// What for, codes of the set `information-scope`.
    pub scopes: Vec<String>,
    /// For so many years back.
    pub years_back: i16,
    /// The first day that is asked for.
    pub since: NaiveDate,
    /// Why more years than usual.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub justification: Option<String>,
    /// What it is for, a code of the set `information-purpose`.
    pub purpose: String,
    /// On which basis, a code of the set `lawful-basis`.
    pub lawful_basis: String,
    /// What else helps to search.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// Whom to search for. The agency no longer sees them once it is asked no longer.
    pub people: Vec<AskedPerson>,
    /// Who asks.
    pub asked_by: String,
    /// Their agency.
    pub asked_by_agency: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// By when an answer is due.
    pub due_at: DateTime<Utc>,
    /// Where that clock stands; absent once it is asked no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Standing>,
    /// The answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<InformationAnswer>,
    /// Why it is asked no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cancelled_because: Option<String>,
}

/// Somebody to search for.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AskedPerson {
    /// Their number in this request, from 1: what an answer's `about` means.
    pub number: i16,
    /// Whom the index takes this to be (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Uuid>,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Address, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Postcode, if it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
}

/// What an agency answered.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct InformationAnswer {
    /// What was found.
    pub found: Found,
    /// Why not, or not all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// When.
    pub answered_at: DateTime<Utc>,
    /// Who answered.
    pub answered_by: String,
    /// What is held.
    pub items: Vec<Item>,
}

fn status_of(text: &str) -> Result<RequestStatus, Problem> {
    text.parse().map_err(|()| Problem::internal(&"unknown status of a request"))
}

impl InformationRequestView {
    fn of(row: Shown, now: DateTime<Utc>) -> Result<Self, Problem> {
        let status = status_of(&row.status)?;
        let gone = status == RequestStatus::Cancelled;
        let mut people: Vec<AskedPerson> = from_jsonb(row.people)?;
        if !row.team {
            people.iter_mut().for_each(|person| person.person_id = None);
            people.retain(|_| !gone);
        }
        Ok(Self {
            id: RequestId(row.id),
            referral_id: row.team.then_some(ReferralId(row.referral_id)),
            agency: row.agency,
            status,
            scopes: row.scopes,
            years_back: row.years_back,
            since: since(row.asked_at.local_day(), row.years_back),
            justification: row.justification,
            purpose: row.purpose,
            lawful_basis: row.lawful_basis,
            question: row.question,
            people,
            asked_by: row.asked_by_name,
            asked_by_agency: row.asked_by_agency,
            asked_at: row.asked_at,
            due_at: row.due_at,
            clock: (!gone).then(|| standing(row.due_at, row.settled_at, now)),
            answer: row.answer.map(from_jsonb).transpose()?,
            cancelled_because: row.cancelled_because,
        })
    }
}

/// The request as it stands in this transaction.
///
/// # Errors
/// As the database says.
pub async fn shown<T>(tx: &mut Write<'_, T>, id: RequestId) -> Result<InformationRequestView, Problem> {
    let now = tx.now();
    InformationRequestView::of(store::show(tx, id).await?, now)
}

/// A request on a list. Whom it is about stands in the request itself.
#[derive(Debug, Serialize, ToSchema)]
pub struct InformationRequestLine {
    /// Its id.
    pub id: RequestId,
    /// Who is asked.
    pub agency: String,
    /// Where it stands.
    pub status: RequestStatus,
    /// What for.
    pub scopes: Vec<String>,
    /// The agency that asks.
    pub asked_by_agency: String,
    /// When.
    pub asked_at: DateTime<Utc>,
    /// By when an answer is due.
    pub due_at: DateTime<Utc>,
    /// Where that clock stands; absent once it is asked no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Standing>,
}

impl InformationRequestLine {
    fn of(row: Line, now: DateTime<Utc>) -> Result<Self, Problem> {
        let status = status_of(&row.status)?;
        let runs = status != RequestStatus::Cancelled;
        Ok(Self {
            id: RequestId(row.id),
            agency: row.agency,
            status,
            scopes: row.scopes,
            asked_by_agency: row.asked_by_agency,
            asked_at: row.asked_at,
            due_at: row.due_at,
            clock: runs.then(|| standing(row.due_at, row.settled_at, now)),
        })
    }
}

/// List requests for information
///
/// Those your agency is asked, and those that First Response, your hub or your team has asked, newest first: the
/// ones that wait for an answer, unless another status is asked for.
#[utoipa::path(operation_id = "list_information_requests", tag = "information requests",
    params(("status" = Option<RequestStatus>, Query, description = "`asked` unless asked otherwise"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<InformationRequestLine>)))]
#[get("/v1/information-requests")]
pub async fn list_information_requests(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_INFORMATION, async |tx| {
            policy::READ_INFORMATION.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<RequestStatus>("status", "asked, answered or cancelled");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let now = tx.now();
            let states = [status.unwrap_or(RequestStatus::Asked).as_str()];
            let rows = store::list(tx, &actor.scopes(), &states, cursor, limit).await?;
            let page = Page::from_rows(
                rows,
                limit,
                |row| Cursor { sort_at: row.asked_at, id: row.id },
                |row| InformationRequestLine::of(row, now),
            );
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|item| item.id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a request for information
///
/// The agency that is asked sees whom to search for, what, for how long back, why and on which basis; whoever works on the
/// referral sees of which referral it is, too.
#[utoipa::path(operation_id = "read_information_request", tag = "information requests",
    params(("id" = Uuid, Path, description = "The request's id")),
    responses((status = 200, body = InformationRequestView)))]
#[get("/v1/information-requests/{id}")]
pub async fn read_information_request(
    service: Data<Service>,
    actor: Actor,
    id: Path<RequestId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

/// A request as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor doesn't see it.
pub async fn show(service: &Service, actor: &Actor, id: RequestId) -> Result<(i64, InformationRequestView), Problem> {
    service
        .read(actor, &policy::READ_INFORMATION, async |tx| {
            tx.entry.record = Some(id.0);
            let now = tx.now();
            let row = store::show(tx, id).await?;
            policy::READ_INFORMATION.require(actor)?;
            tx.entry.people = people_of(&row)?;
            Ok((row.version, InformationRequestView::of(row, now)?))
        })
        .await
}

/// Whom a request is about, for the access log: a team that came to the referral later holds none of the
/// request's own scopes.
fn people_of(row: &Shown) -> Result<Vec<Uuid>, Problem> {
    let people: Vec<AskedPerson> = from_jsonb(row.people.clone())?;
    Ok(people.into_iter().filter_map(|person| person.person_id).collect())
}

/// List what was asked and answered for a referral
///
/// All requests with their answers, oldest first. For those who work on the referral, whenever they came to it.
#[utoipa::path(operation_id = "list_referral_information", tag = "information requests",
    params(("id" = Uuid, Path, description = "The referral's id")),
    responses((status = 200, body = Vec<InformationRequestView>)))]
#[get("/v1/referrals/{id}/information-requests")]
pub async fn list_referral_information(
    service: Data<Service>,
    actor: Actor,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let requests = service
        .read(&actor, &policy::READ_INFORMATION, async |tx| {
            tx.entry.record = Some(id.0);
            crate::referral::shown::show(tx, id).await?;
            policy::READ_INFORMATION.require(&actor)?;
            access::require_capacity(tx, &actor, id.0, &["front-door", "hub", "team"]).await?;
            tx.entry.records.push(id.0);
            let now = tx.now();
            let rows = store::of_referral(tx, id).await?;
            rows.into_iter().map(|row| InformationRequestView::of(row, now)).collect::<Result<Vec<_>, _>>()
        })
        .await?;
    Ok(HttpResponse::Ok().json(requests))
}
