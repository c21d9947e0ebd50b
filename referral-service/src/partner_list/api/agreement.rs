//! Agreements: registered by information governance, read by whom they concern.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline::{Running, running};
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;

use crate::partner_list::domain::{AgreementId, not_in_force};
use crate::partner_list::reading::{FIELDS, REASONS};
use crate::partner_list::store::agreement::{self, Agreement};
use crate::policy;

/// A field that an agreement may let a partner send, besides names, relation and reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartnerListField {
    /// Birth dates.
    BirthDate,
    /// Addresses.
    Address,
    /// Postcodes.
    Postcode,
    /// Schools.
    School,
}

impl PartnerListField {
    fn as_str(self) -> &'static str {
        let [birth_date, address, postcode, school] = FIELDS;
        match self {
            PartnerListField::BirthDate => birth_date,
            PartnerListField::Address => address,
            PartnerListField::Postcode => postcode,
            PartnerListField::School => school,
        }
    }
}

/// An agreement to be registered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "agency": "greenfield-academy", "title": "Persistent absence, 2026/27 (invented)",
    "purpose": "To find families whose children are often absent and whom nobody has referred, and to offer them help.",
    "lawful_basis": "public-task", "reasons": ["persistent-absence"], "fields": ["birth_date", "postcode"],
    "starts_on": "2026-09-01", "review_on": "2027-08-31", "retention_days": 180
}))]
pub struct PartnerAgreementForm {
    /// The partner, one of `GET /v1/agencies`.
    pub agency: Word,
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    pub title: String,
    /// What the lists are for.
    #[schema(min_length = 1, max_length = 4000)]
    pub purpose: String,
    /// On which basis they are shared, a code of the set `lawful-basis`.
    pub lawful_basis: Word,
    /// Why it holds.
    #[schema(min_length = 1, max_length = 4000)]
    pub basis_note: Option<String>,
    /// For which reasons a family may stand on a list, codes of the set `partner_list_reason`.
    #[schema(min_items = 1, max_items = 20)]
    pub reasons: Vec<Word>,
    /// Which fields a row may have besides names, relation and reason.
    #[schema(max_items = 4)]
    pub fields: Vec<PartnerListField>,
    /// From which day on.
    pub starts_on: NaiveDate,
    /// By which day it is to be reviewed. After that day no list is taken until it is.
    pub review_on: NaiveDate,
    /// How many days after it came a list's families are forgotten.
    #[schema(minimum = 1, maximum = 731)]
    pub retention_days: i32,
}

impl PartnerAgreementForm {
    fn check(&self, rules: &Rules, today: NaiveDate) -> Vec<FieldError> {
        let mut errors: Vec<FieldError> = rules.agency_error(self.agency.as_str(), "/agency", "").into_iter().collect();
        if !rules.has_code("lawful-basis", self.lawful_basis.as_str(), today) {
            let detail = "is no basis; GET /v1/codes/lawful-basis lists them";
            errors.push(FieldError::at("/lawful_basis", "unknown_code", detail));
        }
        for (index, reason) in self.reasons.iter().enumerate() {
            let at = format!("/reasons/{index}");
            if !rules.has_code(REASONS, reason.as_str(), today) {
                let detail = "is no reason; GET /v1/codes/partner_list_reason lists them";
                errors.push(FieldError::at(at, "unknown_code", detail));
            } else if self.reasons.iter().take(index).any(|other| other == reason) {
                errors.push(FieldError::at(at, "repeated", "stands there twice"));
            }
        }
        if self.review_on <= self.starts_on {
            errors.push(FieldError::at("/review_on", "before_it_starts", "is not after the day it starts on"));
        } else if self.review_on < today {
            errors.push(FieldError::at("/review_on", "in_the_past", "has passed already"));
        }
        errors
    }
}

/// An agreement on a partner's lists.
#[derive(Debug, Serialize, ToSchema)]
pub struct PartnerAgreementView {
    /// Its id.
    pub id: AgreementId,
    /// The partner, an agency's code.
    pub agency: String,
    /// What it is called.
    pub title: String,
    /// What the lists are for.
    pub purpose: String,
    /// On which basis they are shared.
    pub lawful_basis: String,
    /// Why it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis_note: Option<String>,
    /// For which reasons a family may stand on a list.
    pub reasons: Vec<String>,
    /// Which fields a row may have besides names, relation and reason.
    pub fields: Vec<String>,
    /// From which day on.
    pub starts_on: NaiveDate,
    /// By which day it is to be reviewed.
    pub review_on: NaiveDate,
    /// How many days after it came a list's families are forgotten.
    pub retention_days: i32,
    /// Whether lists are taken under it today.
    pub in_force: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_in_force_because: Option<String>,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
    /// By whom.
    pub registered_by: String,
    /// By when it is to be reviewed: the end of `review_on`, or the most that practice lets pass if that is sooner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_due_at: Option<DateTime<Utc>>,
    /// How its review stands; absent if it has ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_standing: Option<Running>,
    /// When it was last reviewed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed_at: Option<DateTime<Utc>>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reviewed_by: Option<String>,
    /// What the review found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_note: Option<String>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<String>,
}

