//! A case that closes while a child of it is missing: it is said, to who may see it.

use serde_json::{Value, json};

use super::{ago, back, held, police, report, step};
use crate::assessments::begun;
use crate::world::World;

fn codes(closure: &Value) -> Vec<&str> {
    let warnings = closure["warnings"].as_array().map(Vec::as_slice).unwrap_or_default();
    warnings.iter().map(|warning| warning["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_case_that_closes_says_who_is_missing_and_what_is_open() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let mut form = report("Juniper", 3);
    form["person"]["birth_date"] = json!("2019-02-03");
    let episode = world.app.post(&police(), "/v1/missing-episodes", &form).await.expect(201).id();
    let concern = json!({
        "person": form["person"], "kind": "other", "account": "Seen with older men (invented).",
        "reporter": form["reporter"], "locality": "charnwood"
    });
    let concern = world.app.post(&police(), "/v1/exploitation-concerns", &concern).await.expect(201).id();
    let closing = json!({
        "outcome": "family_disengaged", "summary": "They did not open the door.",
        "not_measured_because": "disengaged-before-assessment"
    });
    let closed = world.step(&world.family_worker, &begun.case, "closure", &closing).await.expect(200);
    assert_eq!(codes(&closed.body), ["child_missing"], "the team was not given the concern");
    let detail = closed.body["warnings"][0]["detail"].as_str().unwrap();
    assert!(detail.ends_with(&format!("/v1/missing-episodes/{episode}")), "{detail}");

    let path = format!("{}/closure", begun.case);
    let seen = world.app.get(&world.officer, &path).await.expect(200);
    assert_eq!(codes(&seen.body), ["child_missing", "exploitation_concern_open"]);
    assert!(seen.body["warnings"][1]["detail"].as_str().unwrap().ends_with(&concern));
    step(&world, &world.officer, &episode, "return", &back(2)).await.expect(200);
    let seen = world.app.get(&world.family_worker, &path).await.expect(200);
    assert_eq!(codes(&seen.body), ["return_interview_open"]);
    step(&world, &world.officer, &episode, "return-interview", &held(ago(1))).await.expect(200);
    let seen = world.app.get(&world.family_worker, &path).await.expect(200);
    assert_eq!(seen.body.get("warnings"), None);
}
