//! Evidence of headline problems, and whether they make the family eligible.

use std::collections::BTreeMap;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::events::Event;
use shared::problem::{self, FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::family::change::family_to_change;
use crate::family::domain::FamilyId;
use crate::family::domain::eligibility::{Noted, distinct};
use crate::family::event::problem_noted;
use crate::family::store::family::{name, seen};
use crate::family::store::member::members_ever;
use crate::family::store::problem::{self as rows, Evidence, NewEvidence};
use crate::policy;

shared::typed_id!(
    /// A piece of evidence.
    EvidenceId
);

/// Routes of evidence and eligibility.
pub fn routes(config: &mut ServiceConfig) {
    config.service(add_problem).service(withdraw_problem).service(read_eligibility);
}

/// Evidence of a headline problem.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "code": "financial-stability", "evidence": "Two months of rent arrears; the landlord's letter was seen.", "source": "family", "noted_on": "2026-11-20" }))]
pub struct ProblemForm {
    /// The problem, a code of the set `concern` of that day.
    pub code: String,
    /// Whose it is, if one person's: someone of the family.
    pub person_id: Option<Uuid>,
    /// What speaks for it, in words.
    #[schema(min_length = 1, max_length = 4000)]
    pub evidence: String,
    /// Who says so, a code of the set `evidence_source`.
    pub source: String,
    /// When it was noted; today if left out.
    pub noted_on: Option<NaiveDate>,
}

/// Whether a family is eligible for the programme on a day, and on what evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct EligibilityView {
    /// The family.
    pub family_id: FamilyId,
    /// The day.
    pub as_of: NaiveDate,
    /// The framework of that day; absent before there was a programme.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub framework: Option<FrameworkView>,
    /// The different problems the family has, each once, however many people have it.
    pub problems: Vec<ProblemView>,
    /// Whether they are enough.
    pub eligible: bool,
    /// Everything that was noted, withdrawn pieces too, oldest first.
    pub evidence: Vec<EvidenceView>,
}

/// A framework of headline problems.
#[derive(Debug, Serialize, ToSchema)]
pub struct FrameworkView {
    /// Which.
    #[schema(example = "ten-outcomes")]
    pub code: String,
    /// How many different problems make a family eligible.
    pub threshold: i16,
    /// Who says so.
    pub source: String,
    /// Whether that source was seen.
    pub verified: bool,
}

/// A headline problem of a family.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemView {
    /// A code of the set `concern`.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// Whose it is, where it is noted of people.
    pub person_ids: Vec<Uuid>,
}

/// A piece of evidence.
#[derive(Debug, Serialize, ToSchema)]
pub struct EvidenceView {
    /// Its id.
    pub id: Uuid,
    /// The problem it speaks for.
    pub code: String,
    /// Whose problem, if one person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Uuid>,
    /// In words.
    pub evidence: String,
    /// Who says so.
    pub source: String,
    /// When it was noted.
    pub noted_on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// When it was withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_because: Option<String>,
}

/// Whether the family is eligible on a day.
///
/// # Errors
/// As the database says.
pub async fn eligibility(
    connection: &mut AsyncPgConnection,
    rules: &Rules,
    id: FamilyId,
    on: NaiveDate,
) -> Result<EligibilityView, Problem> {
    let programme = rows::programme(connection, on).await?;
    let evidence = rows::evidence(connection, id).await?;
    let noted: Vec<Noted> = evidence.iter().map(Evidence::noted).collect();
    let labels: BTreeMap<&str, &str> =
        rules.codes("concern", on).into_iter().map(|code| (code.code.as_str(), code.label.as_str())).collect();
    let found = distinct(&noted, on, |code| labels.contains_key(code));
    Ok(EligibilityView {
        family_id: id,
        as_of: on,
        eligible: programme.as_ref().is_some_and(|programme| programme.is_eligible(found.len())),
        framework: programme.map(|programme| FrameworkView {
            code: programme.framework,
            threshold: programme.threshold,
            source: programme.source,
            verified: programme.verified,
        }),
        problems: found
            .into_iter()
            .map(|(code, people)| ProblemView {
                label: labels.get(code.as_str()).copied().unwrap_or_default().to_owned(),
                person_ids: people.into_iter().collect(),
                code,
            })
            .collect(),
        evidence: evidence
            .into_iter()
            .map(|row| EvidenceView {
                id: row.id,
                code: row.code,
                person_id: row.person_id,
                evidence: row.evidence,
                source: row.source,
                noted_on: row.noted_on,
                recorded_at: row.recorded_at,
                recorded_by: row.recorded_by_name,
                withdrawn_at: row.withdrawn_at,
                withdrawn_by: row.withdrawn_by_name,
                withdrawn_because: row.withdrawn_because,
            })
            .collect(),
    })
}

