//! Asking agencies for what they hold of people on a referral, their answers, and what was told to whom.

use chrono::{TimeDelta, Utc};
use referral_service::alert::chaser::chase;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::world::World;

struct Asked {
    world: World,
    police: Person,
    /// The referral.
    id: String,
    /// Its child and its parent.
    people: [String; 2],
}

impl Asked {
    async fn new() -> Self {
        let world = World::new().await;
        for (agency, kind) in [("police", "police"), ("greenfield-academy", "school")] {
            let source = json!({ "agency": agency, "kind": kind });
            world.app.post(&world.manager, "/v1/information-sources", &source).await.expect(201);
        }
        let mut form = World::form();
        form["people"][0]["address"] = json!("1 Invented Street");
        form["people"][0]["postcode"] = json!("ZZ1 1ZZ");
        let id = world.app.post(&world.school, "/v1/referrals", &form).await.expect(201).id();
        let read = world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200);
        let person = |place: usize| read.body["people"][place]["person_id"].as_str().unwrap().to_owned();
        let people = [person(0), person(1)];
        Self { police: Person::new("vera", "police", Role::Referrer), world, id, people }
    }

    fn form(&self) -> Value {
        json!({ "agency": "police", "scopes": ["police-incidents", "police-domestic-abuse"], "years_back": 2,
                "purpose": "front-door-decision", "lawful_basis": "public-task", "people": self.people,
                "question": "Both at this address and before." })
    }

    async fn ask_as(&self, who: &Person, form: &Value) -> Reply {
        self.world.app.post(who, &format!("/v1/referrals/{}/information-requests", self.id), form).await
    }

    /// A request of the officer's to the police.
    async fn asked(&self) -> String {
        self.ask_as(&self.world.officer, &self.form()).await.expect(201).id()
    }

    async fn answer(&self, who: &Person, request: &str, form: &Value) -> Reply {
        self.world.app.post(who, &format!("/v1/information-requests/{request}/answer"), form).await
    }

    async fn read(&self, who: &Person, request: &str) -> Reply {
        self.world.app.get(who, &format!("/v1/information-requests/{request}")).await
    }

    async fn kinds(&self, who: &Person) -> Vec<(String, String)> {
        let alerts = self.world.app.get(who, "/v1/alerts").await.expect(200);
        let text = |item: &Value, name: &str| item[name].as_str().unwrap().to_owned();
        alerts.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| (text(item, "kind"), text(item, "urgency")))
            .collect()
    }
}

fn incident() -> Value {
    json!({ "found": "yes", "items": [{ "scope": "police-incidents", "about": [2], "from": Utc::now().date_naive() - TimeDelta::days(90),
            "words": "Called to a quarrel; no crime." }] })
}

fn fields(value: &Value) -> Vec<&str> {
    let mut fields: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields
}

