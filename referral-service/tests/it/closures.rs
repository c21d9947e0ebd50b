//! The end of a case, and what is heard of the family afterwards.

use chrono::{Duration, Months};
use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};
use shared::access::States;
use shared::testing::Reply;

use crate::assessments::{Begun, begun, content};
use crate::families::{senior, today, youth_worker};
use crate::world::World;

fn closing(score: i64) -> Value {
    json!({
        "outcome": "needs_met",
        "summary": "Arrears are on a plan the family keeps to.",
        "exit_plan": { "continuing_help": "The debt adviser.", "asking_again": "By telephone to the worker." },
        "measurement": content(score)
    })
}

impl World {
    /// Closes a case whose family was assessed with the closing review of that score.
    pub async fn closed_with(&self, begun: &Begun, first: i64, last: i64) -> Reply {
        self.measured(begun, "assessments", &content(first)).await;
        self.step(&self.family_worker, &begun.case, "closure", &closing(last)).await.expect(200)
    }
}

#[actix_web::test]
async fn a_case_ends_with_its_allocation_its_review_and_its_follow_ups() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    world.measured(&begun, "assessments", &content(3)).await;
    let mut body = closing(7);
    body["without_the_service"] = json!({ "whose": "parent", "person_id": begun.parent, "words": "We would have lost the flat.", "case_study_consent": true });
    body["family_feedback"] = json!("She always came back.");
    let etag = world.app.get(worker, &begun.case).await.expect(200).etag();
    let path = format!("{}/closure", begun.case);
    let closed = world.app.post_with(worker, &path, "once", Some(&etag), &body).await.expect(200);
    assert_eq!((&closed.body["outcome"], &closed.body["closed_by"]), (&json!("needs_met"), &json!("felix")));
    assert_eq!(closed.body["exit_plan"], body["exit_plan"]);
    assert_eq!(closed.body["family_feedback"], "She always came back.");
    let months: Vec<i64> =
        closed.body["follow_ups"].as_array().unwrap().iter().map(|one| one["months"].as_i64().unwrap()).collect();
    assert_eq!(months, [3, 6, 9, 12]);
    let first = &closed.body["follow_ups"][0];
    assert_eq!(first["due_at"].as_str().unwrap()[..10], (today() + Months::new(3)).to_string());
    assert_eq!(first["clock"], "due");
    let again = world.app.post_with(worker, &path, "once", Some(&etag), &body).await.expect(200);
    assert_eq!(again.body, closed.body);
    assert_eq!(world.app.get(worker, &path).await.expect(200).body, closed.body);
    world.app.get(&world.officer, &path).await.expect(200);

    assert_eq!(world.app.get(worker, &begun.case).await.expect(200).body["status"], "closed");
    let allocation = world.app.get(worker, &format!("/v1/allocations/{}", begun.allocation)).await.expect(200).body;
    assert_eq!((&allocation["status"], &allocation["outcome"]), (&json!("closed"), &json!("needs_met")));
    assert_eq!(world.status(&begun.referral).await, "closed");
    let review = closed.body["assessment_id"].as_str().unwrap();
    let review = world.app.get(worker, &format!("/v1/assessments/{review}")).await.expect(200).body;
    assert_eq!((&review["point"], &review["status"]), (&json!("closure"), &json!("completed")));
    let journey = world.app.get(worker, &format!("{}/journey", begun.case)).await.expect(200).body;
    assert_eq!(journey["of_all"], json!({ "areas": 10, "positive": 10 }));
    let told = &world.told_of("case.closed.v1").await[0];
    assert_eq!(
        (&told["outcome"], &told["planned_exit"], &told["measured"], &told["team"]),
        (&json!("needs_met"), &json!(true), &json!(true), &json!("intensive-family-support"))
    );
    assert!(!told.to_string().contains("flat") && !told.to_string().contains("adviser"));
    assert_eq!(world.told_of("follow_up.scheduled.v1").await.len(), 4);
    assert_eq!(world.told_of("allocation.closed.v1").await.len(), 1);
    // Nothing runs on.
    #[derive(diesel::QueryableByName)]
    struct Open {
        #[diesel(sql_type = diesel::sql_types::BigInt)]
        open: i64,
    }
    let mut all = world.app.database.all_seeing().await;
    let open: Open = diesel_async::RunQueryDsl::get_result(
        diesel::sql_query(format!(
            "SELECT count(*) AS open FROM deadline WHERE record_id = '{}' AND met_at IS NULL",
            begun.case_id
        )),
        &mut all,
    )
    .await
    .unwrap();
    assert_eq!(open.open, 0);
    world.step(worker, &begun.case, "closure", &body).await.expect(409);
    world.app.post(worker, &format!("{}/reviews", begun.case), &json!({})).await.expect(409);
}

