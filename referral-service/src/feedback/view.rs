//! What feedback looks like to whoever reads it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{FeedbackGiver, FeedbackId, FeedbackKind, FeedbackOccasion, FeedbackVia};

/// A question as it is asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackQuestion {
    /// Its code.
    #[schema(example = "positive-difference")]
    pub code: String,
    /// When it is asked.
    pub occasion: FeedbackOccasion,
    /// How it is answered.
    pub kind: FeedbackKind,
    /// What is asked.
    pub text: String,
    /// Of a scale, from which answer on it is a positive one; of yes and no, yes is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub positive_from: Option<i16>,
    /// Whom it is asked of: `adult`, `child`, `professional`.
    pub asked_of: Vec<String>,
    /// The first day it is asked.
    pub valid_from: NaiveDate,
    /// The first day it no longer is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
    /// Whether that source was seen; if not, it is a placeholder for the partnership to set.
    pub verified: bool,
}

/// Feedback, as it was recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackView {
    /// Its id.
    pub id: FeedbackId,
    /// On which occasion.
    pub occasion: FeedbackOccasion,
    /// The case, the enrolment or the brief intervention.
    pub about: Uuid,
    /// Who gave it.
    pub giver: FeedbackGiver,
    /// How it came.
    pub via: FeedbackVia,
    /// When.
    pub given_on: NaiveDate,
    /// When it was recorded.
    pub recorded_at: DateTime<Utc>,
    /// How many questions were asked.
    pub asked: i64,
    /// How many of them were answered.
    pub answered: i64,
}

/// What feedback says, counted.
#[derive(Debug, Serialize, ToSchema)]
pub struct FeedbackSummary {
    /// On which occasion it was asked for.
    pub occasion: FeedbackOccasion,
    /// How many gave it.
    pub given: i64,
    /// Each question that was asked, in their order.
    pub questions: Vec<FeedbackCount>,
}

/// What was answered to one question.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct FeedbackCount {
    /// Its code.
    pub question: String,
    /// What was asked; as last asked, if the words have changed.
    pub text: String,
    /// How it is answered.
    pub kind: FeedbackKind,
    /// How many were asked.
    pub asked: i64,
    /// How many of them answered: the base. Who passed it over does not count in it.
    pub answered: i64,
    /// How many of the base answered positively; absent for words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive: Option<i64>,
    /// Of a scale how many gave 1, 2, 3, 4 and 5; of yes and no how many said yes and no.
    pub counts: Vec<i64>,
    /// What was said in words, newest first, at most a hundred, and not by whom.
    #[serde(default)]
    pub words: Vec<String>,
}
