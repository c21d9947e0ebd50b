//! What people say of the help they had: once each, by dated questions, counted with their base.

use chrono::Days;
use diesel_async::SimpleAsyncConnection;
use referral_service::feedback::store::SUMMARY;
use serde_json::{Value, json};
use shared::testing::Reply;

use crate::briefs;
use crate::families::{days_ago, today};
use crate::groups::carys;
use crate::missing::plan;
use crate::world::World;

fn adult(person: &str, answers: Value) -> Value {
    json!({ "giver": "adult", "person_id": person, "via": "directly", "answers": answers })
}

fn question<'a>(summary: &'a Reply, code: &str) -> &'a Value {
    summary.body["questions"].as_array().unwrap().iter().find(|one| one["question"] == code).unwrap()
}

/// A group that finished, with the enrolments and the people of three who were in it.
async fn finished(world: &World) -> (String, Vec<(String, String)>) {
    let group = world.group(5).await;
    let mut people = Vec::new();
    for name in ["Ash", "Bay", "Elm"] {
        let enrolment = world.enrolled(&group, name).await;
        let seen = world.app.get(&carys(), &format!("/v1/group-enrolments/{enrolment}")).await.expect(200).body;
        people.push((enrolment, seen["person_id"].as_str().unwrap().to_owned()));
    }
    let lines: Vec<(&str, &str)> = people.iter().map(|(enrolment, _)| (enrolment.as_str(), "attended")).collect();
    world.held(&group, 5, &lines).await;
    world.step(&carys(), &group, "finish", &json!({ "finished_on": today() })).await.expect(200);
    (group, people)
}

#[actix_web::test]
async fn feedback_on_a_group_is_counted_and_a_question_passed_over_is_in_no_base() {
    let world = World::new().await;
    let (group, people) = finished(&world).await;
    let answers = [
        json!([{ "question": "positive-difference", "yes": true }, { "question": "learned-something", "scale": 5 }, { "question": "what-helped", "words": "The others." }]),
        json!([{ "question": "positive-difference", "yes": false }, { "question": "learned-something", "scale": 3 }]),
        json!([{ "question": "positive-difference", "yes": true }]),
    ];
    for ((enrolment, person), answers) in people.iter().zip(&answers) {
        let path = format!("/v1/group-enrolments/{enrolment}/feedback");
        let given =
            world.app.post_with(&carys(), &path, enrolment, None, &adult(person, answers.clone())).await.expect(201);
        assert_eq!(
            (&given.body["asked"], &given.body["answered"]),
            (&json!(5), &json!(answers.as_array().unwrap().len()))
        );
        // Once on each occasion; the same request again is answered as before.
        let again =
            world.app.post_with(&carys(), &path, enrolment, None, &adult(person, answers.clone())).await.expect(201);
        assert_eq!(again.body, given.body);
        world.app.get(&carys(), &format!("/v1/feedback/{}", given.id())).await.expect(200);
        world.app.get(&world.family_worker, &format!("/v1/feedback/{}", given.id())).await.expect(404);
        let twice = world.app.post(&carys(), &path, &adult(person, answers.clone())).await.expect(409);
        assert_eq!(twice.body["detail"], "they have given their feedback already");
    }
    let summary = world.app.get(&carys(), &format!("{group}/feedback")).await.expect(200);
    assert_eq!(summary.body["given"], 3);
    let difference = question(&summary, "positive-difference");
    assert_eq!(
        (&difference["asked"], &difference["answered"], &difference["positive"]),
        (&json!(3), &json!(3), &json!(2))
    );
    assert_eq!(difference["counts"], json!([2, 1]));
    let learned = question(&summary, "learned-something");
    assert_eq!((&learned["asked"], &learned["answered"], &learned["positive"]), (&json!(3), &json!(2), &json!(1)));
    assert_eq!(learned["counts"], json!([0, 0, 1, 0, 1]));
    let words = question(&summary, "what-helped");
    assert_eq!((&words["words"], words.get("positive")), (&json!(["The others."]), None));
    assert_eq!(question(&summary, "felt-welcome")["answered"], 0);
    let told = &world.told("feedback.given.v1").await;
    assert_eq!(told.len(), 3);
    assert_eq!(told[0]["answers"].as_array().unwrap().len(), 5);
    assert!(!told[0].to_string().contains("others") && !told[0].to_string().contains(&people[0].1), "{}", told[0]);
    // Others read none of it.
    world.app.get(&world.officer, &format!("{group}/feedback")).await.expect(403);
    world.app.get(&world.charnwood, &format!("{group}/feedback")).await.expect(403);
    world.app.get(&world.family_worker, &format!("{group}/feedback")).await.expect(404);
    let path = format!("/v1/group-enrolments/{}/feedback", people[0].0);
    world.app.post(&world.family_worker, &path, &adult(&people[0].1, answers[0].clone())).await.expect(404);
    world.app.post(&world.officer, &path, &adult(&people[0].1, answers[0].clone())).await.expect(403);
}

