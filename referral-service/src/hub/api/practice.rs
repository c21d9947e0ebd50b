//! How a hub works.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;

use super::domain::HubWay;
use super::known_locality;
use super::store::practice::{self, Practice};
use crate::policy;

/// How the hub of a district works.
#[derive(Debug, Serialize, ToSchema)]
pub struct HubPractice {
    /// The district.
    pub locality: String,
    /// How its hub triages.
    pub way: HubWay,
    /// Why, if somebody said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when; absent if nobody has said anything yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_at: Option<DateTime<Utc>>,
    /// Who said so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed_by: Option<String>,
}

impl HubPractice {
    fn of(row: Practice) -> Result<Self, Problem> {
        Ok(Self {
            way: row.way()?,
            locality: row.locality,
            reason: row.reason,
            changed_at: row.changed_at,
            changed_by: row.changed_by_name,
        })
    }
}

/// Read how a hub works
#[utoipa::path(operation_id = "read_hub_practice", tag = "hubs",
    params(("locality" = String, Path, description = "The district, a code of the set `locality`")),
    responses((status = 200, body = HubPractice)))]
#[get("/v1/hubs/{locality}/practice")]
pub async fn read_hub_practice(
    service: Data<Service>,
    actor: Actor,
    locality: Path<String>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, &locality).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, locality: &str) -> Result<(i64, HubPractice), Problem> {
    service
        .read(actor, &policy::READ_HUB_PRACTICE, async |tx| {
            known_locality(service, locality)?;
            policy::READ_HUB_PRACTICE.require(actor)?;
            let row = practice::find(tx, locality).await?;
            Ok((row.version, HubPractice::of(row)?))
        })
        .await
}

/// How a hub is to work.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "way": "both", "reason": "A desk team decides what is plain on the day; the rest goes to the fortnightly meeting." }))]
pub struct HubPracticeForm {
    /// How it triages.
    pub way: HubWay,
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Say how a hub works
///
/// By meeting, by a desk team, or both. From then on: what was decided before stays as it was.
#[utoipa::path(operation_id = "change_hub_practice", tag = "hubs", request_body = HubPracticeForm,
    params(("locality" = String, Path, description = "The district, a code of the set `locality`"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = HubPractice)))]
#[post("/v1/hubs/{locality}/practice")]
pub async fn change_hub_practice(
    service: Data<Service>,
    command: Command<HubPracticeForm>,
    locality: Path<String>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::CHANGE_HUB_PRACTICE, async |tx| {
            known_locality(&service, &locality)?;
            let row = practice::for_change(tx, &locality).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            practice::change(tx, &row, body.way, &body.reason, actor, now).await?;
            let changed = practice::find(tx, &locality).await?;
            Ok(Done::changed(changed.version, HubPractice::of(changed)?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, actor, &locality).await?.1)).await
}