impl PartnerAgreementView {
    /// From a row, as of an instant.
    pub fn of(row: Agreement, rules: &Rules, now: DateTime<Utc>) -> Self {
        let why = not_in_force(row.starts_on, row.review_on, row.ended_at.is_some(), now.local_day());
        let clock = row.ended_at.is_none().then(|| row.review_clock(rules));
        Self {
            id: row.id,
            agency: row.agency,
            title: row.title,
            purpose: row.purpose,
            lawful_basis: row.lawful_basis,
            basis_note: row.basis_note,
            reasons: row.reasons,
            fields: row.fields,
            starts_on: row.starts_on,
            review_on: row.review_on,
            retention_days: row.retention_days,
            in_force: why.is_none(),
            not_in_force_because: why,
            registered_at: row.registered_at,
            registered_by: row.registered_by_name,
            review_due_at: clock.map(|(_, due)| due),
            review_standing: clock.map(|(from, due)| running(from, due, now)),
            reviewed_at: row.reviewed_at,
            reviewed_by: row.reviewed_by_name,
            review_note: row.review_note,
            ended_at: row.ended_at,
            ended_because: row.ended_because,
        }
    }
}

/// List agreements on partners' lists
///
/// Your agency's; all of them for First Response and information governance. Newest first.
#[utoipa::path(operation_id = "list_partner_agreements", tag = "partner lists",
    params(("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<PartnerAgreementView>)))]
#[get("/v1/partner-agreements")]
pub async fn list_partner_agreements(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_PARTNER_AGREEMENT, async |tx| {
            policy::READ_PARTNER_AGREEMENT.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let now = tx.now();
            let rows = agreement::list(tx, &actor.scopes(), cursor, limit).await?;
            let key = |row: &Agreement| Cursor { sort_at: row.registered_at, id: row.id.0 };
            Ok(Page::from_rows(rows, limit, key, |row| PartnerAgreementView::of(row, &service.rules(), now)))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Register an agreement on a partner's lists
///
/// Which families a partner may name to find those who need help, with which fields, why, on which basis and for how long
/// they are kept. No list is taken without one in force. A clock runs until it is reviewed.
#[utoipa::path(operation_id = "register_partner_agreement", tag = "partner lists", request_body = PartnerAgreementForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = PartnerAgreementView)))]
#[post("/v1/partner-agreements")]
pub async fn register_partner_agreement(
    service: Data<Service>,
    command: Command<PartnerAgreementForm>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::REGISTER_PARTNER_AGREEMENT, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let now = tx.now();
            let rules = service.rules();
            let errors = form.check(&rules, now.local_day());
            if !errors.is_empty() {
                return Err(Problem::invalid(errors).into());
            }
            let mut fields: Vec<String> = form.fields.iter().map(|field| field.as_str().to_owned()).collect();
            fields.sort_unstable();
            fields.dedup();
            let row = Agreement {
                id: AgreementId::new(),
                agency: form.agency.to_string(),
                title: form.title.clone(),
                purpose: form.purpose.clone(),
                lawful_basis: form.lawful_basis.to_string(),
                basis_note: form.basis_note.clone(),
                reasons: form.reasons.iter().map(ToString::to_string).collect(),
                fields,
                starts_on: form.starts_on,
                review_on: form.review_on,
                retention_days: form.retention_days,
                registered_at: now,
                registered_by_name: actor.name.clone(),
                reviewed_at: None,
                reviewed_by_name: None,
                review_note: None,
                ended_at: None,
                ended_by_name: None,
                ended_because: None,
                version: 1,
            };
            agreement::insert(tx, &row).await?;
            row.await_review(tx, &rules).await?;
            tx.entry.record = Some(row.id.0);
            let address = format!("/v1/partner-agreements/{}", row.id);
            Ok(Done::created(address, 1, PartnerAgreementView::of(row, &rules, now)))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, actor, AgreementId(stored.id()?)).await?.1)).await
}

/// Read an agreement on a partner's lists
#[utoipa::path(operation_id = "read_partner_agreement", tag = "partner lists",
    params(("id" = uuid::Uuid, Path, description = "The agreement's id")),
    responses((status = 200, body = PartnerAgreementView)))]
#[get("/v1/partner-agreements/{id}")]
pub async fn read_partner_agreement(
    service: Data<Service>,
    actor: Actor,
    id: Path<AgreementId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

/// An agreement as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor does not see it; 403.
pub async fn show(service: &Service, actor: &Actor, id: AgreementId) -> Result<(i64, PartnerAgreementView), Problem> {
    service
        .read(actor, &policy::READ_PARTNER_AGREEMENT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = agreement::find(tx, id).await?;
            policy::READ_PARTNER_AGREEMENT.require(actor)?;
            let now = tx.now();
            Ok((row.version, PartnerAgreementView::of(row, &service.rules(), now)))
        })
        .await
}
