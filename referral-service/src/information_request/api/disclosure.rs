//! `GET /v1/people/{id}/disclosures`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::actor::Actor;
use shared::id::PersonId;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use utoipa::ToSchema;

use super::super::store::{self, Told};
use crate::policy;

/// That something about a person was told to another agency.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisclosureView {
    /// When.
    pub at: DateTime<Utc>,
    /// Who told it.
    pub from_agency: String,
    /// To whom.
    pub to_agency: String,
    /// Which fields: names of fields, or codes of the set `information-scope`.
    pub fields: Vec<String>,
    /// Why, a code of the set `information-purpose`.
    pub purpose: String,
    /// On which basis, a code of the set `lawful-basis`.
    pub lawful_basis: String,
    /// The address of the record in which it was told. Whether you may read that is its own question.
    #[schema(example = "/v1/information-requests/0198c0de-0000-7000-8000-000000000003")]
    pub about: String,
    /// Who did it.
    pub by: String,
}

impl DisclosureView {
    fn of(row: Told) -> Self {
        Self {
            at: row.at,
            from_agency: row.from_agency,
            to_agency: row.to_agency,
            fields: row.fields,
            purpose: row.purpose,
            lawful_basis: row.lawful_basis,
            about: format!("/v1/{}/{}", row.about, row.about_id),
            by: row.by_name,
        }
    }
}

/// List what was told about a person
///
/// To which agency, which fields, for which purpose and on which basis, newest first: never what the fields say. For
/// information governance and managers of First Response.
#[utoipa::path(operation_id = "list_disclosures", tag = "people",
    params(("id" = uuid::Uuid, Path, description = "The person's id"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<DisclosureView>)))]
#[get("/v1/people/{id}/disclosures")]
pub async fn list_disclosures(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<PersonId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let page = service
        .read(&actor, &policy::READ_DISCLOSURES, async |tx| {
            tx.entry.record = Some(id.0);
            if !store::person_is_seen(tx, id.0).await? {
                return Err(Problem::not_found());
            }
            policy::READ_DISCLOSURES.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            tx.entry.people.push(id.0);
            let rows = store::disclosures(tx, id.0, cursor, limit).await?;
            Ok(Page::from_rows(rows, limit, |row| Cursor { sort_at: row.at, id: row.id }, DisclosureView::of))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}
