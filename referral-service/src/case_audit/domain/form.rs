//! What may be asked of a sample, an audit and an action, and what is wrong with it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::actor::Word;
use shared::code::Rules;
use shared::id::UserId;
use shared::problem::FieldError;
use utoipa::ToSchema;

use super::AuditBasis;

/// A sample to be drawn.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuditSampleForm, example = json!({ "basis": "closed", "from": "2026-07-01", "to": "2026-09-30",
    "team": "intensive-family-support", "locality": "charnwood", "size": 25, "due_on": "2026-12-18" }))]
pub struct SampleForm {
    /// Which cases it is drawn from.
    pub basis: AuditBasis,
    /// The first day of the period.
    pub from: NaiveDate,
    /// Its last day.
    pub to: NaiveDate,
    /// Only this service's, a code of the set `service`. A service's manager names one of their own, and need not
    /// if they lead one alone; governance may leave it out.
    pub team: Option<Word>,
    /// Only cases of this type, a code of the set `case_type`.
    pub case_type: Option<Word>,
    /// Only families of this district, a code of the set `locality`.
    pub locality: Option<Word>,
    /// How many files. All there are, if there are fewer.
    #[schema(minimum = 1, maximum = 200)]
    pub size: i16,
    /// By when they should be audited.
    pub due_on: NaiveDate,
}

impl SampleForm {
    /// What is wrong with it.
    pub fn check(&self, rules: &Rules, today: NaiveDate) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.to < self.from {
            errors.push(FieldError::at("/to", "before_from", "is before the first day"));
        }
        if self.from > today {
            errors.push(FieldError::at("/from", "in_the_future", "is still to come"));
        } else if self.to > today {
            errors.push(FieldError::at("/to", "in_the_future", "is still to come: who belongs to it is not known yet"));
        }
        if self.due_on < today {
            errors.push(FieldError::at("/due_on", "in_the_past", "is past"));
        }
        for (at, set, code) in [
            ("/team", "service", &self.team),
            ("/case_type", "case_type", &self.case_type),
            ("/locality", "locality", &self.locality),
        ] {
            if code.as_ref().is_some_and(|code| !rules.has_code(set, code.as_str(), today)) {
                errors.push(FieldError::at(at, "unknown_code", format!("is none; GET /v1/codes/{set} lists them")));
            }
        }
        errors
    }
}

/// Who is to audit a file.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "user_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "name": "Sandra Senior (invented)", "due_on": "2026-12-11" }))]
pub struct AuditorForm {
    /// The user: a service's manager or First Response's, and none of the file's workers.
    pub user_id: UserId,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// By when; as the sample says, if left out.
    pub due_on: Option<NaiveDate>,
}

/// A file taken out of its sample.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The case was opened in error and holds nothing to be audited." }))]
pub struct ExclusionForm {
    /// Why.
    #[schema(min_length = 1, max_length = 4000)]
    pub reason: String,
}

/// How well a file meets a standard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AuditGrade)]
pub struct GradeForm {
    /// The standard, by its code.
    #[schema(min_length = 1, max_length = 64, example = "voice")]
    pub standard: String,
    /// The grade, by its code. Either this, with evidence, or why the standard does not apply.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64, example = "good")]
    pub grade: Option<String>,
    /// What in the file shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20000)]
    pub evidence: Option<String>,
    /// Why the standard does not apply to this file: it then counts in no base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 4000)]
    pub not_applicable: Option<String>,
}

/// The grades of a file, as far as the auditor has come.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "grades": [
    { "standard": "timeliness", "grade": "requires-improvement", "evidence": "The assessment was a week late; notes are prompt." },
    { "standard": "voice", "grade": "good", "evidence": "The child's own words stand in the plan." } ] }))]
pub struct GradesForm {
    /// One for each standard that is graded so far. What is not named is graded no longer.
    #[schema(max_items = 50)]
    pub grades: Vec<GradeForm>,
}

