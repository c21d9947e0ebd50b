//! A short break as it is shown: where it stands to everyone who sees it, the rest to those who see it whole.

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::deadline::{self, Standing, standing};
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{ShortBreakId, ShortBreakLevel, ShortBreakStatus};
use super::store::{self, ShortBreak};

/// The clock of a decision.
pub const DECISION: &str = "short_break_decision";
/// The clock of a review.
pub const REVIEW: &str = "short_break_review";

/// A short break.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShortBreakView {
    /// Its id.
    pub id: ShortBreakId,
    /// The reference to read out.
    pub reference: String,
    /// Where it stands.
    pub status: ShortBreakStatus,
    /// The child's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// When it was asked for.
    pub asked_at: DateTime<Utc>,
    /// The level that was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<ShortBreakLevel>,
    /// How many hours a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours_per_year: Option<i32>,
    /// How many pounds a year.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pounds_per_year: Option<i32>,
    /// When it was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<DateTime<Utc>>,
    /// By when it is looked at again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_due_at: Option<DateTime<Utc>>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// What is said of the child and why it was decided so; for those who see it whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<ShortBreakAccountView>,
}

/// What is said of the child, and why it was decided so.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShortBreakAccountView {
    /// The child.
    pub person_id: Uuid,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// Who asks.
    pub asker_name: String,
    /// What they are to the child.
    pub asker_is: String,
    /// What the child needs, codes of the set `short_break_need`.
    pub needs: Vec<String>,
    /// In words.
    pub words: String,
    /// Who wrote the request down.
    pub recorded_by: String,
    /// Of which agency.
    pub agency: String,
    /// By when it is to be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_due_at: Option<DateTime<Utc>>,
    /// Where the clock of the decision stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision_clock: Option<Standing>,
    /// Where the clock of the review stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub review_clock: Option<Standing>,
    /// What was decided, oldest first.
    pub steps: Vec<ShortBreakStepView>,
}

/// Something that was decided of a short break.
#[derive(Debug, Serialize, ToSchema)]
pub struct ShortBreakStepView {
    /// When.
    pub at: DateTime<Utc>,
    /// What: `agreed`, `declined`, `reviewed`, `withdrawn`, `ended`.
    pub what: String,
    /// By whom.
    pub who: String,
    /// Why.
    pub reason: String,
    /// Which criteria the child met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<String>,
    /// The level from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Hours a year from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours_per_year: Option<i32>,
    /// Pounds a year from then on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pounds_per_year: Option<i32>,
}

impl ShortBreakView {
    /// Where it stands, and no more.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: ShortBreak) -> Result<Self, Problem> {
        let level = row.level.as_deref().map(str::parse).transpose();
        Ok(Self {
            id: row.id,
            status: row.standing()?,
            level: level.map_err(|()| Problem::internal(&"unknown level of a short break"))?,
            reference: row.reference,
            locality: row.locality,
            asked_at: row.asked_at,
            hours_per_year: row.hours_per_year,
            pounds_per_year: row.pounds_per_year,
            decided_at: row.decided_at,
            review_due_at: row.review_due_at,
            ended_at: row.ended_at,
            account: None,
        })
    }
}

/// A short break as far as the caller sees it.
///
/// # Errors
/// As the database says.
pub async fn seen(
    connection: &mut AsyncPgConnection,
    row: ShortBreak,
    now: DateTime<Utc>,
) -> Result<ShortBreakView, Problem> {
    let id = row.id;
    let mut view = ShortBreakView::of(row)?;
    let Some(account) = store::account(connection, id).await? else { return Ok(view) };
    let decision = deadline::clock(connection, id.0, DECISION).await?;
    let review = deadline::clock(connection, id.0, REVIEW).await?;
    let steps = store::steps(connection, id).await?;
    let step = |row: store::StepRow| ShortBreakStepView {
        at: row.at,
        what: row.what,
        who: row.who,
        reason: row.reason,
        criteria: row.criteria,
        level: row.level,
        hours_per_year: row.hours_per_year,
        pounds_per_year: row.pounds_per_year,
    };
    view.account = Some(ShortBreakAccountView {
        person_id: account.person_id,
        given_name: account.given_name,
        family_name: account.family_name,
        birth_date: account.birth_date,
        asker_name: account.asker_name,
        asker_is: account.asker_is,
        needs: account.needs,
        words: account.words,
        recorded_by: account.recorded_by_name,
        agency: account.agency,
        decision_due_at: decision.map(|clock| clock.due_at),
        decision_clock: decision.map(|clock| standing(clock.due_at, clock.met_at, now)),
        review_clock: review.map(|clock| standing(clock.due_at, clock.met_at, now)),
        steps: steps.into_iter().map(step).collect(),
    });
    Ok(view)
}
