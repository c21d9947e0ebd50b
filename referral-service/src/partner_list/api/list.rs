//! Lists: sent as JSON or as a file, each row answered.

use std::collections::HashMap;

use actix_web::web::{self, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use shared::actor::Actor;
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem, ProblemDocument};
use shared::query::Query;
use shared::request::{Command, Upload};
use shared::service::{Done, Service, Write, found};
use utoipa::ToSchema;

use crate::partner_list::domain::{AgreementId, PartnerListId, PartnerOffer, PartnerStanding};
use crate::partner_list::reading::{Sent, expected, most};
use crate::partner_list::store::family;
use crate::partner_list::store::list::{self, List};
use crate::partner_list::taking::{Coming, agreement_in_force, take};
use crate::policy;
use crate::sheet::{self, Problems, RowProblem, cell};

/// A list as JSON.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "agreement_id": "0198c0de-0000-7000-8000-000000000001", "drawn_on": "2026-11-20",
    "rows": [
        { "family_key": "17", "relation": "child", "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2014-02-03",
          "postcode": "ZZ99 1AA", "reason": "persistent-absence", "reason_on": "2026-11-06" },
        { "family_key": "17", "relation": "parent", "given_name": "Willow", "family_name": "Testcase", "reason": "persistent-absence", "reason_on": "2026-11-06" }
    ]
}))]
pub struct PartnerListForm {
    /// The agreement it comes under.
    pub agreement_id: AgreementId,
    /// As of which day you drew it.
    pub drawn_on: NaiveDate,
    /// A row for each person. Each is answered; one that is wrong is refused with its family, and keeps no other out.
    #[schema(min_items = 1, max_items = 2000)]
    pub rows: Vec<PartnerRowForm>,
}

/// A person on a list, each field as a cell of a file has it. What is wrong with one is said in its row's answer.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartnerRowForm {
    /// Your own mark of which rows make one family; a row without one stands alone.
    #[schema(max_length = 20000)]
    pub family_key: Option<String>,
    /// What the person is in the family: child, parent, carer, sibling, grandparent or other_adult. Needed.
    #[schema(max_length = 20000)]
    pub relation: Option<String>,
    /// Given name. Needed.
    #[schema(max_length = 20000)]
    pub given_name: Option<String>,
    /// Family name. Needed.
    #[schema(max_length = 20000)]
    pub family_name: Option<String>,
    /// Birth date, if the agreement lets you send it.
    #[schema(max_length = 20000)]
    pub birth_date: Option<String>,
    /// Address, if the agreement lets you send it.
    #[schema(max_length = 20000)]
    pub address: Option<String>,
    /// Postcode, if the agreement lets you send it.
    #[schema(max_length = 20000)]
    pub postcode: Option<String>,
    /// School, if the agreement lets you send it.
    #[schema(max_length = 20000)]
    pub school: Option<String>,
    /// Why the family stands on the list, a code of the set `partner_list_reason` that the agreement has. Needed.
    #[schema(max_length = 20000)]
    pub reason: Option<String>,
    /// As of which day. Needed.
    #[schema(max_length = 20000)]
    pub reason_on: Option<String>,
}

impl PartnerRowForm {
    /// As a row of a file says it.
    fn said(self, number: i32, problems: &mut Problems) -> Sent {
        let cells = [
            ("family_key", self.family_key),
            ("relation", self.relation),
            ("given_name", self.given_name),
            ("family_name", self.family_name),
            ("birth_date", self.birth_date),
            ("address", self.address),
            ("postcode", self.postcode),
            ("school", self.school),
            ("reason", self.reason),
            ("reason_on", self.reason_on),
        ];
        let (columns, cells): (Vec<String>, Vec<String>) =
            cells.into_iter().map(|(name, cell)| (name.to_owned(), cell.unwrap_or_default())).unzip();
        let row = sheet::Row { number, text: String::new(), converted: false };
        Sent { number, said: sheet::said(&row, &cells, &columns, most, problems) }
    }
}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartnerRowOutcome {
    /// It was taken, with its family.
    Taken,
    /// Nothing of it was stored.
    Refused,
}

/// The answer to a row.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct PartnerRowAnswer {
    /// Which: as a spreadsheet shows it, the header being row 1; in JSON its place, from 1.
    pub row: i32,
    /// What became of it. Whether the partnership knows the person is not said.
    pub outcome: PartnerRowOutcome,
    /// Why it was refused, or what is worth knowing of it.
    pub problems: Vec<RowProblem>,
}

