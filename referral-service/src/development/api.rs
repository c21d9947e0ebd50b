//! `/v1/people/{id}/development-checks`.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::access::{self, Grant, View};
use shared::actor::{Actor, Word};
use shared::db::Tx;
use shared::id::PersonId;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{DevelopmentCheckId, DevelopmentJudgement, PathwayMembershipId, on_pathway};
use super::store::{self, Check, CheckShown, Home};
use super::{event, pathway};
use crate::family::{self, FamilyId};
use crate::policy;
use crate::referral::view::read_json;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(record_development_check)
        .service(read_development)
        .service(read_development_check)
        .configure(pathway::routes);
}

/// How a child does in each area, as it was seen at a check.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "service": "childrens-centre", "checked_on": "2026-11-20",
    "judgements": [
        { "area": "communication-and-language", "judgement": "below" },
        { "area": "physical", "judgement": "exceeding" },
        { "area": "personal-social-and-emotional", "judgement": "meeting" }
    ],
    "words": "Six words, and points to the rest. Her mother will come to the rhyme time."
}))]
pub struct DevelopmentForm {
    /// The service that checked, a code of the set `service`: one whose team you are in.
    pub service: Word,
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// A judgement for each area that was looked at.
    #[schema(min_items = 1, max_items = 20)]
    pub judgements: Vec<DevelopmentArea>,
    /// What was seen.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: Option<String>,
    /// The check this one corrects: that one stays, and counts no longer.
    pub corrects: Option<DevelopmentCheckId>,
}

/// How a child does in one area.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DevelopmentArea {
    /// Which area, a code of the set `development_area`.
    pub area: Word,
    /// How, for its age.
    pub judgement: DevelopmentJudgement,
}

/// A check.
#[derive(Debug, Serialize, ToSchema)]
pub struct DevelopmentCheckView {
    /// Its id.
    pub id: DevelopmentCheckId,
    /// The service that checked.
    pub service: String,
    /// The day.
    pub checked_on: NaiveDate,
    /// How old the child was, in whole months.
    pub age_months: i16,
    /// How it did in each area.
    pub judgements: Vec<DevelopmentArea>,
    /// What was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// The child's time on the pathway that holds the day of the check, if there is one that you see.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub membership_id: Option<PathwayMembershipId>,
    /// The check it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<DevelopmentCheckId>,
    /// Whether another corrects it: then it counts no longer.
    pub corrected: bool,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by_name: String,
}

impl DevelopmentCheckView {
    fn of(row: CheckShown) -> Result<Self, Problem> {
        Ok(Self {
            id: DevelopmentCheckId(row.id),
            service: row.service,
            checked_on: row.checked_on,
            age_months: row.age_months,
            judgements: read_json(row.judgements)?.unwrap_or_default(),
            words: row.words,
            membership_id: row.membership_id.map(PathwayMembershipId),
            corrects: row.corrects.map(DevelopmentCheckId),
            corrected: row.corrected,
            recorded_at: row.recorded_at,
            recorded_by_name: row.recorded_by_name,
        })
    }
}

/// How a child develops.
#[derive(Debug, Serialize, ToSchema)]
pub struct DevelopmentView {
    /// The child in the index.
    pub person_id: PersonId,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// In each area, from one check to the next; what was corrected is not in it.
    pub trajectory: Vec<DevelopmentTrajectory>,
    /// Every check you see, by its day, with those that were corrected.
    pub checks: Vec<DevelopmentCheckView>,
}

/// How a child does in one area over time.
#[derive(Debug, Serialize, ToSchema)]
pub struct DevelopmentTrajectory {
    /// Which area, a code of the set `development_area`.
    pub area: String,
    /// By age.
    pub points: Vec<DevelopmentPoint>,
}

/// A judgement at an age.
#[derive(Debug, Serialize, ToSchema)]
pub struct DevelopmentPoint {
    /// How old the child was, in whole months.
    pub age_months: i16,
    /// The day of the check.
    pub checked_on: NaiveDate,
    /// How it did.
    pub judgement: DevelopmentJudgement,
}

