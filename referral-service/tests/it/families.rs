//! The family as the unit of casework: who belongs to it, when, where, and what is known of it.

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
async fn a_family_is_formed_of_the_people_the_referral_names() {
    let world = World::new().await;
    let (referral, allocation) = world.accepted().await;
    let formed =
        world.app.post(&world.family_worker, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201);
    assert!(formed.body["reference"].as_str().unwrap().starts_with("F-"));
    assert_eq!((formed.body["name"].as_str(), formed.body["locality"].as_str()), (Some("Testcase"), Some("charnwood")));
    let roles: Vec<&str> =
        formed.body["members"].as_array().unwrap().iter().map(|m| m["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["child", "parent"]);
    assert_eq!(formed.body["state"], "known");
    assert_eq!(formed.body["view"], "full");
    let path = format!("/v1/families/{}", formed.id());
    let read = world.app.get(&world.family_worker, &path).await.expect(200);
    assert_eq!(read.body, formed.body);
    // Formed again from the same referral, it is the same family.
    let again = world.app.post(&world.family_worker, "/v1/families", &json!({ "allocation_id": allocation })).await;
    assert_eq!(again.expect(201).id(), formed.id());
    // The child's access log says so.
    let child = read.body["members"][0]["person_id"].as_str().unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(1500)).await;
    let log = world.app.get(&world.governance, &format!("/v1/people/{child}/access-log?limit=100")).await.expect(200);
    let looks: Vec<&str> =
        log.body["items"].as_array().unwrap().iter().map(|l| l["action"].as_str().unwrap()).collect();
    assert!(looks.contains(&"family.read") && looks.contains(&"family.form"), "{looks:?}");
    assert_eq!(world.status(&referral).await, "in_service");
}

#[actix_web::test]
async fn only_the_team_that_accepted_forms_the_family_and_only_then() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    let body = json!({ "allocation_id": allocation });
    world.app.post(&world.family_worker, "/v1/families", &body).await.expect(409);
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    for (who, status) in [
        (&world.officer, 403),
        (&world.charnwood, 403),
        (&world.school, 403),
        (&world.analyst, 403),
        (&world.justice_worker, 422),
        (&youth_worker(), 422),
    ] {
        let refused = world.app.post(who, "/v1/families", &body).await;
        assert_eq!(refused.status, status, "{} {}", who.name, refused.body);
    }
    let both = json!({ "allocation_id": allocation, "people": [{ "person_id": allocation, "role": "child" }] });
    let none = json!({ "name": "Nobody" });
    for wrong in [both, none] {
        let refused = world.app.post(&world.family_worker, "/v1/families", &wrong).await.expect(422);
        assert_eq!(refused.pointers(), ["/allocation_id"]);
    }
    let nowhere = json!({ "allocation_id": allocation, "locality": "atlantis" });
    let refused = world.app.post(&world.family_worker, "/v1/families", &nowhere).await.expect(422);
    assert_eq!(refused.pointers(), ["/locality"]);
    let key = "form-once";
    let made = world.app.post_with(&world.family_worker, "/v1/families", key, None, &body).await.expect(201);
    let replayed = world.app.post_with(&world.family_worker, "/v1/families", key, None, &body).await.expect(201);
    assert_eq!(made.id(), replayed.id());
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
async fn dates_that_contradict_are_refused_all_at_once() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let baby = world.person(worker, "Nettle", Some(&days_ago(100))).await;
    let add = async |body: Value| world.step(worker, &family, "members", &body).await;
    let wrong = add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(200), "to_date": days_ago(300),
        "unborn": true, "in_household": false, "main_household": true, "ended_because": "vanished" }));
    let pointers = wrong.await.expect(422).pointers();
    assert_eq!(pointers, ["/ended_because", "/main_household", "/to_date", "/unborn"]);
    let early = add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(200) })).await.expect(422);
    assert_eq!(early.pointers(), ["/from_date"]);
    let tomorrow = (today() + Days::new(1)).to_string();
    let future = add(json!({ "person_id": baby, "role": "child", "from_date": tomorrow })).await.expect(422);
    assert_eq!(future.pointers(), ["/from_date"]);
    let stranger = add(json!({ "person_id": uuid::Uuid::now_v7(), "role": "child" })).await.expect(422);
    assert_eq!(stranger.pointers(), ["/person_id"]);
    let code =
        add(json!({ "person_id": baby, "role": "child", "to_date": days_ago(1), "from_date": days_ago(9) })).await;
    assert_eq!(code.expect(422).pointers(), ["/ended_because"]);
    add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(90) })).await.expect(200);
    let twice = add(json!({ "person_id": baby, "role": "child", "from_date": days_ago(10) })).await.expect(422);
    assert_eq!(twice.pointers(), ["/person_id"]);
    let shape = add(json!({ "person_id": baby, "role": "pet", "shoe": 1 })).await.expect(422);
    assert_eq!(shape.pointers(), ["/role", "/shoe"]);
}

