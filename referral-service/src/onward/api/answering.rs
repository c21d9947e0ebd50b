//! What the service answered and what came of it, told to somebody who writes it down.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use shared::calendar::LocalDay;
use shared::deadline;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};

use super::for_change;
use super::reading::show;
use crate::onward::domain::{OnwardId, OnwardStatus, Step};
use crate::onward::event::{self, BY_WORKER};
use crate::onward::follow_up;
use crate::onward::form::{OnwardAnswer, OnwardAnswerForm, OnwardOutcomeForm};
use crate::onward::store;
use crate::onward::view::{ANSWER, OnwardView, whole};
use crate::policy;

/// Record what the service answered
///
/// Where it answered by telephone or letter, or nobody waits for its answer any more.
#[utoipa::path(operation_id = "record_onward_answer", tag = "onward referrals", request_body = OnwardAnswerForm,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView)))]
#[post("/v1/onward-referrals/{id}/answer")]
pub async fn record_onward_answer(
    service: Data<Service>,
    command: Command<OnwardAnswerForm>,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            let mut row = for_change(tx, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let step = match body.answer {
                OnwardAnswer::Accepted => Step::Accept,
                OnwardAnswer::Declined => Step::Decline,
                OnwardAnswer::NoAnswer => Step::GiveUp,
            };
            if step == Step::Accept {
                let until = service.rules().due("onward_outcome", now);
                row.expires_at = until.map_or(row.expires_at, |until| until.max(row.expires_at));
            }
            let to = row.step(tx, step, BY_WORKER, now).await?;
            deadline::meet(tx, id.0, ANSWER, now).await?;
            store::note(tx, id, &command.actor.name, to.as_str(), body.note.as_deref(), now).await?;
            let due = deadline::due(tx, id.0, ANSWER).await?;
            tx.publish(event::answered(&row, now, due));
            if step == Step::Accept {
                for told in follow_up::begin(tx, &service.rules(), &row, now).await? {
                    tx.publish(told);
                }
            }
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Record what came of an onward referral
///
/// Once it was accepted, and again when more is known.
#[utoipa::path(operation_id = "record_onward_outcome", tag = "onward referrals", request_body = OnwardOutcomeForm,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView)))]
#[post("/v1/onward-referrals/{id}/outcome")]
pub async fn record_onward_outcome(
    service: Data<Service>,
    command: Command<OnwardOutcomeForm>,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            let mut row = for_change(tx, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let status = row.standing()?;
            let mut errors = Vec::new();
            if body.on > now.local_day() {
                errors.push(FieldError::at("/on", "in_the_future", "is still to come"));
            }
            if body.on < row.sent_at.local_day() {
                errors.push(FieldError::at("/on", "before_sent", "is before the service was asked"));
            }
            Problem::refuse_any(errors)?;
            if status != OnwardStatus::Accepted {
                return Err(Problem::conflict(format!("the onward referral {}", status.in_words())).into());
            }
            row.outcome = Some(body.outcome.as_str().to_owned());
            row.outcome_on = Some(body.on);
            row.save(tx).await?;
            store::note(tx, id, &command.actor.name, body.outcome.as_str(), body.note.as_deref(), now).await?;
            tx.publish(event::outcome(&row, BY_WORKER));
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
