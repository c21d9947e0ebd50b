//! `GET /v1/indicators/{code}/figure`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::Serialize;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::measure::definition::is_code;
use crate::measure::figure::{By, EVERYWHERE};
use crate::measure::{Counted, Figure, Period, store as measure};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(read_figure);
}

/// An indicator over a period.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IndicatorFigure)]
pub struct FigureView {
    /// The indicator's code.
    #[schema(example = "decided_in_time")]
    pub indicator: String,
    /// What people call it.
    pub title: String,
    /// What counts.
    pub numerator: String,
    /// Out of what; absent for counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<String>,
    /// The figure of the whole county.
    pub figure: Figure,
    /// By what it is broken down, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<By>,
    /// What a part is, if it is broken down by parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_is: Option<String>,
    /// The parts, by code. What no event named is `not-known`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<FigurePart>,
}

/// One part of a figure.
#[derive(Debug, Serialize, ToSchema)]
pub struct FigurePart {
    /// The district's, service's or part's code.
    #[schema(example = "charnwood")]
    pub code: String,
    /// Its figure.
    pub figure: Figure,
}

/// Count an indicator over a period
///
/// Any indicator that is counted here, from one day to another, both included, as England counts
/// days; broken down if asked. The definition stands beside the figure.
#[utoipa::path(operation_id = "read_figure", tag = "figures",
    params(("code" = String, Path, description = "The indicator's code"),
           ("from" = NaiveDate, Query, description = "The first day"),
           ("to" = NaiveDate, Query, description = "The last day"),
           ("by" = Option<By>, Query, description = "Broken down by this; the indicator says by what it can be")),
    responses((status = 200, body = FigureView)))]
#[get("/v1/indicators/{code}/figure")]
async fn read_figure(
    service: Data<Service>,
    actor: Actor,
    code: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let view = service
        .read(&actor, &policy::FIGURE_READ, async |tx| {
            policy::FIGURE_READ.require(&actor)?;
            let known = if is_code(&code) { measure::definitions(tx, &[code.to_string()]).await? } else { Vec::new() };
            let definition = known.into_iter().find(|d| d.computed).ok_or_else(Problem::not_found)?;
            let mut query = Query::of(&request);
            let from = query.required::<NaiveDate>("from", "a day such as 2016-04-01");
            let to = query.required::<NaiveDate>("to", "a day such as 2017-03-31");
            let by = query.optional::<By>("by", "locality, service or part");
            query.finish()?;
            let (Some(from), Some(to)) = (from, to) else { return Err(Problem::internal(&"a period without days")) };
            if to < from {
                return Err(Problem::parameter("to", "before_from", "is before the first day"));
            }
            if by.is_some_and(|by| !definition.breakdowns.contains(&by)) {
                let offered: Vec<&str> = definition.breakdowns.iter().map(|by| by.as_str()).collect();
                let detail = format!("this indicator is counted by: {}", offered.join(", "));
                return Err(Problem::parameter("by", "not_available", detail));
            }
            let asked = Period { from, to, label: format!("{from} to {to}") };
            let cells = measure::count(tx, &definition, &asked).await?;
            let completeness = measure::completeness(tx).await?;
            let today = tx.now().local_day();
            let share = definition.unit.scale().is_some();
            let figure = |counted: Counted, geography: &str| {
                counted.figure(&definition, asked.clone(), geography, completeness.clone(), today)
            };
            let parts = by.map(|by| {
                let geography = |code: &str| if by == By::Locality { code.to_owned() } else { EVERYWHERE.to_owned() };
                Counted::by(&cells, by, share)
                    .into_iter()
                    .map(|(code, counted)| FigurePart { figure: figure(counted, &geography(&code)), code })
                    .collect()
            });
            Ok(FigureView {
                figure: figure(Counted::total(&cells, share), EVERYWHERE),
                parts: parts.unwrap_or_default(),
                part_is: by.filter(|by| *by == By::Part).and_then(|_| definition.part_is.clone()),
                by,
                indicator: definition.code,
                title: definition.title,
                numerator: definition.numerator,
                denominator: definition.denominator,
            })
        })
        .await?;
    Ok(HttpResponse::Ok().json(view))
}