#[actix_web::test]
async fn who_leaves_stays_in_the_past_and_may_come_back() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let partner = world.person(worker, "Heath", Some("1990-05-05")).await;
    let joining = json!({ "person_id": partner, "role": "partner", "from_date": days_ago(50) });
    world.step(worker, &family, "members", &joining).await.expect(200);
    let end = format!("members/{partner}/end");
    let early = json!({ "to_date": days_ago(60), "ended_because": "separated" });
    assert_eq!(world.step(worker, &family, &end, &early).await.expect(422).pointers(), ["/to_date"]);
    let why = json!({ "to_date": days_ago(10), "ended_because": "tired" });
    assert_eq!(world.step(worker, &family, &end, &why).await.expect(422).pointers(), ["/ended_because"]);
    let leaving = json!({ "to_date": days_ago(10), "ended_because": "separated" });
    let left = world.step(worker, &family, &end, &leaving).await.expect(200);
    assert_eq!(left.body["members"].as_array().unwrap().len(), 2);
    world.step(worker, &family, &end, &leaving).await.expect(409);
    world.step(worker, &family, &format!("members/{}/end", uuid::Uuid::now_v7()), &leaving).await.expect(404);
    let then = world.app.get(worker, &format!("{family}?as_of={}", days_ago(20))).await.expect(200);
    assert_eq!(then.body["members"].as_array().unwrap().len(), 1, "the others joined today: {}", then.body);
    let past = world.app.get(worker, &format!("{family}?past=true")).await.expect(200);
    assert_eq!(member(&past, &partner)["ended_because"], "separated");
    let back = json!({ "person_id": partner, "role": "partner", "from_date": days_ago(10) });
    world.step(worker, &family, "members", &back).await.expect(200);
    assert_eq!(world.app.get(worker, &format!("{family}?as_of=soon")).await.expect(400).pointers(), ["as_of"]);
}

#[actix_web::test]
async fn a_child_has_two_households_and_one_of_them_is_the_main_one() {
    let world = World::new().await;
    let (mother, allocation) = world.family().await;
    let worker = &world.family_worker;
    let child =
        world.app.get(worker, &mother).await.expect(200).body["members"][0]["person_id"].as_str().unwrap().to_owned();
    let father = world.person(worker, "Ash", Some("1988-01-01")).await;
    let people = json!([{ "person_id": child, "role": "child" }, { "person_id": father, "role": "parent" }]);
    let refused = world.app.post(worker, "/v1/families", &json!({ "people": people })).await.expect(409);
    let reference = world.app.get(worker, &mother).await.expect(200).body["reference"].as_str().unwrap().to_owned();
    assert!(refused.body["detail"].as_str().unwrap().contains(&reference));
    let second =
        json!({ "people": people, "second_household": true, "locality": "melton", "name": "Testcase (father)" });
    let second = world.app.post(worker, "/v1/families", &second).await.expect(201);
    assert_eq!(member(&second, &child)["main_household"], false);
    assert_eq!(member(&second, &father)["main_household"], true);
    let second = format!("/v1/families/{}", second.id());
    let step = format!("members/{child}/main-household");
    let moved = world.step(worker, &second, &step, &json!({ "from_date": today() })).await.expect(200);
    assert_eq!(member(&moved, &child)["main_household"], true);
    let first = world.app.get(worker, &mother).await.expect(200);
    assert_eq!(member(&first, &child)["main_household"], false);
    let gone = json!({ "from_date": (today() + Days::new(2)) });
    assert_eq!(world.step(worker, &second, &step, &gone).await.expect(422).pointers(), ["/from_date"]);
    // To claim a third main household is a contradiction where one sees the other, …
    let aunt = world.person(worker, "Fern", None).await;
    let third = json!({ "people": [{ "person_id": aunt, "role": "other_adult" }] });
    let third = format!("/v1/families/{}", world.app.post(worker, "/v1/families", &third).await.expect(201).id());
    let claim = json!({ "person_id": child, "role": "child", "main_household": true });
    assert_eq!(world.step(worker, &third, "members", &claim).await.expect(422).pointers(), ["/main_household"]);
    let second_home = world.step(worker, &third, "members", &json!({ "person_id": child, "role": "child" })).await;
    assert_eq!(member(&second_home.expect(200), &child)["main_household"], false);
    // … and where one doesn't, it is taken, and the front door is asked to settle it.
    let other = youth_worker();
    let known = json!({ "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03" });
    world.app.post(&other, "/v1/people", &known).await.expect(201);
    assert!(world.app.get(&other, &format!("/v1/people/{child}")).await.status == 404, "they don't see each other's");
    let seen = world.app.get(&world.officer, "/v1/alerts").await.expect(200);
    assert_eq!(seen.body["items"], json!([]));
    let _ = allocation;
}

