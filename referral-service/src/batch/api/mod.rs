//! `/v1/referral-batches`.

mod answer;
mod stop;

use actix_web::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, get, post};
use chrono::{DateTime, Utc};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem, ProblemDocument};
use shared::query::Query;
use shared::request::Upload;
use shared::service::{Done, Service, found};
use utoipa_actix_web::service_config::ServiceConfig;

use super::chunk;
use super::column::expected;
use super::export;
use super::store::{self, Batch};
use super::taking::{self, Layout};
use super::view::{BatchId, BatchView, BatchesFor};
use crate::policy;
use crate::sheet;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(read_batch_template)
        .service(send_referral_batch)
        .service(list_referral_batches)
        .service(read_referral_batch)
        .service(stop::stop_referral_batch)
        .service(stop::resume_referral_batch)
        .service(answer::list_batch_rows)
        .service(answer::export_batch_rows);
}

fn not_csv() -> Problem {
    let wanted = FieldError::parameter("Content-Type", "not_csv", "send text/csv");
    Problem::new(problem::UNSUPPORTED_MEDIA).detail("this address takes a CSV file").errors(vec![wanted])
}

/// What is said of a file that came before.
fn sent_before((earlier, received_at): (BatchId, DateTime<Utc>)) -> FieldError {
    let detail = format!(
        "has the same bytes as the file {earlier}, which came on {}: only rows whose their_reference was sent before are refused, and the others are taken again",
        received_at.local_day()
    );
    FieldError::at("", "sent_before", detail)
}

/// Send many referrals in a file
///
/// A CSV file with a header: a row for each person; rows with the same `referral_key` make one referral. The columns stand in
/// `template.csv`. Each referral is taken whole or refused whole, under the rules of a single one, and every row is
/// answered at `…/rows`. A file of up to 500 rows is answered when all is done (201); a larger one, of up to 100,000 rows and
/// 20 MiB, goes on in the background (202): read it again to see how far it is. It is held if your rights are revoked
/// meanwhile, and can be stopped.
///
/// UTF-8 with or without a byte-order mark, and Windows-1252; commas, semicolons or tabs; days as `2019-02-03` or
/// `03/02/2019`. A cell that begins like a formula is text. A file whose header lacks a column, has one twice or
/// one we don't know is refused as a whole, with each named.
///
/// A referral whose `their_reference` your agency has sent before, and not withdrawn, is refused as `already_sent`, so that
/// a file which was put right can be sent again whole. One with the bytes of an earlier file has a warning that names it.
#[utoipa::path(operation_id = "send_referral_batch", tag = "referral batches",
    request_body(content = String, content_type = "text/csv", description = "The file", example = "relation,given_name,family_name,birth_date,referrer_name,referrer_role,concerns,worries\nchild,Juniper,Testcase,2019-02-03,Ms A Teacher (invented),teacher,good-education,Often absent."),
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new file, the same when sent again")),
    responses((status = 201, body = BatchView, description = "Every row has been answered"), (status = 202, body = BatchView, description = "Rows are still waiting"),
        (status = 413, body = ProblemDocument), (status = 415, body = ProblemDocument), (status = 503, body = ProblemDocument)))]
#[post("/v1/referral-batches")]
async fn send_referral_batch(service: Data<Service>, upload: Upload) -> Result<HttpResponse, Problem> {
    let actor = &upload.command.actor;
    let written = service
        .write(&upload.command, &policy::SEND_BATCH, async |tx| {
            tx.proceed(None).await?;
            if upload.media != "text/csv" {
                return Err(not_csv().into());
            }
            let bytes = upload.bytes();
            // A large file takes a moment to read, in which others are to be served.
            let read = web::block(move || sheet::read(&bytes, &expected()))
                .await
                .map_err(|error| Problem::internal(&error))?;
            let mut file = read.map_err(Problem::invalid)?;
            let now = tx.now();
            let rules = service.rules();
            let kept = rules.must_due("referral_batch_rows", now)?;
            let batch = Layout {
                id: BatchId::new(),
                received_at: now,
                separator: file.separator,
                columns: std::mem::take(&mut file.columns),
            };
            let digest = upload.command.fingerprint();
            file.warnings.extend(store::same_file(tx, actor, &digest).await?.map(sent_before));
            store::insert(tx, &batch, &file, &digest, actor, kept).await?;
            tx.entry.record = Some(batch.id.0);
            let address = format!("/v1/referral-batches/{}", batch.id);
            if let [groups] = file.chunks.as_slice() {
                let outcome = taking::take(tx, actor, &rules, &batch, groups, now).await?;
                outcome.events.into_iter().for_each(|event| tx.publish(event));
                tx.entry.people = outcome.people;
                let row = store::find(tx, batch.id).await?;
                return Ok(Done::created(address, row.version, BatchView::of(row)?));
            }
            chunk::insert(tx, batch.id, &file.chunks).await?;
            let row = store::find(tx, batch.id).await?;
            Ok(Done::accepted(address, row.version, BatchView::of(row)?))
        })
        .await?;
    written.respond("batch", async |stored| Ok(show(&service, actor, BatchId(stored.id()?)).await?.1)).await
}

/// Read the template of a file of referrals
///
/// Every column, and a referral of two people as an example.
#[utoipa::path(operation_id = "read_batch_template", tag = "referral batches",
    responses((status = 200, body = String, content_type = "text/csv")))]
#[get("/v1/referral-batches/template.csv")]
async fn read_batch_template(actor: Actor) -> Result<HttpResponse, Problem> {
    policy::SEND_BATCH.require(&actor)?;
    let text = export::template().map_err(|cause| Problem::internal(&cause))?;
    Ok(csv("referrals-template").body(text))
}

/// An answer that is a CSV file of this name.
fn csv(name: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, "text/csv; charset=utf-8"))
        .insert_header((CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")));
    answer
}

/// List files of referrals
///
/// Those you have sent, newest first; with `for=all` every one you may stop: your agency's, or all of them for First
/// Response and the partnership's administrators.
#[utoipa::path(operation_id = "list_referral_batches", tag = "referral batches",
    params(("for" = inline(Option<BatchesFor>), Query, description = "Whose; yours unless asked otherwise"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<BatchView>)))]
#[get("/v1/referral-batches")]
async fn list_referral_batches(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::OVERSEE_BATCH, async |tx| {
            policy::OVERSEE_BATCH.require(&actor)?;
            let mut query = Query::of(&request);
            let whose = query.optional("for", "me or all").unwrap_or(BatchesFor::Me);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = store::list(tx, &whose.scopes(&actor), cursor, limit).await?;
            let key = |row: &Batch| Cursor { sort_at: row.received_at, id: row.id.0 };
            let page = Page::from_rows(rows, limit, key, BatchView::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

async fn show(service: &Service, actor: &Actor, id: BatchId) -> Result<(i64, BatchView), Problem> {
    service
        .read(actor, &policy::OVERSEE_BATCH, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::OVERSEE_BATCH.require(actor)?;
            Ok((row.version, BatchView::of(row)?))
        })
        .await
}

/// Read a file of referrals
///
/// How far it is: for whoever sent it, their agency, First Response and administrators. Its rows are its sender's alone.
#[utoipa::path(operation_id = "read_referral_batch", tag = "referral batches",
    params(("id" = uuid::Uuid, Path, description = "The batch's id")),
    responses((status = 200, body = BatchView)))]
#[get("/v1/referral-batches/{id}")]
async fn read_referral_batch(service: Data<Service>, actor: Actor, id: Path<BatchId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, id.into_inner()).await?;
    Ok(found(version, "batch", &view))
}
