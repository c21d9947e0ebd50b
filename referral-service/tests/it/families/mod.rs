//! The family as the unit of casework: who belongs to it, when, where, and what is known of it.

mod forming;
mod membership;

use chrono::{Days, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::world::World;

pub fn today() -> NaiveDate {
    Utc::now().date_naive()
}

pub fn days_ago(days: u64) -> String {
    (today() - Days::new(days)).to_string()
}

/// An instant so many hours ago.
pub fn in_past(hours: i64) -> String {
    (Utc::now() - TimeDelta::hours(hours)).to_rfc3339()
}

impl World {
    /// A change of a record, on the version the actor reads now.
    pub async fn step(&self, who: &Person, record: &str, step: &str, body: &Value) -> Reply {
        let etag = self.app.get(who, record).await.expect(200).etag();
        self.app.post_on(who, &format!("{record}/{step}"), &etag, body).await
    }

    /// A referral that intensive family support accepted: its id and the allocation's.
    pub async fn accepted(&self) -> (String, String) {
        let (id, allocation) = self.offered().await;
        self.answer(&self.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
        (id, allocation)
    }

    /// A family formed from an accepted allocation: its address, and the allocation's id.
    pub async fn family(&self) -> (String, String) {
        let (_, allocation) = self.accepted().await;
        let formed = self.app.post(&self.family_worker, "/v1/families", &json!({ "allocation_id": allocation })).await;
        (format!("/v1/families/{}", formed.expect(201).id()), allocation)
    }

    /// Someone the actor adds to the index.
    pub async fn person(&self, who: &Person, given: &str, birth: Option<&str>) -> String {
        let body = json!({ "given_name": given, "family_name": "Testcase", "birth_date": birth });
        let body = if birth.is_some() { body } else { json!({ "given_name": given, "family_name": "Testcase" }) };
        self.app.post(who, "/v1/people", &body).await.expect(201).id()
    }
}

#[actix_web::test]
async fn half_an_hour_past_midnight_in_summer_is_already_the_day_that_people_say() {
    let world = World::new().await;
    // 00:30 in England on 2 June; UTC is still on the first.
    let at: chrono::DateTime<Utc> = "2027-06-01T23:30:00Z".parse().unwrap();
    world.app.advance(at - Utc::now());
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let joined = async |given: &str, day: &str| {
        let person = world.person(worker, given, Some("2020-02-02")).await;
        world.step(worker, &family, "members", &json!({ "person_id": person, "role": "child", "from_date": day })).await
    };
    joined("Poppy", "2027-06-02").await.expect(200);
    assert_eq!(joined("Reed", "2027-06-03").await.expect(422).pointers(), ["/from_date"]);
}

pub fn senior() -> Person {
    Person::new("sam", "county-council", Role::ServiceManager).team("intensive-family-support")
}

pub fn youth_worker() -> Person {
    Person::new("yolanda", "county-council", Role::ServiceWorker).team("youth-work")
}

fn member<'a>(family: &'a Reply, person: &str) -> &'a Value {
    family.body["members"].as_array().unwrap().iter().find(|m| m["person_id"] == person).unwrap()
}

#[actix_web::test]
async fn the_hub_sees_who_is_helping_and_others_nothing() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let hub = world.app.get(&world.charnwood, &family).await.expect(200);
    assert_eq!(hub.body["view"], "involvement");
    for hidden in ["name", "members", "addresses", "relationships"] {
        assert!(hub.body.get(hidden).is_none(), "{hidden}");
    }
    assert_eq!(world.app.get(&world.officer, &family).await.expect(200).body["view"], "full");
    for who in
        [&world.melton, &world.school, &world.other_school, &world.justice_worker, &world.governance, &world.analyst]
    {
        world.app.get(who, &family).await.expect(404);
    }
    world.app.get(&world.charnwood, &format!("{family}/eligibility")).await.expect(403);
    let list = |reply: Reply| reply.body["items"].as_array().unwrap().len();
    assert_eq!(list(world.app.get(&world.family_worker, "/v1/families?state=known").await.expect(200)), 1);
    assert_eq!(list(world.app.get(&world.family_worker, "/v1/families?state=open").await.expect(200)), 0);
    let hub = world.app.get(&world.charnwood, "/v1/families").await.expect(200);
    assert!(hub.body["items"][0].get("name").is_none());
    assert_eq!(list(hub), 1);
    assert_eq!(list(world.app.get(&world.melton, "/v1/families").await.expect(200)), 0);
    assert_eq!(list(world.app.get(&youth_worker(), "/v1/families").await.expect(200)), 0);
    world.app.get(&world.school, "/v1/families").await.expect(403);
    assert_eq!(world.app.get(&world.family_worker, "/v1/families?state=lost").await.expect(400).pointers(), ["state"]);
}

