//! What the figures say before a story and after it, and what they should by the story itself.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use e2e::{Answer, Caller, until};
use serde_json::Value;

/// Scores in the ten areas, in the ladder's order: health, coping, closeness, safety, people around,
/// learning, limits, everyday life, housing and income, towards work.
pub type Ladder = [i64; 10];

/// The areas.
pub const AREAS: [&str; 10] = [
    "health",
    "coping",
    "closeness",
    "safety",
    "people-around",
    "learning",
    "limits",
    "everyday-life",
    "housing-and-income",
    "towards-work",
];

/// The first score at which little or no support is needed, and how many points make a stage.
const LITTLE_SUPPORT: i64 = 7;
const POINTS_IN_A_STAGE: i64 = 2;

/// Whether it is positive progress: a higher score in a higher stage.
pub fn progress(first: i64, last: i64) -> bool {
    let stage = |score: i64| (score - 1) / POINTS_IN_A_STAGE;
    last > first && stage(last) > stage(first)
}

/// Whether the family began with need for support.
pub fn began_low(first: i64) -> bool {
    first < LITTLE_SUPPORT
}

/// Numerator and denominator; 0 where there is none.
pub type Count = (i64, i64);

/// The figures of a time, as they stood when a story began.
pub struct Figures {
    analyst: Caller,
    period: String,
    before: BTreeMap<(String, String), Count>,
}

impl Figures {
    /// Reads every indicator that is counted, by part where it has parts, else by service or district.
    pub async fn now(analyst: Caller, from: NaiveDate) -> Self {
        let period = format!("from={from}&to={}", from + Months::new(12 * 20));
        let list = analyst.get("/v1/indicators?limit=100").await.expect(200);
        let mut before = BTreeMap::new();
        for indicator in list.items().iter().filter(|one| one["computed"] == true) {
            let code = indicator["code"].as_str().expect("a code").to_owned();
            let offered = indicator["breakdowns"].as_array().cloned().unwrap_or_default();
            for by in offered.iter().filter_map(Value::as_str) {
                let path = format!("/v1/indicators/{code}/figure?{period}&by={by}");
                for part in parts(&analyst.get(&path).await.expect(200)) {
                    before.insert((format!("{code} by {by}"), part.0), part.1);
                }
            }
        }
        Self { analyst, period, before }
    }

    /// Holds a figure to have moved by so much, as soon as the events have come.
    pub async fn moved(&self, code: &str, by: &str, part: &str, count: Count) {
        let before = self.before.get(&(format!("{code} by {by}"), part.to_owned())).copied().unwrap_or_default();
        let wanted = (before.0 + count.0, before.1 + count.1);
        let path = format!("/v1/indicators/{code}/figure?{}&by={by}", self.period);
        let found = |answer: &Answer| parts(answer).get(part).copied().unwrap_or_default();
        let settled = tokio::time::timeout(
            std::time::Duration::from_secs(10),
            until(&self.analyst, &path, |answer| found(answer) == wanted),
        );
        if settled.await.is_err() {
            let now = found(&self.analyst.get(&path).await);
            panic!("{code} of {part} stood at {before:?}, should be {wanted:?} and is {now:?}");
        }
    }

    /// Holds the figures of the ladder to one family's way from the first scores to the last.
    pub async fn climbed(&self, first: &Ladder, last: &Ladder) {
        for ((area, first), last) in AREAS.iter().zip(first).zip(last) {
            let positive = i64::from(progress(*first, *last));
            let low = began_low(*first);
            self.moved("positive_progress_of_all", "part", area, (positive, 1)).await;
            let of_low = if low { (positive, 1) } else { (0, 0) };
            self.moved("positive_progress", "part", area, of_low).await;
            let little = i64::from(!began_low(*last));
            self.moved("little_or_no_support_at_closure", "part", area, (little, 1)).await;
        }
    }
}

/// Of a share what it is a share of; of a count the number alone.
pub fn count(figure: &Value) -> Count {
    match figure["denominator"].as_i64() {
        Some(denominator) => (figure["numerator"].as_i64().unwrap_or_default(), denominator),
        None => (figure["value"].as_i64().unwrap_or_default(), 0),
    }
}

fn parts(answer: &Answer) -> BTreeMap<String, Count> {
    answer.body["parts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|part| {
            let code = part["code"].as_str().expect("a code").to_owned();
            (code, count(&part["figure"]))
        })
        .collect()
}
