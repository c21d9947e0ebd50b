//! A year of casework, made up at random and told as events: every figure held against a computation
//! of its own.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use shared::testing::TestApp;
use std::collections::{BTreeMap, BTreeSet};
use uuid::Uuid;

use crate::figures::Dice;
use crate::source::event;
use crate::{at, board_member, start};

const AREAS: [&str; 10] = [
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
const QUESTIONS: [&str; 3] = ["rent_arrears", "dentist_registered", "violent_or_aggressive"];

/// What the test knows of one measurement.
#[derive(Clone)]
struct Measured {
    id: Uuid,
    point: &'static str,
    at: DateTime<Utc>,
    /// When it was due.
    due: DateTime<Utc>,
    scores: BTreeMap<&'static str, i16>,
    /// Question and member (nil for the family), and whether it was an issue.
    issues: BTreeMap<(&'static str, Uuid), bool>,
    corrects: Option<Uuid>,
}

/// What the test knows of one case.
struct Case {
    id: Uuid,
    family: Uuid,
    service: &'static str,
    locality: &'static str,
    opened: DateTime<Utc>,
    /// When the assessment is due, if the family ever began.
    due: Option<DateTime<Utc>>,
    closed: Option<(DateTime<Utc>, &'static str)>,
    eligible: bool,
    members: Vec<Uuid>,
    children: i64,
    under_5: i64,
    measured: Vec<Measured>,
}

/// How many days after a measurement the next review is due.
const BETWEEN: TimeDelta = TimeDelta::days(84);

fn measured(
    dice: &mut Dice,
    point: &'static str,
    (at, due): (DateTime<Utc>, DateTime<Utc>),
    members: &[Uuid],
    before: Option<&Measured>,
) -> Measured {
    let mut scores = BTreeMap::new();
    for area in AREAS {
        // Now and then an area does not apply.
        if dice.roll(12) > 0 {
            let first = before.and_then(|b| b.scores.get(area)).copied();
            let score = first.map_or(1 + dice.roll(10) as i16, |f| (f + dice.roll(5) as i16 - 1).clamp(1, 10));
            scores.insert(area, score);
        }
    }
    let mut issues = BTreeMap::new();
    for question in QUESTIONS {
        let whom = if question == "violent_or_aggressive" { members } else { &[Uuid::nil()][..] };
        for who in whom {
            if dice.roll(10) > 0 {
                issues.insert((question, *who), dice.roll(2) == 0);
            }
        }
    }
    Measured { id: Uuid::now_v7(), point, at, due, scores, issues, corrects: None }
}

fn told(case: &Case, it: &Measured) -> Value {
    let review = (it.point != "closure" && it.corrects.is_none()).then_some(it.at + BETWEEN);
    let scores: Vec<Value> = AREAS
        .iter()
        .map(|area| match it.scores.get(area) {
            Some(score) => json!({ "area": area, "score": score, "stage": (score + 1) / 2, "little_or_no_support": (score + 1) / 2 >= 4 }),
            None => json!({ "area": area, "score": null }),
        })
        .collect();
    let issues: Vec<Value> = it
        .issues
        .iter()
        .map(|((question, who), issue)| json!({ "question": question, "person_id": (!who.is_nil()).then_some(who), "issue": issue }))
        .chain([json!({ "question": "rent_arrears", "issue": null })])
        .collect();
    json!({ "measurement_id": it.id, "case_id": case.id, "point": it.point, "measured_on": it.at.date_naive(), "completed_at": it.at,
            "due_at": it.due, "in_time": it.at <= it.due, "corrects": it.corrects, "review_due_at": review, "team": case.service, "locality": case.locality,
            "scores": scores, "issues": issues })
}

/// Two hundred families over a year and a half, told in no order but their own.
async fn year(app: &TestApp) -> Vec<Case> {
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let mut dice = Dice(20_150_401);
    let mut cases: Vec<Case> = Vec::new();
    for n in 0..240 {
        // Some families come back, or are helped by two services.
        let family = if n % 6 == 5 { cases[n - 3].family } else { Uuid::now_v7() };
        let opened = at("2014-12-01T09:00:00Z") + TimeDelta::hours(dice.roll(500 * 24) as i64);
        let members: Vec<Uuid> = (0..2 + dice.roll(5)).map(|_| Uuid::now_v7()).collect();
        let children = (members.len() as i64 - 1).min(1 + dice.roll(4) as i64);
        let mut case = Case {
            id: Uuid::now_v7(),
            family,
            service: ["intensive-family-support", "youth-work"][dice.roll(2) as usize],
            locality: ["melton", "blaby", "charnwood"][dice.roll(3) as usize],
            opened,
            due: (dice.roll(9) > 0).then_some(opened + TimeDelta::days(47)),
            closed: None,
            eligible: dice.roll(4) > 0,
            under_5: dice.roll(children as u64 + 1) as i64,
            children,
            members,
            measured: Vec::new(),
        };
        if let Some(due) = case.due.filter(|_| dice.roll(8) > 0) {
            // On the day on which it is due, and that is in time, or sooner or later.
            let at = opened + TimeDelta::days([30, 47, 60][dice.roll(3) as usize]);
            let first = measured(&mut dice, "initial", (at, due), &case.members, None);
            case.measured.push(first.clone());
            if dice.roll(10) == 0 {
                let when = (at + TimeDelta::days(1), due);
                let mut corrected = measured(&mut dice, "initial", when, &case.members, None);
                corrected.corrects = Some(first.id);
                case.measured.push(corrected);
            }
            let mut before = at;
            for _ in 0..dice.roll(3) {
                let at = before + TimeDelta::days(50 + dice.roll(60) as i64);
                let review = measured(&mut dice, "review", (at, before + BETWEEN), &case.members, Some(&first));
                case.measured.push(review);
                before = at;
            }
            if dice.roll(3) > 0 {
                let when = (opened + TimeDelta::days(290), before + BETWEEN);
                let last = measured(&mut dice, "closure", when, &case.members, Some(&first));
                case.measured.push(last);
            }
        }
        if dice.roll(4) > 0 {
            case.closed = Some((opened + TimeDelta::days(300), ["needs_met", "moved_away"][dice.roll(2) as usize]));
        }
        let opening = json!({ "case_id": case.id, "family_id": case.family, "referral_id": null, "case_type": case.service,
            "team": case.service, "locality": case.locality, "opened_at": case.opened, "eligible": case.eligible,
            "problems": ["secure-housing"], "person_ids": case.members, "children": case.children, "under_5": case.under_5 });
        let mut events = vec![("case.opened.v1", opening)];
        if let Some(due) = case.due {
            let engaged = opened + TimeDelta::days(5);
            let engagement =
                json!({ "case_id": case.id, "engaged_on": engaged.date_naive(), "assessment_due_at": due });
            events.push(("case.engaged.v1", engagement));
        }
        events.extend(case.measured.iter().map(|it| ("assessment.completed.v1", told(&case, it))));
        if let Some((closed, outcome)) = case.closed {
            events.push((
                "case.closed.v1",
                json!({ "case_id": case.id, "closed_at": closed, "outcome": outcome, "planned_exit": true }),
            ));
        }
        for (kind, data) in events {
            Projection.apply(&mut connection, &event(kind, case.id, data)).await.unwrap();
        }
        cases.push(case);
    }
    cases
}

/// The figure's parts, numerator and denominator, and the county's beside them.
async fn figure(app: &TestApp, code: &str, by: &str) -> BTreeMap<String, (i64, Option<i64>)> {
    let path = format!("/v1/indicators/{code}/figure?from=2015-04-01&to=2016-03-31&by={by}");
    let answer = app.get(&board_member(), &path).await.expect(200).body;
    let count = |figure: &Value| {
        let base = figure["denominator"].as_i64();
        (base.map_or(figure["value"].as_i64(), |_| figure["numerator"].as_i64()).unwrap(), base)
    };
    let mut parts: BTreeMap<String, (i64, Option<i64>)> = answer["parts"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|part| (part["code"].as_str().unwrap().to_owned(), count(&part["figure"])))
        .collect();
    parts.insert("all".to_owned(), count(&answer["figure"]));
    parts
}

/// Adds up pairs by name, and all of them.
fn sums<'a>(pairs: impl IntoIterator<Item = (&'a str, i64, Option<i64>)>) -> BTreeMap<String, (i64, Option<i64>)> {
    let mut sums: BTreeMap<String, (i64, Option<i64>)> = BTreeMap::new();
    for (name, n, base) in pairs {
        for key in [name, "all"] {
            let entry = sums.entry(key.to_owned()).or_insert((0, base.map(|_| 0)));
            entry.0 += n;
            entry.1 = entry.1.zip(base).map(|(sum, base)| sum + base);
        }
    }
    sums
}

fn inside(at: DateTime<Utc>) -> bool {
    let day = at.with_timezone(&chrono_tz::Europe::London).date_naive();
    let year = NaiveDate::from_ymd_opt(2015, 4, 1).unwrap()..=NaiveDate::from_ymd_opt(2016, 3, 31).unwrap();
    year.contains(&day)
}

/// The latest of each family's cases among those given.
fn latest<'a>(cases: impl Iterator<Item = &'a Case>, key: impl Fn(&Case) -> DateTime<Utc>) -> Vec<&'a Case> {
    let mut by_family: BTreeMap<Uuid, &Case> = BTreeMap::new();
    for case in cases {
        let known = by_family.entry(case.family).or_insert(case);
        if (key(case), std::cmp::Reverse(case.id)) > (key(known), std::cmp::Reverse(known.id)) {
            *known = case;
        }
    }
    by_family.into_values().collect()
}

