//! Families that partners' lists found, against a count of our own.

use chrono::TimeDelta;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use uuid::Uuid;

use crate::source::event;
use crate::{at, board_member, start};

#[actix_web::test]
async fn families_found_and_offers_accepted_are_as_an_independent_count_has_them() {
    let app = start().await;
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    let standings = ["new", "matched", "possible", "already_open"];
    let answers = ["accepted", "declined", "unreachable", ""];
    let agencies = ["greenfield-academy", "police"];
    let (mut found, mut offered, mut accepted, mut undecided) = ([0, 0], 0, 0, 0);
    for n in 0..48usize {
        let (id, agency) = (Uuid::now_v7(), n % 2);
        let (mut standing, answer) = (standings[n / 2 % 4], answers[n / 8 % 4]);
        let day = at("2026-05-04T09:00:00Z") + TimeDelta::hours(i64::try_from(n).unwrap());
        let mut told: Vec<(&str, Value)> = vec![(
            "partner_list.family_found.v1",
            json!({ "partner_family_id": id, "list_id": id, "agency": agencies[agency], "found_at": day,
                    "standing": standing, "reasons": ["persistent-absence"] }),
        )];
        if standing == "possible" && n % 3 == 0 {
            standing = "new";
            told.push((
                "partner_list.family_decided.v1",
                json!({ "partner_family_id": id, "standing": standing, "decided_at": day }),
            ));
        }
        match standing {
            "possible" => undecided += 1,
            "already_open" => {}
            _ => {
                found[agency] += 1;
                offered += 1;
                let step = |offer: &str, days| json!({ "partner_family_id": id, "offer": offer, "at": day + TimeDelta::days(days) });
                told.push(("partner_list.offer_changed.v1", step("offered", 2)));
                if !answer.is_empty() {
                    told.push(("partner_list.offer_changed.v1", step(answer, 4)));
                }
                if answer == "unreachable" {
                    told.push(("partner_list.offer_changed.v1", step("offered", 6)));
                }
                accepted += i32::from(answer == "accepted");
            }
        }
        // Everything twice, as a log that is read again from its beginning tells it.
        for _ in 0..2 {
            for (kind, data) in &told {
                Projection.apply(&mut connection, &event(kind, id, data.clone())).await.unwrap();
            }
        }
    }
    let figure = async |code: &str| {
        let path = format!("/v1/indicators/{code}/figure?from=2026-04-01&to=2026-09-30&by=part");
        app.get(&board_member(), &path).await.expect(200).body
    };
    let families = figure("partner_families_found").await;
    assert_eq!(families["figure"]["value"], found[0] + found[1], "{families}");
    assert_eq!(families["figure"]["provisional"], json!(undecided > 0));
    let parts: Vec<i64> =
        families["parts"].as_array().unwrap().iter().map(|part| part["figure"]["value"].as_i64().unwrap()).collect();
    assert_eq!(parts, [i64::from(found[0]), i64::from(found[1])]);
    let offers = figure("partner_offers_accepted").await;
    assert_eq!(
        (&offers["figure"]["numerator"], &offers["figure"]["denominator"]),
        (&json!(accepted), &json!(offered)),
        "{offers}"
    );
}
