//! Each indicator held against a computation of its own, over facts that were made up at random.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use shared::testing::TestApp;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::source::{event, offered, step};
use crate::{board_member, start};

/// What the test knows of a referral.
#[derive(Debug)]
struct Known {
    received: DateTime<Utc>,
    due: DateTime<Utc>,
    decided: Option<(DateTime<Utc>, bool)>,
    withdrawn: Option<DateTime<Utc>>,
    locality: Option<&'static str>,
    allocations: Vec<(&'static str, &'static str)>,
}

/// A small generator, so that a failure is the same failure again.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

/// Referrals over the last fourteen months, told as events; what was told is given back.
async fn county(app: &TestApp, now: DateTime<Utc>) -> Vec<Known> {
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let mut dice = Dice(20_161_208);
    let mut known = Vec::new();
    for _ in 0..300 {
        let referral = Uuid::now_v7();
        let received =
            now - TimeDelta::minutes(dice.roll(if known.len() % 2 == 0 { 420 } else { 45 } * 24 * 60) as i64);
        let due = received + TimeDelta::hours(30);
        let locality = [None, Some("melton"), Some("blaby"), Some("charnwood")][dice.roll(4) as usize];
        let mut told = vec![(
            "referral.received.v1",
            json!({ "referral_id": referral, "received_at": received, "decision_due_at": due, "locality": locality }),
        )];
        let decided =
            (dice.roll(4) > 0).then(|| received + TimeDelta::hours(dice.roll(48) as i64)).filter(|at| *at <= now);
        let decided = decided.map(|at| (at, at <= due));
        let withdrawn =
            (decided.is_none() && dice.roll(3) == 0).then(|| received + TimeDelta::hours(dice.roll(60) as i64));
        let withdrawn = withdrawn.filter(|at| *at <= now);
        if let Some((at, in_time)) = decided {
            told.push((
                "referral.decided.v1",
                json!({ "referral_id": referral, "outcome": "early_help_hub", "decided_at": at,
                "due_at": due, "in_time": in_time, "locality": locality, "level_of_need": 2 }),
            ));
        }
        if let Some(at) = withdrawn {
            told.push(("referral.withdrawn.v1", json!({ "referral_id": referral, "withdrawn_at": at })));
        }
        let mut allocations = Vec::new();
        for _ in 0..(if decided.is_some() { dice.roll(3) } else { 0 }) {
            let allocation = Uuid::now_v7();
            let service = ["youth-work", "childrens-centre"][dice.roll(2) as usize];
            let fate = ["open", "accepted", "declined", "withdrawn", "accepted then withdrawn"][dice.roll(5) as usize];
            let mut data = offered(allocation, referral, service, received);
            data["locality"] = json!(locality);
            told.push(("allocation.offered.v1", data));
            let step =
                |what: &str, hours| step(allocation, referral, service, what, received + TimeDelta::hours(hours));
            match fate {
                "accepted" => told.push(("allocation.accepted.v1", step("accepted_at", 1))),
                "declined" => told.push(("allocation.declined.v1", step("declined_at", 1))),
                "withdrawn" => told.push(("allocation.withdrawn.v1", step("withdrawn_at", 1))),
                "accepted then withdrawn" => {
                    told.push(("allocation.accepted.v1", step("accepted_at", 1)));
                    told.push(("allocation.withdrawn.v1", step("withdrawn_at", 2)));
                }
                _ => {}
            }
            allocations.push((service, fate));
        }
        for (kind, data) in told {
            Projection.apply(&mut connection, &event(kind, referral, data)).await.unwrap();
        }
        known.push(Known { received, due, decided, withdrawn, locality, allocations });
    }
    known
}

fn dashboard_row<'a>(dashboard: &'a Value, group: usize, indicator: &str) -> &'a Value {
    let rows = dashboard["groups"][group]["rows"].as_array().unwrap();
    rows.iter().find(|row| row["indicator"]["code"] == indicator).unwrap()
}

/// The first of the month, `back` months before that of the day.
fn month(day: NaiveDate, back: u32) -> NaiveDate {
    let months = day.year() * 12 + day.month0() as i32 - back as i32;
    NaiveDate::from_ymd_opt(months.div_euclid(12), months.rem_euclid(12) as u32 + 1, 1).unwrap()
}

