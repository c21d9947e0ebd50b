//! Reading and defining indicators.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::{domain, store};
use crate::measure::figure::By;
use crate::measure::{Decimal, Definition, Polarity, Unit};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_indicators).service(read_indicator).service(define_indicator);
}

/// The definition of an indicator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Indicator)]
pub struct IndicatorView {
    /// Its code.
    #[schema(example = "decided_in_time")]
    pub code: String,
    /// What people call it.
    pub title: String,
    /// What counts.
    pub numerator: String,
    /// Out of what; absent for counts and pounds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<String>,
    /// In which unit.
    pub unit: Unit,
    /// To how many decimals it is shown.
    pub decimals: u8,
    /// Which way is better.
    pub polarity: Polarity,
    /// By how much it may move and still count as level: per cent of the earlier figure, or
    /// percentage points where the unit is a percentage.
    pub tolerance: Decimal,
    /// Who defines it so.
    pub source: String,
    /// Whether that source was seen to say so; if not, treat the definition as a proposal.
    pub verified: bool,
    /// Whether it is counted here over referrals and allocations, or published by others.
    pub computed: bool,
    /// By what it can be broken down: `locality`, `service`, `part`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub breakdowns: Vec<By>,
    /// What a part is, if it can be broken down by parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "area of the outcome ladder")]
    pub part_is: Option<String>,
    /// Since when it is defined.
    pub created_at: DateTime<Utc>,
    /// By whom.
    pub created_by: String,
}

impl IndicatorView {
    fn of(definition: Definition) -> Self {
        Self {
            code: definition.code,
            title: definition.title,
            numerator: definition.numerator,
            denominator: definition.denominator,
            unit: definition.unit,
            decimals: definition.decimals,
            polarity: definition.polarity,
            tolerance: definition.tolerance,
            source: definition.source,
            verified: definition.verified,
            computed: definition.computed,
            breakdowns: definition.breakdowns,
            part_is: definition.part_is,
            created_at: definition.created_at,
            created_by: definition.created_by,
        }
    }
}

/// List indicators
///
/// What is measured, the newest definitions first.
#[utoipa::path(operation_id = "list_indicators", tag = "figures",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<IndicatorView>)))]
#[get("/v1/indicators")]
async fn list_indicators(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::INDICATOR_READ, async |tx| {
            policy::INDICATOR_READ.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, after) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, after, limit).await?;
            let key = |row: &Definition| Cursor { sort_at: row.created_at, id: row.id };
            Ok(Page::from_rows(rows, limit, key, IndicatorView::of))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an indicator
///
/// Its definition: what counts, out of what, which way is better.
#[utoipa::path(operation_id = "read_indicator", tag = "figures",
    params(("code" = String, Path, description = "The indicator's code")),
    responses((status = 200, body = IndicatorView)))]
#[get("/v1/indicators/{code}")]
async fn read_indicator(service: Data<Service>, actor: Actor, code: Path<String>) -> Result<HttpResponse, Problem> {
    let view = show(&service, &actor, &code).await?;
    Ok(found(1, "definition", &view))
}

async fn show(service: &Service, actor: &Actor, code: &str) -> Result<IndicatorView, Problem> {
    service
        .read(actor, &policy::INDICATOR_READ, async |tx| {
            policy::INDICATOR_READ.require(actor)?;
            store::find(tx, code).await.map(IndicatorView::of)
        })
        .await
}

/// A new definition.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIndicator {
    /// Its code: lower-case words joined by underscores.
    #[schema(
        min_length = 1,
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(_[a-z0-9]+)*$",
        example = "vehicle_crime_rate"
    )]
    pub code: String,
    /// What people call it.
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// What counts.
    #[schema(min_length = 1, max_length = 1000)]
    pub numerator: String,
    /// Out of what; required unless the unit is `count` or `pounds`.
    #[schema(min_length = 1, max_length = 1000)]
    pub denominator: Option<String>,
    /// In which unit.
    pub unit: Unit,
    /// To how many decimals it is shown.
    #[schema(minimum = 0, maximum = 4)]
    pub decimals: u8,
    /// Which way is better.
    pub polarity: Polarity,
    /// By how much it may move and still count as level: per cent of the earlier figure, or
    /// percentage points where the unit is a percentage. At most four decimals.
    #[schema(minimum = 0, maximum = 1000)]
    pub tolerance: f64,
    /// Who defines it so.
    #[schema(min_length = 1, max_length = 1000)]
    pub source: String,
    /// Whether that source was seen to say so.
    pub verified: bool,
}

impl NewIndicator {
    fn check(&self) -> Result<Decimal, Problem> {
        let mut errors: Vec<FieldError> =
            domain::check_base(self.unit, self.denominator.as_deref()).into_iter().collect();
        match domain::tolerance(self.tolerance) {
            Ok(tolerance) if errors.is_empty() => return Ok(tolerance),
            Ok(_) => {}
            Err(error) => errors.push(error),
        }
        Err(Problem::invalid(errors))
    }
}

/// Define an indicator
///
/// One whose figures are published or supplied by others; what is counted here is not defined by hand.
#[utoipa::path(operation_id = "define_indicator", tag = "figures", request_body = NewIndicator,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = IndicatorView)))]
#[post("/v1/indicators")]
async fn define_indicator(service: Data<Service>, command: Command<NewIndicator>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::INDICATOR_DEFINE, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            let tolerance = body.check()?;
            let definition = Definition {
                id: Uuid::now_v7(),
                code: body.code,
                title: body.title,
                numerator: body.numerator,
                denominator: body.denominator,
                unit: body.unit,
                decimals: body.decimals,
                polarity: body.polarity,
                tolerance,
                source: body.source,
                verified: body.verified,
                computed: false,
                breakdowns: Vec::new(),
                part_is: None,
                created_at: tx.now(),
                created_by: command.actor.name.clone(),
            };
            store::insert(tx, &definition).await?;
            tx.entry.record = Some(definition.id);
            let location = format!("/v1/indicators/{}", definition.code);
            Ok::<_, Stop>(Done::created(location, 1, IndicatorView::of(definition)))
        })
        .await?;
    written
        .respond("definition", async |stored| {
            let code = stored.location.as_deref().and_then(|location| location.rsplit('/').next()).unwrap_or_default();
            show(&service, &command.actor, code).await
        })
        .await
}
