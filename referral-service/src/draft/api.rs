//! `/v1/referral-drafts`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, delete, get, post, put};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::page::{Cursor, Page};
use shared::payload;
use shared::problem::{FieldError, Problem, ProblemDocument};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::store::{self, Draft, DraftId};
use crate::contact::{self, ReferralForm};
use crate::policy;
use crate::referral::api::show_known;
use crate::referral::domain::ReferralId;
use crate::referral::told::ContactChannel;
use crate::referral::view::ReferralView;

/// The most a draft's form may take up, as JSON.
const MOST_BYTES: usize = 256 * 1024;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(create_referral_draft)
        .service(list_referral_drafts)
        .service(read_referral_draft)
        .service(change_referral_draft)
        .service(remove_referral_draft)
        .service(submit_referral_draft);
}

/// A referral as far as it has come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Juniper, year 3",
    "form": {
        "referrer": { "name": "Ms A Teacher (invented)" },
        "people": [{ "relation": "child", "given_name": "Juniper" }],
        "worries": "Juniper told her teacher that"
    }
}))]
pub struct DraftForm {
    /// What you call it, for your own list.
    #[schema(min_length = 1, max_length = 200)]
    pub title: Option<String>,
    /// Any part of the form of `POST /v1/referrals`. Nothing in it is checked before you send it; it may
    /// take up to 256 KiB.
    #[schema(value_type = Object)]
    pub form: Value,
}

/// A draft.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftView {
    /// Its id.
    pub id: DraftId,
    /// What you call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The form as far as it has come.
    #[schema(value_type = Object)]
    pub form: Value,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// When it is removed unless it is changed or sent before.
    pub expires_at: DateTime<Utc>,
    /// What sending it now would be refused for; `pointer` points into `form`.
    pub errors: Vec<FieldError>,
    /// What is worth knowing before you send it, and no reason to refuse it.
    pub warnings: Vec<FieldError>,
}

impl DraftView {
    fn of(row: Draft, actor: &Actor, rules: &Rules, now: DateTime<Utc>) -> Result<Self, Problem> {
        let (errors, warnings) = match read(&row.form) {
            Err(problem) => (problem.document().errors, Vec::new()),
            Ok(form) => (refusals(&form, actor, rules, now), contact::warnings(&form, now.local_day())),
        };
        Ok(Self {
            id: row.id,
            title: row.title,
            form: row.form,
            created_at: row.created_at,
            changed_at: row.changed_at,
            expires_at: row.expires_at,
            errors,
            warnings,
        })
    }
}

/// A draft on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct DraftLine {
    /// Its id.
    pub id: DraftId,
    /// What you call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
    /// When it is removed unless it is changed or sent before.
    pub expires_at: DateTime<Utc>,
}

/// The form in a draft, held against the same schema as one that is sent.
fn read(form: &Value) -> Result<ReferralForm, Problem> {
    payload::read(form.to_string().as_bytes())
}

fn channel(form: &ReferralForm) -> ContactChannel {
    form.channel.unwrap_or(ContactChannel::Form)
}

/// What sending the form now would be refused for.
fn refusals(form: &ReferralForm, actor: &Actor, rules: &Rules, now: DateTime<Utc>) -> Vec<FieldError> {
    let Err(problem) = contact::judge(form, channel(form), actor, rules, now) else { return Vec::new() };
    let document = problem.document();
    if document.errors.is_empty() {
        return vec![FieldError::at("", "not_allowed", document.detail.unwrap_or(document.title))];
    }
    document.errors
}

/// Refuses what would fill the table: a schema can't state how much a form of any shape may take up.
fn refuse_large(body: &DraftForm) -> Result<(), Problem> {
    if body.form.to_string().len() > MOST_BYTES {
        return Err(Problem::invalid(vec![FieldError::at("/form", "too_long", "may take up to 256 KiB")]));
    }
    Ok(())
}

fn expires_at(rules: &Rules, now: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
    rules.must_due("referral_draft", now)
}

/// Begin a referral
///
/// Keeps what you have so far. Only you see it; whether it could be sent is said beside it. Change it as often as
/// you like, and send it when it is ready.
#[utoipa::path(operation_id = "create_referral_draft", tag = "referral drafts", request_body = DraftForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = DraftView)))]
#[post("/v1/referral-drafts")]
async fn create_referral_draft(service: Data<Service>, command: Command<DraftForm>) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DRAFT_REFERRAL, async |tx| {
            tx.proceed(None).await?;
            let body = command.body()?;
            refuse_large(&body)?;
            let now = tx.now();
            let rules = service.rules();
            let draft = Draft {
                id: DraftId::new(),
                title: body.title,
                form: body.form,
                created_at: now,
                changed_at: now,
                expires_at: expires_at(&rules, now)?,
                version: 1,
            };
            store::insert(tx, &draft, actor).await?;
            tx.entry.record = Some(draft.id.0);
            let id = draft.id;
            Ok(Done::created(format!("/v1/referral-drafts/{id}"), 1, DraftView::of(draft, actor, &rules, now)?))
        })
        .await?;
    written.respond("draft", async |stored| Ok(show(&service, actor, DraftId(stored.id()?)).await?.1)).await
}

