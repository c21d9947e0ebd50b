//! What the family said of a service after the referral.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::referral::told::ConsentSaid;

/// What the family said of a service, once.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[schema(as = ReferralConsent)]
pub struct ConsentView {
    /// Whether they agree, do not, or took back what they had agreed to.
    pub given: ConsentSaid,
    /// Who was asked and said so.
    pub by: String,
    /// On which day.
    pub on: NaiveDate,
    /// How: in person, by telephone, in writing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub how: Option<String>,
    /// What else they said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// By whom.
    pub recorded_by: String,
}
