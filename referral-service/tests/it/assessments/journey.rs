//! The journey of change: assessment, reviews in their order and in time.

use chrono::Duration;
use diesel::sql_query;
use diesel::sql_types::Jsonb;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};

use super::{all_at, begun, content};
use crate::families::today;
use crate::world::World;

#[actix_web::test]
async fn a_family_is_assessed_and_reviewed_and_the_journey_is_told() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let (child, parent) = (&begun.child, &begun.parent);
    let mut first = content(4);
    first["scores"][0]["score"] = json!(2);
    first["scores"][1]["score"] = json!(9);
    first["answers"] = json!([
        { "question": "homelessness_risk", "yes": true },
        { "question": "debt", "choice": "council-tax", "creditor": "the district council", "amount_pence": 264200, "plan": "none" },
        { "question": "debt", "choice": "rent", "amount_pence": 108200, "plan": "none" },
        { "question": "benefit_reliance", "choice": "heavily" },
        { "question": "in_employment", "person_id": parent, "yes": false },
        { "question": "violent_behaviour", "person_id": child, "not_known": true },
        { "question": "school_attendance", "person_id": child, "percentage": 26.6,
          "period_from": today() - Duration::days(90), "period_to": today() - Duration::days(1) }
    ]);
    first["voices"] = json!([{ "whose": "child", "person_id": child, "about": "wish", "words": "A garden." }]);
    first["took_part"] =
        json!([{ "person_id": parent }, { "name": "Ms A Teacher (invented)", "agency": "Greenfield Academy" }]);
    let assessed = world.measured(&begun, "assessments", &first).await;
    let read = world.app.get(worker, &assessed).await.expect(200);
    assert_eq!(read.body["status"], "completed");
    assert_eq!(read.body["in_time"], true);
    assert_eq!(read.body["counts"], true);
    assert_eq!(read.body["content"]["answers"], first["answers"], "kept as it was said");
    assert_eq!(read.body["content"]["voices"], first["voices"]);
    assert_eq!(read.body["content"]["took_part"], first["took_part"]);
    let unanswered: Vec<&str> =
        read.body["unanswered"].as_array().unwrap().iter().map(|one| one["question"].as_str().unwrap()).collect();
    assert!(unanswered.contains(&"rent_arrears") && !unanswered.contains(&"homelessness_risk"));

    let mut last = content(5);
    last["scores"][0]["score"] = json!(3);
    last["scores"][1]["score"] = json!(10);
    last["scores"][9] = json!({ "area": "towards-work", "not_applicable": "Both care for a relative." });
    last["answers"] = json!([
        { "question": "homelessness_risk", "yes": false },
        { "question": "debt", "choice": "council-tax", "amount_pence": 200000, "plan": "kept-to", "instalment_pence": 2500, "clear_by": "2030-01-01" },
        { "question": "school_attendance", "person_id": child, "percentage": 61,
          "period_from": today() - Duration::days(30), "period_to": today() }
    ]);
    world.measured(&begun, "reviews", &json!({ "content": last })).await;
    let journey = world.app.get(worker, &format!("{}/journey", begun.case)).await.expect(200).body;
    assert_eq!(journey["points"].as_array().unwrap().len(), 2);
    let area = |n: usize| &journey["areas"][n];
    assert_eq!((area(0)["first_score"].as_i64(), area(0)["last_score"].as_i64()), (Some(2), Some(3)));
    assert_eq!((&area(0)["positive_progress"], &area(0)["change"]), (&json!(true), &json!(1)));
    assert_eq!((&area(0)["first_stage"], &area(0)["last_stage"]), (&json!("not-started"), &json!("letting-help-in")));
    assert_eq!((&area(1)["positive_progress"], &area(1)["began_low"]), (&json!(false), &json!(false)));
    assert_eq!(area(2)["positive_progress"], true, "from 4 to 5 is a stage up");
    assert!(area(9).get("last_score").is_none());
    assert_eq!(journey["of_all"], json!({ "areas": 9, "positive": 8 }));
    assert_eq!(journey["of_those_who_began_low"], json!({ "areas": 8, "positive": 8 }));
    let issue = |code: &str| {
        journey["issues"].as_array().unwrap().iter().find(|issue| issue["question"] == code).unwrap().clone()
    };
    assert_eq!(issue("homelessness_risk")["resolved"], true);
    assert_eq!(issue("debt")["first_total_pence"], 372_400);
    assert_eq!(issue("debt")["last_total_pence"], 200_000);
    let attendance = issue("school_attendance");
    assert_eq!((&attendance["change"], &attendance["resolved"]), (&json!(34.4), &json!(false)));
    assert_eq!(attendance["thresholds"][0], json!({ "code": "attendance_85", "at_first": false, "at_last": false }));
    assert!(issue("benefit_reliance").get("is_issue").is_none(), "not asked again");

    let told = world.told_of("assessment.completed.v1").await;
    assert_eq!((&told[0]["point"], &told[1]["point"]), (&json!("initial"), &json!("review")));
    assert_eq!(told[0]["review_due_at"], told[1]["due_at"], "whoever counts what is owed knows when the next is due");
    assert!(told[1]["review_due_at"].is_string());
    assert_eq!(
        told[0]["scores"][0],
        json!({ "area": "health", "score": 2, "stage": 1, "stage_code": "not-started", "little_or_no_support": false })
    );
    assert_eq!((&told[0]["locality"], &told[0]["children"]), (&json!("charnwood"), &json!(1)));
    let text = told[0].to_string();
    assert!(!text.contains("garden") && !text.contains("district council") && !text.contains("Teacher"), "{text}");
    let debt = told[0]["issues"].as_array().unwrap().iter().find(|issue| issue["question"] == "debt").unwrap();
    assert_eq!(
        (&debt["issue"], &debt["person_id"], &debt["amount_pence"]),
        (&json!(true), &Value::Null, &json!(264_200))
    );
}