/// List your drafts
///
/// Those you have begun and not yet sent, newest first.
#[utoipa::path(operation_id = "list_referral_drafts", tag = "referral drafts",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<DraftLine>)))]
#[get("/v1/referral-drafts")]
async fn list_referral_drafts(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::DRAFT_REFERRAL, async |tx| {
            policy::DRAFT_REFERRAL.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let now = tx.now();
            let rows = store::list(tx, &actor, cursor, now, limit).await?;
            tx.entry.records = rows.iter().map(|row| row.id.0).collect();
            Ok(Page::from_rows(
                rows,
                limit,
                |row| Cursor { sort_at: row.created_at, id: row.id.0 },
                |row| DraftLine {
                    id: row.id,
                    title: row.title,
                    created_at: row.created_at,
                    changed_at: row.changed_at,
                    expires_at: row.expires_at,
                },
            ))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

async fn show(service: &Service, actor: &Actor, id: DraftId) -> Result<(i64, DraftView), Problem> {
    service
        .read(actor, &policy::DRAFT_REFERRAL, async |tx| {
            tx.entry.record = Some(id.0);
            let now = tx.now();
            let row = store::find(tx, id, now).await?;
            policy::DRAFT_REFERRAL.require(actor)?;
            Ok((row.version, DraftView::of(row, actor, &service.rules(), now)?))
        })
        .await
}

/// Read a draft
///
/// As far as it has come, with what sending it now would be refused for.
#[utoipa::path(operation_id = "read_referral_draft", tag = "referral drafts",
    params(("id" = uuid::Uuid, Path, description = "The draft's id")),
    responses((status = 200, body = DraftView)))]
#[get("/v1/referral-drafts/{id}")]
async fn read_referral_draft(service: Data<Service>, actor: Actor, id: Path<DraftId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, id.into_inner()).await?;
    Ok(found(version, "draft", &view))
}

/// The draft, locked, once the request may go on. A draft that was sent or removed is gone, and whoever sends
/// the same request again is answered as the first time.
async fn draft_to_change<T>(tx: &mut Write<'_, T>, id: DraftId) -> Result<Draft, Stop> {
    tx.entry.record = Some(id.0);
    let now = tx.now();
    match store::for_change(tx, id, now).await? {
        Some(draft) => {
            tx.proceed(Some(draft.version)).await?;
            Ok(draft)
        }
        None => {
            tx.replay().await?;
            Err(Problem::not_found().into())
        }
    }
}

/// Change a draft
///
/// Replaces what it says, and gives it its full time again.
#[utoipa::path(operation_id = "change_referral_draft", tag = "referral drafts", request_body = DraftForm,
    params(("id" = uuid::Uuid, Path, description = "The draft's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = DraftView)))]
#[put("/v1/referral-drafts/{id}")]
async fn change_referral_draft(
    service: Data<Service>,
    command: Command<DraftForm>,
    id: Path<DraftId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::DRAFT_REFERRAL, async |tx| {
            let mut draft = draft_to_change(tx, id).await?;
            let body = command.body()?;
            refuse_large(&body)?;
            let now = tx.now();
            let rules = service.rules();
            draft.title = body.title;
            draft.form = body.form;
            draft.changed_at = now;
            draft.expires_at = expires_at(&rules, now)?;
            draft.version += 1;
            store::update(tx, &draft).await?;
            Ok(Done::changed(draft.version, DraftView::of(draft, actor, &rules, now)?))
        })
        .await?;
    written.respond("draft", async |_| Ok(show(&service, actor, id).await?.1)).await
}

/// Remove a draft
///
/// Nothing of it is kept.
#[utoipa::path(operation_id = "remove_referral_draft", tag = "referral drafts",
    params(("id" = uuid::Uuid, Path, description = "The draft's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 204), (status = 400, body = ProblemDocument)))]
#[delete("/v1/referral-drafts/{id}")]
async fn remove_referral_draft(
    service: Data<Service>,
    command: Command<()>,
    id: Path<DraftId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let written = service
        .write(&command, &policy::DRAFT_REFERRAL, async |tx| {
            draft_to_change(tx, id).await?;
            store::remove(tx, &[id.0]).await?;
            Ok(Done::removed())
        })
        .await?;
    written.respond("draft", async |_| Ok(())).await
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct SubmitDraft {}

/// Send a draft
///
/// Submits the referral as `POST /v1/referrals` would, under the same rules; the errors' `pointer` points into the
/// draft's `form`. A draft that is refused is kept; one that is taken becomes the referral that is answered, and
/// is gone.
#[utoipa::path(operation_id = "submit_referral_draft", tag = "referral drafts", request_body = SubmitDraft,
    params(("id" = uuid::Uuid, Path, description = "The draft's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 201, body = ReferralView)))]
#[post("/v1/referral-drafts/{id}/submission")]
async fn submit_referral_draft(
    service: Data<Service>,
    command: Command<SubmitDraft>,
    id: Path<DraftId>,
) -> Result<HttpResponse, Problem> {
    let id = id.into_inner();
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::SUBMIT_REFERRAL, async |tx| {
            let draft = draft_to_change(tx, id).await?;
            command.body()?;
            let form = read(&draft.form)?;
            store::remove(tx, &[id.0]).await?;
            // The draft said its warnings; a retry could not, since it is gone.
            Ok(contact::submit(tx, actor, &service.rules(), channel(&form), &form, Vec::new()).await?)
        })
        .await?;
    written.respond("referral", async |stored| Ok(show_known(&service, actor, ReferralId(stored.id()?)).await?.1)).await
}
