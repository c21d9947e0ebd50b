//! A group's sessions.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;

use crate::group::domain::{GroupId, GroupSessionId};
use crate::group::event;
use crate::group::store::{self, Group, Session};
use crate::group::view::GroupSessionView;
use crate::policy;
use crate::referral::view::read_json;

/// A session to be held, or that was held.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "held_on": "2027-01-12", "topic": "Boundaries, and what to do when they are tested" }))]
pub struct GroupSessionForm {
    /// On which day, within the group's first and last day.
    pub held_on: NaiveDate,
    /// About what.
    #[schema(min_length = 1, max_length = 500)]
    pub topic: Option<String>,
}

/// Add a session to a group
///
/// One for a day, past or to come, within the group's days. Its register is taken from that day on.
#[utoipa::path(operation_id = "add_group_session", tag = "groups", request_body = GroupSessionForm,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = GroupSessionView)))]
#[post("/v1/groups/{id}/sessions")]
pub(super) async fn add_group_session(
    service: Data<Service>,
    command: Command<GroupSessionForm>,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let mut group = super::locked(tx, id, false).await?;
            let form = command.body()?;
            let rules = service.rules();
            let mut mistakes = Mistakes::by(&rules, tx.now());
            super::within_its_days(&group, form.held_on, "/held_on", &mut mistakes);
            mistakes.refuse()?;
            group.status()?.must_be_open()?;
            must_be_free(tx, id, form.held_on).await?;
            let session = GroupSessionId::new();
            store::insert_session(tx, id, session, form.held_on, form.topic.as_deref()).await?;
            group.changed(tx).await?;
            let view = view(store::show_session(tx, id, session).await?)?;
            Ok(Done::created(format!("/v1/groups/{id}/sessions/{session}"), 1, view))
        })
        .await?;
    let again = async |stored: &shared::service::Stored| {
        Ok(show(&service, &command.actor, id, GroupSessionId(stored.id()?)).await?.1)
    };
    written.respond("session", again).await
}

/// A session as it is shown.
pub(super) fn view(row: store::SessionShown) -> Result<GroupSessionView, Problem> {
    Ok(GroupSessionView {
        id: GroupSessionId(row.id),
        group_id: GroupId(row.group_id),
        held_on: row.held_on,
        topic: row.topic,
        status: row.status,
        cancelled_because: row.cancelled_because,
        moved_from: row.moved_from,
        moved_because: row.moved_because,
        register: read_json(row.register)?.unwrap_or_default(),
    })
}

/// Read a session with its register
///
/// The register names those you may see: its team sees everyone, another team its own.
#[utoipa::path(operation_id = "read_group_session", tag = "groups",
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("session" = uuid::Uuid, Path, description = "The session's id")),
    responses((status = 200, body = GroupSessionView)))]
#[get("/v1/groups/{id}/sessions/{session}")]
pub(super) async fn read_group_session(
    service: Data<Service>,
    actor: Actor,
    path: Path<(GroupId, GroupSessionId)>,
) -> Result<HttpResponse, Problem> {
    let (id, session) = *path;
    let (version, view) = show(&service, &actor, id, session).await?;
    Ok(found(version, "session", &view))
}

/// A session as the actor sees it, with its version.
pub(super) async fn show(
    service: &Service,
    actor: &Actor,
    id: GroupId,
    session: GroupSessionId,
) -> Result<(i64, GroupSessionView), Problem> {
    service
        .read(actor, &policy::READ_ENROLMENT, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::show_session(tx, id, session).await?;
            policy::READ_ENROLMENT.require(actor)?;
            let version = row.version;
            let view = view(row)?;
            tx.entry.records = view.register.iter().map(|line| line.enrolment_id.0).collect();
            Ok((version, view))
        })
        .await
}

/// The group and one of its sessions, locked, with the checks that come before the body.
pub(super) async fn both_locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    id: GroupId,
    session: GroupSessionId,
) -> Result<(Group, Session), Stop> {
    tx.entry.record = Some(id.0);
    let group = store::for_change(tx, id).await?;
    // Who only knows of the group may know of the session, and is told that this is not theirs to change.
    store::show_session(tx, id, session).await?;
    store::require_running(tx, id).await?;
    let session = store::session_for_change(tx, id, session).await?;
    tx.proceed(Some(session.version)).await?;
    tx.entry.records.push(id.0);
    Ok((group, session))
}

