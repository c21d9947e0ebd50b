//! The form events travel in: CloudEvents 1.0.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

/// Something that happened, before it is written.
///
/// Data holds pseudonymous ids and coded facts only: never a name, birth date, address or
/// free text.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its type with a version, `referral.decided.v1`.
    pub kind: &'static str,
    /// The aggregate it happened to; events of one aggregate keep their order.
    pub aggregate: Uuid,
    /// The facts.
    pub data: Value,
}

impl Event {
    /// An event of this kind about this aggregate.
    pub fn new(kind: &'static str, aggregate: impl Into<Uuid>, data: Value) -> Self {
        Self { kind, aggregate: aggregate.into(), data }
    }
}

/// The facts that every event of a record says, with those that this one adds.
pub fn joined(common: Value, own: Value) -> Value {
    match (common, own) {
        (Value::Object(mut common), Value::Object(own)) => {
            common.extend(own);
            Value::Object(common)
        }
        (common, _) => common,
    }
}

/// An event as other services get it (CloudEvents 1.0, structured JSON).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CloudEvent {
    /// `1.0`.
    pub specversion: String,
    /// The event's own id.
    pub id: Uuid,
    /// The service it happened in: `/referral-service`.
    pub source: String,
    /// Its type with a version.
    #[serde(rename = "type")]
    pub kind: String,
    /// The aggregate.
    pub subject: Uuid,
    /// When it happened, by the business clock.
    pub time: DateTime<Utc>,
    /// `application/json`.
    pub datacontenttype: String,
    /// The facts.
    pub data: Value,
    /// Its place in the log, without gaps, from 1.
    pub position: i64,
    /// Which life of the log the place is in.
    pub epoch: Uuid,
    /// The trace it happened in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<String>,
}
