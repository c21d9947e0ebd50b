//! `POST /v1/referrals/{id}/information-requests` and taking one back.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use serde::Deserialize;
use shared::access::{self, Grant, View};
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::events::Event;
use shared::problem::{self, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::domain::{RequestId, RequestStatus, capacity, check_asked};
use super::super::store::{self, Asking, Identity};
use super::read::{InformationRequestView, show, shown};
use crate::alert::{self, Alert, Urgency};
use crate::policy;
use crate::referral::acting::held_whole;
use crate::referral::disclosure::{Disclosure, disclosed};
use crate::referral::domain::ReferralId;
use crate::referral::{Referral, Refused, Status, for_change};

/// What an agency is asked about people on a referral.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = InformationRequestForm, example = json!({
    "agency": "police", "scopes": ["police-incidents", "police-domestic-abuse"], "years_back": 2,
    "purpose": "front-door-decision", "lawful_basis": "public-task",
    "people": ["0198c0de-0000-7000-8000-000000000002"],
    "question": "Both at the address given and at the one before, in the same town." }))]
pub struct InformationRequestForm {
    /// Who is asked, one of `GET /v1/information-sources`.
    pub agency: Word,
    /// What for: codes that the agency can be asked for.
    #[schema(min_items = 1, max_items = 20)]
    pub scopes: Vec<Word>,
    /// For so many years back; no more than it needs.
    #[schema(minimum = 1, maximum = 30)]
    pub years_back: i16,
    /// Why more years than usual for what is asked; the agency reads it.
    #[schema(min_length = 1, max_length = 4000)]
    pub justification: Option<String>,
    /// What it is for, a code of the set `information-purpose`.
    pub purpose: Word,
    /// On which basis, a code of the set `lawful-basis`.
    pub lawful_basis: Word,
    /// Which of the people whom the referral is about. The agency is told their names, birth dates and addresses.
    #[schema(min_items = 1, max_items = 30)]
    pub people: Vec<Uuid>,
    /// Whatever else helps to search. The agency reads it: say nothing of the worries.
    #[schema(min_length = 1, max_length = 2000)]
    pub question: Option<String>,
}

/// Ask an agency for information
///
/// For First Response, the hub of the family's district, and the team that leads. The agency is reminded of
/// it, and sees only whom to search for, what, for how long back, why and on which basis. That it was told of
/// these people is recorded as a disclosure. When it answers, whoever asked is reminded.
#[utoipa::path(operation_id = "ask_for_information", tag = "information requests", request_body = InformationRequestForm,
    params(("id" = Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = InformationRequestView)))]
