//! `/v1/people/{id}/pathway-memberships`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::{Actor, Word};
use shared::id::PersonId;
use shared::mistakes::Mistakes;
use shared::page::Page;
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stored, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::event;
use super::store::{self, Last, Membership};
use crate::development::api::{grants, own_service};
use crate::development::domain::{OnPathway, PathwayMembershipId, on_pathway};
use crate::development::store::{child, home};
use crate::policy;

/// This part's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(join_pathway)
        .service(list_pathway_memberships)
        .service(read_pathway_membership)
        .service(leave_pathway);
}

/// Who told a service that a child joins the pathway.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PathwayTeller {
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What they are to the child: mother, health visitor, foster carer.
    #[schema(min_length = 1, max_length = 200)]
    pub is: String,
}

/// A child joins the pathway.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service": "childrens-centre", "centre": "The children's centre in Invented Street",
    "joined_on": "2026-11-20", "told_by": { "name": "Willow Invented", "is": "mother" }
}))]
pub struct PathwayJoining {
    /// The service it joins at, a code of the set `service`: one whose team you are in.
    pub service: Word,
    /// Which of the service's places, such as one children's centre of several.
    #[schema(min_length = 1, max_length = 200)]
    pub centre: Option<String>,
    /// The day it joins, not to come.
    pub joined_on: NaiveDate,
    /// Who said so.
    pub told_by: PathwayTeller,
}

/// A child leaves the pathway.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "left_on": "2026-11-20", "because": "moved-away", "words": "To Leeds; the centre there knows." }))]
pub struct PathwayLeaving {
    /// Its last day on the pathway, not to come.
    pub left_on: NaiveDate,
    /// Why, a code of the set `pathway_leaving`.
    pub because: Word,
    /// The same in words; needed for `other`.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: Option<String>,
}

/// A child's time on the pathway.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathwayMembershipView {
    /// Its id.
    pub id: PathwayMembershipId,
    /// The child in the index.
    pub person_id: PersonId,
    /// The service it joined at, a code of the set `service`.
    pub service: String,
    /// Which of the service's places.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub centre: Option<String>,
    /// The day it joined.
    pub joined_on: NaiveDate,
    /// Who said so.
    pub told_by: PathwayTeller,
    /// When that was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by_name: String,
    /// How it left; absent while it is on the pathway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<PathwayLeft>,
}

/// How a child left the pathway.
#[derive(Debug, Serialize, ToSchema)]
pub struct PathwayLeft {
    /// Its last day.
    pub on: NaiveDate,
    /// Why, a code of the set `pathway_leaving`.
    pub because: String,
    /// The same in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// When that was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by_name: String,
}

impl PathwayMembershipView {
    fn of(row: Membership) -> Self {
        let recorded = row.left_recorded_at.zip(row.left_recorded_by_name);
        let left = row.left_on.zip(row.left_because).zip(recorded);
        Self {
            id: row.id,
            person_id: row.person_id,
            service: row.service,
            centre: row.centre,
            joined_on: row.joined_on,
            told_by: PathwayTeller { name: row.told_by_name, is: row.told_by_is },
            recorded_at: row.joined_recorded_at,
            recorded_by_name: row.joined_recorded_by_name,
            left: left.map(|((on, because), (recorded_at, recorded_by_name))| PathwayLeft {
                on,
                because,
                words: row.left_words,
                recorded_at,
                recorded_by_name,
            }),
        }
    }
}

/// A child is on the pathway once: not while it is on it, nor from before it last left.
fn cannot_join_twice(last: Option<&Last>, joined_on: NaiveDate, mistakes: &mut Mistakes<'_>) {
    if let Some(left_on) = last.and_then(|last| last.left_on) {
        mistakes.before(joined_on, left_on, "/joined_on", "is before the child last left the pathway");
    }
}