/// Refuses another session on a day.
async fn must_be_free<T>(tx: &mut Write<'_, T>, id: GroupId, day: NaiveDate) -> Result<(), Problem> {
    if store::has_session_on(tx, id, day).await? {
        return Err(Problem::conflict("the group meets on that day already"));
    }
    Ok(())
}

/// Refuses to move or cancel a session that was held or cancelled.
fn must_be_to_come(session: &Session) -> Result<(), Problem> {
    match session.status.as_str() {
        "held" => Err(Problem::conflict("the session was held: its register is taken")),
        "cancelled" => Err(Problem::conflict("the session was cancelled already")),
        _ => Ok(()),
    }
}

/// On which other day a session is held, and why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "held_on": "2027-01-19", "because": "facilitator-away" }))]
pub struct GroupSessionMove {
    /// On which day, within the group's first and last day.
    pub held_on: NaiveDate,
    /// Why, a code of the set `group_cancellation`.
    pub because: Word,
}

/// Move a session to another day
///
/// One whose register has not been taken. Whoever has a place on the new day is expected then; where it stood
/// before it was last moved is kept, with the reason.
#[utoipa::path(operation_id = "move_group_session", tag = "groups", request_body = GroupSessionMove,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("session" = uuid::Uuid, Path, description = "The session's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag of the session that you read")),
    responses((status = 200, body = GroupSessionView)))]
#[post("/v1/groups/{id}/sessions/{session}/move")]
pub(super) async fn move_group_session(
    service: Data<Service>,
    command: Command<GroupSessionMove>,
    path: Path<(GroupId, GroupSessionId)>,
) -> Result<HttpResponse, Problem> {
    let (id, session) = *path;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let (mut group, mut row) = both_locked(tx, id, session).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("group_cancellation", &form.because, now.local_day(), "/because");
            super::within_its_days(&group, form.held_on, "/held_on", &mut mistakes);
            if form.held_on == row.held_on {
                mistakes.add("/held_on", "unchanged", "is the day it is on already");
            }
            mistakes.refuse()?;
            group.status()?.must_be_open()?;
            must_be_to_come(&row)?;
            must_be_free(tx, id, form.held_on).await?;
            let from = row.held_on;
            row.moves_to(tx, form.held_on, form.because.as_str()).await?;
            group.changed(tx).await?;
            tx.publish(event::session_moved(&group, session, (from, form.held_on), form.because.as_str()));
            let view = view(store::show_session(tx, id, session).await?)?;
            Ok(Done::changed(row.version, view))
        })
        .await?;
    written.respond("session", async |_| Ok(show(&service, &command.actor, id, session).await?.1)).await
}

/// Why a session was called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "because": "weather" }))]
pub struct GroupSessionCancellation {
    /// A code of the set `group_cancellation`.
    pub because: Word,
}

/// Cancel a session
///
/// One whose register has not been taken. Nobody is expected at it then: it asks for no register and counts in
/// no figure.
#[utoipa::path(operation_id = "cancel_group_session", tag = "groups", request_body = GroupSessionCancellation,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("session" = uuid::Uuid, Path, description = "The session's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag of the session that you read")),
    responses((status = 200, body = GroupSessionView)))]
#[post("/v1/groups/{id}/sessions/{session}/cancellation")]
pub(super) async fn cancel_group_session(
    service: Data<Service>,
    command: Command<GroupSessionCancellation>,
    path: Path<(GroupId, GroupSessionId)>,
) -> Result<HttpResponse, Problem> {
    let (id, session) = *path;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let (mut group, mut row) = both_locked(tx, id, session).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("group_cancellation", &form.because, now.local_day(), "/because");
            mistakes.refuse()?;
            group.status()?.must_be_open()?;
            must_be_to_come(&row)?;
            row.moves(tx, "cancelled", Some(form.because.as_str())).await?;
            group.changed(tx).await?;
            tx.publish(event::session_cancelled(&group, session, row.held_on, form.because.as_str()));
            let view = view(store::show_session(tx, id, session).await?)?;
            Ok(Done::changed(row.version, view))
        })
        .await?;
    written.respond("session", async |_| Ok(show(&service, &command.actor, id, session).await?.1)).await
}
