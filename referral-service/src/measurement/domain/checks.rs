//! Whether one answer, or one saying, of a measurement can be so.

use chrono::NaiveDate;
use shared::code::Rules;
use shared::id::PersonId;
use shared::problem::FieldError;

use super::content::{Against, IssueAnswer, Voice};
use super::question::{AnswerType, Question, QuestionSubject};
use crate::family::Member;

/// Whether the words of somebody can be kept so.
pub fn check_voice(at: &str, voice: &Voice, day: NaiveDate, against: &Against<'_>, errors: &mut Vec<FieldError>) {
    if !against.rules.has_code("voice_about", &voice.about, day) {
        errors.push(FieldError::at(
            format!("{at}/about"),
            "unknown_code",
            "is none; GET /v1/codes/voice_about lists them",
        ));
    }
    if let Some(person) = voice.person_id
        && member(person, day, against.members).is_none()
    {
        errors.push(not_of_the_family(format!("{at}/person_id")));
    }
}

/// The member, if the person has belonged to the family by that day. Who has left it meanwhile still counts:
/// the work may go on with them.
pub fn member(person: PersonId, day: NaiveDate, members: &[Member]) -> Option<&Member> {
    members.iter().rev().find(|member| member.person_id == person.0 && member.from_date <= day)
}

pub fn not_of_the_family(pointer: String) -> FieldError {
    FieldError::at(pointer, "not_of_the_family", "that person did not belong to the family by that day")
}

pub fn check_subject(
    at: &str,
    question: &Question,
    answer: &IssueAnswer,
    day: NaiveDate,
    members: &[Member],
    errors: &mut Vec<FieldError>,
) {
    let pointer = || format!("{at}/person_id");
    match (question.subject, answer.person_id) {
        (QuestionSubject::Family, None) => {}
        (QuestionSubject::Family, Some(_)) => {
            errors.push(FieldError::at(pointer(), "not_for_this_question", "this question is about the whole family"));
        }
        (_, None) => errors.push(FieldError::at(pointer(), "required", "say which member this answer is about")),
        (subject, Some(person)) => match member(person, day, members) {
            None => errors.push(not_of_the_family(pointer())),
            Some(member) => {
                let is_child = member.age().is_child(day);
                if subject == QuestionSubject::Child && !is_child {
                    errors.push(FieldError::at(pointer(), "not_a_child", "this question is about a child"));
                }
                if subject == QuestionSubject::Adult && is_child {
                    errors.push(FieldError::at(pointer(), "not_an_adult", "this question is about an adult"));
                }
            }
        },
    }
}

pub fn check_form(
    at: &str,
    question: &Question,
    answer: &IssueAnswer,
    rules: &Rules,
    day: NaiveDate,
    errors: &mut Vec<FieldError>,
) {
    let (needs, may): (&[&str], &[&str]) = if answer.not_known { (&[], &[]) } else { question.answer_type.fields() };
    let given = answer.fields();
    for name in needs.iter().filter(|name| !given.contains(name)) {
        let detail = format!("the answer to this question has {}, or `not_known`", needs.join(", "));
        errors.push(FieldError::at(format!("{at}/{name}"), "required", detail));
    }
    for name in given.iter().filter(|name| !needs.contains(name) && !may.contains(name)) {
        if answer.not_known {
            let detail = format!(
                "an answer that is `not_known` says that alone: leave this out, or `not_known` and give {}",
                question.answer_type.fields().0.join(", ")
            );
            errors.push(FieldError::at(format!("{at}/{name}"), "does_not_fit", detail));
            continue;
        }
        let detail = "the answer to this question has no such field";
        errors.push(FieldError::at(format!("{at}/{name}"), "not_for_this_question", detail));
    }
    if let (Some(choice), Some(set)) = (&answer.choice, &question.choices)
        && !rules.has_code(set, choice, day)
    {
        let detail = format!("is no choice of this question; GET /v1/codes/{set} lists them");
        errors.push(FieldError::at(format!("{at}/choice"), "unknown_code", detail));
    }
    if question.answer_type == AnswerType::Debt
        && let Some(plan) = &answer.plan
        && !rules.has_code("payment_plan", plan, day)
    {
        errors.push(FieldError::at(
            format!("{at}/plan"),
            "unknown_code",
            "is no plan; GET /v1/codes/payment_plan lists them",
        ));
    }
    if let (Some(from), Some(to)) = (answer.period_from, answer.period_to) {
        if to < from {
            errors.push(FieldError::at(format!("{at}/period_to"), "before_start", "ends before it begins"));
        } else if to > day {
            errors.push(FieldError::at(format!("{at}/period_to"), "in_the_future", "ends after the day of the answer"));
        }
    }
}