#[actix_web::test]
async fn feedback_names_every_mistake() {
    let world = World::new().await;
    let (_, people) = finished(&world).await;
    let (enrolment, person) = &people[0];
    let path = format!("/v1/group-enrolments/{enrolment}/feedback");
    let wrong = json!({
        "giver": "adult", "name": "Said.", "agency": "police", "via": "worker", "given_on": today() + Days::new(1),
        "answers": [
            { "question": "knitting", "yes": true }, { "question": "positive-difference", "scale": 3 },
            { "question": "learned-something", "scale": 3 }, { "question": "learned-something", "scale": 4 },
            { "question": "what-helped", "words": "Said." }
        ]
    });
    let refused = world.app.post(&carys(), &path, &wrong).await.expect(422);
    assert_eq!(
        refused.pointers(),
        [
            "/agency",
            "/answers/0/question",
            "/answers/1/scale",
            "/answers/1/yes",
            "/answers/3/question",
            "/given_on",
            "/name",
            "/person_id"
        ]
    );
    let six = adult(person, json!([{ "question": "learned-something", "scale": 6 }]));
    assert_eq!(world.app.post(&carys(), &path, &six).await.expect(422).pointers(), ["/answers/0/scale"]);
    assert_eq!(world.app.post(&carys(), &path, &adult(person, json!([]))).await.expect(422).pointers(), ["/answers"]);
    let stranger = adult(&people[1].1, json!([{ "question": "positive-difference", "yes": true }]));
    assert_eq!(world.app.post(&carys(), &path, &stranger).await.expect(422).pointers(), ["/person_id"]);
    let mut early = adult(person, json!([{ "question": "positive-difference", "yes": true }]));
    early["given_on"] = json!(days_ago(71));
    assert_eq!(world.app.post(&carys(), &path, &early).await.expect(422).pointers(), ["/given_on"]);
    // A child is not asked what an adult is; a professional says who they are.
    let child = json!({ "giver": "child", "person_id": person, "via": "worker", "answers": [{ "question": "learned-something", "scale": 4 }] });
    assert_eq!(world.app.post(&carys(), &path, &child).await.expect(422).pointers(), ["/answers/0/question"]);
    let nobody = json!({ "giver": "professional", "person_id": person, "via": "worker", "answers": [{ "question": "what-helped", "words": "x" }] });
    assert_eq!(
        world.app.post(&carys(), &path, &nobody).await.expect(422).pointers(),
        ["/agency", "/name", "/person_id"]
    );
    let known = json!({ "giver": "professional", "name": "Ms A Teacher (invented)", "agency": "greenfield-academy", "via": "directly",
                        "answers": [{ "question": "what-helped", "words": "She is calmer." }] });
    world.app.post(&carys(), &path, &known).await.expect(201);
    world.app.post(&carys(), &path, &known).await.expect(409);
}