#[actix_web::test]
async fn an_agency_sees_whom_to_search_for_and_nothing_of_the_referral() {
    let asked = Asked::new().await;
    let made = asked.ask_as(&asked.world.officer, &asked.form()).await.expect(201);
    assert_eq!(made.body["referral_id"], json!(asked.id));
    let request = made.id();
    assert_eq!(asked.kinds(&asked.police).await, [("information_request".to_owned(), "reminder".to_owned())]);
    let list = asked.world.app.get(&asked.police, "/v1/information-requests").await.expect(200);
    assert_eq!(list.body["items"][0]["id"], json!(request));
    assert_eq!(
        fields(&list.body["items"][0]),
        ["agency", "asked_at", "asked_by_agency", "clock", "due_at", "id", "scopes", "status"]
    );
    let seen = asked.read(&asked.police, &request).await.expect(200);
    assert_eq!(
        fields(&seen.body),
        [
            "agency",
            "asked_at",
            "asked_by",
            "asked_by_agency",
            "clock",
            "due_at",
            "id",
            "lawful_basis",
            "people",
            "purpose",
            "question",
            "scopes",
            "since",
            "status",
            "years_back"
        ]
    );
    assert_eq!(
        seen.body["people"][0],
        json!({ "number": 1, "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03",
                "address": "1 Invented Street", "postcode": "ZZ1 1ZZ" })
    );
    assert_eq!(fields(&seen.body["people"][1]), ["family_name", "given_name", "number"]);
    asked.world.app.get(&asked.police, &format!("/v1/referrals/{}", asked.id)).await.expect(404);
    asked.world.app.get(&asked.police, &format!("/v1/people/{}", asked.people[0])).await.expect(404);
    let search = json!({ "family_name": "Testcase" });
    asked.world.app.post(&asked.police, "/v1/people/searches", &search).await.expect(403);
    // The look stands in the child's access log.
    let log = format!("/v1/people/{}/access-log", asked.people[0]);
    for _ in 0..50 {
        let looks = asked.world.app.get(&asked.world.governance, &log).await.expect(200).body["items"].clone();
        let looked = |look: &Value| look["action"] == "information.read" && look["who"] == "vera";
        if looks.as_array().unwrap().iter().any(looked) {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the look is not in the access log");
}

#[actix_web::test]
async fn an_answer_reaches_whoever_asked_and_gathers_on_the_referral() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    asked.world.app.advance(TimeDelta::hours(30));
    let answered = asked.answer(&asked.police, &request, &incident()).await.expect(200);
    assert_eq!((&answered.body["status"], &answered.body["clock"]), (&json!("answered"), &json!("met")));
    assert_eq!(asked.kinds(&asked.world.officer).await, [("information_answered".to_owned(), "reminder".to_owned())]);
    let gathered = format!("/v1/referrals/{}/information-requests", asked.id);
    let all = asked.world.app.get(&asked.world.manager, &gathered).await.expect(200);
    assert_eq!(all.body[0]["answer"]["items"][0]["words"], "Called to a quarrel; no crime.");
    assert_eq!(all.body[0]["people"][1]["person_id"], json!(asked.people[1]));
    // A hub that comes to the referral later finds it too; whoever referred does not.
    asked.world.app.get(&asked.world.charnwood, &gathered).await.expect(404);
    asked.world.change(&asked.world.officer, &asked.id, "decision", &World::to_hub()).await.expect(200);
    let later = asked.world.app.get(&asked.world.charnwood, &gathered).await.expect(200);
    assert_eq!(later.body[0]["answer"]["found"], "yes");
    asked.read(&asked.world.charnwood, &request).await.expect(200);
    asked.world.app.get(&asked.world.school, &gathered).await.expect(403);
    asked.read(&asked.world.school, &request).await.expect(404);
    let facts = &asked.world.events(&request, "information.answered.v1").await[0];
    assert_eq!((&facts["hours"], &facts["in_time"], &facts["found"]), (&json!(30), &json!(true), &json!("yes")));
    assert_eq!(asked.world.events(&request, "information.requested.v1").await[0]["person_ids"], json!(asked.people));
    let again = asked.answer(&asked.police, &request, &json!({ "found": "nothing_held" })).await.expect(409);
    assert_eq!(again.body["detail"], "the agency has answered this");
    let waiting = asked.world.app.get(&asked.police, "/v1/information-requests").await.expect(200);
    assert_eq!(waiting.body["items"], json!([]));
    let done = asked.world.app.get(&asked.world.officer, "/v1/information-requests?status=answered").await.expect(200);
    assert_eq!(done.body["items"][0]["id"], json!(request));
}

#[actix_web::test]
async fn a_high_dash_grade_alerts_whoever_asked_at_once() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    let high = json!({ "found": "partly", "reason": "The custody record is with another force.", "items": [
        { "scope": "police-domestic-abuse", "words": "Threats to kill.", "dash_grade": "high" }] });
    let answered = asked.answer(&asked.police, &request, &high).await.expect(200);
    assert_eq!(answered.body["answer"]["items"][0]["dash_grade"], "high");
    assert_eq!(asked.kinds(&asked.world.officer).await, [("information_answered".to_owned(), "urgent".to_owned())]);
}

