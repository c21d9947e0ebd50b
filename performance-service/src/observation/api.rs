//! Recording, revising and reading observations.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{NaiveDate, NaiveTime};
use serde::Deserialize;
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::db::Tx;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{Judged, Said, judge_period};
use super::store::{self, Point, Version};
use super::view::{ObservationHistory, ObservationView, ObservedFigure};
use crate::measure::{Definition, Unit, store as measure};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_observations).service(read_observation).service(record_observation).service(revise_observation);
}

async fn definition_of(tx: &mut Tx, code: &str) -> Result<Option<Definition>, Problem> {
    Ok(measure::definitions(tx, &[code.to_owned()]).await?.pop())
}

/// List observations
///
/// Published figures in their current versions, the newest period first.
#[utoipa::path(operation_id = "list_observations", tag = "figures",
    params(("indicator" = Option<String>, Query, description = "Only those of this indicator"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<ObservationView>)))]
#[get("/v1/observations")]
async fn list_observations(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::OBSERVATION_READ, async |tx| {
            policy::OBSERVATION_READ.require(&actor)?;
            let mut query = Query::of(&request);
            let indicator = query.optional::<String>("indicator", "an indicator's code");
            let (limit, after) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, indicator.as_deref(), after, limit).await?;
            let codes: Vec<String> = rows.iter().map(|(point, _)| point.indicator.clone()).collect();
            let definitions = measure::definitions(tx, &codes).await?;
            let key = |(point, _): &(Point, Version)| Cursor {
                sort_at: point.period_to.and_time(NaiveTime::MIN).and_utc(),
                id: point.id,
            };
            let page = Page::from_rows(rows, limit, key, |(point, version)| {
                let unit = definitions.iter().find(|d| d.code == point.indicator).map(|d| d.unit);
                unit.map(|unit| ObservationView::of(point, version, unit))
            });
            Ok(Page { items: page.items.into_iter().flatten().collect::<Vec<_>>(), next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an observation
///
/// The figure as it stands, and every version before it. Send the ETag as `If-Match` to revise it.
#[utoipa::path(operation_id = "read_observation", tag = "figures",
    params(("id" = Uuid, Path, description = "The observation's id")),
    responses((status = 200, body = ObservationHistory)))]
#[get("/v1/observations/{id}")]
async fn read_observation(service: Data<Service>, actor: Actor, id: Path<Uuid>) -> Result<HttpResponse, Problem> {
    let view = show(&service, &actor, *id).await?;
    Ok(found(view.current.figure.version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<ObservationHistory, Problem> {
    service
        .read(actor, &policy::OBSERVATION_READ, async |tx| {
            policy::OBSERVATION_READ.require(actor)?;
            history(tx, id).await
        })
        .await
}

async fn history(tx: &mut Tx, id: Uuid) -> Result<ObservationHistory, Problem> {
    let point = store::find(tx, id).await?;
    let versions = store::versions(tx, id).await?;
    let lost = || Problem::internal(&"an observation without its version or indicator");
    let unit = definition_of(tx, &point.indicator).await?.ok_or_else(lost)?.unit;
    let current = versions.iter().find(|version| version.version == point.version).cloned().ok_or_else(lost)?;
    let revisions = versions.into_iter().map(|version| ObservedFigure::of(version, unit)).collect();
    Ok(ObservationHistory { current: ObservationView::of(point, current, unit), revisions })
}

/// The days a figure is of.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservedPeriod {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub to: NaiveDate,
    /// What the source calls it.
    #[schema(min_length = 1, max_length = 100, example = "2015-16")]
    pub label: String,
}

/// A figure that somebody published or supplied.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewObservation {
    /// Of which indicator.
    #[schema(min_length = 1, max_length = 64)]
    pub indicator: String,
    /// Of which days.
    pub period: ObservedPeriod,
    /// Of where.
    pub geography: Word,
    /// The number as printed, errors included: at most four decimals.
    #[schema(minimum = -99_999_999_999_i64, maximum = 99_999_999_999_i64)]
    pub value: f64,
    /// In which unit: the indicator's, said again so that nothing is misread.
    pub unit: Unit,
    /// To how many decimals it was printed, if not as the indicator says.
    #[schema(minimum = 0, maximum = 4)]
    pub decimals: Option<u8>,
    /// What was counted, if the source says.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub numerator: Option<i64>,
    /// Out of how many, if the source says.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub denominator: Option<i64>,
    /// Where it was published, or who supplied it.
    #[schema(min_length = 1, max_length = 1000)]
    pub source: String,
    /// What the source adds.
    #[schema(min_length = 1, max_length = 2000)]
    pub note: Option<String>,
    /// The figure with its marks, as printed.
    #[schema(min_length = 1, max_length = 200, example = "47.11*")]
    pub printed: Option<String>,
    /// Whether it may still change.
    pub provisional: bool,
}

/// A newer figure for the same indicator, days and geography.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ObservationRevision {
    /// The number as printed, errors included: at most four decimals.
    #[schema(minimum = -99_999_999_999_i64, maximum = 99_999_999_999_i64)]
    pub value: f64,
    /// In which unit: the indicator's, said again so that nothing is misread.
    pub unit: Unit,
    /// To how many decimals it was printed, if not as the indicator says.
    #[schema(minimum = 0, maximum = 4)]
    pub decimals: Option<u8>,
    /// What was counted, if the source says.
    #[schema(minimum = 0, maximum = 1_000_000_000_000_i64)]
    pub numerator: Option<i64>,
    /// Out of how many, if the source says.
    #[schema(minimum = 1, maximum = 1_000_000_000_000_i64)]
    pub denominator: Option<i64>,
    /// Where it was published, or who supplied it.
    #[schema(min_length = 1, max_length = 1000)]
    pub source: String,
    /// What the source adds.
    #[schema(min_length = 1, max_length = 2000)]
    pub note: Option<String>,
    /// The figure with its marks, as printed.
    #[schema(min_length = 1, max_length = 200)]
    pub printed: Option<String>,
    /// Whether it may still change.
    pub provisional: bool,
    /// Why the figure is revised.
    #[schema(min_length = 1, max_length = 1000, example = "The force resubmitted its Q2 crimes.")]
    pub reason: String,
}

/// Record an observation
///
/// As it was published, even where its arithmetic does not hold: that is said in `remarks`. A second
/// figure for the same indicator, period and geography is a revision of the first.
#[utoipa::path(operation_id = "record_observation", tag = "figures", request_body = NewObservation,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = ObservationHistory)))]
#[post("/v1/observations")]
async fn record_observation(service: Data<Service>, command: Command<NewObservation>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::OBSERVATION_RECORD, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            let mut errors = Vec::new();
            let said = Said {
                value: body.value,
                unit: body.unit,
                decimals: body.decimals,
                numerator: body.numerator,
                denominator: body.denominator,
            };
            let judged = match definition_of(tx, &body.indicator).await? {
                Some(definition) => said.judge(&definition, &mut errors),
                None => {
                    errors.push(FieldError::at("/indicator", "unknown", "there is no such indicator"));
                    None
                }
            };
            judge_period(body.period.from, body.period.to, tx.now().local_day(), body.provisional, &mut errors);
            let Judged { value, decimals } = judged.filter(|_| errors.is_empty()).ok_or(Problem::invalid(errors))?;
            let point = Point {
                id: Uuid::now_v7(),
                indicator: body.indicator,
                period_from: body.period.from,
                period_to: body.period.to,
                period_label: body.period.label,
                geography: body.geography.as_str().to_owned(),
                version: 1,
            };
            let version = Version {
                observation_id: point.id,
                version: 1,
                value,
                decimals: i16::from(decimals),
                numerator: body.numerator,
                denominator: body.denominator,
                source: body.source,
                note: body.note,
                printed: body.printed,
                provisional: body.provisional,
                reason: None,
                recorded_at: tx.now(),
                recorded_by: command.actor.name.clone(),
            };
            store::insert(tx, &point, &version).await?;
            tx.entry.record = Some(point.id);
            Ok::<_, Stop>(Done::created(format!("/v1/observations/{}", point.id), 1, history(tx, point.id).await?))
        })
        .await?;
    written.respond("full", async |stored| show(&service, &command.actor, stored.id()?).await).await
}

