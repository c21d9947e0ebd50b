//! Consent to a case study, given and taken back.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use serde_json::json;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::problem::{self, Problem};
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{Around, ConsentForm, Known, WithdrawalForm};
use super::store::consent::{self, Consent};
use super::store::voice;
use crate::family::{self, Case, CaseId};
use crate::measurement::case_study::{self, Given, Told};
use crate::measurement::domain::ConsentId;
use crate::measurement::domain::voice::StudyScope;
use crate::policy;

/// Routes of consents.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(give_case_study_consent)
        .service(list_case_study_consents)
        .service(read_case_study_consent)
        .service(withdraw_case_study_consent);
}

/// A consent to have words told as a case study.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseStudyConsentView {
    /// Its id; while it stands, also that of the case study.
    pub id: ConsentId,
    /// The case.
    pub case_id: CaseId,
    /// Who consented.
    pub person_id: Uuid,
    /// How far it goes.
    pub scope: StudyScope,
    /// The name to be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credited_as: Option<String>,
    /// On which day.
    pub given_on: NaiveDate,
    /// How it was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// The words it is about.
    pub voices: Vec<Uuid>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// Whether it stands.
    pub standing: bool,
    /// On which day the person took it back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_on: Option<NaiveDate>,
    /// When that was recorded, and the words were told no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Who recorded it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_by: Option<String>,
    /// Why, if they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub withdrawn_because: Option<String>,
}

async fn views(connection: &mut AsyncPgConnection, rows: Vec<Consent>) -> Result<Vec<CaseStudyConsentView>, Problem> {
    let ids: Vec<ConsentId> = rows.iter().map(|row| row.id).collect();
    let voices = consent::voices(connection, &ids).await?;
    let view = |row: Consent| {
        Ok(CaseStudyConsentView {
            voices: voices.iter().filter(|(of, _)| *of == row.id).map(|(_, voice)| *voice).collect(),
            id: row.id,
            case_id: row.case_id,
            person_id: row.person_id,
            scope: row.scope.parse().map_err(|()| Problem::internal(&"unknown scope of a consent"))?,
            credited_as: row.credited_as,
            given_on: row.given_on,
            how: row.how,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by_name,
            standing: row.withdrawn_at.is_none(),
            withdrawn_on: row.withdrawn_on,
            withdrawn_at: row.withdrawn_at,
            withdrawn_by: row.withdrawn_by_name,
            withdrawn_because: row.withdrawn_because,
        })
    };
    rows.into_iter().map(view).collect()
}

async fn view(connection: &mut AsyncPgConnection, row: Consent) -> Result<CaseStudyConsentView, Problem> {
    views(connection, vec![row]).await?.into_iter().next().ok_or_else(Problem::not_found)
}

/// Consents are the case's own team's to keep: whoever helps from elsewhere sees none.
fn require_own_team(actor: &Actor, case: &Case) -> Result<(), Problem> {
    if actor.scopes().contains(&format!("team:{}", case.team)) {
        return Ok(());
    }
    Err(Problem::new(problem::NOT_ALLOWED).detail("the case's own team keeps consents to case studies"))
}

