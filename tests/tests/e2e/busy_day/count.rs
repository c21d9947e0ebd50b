//! What there is in the evening: in the database, and in the figures.

use std::collections::BTreeMap;

use chrono::{Days, Utc};
use e2e::{Answer, Caller, County, until};
use serde_json::Value;
use stack::system::Process;

use super::{ALL, FILED, Ledger, Line};

/// Numerator and denominator by part; a number, and 0.
pub type Counts = BTreeMap<&'static str, (i64, i64)>;
/// A referral's piece of a figure: the part, what it adds to the numerator and to the denominator.
type Piece = (&'static str, i64, i64);

/// What the figures should be, by the ledger: which, by what, and how much.
pub fn counted(ledger: &Ledger) -> Vec<(&'static str, &'static str, Counts)> {
    let tally = |of: &dyn Fn(&Line) -> Vec<Piece>| {
        let mut counts = Counts::new();
        for (part, numerator, denominator) in ledger.values().flat_map(of) {
            let count = counts.entry(part).or_default();
            (count.0, count.1) = (count.0 + numerator, count.1 + denominator);
        }
        counts
    };
    let stands = |line: &Line| -> Vec<Piece> {
        line.asked.iter().filter(|asked| *asked.1 != "declined").map(|asked| (*asked.0, 1, 0)).collect()
    };
    let some = |yes: bool, of: &'static str, by: i64| if yes { vec![(of, 1, by)] } else { vec![] };
    vec![
        ("referrals_received", "locality", tally(&|line| vec![(line.district, 1, 0)])),
        ("referrals_by_kind", "part", tally(&|_| vec![("professional", 1, 0)])),
        ("urgent_referrals", "locality", tally(&|line| some(line.urgent, line.district, 0))),
        ("repeat_referrals", "locality", tally(&|line| vec![(line.district, i64::from(line.repeat), 1)])),
        ("decided_in_time", "locality", tally(&|line| some(line.decided, line.district, 1))),
        ("referrer_told_in_time", "part", tally(&|line| some(line.decided, line.agency, 1))),
        ("allocated_by_service", "service", tally(&stands)),
    ]
}

/// Holds a figure to the test's own count, as soon as the events have come.
pub async fn figure_is(analyst: &Caller, code: &str, by: &str, counts: &Counts) {
    let today = Utc::now().date_naive();
    let days = format!("from={}&to={}", today - Days::new(1), today + Days::new(1));
    let parts = |answer: &Answer| -> BTreeMap<String, (i64, i64)> {
        let parts = answer.body["parts"].as_array().into_iter().flatten();
        let number = |figure: &Value| match figure["denominator"].as_i64() {
            Some(denominator) => (figure["numerator"].as_i64().unwrap_or_default(), denominator),
            None => (figure["value"].as_i64().unwrap_or_default(), 0),
        };
        parts
            .map(|part| (part["code"].as_str().unwrap().to_owned(), number(&part["figure"])))
            .filter(|part| part.1 != (0, 0))
            .collect()
    };
    let wanted: BTreeMap<String, (i64, i64)> =
        counts.iter().map(|(part, count)| ((*part).to_owned(), *count)).collect();
    assert!(!wanted.is_empty(), "{code}: nothing to count");
    println!("{code} by {by}: {wanted:?}");
    until(analyst, &format!("/v1/indicators/{code}/figure?{days}&by={by}"), |answer| parts(answer) == wanted).await;
}

/// What the database holds, beside what the API says: every row, every clock, every trace.
pub async fn stored(county: &County, ledger: &Ledger) {
    let database = county.database(Process::Referral).await;
    let referrals: Vec<String> = database.all("SELECT id::text FROM referral ORDER BY id").await;
    assert_eq!(referrals, ledger.keys().cloned().collect::<Vec<_>>(), "none lost, none twice");
    let unseen: i64 = database
        .one(
            "SELECT count(*) FROM referral r WHERE status IN ('offered', 'in_service') AND NOT EXISTS (SELECT 1 FROM allocation a \
             WHERE a.referral_id = r.id AND a.status IN ('offered', 'waiting', 'accepted'))",
        )
        .await;
    assert_eq!(unseen, 0, "offered to somebody");
    let unclocked: i64 = database
        .one(
            "SELECT count(*) FROM allocation a WHERE status = 'offered' AND NOT EXISTS (SELECT 1 FROM deadline d \
             WHERE d.record_id = a.id AND d.code = 'allocation_answer' AND d.met_at IS NULL)",
        )
        .await;
    assert_eq!(unclocked, 0, "what waits for an answer is chased");
    let traced = async |actions: &str| -> BTreeMap<String, i64> {
        let rows: Vec<String> = database
            .all(&format!("SELECT record_id::text FROM audit_entry WHERE outcome = 'done' AND action IN ({actions}) AND record_id IS NOT NULL"))
            .await;
        rows.into_iter().fold(BTreeMap::new(), |mut counts, id| {
            *counts.entry(id).or_default() += 1;
            counts
        })
    };
    let decided = traced("'referral.decide'").await;
    let proposed = ledger.values().filter(|line| line.status != "received");
    for line in proposed {
        assert_eq!(decided.get(&line.id), Some(&1), "{line:?} was decided once");
    }
    let acceptances: i64 =
        database.one("SELECT count(*) FROM audit_entry WHERE outcome = 'done' AND action = 'allocation.answer'").await;
    let answers = ledger.values().flat_map(|line| line.asked.values()).filter(|status| **status != "offered").count();
    assert_eq!(acceptances, i64::try_from(answers).unwrap(), "each answer once");
    let told = traced("'referral.submit', 'draft.submit'").await;
    let directly = ledger.keys().filter(|id| told.contains_key(*id)).count();
    assert_eq!(directly, ALL - FILED, "each that was told singly has its trace; {told:?}");
}
