//! What is said of prevention cases over HTTP, and what may be asked.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::id::PersonId;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{PreventionCaseId, Status};
use super::store::{Case, Named, StepRow};

/// A prevention case as a list shows it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreventionCaseSummary {
    /// The case's id.
    pub id: PreventionCaseId,
    /// The short reference people read out on the telephone.
    pub reference: String,
    /// The allocation at referral-service that it came from.
    pub allocation_id: Uuid,
    /// The referral that was allocated.
    pub referral_id: Uuid,
    /// The district, if the referral had one.
    pub locality: Option<String>,
    /// Where it stands.
    pub status: Status,
    /// What came of it, once closed: a code, as in the closure.
    pub outcome: Option<String>,
    /// When the allocation was offered.
    pub offered_at: DateTime<Utc>,
}

/// A prevention case, and whom it is about.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreventionCase {
    #[serde(flatten)]
    pub summary: PreventionCaseSummary,
    /// Everyone the allocation names, copied from the person index.
    pub people: Vec<PreventionCasePerson>,
}

/// Someone a prevention case is about. The names are null while their copy is on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreventionCasePerson {
    /// Their id in the person index.
    pub id: PersonId,
    /// Given name.
    pub given_name: Option<String>,
    /// Family name.
    pub family_name: Option<String>,
    /// Birth date, if the index has one.
    pub birth_date: Option<NaiveDate>,
}

/// What happened to a prevention case, earliest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreventionCaseHistory {
    /// The steps.
    pub items: Vec<PreventionCaseStep>,
}

/// A step in the history of a prevention case.
#[derive(Debug, Serialize, ToSchema)]
pub struct PreventionCaseStep {
    /// Where it brought the case.
    #[schema(value_type = Status)]
    pub status: String,
    /// When.
    pub at: DateTime<Utc>,
    /// The user name of who did it; null if it was learnt from referral-service.
    pub by: Option<String>,
    /// Why, in their words: the reason of a refusal, the summary of a closure.
    pub reason: Option<String>,
}

/// Nothing more needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct PreventionCaseAcceptance {}

/// Why the case is refused.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreventionCaseRefusal {
    /// For those who referred and allocated.
    #[schema(min_length = 1, max_length = 20000, example = "Already open to the court team.")]
    pub reason: String,
}

/// How the work ended.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PreventionCaseClosure {
    /// What came of it.
    pub outcome: PreventionCaseOutcome,
    /// What was done and what changed.
    #[schema(min_length = 1, max_length = 20000, example = "Back at school; no further offences.")]
    pub summary: String,
}

shared::words! {
    /// What came of the work with a young person.
    // Word for word the list with which an allocation is closed, since closing a prevention case closes its allocation
    // at referral-service. Written here too because the two share a contract and no code (`shared` knows no word of
    // the domain), and because these readers work with a young person, not with a family.
    PreventionCaseOutcome {
        /// The young person's needs are met.
        NeedsMet = "needs_met",
        /// Some of them are.
        NeedsPartlyMet = "needs_partly_met",
        /// They are not.
        NeedsNotMet = "needs_not_met",
        /// The young person or family no longer took part.
        FamilyDisengaged = "family_disengaged",
        /// The family moved away.
        MovedAway = "moved_away",
        /// It went to statutory services.
        SteppedUp = "stepped_up",
    }
}

impl From<Case> for PreventionCaseSummary {
    fn from(case: Case) -> Self {
        Self {
            id: case.id,
            reference: case.reference,
            allocation_id: case.allocation,
            referral_id: case.referral,
            locality: case.locality,
            status: case.status,
            outcome: case.outcome,
            offered_at: case.offered_at,
        }
    }
}

impl From<Named> for PreventionCasePerson {
    fn from(named: Named) -> Self {
        Self {
            id: PersonId(named.id),
            given_name: named.given_name,
            family_name: named.family_name,
            birth_date: named.birth_date,
        }
    }
}

impl From<StepRow> for PreventionCaseStep {
    fn from(step: StepRow) -> Self {
        Self { status: step.status, at: step.at, by: step.by, reason: step.reason }
    }
}