/// Record consent to a case study
///
/// A member of the family lets words of theirs be told: which ones, how far, since when. From now on they stand under
/// `/v1/case-studies`, with the family's names taken out of the words.
#[utoipa::path(operation_id = "give_case_study_consent", tag = "family voice", request_body = ConsentForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = CaseStudyConsentView)))]
#[post("/v1/cases/{id}/case-study-consents")]
async fn give_case_study_consent(
    service: Data<Service>,
    command: Command<ConsentForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::KEEP_CONSENT, async |tx| {
            // Locked, so that no words are told by two consents.
            let case = family::case_of_caseworker(tx, &command.actor, id).await?;
            require_own_team(&command.actor, &case)?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let members = family::members_ever(tx, case.family_id).await?;
            let said = voice::of_case(tx, id).await?;
            let known: Vec<Known> =
                said.iter().map(|row| Known { id: row.id, person_id: row.person_id, told: row.told }).collect();
            let today = tx.now().local_day();
            let around = Around { members: &members, opened: case.opened_at.local_day(), today };
            let errors = body.check(&around, &known);
            Problem::refuse_any(errors)?;
            let words = said
                .iter()
                .filter(|row| body.voices.contains(&row.id))
                .map(|row| Told { id: row.id, whose: &row.whose, about: &row.about, words: &row.words })
                .collect();
            let given = Given {
                person: body.person_id,
                on: body.given_on,
                scope: body.scope,
                credited_as: body.credited_as.as_deref(),
                how: Some(&body.how),
                words,
            };
            let consent_id = case_study::consent(tx, &case, &members, &given, &command.actor).await?;
            tx.entry.records.push(id.0);
            let row = consent::find(tx, consent_id).await?;
            Ok(Done::created(format!("/v1/case-study-consents/{consent_id}"), 1, view(tx, row).await?))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, &command.actor, ConsentId(stored.id()?)).await?.1)).await
}

/// List consents to case studies
///
/// All a case has, oldest first, those that were taken back too. The case's own team sees them.
#[utoipa::path(operation_id = "list_case_study_consents", tag = "family voice",
    params(("id" = uuid::Uuid, Path, description = "The case's id")),
    responses((status = 200, body = Vec<CaseStudyConsentView>)))]
#[get("/v1/cases/{id}/case-study-consents")]
async fn list_case_study_consents(
    service: Data<Service>,
    actor: Actor,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let list = service
        .read(&actor, &policy::KEEP_CONSENT, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::KEEP_CONSENT.require(&actor)?;
            tx.entry.records.push(id.0);
            let rows = consent::of_case(tx, id).await?;
            views(tx, rows).await
        })
        .await?;
    Ok(HttpResponse::Ok().json(list))
}

/// Read a consent to a case study
#[utoipa::path(operation_id = "read_case_study_consent", tag = "family voice",
    params(("id" = uuid::Uuid, Path, description = "The consent's id")),
    responses((status = 200, body = CaseStudyConsentView)))]
#[get("/v1/case-study-consents/{id}")]
async fn read_case_study_consent(
    service: Data<Service>,
    actor: Actor,
    id: Path<ConsentId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: ConsentId) -> Result<(i64, CaseStudyConsentView), Problem> {
    service
        .read(actor, &policy::KEEP_CONSENT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = consent::find(tx, id).await?;
            policy::KEEP_CONSENT.require(actor)?;
            tx.entry.records.push(id.0);
            Ok((row.version, view(tx, row).await?))
        })
        .await
}

/// Withdraw consent to a case study
///
/// Nobody needs a reason. From this moment the words are told no longer: they are gone from `/v1/case-studies` for
/// everyone. What was said stays in the case's file.
#[utoipa::path(operation_id = "withdraw_case_study_consent", tag = "family voice", request_body = WithdrawalForm,
    params(("id" = uuid::Uuid, Path, description = "The consent's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = CaseStudyConsentView)))]
#[post("/v1/case-study-consents/{id}/withdrawal")]
async fn withdraw_case_study_consent(
    service: Data<Service>,
    command: Command<WithdrawalForm>,
    id: Path<ConsentId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::KEEP_CONSENT, async |tx| {
            tx.entry.record = Some(id.0);
            let mut row = consent::for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            let body = command.body()?;
            let now = tx.now();
            let errors = body.check(row.given_on, now.local_day());
            Problem::refuse_any(errors)?;
            row.withdraw(tx, body.withdrawn_on, body.because.as_deref(), &command.actor, now).await?;
            let facts = json!({
                "consent_id": id, "case_id": row.case_id, "family_id": row.family_id, "person_id": row.person_id,
                "scope": row.scope, "given_on": row.given_on, "withdrawn_on": body.withdrawn_on, "at": now,
            });
            tx.publish(Event::new("case_study.consent_withdrawn.v1", id.0, facts));
            tx.entry.records.push(id.0);
            let version = row.version;
            Ok(Done::changed(version, view(tx, row).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
