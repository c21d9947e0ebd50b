//! `GET /v1/case-studies`: what may be told now.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::db::from_nullable_jsonb;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::store::study::{self, Row};
use crate::measurement::domain::ConsentId;
use crate::measurement::domain::content::Whose;
use crate::measurement::domain::voice::StudyScope;
use crate::policy;

/// Routes of case studies.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_case_studies).service(read_case_study);
}

/// Words of a family that may be told now.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseStudyView {
    /// Its id, that of the consent it rests on.
    pub id: Uuid,
    /// What kind of work it was, a code of the set `case_type`.
    pub case_type: String,
    /// Which service helped.
    pub team: String,
    /// How far the consent goes.
    pub scope: StudyScope,
    /// The name to be shown; none of an anonymous one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credited_as: Option<String>,
    /// Since when it may be told.
    pub given_on: NaiveDate,
    /// The words.
    pub quotes: Vec<CaseStudyQuote>,
}

/// Something somebody said.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct CaseStudyQuote {
    /// Who said it.
    pub whose: Whose,
    /// What it is about, a code of the set `voice_about`.
    pub about: String,
    /// The words; where a member's name was, `[name]`.
    pub words: String,
    /// Whether a name was taken out. What else may give the family away, a place or a school, is for you to see.
    pub masked: bool,
}

impl CaseStudyView {
    fn of(row: Row) -> Result<Self, Problem> {
        let quotes = from_nullable_jsonb(row.quotes)?;
        Ok(Self {
            id: row.id,
            case_type: row.case_type,
            team: row.team,
            scope: row.scope.parse().map_err(|()| Problem::internal(&"unknown scope of a consent"))?,
            credited_as: row.credited_as,
            given_on: row.given_on,
            quotes: quotes.unwrap_or_default(),
        })
    }
}

/// List what may be told as a case study
///
/// Only where a consent stands today; what was withdrawn is gone. Read it each time before you use it. Analysts see
/// all, a team its own; neither learns here of which family it is.
#[utoipa::path(operation_id = "list_case_studies", tag = "family voice",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<CaseStudyView>)))]
#[get("/v1/case-studies")]
async fn list_case_studies(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_CASE_STUDIES, async |tx| {
            policy::READ_CASE_STUDIES.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = study::page(tx, &actor.scopes(), cursor, limit).await?;
            tx.entry.records = rows.iter().map(|row| row.id).collect();
            let page =
                Page::from_rows(rows, limit, |row| Cursor { sort_at: row.sort_at, id: row.id }, CaseStudyView::of);
            Ok(Page { items: page.items.into_iter().collect::<Result<Vec<_>, _>>()?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a case study
///
/// As long as its consent stands.
#[utoipa::path(operation_id = "read_case_study", tag = "family voice",
    params(("id" = uuid::Uuid, Path, description = "The case study's id")),
    responses((status = 200, body = CaseStudyView)))]
#[get("/v1/case-studies/{id}")]
async fn read_case_study(service: Data<Service>, actor: Actor, id: Path<ConsentId>) -> Result<HttpResponse, Problem> {
    let id = *id;
    let view = service
        .read(&actor, &policy::READ_CASE_STUDIES, async |tx| {
            tx.entry.record = Some(id.0);
            let row = study::find(tx, id.0).await?;
            policy::READ_CASE_STUDIES.require(&actor)?;
            tx.entry.records.push(id.0);
            CaseStudyView::of(row)
        })
        .await?;
    Ok(HttpResponse::Ok().json(view))
}
