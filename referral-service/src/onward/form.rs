//! What is sent to pass a family on, and what is wrong with it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::actor::Word;
use shared::code::Rules;
use shared::problem::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::OnwardOutcome;
use super::share::ShareField;
use crate::referral::domain::ReferralId;

/// A family to be passed on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "referral_id": "0198c0de-0000-7000-8000-000000000001", "service_id": "0198c0de-0000-7000-8000-000000000002",
    "purpose": "Help with debts and rent arrears before it comes to an eviction.",
    "share": ["names", "relations", "addresses", "needs_to_happen"],
    "message": "The mother prefers to be rung in the morning.", "family_contact": "01632 960123, after school hours",
    "reply_to": "Harper Hub (invented), Charnwood hub, 01632 960500",
    "basis": { "basis": "consent", "consent": { "given_by": "mother", "on": "2026-11-20" } }
}))]
pub struct OnwardForm {
    /// The referral, which you see whole.
    pub referral_id: ReferralId,
    /// A service of the directory that is no user.
    pub service_id: Uuid,
    /// What the service is asked for. It reads this.
    #[schema(min_length = 1, max_length = 2000)]
    pub purpose: String,
    /// What it may read of the referral, and nothing else.
    #[schema(max_items = 20)]
    pub share: Vec<ShareField>,
    /// About whom, by `person_id`; about everyone the referral names, if left out.
    #[schema(max_items = 30)]
    pub people: Option<Vec<Uuid>>,
    /// A message to the service.
    #[schema(min_length = 1, max_length = 8000)]
    pub message: Option<String>,
    /// How the family may be reached, if the service is to ring or write.
    #[schema(min_length = 1, max_length = 1000)]
    pub family_contact: Option<String>,
    /// Who asks, and how the service reaches them.
    #[schema(min_length = 1, max_length = 500)]
    pub reply_to: String,
    /// On which basis it is shared.
    pub basis: SharingBasis,
}

/// The basis on which something is shared. It is not the family's agreement to be helped.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharingBasis {
    /// A code of the set `lawful-basis`.
    pub basis: Word,
    /// Why it holds.
    #[schema(min_length = 1, max_length = 4000)]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whose consent to share, and when it was given: where the basis is `consent`, and only there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<SharingConsent>,
}

/// Somebody's consent that something be shared.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SharingConsent {
    /// Who gave it: "mother", "the young person".
    #[schema(min_length = 1, max_length = 200)]
    pub given_by: String,
    /// When.
    pub on: NaiveDate,
}

/// Holds a form against the rules that need no looking up.
pub fn check(form: &OnwardForm, rules: &Rules, today: NaiveDate) -> Vec<FieldError> {
    let mut errors = Vec::new();
    let basis = &form.basis;
    if !rules.has_code("lawful-basis", basis.basis.as_str(), today) {
        let detail = "is no basis; GET /v1/codes/lawful-basis lists them";
        errors.push(FieldError::at("/basis/basis", "unknown_code", detail));
    }
    match (basis.basis.as_str() == "consent", &basis.consent) {
        (true, None) => {
            let detail = "is needed where consent is the basis: whose, and when?";
            errors.push(FieldError::at("/basis/consent", "required", detail));
        }
        (false, Some(_)) => {
            let detail = "has a place only where consent is the basis";
            errors.push(FieldError::at("/basis/consent", "does_not_fit", detail));
        }
        (_, Some(consent)) if consent.on > today => {
            errors.push(FieldError::at("/basis/consent/on", "in_the_future", "is still to come"));
        }
        _ => {}
    }
    if form.share.is_empty() && form.message.is_none() {
        let detail = "names nothing, and there is no message either: what is the service to read?";
        errors.push(FieldError::at("/share", "nothing_shared", detail));
    }
    errors
}

/// What the service answered, by telephone or letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnwardAnswer {
    /// It takes the family on.
    Accepted,
    /// It does not.
    Declined,
    /// It does not answer, and nobody waits any more.
    NoAnswer,
}

/// What the service answered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answer": "accepted", "note": "Rang: first appointment on 3 December." }))]
pub struct OnwardAnswerForm {
    /// What it answered.
    pub answer: OnwardAnswer,
    /// What else it said.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
}

/// What came of it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "outcome": "engaged", "on": "2026-11-21", "note": "Has been twice." }))]
pub struct OnwardOutcomeForm {
    /// What came of it.
    pub outcome: OnwardOutcome,
    /// As of when.
    pub on: NaiveDate,
    /// In words.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
}

/// Why it is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The mother withdrew her consent to share." }))]
pub struct OnwardWithdrawal {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct NewOnwardLink {}
