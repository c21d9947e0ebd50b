//! Deciding a short break, looking at it again, and ending it.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::problem::{FieldError, Problem};
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::locked;
use super::reading::show;
use crate::policy;
use crate::short_break::domain::{
    Grant, ShortBreakId, ShortBreakLevel, ShortBreakStatus, Step, grant_errors, transition,
};
use crate::short_break::event;
use crate::short_break::store::{self, ShortBreak, StepRow};
use crate::short_break::view::{DECISION, REVIEW, ShortBreakView, seen};

/// Whether a short break is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ShortBreakOutcome {
    /// It is.
    Agreed,
    /// It is not.
    Declined,
}

/// A decision on a short break.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "outcome": "agreed", "grant": { "level": "targeted", "hours_per_year": 60, "criteria": ["needs-support-to-join-in"] },
    "reason": "Hazel can join the Saturday club with somebody beside her."
}))]
pub struct ShortBreakDecision {
    /// Whether it is given.
    pub outcome: ShortBreakOutcome,
    /// What is given; with `agreed`, and only there.
    pub grant: Option<ShortBreakGrant>,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// What is given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShortBreakGrant {
    /// The level.
    pub level: ShortBreakLevel,
    /// How many hours a year.
    #[schema(minimum = 1, maximum = 8784)]
    pub hours_per_year: Option<i32>,
    /// How many pounds a year.
    #[schema(minimum = 1, maximum = 1000000)]
    pub pounds_per_year: Option<i32>,
    /// Which criteria the child meets: codes of `GET /v1/short-break-criteria`.
    #[serde(default)]
    #[schema(max_items = 20)]
    pub criteria: Vec<Word>,
    /// Why it is given although the child meets no criterion of the level.
    #[schema(min_length = 1, max_length = 4000)]
    pub regardless_because: Option<String>,
}

