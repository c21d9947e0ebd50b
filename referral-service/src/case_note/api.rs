//! `/v1/cases/{id}/notes`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use serde_json::json;
use shared::actor::{Actor, Role};
use shared::calendar::LocalDay;
use shared::events::Event;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{NoteId, OVERSIGHT, Sight, sight_errors, time_error};
use super::store::{self, Note};
use crate::family::{self, CaseId};
use crate::policy;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(write_note).service(list_notes).service(read_note);
}

/// A note to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "occurred_at": "2026-11-20T15:30:00Z", "kind": "home-visit",
    "words": "Both children were home. Juniper showed me the reading corner she has made. The letter about the arrears was on the table; we rang the landlord together.",
    "child_seen": true, "seen_alone": false, "seen": ["01a20158-d2bb-77a5-a866-0a226963a91e"] }))]
pub struct NoteForm {
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// What kind of contact it was, a code of the set `note_kind`. `management-oversight` is a
    /// service manager's.
    pub kind: String,
    /// What was seen, said and done.
    #[schema(min_length = 1, max_length = 50000)]
    pub words: String,
    /// Whether a child was seen. Leave it out where nobody could be, as in a call to a landlord.
    pub child_seen: Option<bool>,
    /// Whether a child was seen without the adults.
    pub seen_alone: Option<bool>,
    /// Who of the family was seen.
    #[schema(max_items = 50)]
    pub seen: Option<Vec<Uuid>>,
    /// The note this one corrects: that one stays, and says that it was corrected.
    pub corrects: Option<NoteId>,
}

/// A note.
#[derive(Debug, Serialize, ToSchema)]
pub struct NoteView {
    /// Its id.
    pub id: NoteId,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// A code of the set `note_kind`.
    pub kind: String,
    /// What was seen, said and done.
    pub words: String,
    /// Whether a child was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_seen: Option<bool>,
    /// Whether without the adults.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen_alone: Option<bool>,
    /// Who was seen.
    pub seen: Vec<Uuid>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
    /// Whether it was written as soon as notes are to be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_time: Option<bool>,
    /// The note it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<NoteId>,
    /// The notes that correct it.
    pub corrected_by: Vec<NoteId>,
}

/// Notes as readers see them.
async fn views(connection: &mut AsyncPgConnection, notes: Vec<Note>) -> Result<Vec<NoteView>, Problem> {
    let ids: Vec<NoteId> = notes.iter().map(|note| note.id).collect();
    let seen = store::seen(connection, &ids).await?;
    let corrections = store::corrections(connection, &ids).await?;
    let view = |note: Note| NoteView {
        seen: seen.iter().filter(|(of, _)| *of == note.id).map(|(_, person)| *person).collect(),
        corrected_by: corrections.iter().filter(|(of, _)| *of == Some(note.id)).map(|(_, by)| *by).collect(),
        id: note.id,
        occurred_at: note.occurred_at,
        kind: note.kind,
        words: note.words,
        child_seen: note.child_seen,
        seen_alone: note.seen_alone,
        recorded_at: note.recorded_at,
        recorded_by: note.recorded_by_name,
        in_time: note.in_time,
        corrects: note.corrects,
    };
    Ok(notes.into_iter().map(view).collect())
}