fn counts(row: &Value, which: &str) -> BTreeMap<String, (i64, Option<i64>)> {
    let parts = row["breakdown"]["parts"].as_array().unwrap();
    let count = |part: &Value| {
        let figure = &part[which];
        let numerator = figure["numerator"].as_i64().or(figure["value"].as_i64()).unwrap();
        (numerator, figure["denominator"].as_i64())
    };
    parts.iter().map(|part| (part["code"].as_str().unwrap().to_owned(), count(part))).collect()
}

fn without_nothing(counts: BTreeMap<String, (i64, Option<i64>)>) -> BTreeMap<String, (i64, Option<i64>)> {
    counts.into_iter().filter(|(_, (n, d))| *n != 0 || d.is_some_and(|d| d != 0)).collect()
}

#[actix_web::test]
async fn the_partnership_dashboard_counts_what_the_events_told() {
    let app = start().await;
    let known = county(&app, Utc::now()).await;
    let dashboard = app.get(&board_member(), "/v1/dashboards/partnership").await.expect(200).body;
    let now: DateTime<Utc> = dashboard["as_at"].as_str().unwrap().parse().unwrap();
    let london = |at: DateTime<Utc>| at.with_timezone(&chrono_tz::Europe::London).date_naive();
    for (group, months) in [(0, 1), (1, 12)] {
        for (which, end) in [("latest", 0), ("previous", months)] {
            let (from, to) = (
                month(london(now), end + months - 1),
                month(london(now), end).checked_add_months(chrono::Months::new(1)).unwrap(),
            );
            let inside: Vec<&Known> = known.iter().filter(|k| (from..to).contains(&london(k.received))).collect();
            let name = |k: &Known| k.locality.unwrap_or("not-known").to_owned();

            let row = dashboard_row(&dashboard, group, "referrals_received");
            assert_eq!(row[which]["value"], inside.len());
            let mut expected = BTreeMap::new();
            for k in &inside {
                expected.entry(name(k)).or_insert((0, None)).0 += 1;
            }
            assert_eq!(without_nothing(counts(row, which)), expected);

            let row = dashboard_row(&dashboard, group, "decided_in_time");
            let mut expected = BTreeMap::new();
            for k in &inside {
                let late = k.decided.is_none() && k.due < k.withdrawn.unwrap_or(now).min(now);
                if k.decided.is_some() || late {
                    let entry: &mut (i64, Option<i64>) = expected.entry(name(k)).or_insert((0, Some(0)));
                    entry.0 += i64::from(k.decided.is_some_and(|(_, in_time)| in_time));
                    entry.1 = entry.1.map(|base| base + 1);
                }
            }
            assert_eq!(without_nothing(counts(row, which)), expected);
            let (numerator, base) = expected.values().fold((0, 0), |sum, c| (sum.0 + c.0, sum.1 + c.1.unwrap()));
            assert_eq!((&row[which]["numerator"], &row[which]["denominator"]), (&numerator.into(), &base.into()));
            let tenths =
                if base == 0 { Value::Null } else { json!(((numerator * 2000 + base) / (base * 2)) as f64 / 10.0) };
            assert_eq!(row[which]["value"].as_f64(), tenths.as_f64());
            assert!(!matches!(row[which]["value"], Value::Number(_)) || base > 0);

            let row = dashboard_row(&dashboard, group, "allocated_by_service");
            let mut expected = BTreeMap::new();
            for (service, fate) in inside.iter().flat_map(|k| &k.allocations) {
                if !["declined", "withdrawn"].contains(fate) {
                    expected.entry((*service).to_owned()).or_insert((0, None)).0 += 1;
                }
            }
            assert_eq!(without_nothing(counts(row, which)), expected);
            assert_eq!(row[which]["value"], expected.values().map(|c| c.0).sum::<i64>());
        }
    }
}

