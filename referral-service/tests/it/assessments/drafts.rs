//! What is written before it counts, what is put right after, and what is wrong with either.

use chrono::Duration;
use diesel_async::SimpleAsyncConnection;
use serde_json::json;

use super::{all_at, begun, content};
use crate::families::today;
use crate::world::World;

#[actix_web::test]
async fn a_draft_says_a_part_and_a_completed_one_never_changes() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let some = json!({ "scores": [{ "area": "health", "score": 2 }] });
    let made = world.app.post(worker, &format!("{}/assessments", begun.case), &some).await.expect(201);
    let path = format!("/v1/assessments/{}", made.id());
    let missing = world.on_assessment(worker, &path, "completion", &json!({})).await.expect(422);
    assert_eq!(missing.pointers().iter().filter(|pointer| *pointer == "/content/scores").count(), 9);
    assert!(missing.pointers().contains(&"/content/measured_on".to_owned()));
    let stale = made.etag();
    world.on_assessment(worker, &path, "content", &content(3)).await.expect(200);
    world.app.post_on(worker, &format!("{path}/completion"), &stale, &json!({})).await.expect(412);
    world.app.post(worker, &format!("{path}/completion"), &json!({})).await.expect(428);
    let etag = world.app.get(worker, &path).await.expect(200).etag();
    let done =
        world.app.post_with(worker, &format!("{path}/completion"), "once", Some(&etag), &json!({})).await.expect(200);
    let again =
        world.app.post_with(worker, &format!("{path}/completion"), "once", Some(&etag), &json!({})).await.expect(200);
    assert_eq!(done.body, again.body);
    assert_eq!(world.told_of("assessment.completed.v1").await.len(), 1);
    world.on_assessment(worker, &path, "content", &content(9)).await.expect(409);
    world.on_assessment(worker, &path, "completion", &json!({})).await.expect(409);
    // Not even the database's service role changes it.
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; \
         SET LOCAL app.scopes = 'team:intensive-family-support'; SET LOCAL app.now = '2026-11-22T00:00:00Z'; \
         UPDATE measurement SET worries = 'changed'; COMMIT",
        worker.id
    ))
    .await
    .unwrap();
    let read = world.app.get(worker, &path).await.expect(200);
    assert!(read.body["content"].get("worries").is_none(), "{}", read.body["content"]);
}

#[actix_web::test]
async fn a_correction_is_a_new_one_that_counts_in_its_place() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let wrong = world.measured(&begun, "assessments", &content(3)).await;
    world.measured(&begun, "reviews", &json!({ "content": content(5) })).await;
    let corrections = format!("{wrong}/corrections");
    assert_eq!(world.app.post(worker, &corrections, &json!({})).await.expect(422).pointers(), ["/reason"]);
    let body = json!({ "reason": "The scores of another family were written down." });
    let made = world.app.post(worker, &corrections, &body).await.expect(201);
    assert_eq!(made.body["content"]["scores"], all_at(3), "it begins with what the wrong one says");
    world.app.post(worker, &corrections, &body).await.expect(409);
    let path = format!("/v1/assessments/{}", made.id());
    world.app.post(worker, &format!("{path}/corrections"), &body).await.expect(409);
    world.on_assessment(worker, &path, "content", &content(5)).await.expect(200);
    let journey = world.app.get(worker, &format!("{}/journey", begun.case)).await.expect(200).body;
    assert_eq!(journey["areas"][0]["first_score"], 3, "a draft corrects nothing yet");
    world.on_assessment(worker, &path, "completion", &json!({})).await.expect(200);
    let journey = world.app.get(worker, &format!("{}/journey", begun.case)).await.expect(200).body;
    assert_eq!((&journey["areas"][0]["first_score"], &journey["of_all"]["positive"]), (&json!(5), &json!(0)));
    let lines = world.app.get(worker, &format!("{}/assessments", begun.case)).await.expect(200).body;
    assert_eq!(
        (&lines[0]["counts"], &lines[1]["counts"], &lines[2]["counts"]),
        (&json!(false), &json!(true), &json!(true))
    );
    let told = world.told_of("assessment.completed.v1").await;
    assert_eq!(told[2]["corrects"], json!(wrong.rsplit('/').next().unwrap()));
    assert_eq!(told[2]["in_time"], true, "with the clock of what it corrects");
}

#[actix_web::test]
async fn all_that_is_wrong_is_named_at_once() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let assessments = format!("{}/assessments", begun.case);
    let stranger = uuid::Uuid::now_v7();
    let body = json!({
        "measured_on": today() + Duration::days(1),
        "scores": [
            { "area": "health", "score": 11 }, { "area": "health", "score": 2 }, { "area": "magic", "score": 2 },
            { "area": "safety" }, { "area": "coping", "score": 2, "not_applicable": "both" }
        ],
        "answers": [
            { "question": "magic", "yes": true },
            { "question": "rent_arrears", "percentage": 3.5 },
            { "question": "rent_arrears", "person_id": begun.child, "yes": true },
            { "question": "in_employment", "yes": true },
            { "question": "in_employment", "person_id": begun.child, "yes": true },
            { "question": "school_attendance", "person_id": begun.parent, "percentage": 90, "period_from": "2026-01-02", "period_to": "2026-01-01" },
            { "question": "lack_of_confidence", "person_id": stranger, "yes": true },
            { "question": "benefit_reliance", "choice": "magic" },
            { "question": "debt", "choice": "rent", "amount_pence": 1, "plan": "magic" },
            { "question": "homelessness_risk", "not_known": true, "yes": true },
            { "question": "financial_difficulties", "yes": true }, { "question": "financial_difficulties", "yes": false }
        ],
        "voices": [{ "whose": "parent", "person_id": stranger, "about": "magic", "words": "x" }],
        "took_part": [{ "person_id": stranger }, { "agency": "x" }]
    });
    let refused = world.app.post(&world.family_worker, &assessments, &body).await.expect(422);
    assert_eq!(
        refused.pointers(),
        [
            "/answers/0/question",
            "/answers/1/percentage",
            "/answers/1/yes",
            "/answers/11",
            "/answers/2/person_id",
            "/answers/3/person_id",
            "/answers/4/person_id",
            "/answers/5/period_to",
            "/answers/5/person_id",
            "/answers/6/person_id",
            "/answers/7/choice",
            "/answers/8/plan",
            "/answers/9/yes",
            "/measured_on",
            "/scores/0/score",
            "/scores/1/area",
            "/scores/2/area",
            "/scores/3",
            "/scores/4",
            "/took_part/0/person_id",
            "/took_part/1",
            "/voices/0/about",
            "/voices/0/person_id"
        ]
    );
    let unknown =
        refused.body["errors"].as_array().unwrap().iter().find(|one| one["pointer"] == "/answers/9/yes").unwrap();
    assert_eq!(unknown["code"], "does_not_fit");
    assert!(unknown["detail"].as_str().unwrap().contains("`not_known`"), "{unknown}");
    let before = json!({ "measured_on": "2001-01-01" });
    assert_eq!(
        world.app.post(&world.family_worker, &assessments, &before).await.expect(422).pointers(),
        ["/measured_on"]
    );
    let unknown = json!({ "scores": [{ "area": "health", "points": 3 }] });
    assert_eq!(
        world.app.post(&world.family_worker, &assessments, &unknown).await.expect(422).pointers(),
        ["/scores/0/points"]
    );
}