#[actix_web::test]
async fn a_change_needs_the_version_the_right_role_and_the_right_capacity() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let gran = world.person(&world.family_worker, "Granny", Some("1955-01-01")).await;
    let body = json!({ "person_id": gran, "role": "grandparent", "in_household": false });
    let path = format!("{family}/members");
    world.app.post(&world.family_worker, &path, &body).await.expect(428);
    let etag = world.app.get(&world.family_worker, &family).await.expect(200).etag();
    world.app.post_on(&world.officer, &path, &etag, &body).await.expect(403);
    world.app.post_on(&world.charnwood, &path, &etag, &body).await.expect(403);
    world.app.post_on(&world.melton, &path, &etag, &body).await.expect(404);
    // Whose role may, but who sees the family only from the front door, works on no case of it.
    let mut both = world.officer.clone();
    both.roles.push(Role::ServiceWorker);
    world.app.post_on(&both, &path, &etag, &body).await.expect(403);
    let joined = world.app.post_on(&world.family_worker, &path, &etag, &body).await.expect(200);
    assert_eq!(member(&joined, &gran)["main_household"], false);
    world.app.post_on(&world.family_worker, &path, &etag, &body).await.expect(412);
    // Everyone who sees the family whole sees who joined it.
    let search = json!({ "family_name": "Testcase", "given_name": "Granny" });
    let found = world.app.post(&senior(), "/v1/people/searches", &search).await.expect(200);
    assert_eq!(found.body["items"][0]["id"], json!(gran));
}

#[actix_web::test]
async fn a_family_moves_and_has_one_main_address_a_day() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let add = async |body: Value| world.step(worker, &family, "addresses", &body).await;
    let flat = json!({ "address": "Flat 2, 1 Invented Street", "postcode": "LE99 9ZZ", "tenure": "private-rented", "from_date": days_ago(100) });
    add(flat).await.expect(200);
    let house = json!({ "address": "7 Made-up Close", "tenure": "council", "from_date": days_ago(5) });
    let moved = add(house).await.expect(200);
    let now: Vec<&str> =
        moved.body["addresses"].as_array().unwrap().iter().map(|a| a["address"].as_str().unwrap()).collect();
    assert_eq!(now, ["7 Made-up Close"]);
    let then = world.app.get(worker, &format!("{family}?as_of={}", days_ago(6))).await.expect(200);
    assert_eq!(then.body["addresses"][0]["to_date"], json!(days_ago(5)));
    let past = json!({ "address": "3 Nowhere Lane", "from_date": days_ago(50), "to_date": days_ago(40) });
    assert_eq!(add(past.clone()).await.expect(422).pointers(), ["/from_date"]);
    let mut second = past;
    second["main"] = json!(false);
    add(second).await.expect(200);
    let wrong = json!({ "address": "Said.", "tenure": "castle", "from_date": days_ago(3), "to_date": days_ago(4) });
    assert_eq!(add(wrong).await.expect(422).pointers(), ["/tenure", "/to_date"]);
    let id = moved.body["addresses"][0]["id"].as_str().unwrap();
    let end = format!("addresses/{id}/end");
    assert_eq!(
        world.step(worker, &family, &end, &json!({ "to_date": days_ago(9) })).await.expect(422).pointers(),
        ["/to_date"]
    );
    world.step(worker, &family, &end, &json!({ "to_date": today() })).await.expect(200);
    world.step(worker, &family, &end, &json!({ "to_date": today() })).await.expect(409);
}

#[actix_web::test]
async fn what_restricts_a_person_restricts_the_family() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let child = world.app.get(&world.family_worker, &family).await.expect(200).body["members"][0]["person_id"]
        .as_str()
        .unwrap()
        .to_owned();
    let exclude = json!({ "effect": "exclude", "user_id": world.family_worker.id, "reason": "Their own family." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    world.app.advance(TimeDelta::seconds(1));
    world.app.get(&world.family_worker, &family).await.expect(404);
    let list = world.app.get(&world.family_worker, "/v1/families").await.expect(200);
    assert_eq!(list.body["items"], json!([]));
    world.app.get(&senior(), &family).await.expect(200);
}

#[actix_web::test]
async fn when_the_family_moves_the_new_district_s_hub_sees_who_is_helping() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    world.app.get(&world.melton, &family).await.expect(404);
    let body = json!({ "locality": "melton", "name": "Testcase (Willow and Ash)" });
    let moved = world.step(worker, &family, "correction", &body).await.expect(200);
    assert_eq!(
        (moved.body["locality"].as_str(), moved.body["name"].as_str()),
        (Some("melton"), Some("Testcase (Willow and Ash)"))
    );
    for record in [&family, &case] {
        assert_eq!(world.app.get(&world.melton, record).await.expect(200).body["view"], "involvement");
    }
    assert_eq!(world.told_of("family.moved.v1").await[0]["before"], "charnwood");
    let wrong = json!({ "locality": "atlantis", "name": "Said." });
    assert_eq!(world.step(worker, &family, "correction", &wrong).await.expect(422).pointers(), ["/locality"]);
    assert_eq!(world.step(worker, &family, "correction", &json!({})).await.expect(422).pointers(), ["/name"]);
}
