//! What a batch and its rows look like to whoever sent it.

use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::actor::Actor;
use shared::problem::{FieldError, Problem};
use utoipa::ToSchema;

use super::store::{Batch, KeptRow};
use crate::referral::domain::ReferralId;
use crate::sheet::RowProblem;

shared::typed_id!(
    /// A file of referrals.
    BatchId
);

shared::words! {
    /// How far a batch is.
    BatchStatus {
        /// Rows are still waiting.
        Working = "working",
        /// Rows are waiting, and none is taken: the rights of whoever sent it have been revoked or could not be asked
        /// about. It goes on when its sender resumes it.
        Held = "held",
        /// No more rows are taken; those that were waiting are being answered, or have been.
        Stopped = "stopped",
        /// Every row has been answered.
        Done = "done",
    }
}

shared::words! {
    /// Whose batches are listed.
    BatchesFor {
        /// Those you sent.
        Me = "me",
        /// All that you see.
        All = "all",
    }
}

impl BatchesFor {
    /// The scopes by which they are found.
    pub fn scopes(self, actor: &Actor) -> Vec<String> {
        match self {
            BatchesFor::Me => vec![format!("user:{}", actor.user)],
            BatchesFor::All => actor.scopes(),
        }
    }
}

shared::words! {
    /// What became of a row.
    RowOutcome {
        /// It is a referral, or part of one.
        Taken = "taken",
        /// Nothing of it was stored.
        Refused = "refused",
        /// The batch was stopped before it was looked at. Nothing of it was stored.
        NotTaken = "not_taken",
    }
}

/// A file of referrals, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchView {
    /// Its id.
    pub id: BatchId,
    /// Who sent it.
    pub sent_by: String,
    /// For which agency.
    pub agency: String,
    /// When it came; for its referrals the moment in which the front door had them.
    pub received_at: DateTime<Utc>,
    /// How far it is.
    pub status: BatchStatus,
    /// How many rows it has, without the header and empty rows.
    pub rows: i32,
    /// How many have not been answered yet.
    pub waiting_rows: i32,
    /// How many were taken.
    pub taken_rows: i32,
    /// How many were refused.
    pub refused_rows: i32,
    /// How many were not taken because it was stopped.
    pub not_taken_rows: i32,
    /// How many of those taken have something about them that is worth knowing.
    pub warned_rows: i32,
    /// How many referrals they became.
    pub referrals: i32,
    /// What is worth knowing of the file as a whole.
    pub warnings: Vec<FieldError>,
    /// Since when no row is taken, if it is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held_at: Option<DateTime<Utc>>,
    /// When it was stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<DateTime<Utc>>,
    /// By whom; by nobody, if it was held for as long as its rows are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_by: Option<String>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_because: Option<String>,
    /// When the last row was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_at: Option<DateTime<Utc>>,
    /// Until when the cells of rows that were refused or not taken are kept for `rows.csv`.
    pub kept_until: DateTime<Utc>,
}

impl BatchView {
    /// From a row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Batch) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            received_at: row.received_at,
            status: row.status(),
            sent_by: row.user_name,
            agency: row.agency,
            rows: row.row_count,
            waiting_rows: row.row_count - row.taken_rows - row.refused_rows - row.not_taken_rows,
            not_taken_rows: row.not_taken_rows,
            held_at: row.held_at.filter(|_| row.stopped_at.is_none()),
            stopped_at: row.stopped_at,
            stopped_by: row.stopped_by_name,
            stopped_because: row.stopped_because,
            taken_rows: row.taken_rows,
            refused_rows: row.refused_rows,
            warned_rows: row.warned_rows,
            referrals: row.referrals,
            warnings: serde_json::from_value(row.warnings).map_err(|error| Problem::internal(&error))?,
            finished_at: row.finished_at,
            kept_until: row.kept_until,
        })
    }
}

/// What became of a row.
#[derive(Debug, Serialize, ToSchema)]
pub struct BatchRowView {
    /// Its number, as a spreadsheet shows it: the header is row 1.
    pub row: i32,
    /// What became of it.
    pub outcome: RowOutcome,
    /// Its `referral_key`, for as long as the cells of refused rows are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1")]
    pub referral_key: Option<String>,
    /// What it calls the referral, if this row says so; kept for as long. The referral keeps it too.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "SAFEGUARDING-2026-118")]
    pub their_reference: Option<String>,
    /// The referral it became or is part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<ReferralId>,
    /// That referral's reference.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "R-7K3M-9QXA-C")]
    pub reference: Option<String>,
    /// The reference of the earlier referral, if it was refused because your agency has sent it before (`already_sent`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "R-7K3M-9QXA-C")]
    pub already_sent_as: Option<String>,
    /// Why it was refused, and what is worth knowing of it.
    pub problems: Vec<RowProblem>,
}

/// What there is to say of a row.
///
/// # Errors
/// 500 if it holds what this program does not know.
pub fn row_problems(row: &KeptRow) -> Result<Vec<RowProblem>, Problem> {
    serde_json::from_value(row.problems.clone()).map_err(|error| Problem::internal(&error))
}

impl BatchRowView {
    /// From a row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: KeptRow) -> Result<Self, Problem> {
        Ok(Self {
            row: row.number,
            outcome: row.outcome.parse().map_err(|()| Problem::internal(&"an outcome that is none"))?,
            problems: row_problems(&row)?,
            referral_key: row.referral_key,
            their_reference: row.their_reference,
            already_sent_as: row.already_sent_as,
            referral_id: row.referral_id.map(ReferralId),
            reference: row.reference,
        })
    }
}
