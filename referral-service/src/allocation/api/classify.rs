//! Which kind of work an allocation is, once that turns out otherwise.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use serde_json::json;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::answer::{check_kind, start_length};
use super::view::AllocationView;
use super::{locked, show, shown, store};
use crate::policy;
use crate::referral::allocation::AllocationStatus;
use crate::referral::offer::AllocationId;

/// A kind of work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "complexity": "higher", "reason": "A second household turned out to be involved." }))]
pub struct Classification {
    /// A code of the set `case_type`; as it was if left out.
    pub case_type: Option<Word>,
    /// A code of the set `complexity`; as it was if left out.
    pub complexity: Option<Word>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Classify an allocation
///
/// Says anew which kind of work it is or how complex: how much it counts in a caseload and how long such
/// work usually takes follow from it.
#[utoipa::path(operation_id = "classify_allocation", tag = "allocations", request_body = Classification,
    params(("id" = uuid::Uuid, Path, description = "The allocation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = AllocationView)))]
#[post("/v1/allocations/{id}/classification")]
pub async fn classify_allocation(
    service: Data<Service>,
    command: Command<Classification>,
    id: Path<AllocationId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ASSIGN_ALLOCATION, async |tx| {
            let (mut allocation, referral) = locked(tx, &command.actor, id, &["team"]).await?;
            let body = command.body()?;
            let (rules, now) = (service.rules(), tx.now());
            let mut errors = check_kind(body.case_type.as_ref(), body.complexity.as_ref(), &rules, now.local_day())
                .err()
                .unwrap_or_default();
            if body.case_type.is_none() && body.complexity.is_none() {
                errors.push(FieldError::at("/case_type", "required", "say another case type or complexity"));
            }
            Problem::refuse_any(errors)?;
            let standing = allocation.status()?;
            if standing != AllocationStatus::Accepted {
                return Err(Problem::conflict(standing.in_words()).into());
            }
            if let Some(complexity) = &body.complexity {
                allocation.complexity = Some(complexity.as_str().to_owned());
            }
            if let Some(case_type) = &body.case_type {
                allocation.case_type = Some(case_type.as_str().to_owned());
                let since = store::show(tx, id).await?.answered_at.unwrap_or(now);
                start_length(tx, &allocation, since, &rules).await?;
            }
            allocation.bump(tx).await?;
            referral.noted(tx, &command.actor, now, "classified", Some(&body.reason)).await?;
            let facts = allocation.facts(&referral, json!({ "classified_at": now }));
            tx.publish(Event::new("allocation.classified.v1", referral.id, facts));
            Ok(Done::changed(allocation.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
