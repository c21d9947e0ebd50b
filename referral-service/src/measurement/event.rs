//! What is told of a measurement: ids, scores, coded answers; never a word that somebody said.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use shared::events::Event;

use super::domain::content::{Content, IssueAnswer, Whose};
use super::domain::question::Question;
use super::store::point::Point;
use super::store::reference::Reference;
use crate::family::event::of_case;
use crate::family::{Case, Household};

/// A measurement was completed; the next review is due then, if there is to be one.
pub fn completed(
    point: &Point,
    case: &Case,
    locality: Option<&str>,
    household: &Household,
    content: &Content,
    reference: &Reference,
    review_due_at: Option<DateTime<Utc>>,
) -> Event {
    let ladder = &reference.ladder;
    let scores: Vec<Value> = content
        .scores
        .iter()
        .map(|given| {
            let stage = given.score.and_then(|score| ladder.stage(score));
            json!({
                "area": given.area, "score": given.score, "stage": stage.map(|stage| stage.place),
                "stage_code": stage.map(|stage| &stage.stage),
                "little_or_no_support": stage.is_some_and(|stage| stage.little_or_no_support),
            })
        })
        .collect();
    let issues: Vec<Value> = content.answers.iter().map(|answer| fact(answer, &reference.questions)).collect();
    let facts = of_case(
        case,
        locality,
        household,
        json!({
            "measurement_id": point.id, "point": point.point().ok(), "measured_on": point.measured_on,
            "completed_at": point.completed_at, "due_at": point.due_at, "in_time": point.in_time,
            "corrects": point.corrects, "review_due_at": review_due_at, "ladder": ladder.code,
            "ladder_version": ladder.version, "scores": scores, "issues": issues, "voices": content.voices.len(),
            "child_voices": content.voices.iter().filter(|voice| voice.whose == Whose::Child).count(),
        }),
    );
    Event::new("assessment.completed.v1", case.id, facts)
}

/// An answer without its words: to whom a debt is owed is one.
fn fact(answer: &IssueAnswer, questions: &[Question]) -> Value {
    let coded = IssueAnswer { creditor: None, ..answer.clone() };
    let is_issue =
        questions.iter().find(|question| question.code == answer.question).and_then(|q| q.is_issue(&[answer]));
    let mut fact = serde_json::to_value(coded).unwrap_or(Value::Null);
    if let Value::Object(fields) = &mut fact {
        fields.entry("person_id").or_insert(Value::Null);
        fields.insert("issue".to_owned(), json!(is_issue));
    }
    fact
}
