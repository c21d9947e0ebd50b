//! What the events say. Fields that are not named here are passed over, so that referral-service
//! may say more without asking.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use shared::events::CloudEvent;
use uuid::Uuid;

/// An event that makes a fact.
#[derive(Debug)]
pub enum Happening {
    /// A referral reached the front door.
    Received(Received),
    /// Whoever referred was first told an outcome.
    Told(Told),
    /// Its screening began.
    ScreeningStarted(OfReferral),
    /// The front door decided.
    Decided(Decided),
    /// The hub decided.
    HubDecided(HubDecided),
    /// It was taken back.
    Withdrawn(Withdrawn),
    /// It came to its end.
    Closed(Closed),
    /// An allocation was offered to a service.
    Offered(Offered),
    /// The service took it, or something else became of it.
    Allocation(AllocationStep),
}

/// `referral.received.v1`.
#[derive(Debug, Deserialize)]
pub struct Received {
    /// The referral.
    pub referral_id: Uuid,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// By when it decides.
    pub decision_due_at: DateTime<Utc>,
    /// The family's district, if known by then.
    #[serde(default)]
    pub locality: Option<String>,
    /// Who referred.
    #[serde(default)]
    pub agency: Option<String>,
    /// How it came: `api`, `telephone`.
    #[serde(default)]
    pub channel: Option<String>,
    /// Who came with it: `professional`, `self_referral`.
    #[serde(default)]
    pub kind: Option<String>,
    /// Whether it was told as immediate safeguarding.
    #[serde(default)]
    pub urgent: Option<bool>,
    /// Whether somebody in it was referred in the twelve months before.
    #[serde(default, rename = "repeat_within_12_months")]
    pub repeated: Option<bool>,
}

/// `referral.referrer_told.v1`.
#[derive(Debug, Deserialize)]
pub struct Told {
    /// The referral.
    pub referral_id: Uuid,
    /// When whoever referred was first told an outcome.
    pub told_at: DateTime<Utc>,
    /// Whether that was within the limit.
    pub in_time: bool,
}

/// An event that names a referral and no more.
#[derive(Debug, Deserialize)]
pub struct OfReferral {
    /// The referral.
    pub referral_id: Uuid,
}

/// `referral.decided.v1`.
#[derive(Debug, Deserialize)]
pub struct Decided {
    /// The referral.
    pub referral_id: Uuid,
    /// What was decided.
    pub outcome: String,
    /// 1 universal to 4 acute.
    #[serde(default)]
    pub level_of_need: Option<i16>,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// By when it had to be.
    pub due_at: DateTime<Utc>,
    /// Whether it was.
    pub in_time: bool,
    /// The family's district, if known by then.
    #[serde(default)]
    pub locality: Option<String>,
}

/// `referral.hub_decided.v1`.
#[derive(Debug, Deserialize)]
pub struct HubDecided {
    /// The referral.
    pub referral_id: Uuid,
    /// What was decided.
    pub outcome: String,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// The hub's district.
    #[serde(default)]
    pub locality: Option<String>,
    /// The service asked, if one.
    #[serde(default)]
    pub service: Option<String>,
}

/// `referral.withdrawn.v1`.
#[derive(Debug, Deserialize)]
pub struct Withdrawn {
    /// The referral.
    pub referral_id: Uuid,
    /// When.
    pub withdrawn_at: DateTime<Utc>,
}

/// `referral.closed.v1`.
#[derive(Debug, Deserialize)]
pub struct Closed {
    /// The referral.
    pub referral_id: Uuid,
    /// When.
    pub closed_at: DateTime<Utc>,
    /// In which way.
    #[serde(default)]
    pub how: Option<String>,
}

/// `allocation.offered.v1`.
#[derive(Debug, Deserialize)]
pub struct Offered {
    /// The allocation.
    pub allocation_id: Uuid,
    /// Its referral.
    pub referral_id: Uuid,
    /// The service asked.
    pub service: String,
    /// The district.
    #[serde(default)]
    pub locality: Option<String>,
    /// When.
    pub offered_at: DateTime<Utc>,
}

/// What became of an allocation.
#[derive(Debug, Deserialize)]
pub struct AllocationStep {
    /// The allocation.
    pub allocation_id: Uuid,
    /// Its referral.
    pub referral_id: Uuid,
    /// The service.
    pub service: String,
    /// When it accepted.
    #[serde(default)]
    pub accepted_at: Option<DateTime<Utc>>,
    /// When it declined.
    #[serde(default)]
    pub declined_at: Option<DateTime<Utc>>,
    /// When it was taken back.
    #[serde(default)]
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// When its work ended.
    #[serde(default)]
    pub closed_at: Option<DateTime<Utc>>,
    /// With what outcome.
    #[serde(default)]
    pub outcome: Option<String>,
}

/// What the event says; none if it is of a kind that makes no fact.
///
/// # Errors
/// If an event of a known kind lacks what that kind must say.
pub fn read(event: &CloudEvent) -> Result<Option<Happening>, serde_json::Error> {
    let data = &event.data;
    Ok(Some(match event.kind.as_str() {
        "referral.received.v1" => Happening::Received(Received::deserialize(data)?),
        "referral.referrer_told.v1" => Happening::Told(Told::deserialize(data)?),
        "referral.screening_started.v1" => Happening::ScreeningStarted(OfReferral::deserialize(data)?),
        "referral.decided.v1" => Happening::Decided(Decided::deserialize(data)?),
        "referral.hub_decided.v1" => Happening::HubDecided(HubDecided::deserialize(data)?),
        "referral.withdrawn.v1" => Happening::Withdrawn(Withdrawn::deserialize(data)?),
        "referral.closed.v1" => Happening::Closed(Closed::deserialize(data)?),
        "allocation.offered.v1" => Happening::Offered(Offered::deserialize(data)?),
        "allocation.accepted.v1" => Happening::Allocation(step(event, |step| step.accepted_at.is_some())?),
        "allocation.declined.v1" => Happening::Allocation(step(event, |step| step.declined_at.is_some())?),
        "allocation.withdrawn.v1" => Happening::Allocation(step(event, |step| step.withdrawn_at.is_some())?),
        "allocation.closed.v1" => Happening::Allocation(step(event, |step| step.closed_at.is_some())?),
        _ => return Ok(None),
    }))
}

/// A step of an allocation that says when it was taken.
fn step(event: &CloudEvent, dated: impl Fn(&AllocationStep) -> bool) -> Result<AllocationStep, serde_json::Error> {
    let step = AllocationStep::deserialize(&event.data)?;
    if dated(&step) { Ok(step) } else { Err(serde::de::Error::custom("does not say when")) }
}