/// Note a headline problem
///
/// With what speaks for it: the evidence on which the family is, or is not, eligible.
#[utoipa::path(operation_id = "note_family_problem", tag = "families", request_body = ProblemForm,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = EligibilityView)))]
#[post("/v1/families/{id}/problems")]
async fn add_problem(
    service: Data<Service>,
    command: Command<ProblemForm>,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let rules = service.rules();
            let now = tx.now();
            let today = now.local_day();
            let noted_on = body.noted_on.unwrap_or(today);
            let mut errors = Vec::new();
            if noted_on > today {
                errors.push(FieldError::at("/noted_on", "in_the_future", "is still to come"));
            } else if !rules.has_code("concern", &body.code, noted_on) {
                let detail = "is no headline problem of that day; GET /v1/codes/concern lists them";
                errors.push(FieldError::at("/code", "unknown_code", detail));
            }
            if !rules.has_code("evidence_source", &body.source, today) {
                let detail = "is no source; GET /v1/codes/evidence_source lists them";
                errors.push(FieldError::at("/source", "unknown_code", detail));
            }
            let members = members_ever(tx, id).await?;
            if body.person_id.is_some_and(|person| !members.iter().any(|member| member.person_id == person)) {
                errors.push(FieldError::at("/person_id", "unknown", "belongs to this family at no time"));
            }
            Problem::refuse_any(errors)?;
            let ProblemForm { code, person_id, evidence, source, .. } = body;
            let noted = NewEvidence { code, person_id, evidence, source, noted_on };
            let row = Evidence::of(id, noted, &command.actor, now);
            tx.publish(problem_noted(&row, family.locality.as_deref()));
            rows::add(tx, &[row]).await?;
            family.bump(tx).await?;
            Ok(Done::changed(family.version, eligibility(tx, &rules, id, today).await?))
        })
        .await?;
    written.respond("full", async |_| show(&service, &command.actor, id, None).await).await
}

/// Why a piece of evidence does not stand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "It was about another family of the same name." }))]
pub struct ProblemWithdrawal {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Withdraw a piece of evidence
///
/// It counts until today, and is kept with the reason.
#[utoipa::path(operation_id = "withdraw_family_problem", tag = "families", request_body = ProblemWithdrawal,
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("problem" = uuid::Uuid, Path, description = "The evidence's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The family's ETag")),
    responses((status = 200, body = EligibilityView)))]
#[post("/v1/families/{id}/problems/{problem}/withdrawal")]
async fn withdraw_problem(
    service: Data<Service>,
    command: Command<ProblemWithdrawal>,
    path: Path<(FamilyId, EvidenceId)>,
) -> Result<HttpResponse, Problem> {
    let (id, problem) = path.into_inner();
    let written = service
        .write(&command, &policy::CHANGE_FAMILY, async |tx| {
            let mut family = family_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let there = rows::evidence(tx, id).await?;
            let found = there.iter().find(|row| row.id == problem.0).ok_or_else(Problem::not_found)?;
            if found.withdrawn_at.is_some() {
                return Err(Problem::conflict("this evidence was withdrawn already").into());
            }
            rows::withdraw(tx, found.id, now, &command.actor, &body.reason).await?;
            family.bump(tx).await?;
            tx.publish(Event::new(
                "family.problem_withdrawn.v1",
                id,
                json!({ "family_id": id, "problem": found.code, "person_id": found.person_id, "withdrawn_at": now, "locality": family.locality }),
            ));
            Ok(Done::changed(family.version, eligibility(tx, &service.rules(), id, now.local_day()).await?))
        })
        .await?;
    written.respond("full", async |_| show(&service, &command.actor, id, None).await).await
}

/// Read whether a family is eligible
///
/// On a day, by the framework of that day: two or more of six headline problems until October
/// 2022, three or more of the ten outcomes since. One problem in two people counts once. A case may
/// be opened regardless, with a reason.
#[utoipa::path(operation_id = "read_family_eligibility", tag = "families",
    params(("id" = uuid::Uuid, Path, description = "The family's id"),
           ("as_of" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise")),
    responses((status = 200, body = EligibilityView)))]
#[get("/v1/families/{id}/eligibility")]
async fn read_eligibility(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<FamilyId>,
) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let as_of = query.optional::<NaiveDate>("as_of", "a day such as 2026-11-22");
    query.finish()?;
    Ok(HttpResponse::Ok().json(show(&service, &actor, *id, as_of).await?))
}

pub async fn show(
    service: &Service,
    actor: &Actor,
    id: FamilyId,
    as_of: Option<NaiveDate>,
) -> Result<EligibilityView, Problem> {
    service
        .read(actor, &policy::READ_ELIGIBILITY, async |tx| {
            tx.entry.record = Some(id.0);
            seen(tx, id).await?;
            policy::READ_ELIGIBILITY.require(actor)?;
            // The evidence is the working team's: to whom the name is hidden, so is it.
            if name(tx, id).await?.is_none() {
                return Err(Problem::new(problem::NOT_ALLOWED));
            }
            tx.entry.records.push(id.0);
            let on = as_of.unwrap_or(tx.now().local_day());
            eligibility(tx, &service.rules(), id, on).await
        })
        .await
}
