//! The whole-family assessment, its reviews, and the journey of change.

use chrono::Duration;
use diesel::sql_query;
use diesel::sql_types::Jsonb;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::cases::REGARDLESS;
use crate::families::today;
use crate::world::World;

/// A case whose family has begun to work with family support.
pub struct Begun {
    /// `/v1/cases/…`.
    pub case: String,
    pub case_id: String,
    /// `/v1/families/…`.
    pub family: String,
    pub referral: String,
    pub allocation: String,
    pub child: String,
    pub parent: String,
}

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

/// The same score everywhere.
pub fn all_at(score: i64) -> Value {
    json!(AREAS.map(|area| json!({ "area": area, "score": score })))
}

/// All that a measurement needs to be completed.
pub fn content(score: i64) -> Value {
    json!({ "measured_on": today(), "scores": all_at(score) })
}

pub async fn begun(world: &World) -> Begun {
    let worker = &world.family_worker;
    let (referral, allocation) = world.accepted().await;
    let family = world.app.post(worker, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201);
    let path = format!("/v1/families/{}", family.id());
    let person = |n: usize| family.body["members"][n]["person_id"].as_str().unwrap().to_owned();
    let opening = json!({ "allocation_id": allocation, "case_type": "intensive-family-support", "regardless_reason": REGARDLESS });
    let case_id = world.app.post(worker, &format!("{path}/cases"), &opening).await.expect(201).id();
    let case = format!("/v1/cases/{case_id}");
    world.step(worker, &case, "engagement", &json!({ "engaged_on": today() })).await.expect(200);
    Begun { case, case_id, family: path, referral, allocation, child: person(0), parent: person(1) }
}

impl World {
    /// A change of an assessment, on the version the actor reads now.
    pub async fn on_assessment(&self, who: &Person, path: &str, step: &str, body: &Value) -> Reply {
        let etag = self.app.get(who, path).await.expect(200).etag();
        self.app.post_on(who, &format!("{path}/{step}"), &etag, body).await
    }

    /// An assessment or a review, begun with this and completed: its address.
    pub async fn measured(&self, begun: &Begun, step: &str, body: &Value) -> String {
        let made = self.app.post(&self.family_worker, &format!("{}/{step}", begun.case), body).await.expect(201);
        let path = format!("/v1/assessments/{}", made.id());
        self.on_assessment(&self.family_worker, &path, "completion", &json!({})).await.expect(200);
        path
    }
}

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

#[actix_web::test]
async fn only_those_who_work_with_the_family_see_and_measure() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let path = world.measured(&begun, "assessments", &content(3)).await;
    let (list, journey) = (format!("{}/assessments", begun.case), format!("{}/journey", begun.case));
    let youth_work = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    for (who, case, measured) in [
        (&world.officer, 200, 200),
        // The hub follows that somebody is helping, and no more.
        (&world.charnwood, 403, 404),
        (&world.melton, 404, 404),
        (&youth_work, 404, 404),
        (&world.school, 404, 404),
        (&world.analyst, 404, 404),
    ] {
        assert_eq!(world.app.get(who, &list).await.status, case, "{}", who.name);
        assert_eq!(world.app.get(who, &journey).await.status, case, "{}", who.name);
        assert_eq!(world.app.get(who, &path).await.status, measured, "{}", who.name);
    }
    let reviews = format!("{}/reviews", begun.case);
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&youth_work, 404)] {
        assert_eq!(world.app.post(who, &reviews, &json!({})).await.status, status, "{}", who.name);
        assert_eq!(
            world.app.post(who, &format!("{path}/corrections"), &json!({ "reason": "x" })).await.status,
            if status == 403 && who.name == "harper" { 404 } else { status }
        );
    }
    // Another team that only knows that this one is helping.
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(&format!(
        "INSERT INTO record_scope VALUES ('{}', 'case', 'team:youth-work', 'involvement', 'open', now())",
        begun.case_id
    ))
    .await
    .unwrap();
    world.app.get(&youth_work, &list).await.expect(403);
    world.app.get(&youth_work, &path).await.expect(404);
    world.app.post(&youth_work, &reviews, &json!({})).await.expect(403);
    // Whoever is excluded from the child no longer sees what is measured of the family.
    let exclude = json!({ "effect": "exclude", "user_id": world.family_worker.id, "reason": "a relative" });
    world.app.post(&world.manager, &format!("/v1/people/{}/restrictions", begun.child), &exclude).await.expect(201);
    world.app.get(&world.family_worker, &path).await.expect(404);
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

#[actix_web::test]
async fn the_ladder_and_the_questions_are_data_and_documented() {
    let world = World::new().await;
    let ladder = world.app.get(&world.school, "/v1/outcome-ladder").await.expect(200).body;
    assert_eq!((ladder["areas"].as_array().unwrap().len(), ladder["stages"].as_array().unwrap().len()), (10, 5));
    assert_eq!(ladder["verified"], false);
    let mut next = 1;
    for stage in ladder["stages"].as_array().unwrap() {
        assert_eq!(stage["from_point"], next, "no gap between the stages");
        next = stage["to_point"].as_i64().unwrap() + 1;
    }
    assert_eq!(next, 11);
    let questions = world.app.get(&world.analyst, "/v1/issue-questions").await.expect(200).body;
    let questions = questions.as_array().unwrap();
    let documented = include_str!("../../../docs/issues.md");
    for question in questions {
        let code = question["code"].as_str().unwrap();
        assert!(documented.contains(&format!("`{code}`")), "{code} is not in docs/issues.md");
        if let Some(set) = question["choices"].as_str() {
            world.app.get(&world.analyst, &format!("/v1/codes/{set}")).await.expect(200);
        }
        if let Some(area) = question["area"].as_str() {
            assert!(AREAS.contains(&area), "{code} belongs to no area");
        }
        assert!(!question["counted_at"].as_array().unwrap().is_empty(), "{code}");
    }
    let adults = world.app.get(&world.analyst, "/v1/issue-questions?subject=adult").await.expect(200).body;
    assert!(adults.as_array().unwrap().iter().all(|question| question["subject"] == "adult"));
    assert!(adults.as_array().unwrap().len() < questions.len());
    assert_eq!(
        world.app.get(&world.analyst, "/v1/issue-questions?subject=cat").await.expect(400).pointers(),
        ["subject"]
    );
    let before = world.app.get(&world.analyst, "/v1/issue-questions?on=2001-01-01").await.expect(200).body;
    assert_eq!(before, json!([]));
}
