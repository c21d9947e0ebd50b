//! What is answered to an action.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use shared::access::Action as Permission;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::events::joined;
use shared::problem::{self, FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::action::show;
use crate::alert::{self, Alert, Urgency};
use crate::family;
use crate::plan::domain::{ActionId, Step};
use crate::plan::event::{in_time, of_action};
use crate::plan::store::{self, Action};
use crate::plan::view::{ActionView, action_view};
use crate::policy;

/// Routes of answers.
pub fn routes(config: &mut ServiceConfig) {
    config.service(accept_action).service(decline_action).service(complete_action).service(cancel_action);
}

/// They will do it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "note": "No possession order will be sought before the new year." }))]
pub struct ActionAcceptance {
    /// Anything to say with it.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
    /// How you know, where you answer for another agency: "Ms Example (invented) of housing rang."
    #[schema(min_length = 1, max_length = 1000)]
    pub told_by: Option<String>,
}

/// They will not do it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The possession order was made last month; the court alone can suspend it." }))]
pub struct ActionDecline {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
    /// How you know, where you answer for another agency.
    #[schema(min_length = 1, max_length = 1000)]
    pub told_by: Option<String>,
}

/// It has been done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "completed_on": "2026-11-20", "note": "The notice was withdrawn." }))]
pub struct ActionCompletion {
    /// The day; today if left out.
    pub completed_on: Option<NaiveDate>,
    /// What came of it.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: Option<String>,
    /// How you know, where you answer for another agency.
    #[schema(min_length = 1, max_length = 1000)]
    pub told_by: Option<String>,
}

/// It is not wanted any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The family has moved." }))]
pub struct ActionCancellation {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Accept an action
///
/// By the agency or the worker who was asked; or by the case's team for an agency that told it.
#[utoipa::path(operation_id = "accept_action", tag = "plans", request_body = ActionAcceptance,
    params(("id" = uuid::Uuid, Path, description = "The action's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ActionView)))]
#[post("/v1/actions/{id}/acceptance")]
async fn accept_action(
    service: Data<Service>,
    command: Command<ActionAcceptance>,
    id: Path<ActionId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    answered(&service, &command, &policy::ANSWER_ACTION, id, async |tx| {
        let (mut action, by) = to_answer(tx, &command.actor, id).await?;
        let body = command.body()?;
        by.require_source(body.told_by.as_deref())?;
        take(tx, &command.actor, &mut action, Step::Accept, body.note.as_deref(), body.told_by.as_deref(), json!({}))
            .await?;
        Ok(action)
    })
    .await
}

/// Decline an action
///
/// With the reason, which the case's team reads. If whoever was asked declines, the team and those who work on the
/// case have an alert.
#[utoipa::path(operation_id = "decline_action", tag = "plans", request_body = ActionDecline,
    params(("id" = uuid::Uuid, Path, description = "The action's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ActionView)))]
#[post("/v1/actions/{id}/decline")]
async fn decline_action(
    service: Data<Service>,
    command: Command<ActionDecline>,
    id: Path<ActionId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    answered(&service, &command, &policy::ANSWER_ACTION, id, async |tx| {
        let (mut action, by) = to_answer(tx, &command.actor, id).await?;
        let body = command.body()?;
        by.require_source(body.told_by.as_deref())?;
        take(tx, &command.actor, &mut action, Step::Decline, Some(&body.reason), body.told_by.as_deref(), json!({}))
            .await?;
        // The team need not be told what it recorded itself.
        if matches!(by, By::Owner) {
            tell_team(tx, &action).await?;
        }
        Ok(action)
    })
    .await
}

/// Complete an action
///
/// It has been done. What was not accepted first can be completed too.
#[utoipa::path(operation_id = "complete_action", tag = "plans", request_body = ActionCompletion,
    params(("id" = uuid::Uuid, Path, description = "The action's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ActionView)))]
#[post("/v1/actions/{id}/completion")]
async fn complete_action(
    service: Data<Service>,
    command: Command<ActionCompletion>,
    id: Path<ActionId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    answered(&service, &command, &policy::ANSWER_ACTION, id, async |tx| {
        let (mut action, by) = to_answer(tx, &command.actor, id).await?;
        let body = command.body()?;
        by.require_source(body.told_by.as_deref())?;
        let today = tx.now().local_day();
        let on = body.completed_on.unwrap_or(today);
        let wrong = |code, detail| Problem::invalid(vec![FieldError::at("/completed_on", code, detail)]);
        if on > today {
            return Err(wrong("in_the_future", "is still to come").into());
        }
        if on < action.proposed_at.local_day() {
            return Err(wrong("before_from", "is before it was asked").into());
        }
        let facts = json!({ "completed_on": on, "in_time": on <= action.due_on });
        take(tx, &command.actor, &mut action, Step::Complete, body.note.as_deref(), body.told_by.as_deref(), facts)
            .await?;
        Ok(action)
    })
    .await
}

/// Cancel an action
///
/// By the case's team, with the reason.
#[utoipa::path(operation_id = "cancel_action", tag = "plans", request_body = ActionCancellation,
    params(("id" = uuid::Uuid, Path, description = "The action's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ActionView)))]
#[post("/v1/actions/{id}/cancellation")]
async fn cancel_action(
    service: Data<Service>,
    command: Command<ActionCancellation>,
    id: Path<ActionId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    answered(&service, &command, &policy::PROPOSE_ACTION, id, async |tx| {
        tx.entry.record = Some(id.0);
        let mut action = store::action_for_change(tx, id).await?;
        team_only(tx, &command.actor, &action).await?;
        tx.proceed(Some(action.version)).await?;
        let body = command.body()?;
        take(tx, &command.actor, &mut action, Step::Cancel, Some(&body.reason), None, json!({})).await?;
        Ok(action)
    })
    .await
}

/// For whom someone answers.
enum By {
    /// Whoever was asked.
    Owner,
    /// The case's team, for an agency or a body that is none.
    ForAgency,
    /// The case's team, for somebody of its own or of the family.
    Team,
}

impl By {
    /// Refuses an answer for another agency that does not say how one knows of it.
    fn require_source(&self, told_by: Option<&str>) -> Result<(), Problem> {
        let wrong = |code, detail| Err(Problem::invalid(vec![FieldError::at("/told_by", code, detail)]));
        match (self, told_by) {
            (By::ForAgency, None) => wrong("required", "is needed: how do you know what the agency answered?"),
            (By::Owner, Some(_)) => wrong("does_not_fit", "has a place only where you answer for another agency"),
            _ => Ok(()),
        }
    }
}

/// The action, locked, and for whom the actor answers; after the checks that come before the body.
async fn to_answer<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: ActionId,
) -> Result<(Action, By), Stop> {
    tx.entry.record = Some(id.0);
    let action = store::action_for_change(tx, id).await?;
    let asked =
        action.owner_agency.as_deref() == Some(actor.agency.as_str()) || action.owner_user == Some(actor.user.0);
    let by = if asked {
        By::Owner
    } else {
        team_only(tx, actor, &action).await?;
        if matches!(action.owner_kind.as_str(), "agency" | "other") { By::ForAgency } else { By::Team }
    };
    tx.proceed(Some(action.version)).await?;
    Ok((action, by))
}

/// Refuses who does not work on the action's case.
async fn team_only<T>(tx: &mut Write<'_, T>, actor: &Actor, action: &Action) -> Result<(), Stop> {
    match family::case_whole(tx, action.case_id).await {
        Ok(_) => Ok(family::require_caseworker(tx, actor, action.case_id).await?),
        Err(problem) if problem.status() == 404 => Err(Problem::new(problem::NOT_ALLOWED).into()),
        Err(problem) => Err(problem.into()),
    }
}

/// Tells the case's team, and who leads or supports it, that an action will not be done by whoever was asked.
async fn tell_team<T>(tx: &mut Write<'_, T>, action: &Action) -> Result<(), Stop> {
    let told = store::to_tell(tx, action.id).await?;
    let declined = Alert {
        kind: "action_declined",
        urgency: Urgency::Reminder,
        about: "actions",
        record: action.id.0,
        people: &told.people,
        scopes: &told.scopes,
        locality: action.locality.as_deref(),
    };
    Ok(alert::tell(tx, &declined).await?)
}

/// Takes a step, stops the clocks it meets, writes who took it and tells the other services.
async fn take<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    action: &mut Action,
    step: Step,
    words: Option<&str>,
    told_by: Option<&str>,
    more: Value,
) -> Result<(), Stop> {
    let now = tx.now();
    action.take(tx, step, now).await?;
    deadline::meet(tx, action.id.0, "plan_action_answer", now).await?;
    alert::end(tx, action.id.0, &["action_proposed"], now).await?;
    if action.status()?.is_ended() {
        deadline::meet(tx, action.id.0, "plan_action", now).await?;
    }
    store::note(tx, action, actor, now, words, told_by).await?;
    let kind = match step {
        Step::Accept => "action.accepted.v1",
        Step::Decline => "action.declined.v1",
        Step::Complete => "action.completed.v1",
        Step::Cancel => "action.cancelled.v1",
    };
    let facts = json!({ "at": now, "in_time": in_time(action.due_on, now), "for_agency": told_by.is_some() });
    tx.publish(of_action(kind, action, joined(facts, more)));
    Ok(())
}

/// Carries an answer out, and answers with the action as it then stands.
async fn answered<T: DeserializeOwned + ToSchema + 'static>(
    service: &Service,
    command: &Command<T>,
    permission: &'static Permission,
    id: ActionId,
    work: impl AsyncFnOnce(&mut Write<'_, T>) -> Result<Action, Stop>,
) -> Result<HttpResponse, Problem> {
    let written = service
        .write(command, permission, async |tx| {
            let action = work(tx).await?;
            tx.entry.records.push(id.0);
            let (version, today) = (action.version, tx.now().local_day());
            Ok(Done::changed(version, action_view(tx, action, today).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(service, &command.actor, id).await?.1)).await
}
