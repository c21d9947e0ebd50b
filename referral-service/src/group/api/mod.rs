//! `/v1/groups`, `/v1/group-enrolments` and `/v1/people/{id}/group-enrolments`.

mod change;
mod ending;
mod enrolment;
mod leaving;
mod plan;
mod read;
mod register;
mod session;

use chrono::NaiveDate;
use serde::de::DeserializeOwned;
use shared::access::{Grant, View};
use shared::actor::Actor;
use shared::mistakes::Mistakes;
use shared::service::{Stop, Write};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

pub use plan::GroupPlan;

use super::domain::GroupId;
use super::store::{self, Group};
use super::view::GroupView;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(plan::plan_group)
        .service(read::list_groups)
        .service(read::read_group)
        .service(change::change_group)
        .service(plan::open_group_to_team)
        .service(session::add_group_session)
        .service(session::read_group_session)
        .service(session::move_group_session)
        .service(session::cancel_group_session)
        .service(register::record_group_attendance)
        .service(enrolment::enrol_in_group)
        .service(read::list_group_enrolments)
        .service(ending::finish_group)
        .service(ending::cancel_group)
        .service(read::read_group_enrolment)
        .service(read::list_person_group_enrolments)
        .service(leaving::place_group_enrolment)
        .service(leaving::withdraw_group_enrolment);
}

/// The group, locked by one who runs it, with the checks that come before the body. `version` is of what is
/// changed: the group itself, or nothing if something is only added to it.
async fn locked<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    id: GroupId,
    itself: bool,
) -> Result<Group, Stop> {
    tx.entry.record = Some(id.0);
    let group = store::for_change(tx, id).await?;
    store::require_running(tx, id).await?;
    tx.proceed(itself.then_some(group.version)).await?;
    tx.entry.records.push(id.0);
    Ok(group)
}

/// The group as it stands in this transaction.
async fn shown<T>(tx: &mut Write<'_, T>, id: GroupId) -> Result<GroupView, Stop> {
    Ok(GroupView::of(store::show(tx, id).await?)?)
}

/// Notes that a day is not one of the group's.
fn within_its_days(group: &Group, day: NaiveDate, at: &str, mistakes: &mut Mistakes<'_>) {
    mistakes.before(day, group.first_day, at, "is before the group's first day");
    if group.last_day.is_some_and(|last| last < day) {
        mistakes.add(at, "out_of_order", "is after the group's last day");
    }
}

/// The teams somebody works in.
fn teams(actor: &Actor) -> Vec<String> {
    actor.scopes().into_iter().filter(|scope| scope.starts_with("team:")).collect()
}

fn grant(
    record: impl Into<Uuid>,
    kind: &'static str,
    (scope, view): (String, View),
    state: &'static str,
    at: chrono::DateTime<chrono::Utc>,
) -> Grant {
    Grant { record: record.into(), kind, scope, view, state, sort_at: at }
}
