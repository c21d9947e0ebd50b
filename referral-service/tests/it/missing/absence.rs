//! One absence that two report, each not seeing the other's report.

use serde_json::json;

use super::{ago, back, held, kit, police, report, reported, step};
use crate::world::World;

#[actix_web::test]
async fn an_absence_that_the_school_reports_too_is_one_absence_and_the_school_does_not_learn_of_it() {
    let world = World::new().await;
    let first = reported(&world, "Hazel", 6).await;
    let mut form = report("Hazel", 5);
    form["missing_from"] = json!("school");
    let told = world.app.post(&world.school, "/v1/missing-episodes", &form).await.expect(201);
    let second = told.id();
    assert_eq!(told.body.get("same_absence_as"), None);
    let path = |id: &str| format!("/v1/missing-episodes/{id}");
    let school = world.app.get(&world.school, &path(&second)).await.expect(200);
    assert!(!school.body.to_string().contains(&first), "{}", school.body);
    world.app.get(&world.school, &path(&first)).await.expect(404);
    let seen = world.app.get(&world.officer, &path(&second)).await.expect(200);
    assert_eq!((&seen.body["same_absence_as"], &seen.body["account"]["repeat_number"]), (&json!(first), &json!(1)));
    let seen = world.app.get(&world.officer, &path(&first)).await.expect(200);
    assert_eq!(seen.body.get("same_absence_as"), None);
    assert_eq!(seen.body["other_episodes"][0]["same_absence_as"], first.as_str());
    assert_eq!(world.events(&first, "missing.reported.v1").await[0]["same_absence_as"], json!(null));
    assert_eq!(world.events(&second, "missing.reported.v1").await[0]["same_absence_as"], first.as_str());

    // A return told by somebody who sees only one does not end the search: those who hold the other confirm it.
    step(&world, &police(), &first, "return", &back(2)).await.expect(200);
    let school = world.app.get(&world.school, &path(&second)).await.expect(200);
    assert_eq!(school.body["status"], "missing");
    let alerts = world.app.get(&world.officer, "/v1/alerts").await.expect(200).body;
    let kinds: Vec<_> =
        alerts["items"].as_array().unwrap().iter().map(|alert| (&alert["kind"], &alert["about"])).collect();
    assert!(kinds.contains(&(&json!("return_told_elsewhere"), &json!(path(&second)))), "{alerts}");
    step(&world, &world.officer, &second, "return", &back(2)).await.expect(200);
    let school = world.app.get(&world.school, &path(&second)).await.expect(200);
    assert_eq!((&school.body["status"], &school.body["interview_clock"]), (&json!("returned"), &json!("due")));
    let list = world.app.get(&world.school, "/v1/missing-episodes?status=returned").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], second.as_str());
    assert_eq!(world.app.get(&world.officer, "/v1/alerts").await.expect(200).body["items"], json!([]));
    assert_eq!(world.events(&second, "missing.returned.v1").await.len(), 1);
    step(&world, &world.officer, &second, "return", &back(1)).await.expect(409);
    // So is the interview, the other way.
    step(&world, &world.officer, &second, "return-interview", &held(ago(1))).await.expect(200);
    for (who, id) in [(&police(), &first), (&world.school, &second)] {
        let seen = world.app.get(who, &path(id)).await.expect(200);
        assert_eq!((&seen.body["status"], &seen.body["interview_clock"]), (&json!("interview_held"), &json!("met")));
    }
    assert_eq!(world.events(&first, "missing.interview_held.v1").await.len(), 1);
    // The next is the child's second.
    let next = world.app.post(&world.officer, "/v1/missing-episodes", &report("Hazel", 0)).await.expect(201);
    assert_eq!(next.body["account"]["repeat_number"], 2);
}

#[actix_web::test]
async fn a_first_report_that_was_none_leaves_the_other_to_count() {
    let world = World::new().await;
    let first = reported(&world, "Hazel", 30).await;
    let second = world.app.post(&kit(), "/v1/missing-episodes", &report("Hazel", 29)).await.expect(201).id();
    let kits = world.app.get(&kit(), &format!("/v1/missing-episodes/{second}")).await.expect(200);
    assert_eq!((&kits.body["view"], kits.body.get("same_absence_as")), (&json!("full"), None));
    let none = json!({ "because": "reported-in-error", "note": "Another child." });
    step(&world, &police(), &first, "cancellation", &none).await.expect(200);
    let kits = world.app.get(&kit(), &format!("/v1/missing-episodes/{second}")).await.expect(200);
    assert_eq!(kits.body["status"], "missing", "what is cancelled is cancelled alone");
    let seen = world.app.get(&world.officer, &format!("/v1/missing-episodes/{second}")).await.expect(200);
    assert_eq!(seen.body.get("same_absence_as"), None, "as what does not stand");
    step(&world, &kit(), &second, "return", &back(20)).await.expect(200);
    let seen = world.app.get(&world.officer, &format!("/v1/missing-episodes/{first}")).await.expect(200);
    assert_eq!(seen.body["status"], "cancelled");
    let next = world.app.post(&world.officer, "/v1/missing-episodes", &report("Hazel", 0)).await.expect(201);
    assert_eq!(next.body["account"]["repeat_number"], 2);
}

#[actix_web::test]
async fn an_episode_that_began_after_the_return_is_another_absence() {
    let world = World::new().await;
    let first = reported(&world, "Hazel", 30).await;
    let second = world.app.post(&world.school, "/v1/missing-episodes", &report("Hazel", 3)).await.expect(201).id();
    step(&world, &police(), &first, "return", &back(20)).await.expect(200);
    let school = world.app.get(&world.school, &format!("/v1/missing-episodes/{second}")).await.expect(200);
    assert_eq!(school.body["status"], "missing");
    let seen = world.app.get(&world.officer, &format!("/v1/missing-episodes/{second}")).await.expect(200);
    assert_eq!(seen.body.get("same_absence_as"), None);
    let returned = world.app.get(&world.officer, &format!("/v1/missing-episodes/{first}")).await.expect(200);
    step(&world, &world.officer, &second, "return", &back(1)).await.expect(200);
    let left = world.app.get(&world.officer, &format!("/v1/missing-episodes/{first}")).await.expect(200);
    assert_eq!(left.body["returned_at"], returned.body["returned_at"], "the first keeps its own return");
    let next = world.app.post(&world.officer, "/v1/missing-episodes", &report("Hazel", 0)).await.expect(201);
    assert_eq!(next.body["account"]["repeat_number"], 3);
}
