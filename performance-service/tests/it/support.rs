//! Groups, brief interventions, feedback, development and the pathway, made up at random and told as events: every figure
//! held against a count of its own.

use chrono::{Days, Months, NaiveDate};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use shared::testing::TestApp;
use std::collections::BTreeMap;
use uuid::Uuid;

use crate::figures::Dice;
use crate::source::event;
use crate::{board_member, start};

const FROM: &str = "2026-04-01";
const TO: &str = "2026-09-30";

async fn tell(app: &TestApp, told: &[(&'static str, Value)]) {
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    for (kind, data) in told {
        // Each twice: a fact is its own repetition's equal.
        for _ in 0..2 {
            Projection.apply(&mut connection, &event(kind, Uuid::now_v7(), data.clone())).await.unwrap();
        }
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// A day in the months around the period, now and then one outside of it.
fn some_day(dice: &mut Dice) -> NaiveDate {
    day("2026-03-01") + Days::new(dice.roll(240))
}

fn inside(on: NaiveDate) -> bool {
    on >= day(FROM) && on <= day(TO)
}

type Counts = BTreeMap<String, (i64, i64)>;

/// What is counted of each part, and of all.
async fn figure(app: &TestApp, code: &str) -> Counts {
    let path = format!("/v1/indicators/{code}/figure?from={FROM}&to={TO}&by=part");
    let body = app.get(&board_member(), &path).await.expect(200).body;
    let pair = |figure: &Value| (figure["numerator"].as_i64().unwrap(), figure["denominator"].as_i64().unwrap());
    let part = |part: &Value| (part["code"].as_str().unwrap().to_owned(), pair(&part["figure"]));
    let mut counts: Counts = body["parts"].as_array().unwrap().iter().map(part).collect();
    counts.insert("all".to_owned(), pair(&body["figure"]));
    counts
}

/// The same from what the test knows: each with its part and whether it counts above.
fn counted<'a>(known: impl IntoIterator<Item = (&'a str, bool)>) -> Counts {
    let mut counts = Counts::new();
    for (part, above) in known {
        for key in [part, "all"] {
            let entry = counts.entry(key.to_owned()).or_default();
            entry.0 += i64::from(above);
            entry.1 += 1;
        }
    }
    counts
}

#[actix_web::test]
async fn attendance_counts_those_who_were_expected_and_the_last_word_of_a_register() {
    let app = start().await;
    let mut dice = Dice(20_261_122);
    let (mut told, mut known) = (Vec::new(), Vec::new());
    for n in 0..60u64 {
        let (session, on) = (Uuid::now_v7(), some_day(&mut dice));
        let programme = ["kickboxing", "stay-and-play"][dice.roll(2) as usize];
        let mut last: BTreeMap<Uuid, &str> = BTreeMap::new();
        let people: Vec<Uuid> = (0..4).map(|_| Uuid::now_v7()).collect();
        for taken in 0..1 + dice.roll(2) {
            let lines: Vec<Value> = people
                .iter()
                .map(|person| {
                    let attendance = ["attended", "late", "apology", "absent", "excluded"][dice.roll(5) as usize];
                    last.insert(*person, attendance);
                    json!({ "enrolment_id": person, "attendance": attendance, "correction": taken > 0 })
                })
                .collect();
            let at = format!("2026-11-{:02}T{taken:02}:00:00Z", 1 + n % 28);
            told.push((
                "group.attendance_recorded.v1",
                json!({ "group_id": session, "session_id": session, "held_on": on, "programme": programme, "service": "youth-work",
                        "locality": "melton", "recorded_at": at, "attendances": lines }),
            ));
        }
        known.extend(last.into_values().map(|attendance| (programme, on, attendance)));
    }
    tell(&app, &told).await;
    let expected = known.iter().filter(|(_, on, attendance)| inside(*on) && *attendance != "excluded");
    let counts =
        counted(expected.map(|(programme, _, attendance)| (*programme, matches!(*attendance, "attended" | "late"))));
    assert!(counts["all"].1 > 50, "{counts:?}");
    assert_eq!(figure(&app, "group_attendance").await, counts);
    // An older register that comes late changes nothing.
    let mut old = told.iter().find(|(_, data)| inside(day(data["held_on"].as_str().unwrap()))).unwrap().clone();
    old.1["recorded_at"] = json!("2026-01-01T00:00:00Z");
    for line in old.1["attendances"].as_array_mut().unwrap() {
        line["attendance"] = json!("excluded");
    }
    tell(&app, &[old]).await;
    assert_eq!(figure(&app, "group_attendance").await, counts);
}

#[actix_web::test]
async fn completion_and_planned_ends_are_counted_with_their_base() {
    let app = start().await;
    let mut dice = Dice(7);
    let (mut told, mut ended, mut briefs) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..40 {
        let on = some_day(&mut dice);
        let programme = ["fun-and-families", "youth-group", "other"][dice.roll(3) as usize];
        let outcomes: Vec<&str> =
            (0..5).map(|_| ["completed", "not_completed", "not_placed"][dice.roll(3) as usize]).collect();
        let lines: Vec<Value> = outcomes
            .iter()
            .map(|outcome| json!({ "enrolment_id": Uuid::now_v7(), "outcome": outcome, "attended": 1, "expected": 2 }))
            .collect();
        told.push((
            "group.finished.v1",
            json!({ "group_id": Uuid::now_v7(), "finished_on": on, "programme": programme, "service": "childrens-centre",
                    "locality": null, "enrolments": lines }),
        ));
        ended.extend(outcomes.into_iter().map(|outcome| (programme, on, outcome)));
        let (id, kind) = (Uuid::now_v7(), ["youth-mentoring", "send-support"][dice.roll(2) as usize]);
        let opened = json!({ "intervention_id": id, "kind": kind, "service": "youth-work", "locality": "blaby", "opened_on": "2026-01-01" });
        let mut closed = opened.clone();
        let planned = dice.roll(3) > 0;
        for (field, value) in [
            ("closed_on", json!(on)),
            ("outcome", json!("needs-met")),
            ("planned", json!(planned)),
            ("in_time", json!(true)),
        ] {
            closed[field] = value;
        }
        if dice.roll(4) > 0 {
            told.push(("brief.closed.v1", closed));
            briefs.push((kind, on, planned));
        }
        // The beginning, told again after the end.
        told.push(("brief.opened.v1", opened));
    }
    tell(&app, &told).await;
    let to_the_end = ended.iter().filter(|(_, on, outcome)| inside(*on) && *outcome != "not_placed");
    let counts = counted(to_the_end.map(|(programme, _, outcome)| (*programme, *outcome == "completed")));
    assert_eq!(figure(&app, "group_completion").await, counts);
    let closed = briefs.iter().filter(|(_, on, _)| inside(*on));
    assert_eq!(
        figure(&app, "brief_planned_outcome").await,
        counted(closed.map(|(kind, _, planned)| (*kind, *planned)))
    );
}

#[actix_web::test]
async fn a_question_that_was_passed_over_is_in_no_base() {
    let app = start().await;
    let mut dice = Dice(99);
    let (mut told, mut known) = (Vec::new(), Vec::new());
    for _ in 0..80 {
        let on = some_day(&mut dice);
        let mut answers = Vec::new();
        for (question, kind) in
            [("felt-listened-to", "scale"), ("positive-difference", "yes_no"), ("what-helped", "words")]
        {
            let answered = dice.roll(3) > 0;
            let positive = (answered && kind != "words").then(|| dice.roll(2) > 0);
            answers.push(json!({ "question": question, "kind": kind, "answered": answered, "positive": positive }));
            known.extend(positive.map(|positive| (question, on, positive)));
        }
        told.push((
            "feedback.given.v1",
            json!({ "feedback_id": Uuid::now_v7(), "occasion": "group_end", "service": "youth-work", "locality": "melton",
                    "giver": "adult", "via": "worker", "given_on": on, "answers": answers }),
        ));
    }
    tell(&app, &told).await;
    let within = known.iter().filter(|(_, on, _)| inside(*on));
    let counts = counted(within.map(|(question, _, positive)| (*question, *positive)));
    assert!(!counts.contains_key("what-helped"));
    assert_eq!(figure(&app, "feedback_positive").await, counts);
}

#[actix_web::test]
async fn a_child_counts_once_in_each_area_by_its_last_check_that_stands() {
    let app = start().await;
    let mut dice = Dice(4);
    let mut told = Vec::new();
    // By child and area: the day and the judgement of each check that stands.
    let mut stands: BTreeMap<(Uuid, &str), Vec<(NaiveDate, &str)>> = BTreeMap::new();
    for _ in 0..30 {
        let child = Uuid::now_v7();
        let mut on = day("2026-03-01");
        for _ in 0..1 + dice.roll(4) {
            on = on + Days::new(1 + dice.roll(70));
            let check = Uuid::now_v7();
            let corrected = dice.roll(4) == 0;
            let mut tell = |id: Uuid, corrects: Option<Uuid>, dice: &mut Dice, keep: bool| {
                let mut judgements = Vec::new();
                for area in ["physical", "communication-and-language"] {
                    let judgement = ["meeting", "exceeding", "below"][dice.roll(3) as usize];
                    judgements.push(json!({ "area": area, "judgement": judgement }));
                    if keep {
                        stands.entry((child, area)).or_default().push((on, judgement));
                    }
                }
                told.push((
                    "development.checked.v1",
                    json!({ "check_id": id, "person_ids": [child], "service": "childrens-centre", "locality": "charnwood",
                            "checked_on": on, "age_months": 9, "judgements": judgements, "corrects": corrects }),
                ));
            };
            tell(check, None, &mut dice, !corrected);
            if corrected {
                tell(Uuid::now_v7(), Some(check), &mut dice, true);
            }
        }
    }
    tell(&app, &told).await;
    let last = stands.iter().filter_map(|((_, area), checks)| {
        let (_, judgement) = checks.iter().filter(|(on, _)| inside(*on)).max_by_key(|(on, _)| *on)?;
        Some((*area, *judgement != "below"))
    });
    assert_eq!(figure(&app, "development_on_track").await, counted(last));
}

#[actix_web::test]
async fn a_child_counts_once_while_it_is_on_the_pathway_and_not_once_it_has_outgrown_it() {
    let app = start().await;
    let mut dice = Dice(11);
    let (mut told, mut on_it) = (Vec::new(), 0i64);
    for _ in 0..60 {
        let child = Uuid::now_v7();
        let mut joined = day("2025-06-01") + Days::new(dice.roll(420));
        let mut counts = false;
        for _ in 0..1 + dice.roll(2) {
            let to_go = dice.roll(24);
            let left = (dice.roll(2) == 0).then(|| joined + Days::new(dice.roll(200)));
            let until = left.unwrap_or_else(|| joined + Months::new(to_go as u32 + 1) - Days::new(1));
            counts |= joined <= day(TO) && until >= day(FROM);
            let facts = json!({ "membership_id": Uuid::now_v7(), "person_ids": [child], "service": "childrens-centre",
                "locality": "charnwood", "joined_on": joined });
            let mut begins = facts.clone();
            begins["months_to_go"] = json!(to_go);
            if let Some(left) = left {
                let mut ends = facts;
                ends["left_on"] = json!(left);
                ends["because"] = json!("moved-away");
                // The end told before the beginning, and after it.
                told.push(("pathway.left.v1", ends.clone()));
                told.push(("pathway.joined.v1", begins));
                told.push(("pathway.left.v1", ends));
            } else {
                told.push(("pathway.joined.v1", begins));
            }
            joined = until + Days::new(1 + dice.roll(30));
        }
        on_it += i64::from(counts);
    }
    tell(&app, &told).await;
    let path = format!("/v1/indicators/pathway_children/figure?from={FROM}&to={TO}&by=service");
    let body = app.get(&board_member(), &path).await.expect(200).body;
    assert!(on_it > 10 && on_it < 60, "{on_it}");
    assert_eq!(body["figure"]["value"], json!(on_it));
    assert_eq!(body["parts"][0]["code"], "childrens-centre");
}
