//! Taking in another directory's services.

use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::directory::{administrator, manager, with};
use crate::world::World;

const ORIGIN: &str = "https://directory.example/open-referral";

/// A service as another directory's feed has it.
fn row(id: &str, name: &str) -> Value {
    json!({
        "id": id, "name": name, "description": "A walk each Tuesday (invented).", "status": "active",
        "url": "https://walkers.example", "email": "hello@walkers.example", "minimum_age": 0, "maximum_age": "10", "fees": "",
        "organization": { "id": "org-1", "name": "Walkers (invented)", "description": "Volunteers.", "website": "" },
        "service_areas": [{ "id": "a", "name": "Hinckley and Bosworth" }, { "id": "b", "service_area": "melton" }],
        "languages": [{ "id": "l", "code": "EN" }, { "id": "m" }],
        "cost_options": [{ "id": "c", "option": "Family", "amount": 2.5, "amount_description": "a walk" }],
        "contacts": [{ "id": "d", "name": "Ann Example (invented)", "title": "Organiser's desk", "phones": [{ "id": "p", "number": "01632 960400" }] }],
        "attributes": [{ "id": "t", "taxonomy_term": { "id": "x", "name": "Improved family relationships", "description": "x" } },
                       { "id": "u", "taxonomy_term": { "id": "y", "name": "Group for parents or children", "description": "x" } },
                       { "id": "v", "taxonomy_term": { "id": "z", "name": "Dragons", "description": "x" } }],
        "schedules": [{ "id": "s", "service_at_location_id": "sal", "freq": "WEEKLY", "byday": "TU", "opens_at": "10:00:00Z", "closes_at": "11:30Z" }],
        "service_at_locations": [{ "id": "sal", "location": { "id": "loc", "location_type": "physical", "name": "The gate",
            "latitude": 52.5, "longitude": -1.3, "accessibility": [{ "id": "acc", "description": "Level path" }],
            "addresses": [{ "id": "adr", "address_1": "1 Gate", "city": "Hinckley", "state_province": "Leicestershire",
                            "postal_code": "LE10 0ZZ", "country": "GB", "address_type": "physical" }] } }]
    })
}

async fn sent(world: &World, who: &Person, rows: &[Value]) -> Reply {
    world.app.post(who, "/v1/services/imports", &json!({ "origin": ORIGIN, "services": rows })).await
}

fn counts(reply: &Reply) -> [u64; 4] {
    ["taken", "changed", "unchanged", "refused"].map(|name| reply.body["report"][name].as_u64().unwrap())
}

#[actix_web::test]
async fn a_row_becomes_a_service_and_the_same_row_changes_nothing() {
    let world = World::new().await;
    let admin = administrator();
    let first = sent(&world, &admin, &[row("s-1", "Walks")]).await.expect(201);
    assert_eq!(counts(&first), [1, 0, 0, 0]);
    let line = &first.body["report"]["rows"][0];
    assert_eq!((&line["outcome"], &line["origin_id"]), (&json!("taken"), &json!("s-1")));
    let notes = line["notes"].as_array().unwrap();
    assert!(notes.contains(&json!("names of people were left out of the contacts")), "{notes:?}");
    assert!(notes.contains(&json!("1 term is none of ours and was left out")), "{notes:?}");
    let path = format!("/v1/services/{}", line["service_id"].as_str().unwrap());
    let made = world.app.get(&world.officer, &path).await.expect(200).body;
    assert_eq!((&made["kind"], &made["origin"], &made["origin_id"]), (&json!("group"), &json!(ORIGIN), &json!("s-1")));
    assert_eq!(
        made["eligibility"],
        json!({ "minimum_age": 0, "maximum_age": 10, "levels": [],
        "districts": ["hinckley-and-bosworth", "melton"], "needs": ["family-relationships"] })
    );
    assert_eq!(made["languages"], json!(["en"]));
    assert_eq!(made["costs"][0]["pence"], 250);
    assert_eq!(made["contacts"][0]["title"], "Organiser's desk");
    assert!(!made.to_string().contains("Ann Example"), "no person comes in");
    assert_eq!(made["locations"][0]["schedules"][0]["opens_at"], "10:00");
    assert_eq!(made["locations"][0]["accessibility"], json!(["Level path"]));

    let again = sent(&world, &admin, &[row("s-1", "Walks")]).await.expect(201);
    assert_eq!(counts(&again), [0, 0, 1, 0]);
    assert_eq!(world.app.get(&world.officer, &path).await.body, made);

    // What the standard has no word for is kept here, and stays.
    let kept = json!({ "status": "full", "capacity": { "waiting_days": 30 } });
    world.app.post_on(&admin, &format!("{path}/capacity"), "\"1-full\"", &kept).await.expect(200);
    let renamed = with(
        row("s-1", "Walks and talks"),
        json!({ "organization": { "id": "org-1", "name": "Walkers & Talkers (invented)" } }),
    );
    let changed = sent(&world, &admin, std::slice::from_ref(&renamed)).await.expect(201);
    assert_eq!(counts(&changed), [0, 1, 0, 0]);
    let now = world.app.get(&world.officer, &path).await.expect(200);
    assert_eq!(now.etag(), "\"3-full\"");
    assert_eq!((&now.body["name"], &now.body["status"]), (&json!("Walks and talks"), &json!("full")));
    assert_eq!(now.body["capacity"]["waiting_days"], 30);
    assert_eq!(now.body["organisation"]["name"], "Walkers & Talkers (invented)");
    let gone = sent(&world, &admin, &[with(renamed, json!({ "status": "defunct" }))]).await.expect(201);
    assert_eq!(counts(&gone), [0, 1, 0, 0]);
    assert_eq!(world.app.get(&world.officer, &path).await.body["status"], "closed");
}

