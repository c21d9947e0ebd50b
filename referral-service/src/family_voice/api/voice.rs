//! `/v1/cases/{id}/voices`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use serde_json::json;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::page::Page;
use shared::problem::Problem;
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{Around, VoiceForm};
use super::store::voice::{self, Row};
use crate::family::{self, CaseId};
use crate::measurement::MeasurementId;
use crate::measurement::domain::content::{Voice, Whose};
use crate::measurement::domain::voice::VoicePoint;
use crate::measurement::store::voice::{Said, keep};
use crate::policy;

/// Routes of what was said.
pub fn routes(config: &mut ServiceConfig) {
    config.service(record_voice).service(list_voices).service(read_voice);
}

/// What somebody of the family said.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoiceView {
    /// Its id.
    pub id: Uuid,
    /// On which day.
    pub said_on: NaiveDate,
    /// At which point of the work.
    pub point: VoicePoint,
    /// The assessment or review it was said at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assessment_id: Option<MeasurementId>,
    /// Who said it.
    pub whose: Whose,
    /// Which member of the family, if one alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Uuid>,
    /// What it is about, a code of the set `voice_about`.
    pub about: String,
    /// Word for word.
    pub words: String,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// Whether a consent to have it told as a case study stands, as far as you see it.
    pub may_be_told: bool,
}

impl VoiceView {
    fn of(row: Row) -> Result<Self, Problem> {
        let unknown = |()| Problem::internal(&"unknown word of a voice");
        Ok(Self {
            id: row.id,
            said_on: row.said_on,
            point: row.point.parse().map_err(unknown)?,
            assessment_id: row.measurement_id.map(MeasurementId),
            whose: row.whose.parse().map_err(unknown)?,
            person_id: row.person_id,
            about: row.about,
            words: row.words,
            recorded_at: row.recorded_at,
            recorded_by: row.recorded_by_name,
            may_be_told: row.told,
        })
    }
}

/// Record what the family said
///
/// In their own words, at any time, also after the case was closed. What was said at an assessment or a review is
/// recorded with it. It is never changed.
#[utoipa::path(operation_id = "record_voice", tag = "family voice", request_body = VoiceForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = VoiceView)))]
#[post("/v1/cases/{id}/voices")]
async fn record_voice(
    service: Data<Service>,
    command: Command<VoiceForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RECORD_VOICE, async |tx| {
            tx.entry.record = Some(id.0);
            let case = family::case_whole(tx, id).await?;
            family::require_caseworker(tx, &command.actor, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            let members = family::members_ever(tx, case.family_id).await?;
            let around = Around { members: &members, opened: case.opened_at.local_day(), today: now.local_day() };
            let errors = body.check(&around, &service.rules());
            Problem::refuse_any(errors)?;
            let said = Said {
                case: id,
                family: case.family_id,
                measurement: None,
                point: VoicePoint::AtAnyTime,
                on: body.said_on,
            };
            let voice = Voice { whose: body.whose, person_id: body.person_id, about: body.about, words: body.words };
            let kept = keep(tx, said, std::slice::from_ref(&voice), &command.actor, now).await?;
            let voice_id = *kept.first().ok_or_else(|| Problem::internal(&"words that were not kept"))?;
            tx.entry.records.push(id.0);
            let facts = json!({
                "voice_id": voice_id, "case_id": id, "family_id": case.family_id, "case_type": case.case_type,
                "team": case.team, "point": VoicePoint::AtAnyTime, "whose": voice.whose, "about": voice.about,
                "person_id": voice.person_id, "said_on": body.said_on, "recorded_at": now,
            });
            tx.publish(Event::new("family_voice.recorded.v1", id, facts));
            let view = VoiceView::of(voice::one(tx, id, voice_id).await?)?;
            Ok(Done::created(format!("/v1/cases/{id}/voices/{voice_id}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| show(&service, &command.actor, id, stored.id()?).await).await
}

/// List what the family said
///
/// In their own words, newest first: at assessments, at reviews, when the work ended and at any other time.
#[utoipa::path(operation_id = "list_voices", tag = "family voice",
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<VoiceView>)))]
#[get("/v1/cases/{id}/voices")]
async fn list_voices(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let page = service
        .read(&actor, &policy::READ_VOICE, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::READ_VOICE.require(&actor)?;
            let mut query = Query::of(&request);
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            tx.entry.records.push(id.0);
            let rows = voice::page(tx, id, cursor, limit).await?;
            let page = Page::from_rows(rows, limit, voice::cursor, VoiceView::of);
            Ok(Page { items: page.items.into_iter().collect::<Result<Vec<_>, _>>()?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read what was said
#[utoipa::path(operation_id = "read_voice", tag = "family voice",
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("voice" = uuid::Uuid, Path, description = "The id of what was said")),
    responses((status = 200, body = VoiceView)))]
#[get("/v1/cases/{id}/voices/{voice}")]
async fn read_voice(service: Data<Service>, actor: Actor, path: Path<(CaseId, Uuid)>) -> Result<HttpResponse, Problem> {
    let (id, voice) = path.into_inner();
    Ok(HttpResponse::Ok().json(show(&service, &actor, id, voice).await?))
}

async fn show(service: &Service, actor: &Actor, id: CaseId, one: Uuid) -> Result<VoiceView, Problem> {
    service
        .read(actor, &policy::READ_VOICE, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::READ_VOICE.require(actor)?;
            tx.entry.records.push(id.0);
            VoiceView::of(voice::one(tx, id, one).await?)
        })
        .await
}
