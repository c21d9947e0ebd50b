//! `POST /v1/information-requests/{id}/answer`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::events::Event;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;

use super::super::domain::{AskedFor, DashGrade, Found, RequestId, check_answer, since};
use super::super::store;
use super::read::{InformationRequestView, show, shown};
use crate::alert::{self, Alert, Urgency};
use crate::policy;
use crate::referral::disclosure::{Disclosure, disclosed};

/// What an agency answers.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InformationAnswerForm, example = json!({ "found": "yes", "items": [
    { "scope": "police-domestic-abuse", "about": [1], "from": "2026-02-14", "words": "Neighbours reported shouting. No injuries.", "dash_grade": "standard" }] }))]
pub struct AnswerForm {
    /// What was found.
    pub found: Found,
    /// Why not, or not all. Needed with `partly` and `refused`.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: Option<String>,
    /// What is held, item by item; none with `nothing_held` and `refused`.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub items: Vec<Item>,
}

/// Something an agency holds.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InformationItem)]
pub struct Item {
    /// What of the things asked for it is.
    pub scope: Word,
    /// The numbers of the people it is about, as the request numbers them; all of them, if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 30)]
    pub about: Vec<i16>,
    /// On which day, or from which on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// Until which day. Nothing that ended before the years that were asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<NaiveDate>,
    /// What it says.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: String,
    /// The DASH grade of a domestic abuse incident, with `police-domestic-abuse`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dash_grade: Option<DashGrade>,
}

/// Answer a request for information
///
/// Once, by the agency that was asked, by its system or in person. Tell what was asked and no more. Whoever asked is
/// reminded at once, urgently of a high DASH grade.
#[utoipa::path(operation_id = "answer_information_request", tag = "information requests", request_body = AnswerForm,
    params(("id" = uuid::Uuid, Path, description = "The request's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 200, body = InformationRequestView)))]
#[post("/v1/information-requests/{id}/answer")]
pub async fn answer_information_request(
    service: Data<Service>,
    command: Command<AnswerForm>,
    id: Path<RequestId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::ANSWER_INFORMATION, async |tx| {
            tx.entry.record = Some(id.0);
            let request = store::for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &["agency"]).await?;
            tx.proceed(None).await?;
            let form = command.body()?;
            // Before what it says is held against whom it was about: of what has ended nobody is named any more.
            request.must_be_asked()?;
            let now = tx.now();
            let people = store::people(tx, id).await?;
            let asked = AskedFor {
                scopes: &request.scopes,
                people: people.len(),
                since: since(request.asked_at.local_day(), request.years_back),
            };
            check_answer(&form, &asked, now.local_day()).map_err(Problem::invalid)?;
            store::answer(tx, &request, &form, actor, now).await?;
            for clock in ["information_request", "information_request_escalated"] {
                deadline::meet(tx, id.0, clock, now).await?;
            }
            let told: Vec<Disclosure<'_>> = people
                .iter()
                .zip(1i16..)
                .filter_map(|(person, number)| {
                    let about = |item: &&Item| item.about.is_empty() || item.about.contains(&number);
                    let mut fields: Vec<&str> = form.items.iter().filter(about).map(|item| item.scope.as_str()).collect();
                    fields.sort_unstable();
                    fields.dedup();
                    (!fields.is_empty()).then_some(Disclosure {
                        person: *person,
                        referral: request.referral_id,
                        from_agency: request.agency.as_str(),
                        to_agency: request.asked_by_agency.as_str(),
                        fields,
                        purpose: request.purpose.as_str(),
                        lawful_basis: request.lawful_basis.as_str(),
                        about: ("information-requests", id.0),
                    })
                })
                .collect();
            disclosed(tx, &told, actor, now).await?;
            let high = form.items.iter().any(|item| item.dash_grade == Some(DashGrade::High));
            let answered = Alert {
                kind: "information_answered",
                urgency: if high { Urgency::Urgent } else { Urgency::Reminder },
                about: "information-requests",
                record: id.0,
                people: &people,
                scopes: std::slice::from_ref(&request.asked_in),
                locality: request.locality.as_deref(),
            };
            alert::tell(tx, &answered).await?;
            let facts = serde_json::json!({
                "request_id": id, "referral_id": request.referral_id, "agency": request.agency, "kind": request.kind,
                "found": form.found, "items": form.items.len(), "asked_at": request.asked_at, "answered_at": now,
                "due_at": request.due_at, "in_time": now <= request.due_at, "hours": (now - request.asked_at).num_hours(),
                "locality": request.locality,
            });
            tx.publish(Event::new("information.answered.v1", id, facts));
            tx.entry.records.push(id.0);
            Ok(Done::changed(request.version + 1, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}
