//! An onward referral as it is shown to whoever sees its referral whole.

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::deadline::{self, Standing, standing};
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{OnwardId, OnwardOutcome, OnwardStatus};
use super::form::{SharingBasis, SharingConsent};
use super::store::{self, Disclosure, FollowUpRow, Row};
use crate::provision::Obstacle;
use crate::referral::domain::ReferralId;
use crate::referral::follow_up::Heard;

/// The code of the clock.
pub const ANSWER: &str = "onward_answer";

/// A family passed on to a service that is no user.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnwardView {
    /// Its id.
    pub id: OnwardId,
    /// The referral.
    pub referral_id: ReferralId,
    /// The service of the directory.
    pub service_id: Uuid,
    /// What the service was called when it was asked.
    pub service: String,
    /// Who offers it.
    pub organisation: String,
    /// Where it stands.
    pub status: OnwardStatus,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// By when the service should answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_due_at: Option<DateTime<Utc>>,
    /// Where that clock stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer_clock: Option<Standing>,
    /// Until when its link opens.
    pub expires_at: DateTime<Utc>,
    /// When the link was first opened.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub viewed_at: Option<DateTime<Utc>>,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// `link` if the service answered itself, `worker` if it told somebody who wrote it down.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OnwardOutcome>,
    /// As of when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome_on: Option<NaiveDate>,
    /// What stood in the way of asking this service, and did not keep from it.
    pub warnings: Vec<Obstacle>,
    /// Each disclosure: to whom, what, for what, on which basis.
    pub disclosures: Vec<OnwardDisclosureView>,
    /// How the family is asked 3, 6, 9 and 12 months after the service took it on.
    pub follow_ups: Vec<OnwardFollowUpView>,
    /// What happened, oldest first.
    pub history: Vec<OnwardHistoryLine>,
}

/// A follow-up of an onward referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnwardFollowUpView {
    /// How many months after the acceptance.
    pub months: i16,
    /// By when the family is to be asked.
    pub due_at: DateTime<Utc>,
    /// Where the clock stands; none once it is cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<Standing>,
    /// `due`, `answered`, or `cancelled` where the onward referral was taken back.
    pub status: String,
    /// What was heard.
    #[serde(flatten)]
    pub heard: Heard,
}

fn followed(row: FollowUpRow, now: DateTime<Utc>) -> OnwardFollowUpView {
    OnwardFollowUpView {
        months: row.months,
        due_at: row.due_at,
        clock: (row.status != "cancelled").then(|| standing(row.due_at, row.answered_at, now)),
        status: row.status,
        heard: row.heard,
    }
}

/// A disclosure.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnwardDisclosureView {
    /// When.
    pub at: DateTime<Utc>,
    /// By whom.
    pub by: String,
    /// Of which agency.
    pub agency: String,
    /// To whom.
    pub to: String,
    /// Which fields.
    pub fields: Vec<String>,
    /// About whom.
    pub people: Vec<Uuid>,
    /// For what.
    pub purpose: String,
    /// On which basis.
    pub basis: SharingBasis,
}

/// Something that happened to an onward referral.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnwardHistoryLine {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: a user, `the service` by its link, or `threshold` itself.
    pub who: String,
    /// What.
    pub what: String,
    /// What was said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// An onward referral on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnwardLine {
    /// Its id.
    pub id: OnwardId,
    /// The referral.
    pub referral_id: ReferralId,
    /// The service.
    pub service: String,
    /// Who offers it.
    pub organisation: String,
    /// Where it stands.
    pub status: OnwardStatus,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OnwardOutcome>,
}

fn outcome(text: Option<&str>) -> Result<Option<OnwardOutcome>, Problem> {
    text.map(|text| text.parse().map_err(|()| Problem::internal(&"unknown outcome"))).transpose()
}

impl OnwardLine {
    /// From a row.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            referral_id: row.referral_id,
            status: row.standing()?,
            outcome: outcome(row.outcome.as_deref())?,
            service: row.service_name,
            organisation: row.organisation,
            sent_at: row.sent_at,
            answered_at: row.answered_at,
        })
    }
}

fn disclosed(row: Disclosure) -> Result<OnwardDisclosureView, Problem> {
    let consent = row.consent_given_by.zip(row.consent_on).map(|(given_by, on)| SharingConsent { given_by, on });
    Ok(OnwardDisclosureView {
        at: row.at,
        by: row.by_name,
        agency: row.agency,
        to: row.to_whom,
        fields: row.fields,
        people: row.people,
        purpose: row.purpose,
        basis: SharingBasis {
            basis: row.basis.parse().map_err(|error| Problem::internal(&error))?,
            note: row.basis_note,
            consent,
        },
    })
}

/// A row with everything that belongs to it.
///
/// # Errors
/// As the database says.
pub async fn whole(connection: &mut AsyncPgConnection, row: Row, now: DateTime<Utc>) -> Result<OnwardView, Problem> {
    let clock = deadline::clock(connection, row.id.0, ANSWER).await?;
    let disclosures = store::disclosures(connection, row.id).await?;
    let warnings = disclosures.first().map(|one| one.warnings.clone()).unwrap_or_default();
    let history = store::history(connection, row.id).await?;
    let follow_ups = store::follow_ups(connection, row.id).await?;
    Ok(OnwardView {
        id: row.id,
        referral_id: row.referral_id,
        service_id: row.service_id,
        status: row.standing()?,
        outcome: outcome(row.outcome.as_deref())?,
        service: row.service_name,
        organisation: row.organisation,
        sent_at: row.sent_at,
        answer_due_at: clock.map(|clock| clock.due_at),
        answer_clock: clock.map(|clock| standing(clock.due_at, clock.met_at, now)),
        expires_at: row.expires_at,
        viewed_at: row.viewed_at,
        answered_at: row.answered_at,
        answered_by: row.answered_by,
        outcome_on: row.outcome_on,
        warnings: warnings
            .iter()
            .map(|word| word.parse().map_err(|()| Problem::internal(&"unknown obstacle")))
            .collect::<Result<_, _>>()?,
        disclosures: disclosures.into_iter().map(disclosed).collect::<Result<_, _>>()?,
        follow_ups: follow_ups.into_iter().map(|one| followed(one, now)).collect(),
        history: history
            .into_iter()
            .map(|line| OnwardHistoryLine { at: line.at, who: line.who, what: line.what, note: line.note })
            .collect(),
    })
}
