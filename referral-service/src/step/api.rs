//! `POST /v1/referrals/{id}/step` and `GET /v1/referrals/{id}/steps`.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::access;
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::problem::{self, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::domain::{Direction, capacity, check};
use super::store::{self, Row};
use crate::policy;
use crate::referral::acting::held_whole;
use crate::referral::api::{show, shown};
use crate::referral::domain::ReferralId;
use crate::referral::step_up::{ACUTE, Taken, keep_step, stepped_up};
use crate::referral::telling::outcome_told;
use crate::referral::view::ReferralView;
use crate::referral::{Referral, Status, for_change};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(step_referral).service(list_steps);
}

/// A step up to children's social care, down from it, or its end.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "direction": "down", "level_of_need": 3, "locality": "charnwood",
    "reason": "No child is at risk of significant harm any more; the mother asks for help with routines.",
    "social_care_did": "Child in need plan from February to June, closed with all actions done.",
    "social_care_reference": "SC-0000-INVENTED" }))]
pub struct Step {
    /// Which way.
    pub direction: Direction,
    /// Why.
    #[schema(min_length = 1, max_length = 20000)]
    pub reason: String,
    /// Level of need from here on. Up is 4, and need not be said; a step down says which is left, 1 to 3.
    #[schema(minimum = 1, maximum = 4)]
    pub level_of_need: Option<i16>,
    /// The family's district by now, a code of the set `locality`; a step down needs one, unless the referral has it.
    pub locality: Option<Word>,
    /// What social care did. Needed down and at the end.
    #[schema(min_length = 1, max_length = 20000)]
    pub social_care_did: Option<String>,
    /// Social care's own reference of the case. Needed for a step down.
    #[schema(min_length = 1, max_length = 100)]
    pub social_care_reference: Option<String>,
    /// What the referrer is told, in your words; a standard sentence if left out. Say nothing the
    /// referrer may not know.
    #[schema(min_length = 1, max_length = 4000)]
    pub feedback: Option<String>,
}

