//! What a work list says.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::question::Position;
use crate::deadline::Running;
use crate::id::UserId;

/// A clock, by its code and as people call it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkClock)]
pub struct Clock {
    /// The code.
    #[schema(example = "front_door_decision")]
    pub code: String,
    /// In words.
    #[schema(example = "Decision at the front door")]
    pub label: String,
}

/// Something that is to be done by a certain time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkItem {
    /// What is to be done.
    pub what: Clock,
    /// Where its clock stands: `at_risk` is the last quarter of its time.
    pub standing: Running,
    /// When the clock started.
    pub started_at: DateTime<Utc>,
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// What the record is: `referral`, `allocation`, `case`.
    #[schema(example = "referral")]
    pub kind: String,
    /// The record's id.
    pub record_id: Uuid,
    /// The record's address.
    #[schema(example = "/v1/referrals/0198c0de-0000-7000-8000-000000000001")]
    pub about: String,
    /// The reference people read out, where you see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "R-7K3M-9QXA-C")]
    pub reference: Option<String>,
    /// The family's district, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "charnwood")]
    pub locality: Option<String>,
    /// Who answers for it; the team as a whole, if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<UserId>,
    /// Whether that is you.
    pub mine: bool,
}

impl WorkItem {
    /// Its place in the list.
    pub fn position(&self) -> Position {
        Position { due_at: self.due_at, record: self.record_id, code: self.what.code.clone() }
    }
}

/// The most that is counted of each standing.
pub const MOST_COUNTED: i64 = 100;

/// How much there is. 100 stands for 100 or more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = WorkCounts)]
pub struct Counts {
    /// Late.
    pub overdue: i64,
    /// In the last quarter of their time.
    pub at_risk: i64,
    /// Neither.
    pub due: i64,
}

impl Counts {
    /// The counts of two services together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let sum = |a: i64, b: i64| a.saturating_add(b).min(MOST_COUNTED);
        Self {
            overdue: sum(self.overdue, other.overdue),
            at_risk: sum(self.at_risk, other.at_risk),
            due: sum(self.due, other.due),
        }
    }
}

/// A page of what is due, the earliest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkList {
    /// How much there is in all; on the first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// The items.
    pub items: Vec<WorkItem>,
    /// Send this as `cursor` for the next page; absent on the last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// The services that did not answer: what is due in them is not on the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["youth-justice-service"]))]
    pub missing: Vec<String>,
}