#[actix_web::test]
async fn a_figure_says_all_that_must_be_said_of_it() {
    let app = start().await;
    let dashboard = app.get(&board_member(), "/v1/dashboards/partnership").await.expect(200).body;
    let row = dashboard_row(&dashboard, 0, "decided_in_time");
    let figure = &row["latest"];
    for name in ["value", "display", "period", "geography", "base", "source", "completeness", "provisional"] {
        assert!(figure.get(name).is_some(), "{name}");
    }
    assert_eq!((&figure["value"], &figure["display"]), (&Value::Null, &"no base".into()));
    assert_eq!((&figure["numerator"], &figure["denominator"]), (&0.into(), &0.into()));
    assert_eq!(figure["geography"], "partnership");
    assert_eq!(figure["completeness"]["state"], "nothing_read");
    assert_eq!(figure["provisional"], true);
    assert!(row.get("change").is_none());
}

#[actix_web::test]
async fn an_undecided_referral_is_pending_until_its_limit_passes() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let (referral, now) = (Uuid::now_v7(), Utc::now());
    let data = json!({ "referral_id": referral, "received_at": now, "decision_due_at": now + TimeDelta::minutes(30) });
    Projection.apply(&mut connection, &event("referral.received.v1", referral, data)).await.unwrap();
    let base = async |app: &TestApp| {
        let dashboard = app.get(&board_member(), "/v1/dashboards/partnership").await.expect(200).body;
        let row = dashboard_row(&dashboard, 1, "decided_in_time");
        (row["latest"]["denominator"].as_i64().unwrap(), row["latest"]["note"].as_str().map(str::to_owned))
    };
    assert_eq!(base(&app).await, (0, Some("1 case may still change this figure".to_owned())));
    app.advance(TimeDelta::minutes(31));
    assert_eq!(base(&app).await, (1, None));
}

#[actix_web::test]
async fn an_indicator_is_counted_over_any_period_and_broken_down() {
    let app = start().await;
    let now = Utc::now();
    let known = county(&app, now).await;
    let (from, to) = (now.date_naive() - TimeDelta::days(200), now.date_naive() - TimeDelta::days(20));
    let asked = |rest: &str| format!("/v1/indicators/referrals_received/figure?from={from}&to={to}{rest}");
    let answer = app.get(&board_member(), &asked("&by=locality")).await.expect(200).body;
    let london = |at: DateTime<Utc>| at.with_timezone(&chrono_tz::Europe::London).date_naive();
    let inside = known.iter().filter(|k| (from..=to).contains(&london(k.received)));
    let mut expected: BTreeMap<&str, i64> = BTreeMap::new();
    for k in inside {
        *expected.entry(k.locality.unwrap_or("not-known")).or_default() += 1;
    }
    assert_eq!(answer["figure"]["value"], expected.values().sum::<i64>());
    assert_eq!(answer["figure"]["provisional"], true, "the log was not read by the consumer here");
    let parts: BTreeMap<&str, i64> = answer["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["code"].as_str().unwrap(), part["figure"]["value"].as_i64().unwrap()))
        .collect();
    assert_eq!(parts, expected);
    assert_eq!(app.get(&board_member(), &asked("")).await.expect(200).body.get("parts"), None);
}

#[actix_web::test]
async fn a_figure_nobody_can_count_is_refused_with_its_reason() {
    let app = start().await;
    let figure = "/v1/indicators/referrals_received/figure";
    let refused =
        async |query: &str| app.get(&board_member(), &format!("{figure}{query}")).await.expect(400).pointers();
    assert_eq!(refused("").await, ["from", "to"]);
    assert_eq!(refused("?from=yesterday&to=2026-01-01").await, ["from"]);
    assert_eq!(refused("?from=2026-01-02&to=2026-01-01").await, ["to"]);
    assert_eq!(refused("?from=2026-01-01&to=2026-01-02&by=part").await, ["by"]);
    assert_eq!(refused("?from=2026-01-01&to=2026-01-02&by=street").await, ["by"]);
    assert_eq!(refused("?from=2026-01-01&to=2026-01-02&of=all").await, ["of"]);
    for code in ["no_such", "No such", "referrals_received;--"] {
        app.get(&board_member(), &format!("/v1/indicators/{code}/figure?from=2026-01-01&to=2026-01-02"))
            .await
            .expect(404);
    }
}
