//! The whole-family assessment, its reviews, and the journey of change.

mod drafts;
mod journey;

use diesel_async::SimpleAsyncConnection;
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
    let documented = include_str!("../../../../docs/issues.md");
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
