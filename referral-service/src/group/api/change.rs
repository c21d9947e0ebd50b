//! Changing a group once it is planned.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use shared::mistakes::Mistakes;
use shared::problem::Problem;
use shared::request::Command;
use shared::service::{Done, Service};

use super::{GroupPlan, locked, read, shown};
use crate::group::domain::GroupId;
use crate::group::domain::change::{
    cannot_become_another_group, cannot_end_before_a_place_begins, cannot_leave_out_a_session,
    cannot_shrink_under_enrolments,
};
use crate::group::event;
use crate::group::store::{self, Group};
use crate::group::view::GroupView;
use crate::policy;

/// Change a group
///
/// Says its plan again, as `POST /v1/groups` takes it: what is left out goes, such as a last day. Its programme,
/// service and district stay. It can have no fewer places than are taken, its days hold its sessions, and nobody
/// is given a place by it who waits. Facilitators who are new see all of it, and who are no longer among them no
/// more than their own work shows them.
#[utoipa::path(operation_id = "change_group", tag = "groups", request_body = GroupPlan,
    params(("id" = uuid::Uuid, Path, description = "The group's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = GroupView)))]
#[post("/v1/groups/{id}/details")]
pub(super) async fn change_group(
    service: Data<Service>,
    command: Command<GroupPlan>,
    id: Path<GroupId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::RUN_GROUP, async |tx| {
            let mut group = locked(tx, id, true).await?;
            let plan = command.body()?;
            let (now, rules) = (tx.now(), service.rules());
            let sessions = store::session_days(tx, id).await?;
            let last_place = store::last_place(tx, id).await?;
            let mut mistakes = Mistakes::by(&rules, now);
            plan.check(&mut mistakes);
            mistakes.extend(cannot_become_another_group(&what_it_is(&group, &plan)));
            mistakes.extend(cannot_shrink_under_enrolments(plan.capacity, group.taken));
            mistakes.extend(cannot_leave_out_a_session((plan.first_day, plan.last_day), sessions));
            mistakes.extend(cannot_end_before_a_place_begins(plan.last_day, last_place));
            mistakes.refuse()?;
            group.status()?.must_be_open()?;
            let hand_over = group.follow(tx, &plan).await?;
            tx.publish(event::changed(&group, now));
            let view = shown(tx, id).await?;
            // The last thing: whoever no longer runs it, perhaps the caller, sees none of it from here on.
            store::hand_over(tx, id, &hand_over).await?;
            Ok(Done::changed(group.version, view))
        })
        .await?;
    written.respond("group", async |_| Ok(read::show(&service, &command.actor, id).await?.1)).await
}

/// What a group is, as it was planned and as the plan says now.
fn what_it_is<'a>(group: &'a Group, plan: &'a GroupPlan) -> [(&'static str, Option<&'a str>, Option<&'a str>); 3] {
    [
        ("/programme", Some(&group.programme), Some(plan.programme.as_str())),
        ("/service", Some(&group.service), Some(plan.service.as_str())),
        ("/locality", group.locality.as_deref(), plan.locality.as_ref().map(|locality| locality.as_str())),
    ]
}