#[actix_web::test]
async fn each_row_is_taken_whole_or_refused_with_what_is_wrong() {
    let world = World::new().await;
    let rows = [
        row("good", "Good"),
        json!("not a service"),
        json!({ "id": "bare" }),
        with(
            row("wrong", "Wrong"),
            json!({ "status": "open", "minimum_age": 12, "maximum_age": 4, "description": 7,
            "schedules": "always", "service_areas": ["x"] }),
        ),
        with(row("long", "x"), json!({ "name": "x".repeat(201) })),
        row("good", "The same again"),
        with(row("old", "Old"), json!({ "maximum_age": 200 })),
        with(
            row("messy", "Messy"),
            json!({ "url": "javascript:alert(1)", "email": "nobody", "assured_date": "2999-01-01",
            "service_areas": [{ "id": "a", "name": "Atlantis" }], "contacts": [{ "id": "c", "name": "Bea Example (invented)" }],
            "service_at_locations": [{ "id": "l", "location": { "id": "x", "location_type": "physical", "addresses": [] } }],
            "schedules": [{ "id": "s", "freq": "DAILY" }, { "id": "t", "byday": "MO", "opens_at": "12:00", "closes_at": "09:00" }] }),
        ),
    ];
    let sent = sent(&world, &administrator(), &rows).await.expect(201);
    assert_eq!(counts(&sent), [2, 0, 0, 6]);
    let pointers = |place: usize| -> Vec<String> {
        let errors = sent.body["report"]["rows"][place]["errors"].as_array().cloned().unwrap_or_default();
        let mut all: Vec<String> = errors.iter().map(|error| error["pointer"].as_str().unwrap().to_owned()).collect();
        all.sort();
        all
    };
    assert_eq!(pointers(0), Vec::<String>::new());
    assert_eq!(pointers(1), ["/services/1"]);
    assert_eq!(pointers(2), ["/services/2/name", "/services/2/organization", "/services/2/status"]);
    assert_eq!(
        pointers(3),
        [
            "/services/3/description",
            "/services/3/maximum_age",
            "/services/3/schedules",
            "/services/3/service_areas/0",
            "/services/3/status"
        ]
    );
    assert_eq!(pointers(4), ["/services/4/name"]);
    assert_eq!(pointers(5), ["/services/5/id"]);
    assert_eq!(pointers(6), ["/services/6/maximum_age"]);
    let messy = &sent.body["report"]["rows"][7];
    assert_eq!(messy["notes"].as_array().unwrap().len(), 8, "{messy:#}");
    let path = format!("/v1/services/{}", messy["service_id"].as_str().unwrap());
    let made = world.app.get(&world.officer, &path).await.expect(200).body;
    assert_eq!((made.get("url"), made.get("email"), made.get("assured_on")), (None, None, None));
    assert_eq!(made["schedules"].as_array().unwrap().len(), 1);
    let listed = world.app.get(&world.officer, "/v1/services").await.expect(200);
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 2, "nothing of what was refused is there");
}

