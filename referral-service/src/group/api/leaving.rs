//! Giving somebody who waits a place, and taking somebody out.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::access;
use shared::actor::{Actor, Word};
use shared::calendar::LocalDay;
use shared::mistakes::Mistakes;
use shared::problem::{self, Problem};
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write};
use utoipa::ToSchema;

use super::{read, within_its_days};
use crate::group::domain::{GroupEnrolmentId, GroupEnrolmentStatus};
use crate::group::event;
use crate::group::store::{self, Enrolment, Group, Left};
use crate::group::view::GroupEnrolmentView;
use crate::policy;

/// The enrolment and its group, locked, with the checks that come before the body. Whoever sees the
/// enrolment through the family alone does not see the group, and changes nothing of it.
async fn both_locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    id: GroupEnrolmentId,
    running: bool,
) -> Result<(Group, Enrolment), Stop> {
    tx.entry.record = Some(id.0);
    let group = store::show_enrolment(tx, id).await?.group_id;
    let group =
        store::for_change(tx, crate::group::domain::GroupId(group)).await.map_err(|found| match found.status() {
            404 => Problem::new(problem::NOT_ALLOWED),
            _ => found,
        })?;
    let enrolment = store::enrolment_for_change(tx, id).await?;
    if running {
        store::require_running(tx, group.id).await?;
    } else {
        access::require_capacity(tx, actor, group.id.0, &["team", "user"]).await?;
    }
    tx.proceed(Some(enrolment.version)).await?;
    tx.entry.records.push(id.0);
    Ok((group, enrolment))
}

/// From when somebody has a place.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "from": "2027-01-19" }))]
pub struct GroupPlace {
    /// Their first day; today, or the group's first day if that is still to come, unless you say otherwise.
    pub from: Option<NaiveDate>,
}

/// Give a place to somebody who waits
///
/// By the team that runs the group, while there is room.
#[utoipa::path(operation_id = "place_group_enrolment", tag = "groups", request_body = GroupPlace,
    params(("id" = uuid::Uuid, Path, description = "The enrolment's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag of the enrolment that you read")),
    responses((status = 200, body = GroupEnrolmentView)))]
#[post("/v1/group-enrolments/{id}/place")]
pub(super) async fn place_group_enrolment(
    service: Data<Service>,
    command: Command<GroupPlace>,
    id: Path<GroupEnrolmentId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let (mut group, mut enrolment) = both_locked(tx, &command.actor, id, true).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let from = form.from.unwrap_or_else(|| now.local_day().max(group.first_day));
            let mut mistakes = Mistakes::by(&rules, now);
            within_its_days(&group, from, "/from", &mut mistakes);
            mistakes.refuse()?;
            group.status()?.must_be_open()?;
            match enrolment.status()? {
                GroupEnrolmentStatus::Waiting => {}
                GroupEnrolmentStatus::Enrolled => return Err(Problem::conflict("they have a place already").into()),
                ended => ended.must_be_open()?,
            }
            if !group.has_room() {
                return Err(Problem::conflict("the group is full").into());
            }
            enrolment.place(tx, from).await?;
            group.taken += 1;
            group.waiting -= 1;
            group.changed(tx).await?;
            tx.publish(event::placed(&group, id, from));
            let view = GroupEnrolmentView::of(store::show_enrolment(tx, id).await?)?;
            Ok(Done::changed(enrolment.version, view))
        })
        .await?;
    written.respond("enrolment", async |_| Ok(read::show_enrolment(&service, &command.actor, id).await?.1)).await
}

/// Why somebody takes no part any more.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "because": "work-or-childcare", "words": "New shifts on Tuesdays; asked to be told of the next one." }))]
pub struct GroupWithdrawal {
    /// Why, a code of the set `group_withdrawal`.
    pub because: Word,
    /// The same in words.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: Option<String>,
    /// Their last day; today, unless you say otherwise.
    pub on: Option<NaiveDate>,
}

/// Take somebody out of a group
///
/// By the team that runs it or the one that enrolled them. What the registers say of them stays, and counts.
#[utoipa::path(operation_id = "withdraw_group_enrolment", tag = "groups", request_body = GroupWithdrawal,
    params(("id" = uuid::Uuid, Path, description = "The enrolment's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag of the enrolment that you read")),
    responses((status = 200, body = GroupEnrolmentView)))]
#[post("/v1/group-enrolments/{id}/withdrawal")]
pub(super) async fn withdraw_group_enrolment(
    service: Data<Service>,
    command: Command<GroupWithdrawal>,
    id: Path<GroupEnrolmentId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::ENROL_IN_GROUP, async |tx| {
            let (mut group, mut enrolment) = both_locked(tx, &command.actor, id, false).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let on = form.on.unwrap_or_else(|| now.local_day());
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("group_withdrawal", &form.because, now.local_day(), "/because");
            mistakes.future_day(on, "/on");
            if let (Some(placed), Some(given)) = (enrolment.placed_on, form.on) {
                mistakes.before(given, placed, "/on", "is before they had a place");
            }
            mistakes.refuse()?;
            let before = enrolment.status()?;
            before.must_be_open()?;
            let left = Left { on, because: form.because.as_str(), words: form.words.as_deref() };
            enrolment.withdraw(tx, &left).await?;
            match before {
                GroupEnrolmentStatus::Waiting => group.waiting -= 1,
                _ => group.taken -= 1,
            }
            group.changed(tx).await?;
            tx.publish(event::withdrawn(&group, id, form.because.as_str(), on));
            let view = GroupEnrolmentView::of(store::show_enrolment(tx, id).await?)?;
            Ok(Done::changed(enrolment.version, view))
        })
        .await?;
    written.respond("enrolment", async |_| Ok(read::show_enrolment(&service, &command.actor, id).await?.1)).await
}