#[actix_web::test]
async fn feedback_is_asked_for_at_the_end() {
    let world = World::new().await;
    let yes = json!([{ "question": "positive-difference", "yes": true }]);
    let group = world.group(1).await;
    let (here, waiting) = (world.enrolled(&group, "Ash").await, world.enrolled(&group, "Bay").await);
    for enrolment in [&here, &waiting] {
        let seen = world.app.get(&carys(), &format!("/v1/group-enrolments/{enrolment}")).await.expect(200).body;
        let body = adult(seen["person_id"].as_str().unwrap(), yes.clone());
        let refused =
            world.app.post(&carys(), &format!("/v1/group-enrolments/{enrolment}/feedback"), &body).await.expect(409);
        assert_eq!(refused.body["detail"], "it has not ended yet: feedback is asked for at the end");
    }
    let (brief, person) = briefs::opened(&world).await;
    let path = format!("{brief}/feedback");
    world.app.post(&carys(), &path, &adult(&person, yes.clone())).await.expect(409);
    briefs::contact(&world, &brief, &person, 5, "attended").await;
    let end = json!({ "outcome": "needs-met", "destination": "universal-services", "summary": "x" });
    world.step(&carys(), &brief, "closure", &end).await.expect(200);
    world.app.post(&carys(), &path, &adult(&person, yes.clone())).await.expect(201);
    let summary = world.app.get(&world.officer, &path).await.expect(200);
    assert_eq!(
        (&summary.body["given"], &question(&summary, "positive-difference")["positive"]),
        (&json!(1), &json!(1))
    );
    world.app.get(&world.family_worker, &path).await.expect(404);
    // A case, by its team, of a member of its family.
    let (case, family) = world.case().await;
    let members = world.app.get(&world.family_worker, &family).await.expect(200).body;
    let parent =
        members["members"].as_array().unwrap().iter().find(|one| one["role"] != "child").unwrap()["person_id"].clone();
    let body = adult(parent.as_str().unwrap(), yes.clone());
    let path = format!("{case}/feedback");
    world.app.post(&world.family_worker, &path, &body).await.expect(409);
    world.closed(&case, true).await;
    world.app.post(&world.family_worker, &path, &body).await.expect(201);
    assert_eq!(world.app.get(&world.family_worker, &path).await.expect(200).body["given"], 1);
    world.app.get(&world.officer, &path).await.expect(200);
    world.app.post(&world.officer, &path, &body).await.expect(403);
    world.app.get(&world.charnwood, &path).await.expect(403);
    world.app.get(&carys(), &path).await.expect(404);
    let told = world.told("feedback.given.v1").await;
    assert_eq!(
        (&told[1]["occasion"], &told[1]["service"]),
        (&json!("case_closure"), &json!("intensive-family-support"))
    );
}

#[actix_web::test]
async fn the_questions_are_those_of_the_day() {
    let world = World::new().await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "UPDATE feedback_question SET valid_to = '2026-01-01' WHERE code = 'felt-welcome';
         INSERT INTO feedback_question VALUES ('crèche', 'group_end', 9, 'yes_no', 'Was the crèche any good?', NULL, '{adult}', '2026-01-01', NULL, 'x', true)",
    )
    .await
    .unwrap();
    let codes = async |query: &str| -> Vec<String> {
        let list = world.app.get(&carys(), &format!("/v1/feedback-questions?{query}")).await.expect(200);
        list.body.as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
    };
    let now = codes("occasion=group_end").await;
    assert!(now.contains(&"crèche".to_owned()) && !now.contains(&"felt-welcome".to_owned()));
    let then = codes("occasion=group_end&on=2025-12-31").await;
    assert!(!then.contains(&"crèche".to_owned()) && then.contains(&"felt-welcome".to_owned()));
    assert!(codes("").await.len() > now.len());
    for wrong in ["occasion=party", "on=yesterday", "colour=blue"] {
        world.app.get(&carys(), &format!("/v1/feedback-questions?{wrong}")).await.expect(400);
    }
    world.app.get(&world.school, "/v1/feedback-questions").await.expect(403);
}

#[actix_web::test]
async fn a_summary_reads_what_it_counts_and_no_more() {
    let world = World::new().await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, n, gen_random_uuid() AS whole FROM generate_series(1, 20000) n;
         INSERT INTO feedback_given (id, occasion, about, counted_for, giver, name, agency, giver_key, via, given_on, recorded_at, recorded_by, recorded_by_name)
             SELECT id, 'case_closure', whole, whole, 'professional', 'x', 'police', 'x', 'worker', '2026-01-01', '2026-01-01', id, 'x' FROM many;
         INSERT INTO feedback_answer SELECT id, whole, 1, 'q', 'x', 'yes_no', NULL, true, NULL, true FROM many;
         INSERT INTO record_scope SELECT whole, 'case', 'front-door', 'full', 'closed', '2026-01-01' FROM many;
         ANALYZE",
    )
    .await
    .unwrap();
    let plan = plan(&world, &world.officer, SUMMARY, &["'01a20158-d2bb-77a5-a866-0a226963a91e'::uuid"]).await;
    assert!(plan.contains("feedback_given_counted"), "{plan}");
    assert!(!plan.contains("Seq Scan on feedback"), "{plan}");
}