#[post("/v1/referrals/{id}/information-requests")]
pub async fn ask_for_information(
    service: Data<Service>,
    command: Command<InformationRequestForm>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::ASK_INFORMATION, async |tx| {
            tx.entry.record = Some(id.0);
            let referral = for_change(tx, id).await?;
            let scope = acting(tx, &referral).await?;
            tx.proceed(None).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let offered = store::offered(tx, Some(form.agency.as_str())).await?;
            let can = (!offered.is_empty()).then(|| store::rules_of(&offered));
            let named = store::identities(tx, id).await?;
            let ids: Vec<Uuid> = named.iter().map(|one| one.person_id).collect();
            check_asked(&form, can.as_deref(), &ids, &rules, now.local_day()).map_err(Problem::invalid)?;
            let status = referral.status()?;
            if matches!(status, Status::Closed | Status::Withdrawn) {
                return Err(Problem::from(Refused { status }).into());
            }
            let kind = offered.first().map(|one| one.kind.clone()).unwrap_or_default();
            let people: Vec<Identity> = form
                .people
                .iter()
                .filter_map(|person| named.iter().find(|one| one.person_id == *person).cloned())
                .collect();
            let due = rules.must_due("information_request", now)?;
            let escalated = rules.must_due("information_request_escalated", now)?;
            let request = RequestId::new();
            let locality = referral.locality.as_deref();
            let asking = Asking { form: &form, kind: &kind, locality, scope: &scope, due };
            store::insert(tx, request, id, &asking, &people, actor, now).await?;
            let pairs: Vec<(Uuid, Uuid)> = people.iter().map(|one| (request.0, one.person_id)).collect();
            access::subjects(tx, &pairs).await?;
            let agency = format!("agency:{}", form.agency);
            access::grant(tx, &[held_by(request, agency.clone(), now), held_by(request, scope.clone(), now)]).await?;
            deadline::start(tx, request.0, "information_request", now, due).await?;
            deadline::start(tx, request.0, "information_request_escalated", now, escalated).await?;
            let told: Vec<Disclosure<'_>> = people
                .iter()
                .map(|one| Disclosure {
                    person: one.person_id,
                    referral: id,
                    from_agency: actor.agency.as_str(),
                    to_agency: form.agency.as_str(),
                    fields: one.fields(),
                    purpose: form.purpose.as_str(),
                    lawful_basis: form.lawful_basis.as_str(),
                    about: ("information-requests", request.0),
                })
                .collect();
            disclosed(tx, &told, actor, now).await?;
            let about: Vec<Uuid> = people.iter().map(|one| one.person_id).collect();
            let reminder = Alert {
                kind: "information_request",
                urgency: Urgency::Reminder,
                about: "information-requests",
                record: request.0,
                people: &about,
                scopes: &[agency],
                locality,
            };
            alert::tell(tx, &reminder).await?;
            let facts = serde_json::json!({
                "request_id": request, "referral_id": id, "agency": form.agency, "kind": kind, "scopes": form.scopes,
                "years_back": form.years_back, "purpose": form.purpose, "lawful_basis": form.lawful_basis, "asked_at": now,
                "due_at": due, "locality": locality, "person_ids": about,
            });
            tx.publish(Event::new("information.requested.v1", request, facts));
            tx.entry.records.push(id.0);
            let view = shown(tx, request).await?;
            Ok(Done::created(format!("/v1/information-requests/{request}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, actor, RequestId(stored.id()?)).await?.1)).await
}

fn held_by(request: RequestId, scope: String, now: chrono::DateTime<chrono::Utc>) -> Grant {
    Grant {
        record: request.0,
        kind: "information_request",
        scope,
        view: View::Full,
        state: RequestStatus::Asked.as_str(),
        sort_at: now,
    }
}

/// The capacity in which the caller asks.
async fn acting<T>(tx: &mut Write<'_, T>, referral: &Referral) -> Result<String, Problem> {
    let held = held_whole(tx, referral.id).await?;
    let leading = store::leading(tx, referral.id).await?;
    let hub = referral.locality.as_ref().map(|locality| format!("hub:{locality}"));
    capacity(&held, hub.as_deref(), leading.as_deref()).ok_or_else(|| {
        Problem::new(problem::NOT_ALLOWED)
            .detail("First Response, the hub of the family's district and the team that leads ask for information")
    })
}

/// Why a request is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InformationCancellation {
    /// Why; the agency reads it.
    #[schema(
        min_length = 1,
        max_length = 2000,
        example = "The family has moved away; nothing is to be decided any more."
    )]
    pub reason: String,
}

/// Take a request back
///
/// For those who work on the referral, until the agency has answered. When a referral ends, what was asked for it
/// and not answered is taken back by itself.
#[utoipa::path(operation_id = "cancel_information_request", tag = "information requests", request_body = InformationCancellation,
    params(("id" = Uuid, Path, description = "The request's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = InformationRequestView)))]
#[post("/v1/information-requests/{id}/cancellation")]
pub async fn cancel_information_request(
    service: Data<Service>,
    command: Command<InformationCancellation>,
    id: Path<RequestId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::ASK_INFORMATION, async |tx| {
            tx.entry.record = Some(id.0);
            let referral = store::referral_of(tx, id).await?;
            match for_change(tx, referral).await {
                Ok(_) => {}
                // The agency that was asked does not see the referral.
                Err(problem) if problem.status() == 404 => return Err(Problem::new(problem::NOT_ALLOWED).into()),
                Err(problem) => return Err(Stop::from(problem)),
            }
            access::require_capacity(tx, actor, referral.0, &["front-door", "hub", "team"]).await?;
            let request = store::for_change(tx, id).await?;
            tx.proceed(Some(request.version)).await?;
            let body = command.body()?;
            request.must_be_asked()?;
            let now = tx.now();
            store::cancel(tx, &request, &body.reason, now).await?;
            let facts = serde_json::json!({
                "request_id": id, "referral_id": referral, "agency": request.agency, "kind": request.kind,
                "asked_at": request.asked_at, "cancelled_at": now,
            });
            tx.publish(Event::new("information.cancelled.v1", id, facts));
            tx.entry.records.push(referral.0);
            Ok(Done::changed(request.version + 1, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}
