//! `/v1/cases/{id}/plan`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::problem::{self, FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::family::{self, Case, CaseId, Member};
use crate::plan::domain::{GoalId, GoalOutcome, PlanId};
use crate::plan::event::of_plan;
use crate::plan::store::{self, Goal, Plan, Signature};
use crate::plan::view::{PlanView, plan_view};
use crate::policy;

/// Routes of plans.
pub fn routes(config: &mut ServiceConfig) {
    config.service(make_plan).service(read_plan).service(add_goal).service(close_goal).service(sign_plan);
}

/// A plan to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "goals": [{ "goal": "The rent is paid and nobody has to move.", "need": "secure-housing" },
    { "goal": "Juniper is in school every day.", "need": "good-education" }] }))]
pub struct PlanForm {
    /// What is aimed at.
    #[schema(min_items = 1, max_items = 50)]
    pub goals: Vec<GoalForm>,
}

/// A goal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "goal": "The rent is paid and nobody has to move.", "need": "secure-housing" }))]
pub struct GoalForm {
    /// In words, best the family's own.
    #[schema(min_length = 1, max_length = 2000)]
    pub goal: String,
    /// The need it answers, a code of the set `concern`.
    pub need: Option<String>,
    /// Whose it is, if one person's: someone of the family.
    pub person_id: Option<Uuid>,
}

/// What is wrong with a goal.
fn goal_errors(form: &GoalForm, members: &[Member], rules: &Rules, today: NaiveDate, at: &str) -> Vec<FieldError> {
    let mut errors = Vec::new();
    if form.need.as_ref().is_some_and(|code| !rules.has_code("concern", code, today)) {
        let detail = "is no need; GET /v1/codes/concern lists them";
        errors.push(FieldError::at(format!("{at}/need"), "unknown_code", detail));
    }
    if form.person_id.is_some_and(|person| !members.iter().any(|member| member.person_id == person)) {
        errors.push(FieldError::at(format!("{at}/person_id"), "unknown", "never belonged to the family"));
    }
    errors
}

fn goal_row(plan: &Plan, place: i16, form: GoalForm, today: NaiveDate) -> Goal {
    Goal {
        id: GoalId::new(),
        plan_id: plan.id,
        case_id: plan.case_id,
        place,
        goal: form.goal,
        need: form.need,
        person_id: form.person_id,
        set_on: today,
        status: "open".to_owned(),
        closed_on: None,
        note: None,
    }
}

/// The case and its plan, locked, after the checks that come before the body.
async fn plan_to_change<T>(tx: &mut Write<'_, T>, actor: &Actor, id: CaseId) -> Result<(Case, Plan), Stop> {
    let case = family::case_of_caseworker(tx, actor, id).await?;
    // Before a case without a plan is answered 404, who may not is answered 403.
    policy::MAKE_PLAN.require(actor)?;
    let plan = store::for_change(tx, id).await?;
    tx.proceed(Some(plan.version)).await?;
    tx.entry.records.push(id.0);
    Ok((case, plan))
}

/// Make a plan
///
/// A case has one plan, which changes as the work goes on: goals are added and end, and the family
/// signs it as it stands.
#[utoipa::path(operation_id = "make_plan", tag = "plans", request_body = PlanForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = PlanView)))]
#[post("/v1/cases/{id}/plan")]
async fn make_plan(
    service: Data<Service>,
    command: Command<PlanForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::MAKE_PLAN, async |tx| {
            let case = family::case_to_add_to(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let today = now.local_day();
            let rules = service.rules();
            let members = family::members_ever(tx, case.family_id).await?;
            let errors: Vec<FieldError> = body
                .goals
                .iter()
                .zip(0..)
                .flat_map(|(goal, n)| goal_errors(goal, &members, &rules, today, &format!("/goals/{n}")))
                .collect();
            Problem::refuse_any(errors)?;
            case.require_open()?;
            if store::of_case(tx, id).await?.is_some() {
                return Err(Problem::new(problem::DUPLICATE).detail("this case has its plan: add goals to it").into());
            }
            let plan = Plan {
                id: PlanId::new(),
                case_id: id,
                made_at: now,
                made_by_name: command.actor.name.clone(),
                version: 1,
            };
            store::insert(tx, &plan).await?;
            let goals: Vec<Goal> =
                body.goals.into_iter().zip(0i16..).map(|(goal, place)| goal_row(&plan, place, goal, today)).collect();
            store::add_goals(tx, &goals).await?;
            let needs: Vec<&str> = goals.iter().filter_map(|goal| goal.need.as_deref()).collect();
            tx.publish(of_plan("plan.made.v1", &case, json!({ "made_at": now, "goals": goals.len(), "needs": needs })));
            let view = plan_view(tx, plan, today).await?;
            Ok(Done::created(format!("/v1/cases/{id}/plan"), 1, view))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Read a case's plan
///
/// Goals, actions and who signed it. The ETag is its version: send it as `If-Match` with whatever
/// you change of the plan next.
#[utoipa::path(operation_id = "read_plan", tag = "plans",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = PlanView)))]
#[get("/v1/cases/{id}/plan")]
async fn read_plan(service: Data<Service>, actor: Actor, id: Path<CaseId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: CaseId) -> Result<(i64, PlanView), Problem> {
    service
        .read(actor, &policy::READ_PLAN, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::READ_PLAN.require(actor)?;
            let plan = store::of_case(tx, id).await?.ok_or_else(Problem::not_found)?;
            tx.entry.records.push(id.0);
            let (version, today) = (plan.version, tx.now().local_day());
            Ok((version, plan_view(tx, plan, today).await?))
        })
        .await
}

/// Add a goal
#[utoipa::path(operation_id = "add_plan_goal", tag = "plans", request_body = GoalForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The plan's ETag")),
    responses((status = 200, body = PlanView)))]
