//! What became of the rows: page by page, and as a file.

use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get};
use chrono::DateTime;
use diesel_async::AsyncPgConnection;
use futures::future::ready;
use futures::stream::{self, StreamExt};
use shared::actor::Actor;
use shared::page::{Cursor, Page};
use shared::problem::Problem;
use shared::query::Query;
use shared::service::Service;
use uuid::Uuid;

use super::csv;
use crate::batch::export::Table;
use crate::batch::store::{self, KeptRow};
use crate::batch::view::{BatchId, BatchRowView, RowOutcome, row_problems};
use crate::policy;

/// What an outcome asked for may be.
const OUTCOMES: &str = "taken, refused or not_taken";

/// A cursor between rows: their number is all there is to it.
fn after_row(row: i32) -> Cursor {
    Cursor { sort_at: DateTime::UNIX_EPOCH, id: Uuid::from_u128(u128::try_from(row).unwrap_or(0)) }
}

/// The row a page begins after; before the first, for a cursor that was not sent.
fn row_after(cursor: Cursor) -> i32 {
    i32::try_from(cursor.id.as_u128()).unwrap_or(0)
}

/// List what became of the rows of a file
///
/// In the order of the file. `outcome=refused` shows what is to be put right. Only whoever sent it sees them.
#[utoipa::path(operation_id = "list_batch_rows", tag = "referral batches",
    params(("id" = Uuid, Path, description = "The batch's id"),
           ("outcome" = Option<RowOutcome>, Query, description = "Only those of which this became"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<BatchRowView>)))]
#[get("/v1/referral-batches/{id}/rows")]
pub async fn list_batch_rows(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<BatchId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let page = service
        .read(&actor, &policy::SEND_BATCH, async |tx| {
            tx.entry.record = Some(id.0);
            store::find_own(tx, id, &actor).await?;
            policy::SEND_BATCH.require(&actor)?;
            let mut query = Query::of(&request);
            let outcome = query.optional::<RowOutcome>("outcome", OUTCOMES);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::rows(tx, id, row_after(cursor), outcome, limit + 1).await?;
            let page = Page::from_rows(rows, limit, |row| after_row(row.number), BatchRowView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read what became of the rows of a file, as a file
///
/// What became of each row and why, and the cells of those that were refused or not taken, for as long as they are kept: put them
/// right and send the file again as it is. Of those that were taken it has the `referral_key`, `their_reference` and the
/// new referral's reference, and no other cell. `outcome=refused` leaves out what was taken. A cell that begins like a formula
/// has an apostrophe before it, which is taken off when it comes back. The file comes in pieces as it is read; a transfer
/// that breaks off is not the whole of it.
#[utoipa::path(operation_id = "export_batch_rows", tag = "referral batches",
    params(("id" = Uuid, Path, description = "The batch's id"),
           ("outcome" = Option<RowOutcome>, Query, description = "Only those of which this became")),
    responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/v1/referral-batches/{id}/rows.csv")]
pub async fn export_batch_rows(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<BatchId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    // The look stands in the audit log before anything of it leaves.
    let (first, rest) = service
        .read(&actor, &policy::SEND_BATCH, async |tx| {
            tx.entry.record = Some(id.0);
            let header = store::find_own(tx, id, &actor).await?.header;
            policy::SEND_BATCH.require(&actor)?;
            let mut query = Query::of(&request);
            let outcome = query.optional::<RowOutcome>("outcome", OUTCOMES);
            query.finish()?;
            let mut table = Table::new();
            let columns = header.iter().map(String::as_str).filter(|name| !name.is_empty());
            let head = ["row", "outcome", "reference", "problems"].into_iter().chain(columns);
            table.row(head).map_err(|cause| Problem::internal(&cause))?;
            FilePart { header, outcome, after: Some(0) }.written(tx, id, table).await
        })
        .await?;
    let rest = stream::try_unfold(rest, move |part| {
        let (service, actor) = (service.clone(), actor.clone());
        async move { if part.after.is_some() { next(&service, &actor, id, part).await.map(Some) } else { Ok(None) } }
    });
    Ok(csv("referrals-answer").streaming(stream::once(ready(Ok(first))).chain(rest)))
}

/// How many rows are read at a time for a file.
const AT_A_TIME: i64 = 2000;

/// How far the file of a batch's rows is.
struct FilePart {
    header: Vec<String>,
    outcome: Option<RowOutcome>,
    /// The last row that was written; none when all are.
    after: Option<i32>,
}

impl FilePart {
    /// The next rows, added to a table, and how far the file is then.
    async fn written(
        mut self,
        connection: &mut AsyncPgConnection,
        id: BatchId,
        mut table: Table,
    ) -> Result<(Bytes, FilePart), Problem> {
        let rows = store::rows(connection, id, self.after.unwrap_or(0), self.outcome, AT_A_TIME).await?;
        let full = i64::try_from(rows.len()).is_ok_and(|count| count == AT_A_TIME);
        self.after = rows.last().filter(|_| full).map(|row| row.number);
        for row in &rows {
            let cells = exported(row, &self.header)?;
            table.row(cells.iter().map(String::as_str)).map_err(|cause| Problem::internal(&cause))?;
        }
        let bytes = table.finish().map_err(|cause| Problem::internal(&cause))?;
        Ok((bytes.into(), self))
    }
}

/// The next part, in a transaction of its own: whoever no longer sees the batch gets no more of it. An error breaks
/// the transfer off, so that nobody takes the part for the whole.
async fn next(service: &Service, actor: &Actor, id: BatchId, part: FilePart) -> Result<(Bytes, FilePart), Problem> {
    let read = service.read(actor, &policy::SEND_BATCH, async |tx| {
        store::find_own(tx, id, actor).await?;
        part.written(tx, id, Table::continued()).await
    });
    read.await.inspect_err(|cause| tracing::warn!(%cause, batch = %id, "the file of a batch's rows broke off"))
}

/// A row as the file shows it: what became of it, then its own cells.
fn exported(row: &KeptRow, columns: &[String]) -> Result<Vec<String>, Problem> {
    let said = row_problems(row)?.into_iter().map(|problem| match problem.column {
        Some(column) => format!("{column} {}", problem.detail),
        None => problem.detail,
    });
    let said = said.collect::<Vec<_>>().join("; ");
    let mut cells = vec![row.number.to_string(), row.outcome.clone(), row.reference.clone().unwrap_or_default(), said];
    let own = columns.iter().enumerate().filter(|(_, name)| !name.is_empty());
    cells.extend(own.map(|(at, name)| {
        let kept = match (&row.content, name.as_str()) {
            (Some(content), _) => content.get(at),
            (None, "referral_key") => row.referral_key.as_ref(),
            (None, "their_reference") => row.their_reference.as_ref(),
            (None, _) => None,
        };
        kept.cloned().unwrap_or_default()
    }));
    Ok(cells)
}