#[actix_web::test]
async fn a_case_of_intensive_support_is_measured_or_says_why_not() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let refused = world.step(worker, &begun.case, "closure", &json!({ "summary": "x" })).await.expect(422);
    assert_eq!(refused.pointers(), ["/outcome"], "no closure without an outcome");
    let plain = json!({ "outcome": "family_disengaged", "summary": "They did not open the door." });
    let refused = world.step(worker, &begun.case, "closure", &plain).await.expect(422);
    assert_eq!(refused.pointers(), ["/not_measured_because"]);
    let refused = world.step(worker, &begun.case, "closure", &closing(4)).await.expect(422);
    assert_eq!(refused.pointers(), ["/measurement"], "no closing review without an assessment");
    let mut wrong = plain.clone();
    wrong["not_measured_because"] = json!("no-time");
    wrong["assessment_id"] = json!(uuid::Uuid::now_v7());
    wrong["without_the_service"] = json!({ "whose": "parent", "words": "x", "case_study_consent": true });
    let refused = world.step(worker, &begun.case, "closure", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/assessment_id", "/not_measured_because", "/without_the_service/person_id"]);
    // A draft that lies about is in the way.
    let draft = world.app.post(worker, &format!("{}/assessments", begun.case), &json!({})).await.expect(201).id();
    let mut right = plain.clone();
    right["not_measured_because"] = json!("disengaged-before-assessment");
    world.step(worker, &begun.case, "closure", &right).await.expect(409);
    world.on_assessment(worker, &format!("/v1/assessments/{draft}"), "discard", &json!({})).await.expect(200);
    let closed = world.step(worker, &begun.case, "closure", &right).await.expect(200);
    assert_eq!(closed.body["not_measured_because"], "disengaged-before-assessment");
    assert!(closed.body.get("exit_plan").is_none());
    let told = &world.told_of("case.closed.v1").await[0];
    assert_eq!((&told["planned_exit"], &told["measured"]), (&json!(false), &json!(false)));
}

#[actix_web::test]
async fn a_closing_review_that_is_completed_is_the_one() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    world.measured(&begun, "assessments", &content(3)).await;
    let review = world.measured(&begun, "reviews", &json!({ "closing": true, "content": content(8) })).await;
    let refused = world.step(worker, &begun.case, "closure", &closing(9)).await.expect(422);
    assert_eq!(refused.pointers(), ["/measurement"]);
    let mut body = closing(9);
    body.as_object_mut().unwrap().remove("measurement");
    let closed = world.step(worker, &begun.case, "closure", &body).await.expect(200);
    assert_eq!(closed.body["assessment_id"].as_str(), review.rsplit('/').next());
}

#[actix_web::test]
async fn the_measurement_of_a_closure_is_checked_and_refused_with_it() {
    let world = World::new().await;
    let begun = begun(&world).await;
    world.measured(&begun, "assessments", &content(3)).await;
    let mut body = closing(9);
    body["measurement"]["scores"][0]["score"] = json!(12);
    body["measurement"]["scores"].as_array_mut().unwrap().pop();
    let refused = world.step(&world.family_worker, &begun.case, "closure", &body).await.expect(422);
    assert_eq!(refused.pointers(), ["/measurement/scores", "/measurement/scores/0/score"]);
    let open = world.app.get(&world.family_worker, &begun.case).await.expect(200).body;
    assert_eq!(open["status"], "open", "nothing half-done");
    let stale =
        world.app.post_on(&world.family_worker, &format!("{}/closure", begun.case), "\"1-full\"", &closing(9)).await;
    assert_eq!(stale.status, 412, "{}", stale.body);
    world.app.post(&world.family_worker, &format!("{}/closure", begun.case), &closing(9)).await.expect(428);
}

