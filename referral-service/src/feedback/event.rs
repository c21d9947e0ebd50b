//! What other services are told of feedback: codes alone, never words, and not who gave it.

use chrono::NaiveDate;
use serde_json::{Value, json};
use shared::events::Event;

use super::domain::{FeedbackAnswer, FeedbackId, FeedbackOccasion, Question};
use super::store::Setting;

/// Somebody gave feedback: each question that was asked, with its coded answer or that it was passed over.
pub fn given(
    id: FeedbackId,
    occasion: FeedbackOccasion,
    setting: &Setting,
    (giver, via, on): (&str, &str, NaiveDate),
    asked: &[(&Question, Option<&FeedbackAnswer>)],
) -> Event {
    let answers: Vec<Value> = asked
        .iter()
        .map(|(question, answer)| {
            json!({
                "question": question.code, "kind": question.kind, "answered": answer.is_some(),
                "scale": answer.and_then(|answer| answer.scale), "yes": answer.and_then(|answer| answer.yes),
                "positive": answer.and_then(|answer| answer.is_positive(question)),
            })
        })
        .collect();
    let facts = json!({
        "feedback_id": id, "occasion": occasion, "about": setting.about, "counted_for": setting.counted_for, "what": setting.what,
        "service": setting.service, "locality": setting.locality, "giver": giver, "via": via, "given_on": on, "answers": answers,
    });
    Event::new("feedback.given.v1", setting.counted_for, facts)
}
