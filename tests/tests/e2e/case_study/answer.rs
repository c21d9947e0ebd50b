//! Answers to the questions that are asked at assessment, review and closure.

use chrono::{Days, NaiveDate};
use serde_json::{Value, json};

/// An answer, of the family or, by given name, of somebody in it.
#[derive(Clone)]
pub struct Answer {
    pub question: &'static str,
    pub of: Option<&'static str>,
    says: Value,
    /// Whether it speaks of the time before the day it is given.
    over_time: bool,
}

impl Answer {
    fn new(question: &'static str, says: Value) -> Self {
        Self { question, of: None, says, over_time: false }
    }

    /// Of a member of the family.
    pub fn of(mut self, given_name: &'static str) -> Self {
        self.of = Some(given_name);
        self
    }

    /// As the API wants it, given on a day.
    pub fn said(&self, person: Option<&str>, on: NaiveDate) -> Value {
        let mut said = self.says.clone();
        said["question"] = json!(self.question);
        if let Some(person) = person {
            said["person_id"] = json!(person);
        }
        if self.over_time {
            said["period_from"] = json!(on - Days::new(84));
            said["period_to"] = json!(on - Days::new(1));
        }
        said
    }
}

/// Yes.
pub fn is(question: &'static str) -> Answer {
    Answer::new(question, json!({ "yes": true }))
}

/// No.
pub fn is_not(question: &'static str) -> Answer {
    Answer::new(question, json!({ "yes": false }))
}

/// One of the question's codes.
pub fn choice(question: &'static str, code: &str) -> Answer {
    Answer::new(question, json!({ "choice": code }))
}

/// An amount of money.
pub fn pence(question: &'static str, pence: i64) -> Answer {
    Answer::new(question, json!({ "amount_pence": pence }))
}

/// A day.
pub fn last_on(question: &'static str, day: NaiveDate) -> Answer {
    Answer::new(question, json!({ "day": day }))
}

/// How often, in the twelve weeks before.
pub fn times(question: &'static str, count: u32) -> Answer {
    Answer { over_time: true, ..Answer::new(question, json!({ "count": count })) }
}

/// How much of school time, in the twelve weeks before.
pub fn attends(given_name: &'static str, percentage: f64) -> Answer {
    let answer = Answer { over_time: true, ..Answer::new("school_attendance", json!({ "percentage": percentage })) };
    answer.of(given_name)
}

/// A debt, to whom, and whether there is a plan to pay it.
pub fn owes(kind: &str, creditor: &str, pence: i64, plan: &str) -> Answer {
    Answer::new("debt", json!({ "choice": kind, "creditor": creditor, "amount_pence": pence, "plan": plan }))
}