/// Notes what is wrong with a check beyond the child it is of.
fn check(form: &DevelopmentForm, actor: &Actor, mistakes: &mut Mistakes<'_>) {
    own_service(&form.service, actor, mistakes);
    mistakes.future_day(form.checked_on, "/checked_on");
    for (index, one) in form.judgements.iter().enumerate() {
        mistakes.code("development_area", &one.area, form.checked_on, format!("/judgements/{index}/area"));
        if form.judgements.iter().take(index).any(|earlier| earlier.area == one.area) {
            mistakes.add(format!("/judgements/{index}/area"), "repeated", "is judged twice");
        }
    }
}

/// Notes that a service is none, or not the caller's.
pub(super) fn own_service(service: &Word, actor: &Actor, mistakes: &mut Mistakes<'_>) {
    mistakes.code("service", service, mistakes.today(), "/service");
    if !actor.scopes().contains(&format!("team:{service}")) {
        mistakes.add("/service", "not_yours", "is a service whose team you are not in");
    }
}

/// Shows a record about a child to the service's team and whoever has the child's family whole.
pub(super) async fn grants(
    (record, kind, state): (Uuid, &'static str, &'static str),
    service: &Word,
    home: Option<&Home>,
    connection: &mut Tx,
) -> Result<Vec<Grant>, Problem> {
    let sort_at = connection.now();
    let mut scopes = vec![format!("team:{service}")];
    if let Some(home) = home {
        scopes.extend(family::holders(connection, FamilyId(home.family_id)).await?);
    }
    scopes.sort_unstable();
    scopes.dedup();
    let grant = |scope| Grant { record, kind, scope, view: View::Full, state, sort_at };
    Ok(scopes.into_iter().map(grant).collect())
}

/// Record a check of a child's development
///
/// By a service's worker who sees the child, until the age the 0 to 2 pathway ends at, whether the child has
/// joined it or not. A check is never changed: correct it by another that names it.
#[utoipa::path(operation_id = "record_development_check", tag = "development", request_body = DevelopmentForm,
    params(("id" = uuid::Uuid, Path, description = "The child's id in the index"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = DevelopmentCheckView)))]
#[post("/v1/people/{id}/development-checks")]
async fn record_development_check(
    service: Data<Service>,
    command: Command<DevelopmentForm>,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let person = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RECORD_DEVELOPMENT, async |tx| {
            tx.entry.record = Some(person.0);
            let child = store::child(tx, person).await?;
            access::require_capacity(tx, actor, person.0, &["team"]).await?;
            tx.proceed(None).await?;
            tx.entry.people.push(person.0);
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            check(&form, actor, &mut mistakes);
            let earlier = store::checks(tx, person).await?;
            if let Some(corrected) = form.corrects
                && !earlier.iter().any(|row| row.id == corrected.0 && !row.corrected)
            {
                mistakes.add("/corrects", "unknown", "is no check of this child, or was corrected already");
            }
            let age = on_pathway(child.birth_date, form.checked_on, "/checked_on", &rules);
            let age = age.map_err(|error| mistakes.extend([error])).ok();
            mistakes.refuse()?;
            let age = age.ok_or_else(|| Problem::internal(&"an age that is not refused and not there"))?;
            let that_day = |row: &&CheckShown| row.checked_on == form.checked_on && !row.corrected;
            if earlier.iter().filter(that_day).any(|row| Some(row.id) != form.corrects.map(|id| id.0)) {
                return Err(Problem::conflict("the child was checked on that day already: correct that check").into());
            }
            let home = store::home(tx, person, form.checked_on).await?;
            let check = Check {
                id: DevelopmentCheckId::new(),
                person_id: person,
                family_id: home.as_ref().map(|home| home.family_id),
                service: form.service.as_str().to_owned(),
                locality: home.as_ref().and_then(|home| home.locality.clone()),
                checked_on: form.checked_on,
                age_months: age.age_months,
                words: form.words.clone(),
                corrects: form.corrects,
                recorded_at: now,
                recorded_by: actor.user.0,
                recorded_by_name: actor.name.clone(),
            };
            store::insert(tx, &check, &form.judgements).await?;
            let grants =
                grants((check.id.0, "development_check", "completed"), &form.service, home.as_ref(), tx).await?;
            access::grant(tx, &grants).await?;
            tx.publish(event::checked(&check, &form));
            let view = view_of(store::checks(tx, person).await?, check.id)?;
            // The last thing: what restricts the child restricts the check from here on.
            access::subjects(tx, &[(check.id.0, person.0)]).await?;
            Ok(Done::created(format!("/v1/people/{person}/development-checks/{}", check.id), 1, view))
        })
        .await?;
    let again =
        async |stored: &shared::service::Stored| show(&service, actor, person, DevelopmentCheckId(stored.id()?)).await;
    written.respond("development", again).await
}

