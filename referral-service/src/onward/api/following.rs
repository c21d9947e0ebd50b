//! What is heard of the family months after the service took it on.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use shared::calendar::LocalDay;
use shared::deadline;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};

use super::for_change;
use super::reading::show;
use crate::onward::domain::OnwardId;
use crate::onward::event;
use crate::onward::store;
use crate::onward::view::{OnwardView, whole};
use crate::policy;
use crate::referral::follow_up::{FollowUpAnswer, FollowUps, require_due};

/// Answer a follow-up of an onward referral
///
/// What was heard of the family 3, 6, 9 or 12 months after the service accepted, or that it could not be reached; no earlier
/// than some weeks before it is due. Each is answered once. Those of an onward referral that was taken back are cancelled.
#[utoipa::path(operation_id = "answer_onward_follow_up", tag = "onward referrals", request_body = FollowUpAnswer,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("months" = i16, Path, description = "3, 6, 9 or 12"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView)))]
#[post("/v1/onward-referrals/{id}/follow-ups/{months}/answer")]
pub async fn answer_onward_follow_up(
    service: Data<Service>,
    command: Command<FollowUpAnswer>,
    path: Path<(OnwardId, i16)>,
) -> Result<HttpResponse, Problem> {
    let (id, months) = path.into_inner();
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            let mut row = for_change(tx, id).await?;
            let body = command.body()?;
            let rows = store::follow_ups(tx, id).await?;
            let asked = rows.into_iter().find(|one| one.months == months).ok_or_else(Problem::not_found)?;
            let now = tx.now();
            body.check(asked.started_on, asked.due_at, &service.rules(), now.local_day())?;
            require_due(&asked.status)?;
            let follow_ups = FollowUps::OfOnwardReferral;
            follow_ups.keep(tx, asked.id, &body, &command.actor.name, now).await?;
            deadline::meet(tx, id.0, &follow_ups.clock(months), now).await?;
            row.save(tx).await?;
            store::note(tx, id, &command.actor.name, "followed_up", None, now).await?;
            tx.publish(event::follow_up_answered(&row, &asked, &body, now));
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
