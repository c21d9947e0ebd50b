//! That whoever referred hears what was decided, and by when. The clock `referrer_told` runs from
//! the receipt to the first telling of a decision, and the time it took is a figure.

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::Problem;

use super::store::Referral;

/// The clock from a referral's receipt to the first telling of a decision.
pub const REFERRER_TOLD: &str = "referrer_told";

/// Stops the clock at the first telling of a decision. The answer is the event that tells of it; none if
/// the referrer had heard of a decision before.
///
/// # Errors
/// As the database says.
pub async fn outcome_told(
    connection: &mut AsyncPgConnection,
    referral: &Referral,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Option<Event>, Problem> {
    let id = referral.id;
    let due = match deadline::clock(connection, id.0, REFERRER_TOLD).await? {
        Some(clock) if clock.met_at.is_some() => return Ok(None),
        Some(clock) => clock.due_at,
        // Received before there was such a clock.
        None => {
            let due = rules.must_due(REFERRER_TOLD, referral.received_at)?;
            deadline::start(connection, id.0, REFERRER_TOLD, referral.received_at, due).await?;
            due
        }
    };
    deadline::meet(connection, id.0, REFERRER_TOLD, now).await?;
    let facts = serde_json::json!({
        "referral_id": id, "agency": referral.agency, "received_at": referral.received_at, "told_at": now, "due_at": due,
        "in_time": now <= due, "hours": (now - referral.received_at).num_hours(), "locality": referral.locality,
    });
    Ok(Some(Event::new("referral.referrer_told.v1", id, facts)))
}