#[post("/v1/cases/{id}/plan/goals")]
async fn add_goal(
    service: Data<Service>,
    command: Command<GoalForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::MAKE_PLAN, async |tx| {
            let (case, mut plan) = plan_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let members = family::members_ever(tx, case.family_id).await?;
            let errors = goal_errors(&body, &members, &service.rules(), today, "");
            Problem::refuse_any(errors)?;
            case.require_open()?;
            let place = i16::try_from(store::goals(tx, plan.id).await?.len())
                .map_err(|_| Problem::conflict("the plan has as many goals as a plan can have"))?;
            let goal = goal_row(&plan, place, body, today);
            store::add_goals(tx, std::slice::from_ref(&goal)).await?;
            plan.bump(tx).await?;
            let facts = json!({ "goal_id": goal.id, "need": goal.need, "set_on": today });
            tx.publish(of_plan("plan.goal_added.v1", &case, facts));
            let version = plan.version;
            Ok(Done::changed(version, plan_view(tx, plan, today).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// How a goal ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "achieved", "note": "Arrears are on a plan the family keeps to." }))]
pub struct GoalClosure {
    /// How it ended.
    pub outcome: GoalOutcome,
    /// The day; today if left out.
    pub closed_on: Option<NaiveDate>,
    /// What came of it, in words.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
}

/// End a goal
#[utoipa::path(operation_id = "close_plan_goal", tag = "plans", request_body = GoalClosure,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("goal" = uuid::Uuid, Path, description = "The goal's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The plan's ETag")),
    responses((status = 200, body = PlanView)))]
#[post("/v1/cases/{id}/plan/goals/{goal}/closure")]
async fn close_goal(
    service: Data<Service>,
    command: Command<GoalClosure>,
    path: Path<(CaseId, GoalId)>,
) -> Result<HttpResponse, Problem> {
    let (id, goal) = path.into_inner();
    let written = service
        .write(&command, &policy::MAKE_PLAN, async |tx| {
            let (case, mut plan) = plan_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let goals = store::goals(tx, plan.id).await?;
            let found = goals.iter().find(|row| row.id == goal).ok_or_else(Problem::not_found)?;
            let on = body.closed_on.unwrap_or(today);
            let wrong = |code, detail| Problem::invalid(vec![FieldError::at("/closed_on", code, detail)]);
            if on > today {
                return Err(wrong("in_the_future", "is still to come").into());
            }
            if on < found.set_on {
                return Err(wrong("before_from", "is before the goal was set").into());
            }
            if found.status != "open" {
                return Err(Problem::conflict("this goal has ended").into());
            }
            store::close_goal(tx, goal, body.outcome.as_str(), on, body.note.as_deref()).await?;
            plan.bump(tx).await?;
            let facts = json!({ "goal_id": goal, "need": found.need, "outcome": body.outcome, "set_on": found.set_on, "closed_on": on });
            tx.publish(of_plan("plan.goal_closed.v1", &case, facts));
            let version = plan.version;
            Ok(Done::changed(version, plan_view(tx, plan, today).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Somebody of the family signs the plan.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "signed_on": "2026-11-20" }))]
pub struct SignatureForm {
    /// Who: someone of the family.
    pub person_id: Uuid,
    /// When; today if left out.
    pub signed_on: Option<NaiveDate>,
}

/// Record that the family signed the plan
///
/// As it stands: after a later change of its goals it is no longer signed.
#[utoipa::path(operation_id = "sign_plan", tag = "plans", request_body = SignatureForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The plan's ETag")),
    responses((status = 200, body = PlanView)))]
#[post("/v1/cases/{id}/plan/signatures")]
async fn sign_plan(
    service: Data<Service>,
    command: Command<SignatureForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::MAKE_PLAN, async |tx| {
            let (case, plan) = plan_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let today = tx.now().local_day();
            let on = body.signed_on.unwrap_or(today);
            let members = family::members(tx, case.family_id, today).await?;
            let mut errors = Vec::new();
            if !members.iter().any(|member| member.person_id == body.person_id) {
                errors.push(FieldError::at("/person_id", "unknown", "does not belong to the family"));
            }
            if on > today {
                errors.push(FieldError::at("/signed_on", "in_the_future", "is still to come"));
            }
            if on < plan.made_at.local_day() {
                errors.push(FieldError::at("/signed_on", "before_from", "is before the plan was made"));
            }
            Problem::refuse_any(errors)?;
            case.require_open()?;
            let there = store::signatures(tx, plan.id).await?;
            if there.iter().any(|one| one.person_id == body.person_id && one.plan_version == plan.version) {
                return Err(Problem::conflict("they have signed the plan as it stands").into());
            }
            let row = Signature {
                id: Uuid::now_v7(),
                plan_id: plan.id,
                case_id: id,
                person_id: body.person_id,
                signed_on: on,
                plan_version: plan.version,
            };
            store::sign(tx, &row).await?;
            tx.publish(of_plan("plan.signed.v1", &case, json!({ "person_id": body.person_id, "signed_on": on })));
            // What is signed is this version: signing makes no other.
            let version = plan.version;
            Ok(Done::changed(version, plan_view(tx, plan, today).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