#[actix_web::test]
async fn an_allocation_that_was_ended_by_itself_leaves_the_case_to_be_closed() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let ending = json!({ "outcome": "needs_partly_met", "summary": "Enough for now." });
    world.answer(&world.family_worker, &begun.allocation, "closure", &ending).await.expect(200);
    world.closed_with(&begun, 3, 5).await;
    assert_eq!(world.told_of("allocation.closed.v1").await.len(), 1);
    assert_eq!(world.told_of("case.closed.v1").await.len(), 1);
}

#[actix_web::test]
async fn who_is_not_of_the_team_neither_closes_nor_reads_nor_asks() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let path = format!("{}/closure", begun.case);
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&youth_worker(), 404), (&world.school, 404)]
    {
        assert_eq!(world.app.post_on(who, &path, "\"1-full\"", &closing(5)).await.status, status, "{}", who.name);
    }
    world.app.get(&world.family_worker, &path).await.expect(404);
    let closed = world.closed_with(&begun, 3, 5).await;
    let follow_up = format!("/v1/follow-ups/{}", closed.body["follow_ups"][0]["id"].as_str().unwrap());
    for (who, closure, one) in [
        (&world.charnwood, 403, 404),
        (&world.melton, 404, 404),
        (&youth_worker(), 404, 404),
        (&world.officer, 200, 404),
        (&senior(), 200, 200),
    ] {
        assert_eq!(world.app.get(who, &path).await.status, closure, "{}", who.name);
        assert_eq!(world.app.get(who, &follow_up).await.status, one, "{}", who.name);
    }
    let list = world.app.get(&youth_worker(), "/v1/follow-ups").await.expect(200);
    assert_eq!(list.body["items"], json!([]));
    world.app.get(&world.officer, "/v1/follow-ups").await.expect(403);
    let exclude = json!({ "effect": "exclude", "user_id": world.family_worker.id, "reason": "a relative" });
    world.app.post(&world.manager, &format!("/v1/people/{}/restrictions", begun.child), &exclude).await.expect(201);
    world.app.get(&world.family_worker, &follow_up).await.expect(404);
    assert_eq!(world.app.get(&world.family_worker, "/v1/follow-ups").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn a_family_is_asked_how_it_is_and_silence_stays_overdue() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let closed = world.closed_with(&begun, 3, 5).await;
    let path = |n: usize| format!("/v1/follow-ups/{}", closed.body["follow_ups"][n]["id"].as_str().unwrap());
    let heard = |asked_on: chrono::NaiveDate| json!({ "asked_on": asked_on, "reached": true, "engaged": true, "sustained": true, "destination": "employment", "words": "Still at the shop." });
    let early = world.step(worker, &path(0), "answer", &heard(today())).await.expect(422);
    assert_eq!(
        (early.pointers(), &early.body["errors"][0]["code"]),
        (vec!["/asked_on".to_owned()], &json!("too_early"))
    );
    world.app.advance(Duration::days(80));
    let asked_on = today() + Duration::days(80);
    // Of twelve months the family can say nothing after three.
    assert_eq!(world.step(worker, &path(3), "answer", &heard(asked_on)).await.expect(422).pointers(), ["/asked_on"]);
    let wrong = json!({ "asked_on": asked_on + Duration::days(1), "reached": true, "destination": "the moon" });
    let refused = world.step(worker, &path(0), "answer", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/asked_on", "/destination", "/engaged", "/sustained"]);
    let unreached = json!({ "asked_on": asked_on, "reached": false, "engaged": true });
    assert_eq!(world.step(worker, &path(0), "answer", &unreached).await.expect(422).pointers(), ["/engaged"]);
    let right = heard(asked_on);
    world.app.post(worker, &format!("{}/answer", path(0)), &right).await.expect(428);
    let answered = world.step(worker, &path(0), "answer", &right).await.expect(200);
    assert_eq!((&answered.body["status"], &answered.body["clock"]), (&json!("answered"), &json!("met")));
    world.step(worker, &path(0), "answer", &right).await.expect(409);
    let told = &world.told_of("follow_up.answered.v1").await[0];
    assert_eq!((&told["months"], &told["sustained"], &told["in_time"]), (&json!(3), &json!(true), &json!(true)));
    assert!(!told.to_string().contains("shop"));
    world.app.advance(Duration::days(200));
    let page = world.app.get(worker, "/v1/follow-ups?limit=2").await.expect(200);
    let months = |page: &Reply| -> Vec<i64> {
        page.body["items"].as_array().unwrap().iter().map(|one| one["months"].as_i64().unwrap()).collect()
    };
    assert_eq!(months(&page), [6, 9], "the earliest due first, and what is answered no more");
    assert_eq!(page.body["items"][0]["clock"], "overdue");
    let next = format!("/v1/follow-ups?limit=2&cursor={}", page.body["next"].as_str().unwrap());
    assert_eq!(months(&world.app.get(worker, &next).await.expect(200)), [12]);
    assert_eq!(months(&world.app.get(worker, "/v1/follow-ups?status=answered").await.expect(200)), [3]);
    let none =
        json!({ "asked_on": today() + Duration::days(200), "reached": false, "words": "Three calls, no answer." });
    let late = world.step(worker, &path(1), "answer", &none).await.expect(200);
    assert_eq!(late.body["clock"], "met_late");
}

#[actix_web::test]
async fn a_family_that_goes_on_to_another_service_is_followed_up_too() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let path = format!("{}/follow-ups", begun.case);
    let early = json!({ "started_on": "2001-01-01", "onward_service": "the debt charity" });
    assert_eq!(world.app.post(&world.family_worker, &path, &early).await.expect(422).pointers(), ["/started_on"]);
    let body = json!({ "started_on": today(), "onward_service": "the debt charity" });
    let made = world.app.post(&world.family_worker, &path, &body).await.expect(201);
    assert_eq!(made.body.as_array().unwrap().len(), 4);
    assert_eq!(
        (&made.body[0]["after"], &made.body[0]["onward_service"]),
        (&json!("onward_referral"), &json!("the debt charity"))
    );
    world.app.post(&world.charnwood, &path, &body).await.expect(403);
    assert!(!world.told_of("follow_up.scheduled.v1").await[0].to_string().contains("charity"));
    world.closed_with(&begun, 3, 5).await;
    let both = world.app.get(&world.family_worker, &path).await.expect(200).body;
    assert_eq!(both.as_array().unwrap().len(), 8);
}

