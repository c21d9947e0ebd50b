//! Asking agencies for what they hold of people on a referral, their answers, and what was told to whom.

mod answering;
mod asking;

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
