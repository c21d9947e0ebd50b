//! What a measurement says, and whether it can be so.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use shared::code::Rules;
use shared::id::PersonId;
use shared::problem::FieldError;
use utoipa::ToSchema;
use uuid::Uuid;

use super::checks::{check_form, check_subject, check_voice, member, not_of_the_family};
use super::ladder::Ladder;
use super::question::Question;
use crate::family::Member;

/// What is measured: where the family stands on the ladder, the answers to the questions, what is
/// working and what is not, what the family says, and who took part. A draft may say a part of it;
/// to be completed it needs the day and a score, or a reason for none, in every area.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MeasurementContent, example = json!({
    "measured_on": "2026-10-05",
    "scores": [
        { "area": "health", "score": 5 }, { "area": "coping", "score": 2 }, { "area": "closeness", "score": 4 },
        { "area": "safety", "score": 6 }, { "area": "people-around", "score": 3 }, { "area": "learning", "score": 5 },
        { "area": "limits", "score": 4 }, { "area": "everyday-life", "score": 3 },
        { "area": "housing-and-income", "score": 2 },
        { "area": "towards-work", "not_applicable": "Both parents are carers at present." }
    ],
    "answers": [
        { "question": "homelessness_risk", "yes": true },
        { "question": "debt", "choice": "council-tax", "creditor": "the district council", "amount_pence": 264200, "plan": "none" },
        { "question": "debt", "choice": "rent", "creditor": "the housing association", "amount_pence": 108200, "plan": "none" },
        { "question": "benefit_reliance", "choice": "heavily" }
    ],
    "working_well": "Both parents come to school when asked.",
    "worries": "The family may lose the flat.",
    "next_steps": "A payment plan with the council before the hearing.",
    "voices": [{ "whose": "child", "about": "wish", "words": "I want a garden." }],
    "took_part": [{ "name": "Ms A Teacher (invented)", "agency": "Greenfield Academy" }]
}))]
pub struct Content {
    /// The day it was done with the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured_on: Option<NaiveDate>,
    /// The scores, one for each area.
    #[serde(default)]
    #[schema(max_items = 40)]
    pub scores: Vec<AreaScore>,
    /// The answers.
    #[serde(default)]
    #[schema(max_items = 600)]
    pub answers: Vec<IssueAnswer>,
    /// What is working well, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20000)]
    pub working_well: Option<String>,
    /// What people are worried about, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20000)]
    pub worries: Option<String>,
    /// What needs to happen next, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 20000)]
    pub next_steps: Option<String>,
    /// What the family said, in its own words.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub voices: Vec<Voice>,
    /// Who took part.
    #[serde(default)]
    #[schema(max_items = 50)]
    pub took_part: Vec<Participant>,
}

/// Where the family stands in one area.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AreaScore {
    /// The area, a code of the ladder.
    #[schema(min_length = 1, max_length = 64)]
    pub area: String,
    /// The score, on the ladder's scale. This, or why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<i16>,
    /// Why the area does not apply to this family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 2000)]
    pub not_applicable: Option<String>,
}

/// The answer to a question, about the family or one person. Which fields it has follows from the
/// question's `answer_type`; of what is not known it says only that.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueAnswer {
    /// The question's code.
    #[schema(min_length = 1, max_length = 64)]
    pub question: String,
    /// Whom it is about, of a question that is not about the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// It was asked and is not known: then nothing else is said of it but whom it is about.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_known: bool,
    /// Yes or no.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub yes: Option<bool>,
    /// A share, in per cent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100)]
    pub percentage: Option<f64>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100000)]
    pub count: Option<i32>,
    /// How much money, in pence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100000000000i64)]
    pub amount_pence: Option<i64>,
    /// A code of the question's set; of a debt, what it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64)]
    pub choice: Option<String>,
    /// A day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<NaiveDate>,
    /// The first day of the time a share or a number is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_from: Option<NaiveDate>,
    /// The last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period_to: Option<NaiveDate>,
    /// To whom a debt is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub creditor: Option<String>,
    /// Whether there is a plan to pay a debt off, a code of the set `payment_plan`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 64)]
    pub plan: Option<String>,
    /// What is paid each month, in pence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100000000000i64)]
    pub instalment_pence: Option<i64>,
    /// When the debt will be paid off by the plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clear_by: Option<NaiveDate>,
}

impl IssueAnswer {
    /// An answer that says nothing yet.
    pub fn to(question: &str) -> Self {
        Self { question: question.to_owned(), ..Self::default() }
    }

    /// The fields it has.
    pub fn fields(&self) -> Vec<&'static str> {
        [
            ("yes", self.yes.is_some()),
            ("percentage", self.percentage.is_some()),
            ("count", self.count.is_some()),
            ("amount_pence", self.amount_pence.is_some()),
            ("choice", self.choice.is_some()),
            ("day", self.day.is_some()),
            ("period_from", self.period_from.is_some()),
            ("period_to", self.period_to.is_some()),
            ("creditor", self.creditor.is_some()),
            ("plan", self.plan.is_some()),
            ("instalment_pence", self.instalment_pence.is_some()),
            ("clear_by", self.clear_by.is_some()),
        ]
        .into_iter()
        .filter_map(|(name, there)| there.then_some(name))
        .collect()
    }
}

shared::words! {
    /// Who said something.
    Whose {
        /// A child or young person.
        Child = "child",
        /// A parent.
        Parent = "parent",
        /// Another carer.
        Carer = "carer",
        /// The family together.
        Family = "family",
        /// Somebody of a partner agency, of the work with the family.
        PartnerAgency = "partner_agency",
    }
}

