//! The family begins to work with the service.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::events::Event;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::show_case;
use crate::family::change::case_to_change;
use crate::family::domain::{CaseId, due, end_of};
use crate::family::event::{household, of_case};
use crate::family::store::family;
use crate::family::store::member::members;
use crate::family::view::{CaseView, case_view};
use crate::policy;

/// Routes of work on a case.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_engagement);
}

/// When the family began to work with the service.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "engaged_on": "2026-11-20" }))]
pub struct Engagement {
    /// The day.
    pub engaged_on: NaiveDate,
}

/// Record engagement
///
/// From this day runs the clock of the whole-family assessment: six weeks, or what the case type
/// has of its own. A case is engaged once.
#[utoipa::path(operation_id = "record_engagement", tag = "cases", request_body = Engagement,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseView)))]
#[post("/v1/cases/{id}/engagement")]
async fn record_engagement(
    service: Data<Service>,
    command: Command<Engagement>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::WORK_CASE, async |tx| {
            let mut case = case_to_change(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let today = now.local_day();
            let wrong = |code, detail| Problem::invalid(vec![FieldError::at("/engaged_on", code, detail)]);
            if body.engaged_on > today {
                return Err(wrong("in_the_future", "is still to come").into());
            }
            if body.engaged_on < case.opened_at.local_day() {
                return Err(wrong("before_opening", "is before the case was opened").into());
            }
            case.require_open()?;
            if let Some(day) = case.engaged_on {
                return Err(Problem::conflict(format!("the family engaged on {day}")).into());
            }
            let rules = service.rules();
            let start = end_of(body.engaged_on);
            case.engaged_on = Some(body.engaged_on);
            case.bump(tx).await?;
            deadline::meet(tx, id.0, "case_engagement", start.min(now)).await?;
            let assessment = due(&rules, "family_assessment", &case.case_type, start);
            if let Some(due) = assessment {
                deadline::start(tx, id.0, "family_assessment", start, due).await?;
                deadline::assign(tx, id.0, "family_assessment", case.lead_worker).await?;
            }
            let family = family::seen(tx, case.family_id).await?;
            let counted = household(&members(tx, case.family_id, body.engaged_on).await?, body.engaged_on);
            let facts = of_case(
                &case,
                family.locality.as_deref(),
                &counted,
                json!({ "opened_at": case.opened_at, "engaged_on": body.engaged_on, "assessment_due_at": assessment }),
            );
            tx.publish(Event::new("case.engaged.v1", id, facts));
            let version = case.version;
            Ok(Done::changed(version, case_view(tx, case, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show_case(&service, &command.actor, id).await?.1)).await
}