#[actix_web::test]
async fn a_second_main_household_nobody_could_know_of_becomes_an_alert() {
    let world = World::new().await;
    let (mother, _) = world.family().await;
    let child = world.app.get(&world.family_worker, &mother).await.expect(200).body["members"][0]["person_id"].clone();
    // The same child, referred again, is allocated to youth work.
    let id = world.listed().await;
    let to_youth = json!({ "outcome": "allocate", "service": "youth-work", "reason": "x" });
    world.change(&world.charnwood, &id, "hub-decision", &to_youth).await.expect(200);
    let other = youth_worker();
    let allocation = world.newest_allocation(&other).await;
    world.answer(&other, &allocation, "acceptance", &json!({})).await.expect(200);
    let formed = world.app.post(&other, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201);
    assert_eq!(formed.body["members"][0]["person_id"], child);
    assert_eq!(formed.body["members"][0]["main_household"], true, "what it can't see it isn't told");
    world.app.get(&other, &mother).await.expect(404);
    let alerts = world.app.get(&world.officer, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "two_main_households");
}

#[actix_web::test]
async fn a_second_service_on_the_same_referral_finds_the_family_that_is_there() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let mut all = world.app.database.all_seeing().await;
    let id = family.rsplit('/').next().unwrap();
    // A supporting service of the same referral, as the hub's decision makes it.
    use diesel_async::SimpleAsyncConnection;
    all.batch_execute(&format!(
        "INSERT INTO allocation (id, referral_id, service, status, offered_at, version, part)
             SELECT '01a20158-0000-7000-8000-000000000001', referral_id, 'youth-work', 'accepted', '2026-01-01', 1, 'supporting'
             FROM family_referral WHERE family_id = '{id}';
         INSERT INTO record_scope SELECT '01a20158-0000-7000-8000-000000000001', 'allocation', 'team:youth-work', 'full', 'accepted', '2026-01-01';
         INSERT INTO record_scope SELECT referral_id, 'referral', 'team:youth-work', 'full', 'in_service', '2026-01-01'
             FROM family_referral WHERE family_id = '{id}'"
    ))
    .await
    .unwrap();
    let other = youth_worker();
    world.app.get(&other, &family).await.expect(404);
    let body = json!({ "allocation_id": "01a20158-0000-7000-8000-000000000001" });
    let joined = world.app.post(&other, "/v1/families", &body).await.expect(201);
    assert_eq!(joined.id(), id);
    assert_eq!(joined.body["view"], "full");
    assert_eq!(joined.body["members"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn relationships_that_can_t_be_are_refused() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let worker = &world.family_worker;
    let members = world.app.get(worker, &family).await.expect(200).body["members"].clone();
    let (child, parent) = (members[0]["person_id"].clone(), members[1]["person_id"].clone());
    let add = async |body: Value| world.step(worker, &family, "relationships", &body).await;
    let tied = add(json!({ "person_id": parent, "kind": "parent_of", "other_id": child })).await.expect(200);
    assert_eq!(tied.body["relationships"][0]["kind"], "parent_of");
    for wrong in [
        json!({ "person_id": parent, "kind": "parent_of", "other_id": child }),
        json!({ "person_id": child, "kind": "parent_of", "other_id": parent }),
    ] {
        assert_eq!(add(wrong).await.expect(422).pointers(), ["/kind"]);
    }
    let own = add(json!({ "person_id": child, "kind": "sibling_of", "other_id": child })).await.expect(422);
    assert_eq!(own.pointers(), ["/other_id"]);
    let early = json!({ "person_id": parent, "kind": "carer_of", "other_id": child, "from_date": "2010-01-01" });
    assert_eq!(add(early).await.expect(422).pointers(), ["/from_date"]);
    let unknown = add(json!({ "person_id": parent, "kind": "carer_of", "other_id": uuid::Uuid::now_v7() })).await;
    assert_eq!(unknown.expect(422).pointers(), ["/other_id"]);
    let tie = tied.body["relationships"][0]["id"].as_str().unwrap();
    let end = format!("relationships/{tie}/end");
    let ended = world.step(worker, &family, &end, &json!({ "to_date": today() })).await.expect(200);
    assert!(ended.body.get("relationships").is_none());
    world.step(worker, &family, &end, &json!({ "to_date": today() })).await.expect(409);
    let past = world.app.get(worker, &format!("{family}?past=true")).await.expect(200);
    assert_eq!(past.body["relationships"][0]["to_date"], json!(today()));
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