/// Step a referral up or down
///
/// Up, to children's social care, from the hub's list, an offer or a service's work: by First Response, the
/// hub of the family's district, or a team that helps or was asked to. Offers are withdrawn; services' work, the
/// family cases that rest on it, their plans and clocks are ended with the outcome `stepped_up`; First Response is
/// alerted. Down, back to the hub of the
/// family's district, and the end of social care's work: by First Response, on behalf of social care. It
/// stays one referral with one history, and the referrer is told.
#[utoipa::path(operation_id = "step_referral", tag = "social care", request_body = Step,
    params(("id" = uuid::Uuid, Path, description = "The referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ReferralView)))]
#[post("/v1/referrals/{id}/step")]
async fn step_referral(
    service: Data<Service>,
    command: Command<Step>,
    id: Path<ReferralId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::STEP_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            let mut referral = for_change(tx, id).await?;
            access::require_capacity(tx, actor, id.0, &["front-door", "hub", "team"]).await?;
            tx.proceed(Some(referral.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            let scope = acting(tx, &referral, body.direction).await?;
            check(&body, referral.locality.as_deref(), &service.rules(), now.local_day()).map_err(Problem::invalid)?;
            let from = referral.status()?;
            if let Some(locality) = &body.locality {
                referral.locality = Some(locality.as_str().to_owned());
            }
            referral.happens(tx, body.direction.happening(), actor, now, Some(&body.reason)).await?;
            let level = body.level_of_need.or((body.direction == Direction::Up).then_some(ACUTE));
            let taken = Taken {
                direction: body.direction.as_str(),
                from,
                level_of_need: level,
                reason: &body.reason,
                social_care_did: body.social_care_did.as_deref(),
                social_care_reference: body.social_care_reference.as_deref(),
                scope: &scope,
            };
            keep_step(tx, &referral, &taken, actor, now).await?;
            let told = body.feedback.as_deref().unwrap_or(body.direction.told());
            referral.tell_referrer(tx, now, body.direction.about(), told).await?;
            if let Some(told) = outcome_told(tx, &referral, &service.rules(), now).await? {
                tx.publish(told);
            }
            tx.entry.records.push(id.0);
            match body.direction {
                Direction::Up => stepped_up(tx, &referral, actor, from, &scope, now).await?,
                Direction::Down => down(tx, &referral, level, now).await?,
                Direction::End => {
                    let facts = serde_json::json!({ "referral_id": id, "closed_at": now, "how": "social_care_ended" });
                    tx.publish(Event::new("referral.closed.v1", id, facts));
                }
            }
            Ok(Done::changed(referral.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// The capacity in which the caller takes the step.
async fn acting<T>(tx: &mut Write<'_, T>, referral: &Referral, direction: Direction) -> Result<String, Problem> {
    let held = held_whole(tx, referral.id).await?;
    let at_work = store::at_work(tx, referral.id).await?;
    let hub = referral.locality.as_ref().map(|locality| format!("hub:{locality}"));
    capacity(direction, &held, hub.as_deref(), &at_work).ok_or_else(|| {
        let who = match direction {
            Direction::Up => "First Response, the hub of the family's district and the teams that help step it up",
            Direction::Down | Direction::End => "First Response says this, on behalf of children's social care",
        };
        Problem::new(problem::NOT_ALLOWED).detail(who)
    })
}

/// Lists it for the hub of the district.
async fn down<T>(
    tx: &mut Write<'_, T>,
    referral: &Referral,
    level: Option<i16>,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let people = referral.people(tx).await?;
    let hub = format!("hub:{}", referral.locality.as_deref().unwrap_or_default());
    access::grant(tx, &referral.for_team(&hub, Status::ListedForHub.as_str(), &people)).await?;
    let facts = serde_json::json!({
        "referral_id": referral.id, "from": Status::WithSocialCare, "level_of_need": level, "stepped_down_at": now,
        "locality": referral.locality, "person_ids": people,
    });
    tx.publish(Event::new("referral.stepped_down.v1", referral.id, facts));
    Ok(())
}

/// A step that a referral took.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// Which way.
    pub direction: Direction,
    /// When.
    pub at: DateTime<Utc>,
    /// Where it stood before.
    pub from: Status,
    /// Where it stood after.
    pub to: Status,
    /// Level of need from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level_of_need: Option<i16>,
    /// Why.
    pub reason: String,
    /// The family's district then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// What social care did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social_care_did: Option<String>,
    /// Social care's own reference of the case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub social_care_reference: Option<String>,
    /// Who took it.
    pub by: String,
    /// In which capacity: `front-door`, `hub:charnwood`, `team:youth-work`.
    #[schema(example = "team:intensive-family-support")]
    pub acting_as: String,
    /// Of a step up, by when social care's assessment should be done. For information: its own system keeps
    /// that clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment_due_at: Option<DateTime<Utc>>,
}

impl StepView {
    fn of(row: Row, service: &Service) -> Result<Self, Problem> {
        let status = |text: &str| text.parse().map_err(|()| Problem::internal(&"unknown referral status"));
        let direction = row.direction.parse().map_err(|()| Problem::internal(&"unknown direction"))?;
        let up = direction == Direction::Up;
        Ok(Self {
            direction,
            at: row.at,
            from: status(&row.from_status)?,
            to: status(&row.to_status)?,
            level_of_need: row.level_of_need,
            reason: row.reason,
            locality: row.locality,
            social_care_did: row.social_care_did,
            social_care_reference: row.social_care_reference,
            by: row.by_name,
            acting_as: row.by_scope,
            assessment_due_at: if up { service.rules().due("social_care_assessment", row.at) } else { None },
        })
    }
}

/// List a referral's steps
///
/// Up to children's social care, down again, and the end there, oldest first. For the working team.
#[utoipa::path(operation_id = "list_steps", tag = "social care",
    params(("id" = uuid::Uuid, Path, description = "The referral's id")),
    responses((status = 200, body = Vec<StepView>)))]
#[get("/v1/referrals/{id}/steps")]
async fn list_steps(service: Data<Service>, actor: Actor, id: Path<ReferralId>) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let rows = service
        .read(&actor, &policy::READ_HISTORY, async |tx| {
            tx.entry.record = Some(id.0);
            crate::referral::shown::show(tx, id).await?;
            policy::READ_HISTORY.require(&actor)?;
            tx.entry.records.push(id.0);
            store::steps(tx, id).await
        })
        .await?;
    let steps = rows.into_iter().map(|row| StepView::of(row, &service)).collect::<Result<Vec<_>, _>>()?;
    Ok(HttpResponse::Ok().json(steps))
}
