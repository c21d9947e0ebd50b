//! What a closure must say.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::code::Rules;
use shared::id::PersonId;
use shared::problem::FieldError;
use utoipa::ToSchema;

use crate::measurement::domain::SoFar;
use crate::measurement::domain::content::Whose;
use crate::measurement::{Content, MeasurementId};
use crate::referral::allocation::ClosingOutcome;

/// A planned exit: the way on, and the way back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExitPlan {
    /// Who goes on helping, and with what.
    #[schema(min_length = 1, max_length = 20000)]
    pub continuing_help: String,
    /// How the family asks for help again, a "top-up".
    #[schema(min_length = 1, max_length = 20000)]
    pub asking_again: String,
}

/// What the family thinks would have happened without the service, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithoutTheService {
    /// Who says so.
    pub whose: Whose,
    /// Which member of the family.
    pub person_id: Option<PersonId>,
    /// Word for word.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: String,
    /// Whether that member consents to these words being told as a case study.
    #[serde(default)]
    pub case_study_consent: bool,
}

/// The end of a case.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CaseClosure, example = json!({
    "outcome": "needs_met",
    "summary": "Arrears are on a plan the family keeps to, and they have moved to a three-bedroom house.",
    "exit_plan": { "continuing_help": "The debt adviser, monthly.", "asking_again": "By telephone to the worker, or to First Response." },
    "measurement": { "measured_on": "2027-02-01", "scores": [{ "area": "health", "score": 8 }],
        "answers": [{ "question": "homelessness_risk", "yes": false }] },
    "without_the_service": { "whose": "parent", "words": "We would have been on the street.", "case_study_consent": false }
}))]
pub struct Closure {
    /// What came of it.
    pub outcome: ClosingOutcome,
    /// What was done and what changed, in words.
    #[schema(min_length = 1, max_length = 20000)]
    pub summary: String,
    /// The planned exit; absent if the work ended otherwise. Only after a planned exit may the family come
    /// back by a "top-up".
    pub exit_plan: Option<ExitPlan>,
    /// What is measured at the end: a closing review, begun and completed with the closure. Not
    /// needed if a closing review is completed already.
    pub measurement: Option<Content>,
    /// The closing review that is completed already; found by itself if it is not named.
    pub assessment_id: Option<MeasurementId>,
    /// Why nothing was measured at the end, a code of the set `not_measured`. A case of intensive
    /// support is closed only with what was measured or with this.
    #[schema(min_length = 1, max_length = 64)]
    pub not_measured_because: Option<String>,
    /// What the family says of the service, in words.
    #[schema(min_length = 1, max_length = 20000)]
    pub family_feedback: Option<String>,
    /// What the family thinks would have happened without it.
    pub without_the_service: Option<WithoutTheService>,
}

impl Closure {
    /// What is wrong with it, of a case of this type that was measured so far. `closing` is the closing
    /// review that is completed already.
    pub fn check(
        &self,
        case_type: &str,
        so_far: SoFar,
        closing: Option<MeasurementId>,
        (rules, today): (&Rules, NaiveDate),
    ) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let measured = closing.is_some() || self.measurement.is_some();
        if self.measurement.is_some() && closing.is_some() {
            let detail = "the closing review is completed already: leave this out";
            errors.push(FieldError::at("/measurement", "does_not_fit", detail));
        } else if self.measurement.is_some() && !so_far.assessed {
            let detail =
                "the family was not assessed, so there is nothing to review: say why in `not_measured_because`";
            errors.push(FieldError::at("/measurement", "does_not_fit", detail));
        }
        if self.assessment_id.is_some() && self.assessment_id != closing {
            let detail = "is no completed closing review of this case";
            errors.push(FieldError::at("/assessment_id", "does_not_fit", detail));
        }
        match &self.not_measured_because {
            Some(_) if measured => {
                let detail = "it was measured at the end: leave this out";
                errors.push(FieldError::at("/not_measured_because", "does_not_fit", detail));
            }
            Some(code) if !rules.has_code("not_measured", code, today) => {
                let detail = "is no such reason; GET /v1/codes/not_measured lists them";
                errors.push(FieldError::at("/not_measured_because", "unknown_code", detail));
            }
            None if !measured && rules.has_code("assessed_case_type", case_type, today) => {
                let detail = "give a `measurement`, complete a closing review first, or say why nothing was measured";
                errors.push(FieldError::at("/not_measured_because", "required", detail));
            }
            _ => {}
        }
        if let Some(said) = &self.without_the_service
            && said.case_study_consent
            && said.person_id.is_none()
        {
            let detail = "say who consents";
            errors.push(FieldError::at("/without_the_service/person_id", "required", detail));
        }
        errors
    }
}