/// How many families of a list stand how.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerFamilyCount {
    /// How they stand to whom the partnership knows.
    pub standing: PartnerStanding,
    /// How far the offer of help is.
    pub offer: PartnerOffer,
    /// How many.
    pub families: i64,
}

/// A list on a list of lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerListLine {
    /// Its id.
    pub id: PartnerListId,
    /// The agreement it came under.
    pub agreement_id: AgreementId,
    /// The partner.
    pub agency: String,
    /// As of which day it was drawn.
    pub drawn_on: NaiveDate,
    /// When it came.
    pub received_at: DateTime<Utc>,
    /// Who sent it.
    pub sent_by: String,
    /// How many rows it had.
    pub rows: i32,
    /// How many of them were taken.
    pub taken_rows: i32,
    /// How many families they make.
    pub families: i32,
    /// When its families are forgotten.
    pub delete_after: DateTime<Utc>,
    /// When they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTime<Utc>>,
}

impl PartnerListLine {
    fn of(row: List) -> Self {
        Self {
            id: row.id,
            agreement_id: row.agreement_id,
            agency: row.agency,
            drawn_on: row.drawn_on,
            received_at: row.received_at,
            sent_by: row.sent_by_name,
            rows: row.row_count,
            taken_rows: row.taken_rows,
            families: row.family_count,
            delete_after: row.delete_after,
            deleted_at: row.deleted_at,
        }
    }
}

/// A list, with the answer to each row.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerListView {
    /// The list.
    #[serde(flatten)]
    pub list: PartnerListLine,
    /// The answer to each row, until the families are forgotten.
    pub answers: Vec<PartnerRowAnswer>,
    /// How many families stand how; for First Response alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub standings: Vec<PartnerFamilyCount>,
}

async fn whole(connection: &mut AsyncPgConnection, mut row: List) -> Result<PartnerListView, Problem> {
    let counts = family::counts(connection, row.id).await?;
    let unknown = |()| Problem::internal(&"unknown standing or offer of a family");
    let standings = counts.into_iter().map(|one| {
        Ok(PartnerFamilyCount {
            standing: one.standing.parse().map_err(unknown)?,
            offer: one.offer.parse().map_err(unknown)?,
            families: one.families,
        })
    });
    let answers = serde_json::from_value(row.answers.take()).map_err(|error| Problem::internal(&error))?;
    Ok(PartnerListView {
        standings: standings.collect::<Result<_, Problem>>()?,
        answers,
        list: PartnerListLine::of(row),
    })
}

async fn show(service: &Service, actor: &Actor, id: PartnerListId) -> Result<PartnerListView, Problem> {
    service
        .read(actor, &policy::READ_PARTNER_LIST, async |tx| {
            tx.entry.record = Some(id.0);
            let row = list::find(tx, id).await?;
            policy::READ_PARTNER_LIST.require(actor)?;
            whole(tx, row).await
        })
        .await
}

/// List partners' lists
///
/// Those of your agency; all of them for First Response and information governance. Newest first.
#[utoipa::path(operation_id = "list_partner_lists", tag = "partner lists",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<PartnerListLine>)))]
#[get("/v1/partner-lists")]
pub async fn list_partner_lists(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_PARTNER_LIST, async |tx| {
            policy::READ_PARTNER_LIST.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = list::list(tx, &actor.scopes(), cursor, limit).await?;
            let key = |row: &List| Cursor { sort_at: row.received_at, id: row.id.0 };
            Ok(Page::from_rows(rows, limit, key, PartnerListLine::of))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a partner's list
///
/// What became of each row. Whom the partnership knows of it, First Response alone reads.
#[utoipa::path(operation_id = "read_partner_list", tag = "partner lists",
    params(("id" = uuid::Uuid, Path, description = "The list's id")),
    responses((status = 200, body = PartnerListView)))]
#[get("/v1/partner-lists/{id}")]
pub async fn read_partner_list(
    service: Data<Service>,
    actor: Actor,
    id: Path<PartnerListId>,
) -> Result<HttpResponse, Problem> {
    let view = show(&service, &actor, *id).await?;
    Ok(found(1, "list", &view))
}

async fn keep<T>(
    service: &Service,
    tx: &mut Write<'_, T>,
    actor: &Actor,
    coming: Coming,
    at: (&str, &str),
) -> Result<Done<PartnerListView>, Problem> {
    let agreement = agreement_in_force(tx, coming.agreement, coming.drawn_on, at).await?;
    let list = take(tx, actor, &service.rules(), &agreement, coming).await?;
    tx.entry.record = Some(list.id.0);
    let address = format!("/v1/partner-lists/{}", list.id);
    Ok(Done::created(address, 1, whole(tx, list).await?))
}