#[actix_web::test]
async fn the_order_is_engagement_assessment_reviews() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let (assessments, reviews) = (format!("{}/assessments", begun.case), format!("{}/reviews", begun.case));
    let early = world.app.post(worker, &reviews, &json!({ "content": content(3) })).await.expect(409);
    assert!(early.body["detail"].as_str().unwrap().contains("after the assessment"), "{}", early.body);
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute("UPDATE family_case SET engaged_on = NULL").await.unwrap();
    world.app.post(worker, &assessments, &json!({})).await.expect(409);
    all.batch_execute("UPDATE family_case SET engaged_on = current_date - 1").await.unwrap();
    let draft = world.app.post(worker, &assessments, &json!({})).await.expect(201);
    let path = format!("/v1/assessments/{}", draft.id());
    world.app.post(worker, &reviews, &json!({})).await.expect(409);
    world.app.post(worker, &assessments, &content(3)).await.expect(409);
    // Discarded, it may be begun again.
    world.on_assessment(worker, &path, "discard", &json!({})).await.expect(200);
    world.on_assessment(worker, &path, "discard", &json!({})).await.expect(409);
    world.on_assessment(worker, &path, "content", &content(3)).await.expect(409);
    world.measured(&begun, "assessments", &content(3)).await;
    world.app.post(worker, &assessments, &content(3)).await.expect(409);
    world.measured(&begun, "reviews", &json!({ "content": content(4) })).await;
    world.measured(&begun, "reviews", &json!({ "closing": true, "content": content(5) })).await;
    world.app.post(worker, &reviews, &json!({})).await.expect(409);
    let lines = world.app.get(worker, &assessments).await.expect(200);
    let points: Vec<&str> = lines.body.as_array().unwrap().iter().map(|line| line["point"].as_str().unwrap()).collect();
    assert_eq!(points, ["initial", "review", "closure"]);
}

#[actix_web::test]
async fn reviews_run_against_a_clock_that_starts_again() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let due = async || {
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = Jsonb)]
            clock: Value,
        }
        let mut all = world.app.database.all_seeing().await;
        let rows: Vec<Row> = sql_query(format!(
            "SELECT to_jsonb(d) AS clock FROM deadline d WHERE record_id = '{}' AND code LIKE 'family_%' ORDER BY code",
            begun.case_id
        ))
        .load(&mut all)
        .await
        .unwrap();
        rows.into_iter().map(|row| row.clock).collect::<Vec<_>>()
    };
    world.app.advance(Duration::weeks(7));
    let late = today() + Duration::weeks(7);
    let at =
        |weeks: i64, score: i64| json!({ "measured_on": today() + Duration::weeks(weeks), "scores": all_at(score) });
    let assessed = world.measured(&begun, "assessments", &at(7, 3)).await;
    assert_eq!(
        world.app.get(worker, &assessed).await.expect(200).body["in_time"],
        false,
        "due six weeks after the start"
    );
    let clocks = due().await;
    assert!(clocks[0]["met_at"].is_string() && clocks[1]["met_at"].is_null());
    assert_eq!(clocks[1]["due_at"].as_str().unwrap()[..10], (late + Duration::weeks(12)).to_string());
    world.app.advance(Duration::weeks(18));
    let review = world.measured(&begun, "reviews", &json!({ "content": at(18, 4) })).await;
    assert_eq!(world.app.get(worker, &review).await.expect(200).body["in_time"], true);
    let clocks = due().await;
    assert_eq!(clocks[1]["due_at"].as_str().unwrap()[..10], (late + Duration::weeks(11 + 12)).to_string());
    assert!(clocks[1]["met_at"].is_null());
    let earlier = json!({ "content": at(10, 4) });
    let refused = world.app.post(worker, &format!("{}/reviews", begun.case), &earlier).await.expect(422);
    assert_eq!(refused.pointers(), ["/content/measured_on"], "before the last review");
    world.measured(&begun, "reviews", &json!({ "closing": true, "content": at(18, 5) })).await;
    assert!(due().await[1]["met_at"].is_string(), "after the closing review none is due");
}