/// What somebody said, in their own words.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FamilyVoice)]
pub struct Voice {
    /// Who said it.
    pub whose: Whose,
    /// Which member of the family, if one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// What it is about, a code of the set `voice_about`.
    #[schema(min_length = 1, max_length = 64, example = "working-well")]
    pub about: String,
    /// Word for word.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: String,
}

/// Somebody who took part: a member of the family, or someone of another agency by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// The member of the family.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub person_id: Option<PersonId>,
    /// The name of somebody who is not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub name: Option<String>,
    /// Their agency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200)]
    pub agency: Option<String>,
}

/// What a measurement is held against.
pub struct Against<'a> {
    /// The ladder of the day.
    pub ladder: &'a Ladder,
    /// The questions of the day.
    pub questions: &'a [Question],
    /// The codes.
    pub rules: &'a Rules,
    /// Everyone who ever belonged to the family.
    pub members: &'a [Member],
    /// Today.
    pub today: NaiveDate,
    /// Measured no earlier: the day the case was opened, or of the measurement before.
    pub earliest: NaiveDate,
}

impl Content {
    /// The day it speaks of: its own, else today.
    pub fn day(&self, today: NaiveDate) -> NaiveDate {
        self.measured_on.unwrap_or(today)
    }

    /// What is wrong with it as far as it goes.
    pub fn check(&self, at: &str, against: &Against<'_>) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if let Some(day) = self.measured_on {
            if day > against.today {
                errors.push(FieldError::at(format!("{at}/measured_on"), "in_the_future", "that day has not come yet"));
            } else if day < against.earliest {
                let detail = format!("on or after {}: when the case was opened, or last measured", against.earliest);
                errors.push(FieldError::at(format!("{at}/measured_on"), "too_early", detail));
            }
        }
        self.check_scores(at, against.ladder, &mut errors);
        self.check_answers(at, against, &mut errors);
        for (index, voice) in self.voices.iter().enumerate() {
            check_voice(&format!("{at}/voices/{index}"), voice, self.day(against.today), against, &mut errors);
        }
        for (index, participant) in self.took_part.iter().enumerate() {
            let at = format!("{at}/took_part/{index}");
            match (participant.person_id, &participant.name) {
                (Some(person), None) => {
                    if member(person, self.day(against.today), against.members).is_none() {
                        errors.push(not_of_the_family(format!("{at}/person_id")));
                    }
                }
                (None, Some(_)) => {}
                _ => errors.push(FieldError::at(at, "one_of", "give `person_id` of a member, or `name` of another")),
            }
        }
        errors
    }

    /// What is still missing before it can be completed.
    pub fn missing(&self, at: &str, ladder: &Ladder) -> Vec<FieldError> {
        let mut errors = Vec::new();
        if self.measured_on.is_none() {
            errors.push(FieldError::at(format!("{at}/measured_on"), "required", "say on which day it was done"));
        }
        for area in &ladder.areas {
            if !self.scores.iter().any(|score| score.area == area.area) {
                let detail =
                    format!("the area `{}` has no score yet: give one, or say why it does not apply", area.area);
                errors.push(FieldError::at(format!("{at}/scores"), "area_missing", detail));
            }
        }
        errors
    }

    fn check_scores(&self, at: &str, ladder: &Ladder, errors: &mut Vec<FieldError>) {
        let mut seen = BTreeSet::new();
        for (index, given) in self.scores.iter().enumerate() {
            let at = format!("{at}/scores/{index}");
            if !ladder.has(&given.area) {
                let known: Vec<&str> = ladder.areas.iter().map(|area| area.area.as_str()).collect();
                let detail = format!("the ladder has the areas {}", known.join(", "));
                errors.push(FieldError::at(format!("{at}/area"), "unknown_code", detail));
            } else if !seen.insert(given.area.as_str()) {
                errors.push(FieldError::at(format!("{at}/area"), "repeated", "each area is scored once"));
            }
            match (given.score, &given.not_applicable) {
                (Some(score), None) if (ladder.lowest..=ladder.highest).contains(&score) => {}
                (Some(_), None) => {
                    let detail = format!("the scale goes from {} to {}", ladder.lowest, ladder.highest);
                    errors.push(FieldError::at(format!("{at}/score"), "out_of_range", detail));
                }
                (None, Some(_)) => {}
                _ => {
                    let detail = "give a score, or in `not_applicable` why there is none";
                    errors.push(FieldError::at(at, "one_of", detail));
                }
            }
        }
    }

    fn check_answers(&self, at: &str, against: &Against<'_>, errors: &mut Vec<FieldError>) {
        let mut seen: BTreeSet<(&str, Option<Uuid>)> = BTreeSet::new();
        let day = self.day(against.today);
        for (index, answer) in self.answers.iter().enumerate() {
            let at = format!("{at}/answers/{index}");
            let Some(question) = against.questions.iter().find(|question| question.code == answer.question) else {
                let detail = "no such question on that day: GET /v1/issue-questions lists them";
                errors.push(FieldError::at(format!("{at}/question"), "unknown_code", detail));
                continue;
            };
            check_subject(&at, question, answer, day, against.members, errors);
            check_form(&at, question, answer, against.rules, day, errors);
            let again = !seen.insert((answer.question.as_str(), answer.person_id.map(|person| person.0)));
            if again && !question.several {
                errors.push(FieldError::at(at, "repeated", "this question is answered once for each subject"));
            }
        }
    }
}