/// A look at a short break that goes on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "grant": { "level": "specialist", "hours_per_year": 120, "criteria": ["constant-care"] }, "reason": "Hazel's nights have become harder."
}))]
pub struct ShortBreakReview {
    /// What is given from now on.
    pub grant: ShortBreakGrant,
    /// What the review found.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Why a short break ends, or its request is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The family has moved away." }))]
pub struct ShortBreakEnd {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Holds a grant against the criteria of the day; writes it on the row. The answer is which criteria the child meets.
async fn granted(
    connection: &mut AsyncPgConnection,
    row: &mut ShortBreak,
    grant: &ShortBreakGrant,
    now: DateTime<Utc>,
) -> Result<Vec<String>, Problem> {
    let known = store::criteria(connection, now.local_day()).await?;
    let known: Vec<(String, String)> = known.into_iter().map(|one| (one.code, one.level)).collect();
    let criteria: Vec<String> = grant.criteria.iter().map(ToString::to_string).collect();
    let judged = Grant {
        level: grant.level,
        hours: grant.hours_per_year,
        pounds: grant.pounds_per_year,
        criteria: &criteria,
        regardless: grant.regardless_because.as_deref(),
    };
    let errors = grant_errors(judged, &known);
    if !errors.is_empty() {
        let placed = errors.into_iter().map(|error| {
            FieldError::at(format!("/grant{}", error.pointer.unwrap_or_default()), &error.code, error.detail)
        });
        return Err(Problem::invalid(placed.collect()));
    }
    row.level = Some(grant.level.as_str().to_owned());
    row.hours_per_year = grant.hours_per_year;
    row.pounds_per_year = grant.pounds_per_year;
    Ok(criteria)
}

fn step(row: &ShortBreak, what: &str, who: &str, reason: String, criteria: Vec<String>, at: DateTime<Utc>) -> StepRow {
    StepRow {
        id: Uuid::now_v7(),
        short_break_id: row.id,
        at,
        what: what.to_owned(),
        who: who.to_owned(),
        reason,
        criteria,
        level: row.level.clone(),
        hours_per_year: row.hours_per_year,
        pounds_per_year: row.pounds_per_year,
    }
}

/// The reason, with why it is given regardless.
fn because(reason: &str, grant: Option<&ShortBreakGrant>) -> String {
    match grant.and_then(|grant| grant.regardless_because.as_deref()) {
        Some(regardless) => format!("{reason}\n\nThough no criterion of the level is met: {regardless}"),
        None => reason.to_owned(),
    }
}

/// Decide a short break
///
/// With the level and how much a year, and which of the county's criteria the child meets. One that is given is looked
/// at again each year.
#[utoipa::path(operation_id = "decide_short_break", tag = "short breaks", request_body = ShortBreakDecision,
    params(("id" = uuid::Uuid, Path, description = "The short break's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ShortBreakView)))]
#[post("/v1/short-breaks/{id}/decision")]
pub async fn decide_short_break(
    service: Data<Service>,
    command: Command<ShortBreakDecision>,
    id: Path<ShortBreakId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DECIDE_SHORT_BREAK, async |tx| {
            let mut row = locked(tx, actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let (taken, misplaced) = match (body.outcome, &body.grant) {
                (ShortBreakOutcome::Agreed, None) => {
                    (Step::Agree, Some(("required", "is needed: what is given, and how much?")))
                }
                (ShortBreakOutcome::Agreed, Some(_)) => (Step::Agree, None),
                (ShortBreakOutcome::Declined, Some(_)) => {
                    (Step::Decline, Some(("does_not_fit", "has a place only with `agreed`")))
                }
                (ShortBreakOutcome::Declined, None) => (Step::Decline, None),
            };
            if let Some((code, detail)) = misplaced {
                return Err(Problem::invalid(vec![FieldError::at("/grant", code, detail)]).into());
            }
            let criteria = match &body.grant {
                Some(grant) => granted(tx, &mut row, grant, now).await?,
                None => Vec::new(),
            };
            let status = transition(row.standing()?, taken).map_err(Problem::conflict)?;
            row.status = status.as_str().to_owned();
            row.decided_at = Some(now);
            if status == ShortBreakStatus::Agreed {
                let due = service.rules().must_due(REVIEW, now)?;
                row.review_due_at = Some(due);
                deadline::start(tx, id.0, REVIEW, now, due).await?;
            }
            row.save(tx).await?;
            deadline::meet(tx, id.0, DECISION, now).await?;
            let reason = because(&body.reason, body.grant.as_ref());
            store::note(tx, &step(&row, status.as_str(), &actor.name, reason, criteria.clone(), now)).await?;
            let due = deadline::due(tx, id.0, DECISION).await?;
            tx.publish(event::decided(&row, &criteria, now, due));
            let version = row.version;
            Ok(Done::changed(version, seen(tx, row, now).await?))
        })
        .await?;
    written.respond("short_break", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// Review a short break
///
/// It goes on, with what is given from now on, until it is looked at again in a year.
#[utoipa::path(operation_id = "review_short_break", tag = "short breaks", request_body = ShortBreakReview,
    params(("id" = uuid::Uuid, Path, description = "The short break's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ShortBreakView)))]
#[post("/v1/short-breaks/{id}/review")]
pub async fn review_short_break(
    service: Data<Service>,
    command: Command<ShortBreakReview>,
    id: Path<ShortBreakId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DECIDE_SHORT_BREAK, async |tx| {
            let mut row = locked(tx, actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let criteria = granted(tx, &mut row, &body.grant, now).await?;
            transition(row.standing()?, Step::Review).map_err(Problem::conflict)?;
            let before = row.review_due_at;
            let due = service.rules().must_due(REVIEW, now)?;
            row.review_due_at = Some(due);
            deadline::restart(tx, id.0, REVIEW, now, due).await?;
            row.save(tx).await?;
            let reason = because(&body.reason, Some(&body.grant));
            store::note(tx, &step(&row, "reviewed", &actor.name, reason, criteria.clone(), now)).await?;
            tx.publish(event::reviewed(&row, &criteria, now, before));
            let version = row.version;
            Ok(Done::changed(version, seen(tx, row, now).await?))
        })
        .await?;
    written.respond("short_break", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// End a short break
///
/// Or take its request back, where it has not been decided yet.
#[utoipa::path(operation_id = "end_short_break", tag = "short breaks", request_body = ShortBreakEnd,
    params(("id" = uuid::Uuid, Path, description = "The short break's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ShortBreakView)))]
#[post("/v1/short-breaks/{id}/end")]
pub async fn end_short_break(
    service: Data<Service>,
    command: Command<ShortBreakEnd>,
    id: Path<ShortBreakId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DECIDE_SHORT_BREAK, async |tx| {
            let mut row = locked(tx, actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let status = transition(row.standing()?, Step::End).map_err(Problem::conflict)?;
            row.status = status.as_str().to_owned();
            row.ended_at = Some(now);
            row.save(tx).await?;
            deadline::meet_all(tx, id.0, now).await?;
            store::note(tx, &step(&row, status.as_str(), &actor.name, body.reason.clone(), Vec::new(), now)).await?;
            tx.publish(event::ended(&row, now));
            let version = row.version;
            Ok(Done::changed(version, seen(tx, row, now).await?))
        })
        .await?;
    written.respond("short_break", async |_| Ok(show(&service, actor, id).await?.1)).await
}
