//! Something that happened outside a hub's meeting and that the hub must not miss: it stands among the
//! hub's notes at once, and on the agenda of its next meeting.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use super::offer::AllocationId;
use super::store::Referral;
use crate::schema::hub_item;

/// What a note is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HubNote {
    /// It could not wait for the meeting and was decided outside it.
    DecidedOutsideMeeting,
    /// A service that was to support declined.
    SupportingServiceDeclined(AllocationId),
}

impl HubNote {
    /// As the table spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            HubNote::DecidedOutsideMeeting => "decided_outside_meeting",
            HubNote::SupportingServiceDeclined(_) => "supporting_service_declined",
        }
    }
}

/// Notes something for the hub of the family's district, if one is known.
///
/// # Errors
/// As the database says.
pub async fn note_for_hub(
    connection: &mut AsyncPgConnection,
    referral: &Referral,
    note: HubNote,
    why: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let Some(locality) = &referral.locality else { return Ok(()) };
    let allocation = match note {
        HubNote::SupportingServiceDeclined(allocation) => Some(allocation.0),
        HubNote::DecidedOutsideMeeting => None,
    };
    diesel::insert_into(hub_item::table)
        .values((
            hub_item::id.eq(Uuid::now_v7()),
            hub_item::locality.eq(locality),
            hub_item::referral_id.eq(referral.id),
            hub_item::kind.eq("note"),
            hub_item::about.eq(note.as_str()),
            hub_item::allocation_id.eq(allocation),
            hub_item::status.eq("listed"),
            hub_item::added_at.eq(now),
            hub_item::added_by_name.eq(&actor.name),
            hub_item::added_because.eq(why),
            hub_item::version.eq(1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