#[actix_web::test]
async fn who_may_import_and_who_reads_what_became_of_it() {
    let world = World::new().await;
    let manager = manager();
    for who in [&world.school, &world.officer, &world.charnwood, &world.family_worker, &world.analyst] {
        sent(&world, who, &[row("s", "S")]).await.expect(403);
    }
    let made = sent(&world, &manager, &[row("s-1", "Walks")]).await.expect(201);
    let path = format!("/v1/services/imports/{}", made.id());
    assert_eq!(world.app.get(&manager, &path).await.expect(200).body, made.body);
    assert_eq!(world.app.get(&administrator(), &path).await.expect(200).body, made.body);
    world.app.get(&world.officer, &path).await.expect(403);
    world.app.get(&world.school, &path).await.expect(404);
    // Kept by the council now: another agency's import of it is refused, row by row.
    let other = Person::new("dee", "district-melton", Role::AgencyAdministrator);
    let refused =
        sent(&world, &other, &[row("s-1", "Mine now"), row("s-2", "New, of the same organisation")]).await.expect(201);
    assert_eq!(counts(&refused), [0, 0, 0, 2]);
    assert_eq!(refused.body["report"]["rows"][1]["errors"][0]["code"], "kept_by_others");
    let key = uuid::Uuid::now_v7().to_string();
    let body = json!({ "origin": ORIGIN, "services": [row("s-3", "Three")] });
    let one = world.app.post_with(&manager, "/v1/services/imports", &key, None, &body).await.expect(201);
    let two = world.app.post_with(&manager, "/v1/services/imports", &key, None, &body).await.expect(201);
    assert_eq!(one.body, two.body, "sent again it is one import");
    for (body, pointer) in [
        (json!({ "origin": ORIGIN, "services": [] }), "/services"),
        (json!({ "origin": "", "services": [{}] }), "/origin"),
        (json!({ "services": [{}] }), "/origin"),
        (json!({ "origin": ORIGIN, "services": {} }), "/services"),
        (json!({ "origin": ORIGIN, "services": [{}], "kind": "dragons" }), "/kind"),
        (json!({ "origin": ORIGIN, "services": [{}], "extra": 1 }), "/extra"),
    ] {
        let refused = world.app.post(&manager, "/v1/services/imports", &body).await.expect(422);
        assert!(refused.pointers().contains(&pointer.to_owned()), "{pointer}: {}", refused.body);
    }
}

#[actix_web::test]
async fn what_we_publish_can_be_taken_in() {
    let world = World::new().await;
    let offers: Value = serde_json::from_str(include_str!("../../../stack/demonstration/services.json")).unwrap();
    let offer = &offers[2];
    let organisation =
        world.app.post(&administrator(), "/v1/organisations", &offer["organisation"]).await.expect(201).id();
    let mut published = Vec::new();
    for service in offer["services"].as_array().unwrap() {
        let made = world
            .app
            .post(&administrator(), "/v1/services", &with(service.clone(), json!({ "organisation_id": organisation })))
            .await
            .expect(201);
        let path = format!("/open-referral/services/{}", made.id());
        published.push((made.body, world.app.send(reqwest::Method::GET, &path, &[], None).await.expect(200).body));
    }
    let rows: Vec<Value> = published.iter().map(|(_, row)| row.clone()).collect();
    let taken = sent(&world, &administrator(), &rows).await.expect(201);
    assert_eq!(counts(&taken), [2, 0, 0, 0], "{:#}", taken.body);
    for (index, (ours, _)) in published.iter().enumerate() {
        let id = taken.body["report"]["rows"][index]["service_id"].as_str().unwrap();
        let theirs = world.app.get(&world.officer, &format!("/v1/services/{id}")).await.expect(200).body;
        for part in ["name", "description", "kind", "delivery", "languages", "url", "email"] {
            assert_eq!(theirs[part], ours[part], "{part}");
        }
        assert_eq!(theirs["eligibility"]["districts"], ours["eligibility"]["districts"]);
        assert_eq!(theirs["eligibility"]["needs"], ours["eligibility"]["needs"]);
        assert_eq!(theirs["locations"].as_array().map(Vec::len), ours["locations"].as_array().map(Vec::len));
    }
}