/// Write a case note
///
/// Notes are never changed or deleted: correct one by another that names it. What was done before a
/// case was closed can still be written up after.
#[utoipa::path(operation_id = "write_case_note", tag = "case notes", request_body = NoteForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = NoteView)))]
#[post("/v1/cases/{id}/notes")]
async fn write_note(
    service: Data<Service>,
    command: Command<NoteForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::WRITE_NOTE, async |tx| {
            tx.entry.record = Some(id.0);
            let case = family::case_whole(tx, id).await?;
            family::require_caseworker(tx, &command.actor, id).await?;
            tx.proceed(None).await?;
            let body = command.body()?;
            let now = tx.now();
            let rules = service.rules();
            let day = body.occurred_at.local_day();
            let members = family::members_ever(tx, case.family_id).await?;
            let there: Vec<(Uuid, bool)> = members
                .iter()
                .map(|member| (member.person_id, member.age().is_child(day)))
                .collect();
            let seen = body.seen.unwrap_or_default();
            let sight = Sight { child_seen: body.child_seen, seen_alone: body.seen_alone, seen: &seen };
            let mut errors = sight_errors(&sight, &there);
            errors.extend(time_error(body.occurred_at, now, case.closed_at.filter(|_| body.corrects.is_none())));
            if !rules.has_code("note_kind", &body.kind, day.min(now.local_day())) {
                errors.push(FieldError::at("/kind", "unknown_code", "is no kind of note; GET /v1/codes/note_kind lists them"));
            } else if body.kind == OVERSIGHT && !command.actor.holds_any(&[Role::ServiceManager]) {
                errors.push(FieldError::at("/kind", "does_not_fit", "is a service manager's to write"));
            }
            if let Some(corrected) = body.corrects
                && store::find(tx, id, corrected).await.is_err()
            {
                errors.push(FieldError::at("/corrects", "unknown", "is no note of this case"));
            }
            Problem::refuse_any(errors)?;
            let due = rules.due("case_note", body.occurred_at);
            let note = Note {
                id: NoteId::new(),
                case_id: id,
                occurred_at: body.occurred_at,
                kind: body.kind,
                words: body.words,
                child_seen: body.child_seen,
                seen_alone: body.seen_alone,
                corrects: body.corrects,
                recorded_at: now,
                recorded_by: command.actor.user.0,
                recorded_by_name: command.actor.name.clone(),
                in_time: due.filter(|_| body.corrects.is_none()).map(|due| now <= due),
            };
            store::insert(tx, &note, &seen).await?;
            tx.entry.records.push(id.0);
            let children: Vec<Uuid> =
                seen.iter().filter(|person| there.contains(&(**person, true))).copied().collect();
            tx.publish(Event::new(
                "case_note.recorded.v1",
                id,
                json!({ "case_id": id, "family_id": case.family_id, "case_type": case.case_type, "team": case.team,
                    "note_id": note.id, "kind": note.kind, "occurred_at": note.occurred_at, "recorded_at": now, "due_at": due,
                    "in_time": note.in_time, "lag_hours": (now - note.occurred_at).num_hours(), "child_seen": note.child_seen,
                    "seen_alone": note.seen_alone, "children_seen": children, "correction": note.corrects.is_some() }),
            ));
            let note_id = note.id;
            let view = views(tx, vec![note]).await?.into_iter().next();
            let view = view.ok_or_else(|| Problem::internal(&"a note without a view"))?;
            Ok(Done::created(format!("/v1/cases/{id}/notes/{note_id}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| show(&service, &command.actor, id, NoteId(stored.id()?)).await).await
}

/// List a case's notes
///
/// What happened last first. A correction stands beside what it corrects.
#[utoipa::path(operation_id = "list_case_notes", tag = "case notes",
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("kind" = Option<String>, Query, description = "Only those of this kind, a code of the set `note_kind`"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<NoteView>)))]
#[get("/v1/cases/{id}/notes")]
async fn list_notes(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let page = service
        .read(&actor, &policy::READ_NOTES, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::READ_NOTES.require(&actor)?;
            let mut query = Query::of(&request);
            let kind = query.optional::<String>("kind", "a kind of note");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            tx.entry.records.push(id.0);
            let rows = store::list(tx, id, kind.as_deref(), cursor, limit).await?;
            let page = Page::from_rows(rows, limit, |row| Cursor { sort_at: row.occurred_at, id: row.id.0 }, |row| row);
            Ok(Page { items: views(tx, page.items).await?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a case note
#[utoipa::path(operation_id = "read_case_note", tag = "case notes",
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("note" = uuid::Uuid, Path, description = "The note's id")),
    responses((status = 200, body = NoteView)))]
#[get("/v1/cases/{id}/notes/{note}")]
async fn read_note(
    service: Data<Service>,
    actor: Actor,
    path: Path<(CaseId, NoteId)>,
) -> Result<HttpResponse, Problem> {
    let (id, note) = path.into_inner();
    Ok(HttpResponse::Ok().json(show(&service, &actor, id, note).await?))
}

async fn show(service: &Service, actor: &Actor, id: CaseId, note: NoteId) -> Result<NoteView, Problem> {
    service
        .read(actor, &policy::READ_NOTES, async |tx| {
            tx.entry.record = Some(id.0);
            family::case_whole(tx, id).await?;
            policy::READ_NOTES.require(actor)?;
            let row = store::find(tx, id, note).await?;
            tx.entry.records.push(id.0);
            views(tx, vec![row]).await?.into_iter().next().ok_or_else(Problem::not_found)
        })
        .await
}