/// Let a child join the pathway
///
/// By a service's worker who sees the child, until the age the 0 to 2 pathway ends at. A child who is on it
/// already, at whichever service, is refused with 409; one who left may join again.
#[utoipa::path(operation_id = "join_pathway", tag = "development", request_body = PathwayJoining,
    params(("id" = uuid::Uuid, Path, description = "The child's id in the index"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = PathwayMembershipView)))]
#[post("/v1/people/{id}/pathway-memberships")]
async fn join_pathway(
    service: Data<Service>,
    command: Command<PathwayJoining>,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let person = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::KEEP_PATHWAY, async |tx| {
            tx.entry.record = Some(person.0);
            let child = child(tx, person).await?;
            access::require_capacity(tx, actor, person.0, &["team"]).await?;
            tx.proceed(None).await?;
            tx.entry.people.push(person.0);
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let last = store::last(tx, person).await?;
            let mut mistakes = Mistakes::by(&rules, now);
            own_service(&form.service, actor, &mut mistakes);
            mistakes.future_day(form.joined_on, "/joined_on");
            cannot_join_twice(last.as_ref(), form.joined_on, &mut mistakes);
            let age = on_pathway(child.birth_date, form.joined_on, "/joined_on", &rules);
            let age = age.map_err(|error| mistakes.extend([error])).ok();
            mistakes.refuse()?;
            let OnPathway { age_months, months_to_go } =
                age.ok_or_else(|| Problem::internal(&"an age that is not refused and not there"))?;
            if last.is_some_and(|last| last.left_on.is_none()) {
                return Err(Problem::conflict("the child is on the pathway already").into());
            }
            let home = home(tx, person, form.joined_on).await?;
            let membership = Membership {
                id: PathwayMembershipId::new(),
                person_id: person,
                family_id: home.as_ref().map(|home| home.family_id),
                service: form.service.to_string(),
                centre: form.centre,
                locality: home.as_ref().and_then(|home| home.locality.clone()),
                joined_on: form.joined_on,
                told_by_name: form.told_by.name,
                told_by_is: form.told_by.is,
                joined_recorded_at: now,
                joined_recorded_by: actor.user.0,
                joined_recorded_by_name: actor.name.clone(),
                left_on: None,
                left_because: None,
                left_words: None,
                left_recorded_at: None,
                left_recorded_by: None,
                left_recorded_by_name: None,
                version: 1,
            };
            let id = membership.id;
            store::insert(tx, &membership).await?;
            let grants = grants((id.0, "pathway_membership", store::ON), &form.service, home.as_ref(), tx).await?;
            access::grant(tx, &grants).await?;
            tx.entry.records.push(id.0);
            tx.publish(event::joined(&membership, age_months, months_to_go));
            // The last thing: what restricts the child restricts this from here on.
            access::subjects(tx, &[(id.0, person.0)]).await?;
            let view = PathwayMembershipView::of(membership);
            Ok(Done::created(format!("/v1/people/{person}/pathway-memberships/{id}"), 1, view))
        })
        .await?;
    let again = async |stored: &Stored| Ok(show(&service, actor, person, PathwayMembershipId(stored.id()?)).await?.1);
    written.respond("pathway", again).await
}

/// List a child's times on the pathway
///
/// Those you see, the latest first; a child is on it at most once at a time.
#[utoipa::path(operation_id = "list_pathway_memberships", tag = "development",
    params(("id" = uuid::Uuid, Path, description = "The child's id in the index")),
    responses((status = 200, body = Page<PathwayMembershipView>)))]