/// Send a list
///
/// Of families who may need help, under an agreement that is in force. Each row is answered; the list finds families
/// whom nobody has referred yet, and First Response offers them help.
#[utoipa::path(operation_id = "send_partner_list", tag = "partner lists", request_body = PartnerListForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = PartnerListView)))]
#[post("/v1/partner-lists")]
pub async fn send_partner_list(
    service: Data<Service>,
    command: Command<PartnerListForm>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::SEND_PARTNER_LIST, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let mut problems = Problems::new();
            let rows = form.rows.into_iter().zip(1i32..).map(|(row, number)| row.said(number, &mut problems)).collect();
            let coming = Coming { agreement: form.agreement_id, drawn_on: form.drawn_on, rows, problems };
            Ok(keep(&service, tx, actor, coming, ("/agreement_id", "/drawn_on")).await?)
        })
        .await?;
    written.respond("list", async |stored| show(&service, actor, PartnerListId(stored.id()?)).await).await
}

/// Send a list as a file
///
/// CSV with a header: `family_key`, `relation`, `given_name`, `family_name`, `birth_date`, `address`, `postcode`, `school`,
/// `reason`, `reason_on`; a row for each person, at most 2,000. UTF-8 or Windows-1252; commas, semicolons or tabs; days as
/// `2019-02-03` or `03/02/2019`. A file that can't be read, or whose header is wrong, is refused as a whole; otherwise each
/// row is answered.
#[utoipa::path(operation_id = "send_partner_list_file", tag = "partner lists",
    request_body(content = String, content_type = "text/csv", description = "The file", example = "family_key,relation,given_name,family_name,birth_date,reason,reason_on\n17,child,Juniper,Testcase,2014-02-03,persistent-absence,2026-11-06"),
    params(("agreement_id" = uuid::Uuid, Query, description = "The agreement it comes under"),
           ("drawn_on" = NaiveDate, Query, description = "As of which day you drew it"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new file, the same when sent again")),
    responses((status = 201, body = PartnerListView), (status = 413, body = ProblemDocument), (status = 415, body = ProblemDocument), (status = 503, body = ProblemDocument)))]
#[post("/v1/partner-lists/files")]
pub async fn send_partner_list_file(
    service: Data<Service>,
    upload: Upload,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let actor = &upload.command.actor;
    let written = service
        .write(&upload.command, &policy::SEND_PARTNER_LIST, async |tx| {
            tx.proceed(None).await?;
            if upload.media != "text/csv" {
                let wanted = FieldError::parameter("Content-Type", "not_csv", "send text/csv");
                return Err(Problem::new(problem::UNSUPPORTED_MEDIA).errors(vec![wanted]).into());
            }
            let mut query = Query::of(&request);
            let agreement = query.required::<AgreementId>("agreement_id", "an agreement's id");
            let drawn_on = query.required::<NaiveDate>("drawn_on", "a day such as 2026-11-20");
            query.finish()?;
            let (Some(agreement), Some(drawn_on)) = (agreement, drawn_on) else {
                return Err(Problem::new(problem::MALFORMED).into());
            };
            let bytes = upload.bytes();
            let read = web::block(move || rows_of(&bytes)).await.map_err(|error| Problem::internal(&error))?;
            let (rows, problems) = read.map_err(Problem::invalid)?;
            let coming = Coming { agreement, drawn_on, rows, problems };
            Ok(keep(&service, tx, actor, coming, ("/agreement_id", "/drawn_on")).await?)
        })
        .await?;
    written.respond("list", async |stored| show(&service, actor, PartnerListId(stored.id()?)).await).await
}

/// The rows of a file, in their order.
fn rows_of(bytes: &[u8]) -> Result<(Vec<Sent>, Problems), Vec<FieldError>> {
    let file = sheet::read(bytes, &expected())?;
    let mut rows: Vec<sheet::Row> = file.chunks.into_iter().flatten().flat_map(|group| group.rows).collect();
    rows.sort_by_key(|row| row.number);
    let cells: Vec<Vec<String>> = cell::cells(rows.iter(), file.separator);
    let mut problems = Problems::new();
    let said = |row: &sheet::Row, cells: &[String], problems: &mut Problems| -> Option<HashMap<String, String>> {
        sheet::said(row, cells, &file.columns, most, problems)
    };
    let sent =
        rows.iter().zip(&cells).map(|(row, cells)| Sent { number: row.number, said: said(row, cells, &mut problems) });
    let sent = sent.collect();
    Ok((sent, problems))
}
