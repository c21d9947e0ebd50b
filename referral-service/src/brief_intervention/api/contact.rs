//! The contacts of a brief intervention.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, SubsecRound, Utc};
use serde::Deserialize;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{locked, read, shown};
use crate::brief_intervention::domain::{BriefAttendance, BriefContactId, BriefInterventionId};
use crate::brief_intervention::event;
use crate::brief_intervention::store;
use crate::brief_intervention::view::{BriefCame, BriefView};
use crate::policy;

/// A contact that was made or tried.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "at": "2026-11-20T15:30:00Z", "how": "home-visit", "minutes": 50,
    "people": [{ "person_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "attendance": "attended" }],
    "words": "We went through the evening hour by hour. She will try the chart this week."
}))]
pub struct BriefContactForm {
    /// When.
    pub at: DateTime<Utc>,
    /// How, a code of the set `brief_how`.
    pub how: Word,
    /// How long.
    #[schema(minimum = 1, maximum = 1440)]
    pub minutes: Option<i32>,
    /// Whom it was meant for, of those the work is with, and whether they came.
    #[schema(min_items = 1, max_items = 12)]
    pub people: Vec<BriefCame>,
    /// What was done and said.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: String,
    /// The contact this one corrects: that one stays, and counts no longer.
    pub corrects: Option<BriefContactId>,
}

/// Record a contact of a brief intervention
///
/// Contacts are never changed: correct one by another that names it.
#[utoipa::path(operation_id = "record_brief_contact", tag = "brief interventions", request_body = BriefContactForm,
    params(("id" = uuid::Uuid, Path, description = "The brief intervention's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 200, body = BriefView)))]
#[post("/v1/brief-interventions/{id}/contacts")]
pub(super) async fn record_brief_contact(
    service: Data<Service>,
    command: Command<BriefContactForm>,
    id: Path<BriefInterventionId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::WORK_BRIEF, async |tx| {
            let mut brief = locked(tx, actor, id, false).await?;
            let mut form = command.body()?;
            form.at = form.at.trunc_subsecs(6);
            let (now, rules) = (tx.now(), service.rules());
            let with = store::people(tx, id).await?;
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.future(form.at, "/at");
            mistakes.before(form.at.local_day(), brief.opened_on, "/at", "is before it was opened");
            mistakes.code("brief_how", &form.how, form.at.local_day(), "/how");
            for (index, one) in form.people.iter().enumerate() {
                let at = format!("/people/{index}/person_id");
                if !with.contains(&one.person_id.0) {
                    mistakes.add(&at, "unknown", "is nobody this work is with");
                }
                if form.people.iter().take(index).any(|earlier| earlier.person_id == one.person_id) {
                    mistakes.add(&at, "repeated", "stands there twice");
                }
            }
            if let Some(corrected) = form.corrects
                && !store::stands(tx, id, corrected).await?
            {
                mistakes.add("/corrects", "unknown", "is no contact of this work, or was corrected already");
            }
            mistakes.refuse()?;
            brief.status()?.must_be_open()?;
            let contact = BriefContactId::new();
            store::add_contact(tx, id, contact, &form, actor, now).await?;
            brief.changed(tx).await?;
            let people: Vec<(Uuid, BriefAttendance)> =
                form.people.iter().map(|one| (one.person_id.0, one.attendance)).collect();
            tx.publish(event::contact_recorded(&brief, (contact, form.at, form.how.as_str()), &people, form.corrects));
            Ok(Done::changed(brief.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("brief", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}
