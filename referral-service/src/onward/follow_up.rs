//! Asking how the family is 3, 6, 9 and 12 months after the service took it on.

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::Problem;
use uuid::Uuid;

use super::event;
use super::store::{NewFollowUp, Row, keep_follow_up};
use crate::referral::follow_up::{FollowUps, MONTHS};

/// Schedules the follow-ups of an onward referral that was accepted just now, each with its clock. The answer is
/// what the other services are told.
///
/// # Errors
/// 500 without their time limits; as the database says.
pub async fn begin(
    connection: &mut AsyncPgConnection,
    rules: &Rules,
    row: &Row,
    now: DateTime<Utc>,
) -> Result<Vec<Event>, Problem> {
    let mut told = Vec::new();
    for months in MONTHS {
        let code = FollowUps::OfOnwardReferral.clock(months);
        let due_at = rules.must_due(&code, now)?;
        let id = Uuid::now_v7();
        let follow_up =
            NewFollowUp { id, onward_id: row.id, months, started_on: now.local_day(), due_at, status: "due" };
        keep_follow_up(connection, &follow_up).await?;
        deadline::start(connection, row.id.0, &code, now, due_at).await?;
        told.push(event::follow_up_scheduled(row, &follow_up));
    }
    Ok(told)
}
