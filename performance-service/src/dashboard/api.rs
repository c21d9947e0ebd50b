//! Reading and defining dashboards.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::db::Tx;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::DashboardContent;
use super::store::{self, Stored};
use super::view::{DashboardView, fill};
use crate::measure::store as measure;
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_dashboards)
        .service(read_dashboard)
        .service(define_dashboard)
        .service(read_definition)
        .service(redefine_dashboard);
}

/// A dashboard on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardLine {
    /// Its id.
    #[schema(example = "partnership")]
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The version of its definition.
    pub version: i64,
    /// When that was recorded.
    pub recorded_at: DateTime<Utc>,
}

/// List dashboards
///
/// The newest first. Read one to see its figures.
#[utoipa::path(operation_id = "list_dashboards", tag = "figures",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<DashboardLine>)))]
#[get("/v1/dashboards")]
async fn list_dashboards(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::DASHBOARD_READ, async |tx| {
            policy::DASHBOARD_READ.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, after) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, after, limit).await?;
            let key = |row: &store::Listed| Cursor { sort_at: row.created_at, id: row.id };
            let show = |row: store::Listed| DashboardLine {
                id: row.code,
                title: row.title,
                version: row.version,
                recorded_at: row.recorded_at,
            };
            Ok(Page::from_rows(rows, limit, key, show))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a dashboard
///
/// Its figures as they stand now, the change computed from them, and beside it what was printed.
/// `partnership` is counted over this system's own referrals and allocations. The ETag is the
/// version of the definition, not of the figures.
#[utoipa::path(operation_id = "read_dashboard", tag = "figures",
    params(("id" = String, Path, description = "The dashboard's id")),
    responses((status = 200, body = DashboardView)))]
#[get("/v1/dashboards/{id}")]
async fn read_dashboard(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let view = show(&service, &actor, &id).await?;
    Ok(found(view.version, "figures", &view))
}

async fn show(service: &Service, actor: &Actor, id: &str) -> Result<DashboardView, Problem> {
    service
        .read(actor, &policy::DASHBOARD_READ, async |tx| {
            policy::DASHBOARD_READ.require(actor)?;
            let stored = store::find(tx, id).await?;
            let now = tx.now();
            fill(tx, stored, now).await
        })
        .await
}

/// What a dashboard is defined to show, and the versions before.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardDefinitionView {
    /// Its id.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// The version of its definition.
    pub version: i64,
    /// What it shows.
    pub content: DashboardContent,
    /// Who defined it when, the newest first.
    pub versions: Vec<DashboardVersion>,
}

/// A version of a dashboard's definition.
#[derive(Debug, Serialize, ToSchema)]
pub struct DashboardVersion {
    /// Which.
    pub version: i64,
    /// What it called the dashboard.
    pub title: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}

/// Read a dashboard's definition
///
/// As it can be sent again with changes; send the ETag as `If-Match` then.
#[utoipa::path(operation_id = "read_dashboard_definition", tag = "figures",
    params(("id" = String, Path, description = "The dashboard's id")),
    responses((status = 200, body = DashboardDefinitionView)))]
#[get("/v1/dashboards/{id}/definition")]
async fn read_definition(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let view = service
        .read(&actor, &policy::DASHBOARD_READ, async |tx| {
            policy::DASHBOARD_READ.require(&actor)?;
            let stored = store::find(tx, &id).await?;
            let versions = store::versions(tx, stored.id).await?;
            let show = |row: store::Recorded| DashboardVersion {
                version: row.version,
                title: row.title,
                recorded_at: row.recorded_at,
                recorded_by: row.recorded_by,
            };
            Ok(DashboardDefinitionView {
                id: stored.code,
                title: stored.title,
                version: stored.version,
                content: stored.content,
                versions: versions.into_iter().map(show).collect(),
            })
        })
        .await?;
    Ok(found(view.version, "definition", &view))
}

/// A new dashboard.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDashboard {
    /// Its id, as it will stand in its address.
    pub id: Word,
    /// What it is called.
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// What it shows.
    pub content: DashboardContent,
}

/// What a dashboard is to show from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DashboardRedefinition {
    /// What it is called.
    #[schema(min_length = 1, max_length = 300)]
    pub title: String,
    /// What it shows.
    pub content: DashboardContent,
}

/// Define a dashboard
///
/// Which indicators it shows in which groups, over which windows or of which observations, and what
/// was printed beside them. The indicators and observations must be there already.
#[utoipa::path(operation_id = "define_dashboard", tag = "figures", request_body = NewDashboard,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = DashboardView)))]
#[post("/v1/dashboards")]
async fn define_dashboard(service: Data<Service>, command: Command<NewDashboard>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::DASHBOARD_DEFINE, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            check(tx, &body.content).await?;
            let now = tx.now();
            let new = Stored {
                id: Uuid::now_v7(),
                code: body.id.as_str().to_owned(),
                version: 1,
                created_at: now,
                title: body.title,
                content: body.content,
                recorded_at: now,
                recorded_by: command.actor.name.clone(),
            };
            store::insert(tx, &new).await?;
            tx.entry.record = Some(new.id);
            let location = format!("/v1/dashboards/{}", new.code);
            Ok::<_, Stop>(Done::created(location, 1, fill(tx, new, now).await?))
        })
        .await?;
    written.respond("figures", async |_| show(&service, &command.actor, command.body()?.id.as_str()).await).await
}

/// Change what a dashboard shows
///
/// The definition is replaced by a new version; the versions before are kept.
#[utoipa::path(operation_id = "redefine_dashboard", tag = "figures", request_body = DashboardRedefinition,
    params(("id" = String, Path, description = "The dashboard's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = DashboardView)))]
#[post("/v1/dashboards/{id}/definition")]
async fn redefine_dashboard(
    service: Data<Service>,
    command: Command<DashboardRedefinition>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::DASHBOARD_DEFINE, async |tx| {
            // Who may not read dashboards is not told which there are.
            policy::DASHBOARD_READ.require(&command.actor)?;
            let current = store::find(tx, &id).await?;
            tx.entry.record = Some(current.id);
            tx.proceed(Some(current.version)).await?;
            let body = command.body()?;
            check(tx, &body.content).await?;
            let now = tx.now();
            let next = Stored {
                version: current.version + 1,
                title: body.title,
                content: body.content,
                recorded_at: now,
                recorded_by: command.actor.name.clone(),
                ..current
            };
            store::revise(tx, &next).await?;
            Ok::<_, Stop>(Done::changed(next.version, fill(tx, next, now).await?))
        })
        .await?;
    written.respond("figures", async |_| show(&service, &command.actor, &id).await).await
}

async fn check(connection: &mut Tx, content: &DashboardContent) -> Result<(), Problem> {
    let definitions = measure::definitions(connection, &content.indicators()).await?;
    let known: Vec<_> =
        measure::reported(connection, &content.points()).await?.into_iter().map(|(key, _)| key).collect();
    let errors = content.errors(&definitions, &known);
    Problem::refuse_any(errors)
}
