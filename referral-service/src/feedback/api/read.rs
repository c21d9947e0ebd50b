//! The questions, and what was answered to them.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::query::Query;
use shared::service::{Service, found};
use uuid::Uuid;

use crate::feedback::domain::{AboutId, FeedbackGiver, FeedbackId, FeedbackOccasion, FeedbackVia};
use crate::feedback::store::{self, Shown};
use crate::feedback::view::{FeedbackQuestion, FeedbackSummary, FeedbackView};
use crate::policy;

/// List the questions of feedback
///
/// Those that are asked today, or on the day asked for. They are rows with a date and a source.
#[utoipa::path(operation_id = "list_feedback_questions", tag = "feedback",
    params(("occasion" = Option<FeedbackOccasion>, Query, description = "Only those of this occasion"),
           ("on" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise")),
    responses((status = 200, body = Vec<FeedbackQuestion>)))]
#[get("/v1/feedback-questions")]
pub(super) async fn list_feedback_questions(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let questions = service
        .read(&actor, &policy::READ_FEEDBACK, async |tx| {
            policy::READ_FEEDBACK.require(&actor)?;
            let mut query = Query::of(&request);
            let expected = "case_closure, group_end or brief_intervention";
            let occasion = query.optional::<FeedbackOccasion>("occasion", expected);
            let on = query.optional::<NaiveDate>("on", "a day such as 2026-11-22");
            query.finish()?;
            let on = on.unwrap_or_else(|| tx.now().local_day());
            store::questions(tx, occasion, on).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(questions))
}

/// Feedback as it was recorded.
pub(super) fn view(row: Shown) -> Result<FeedbackView, Problem> {
    let unknown = || Problem::internal(&"feedback of a kind this program does not know");
    let givers = [FeedbackGiver::Adult, FeedbackGiver::Child, FeedbackGiver::Professional];
    let ways = [FeedbackVia::Worker, FeedbackVia::Directly];
    Ok(FeedbackView {
        id: FeedbackId(row.id),
        occasion: row.occasion.parse().map_err(|()| unknown())?,
        about: row.about,
        giver: givers.into_iter().find(|giver| giver.as_str() == row.giver).ok_or_else(unknown)?,
        via: ways.into_iter().find(|via| via.as_str() == row.via).ok_or_else(unknown)?,
        given_on: row.given_on,
        recorded_at: row.recorded_at,
        asked: row.asked,
        answered: row.answered,
    })
}

/// Read feedback
///
/// That it was given, how it came, and how many of the questions were answered; what was answered stands in
/// the counts of what it is about.
#[utoipa::path(operation_id = "read_feedback", tag = "feedback",
    params(("id" = uuid::Uuid, Path, description = "The feedback's id")),
    responses((status = 200, body = FeedbackView)))]
#[get("/v1/feedback/{id}")]
pub(super) async fn read_feedback(
    service: Data<Service>,
    actor: Actor,
    id: Path<FeedbackId>,
) -> Result<HttpResponse, Problem> {
    Ok(found(1, "feedback", &show(&service, &actor, *id).await?))
}

/// Feedback as the actor sees it.
pub(super) async fn show(service: &Service, actor: &Actor, id: FeedbackId) -> Result<FeedbackView, Problem> {
    service
        .read(actor, &policy::READ_FEEDBACK, async |tx| {
            let row = store::show(tx, id).await?;
            policy::READ_FEEDBACK.require(actor)?;
            tx.entry.record = Some(row.about);
            tx.entry.records.push(row.about);
            view(row)
        })
        .await
}

/// What is counted for one case, group or brief intervention.
async fn summary(
    service: &Service,
    actor: &Actor,
    occasion: FeedbackOccasion,
    (id, kind): (Uuid, &str),
) -> Result<HttpResponse, Problem> {
    let summary = service
        .read(actor, &policy::READ_FEEDBACK, async |tx| {
            tx.entry.record = Some(id);
            store::require_whole(tx, id, kind).await?;
            policy::READ_FEEDBACK.require(actor)?;
            tx.entry.records.push(id);
            let (given, questions) = store::summary(tx, id).await?;
            Ok(FeedbackSummary { occasion, given, questions })
        })
        .await?;
    Ok(HttpResponse::Ok().json(summary))
}

/// Read the feedback on a case
///
/// Counted: how many were asked each question, how many of them answered (the base), and how.
#[utoipa::path(operation_id = "read_case_feedback", tag = "feedback",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = FeedbackSummary)))]
#[get("/v1/cases/{id}/feedback")]
pub(super) async fn read_case_feedback(
    service: Data<Service>,
    actor: Actor,
    id: Path<crate::family::CaseId>,
) -> Result<HttpResponse, Problem> {
    summary(&service, &actor, FeedbackOccasion::CaseClosure, (id.0, "case")).await
}

/// Read the feedback on a group
///
/// Of everyone in it, counted, for the team that ran it.
#[utoipa::path(operation_id = "read_group_feedback", tag = "feedback",
    params(("id" = uuid::Uuid, Path, description = "The group's id")),
    responses((status = 200, body = FeedbackSummary)))]
#[get("/v1/groups/{id}/feedback")]
pub(super) async fn read_group_feedback(
    service: Data<Service>,
    actor: Actor,
    id: Path<AboutId>,
) -> Result<HttpResponse, Problem> {
    summary(&service, &actor, FeedbackOccasion::GroupEnd, (id.0, "group")).await
}

/// Read the feedback on a brief intervention
///
/// Counted: how many were asked each question, how many of them answered (the base), and how.
#[utoipa::path(operation_id = "read_brief_feedback", tag = "feedback",
    params(("id" = uuid::Uuid, Path, description = "The brief intervention's id")),
    responses((status = 200, body = FeedbackSummary)))]
#[get("/v1/brief-interventions/{id}/feedback")]
pub(super) async fn read_brief_feedback(
    service: Data<Service>,
    actor: Actor,
    id: Path<AboutId>,
) -> Result<HttpResponse, Problem> {
    summary(&service, &actor, FeedbackOccasion::BriefIntervention, (id.0, "brief_intervention")).await
}
