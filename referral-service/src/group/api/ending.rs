//! How a group ends.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::NaiveDate;
use serde::Deserialize;
use shared::actor::Word;
use shared::calendar::LocalDay;
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{locked, read, shown};
use crate::group::domain::{GroupEnrolmentStatus, GroupId, GroupStep, completes, transition};
use crate::group::event;
use crate::group::store::{self, Tally};
use crate::group::view::GroupView;
use crate::policy;

/// The end of a group.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "finished_on": "2027-03-16", "words": "Nine of ten stayed to the end; two want to help run the next." }))]
pub struct GroupFinish {
    /// On which day, not before its last session.
    pub finished_on: NaiveDate,
    /// How it went, in words.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: Option<String>,
}

/// Finish a group
///
/// Whoever came to the share of sessions that the group's rule asks for has completed it, of the sessions they
/// were expected at; others have not, and whoever still waited was not placed. Needs every register: what
/// is not recorded counts neither way.
#[utoipa::path(operation_id = "finish_group", tag = "groups", request_body = GroupFinish,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = GroupView)))]
#[post("/v1/groups/{id}/finish")]
pub(super) async fn finish_group(
    service: Data<Service>,
    command: Command<GroupFinish>,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let mut group = locked(tx, id, true).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let on = form.finished_on;
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.future_day(on, "/finished_on");
            mistakes.before(on, group.first_day, "/finished_on", "is before the group's first day");
            if let Some((_, last)) = store::session_days(tx, id).await? {
                let detail = "is before its last session: cancel one that is not to be held";
                mistakes.before(on, last, "/finished_on", detail);
            }
            mistakes.refuse()?;
            transition(group.status()?, GroupStep::Finish)?;
            let tallies = store::tally(tx, id).await?;
            let unrecorded: i64 = tallies.iter().map(|tally| tally.unrecorded).sum();
            if unrecorded > 0 {
                let detail = format!("the registers lack {unrecorded} lines: record who came to every session first");
                return Err(Problem::conflict(detail).into());
            }
            let percent = store::completion_percent(tx, &group.programme, on).await?;
            let outcomes = tallies.iter().map(|tally| outcome(tally, percent)).collect::<Result<Vec<_>, _>>()?;
            store::settle(tx, id, &outcomes, on).await?;
            group.waiting = 0;
            group.take(tx, GroupStep::Finish, on).await?;
            group.keep_ending(tx, None, form.words.as_deref(), actor).await?;
            tx.publish(event::finished(&group, on, &tallies, &outcomes, percent));
            Ok(Done::changed(group.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("group", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}

/// What becomes of an enrolment at the end.
fn outcome(tally: &Tally, percent: i16) -> Result<(Uuid, GroupEnrolmentStatus), Problem> {
    let status: GroupEnrolmentStatus =
        tally.status.parse().map_err(|()| Problem::internal(&"unknown status of an enrolment"))?;
    Ok((tally.enrolment_id, status.at_the_end(completes(tally.attended, tally.expected, percent))))
}

/// Why a group was called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "because": "too-few", "words": "Three families; they were offered the group in Shepshed instead." }))]
pub struct GroupCancellation {
    /// A code of the set `group_cancellation`.
    pub because: Word,
    /// The same in words.
    #[schema(min_length = 1, max_length = 4000)]
    pub words: Option<String>,
}

/// Cancel a group
///
/// Everyone who was enrolled or waited is no more. What its registers say stays.
#[utoipa::path(operation_id = "cancel_group", tag = "groups", request_body = GroupCancellation,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = GroupView)))]
#[post("/v1/groups/{id}/cancellation")]
pub(super) async fn cancel_group(
    service: Data<Service>,
    command: Command<GroupCancellation>,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let mut group = locked(tx, id, true).await?;
            let form = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let mut mistakes = Mistakes::by(&rules, now);
            mistakes.code("group_cancellation", &form.because, now.local_day(), "/because");
            mistakes.refuse()?;
            transition(group.status()?, GroupStep::Cancel)?;
            let today = now.local_day();
            let open = store::tally(tx, id).await?;
            let outcomes: Vec<_> =
                open.iter().map(|tally| (tally.enrolment_id, GroupEnrolmentStatus::Cancelled)).collect();
            store::settle(tx, id, &outcomes, today).await?;
            group.waiting = 0;
            group.take(tx, GroupStep::Cancel, today).await?;
            group.keep_ending(tx, Some(form.because.as_str()), form.words.as_deref(), actor).await?;
            tx.publish(event::cancelled(&group, form.because.as_str(), today));
            Ok(Done::changed(group.version, shown(tx, id).await?))
        })
        .await?;
    written.respond("group", async |_| Ok(read::show(&service, actor, id).await?.1)).await
}