#[get("/v1/people/{id}/pathway-memberships")]
async fn list_pathway_memberships(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let person = *id;
    let items: Vec<PathwayMembershipView> = service
        .read(&actor, &policy::READ_PATHWAY, async |tx| {
            tx.entry.record = Some(person.0);
            child(tx, person).await?;
            policy::READ_PATHWAY.require(&actor)?;
            Query::of(&request).finish()?;
            tx.entry.people.push(person.0);
            let rows = store::of_child(tx, person).await?;
            tx.entry.records = rows.iter().map(|row| row.id.0).collect();
            Ok(rows.into_iter().map(PathwayMembershipView::of).collect())
        })
        .await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// Read a child's time on the pathway
#[utoipa::path(operation_id = "read_pathway_membership", tag = "development",
    params(("id" = uuid::Uuid, Path, description = "The child's id in the index"),
           ("membership" = uuid::Uuid, Path, description = "The membership's id")),
    responses((status = 200, body = PathwayMembershipView)))]
#[get("/v1/people/{id}/pathway-memberships/{membership}")]
async fn read_pathway_membership(
    service: Data<Service>,
    actor: Actor,
    path: Path<(PersonId, PathwayMembershipId)>,
) -> Result<HttpResponse, Problem> {
    let (person, id) = *path;
    let (version, view) = show(&service, &actor, person, id).await?;
    Ok(found(version, "pathway", &view))
}

/// A membership as the actor sees it, with its version.
async fn show(
    service: &Service,
    actor: &Actor,
    person: PersonId,
    id: PathwayMembershipId,
) -> Result<(i64, PathwayMembershipView), Problem> {
    service
        .read(actor, &policy::READ_PATHWAY, async |tx| {
            tx.entry.record = Some(person.0);
            child(tx, person).await?;
            policy::READ_PATHWAY.require(actor)?;
            let row = store::find(tx, person, id).await?;
            tx.entry.people.push(person.0);
            tx.entry.records.push(id.0);
            Ok((row.version, PathwayMembershipView::of(row)))
        })
        .await
}

/// Let a child leave the pathway
///
/// With the reason. By the team it joined at and whoever has its family whole.
#[utoipa::path(operation_id = "leave_pathway", tag = "development", request_body = PathwayLeaving,
    params(("id" = uuid::Uuid, Path, description = "The child's id in the index"),
           ("membership" = uuid::Uuid, Path, description = "The membership's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = PathwayMembershipView)))]
#[post("/v1/people/{id}/pathway-memberships/{membership}/leaving")]
async fn leave_pathway(
    service: Data<Service>,
    command: Command<PathwayLeaving>,
    path: Path<(PersonId, PathwayMembershipId)>,
) -> Result<HttpResponse, Problem> {
    let (person, id) = *path;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::KEEP_PATHWAY, async |tx| {
            tx.entry.record = Some(person.0);
            child(tx, person).await?;
            policy::KEEP_PATHWAY.require(actor)?;
            let mut membership = store::for_change(tx, person, id).await?;
            access::require_capacity(tx, actor, id.0, &["team", "user"]).await?;
            tx.proceed(Some(membership.version)).await?;
            tx.entry.people.push(person.0);
            tx.entry.records.push(id.0);
            let leaving = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            check_leaving(&leaving, &membership, &mut mistakes);
            mistakes.refuse()?;
            if membership.left_on.is_some() {
                return Err(Problem::conflict("the child has left the pathway already").into());
            }
            membership.leave(tx, &leaving, actor, now).await?;
            tx.publish(event::left(&membership, leaving.left_on, leaving.because.as_str()));
            Ok(Done::changed(membership.version, PathwayMembershipView::of(membership)))
        })
        .await?;
    written.respond("pathway", async |_| Ok(show(&service, actor, person, id).await?.1)).await
}

/// Notes what is wrong with a leaving.
fn check_leaving(leaving: &PathwayLeaving, membership: &Membership, mistakes: &mut Mistakes<'_>) {
    mistakes.code("pathway_leaving", &leaving.because, leaving.left_on, "/because");
    mistakes.future_day(leaving.left_on, "/left_on");
    mistakes.before(leaving.left_on, membership.joined_on, "/left_on", "is before the child joined the pathway");
    if leaving.because.as_str() == "other" && leaving.words.is_none() {
        mistakes.add("/words", "required", "is missing: what the reason was, which no code names");
    }
}
