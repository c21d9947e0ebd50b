//! The questions the county counts, and when an answer is an issue.

use chrono::NaiveDate;
use serde::Deserialize;

use super::content::IssueAnswer;

shared::words! {
    /// Whom a question is asked about.
    QuestionSubject {
        /// The family as a whole.
        Family = "family",
        /// Each member.
        Individual = "individual",
        /// Each member of 18 or over.
        Adult = "adult",
        /// Each member under 18.
        Child = "child",
    }
}

shared::words! {
    /// What an answer is.
    AnswerType {
        /// `yes`: true or false.
        YesNo = "yes_no",
        /// `percentage` of the time from `period_from` to `period_to`.
        Percentage = "percentage",
        /// `count` in the time from `period_from` to `period_to`.
        Count = "count",
        /// `amount_pence`.
        Money = "money",
        /// One debt: its kind as `choice`, `amount_pence`, `plan`; and if known `creditor`,
        /// `instalment_pence`, `clear_by`.
        Debt = "debt",
        /// `choice`, a code of the question's set.
        Coded = "coded",
        /// `day`.
        Date = "date",
    }
}

impl AnswerType {
    /// The fields an answer of this type must have, and those it may have.
    pub const fn fields(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            AnswerType::YesNo => (&["yes"], &[]),
            AnswerType::Percentage => (&["percentage", "period_from", "period_to"], &[]),
            AnswerType::Count => (&["count", "period_from", "period_to"], &[]),
            AnswerType::Money => (&["amount_pence"], &[]),
            AnswerType::Debt => (&["choice", "amount_pence", "plan"], &["creditor", "instalment_pence", "clear_by"]),
            AnswerType::Coded => (&["choice"], &[]),
            AnswerType::Date => (&["day"], &[]),
        }
    }
}

/// A question, as of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its code.
    pub code: String,
    /// Whom it is asked about.
    pub subject: QuestionSubject,
    /// What an answer is.
    pub answer_type: AnswerType,
    /// The question in words.
    pub label: String,
    /// The area of the ladder it belongs to.
    pub area: Option<String>,
    /// The set of its codes.
    pub choices: Option<String>,
    /// Whether one subject may have several answers.
    pub several: bool,
    /// Which answers are an issue.
    pub issue_when: Vec<String>,
    /// Where it is counted.
    pub counted_at: Vec<String>,
    /// The first day it is asked.
    pub valid_from: NaiveDate,
    /// The first day it no longer is.
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    pub source: String,
    /// Whether the county was seen to count it.
    pub verified: bool,
    /// Its thresholds.
    pub thresholds: Vec<Threshold>,
}

/// A share that is to be reached.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Threshold {
    /// Its code.
    pub code: String,
    /// What people call it.
    pub label: String,
    /// Reached at this percentage and above.
    pub at_least: f64,
    /// Who says so.
    pub source: String,
    /// Whether that was seen.
    pub verified: bool,
}

impl Question {
    /// Whether one answer is an issue; none if the question asks for a fact or it is not known.
    fn marks(&self, answer: &IssueAnswer) -> Option<bool> {
        if answer.not_known || self.issue_when.is_empty() {
            return None;
        }
        let when = |word: &str| self.issue_when.iter().any(|known| known == word);
        match self.answer_type {
            AnswerType::YesNo => answer.yes.map(|yes| when(if yes { "yes" } else { "no" })),
            AnswerType::Coded => answer.choice.as_deref().map(when),
            AnswerType::Count => answer.count.map(|count| count > 0 && when("above_zero")),
            AnswerType::Money | AnswerType::Debt => answer.amount_pence.map(|amount| amount > 0 && when("any")),
            AnswerType::Percentage => answer.percentage.map(|share| {
                self.thresholds.iter().any(|threshold| when(&threshold.code) && share < threshold.at_least)
            }),
            AnswerType::Date => None,
        }
    }

    /// Whether a subject's answers at one point are an issue: any of them is.
    pub fn is_issue(&self, answers: &[&IssueAnswer]) -> Option<bool> {
        let marks: Vec<bool> = answers.iter().filter_map(|answer| self.marks(answer)).collect();
        if marks.is_empty() { None } else { Some(marks.contains(&true)) }
    }
}

#[cfg(test)]
pub mod example {
    use super::*;

    /// A question that has everything said of it.
    pub fn question(code: &str, subject: QuestionSubject, answer_type: AnswerType, issue_when: &[&str]) -> Question {
        Question {
            code: code.to_owned(),
            subject,
            answer_type,
            label: String::new(),
            area: None,
            choices: None,
            several: answer_type == AnswerType::Debt,
            issue_when: issue_when.iter().map(|word| (*word).to_owned()).collect(),
            counted_at: Vec::new(),
            valid_from: NaiveDate::MIN,
            valid_to: None,
            source: String::new(),
            verified: true,
            thresholds: Vec::new(),
        }
    }

    /// Attendance with its two thresholds.
    pub fn attendance() -> Question {
        let threshold = |code: &str, at_least| Threshold {
            code: code.to_owned(),
            label: String::new(),
            at_least,
            source: String::new(),
            verified: true,
        };
        Question {
            thresholds: vec![threshold("attendance_85", 85.0), threshold("attendance_90", 90.0)],
            ..question("school_attendance", QuestionSubject::Child, AnswerType::Percentage, &["attendance_85"])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::example::{attendance, question};
    use super::*;

    fn answer() -> IssueAnswer {
        IssueAnswer::to("x")
    }

    #[test]
    fn which_answer_is_an_issue_is_said_by_the_question() {
        let arrears = question("rent_arrears", QuestionSubject::Family, AnswerType::YesNo, &["yes"]);
        let dentist = question("dentist_registered", QuestionSubject::Family, AnswerType::YesNo, &["no"]);
        let (yes, no) = (IssueAnswer { yes: Some(true), ..answer() }, IssueAnswer { yes: Some(false), ..answer() });
        assert_eq!((arrears.is_issue(&[&yes]), arrears.is_issue(&[&no])), (Some(true), Some(false)));
        assert_eq!((dentist.is_issue(&[&yes]), dentist.is_issue(&[&no])), (Some(false), Some(true)));
        let unknown = IssueAnswer { not_known: true, ..answer() };
        assert_eq!(arrears.is_issue(&[&unknown]), None);
        assert_eq!(arrears.is_issue(&[]), None);
    }

    #[test]
    fn attendance_is_an_issue_below_its_threshold_and_not_on_it() {
        let at = |share| attendance().is_issue(&[&IssueAnswer { percentage: Some(share), ..answer() }]);
        assert_eq!((at(84.9), at(85.0), at(100.0)), (Some(true), Some(false), Some(false)));
    }

    #[test]
    fn one_debt_of_several_is_enough() {
        let debt = question("debt", QuestionSubject::Family, AnswerType::Debt, &["any"]);
        let owed = |amount| IssueAnswer { amount_pence: Some(amount), ..answer() };
        assert_eq!(debt.is_issue(&[&owed(0), &owed(100)]), Some(true));
        assert_eq!(debt.is_issue(&[&owed(0)]), Some(false));
    }
}