/// The end of an audit.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "summary": "Sound work with the family; the second review drifted, and supervision did not notice." }))]
pub struct AuditCompletion {
    /// What the auditor found, for whoever did the work.
    #[schema(min_length = 1, max_length = 20000)]
    pub summary: String,
}

/// An action that must follow.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "what": "Hold the review that is overdue.", "standard": "timeliness",
    "owner": { "user_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "name": "Felix Family (invented)" }, "due_on": "2026-12-31" }))]
pub struct AuditActionForm {
    /// What is to be done.
    #[schema(min_length = 1, max_length = 4000)]
    pub what: String,
    /// The standard it comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub standard: Option<String>,
    /// Who answers for it.
    pub owner: AuditActionOwner,
    /// By when.
    pub due_on: NaiveDate,
}

/// Who answers for an action.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditActionOwner {
    /// The user.
    pub user_id: UserId,
    /// Their name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
}

/// What became of an action.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "done": true, "note": "Held on 14 December; the plan was renewed." }))]
pub struct AuditActionEnd {
    /// Whether it was done; if not, it is no longer to be done.
    pub done: bool,
    /// What was done, or why not.
    #[schema(min_length = 1, max_length = 4000)]
    pub note: String,
}

/// What is wrong with grades; `standards` and `scale` are the codes of the day of the sample.
pub fn grade_errors(grades: &[GradeForm], standards: &[&str], scale: &[&str]) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (index, given) in grades.iter().enumerate() {
        let at = format!("/grades/{index}");
        if !standards.contains(&given.standard.as_str()) {
            let detail = format!("is no standard of this sample: {}", standards.join(", "));
            errors.push(FieldError::at(format!("{at}/standard"), "unknown_code", detail));
        } else if grades.iter().take(index).any(|other| other.standard == given.standard) {
            errors.push(FieldError::at(format!("{at}/standard"), "repeated", "is graded once"));
        }
        match (&given.grade, &given.not_applicable) {
            (Some(grade), None) => {
                if !scale.contains(&grade.as_str()) {
                    let detail = format!("is no grade: {}", scale.join(", "));
                    errors.push(FieldError::at(format!("{at}/grade"), "unknown_code", detail));
                }
                if given.evidence.is_none() {
                    errors.push(FieldError::at(format!("{at}/evidence"), "required", "is needed: what shows it?"));
                }
            }
            (None, Some(_)) => {
                if given.evidence.is_some() {
                    let detail = "has no place where the standard does not apply";
                    errors.push(FieldError::at(format!("{at}/evidence"), "does_not_fit", detail));
                }
            }
            _ => {
                let detail = "give a `grade`, or in `not_applicable` why there is none";
                errors.push(FieldError::at(at, "one_of", detail));
            }
        }
    }
    errors
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    #[test]
    fn a_grade_has_its_evidence_and_its_place_on_the_scale() {
        let wrong = |grades: serde_json::Value| -> Vec<String> {
            let grades: Vec<GradeForm> = serde_json::from_value(grades).unwrap();
            let errors = grade_errors(&grades, &["voice", "outcomes"], &["good", "inadequate"]);
            errors.into_iter().map(|error| error.pointer.unwrap()).collect()
        };
        let good = json!({ "standard": "voice", "grade": "good", "evidence": "x" });
        let none = json!({ "standard": "outcomes", "not_applicable": "Closed after a week." });
        assert!(wrong(json!([good, none])).is_empty());
        assert_eq!(wrong(json!([good, good])), ["/grades/1/standard"]);
        assert_eq!(
            wrong(json!([{ "standard": "tidiness", "grade": "fine", "evidence": "x" }])),
            ["/grades/0/standard", "/grades/0/grade"]
        );
        assert_eq!(wrong(json!([{ "standard": "voice", "grade": "good" }])), ["/grades/0/evidence"]);
        assert_eq!(wrong(json!([{ "standard": "voice" }])), ["/grades/0"]);
        assert_eq!(
            wrong(json!([{ "standard": "voice", "not_applicable": "x", "evidence": "y" }])),
            ["/grades/0/evidence"]
        );
    }
}
