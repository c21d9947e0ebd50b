//! The words that referrals and decisions use, and how long things may take, as of a day:
//! `GET /v1/codes`, `GET /v1/codes/{set}` and `GET /v1/time-limits`.

mod store;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::in_words;
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_code_sets).service(read_codes).service(list_time_limits);
}

/// A set of codes.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeSetView {
    /// Its name.
    #[schema(example = "concern")]
    pub set: String,
    /// What its codes are of.
    #[schema(example = "Concerns, needs and headline problems")]
    pub label: String,
    /// How many codes it has on that day.
    #[schema(example = 18)]
    pub codes: usize,
    /// Where they are read.
    #[schema(example = "/v1/codes/concern")]
    pub about: String,
}

/// List the code lists
///
/// Every set of codes that has any today, or on the day asked for, by name. A field that takes a code says of which set it
/// is, and a refusal of one where the set is read.
#[utoipa::path(operation_id = "list_code_sets", tag = "codes",
    params(("on" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise")),
    responses((status = 200, body = Vec<CodeSetView>)))]
#[get("/v1/codes")]
async fn list_code_sets(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    policy::READ_CODES.require(&actor)?;
    let mut query = Query::of(&request);
    let on = query.optional::<NaiveDate>("on", "a day such as 2026-11-22").unwrap_or_else(|| service.now().local_day());
    query.finish()?;
    let labels = service.read(&actor, &policy::READ_CODES, async |tx| store::labels(tx).await).await?;
    let rules = service.rules();
    let sets: Vec<CodeSetView> = rules
        .sets(on)
        .into_iter()
        .map(|(set, codes)| CodeSetView {
            set: set.to_owned(),
            label: labels.get(set).cloned().unwrap_or_else(|| in_words(set)),
            codes,
            about: format!("/v1/codes/{set}"),
        })
        .collect();
    Ok(HttpResponse::Ok().json(sets))
}

/// A code and what it means.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeView {
    /// The code to send.
    #[schema(example = "good-education")]
    pub code: String,
    /// What people call it.
    #[schema(example = "Getting a good education")]
    pub label: String,
    /// The first day it means this.
    pub valid_from: NaiveDate,
    /// The first day it no longer does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
}

/// Read a code list
///
/// The codes of a set (`concern`, `locality`, `service` and some fifty more, which `GET /v1/codes` lists) that hold today,
/// or on the day asked for.
#[utoipa::path(operation_id = "read_codes", tag = "codes",
    params(("set" = String, Path, description = "One that `GET /v1/codes` lists, such as `concern`, `locality` or `service`"),
           ("on" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise")),
    responses((status = 200, body = Vec<CodeView>)))]
#[get("/v1/codes/{set}")]
async fn read_codes(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    set: Path<String>,
) -> Result<HttpResponse, Problem> {
    policy::READ_CODES.require(&actor)?;
    let mut query = Query::of(&request);
    let on = query.optional::<NaiveDate>("on", "a day such as 2026-11-22").unwrap_or_else(|| service.now().local_day());
    query.finish()?;
    let rules = service.rules();
    let codes: Vec<CodeView> = rules
        .codes(&set, on)
        .into_iter()
        .map(|code| CodeView {
            code: code.code.clone(),
            label: code.label.clone(),
            valid_from: code.valid_from,
            valid_to: code.valid_to,
            source: code.source.clone(),
        })
        .collect();
    if codes.is_empty() {
        return Err(
            Problem::not_found().detail("no set of that name has codes on that day; GET /v1/codes lists the sets")
        );
    }
    Ok(HttpResponse::Ok().json(codes))
}

/// How long something may take.
#[derive(Debug, Serialize, ToSchema)]
pub struct TimeLimitView {
    /// What is limited.
    #[schema(example = "front_door_decision")]
    pub code: String,
    /// How many.
    #[schema(example = 1)]
    pub amount: i32,
    /// Of what: `working_day` (England's), `day`, `hour`, `week`.
    #[schema(example = "working_day")]
    pub unit: String,
    /// The first day it holds.
    pub valid_from: NaiveDate,
    /// The first day it no longer does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
    /// Whether that was seen in the source. If not, it is a placeholder for the partnership's own rule.
    pub verified: bool,
}

/// List the time limits
///
/// How long each thing may take, today or on the day asked for; who says so, and whether that was checked.
#[utoipa::path(operation_id = "list_time_limits", tag = "codes",
    params(("on" = Option<NaiveDate>, Query, description = "The day; today unless asked otherwise")),
    responses((status = 200, body = Vec<TimeLimitView>)))]
#[get("/v1/time-limits")]
async fn list_time_limits(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    policy::READ_CODES.require(&actor)?;
    let mut query = Query::of(&request);
    let on = query.optional::<NaiveDate>("on", "a day such as 2026-11-22").unwrap_or_else(|| service.now().local_day());
    query.finish()?;
    let rules = service.rules();
    let limits: Vec<TimeLimitView> = rules
        .limits(on)
        .into_iter()
        .map(|limit| TimeLimitView {
            code: limit.code.clone(),
            amount: limit.amount,
            unit: limit.unit.clone(),
            valid_from: limit.valid_from,
            valid_to: limit.valid_to,
            source: limit.source.clone(),
            verified: limit.verified,
        })
        .collect();
    Ok(HttpResponse::Ok().json(limits))
}
