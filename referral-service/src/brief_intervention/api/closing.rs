//! How a brief intervention ends.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::{locked, read, shown};
use crate::brief_intervention::domain::{BriefInterventionId, PLANNED};
use crate::brief_intervention::event::{self, End};
use crate::brief_intervention::store;
use crate::brief_intervention::view::BriefView;
use crate::policy;

/// The end of a brief intervention.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outcome": "needs-met", "destination": "universal-services",
    "summary": "The evening routine holds; he has slept through for two weeks. The nursery knows."
}))]
pub struct BriefClosure {
    /// What came of it, a code of the set `brief_outcome`.
    pub outcome: Word,
    /// Where they go from there, a code of the set `brief_destination`.
    pub destination: Word,
    /// What was done and what changed.
    #[schema(min_length = 1, max_length = 20000)]
    pub summary: String,
    /// The day it ended; today, unless you say otherwise.
    pub closed_on: Option<NaiveDate>,
}

/// Close a brief intervention
///
/// With what came of it and where they go from there. One to whose contacts nobody came did not end as it
/// was meant to. It stops its clock.
#[utoipa::path(operation_id = "close_brief_intervention", tag = "brief interventions", request_body = BriefClosure,
    params(("id" = uuid::Uuid, Path, description = "The brief intervention's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = BriefView)))]
#[post("/v1/brief-interventions/{id}/closure")]
pub(super) async fn close_brief_intervention(
    service: Data<Service>,
    command: Command<BriefClosure>,
    id: Path<BriefInterventionId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::WORK_BRIEF, async |tx| {
            let mut brief = locked(tx, actor, id, true).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let on = form.closed_on.unwrap_or_else(|| now.local_day());
            let tally = store::tally(tx, id).await?;
            let planned = rules.has_code(PLANNED, form.outcome.as_str(), on);
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("brief_outcome", &form.outcome, on, "/outcome");
            mistakes.code("brief_destination", &form.destination, on, "/destination");
            mistakes.future_day(on, "/closed_on");
            mistakes.before(on, brief.opened_on, "/closed_on", "is before it was opened");
            if let Some(last) = tally.last_at {
                mistakes.before(on, last.local_day(), "/closed_on", "is before its last contact");
            }
            if planned && tally.attended == 0 {
                mistakes.add("/outcome", "does_not_fit", "is an end as planned, and nobody came to any contact");
            }
            mistakes.refuse()?;
            brief.status()?.must_be_open()?;
            let due_at = deadline::due(tx, id.0, "brief_intervention").await?;
            brief.close(tx, &form, (on, planned), actor).await?;
            deadline::meet(tx, id.0, "brief_intervention", now).await?;
            let end = End {
                on,
                outcome: form.outcome.as_str(),
                planned,
                destination: form.destination.as_str(),
                due_at,
                contacts: tally.contacts,
                attended: tally.attended,
            };
            tx.publish(event::closed(&brief, &end));
            Ok(Done::changed(brief.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("brief", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}
