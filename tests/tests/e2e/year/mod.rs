//! A generated year of casework, told to the API week by week, and its figures counted once more by the
//! test from its own ledger of what it told. So the whole way is held, from a request to a figure by
//! district, service and part. The same every time: families are made of a seeded sequence.

mod calendar;
mod casework;
mod family;
mod ledger;
mod plan;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use e2e::{Answer, Caller, County, until};
use futures::{StreamExt, stream};
use serde_json::{Value, json};
use stack::demonstration::PASSWORD;
use stack::system::SystemOptions;

use calendar::Calendar;
use family::Family;
use ledger::{By, Ledger};
use plan::{Dice, Plan};

const FAMILIES: usize = 120;
/// Of these weeks the year's figures are: nothing begins with the first, and much goes on after the last.
const FROM_WEEK: i64 = 4;
const TO_WEEK: i64 = 44;
const LAST_WEEK: i64 = 62;
/// How many families are told of at once.
const AT_ONCE: usize = 8;

/// Everybody who works in this year, signed in for this week, and the business time.
struct Week {
    number: i64,
    now: DateTime<Utc>,
    people: BTreeMap<&'static str, Caller>,
}

const PEOPLE: [&str; 9] = [
    "greenfield-school-system",
    "police-system",
    "olive.officer",
    "harper.hub",
    "mel.hub",
    "hinnah.hub",
    "felix.family",
    "yara.youth",
    "chloe.centre",
];

impl Week {
    fn as_(&self, who: &str) -> &Caller {
        &self.people[who]
    }
}

/// Moves the business clock on to an instant, and waits until it is noticed. How many seconds it is ahead.
async fn moved(county: &County, to: DateTime<Utc>, ahead: i64) -> i64 {
    let by = (to - Utc::now()).num_seconds() + 1 - ahead;
    let by = u64::try_from(by).expect("time goes on");
    let ahead = county.system.advance_clock(Duration::from_secs(by)).expect("the clock moves");
    let officer = county.as_("olive.officer").await;
    for _ in 0..100 {
        // A draft says when it was begun.
        let draft = officer.post("/v1/referral-drafts", &json!({ "form": {} })).await.expect(201);
        let begun: DateTime<Utc> = draft.body["created_at"].as_str().expect("a time").parse().expect("a time");
        if begun >= to {
            return ahead;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
    panic!("the services don't notice the clock");
}

/// Holds a figure to the test's own count, in one breakdown.
async fn figure_is(analyst: &Caller, calendar: &Calendar, code: &str, by: By, counts: &BTreeMap<String, (i64, i64)>) {
    let (from, to) = (calendar.day(FROM_WEEK), calendar.day(TO_WEEK));
    let by = by.as_str();
    let path = format!("/v1/indicators/{code}/figure?from={from}&to={to}&by={by}");
    let parts = |answer: &Answer| -> BTreeMap<String, (i64, i64)> {
        let number = |figure: &Value| match figure["denominator"].as_i64() {
            Some(denominator) => (figure["numerator"].as_i64().unwrap_or_default(), denominator),
            None => (figure["value"].as_i64().unwrap_or_default(), 0),
        };
        let parts = answer.body["parts"].as_array().into_iter().flatten();
        let counts = parts.map(|part| (part["code"].as_str().expect("a code").to_owned(), number(&part["figure"])));
        counts.filter(|part| part.1 != (0, 0)).collect()
    };
    let settled =
        tokio::time::timeout(Duration::from_secs(9), until(analyst, &path, |answer| parts(answer) == *counts));
    if settled.await.is_err() {
        let found = parts(&analyst.get(&path).await);
        let differ: Vec<String> = counts
            .keys()
            .chain(found.keys())
            .filter(|part| counts.get(*part) != found.get(*part))
            .map(|part| format!("{part}: told {:?}, figure {:?}", counts.get(part), found.get(part)))
            .collect();
        panic!("{code} by {by}: {differ:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_year_s_figures_are_what_was_told() {
    let county = County::start(SystemOptions::test().expect("options")).await;
    let user = json!({ "username": "yara.youth", "display_name": "Yara Youth (invented)", "agency": "county-council",
        "roles": ["service_worker"], "localities": [], "teams": ["youth-work"], "password": PASSWORD });
    county.as_("admin").await.post("/v1/users", &user).await.expect(201);
    let began = Instant::now();
    // Noon, so that England and UTC have one day.
    let calendar = Calendar::from((Utc::now() + TimeDelta::days(1)).date_naive());
    let mut dice = Dice::new(2016);
    let mut families: Vec<Family> =
        (0..FAMILIES).map(|n| Family::new(n, Plan::rolled(&mut dice), calendar.day(0))).collect();
    let mut ahead = 0;
    for number in 0..=LAST_WEEK {
        if number < LAST_WEEK && !families.iter().any(|family| family.plan.has(number)) {
            continue;
        }
        let noon = calendar.day(number).and_time(NaiveTime::from_hms_opt(12, 0, 0).expect("noon")).and_utc();
        ahead = moved(&county, noon, ahead).await;
        let mut people = BTreeMap::new();
        for who in PEOPLE {
            people.insert(who, county.as_(who).await);
        }
        let week = &Week { number, now: noon, people };
        let busy = families.iter_mut().filter(|family| family.plan.has(number));
        stream::iter(busy).for_each_concurrent(AT_ONCE, |family| family.live(week)).await;
    }
    println!("told after {:?}", began.elapsed());
    let mut ledger = Ledger::default();
    families.into_iter().for_each(|family| family.into_ledger(&mut ledger));
    let analyst = county.as_("ana.analyst").await;
    let indicators = analyst.get("/v1/indicators?limit=100").await.expect(200);
    for (code, cells) in ledger.cells(&calendar, FROM_WEEK, TO_WEEK) {
        assert!(cells.iter().any(|cell| cell.count != (0, 0)), "{code}: a year without any");
        let indicator = indicators.items().iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("{code}"));
        for by in indicator["breakdowns"].as_array().expect("breakdowns").iter().filter_map(Value::as_str) {
            let by = By::of(by);
            figure_is(&analyst, &calendar, code, by, &ledger::summed(&cells, by)).await;
        }
    }
    println!("counted after {:?}", began.elapsed());
    county.system.stop().await.expect("it stops");
}