#[actix_web::test]
async fn what_was_told_about_a_person_is_on_record_both_ways() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    asked.world.app.advance(TimeDelta::minutes(5));
    asked.answer(&asked.police, &request, &incident()).await.expect(200);
    let told = async |person: &str| {
        let path = format!("/v1/people/{person}/disclosures");
        asked.world.app.get(&asked.world.governance, &path).await.expect(200).body["items"].clone()
    };
    let child = told(&asked.people[0]).await;
    assert_eq!(child.as_array().unwrap().len(), 1, "the incident was the mother's");
    assert_eq!(
        (&child[0]["from_agency"], &child[0]["to_agency"], &child[0]["purpose"], &child[0]["lawful_basis"]),
        (&json!("county-council"), &json!("police"), &json!("front-door-decision"), &json!("public-task"))
    );
    assert_eq!(child[0]["fields"], json!(["given_name", "family_name", "birth_date", "address", "postcode"]));
    assert_eq!(child[0]["about"], json!(format!("/v1/information-requests/{request}")));
    let mother = told(&asked.people[1]).await;
    assert_eq!((&mother[0]["from_agency"], &mother[0]["fields"]), (&json!("police"), &json!(["police-incidents"])));
    assert_eq!(mother[1]["fields"], json!(["given_name", "family_name"]));
    let path = format!("/v1/people/{}/disclosures", asked.people[0]);
    asked.world.app.get(&asked.world.manager, &path).await.expect(200);
    asked.world.app.get(&asked.world.officer, &path).await.expect(403);
    asked.world.app.get(&asked.police, &path).await.expect(404);
    asked.world.app.get(&asked.world.manager, &format!("{path}?limit=0")).await.expect(400);
}

#[actix_web::test]
async fn who_asks_is_the_front_door_the_district_s_hub_or_the_leading_team() {
    let asked = Asked::new().await;
    let world = &asked.world;
    let mut form = asked.form();
    form["purpose"] = json!("hub-decision");
    asked.ask_as(&world.charnwood, &form).await.expect(404);
    asked.ask_as(&world.school, &form).await.expect(403);
    asked.ask_as(&world.analyst, &form).await.expect(404);
    world.change(&world.officer, &asked.id, "decision", &World::to_hub()).await.expect(200);
    asked.ask_as(&world.charnwood, &form).await.expect(201);
    asked.ask_as(&world.melton, &form).await.expect(404);
    world.change(&world.charnwood, &asked.id, "hub-decision", &World::to_family_support()).await.expect(200);
    // Asked and not answered, a team does not lead yet.
    asked.ask_as(&world.family_worker, &form).await.expect(403);
    let allocation = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    let made = asked.ask_as(&world.family_worker, &form).await.expect(201).id();
    // The answer reminds the team, not the front door.
    asked.answer(&asked.police, &made, &json!({ "found": "nothing_held" })).await.expect(200);
    let told = asked.kinds(&world.family_worker).await;
    assert!(told.iter().any(|(kind, _)| kind == "information_answered"), "{told:?}");
    assert!(asked.kinds(&world.officer).await.is_empty());
}

#[actix_web::test]
async fn only_the_agency_that_was_asked_answers() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    asked.answer(&asked.world.officer, &request, &incident()).await.expect(403);
    for outsider in [&asked.world.school, &asked.world.charnwood, &asked.world.family_worker, &asked.world.analyst] {
        asked.read(outsider, &request).await.expect(404);
        asked.answer(outsider, &request, &incident()).await.expect(404);
    }
    // Of the agency, and in no role that answers.
    let chief = Person::new("chief", "police", Role::BoardMember);
    asked.read(&chief, &request).await.expect(403);
    asked.answer(&chief, &request, &incident()).await.expect(403);
    asked.world.app.get(&chief, "/v1/information-requests").await.expect(403);
    // What hides the child from somebody hides the request about it.
    let exclude = json!({ "effect": "exclude", "user_id": asked.police.id, "reason": "Her niece." });
    let path = format!("/v1/people/{}/restrictions", asked.people[0]);
    asked.world.app.post(&asked.world.governance, &path, &exclude).await.expect(201);
    asked.read(&asked.police, &request).await.expect(404);
    let list = asked.world.app.get(&asked.police, "/v1/information-requests").await.expect(200);
    assert_eq!(list.body["items"], json!([]));
    let colleague = Person::new("paul", "police", Role::Referrer);
    asked.answer(&colleague, &request, &incident()).await.expect(200);
}