#[actix_web::test]
async fn families_and_individuals_are_counted_as_the_annual_report_counts_them() {
    let app = start().await;
    let cases = year(&app).await;
    let open = || {
        cases.iter().filter(|c| {
            let (start, end) = (at("2015-03-31T23:00:00Z"), at("2016-03-31T23:00:00Z"));
            c.opened < end && c.closed.is_none_or(|(closed, _)| closed >= start)
        })
    };
    let one = |case: &Case, name: fn(&Case) -> &'static str| (name(case), 1, None);
    let worked: Vec<&Case> = latest(open(), |c| c.opened);
    assert!(worked.len() > 100 && worked.len() < open().count(), "some families have two cases");
    let locality: fn(&Case) -> &'static str = |c| c.locality;
    let service: fn(&Case) -> &'static str = |c| c.service;
    for (by, name) in [("locality", locality), ("service", service)] {
        assert_eq!(figure(&app, "families_worked_with", by).await, sums(worked.iter().map(|c| one(c, name))), "{by}");
        assert_eq!(figure(&app, "cases_worked_with", by).await, sums(open().map(|c| one(c, name))), "{by}");
        let opened = latest(cases.iter().filter(|c| inside(c.opened)), |c| c.opened);
        assert_eq!(figure(&app, "families_opened", by).await, sums(opened.iter().map(|c| one(c, name))), "{by}");
        let closed =
            latest(cases.iter().filter(|c| c.closed.is_some_and(|(at, _)| inside(at))), |c| c.closed.unwrap().0);
        assert_eq!(figure(&app, "families_closed", by).await, sums(closed.iter().map(|c| one(c, name))), "{by}");
    }
    let ages = worked.iter().flat_map(|c| {
        [
            ("child-under-5", c.under_5, None),
            ("child-5-and-over", c.children - c.under_5, None),
            ("adult", c.members.len() as i64 - c.children, None),
        ]
    });
    assert_eq!(figure(&app, "individuals_worked_with", "part").await, sums(ages));
    let eligible = cases.iter().filter(|c| inside(c.opened)).map(|c| (c.locality, i64::from(c.eligible), Some(1)));
    assert_eq!(figure(&app, "eligible_when_opened", "locality").await, sums(eligible));
}