/// Revise an observation
///
/// The figure before is kept, and shown with the reason.
#[utoipa::path(operation_id = "revise_observation", tag = "figures", request_body = ObservationRevision,
    params(("id" = Uuid, Path, description = "The observation's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = ObservationHistory)))]
#[post("/v1/observations/{id}/revisions")]
async fn revise_observation(
    service: Data<Service>,
    command: Command<ObservationRevision>,
    id: Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::OBSERVATION_RECORD, async |tx| {
            // Who may not read observations is not told which there are.
            policy::OBSERVATION_READ.require(&command.actor)?;
            let point = store::find(tx, id).await?;
            tx.entry.record = Some(id);
            tx.proceed(Some(point.version)).await?;
            let body = command.body()?;
            let lost = || Problem::internal(&"an observation without its indicator");
            let definition = definition_of(tx, &point.indicator).await?.ok_or_else(lost)?;
            let mut errors = Vec::new();
            let said = Said {
                value: body.value,
                unit: body.unit,
                decimals: body.decimals,
                numerator: body.numerator,
                denominator: body.denominator,
            };
            let judged = said.judge(&definition, &mut errors);
            if point.period_to > tx.now().local_day() && !body.provisional {
                errors.push(FieldError::at("/provisional", "in_the_future", "the period is not over"));
            }
            let Judged { value, decimals } = judged.filter(|_| errors.is_empty()).ok_or(Problem::invalid(errors))?;
            let next = Version {
                observation_id: id,
                version: point.version + 1,
                value,
                decimals: i16::from(decimals),
                numerator: body.numerator,
                denominator: body.denominator,
                source: body.source,
                note: body.note,
                printed: body.printed,
                provisional: body.provisional,
                reason: Some(body.reason),
                recorded_at: tx.now(),
                recorded_by: command.actor.name.clone(),
            };
            store::revise(tx, &next).await?;
            Ok::<_, Stop>(Done::changed(next.version, history(tx, id).await?))
        })
        .await?;
    written.respond("full", async |_| show(&service, &command.actor, id).await).await
}