#[actix_web::test]
async fn a_request_is_taken_back_with_a_reason_or_when_the_referral_ends() {
    let asked = Asked::new().await;
    let world = &asked.world;
    let request = asked.asked().await;
    let path = format!("/v1/information-requests/{request}/cancellation");
    let reason = json!({ "reason": "Decided without it." });
    let etag = asked.read(&world.officer, &request).await.expect(200).etag();
    world.app.post_on(&asked.police, &path, &etag, &reason).await.expect(403);
    world.app.post_on(&world.school, &path, &etag, &reason).await.expect(404);
    world.app.post(&world.officer, &path, &reason).await.expect(428);
    world.app.post_on(&world.officer, &path, "\"9-full\"", &reason).await.expect(412);
    assert_eq!(
        world.app.post_on(&world.officer, &path, &etag, &json!({ "reason": " " })).await.expect(422).pointers(),
        ["/reason"]
    );
    let cancelled = world.app.post_on(&world.manager, &path, &etag, &reason).await.expect(200);
    assert_eq!((&cancelled.body["status"], cancelled.body.get("clock")), (&json!("cancelled"), None));
    world.app.post_on(&world.officer, &path, &cancelled.etag(), &reason).await.expect(409);
    let seen = asked.read(&asked.police, &request).await.expect(200);
    assert_eq!((&seen.body["cancelled_because"], &seen.body["people"]), (&reason["reason"], &json!([])));
    let late = asked.answer(&asked.police, &request, &incident()).await.expect(409);
    assert_eq!(late.body["detail"], "this is asked no longer");
    assert_eq!(world.events(&request, "information.cancelled.v1").await.len(), 1);

    let answered = asked.asked().await;
    asked.answer(&asked.police, &answered, &incident()).await.expect(200);
    let seen = asked.read(&asked.police, &answered).await.expect(200);
    assert_eq!(seen.body["people"].as_array().unwrap().len(), cancelled.body["people"].as_array().unwrap().len());
    let request = asked.asked().await;
    world.change(&world.school, &asked.id, "withdrawal", &json!({ "reason": "Solved." })).await.expect(200);
    let seen = asked.read(&asked.police, &request).await.expect(200);
    assert_eq!((&seen.body["status"], &seen.body["people"]), (&json!("cancelled"), &json!([])));
    asked.answer(&asked.police, &request, &incident()).await.expect(409);
    // Nor does it keep the names it answered about; what it answered stays.
    let seen = asked.read(&asked.police, &answered).await.expect(200);
    assert_eq!((&seen.body["status"], &seen.body["people"]), (&json!("answered"), &json!([])));
    assert!(seen.body["answer"]["items"].is_array());
    let refused = asked.ask_as(&world.officer, &asked.form()).await.expect(409);
    assert_eq!(refused.body["detail"], "the referral is withdrawn");
}

#[actix_web::test]
async fn the_agency_is_reminded_first_and_then_whoever_asked() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    // Its own clocks only: those of the referral are chased too.
    let mut worker = asked.world.app.background.connection().await.unwrap();
    let at = |days: i64| Utc::now() + TimeDelta::days(days);
    chase(&mut worker, at(8)).await.unwrap();
    let kinds = async |who| {
        let all = asked.kinds(who).await;
        all.into_iter()
            .filter(|(kind, _)| kind.starts_with("information_request"))
            .map(|(kind, _)| kind)
            .collect::<Vec<_>>()
    };
    assert_eq!(kinds(&asked.police).await, ["information_request", "information_request"], "asked, and reminded");
    assert!(kinds(&asked.world.officer).await.is_empty());
    chase(&mut worker, at(13)).await.unwrap();
    assert_eq!(kinds(&asked.world.officer).await, ["information_request_escalated"]);
    let late = asked.world.app.get(&asked.police, "/v1/alerts").await.expect(200);
    assert_eq!(late.body["items"][0]["about"], json!(format!("/v1/information-requests/{request}")));
    asked.world.app.advance(TimeDelta::days(14));
    let answered = asked.answer(&asked.police, &request, &json!({ "found": "nothing_held" })).await.expect(200);
    assert_eq!(answered.body["clock"], "met_late");
    assert_eq!(asked.world.events(&request, "information.answered.v1").await[0]["in_time"], json!(false));
}