fn view_of(rows: Vec<CheckShown>, id: DevelopmentCheckId) -> Result<DevelopmentCheckView, Problem> {
    let row = rows.into_iter().find(|row| row.id == id.0).ok_or_else(Problem::not_found)?;
    DevelopmentCheckView::of(row)
}

/// Read how a child develops
///
/// Its checks that you see, and in each area the way from one to the next.
#[utoipa::path(operation_id = "read_development", tag = "development",
    params(("id" = uuid::Uuid, Path, description = "The child's id in the index")),
    responses((status = 200, body = DevelopmentView)))]
#[get("/v1/people/{id}/development-checks")]
async fn read_development(service: Data<Service>, actor: Actor, id: Path<PersonId>) -> Result<HttpResponse, Problem> {
    let person = *id;
    let view = service
        .read(&actor, &policy::READ_DEVELOPMENT, async |tx| {
            tx.entry.record = Some(person.0);
            let child = store::child(tx, person).await?;
            policy::READ_DEVELOPMENT.require(&actor)?;
            tx.entry.people.push(person.0);
            let rows = store::checks(tx, person).await?;
            let checks = rows.into_iter().map(DevelopmentCheckView::of).collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = checks.iter().map(|check| check.id.0).collect();
            Ok(DevelopmentView {
                person_id: person,
                given_name: child.given_name,
                family_name: child.family_name,
                birth_date: child.birth_date,
                trajectory: trajectory(&checks),
                checks,
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(view))
}

/// In each area the judgements that hold, by age.
fn trajectory(checks: &[DevelopmentCheckView]) -> Vec<DevelopmentTrajectory> {
    let mut areas: BTreeMap<String, Vec<DevelopmentPoint>> = BTreeMap::new();
    for check in checks.iter().filter(|check| !check.corrected) {
        for one in &check.judgements {
            areas.entry(one.area.to_string()).or_default().push(DevelopmentPoint {
                age_months: check.age_months,
                checked_on: check.checked_on,
                judgement: one.judgement,
            });
        }
    }
    areas.into_iter().map(|(area, points)| DevelopmentTrajectory { area, points }).collect()
}

/// Read a check of a child's development
#[utoipa::path(operation_id = "read_development_check", tag = "development",
    params(("id" = uuid::Uuid, Path, description = "The child's id in the index"),
           ("check" = uuid::Uuid, Path, description = "The check's id")),
    responses((status = 200, body = DevelopmentCheckView)))]
#[get("/v1/people/{id}/development-checks/{check}")]
async fn read_development_check(
    service: Data<Service>,
    actor: Actor,
    path: Path<(PersonId, DevelopmentCheckId)>,
) -> Result<HttpResponse, Problem> {
    let (person, check) = *path;
    Ok(found(1, "development", &show(&service, &actor, person, check).await?))
}

/// A check as the actor sees it.
async fn show(
    service: &Service,
    actor: &Actor,
    person: PersonId,
    id: DevelopmentCheckId,
) -> Result<DevelopmentCheckView, Problem> {
    service
        .read(actor, &policy::READ_DEVELOPMENT, async |tx| {
            tx.entry.record = Some(person.0);
            store::child(tx, person).await?;
            policy::READ_DEVELOPMENT.require(actor)?;
            let view = view_of(store::checks(tx, person).await?, id)?;
            tx.entry.records.push(id.0);
            Ok(view)
        })
        .await
}
