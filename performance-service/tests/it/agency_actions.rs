//! Actions of other agencies, made up at random and told as events: every figure held against a count of its own.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use shared::testing::TestApp;
use uuid::Uuid;

use crate::figures::Dice;
use crate::source::event;
use crate::{board_member, start};

const AGENCIES: [&str; 3] = ["district-charnwood", "police", "hillside-primary"];

async fn figure(app: &TestApp, code: &str, by: &str, (from, to): (NaiveDate, NaiveDate)) -> Value {
    let path = format!("/v1/indicators/{code}/figure?from={from}&to={to}&by={by}");
    app.get(&board_member(), &path).await.expect(200).body
}

fn action(id: Uuid, agency: Option<&str>, due: NaiveDate, status: &str, more: Value) -> Value {
    let of = json!({ "action_id": id, "case_id": Uuid::now_v7(), "family_id": Uuid::now_v7(), "case_type": "outreach",
        "team": "childrens-centre", "locality": "charnwood", "owner_kind": if agency.is_some() { "agency" } else { "worker" },
        "agency": agency, "due_on": due, "proposed_at": "2026-03-02T09:00:00Z", "status": status });
    shared::events::joined(of, more)
}

#[actix_web::test]
async fn actions_are_counted_on_the_day_they_are_due_with_what_was_declined_or_is_overdue() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let mut dice = Dice(20_260_101);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let period = (day("2026-04-01"), day("2026-09-30"));
    let mut standing: BTreeMap<&str, i64> = BTreeMap::new();
    let mut done: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
    for _ in 0..200 {
        let id = Uuid::now_v7();
        let agency = AGENCIES.get(dice.roll(4) as usize).copied();
        // On the days of the period's ends too.
        let due = day("2026-03-20") + Days::new(dice.roll(210));
        let noon = |on: NaiveDate| on.and_time(NaiveTime::from_hms_opt(12, 0, 0).unwrap()).and_utc();
        let after = [-3, 0, 4][dice.roll(3) as usize];
        let on = due + TimeDelta::days(after);
        let end = ["completed", "declined", "cancelled", "accepted", "proposed"][dice.roll(5) as usize];
        let mut events =
            vec![("action.proposed.v1", action(id, agency, due, "proposed", json!({ "answer_due_at": null })))];
        if end != "proposed" && end != "declined" {
            let accepted = json!({ "at": "2026-03-03T09:00:00Z", "in_time": true, "for_agency": false });
            events.push(("action.accepted.v1", action(id, agency, due, "accepted", accepted)));
        }
        match end {
            // Written down days later.
            "completed" => events.push((
                "action.completed.v1",
                action(
                    id,
                    agency,
                    due,
                    end,
                    json!({ "at": noon(on + Days::new(9)), "completed_on": on, "in_time": after <= 0 }),
                ),
            )),
            "declined" => events.push(("action.declined.v1", action(id, agency, due, end, json!({ "at": noon(on) })))),
            "cancelled" => {
                events.push(("action.cancelled.v1", action(id, agency, due, end, json!({ "at": noon(on) }))))
            }
            _ => {}
        }
        for (kind, data) in events.iter().chain(&events) {
            Projection.apply(&mut connection, &event(kind, id, data.clone())).await.unwrap();
        }
        let Some(agency) = agency.filter(|_| due >= period.0 && due <= period.1) else { continue };
        let stands = match end {
            "completed" | "declined" => end,
            "cancelled" if after <= 0 => end,
            // Its day has passed, whatever the agency said and whoever gave it up afterwards.
            _ => "overdue",
        };
        *standing.entry(stands).or_default() += 1;
        let part = done.entry(agency).or_default();
        let counts = (i64::from(end == "completed" && after <= 0), i64::from(stands != "cancelled"));
        *part = (part.0 + counts.0, part.1 + counts.1);
    }
    let total = done.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    assert!(total.0 > 5 && total.1 > 2 * total.0 && standing.len() == 4, "{total:?} {standing:?}");
    let actions = figure(&app, "agency_actions", "part", period).await;
    let parts: BTreeMap<&str, i64> = actions["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["code"].as_str().unwrap(), part["figure"]["value"].as_i64().unwrap()))
        .collect();
    assert_eq!(parts, standing);
    let pair = |figure: &Value| (figure["numerator"].as_i64().unwrap(), figure["denominator"].as_i64().unwrap());
    let share = figure(&app, "agency_actions_done", "part", period).await;
    assert_eq!(pair(&share["figure"]), total);
    let parts: BTreeMap<&str, (i64, i64)> = share["parts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| (part["code"].as_str().unwrap(), pair(&part["figure"])))
        .collect();
    assert_eq!(parts, done);
    let by_service = figure(&app, "agency_actions_done", "service", period).await;
    assert_eq!(
        (&by_service["parts"][0]["code"], pair(&by_service["parts"][0]["figure"])),
        (&json!("childrens-centre"), total)
    );
}

#[actix_web::test]
async fn an_action_whose_day_has_not_passed_is_pending_and_overdue_the_day_after() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let id = Uuid::now_v7();
    let due = Utc::now().date_naive() + Days::new(2);
    let proposed = action(id, Some("police"), due, "proposed", json!({}));
    Projection.apply(&mut connection, &event("action.proposed.v1", id, proposed)).await.unwrap();
    let period = (due, due);
    let waiting = figure(&app, "agency_actions_done", "part", period).await;
    assert_eq!((&waiting["figure"]["denominator"], &waiting["figure"]["provisional"]), (&json!(0), &json!(true)));
    assert_eq!(figure(&app, "agency_actions", "part", period).await["parts"][0]["code"], "proposed");
    app.advance(TimeDelta::days(4));
    let passed = figure(&app, "agency_actions_done", "part", period).await;
    assert_eq!((&passed["figure"]["numerator"], &passed["figure"]["denominator"]), (&json!(0), &json!(1)));
    assert_eq!(figure(&app, "agency_actions", "part", period).await["parts"][0]["code"], "overdue");
}