#[actix_web::test]
async fn a_request_names_every_field_that_asks_too_much() {
    let asked = Asked::new().await;
    let with = |changes: Value| {
        let mut form = asked.form();
        form.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        form
    };
    for (changes, pointers) in [
        (json!({ "agency": "atlantis" }), vec!["/agency"]),
        (json!({ "scopes": ["police-incidents", "police-incidents"] }), vec!["/scopes/1"]),
        (json!({ "scopes": ["school-attendance", "gossip"] }), vec!["/scopes/0", "/scopes/1"]),
        (json!({ "scopes": ["police-intelligence"], "years_back": 3 }), vec!["/justification"]),
        (json!({ "years_back": 6, "justification": " " }), vec!["/justification"]),
        (json!({ "years_back": 31, "people": [] }), vec!["/people", "/years_back"]),
        (
            json!({ "purpose": "curiosity", "lawful_basis": "because", "question": "Said." }),
            vec!["/lawful_basis", "/purpose"],
        ),
        (json!({ "people": [asked.people[0], asked.people[0], uuid::Uuid::now_v7()] }), vec!["/people/1", "/people/2"]),
        (json!({ "worries": "x" }), vec!["/worries"]),
    ] {
        let refused = asked.ask_as(&asked.world.officer, &with(changes)).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{}", refused.body);
    }
    let long = with(json!({ "years_back": 10, "justification": "The older brother's case began then." }));
    let made = asked.ask_as(&asked.world.officer, &long).await.expect(201);
    assert_eq!(made.body["justification"], "The older brother's case began then.");
    let path = format!("/v1/referrals/{}/information-requests", asked.id);
    let mut ids = Vec::new();
    for _ in 0..2 {
        let retried =
            asked.world.app.post_with(&asked.world.officer, &path, "one-key", None, &asked.form()).await.expect(201);
        ids.push(retried.id());
    }
    assert_eq!(ids[0], ids[1]);
    let all = asked.world.app.get(&asked.world.officer, &path).await.expect(200);
    assert_eq!(all.body.as_array().unwrap().len(), 2, "what was refused was not kept");
}

#[actix_web::test]
async fn an_answer_names_every_field_that_does_not_answer() {
    let asked = Asked::new().await;
    let request = asked.asked().await;
    let item = |more: Value| {
        let mut item = json!({ "scope": "police-incidents", "words": "x" });
        item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "found": "yes", "items": [item] })
    };
    for (form, pointers) in [
        (json!({}), vec!["/found"]),
        (json!({ "found": "yes" }), vec!["/items"]),
        (json!({ "found": "partly" }), vec!["/items", "/reason"]),
        (json!({ "found": "refused", "reason": " " }), vec!["/reason"]),
        (json!({ "found": "nothing_held", "items": incident()["items"] }), vec!["/items"]),
        (item(json!({ "scope": "police-custody", "about": [3] })), vec!["/items/0/about", "/items/0/scope"]),
        (item(json!({ "to": "2019-01-01" })), vec!["/items/0/to"]),
        (item(json!({ "from": "2999-01-01" })), vec!["/items/0/from"]),
        (item(json!({ "dash_grade": "high", "words": "Said." })), vec!["/items/0/dash_grade"]),
        (item(json!({ "dash_grade": "severe", "shoe": 1 })), vec!["/items/0/dash_grade", "/items/0/shoe"]),
    ] {
        let refused = asked.answer(&asked.police, &request, &form).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{}", refused.body);
    }
    assert_eq!(asked.read(&asked.police, &request).await.expect(200).body["status"], "asked");
    let path = format!("/v1/information-requests/{request}/answer");
    for _ in 0..2 {
        asked.world.app.post_with(&asked.police, &path, "one-key", None, &incident()).await.expect(200);
    }
}

#[actix_web::test]
async fn who_can_be_asked_is_kept_and_says_for_what() {
    let asked = Asked::new().await;
    let world = &asked.world;
    let sources = world.app.get(&world.officer, "/v1/information-sources").await.expect(200);
    let agencies: Vec<&Value> = sources.body.as_array().unwrap().iter().map(|source| &source["agency"]).collect();
    assert_eq!(agencies, ["greenfield-academy", "police"]);
    let abuse =
        sources.body[1]["scopes"].as_array().unwrap().iter().find(|scope| scope["code"] == "police-domestic-abuse");
    let abuse = abuse.expect("it can be asked for");
    assert_eq!((&abuse["most_years"], &abuse["verified"]), (&json!(5), &json!(false)));
    let police = json!({ "agency": "police", "kind": "police" });
    world.app.post(&world.manager, "/v1/information-sources", &police).await.expect(409);
    let wrong = json!({ "agency": "Police!", "kind": "spy" });
    let refused = world.app.post(&world.manager, "/v1/information-sources", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/agency", "/kind"]);
    for who in [&world.officer, &world.school, &world.charnwood, &world.analyst] {
        world.app.post(who, "/v1/information-sources", &police).await.expect(403);
    }
    world.app.get(&world.school, "/v1/information-sources").await.expect(403);
}