#[actix_web::test]
async fn the_list_of_follow_ups_is_a_few_index_ranges() {
    use diesel::sql_types::Text;
    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let world = World::new().await;
    let begun = begun(&world).await;
    let family = begun.family.rsplit('/').next().unwrap();
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(&format!(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, '2026-01-01'::timestamptz + n * interval '1 hour' AS at FROM generate_series(1, 20000) n;
         INSERT INTO follow_up (id, case_id, family_id, after, started_on, months, due_at, status, version)
             SELECT id, '{}', '{family}', 'closure', '2026-01-01', 3, at, 'due', 1 FROM many;
         INSERT INTO record_scope SELECT id, 'follow_up', 'team:youth-work', 'full', 'due', at FROM many;
         ANALYZE",
        begun.case_id
    ))
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; \
         SET LOCAL app.scopes = 'team:youth-work'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    let statement = referral_service::closure::FOLLOW_UPS
        .statement(States::One, false)
        .replace("$1", "ARRAY['team:youth-work']")
        .replace("$2", "'2026-02-01'::timestamptz")
        .replace("$3", "'00000000-0000-0000-0000-000000000000'::uuid")
        .replace("$4", "21")
        .replace("$5", "ARRAY['due']")
        .replace("$6", "NULL");
    let lines: Vec<Line> =
        diesel_async::RunQueryDsl::load(diesel::sql_query(format!("EXPLAIN {statement}")), &mut web).await.unwrap();
    let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
    assert!(plan.contains("record_scope_") && plan.contains("follow_up_pkey"), "{plan}");
    for table in ["record_scope", "follow_up", "family"] {
        assert!(!plan.contains(&format!("Seq Scan on {table} ")), "scans {table}:\n{plan}");
    }
}