/// The indicator that counts a limit, when it fell due, and when what was owed was done.
type Owed = (&'static str, DateTime<Utc>, Option<DateTime<Utc>>);

/// Every limit that a case had. Corrections have none.
fn limits(case: &Case) -> Vec<Owed> {
    let mut done = case.measured.iter().filter(|m| m.corrects.is_none());
    let Some(due) = case.due else { return Vec::new() };
    let Some(first) = done.next() else { return vec![("assessments_in_time", due, None)] };
    let mut limits = vec![("assessments_in_time", due, Some(first.at))];
    let mut last = first;
    for next in done {
        limits.push(("reviews_in_time", last.at + BETWEEN, Some(next.at)));
        last = next;
    }
    if last.point != "closure" {
        limits.push(("reviews_in_time", last.at + BETWEEN, None));
    }
    limits
}

#[actix_web::test]
async fn assessments_and_reviews_that_were_due_and_not_held_count_as_not_in_time() {
    let app = start().await;
    let cases = year(&app).await;
    for code in ["assessments_in_time", "reviews_in_time"] {
        let (mut expected, mut skipped, mut owed_no_more) = (Vec::new(), 0, 0);
        for case in &cases {
            for (_, due, done) in limits(case).into_iter().filter(|limit| limit.0 == code) {
                let in_time = done.is_some_and(|done| done <= due);
                let closed_before = case.closed.is_some_and(|(closed, _)| closed <= due);
                if done.is_none() && closed_before {
                    owed_no_more += 1;
                } else if inside(if in_time { done.unwrap() } else { due }) {
                    skipped += i32::from(done.is_none());
                    expected.push((case.locality, i64::from(in_time), Some(1)));
                }
            }
        }
        assert!(
            skipped > 5 && (code == "assessments_in_time" || owed_no_more > 0),
            "{code}: {skipped}, {owed_no_more}"
        );
        assert_eq!(figure(&app, code, "locality").await, sums(expected), "{code}");
    }
}

/// Of each case that was closed in the year and both assessed and reviewed, the first and the last.
fn journeys(cases: &[Case]) -> Vec<(&Case, &Measured, &Measured)> {
    cases
        .iter()
        .filter(|case| case.closed.is_some_and(|(at, _)| inside(at)))
        .filter_map(|case| {
            let corrected: BTreeSet<Uuid> = case.measured.iter().filter_map(|m| m.corrects).collect();
            let stands = || case.measured.iter().filter(|m| !corrected.contains(&m.id));
            let first = stands().find(|m| m.point == "initial")?;
            let closure = stands().find(|m| m.point == "closure");
            let last = closure.or_else(|| stands().filter(|m| m.point == "review").max_by_key(|m| m.at))?;
            Some((case, first, last))
        })
        .collect()
}

#[actix_web::test]
async fn progress_is_counted_over_both_bases() {
    let app = start().await;
    let cases = year(&app).await;
    let journeys = journeys(&cases);
    assert!(journeys.len() > 30, "{}", journeys.len());
    let stage = |score: i16| (score + 1) / 2;
    let mut pairs = Vec::new();
    for (_, first, last) in &journeys {
        for (area, score) in &first.scores {
            let Some(end) = last.scores.get(area) else { continue };
            pairs.push((*area, *score, *end));
        }
    }
    let rose = |(_, a, z): &(&str, i16, i16)| i64::from(z > a && stage(*z) > stage(*a));
    let all = sums(pairs.iter().map(|p| (p.0, rose(p), Some(1))));
    assert_eq!(figure(&app, "positive_progress_of_all", "part").await, all);
    let low = sums(pairs.iter().filter(|p| stage(p.1) <= 3).map(|p| (p.0, rose(p), Some(1))));
    assert_eq!(figure(&app, "positive_progress", "part").await, low);
    assert!(low["all"].1 < all["all"].1, "the second base leaves out who began at the top");
    let managing = sums(pairs.iter().map(|p| (p.0, i64::from(stage(p.2) >= 4), Some(1))));
    assert_eq!(figure(&app, "little_or_no_support_at_closure", "part").await, managing);
}

#[actix_web::test]
async fn an_issue_is_resolved_when_the_last_review_names_it_no_more() {
    let app = start().await;
    let cases = year(&app).await;
    let (mut resolved, mut not_asked) = (Vec::new(), Vec::new());
    for (_, first, last) in &journeys(&cases) {
        for (key, _) in first.issues.iter().filter(|(_, issue)| **issue) {
            resolved.push((key.0, i64::from(last.issues.get(key) == Some(&false)), Some(1)));
            not_asked.push((key.0, i64::from(!last.issues.contains_key(key)), Some(1)));
        }
    }
    assert_eq!(figure(&app, "issues_resolved", "part").await, sums(resolved));
    assert!(not_asked.iter().any(|one| one.1 == 1), "some were not asked again");
    assert_eq!(figure(&app, "issues_not_asked_again", "part").await, sums(not_asked));
    let at_assessment = cases.iter().flat_map(|case| {
        let corrected: BTreeSet<Uuid> = case.measured.iter().filter_map(|m| m.corrects).collect();
        let stands = move |m: &&Measured| m.point == "initial" && !corrected.contains(&m.id) && inside(m.at);
        case.measured
            .iter()
            .filter(stands)
            .flat_map(|m| m.issues.iter().map(|(key, issue)| (key.0, i64::from(*issue), Some(1))))
    });
    assert_eq!(figure(&app, "issues_at_assessment", "part").await, sums(at_assessment));
}

#[actix_web::test]
async fn follow_ups_that_nobody_answered_count_against() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let case = Uuid::now_v7();
    let answers = [Some((true, Some(true))), Some((true, Some(false))), Some((false, None)), None];
    for (n, answer) in answers.into_iter().enumerate() {
        let id = Uuid::now_v7();
        let scheduled = json!({ "follow_up_id": id, "case_id": case, "months": 3 * (n + 1), "due_at": "2015-10-01T12:00:00Z",
            "team": "youth-work", "locality": "melton" });
        Projection.apply(&mut connection, &event("follow_up.scheduled.v1", case, scheduled)).await.unwrap();
        if let Some((reached, sustained)) = answer {
            let answered = json!({ "follow_up_id": id, "answered_at": "2015-10-02T12:00:00Z", "reached": reached,
                "engaged": reached, "sustained": sustained, "destination": null });
            Projection.apply(&mut connection, &event("follow_up.answered.v1", case, answered)).await.unwrap();
        }
    }
    assert_eq!(figure(&app, "follow_ups_answered", "part").await["all"], (3, Some(4)));
    assert_eq!(figure(&app, "follow_ups_answered", "part").await["12"], (0, Some(1)));
    assert_eq!(figure(&app, "sustained_at_follow_up", "part").await["all"], (1, Some(2)));
}
