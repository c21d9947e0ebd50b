//! The directory of services: who keeps it, who reads it, and what is refused.

use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::world::World;

pub fn administrator() -> Person {
    Person::new("admin", "county-council", Role::PartnershipAdministrator)
}

pub fn manager() -> Person {
    Person::new("sam", "county-council", Role::ServiceManager).team("youth-work")
}

/// An organisation that is no user.
pub async fn charity(world: &World, name: &str) -> String {
    let form = json!({ "name": name, "description": "A charity (invented).", "website": "https://charity.example" });
    world.app.post(&administrator(), "/v1/organisations", &form).await.expect(201).id()
}

/// A service as it would be sent.
pub fn advice(organisation: &str, name: &str) -> Value {
    json!({
        "organisation_id": organisation, "name": name, "description": "Free help with debts and rent arrears.",
        "kind": "debt-advice", "url": "https://charity.example/debt", "email": "debt@charity.example", "status": "open",
        "eligibility": { "minimum_age": 16, "districts": ["charnwood"],
                         "needs": ["financial-stability", "secure-housing"], "levels": [1, 2, 3] },
        "capacity": { "places": 40, "taken": 31, "waiting_days": 7 },
        "delivery": ["drop-in"], "languages": ["en", "gu"], "assured_on": "2026-01-31",
        "costs": [{ "option": "Everybody", "pence": 0 }],
        "contacts": [{ "title": "Advice desk", "telephone": "01632 960111" }],
        "schedules": [{ "days": ["MO"], "opens_at": "09:00", "closes_at": "12:00" }],
        "locations": [{
            "name": "Juniper Street Hall", "kind": "physical",
            "address": { "line": "1 Juniper Street", "town": "Loughborough", "county": "Leicestershire", "postcode": "le11 0zz" },
            "latitude": 52.772, "longitude": -1.206, "accessibility": ["Step-free entrance"],
            "schedules": [{ "days": ["TU", "TH"], "opens_at": "10:00", "closes_at": "15:00" }]
        }]
    })
}

/// The same with fields of one's own.
pub fn with(mut form: Value, fields: Value) -> Value {
    form.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    form
}

pub async fn added(world: &World, form: &Value) -> Reply {
    world.app.post(&administrator(), "/v1/services", form).await.expect(201)
}

fn names(page: &Reply) -> Vec<&str> {
    page.body["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn a_service_is_kept_whole_and_read_by_everyone_who_is_signed_in() {
    let world = World::new().await;
    let organisation = charity(&world, "Juniper Street Advice (invented)").await;
    let made = added(&world, &advice(&organisation, "Debt advice")).await;
    let path = format!("/v1/services/{}", made.id());
    for who in
        [&world.school, &world.officer, &world.charnwood, &world.family_worker, &world.analyst, &world.governance]
    {
        let read = world.app.get(who, &path).await.expect(200);
        assert_eq!(read.body, made.body);
        assert_eq!(read.etag(), "\"1-full\"");
    }
    let body = &made.body;
    assert_eq!(body["organisation"]["name"], "Juniper Street Advice (invented)");
    assert_eq!((&body["status"], &body["free"]), (&json!("open"), &json!(9)));
    assert_eq!(body["eligibility"]["needs"], json!(["financial-stability", "secure-housing"]));
    assert_eq!(body["locations"][0]["address"]["postcode"], "LE11 0ZZ");
    assert_eq!(body["locations"][0]["schedules"][0]["days"], json!(["TU", "TH"]));
    assert_eq!(body["schedules"][0]["opens_at"], "09:00");
    assert_eq!(body["costs"][0]["pence"], 0);
    world.app.get(&world.school, "/v1/services/0198c0de-0000-7000-8000-000000000001").await.expect(404);
    world.app.get(&world.school, "/v1/services/nonsense").await.expect(404);
    world.app.send(reqwest::Method::GET, &path, &[], None).await.expect(401);
}

#[actix_web::test]
async fn a_change_says_all_of_it_again_and_keeps_the_parts_it_names() {
    let world = World::new().await;
    let organisation = charity(&world, "Charity").await;
    let made = added(&world, &advice(&organisation, "Debt advice")).await;
    let id = made.id();
    let (read, path) = (format!("/v1/services/{id}"), format!("/v1/services/{id}/details"));
    let location = made.body["locations"][0].clone();
    let changed = with(
        advice(&organisation, "Money advice"),
        json!({ "locations": [location], "contacts": [{ "title": "Enquiries", "email": "office@charity.example" }],
                "schedules": [], "capacity": {} }),
    );
    let admin = administrator();
    world.app.post(&admin, &path, &changed).await.expect(428);
    world.app.post_on(&admin, &path, "\"9-full\"", &changed).await.expect(412);
    let key = uuid::Uuid::now_v7().to_string();
    let done = world.app.post_with(&admin, &path, &key, Some("\"1-full\""), &changed).await.expect(200);
    assert_eq!(done.etag(), "\"2-full\"");
    assert_eq!(done.body["name"], "Money advice");
    assert_eq!(done.body["locations"][0], location, "the same place under the same id");
    assert_eq!(done.body["schedules"], json!([]), "what is left out goes");
    assert_eq!(done.body.get("free"), None);
    let again = world.app.post_with(&admin, &path, &key, Some("\"1-full\""), &changed).await.expect(200);
    assert_eq!(again.body, done.body, "sent again it is done once");
    world.app.post_on(&admin, &path, "\"1-full\"", &changed).await.expect(412);
    let foreign = with(changed.clone(), json!({ "costs": [{ "id": id, "option": "x" }] }));
    let refused = world.app.post_on(&admin, &path, "\"2-full\"", &foreign).await.expect(422);
    assert_eq!(refused.pointers(), ["/costs/0/id"]);
    assert_eq!(world.app.get(&admin, &read).await.etag(), "\"2-full\"");
}

#[actix_web::test]
async fn whoever_keeps_the_organisation_keeps_its_services_and_nobody_else() {
    let world = World::new().await;
    let manager = manager();
    let other = Person::new("dee", "district-charnwood", Role::AgencyAdministrator);
    let own = json!({ "name": "County Council", "description": "The council (invented)." });
    let made = world.app.post(&manager, "/v1/organisations", &own).await.expect(201);
    assert_eq!(made.body["agency"], "county-council", "one's own, if nothing is said");
    let council = made.id();
    world.app.post(&manager, "/v1/organisations", &own).await.expect(409);
    let foreign = with(own.clone(), json!({ "name": "Else", "agency": "police" }));
    world.app.post(&manager, "/v1/organisations", &foreign).await.expect(403);
    world.app.post(&administrator(), "/v1/organisations", &foreign).await.expect(201);
    for who in [
        &world.school,
        &world.officer,
        &world.charnwood,
        &world.family_worker,
        &world.justice_worker,
        &world.analyst,
        &world.governance,
    ] {
        world.app.post(who, "/v1/organisations", &own).await.expect(403);
        world.app.post(who, "/v1/services", &advice(&council, "x")).await.expect(403);
    }
    let youth = with(advice(&council, "Youth work"), json!({ "kind": "youth-work", "service": "youth-work" }));
    let id = world.app.post(&manager, "/v1/services", &youth).await.expect(201).id();
    world.app.post(&manager, "/v1/services", &youth).await.expect(409);
    world.app.post(&other, "/v1/services", &advice(&council, "Not theirs")).await.expect(403);
    let charity = charity(&world, "Charity").await;
    world.app.post(&manager, "/v1/services", &advice(&charity, "Not theirs")).await.expect(403);
    let (details, capacity) = (format!("/v1/services/{id}/details"), format!("/v1/services/{id}/capacity"));
    let room = json!({ "status": "open", "capacity": { "places": 10, "taken": 10 } });
    for who in [&other, &world.officer, &world.family_worker] {
        world.app.post_on(who, &details, "\"1-full\"", &youth).await.expect(403);
        world.app.post_on(who, &capacity, "\"1-full\"", &room).await.expect(403);
    }
    // Taking an organisation's services over to another one's takes keeping both.
    let moved = with(youth.clone(), json!({ "organisation_id": charity }));
    world.app.post_on(&manager, &details, "\"1-full\"", &moved).await.expect(403);
    let full = world.app.post_on(&manager, &capacity, "\"1-full\"", &room).await.expect(200);
    assert_eq!((&full.body["status"], &full.body["free"]), (&json!("full"), &json!(0)), "its places counted");
    world.app.post_on(&manager, &capacity, "\"1-full\"", &room).await.expect(412);
    let path = format!("/v1/organisations/{council}/details");
    let renamed = with(own, json!({ "name": "The County Council" }));
    world.app.post_on(&other, &path, "\"1-full\"", &renamed).await.expect(403);
    world
        .app
        .post_on(&manager, &path, "\"1-full\"", &with(renamed.clone(), json!({ "agency": "police" })))
        .await
        .expect(403);
    world.app.post_on(&manager, &path, "\"1-full\"", &renamed).await.expect(200);
    assert_eq!(
        world.app.get(&other, &format!("/v1/organisations/{council}")).await.expect(200).body["name"],
        "The County Council"
    );
    let listed = world.app.get(&world.school, "/v1/organisations?limit=2").await.expect(200);
    assert_eq!(names(&listed), ["Charity", "Else"]);
    let next = format!("/v1/organisations?limit=2&cursor={}", listed.body["next"].as_str().unwrap());
    assert_eq!(names(&world.app.get(&world.school, &next).await.expect(200)), ["The County Council"]);
}

#[actix_web::test]
async fn the_database_alone_keeps_others_from_changing_it() {
    let world = World::new().await;
    let charity = charity(&world, "Charity").await;
    let id = added(&world, &advice(&charity, "Debt advice")).await.id();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    for scopes in ["agency:county-council front-door", "agency:police agency-administration:police"] {
        let context = format!(
            "BEGIN; SET LOCAL app.actor = '{id}'; SET LOCAL app.agency = 'police'; SET LOCAL app.scopes = '{scopes}'; \
             SET LOCAL app.now = '2026-11-22T00:00:00Z'"
        );
        web.batch_execute(&context).await.unwrap();
        let touched = sql_query("UPDATE directory_service SET name = 'x'").execute(&mut web).await.unwrap();
        let gone = sql_query("DELETE FROM service_contact").execute(&mut web).await.unwrap();
        assert_eq!((touched, gone), (0, 0), "{scopes}");
        let insert = "INSERT INTO organisation VALUES (gen_random_uuid(), 'x', 'x', NULL, NULL, NULL, NULL, NULL, now(), now(), 1)";
        assert!(web.batch_execute(insert).await.is_err(), "{scopes}");
        web.batch_execute("ROLLBACK").await.unwrap();
    }
}

#[actix_web::test]
async fn every_wrong_field_is_named_at_once() {
    let world = World::new().await;
    let charity = charity(&world, "Charity").await;
    let wrong = with(
        advice(&charity, "Wrong"),
        json!({
            "kind": "dragons", "service": "dragons", "delivery": ["by-owl"], "languages": ["English"],
            "eligibility": { "minimum_age": 12, "maximum_age": 4, "districts": ["atlantis"], "needs": ["gold"], "levels": [5] },
            "capacity": { "taken": 3 }, "assured_on": "2999-01-01",
            "contacts": [{ "title": "Nobody" }],
            "schedules": [{ "days": ["XX", "2MO"], "opens_at": "12:00", "closes_at": "11:00", "every": 2,
                            "starts_on": "2026-02-01", "ends_on": "2026-01-01" }, { "days": [], "every": 2 }],
            "locations": [{ "name": "Nowhere", "kind": "physical", "latitude": 1.0 },
                          { "name": "Hall", "kind": "physical", "address": { "line": "1", "town": "T", "county": "C", "postcode": "NOPE" },
                            "accessibility": [" "] }]
        }),
    );
    let refused = world.app.post(&administrator(), "/v1/services", &wrong).await.expect(422);
    assert_eq!(
        refused.pointers(),
        [
            "/assured_on",
            "/capacity/places",
            "/contacts/0",
            "/delivery/0",
            "/eligibility/districts/0",
            "/eligibility/levels/0",
            "/eligibility/maximum_age",
            "/eligibility/needs/0",
            "/kind",
            "/languages/0",
            "/locations/0/address",
            "/locations/0/longitude",
            "/locations/1/accessibility/0",
            "/locations/1/address/postcode",
            "/schedules/0/closes_at",
            "/schedules/0/days/0",
            "/schedules/0/days/1",
            "/schedules/0/ends_on",
            "/schedules/1/starts_on",
            "/service",
        ]
    );
    for (fields, pointer) in [
        (json!({ "url": "javascript:alert(1)" }), "/url"),
        (json!({ "email": "not an address" }), "/email"),
        (json!({ "name": "  " }), "/name"),
        (json!({ "capacity": { "places": -1 } }), "/capacity/places"),
        (json!({ "organisation_id": "0198c0de-0000-7000-8000-000000000001" }), "/organisation_id"),
        (json!({ "colour": "blue" }), "/colour"),
        (json!({ "contacts": [{ "title": "x", "telephone": "<b>" }] }), "/contacts/0/telephone"),
        (json!({ "schedules": [{ "days": ["MO"], "opens_at": "9am" }] }), "/schedules/0/opens_at"),
    ] {
        let refused = world.app.post(&administrator(), "/v1/services", &with(advice(&charity, "Wrong"), fields)).await;
        assert_eq!(refused.expect(422).pointers(), [pointer]);
    }
    assert_eq!(names(&world.app.get(&world.officer, "/v1/services").await), Vec::<&str>::new());
}

#[actix_web::test]
async fn the_list_is_narrowed_by_what_is_asked() {
    let world = World::new().await;
    let charity = charity(&world, "Juniper Trust").await;
    let debt = advice(&charity, "Debt advice");
    added(&world, &debt).await;
    let group = json!({ "organisation_id": charity, "name": "Stay and play", "description": "A group for little ones.",
        "kind": "group", "eligibility": { "maximum_age": 4 }, "capacity": { "places": 8, "taken": 8 } });
    added(&world, &group).await;
    added(
        &world,
        &with(
            group.clone(),
            json!({ "name": "Play in Melton", "status": "closed", "capacity": {},
        "eligibility": { "maximum_age": 4, "districts": ["melton"], "levels": [2] } }),
        ),
    )
    .await;
    let (all, some) = (["Play in Melton", "Stay and play", "Debt advice"], |list: &[&'static str]| list.to_vec());
    for (query, expected) in [
        ("", some(&all)),
        ("?district=charnwood", some(&["Stay and play", "Debt advice"])),
        ("?district=melton", some(&["Play in Melton", "Stay and play"])),
        ("?need=financial-stability", some(&all)),
        ("?need=good-education", some(&["Play in Melton", "Stay and play"])),
        ("?age=4", some(&["Play in Melton", "Stay and play"])),
        ("?age=16", some(&["Debt advice"])),
        ("?level=3", some(&["Stay and play", "Debt advice"])),
        ("?kind=group", some(&["Play in Melton", "Stay and play"])),
        ("?status=full", some(&["Stay and play"])),
        ("?status=open", some(&["Debt advice"])),
        ("?status=closed", some(&["Play in Melton"])),
        ("?text=PLAY%20juniper", some(&["Play in Melton", "Stay and play"])),
        ("?text=rent%20arrears", some(&["Debt advice"])),
        ("?text=%25", some(&[])),
        ("?kind=group&district=charnwood&age=2", some(&["Stay and play"])),
    ] {
        assert_eq!(
            names(&world.app.get(&world.charnwood, &format!("/v1/services{query}")).await.expect(200)),
            expected,
            "{query}"
        );
    }
    let of = format!("/v1/services?organisation={charity}&limit=2");
    let first = world.app.get(&world.school, &of).await.expect(200);
    assert_eq!(names(&first), all[..2]);
    let rest = world.app.get(&world.school, &format!("{of}&cursor={}", first.body["next"].as_str().unwrap())).await;
    assert_eq!(names(&rest), all[2..]);
    for (query, name) in [
        ("age=old", "age"),
        ("level=5", "level"),
        ("status=lost", "status"),
        ("colour=blue", "colour"),
        ("organisation=x", "organisation"),
        ("cursor=x", "cursor"),
    ] {
        assert_eq!(world.app.get(&world.school, &format!("/v1/services?{query}")).await.expect(400).pointers(), [name]);
    }
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

#[actix_web::test]
async fn the_list_is_led_by_its_index() {
    let world = World::new().await;
    let charity = charity(&world, "Charity").await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(&format!(
        "INSERT INTO directory_service (id, organisation_id, name, description, kind, status, districts, needs, levels, delivery,
                languages, published, words, listed_at, changed_at, version)
         SELECT gen_random_uuid(), '{charity}', 'Service ' || n, 'x', 'group', 'open', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', true,
                'service ' || n, '2026-01-01'::timestamptz + n * interval '1 second', '2026-01-01', 1
         FROM generate_series(1, 5000) n;
         ANALYZE"
    ))
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!("BEGIN; SET LOCAL app.actor = '{charity}'")).await.unwrap();
    let text = referral_service::directory::LIST.clone();
    let bound = (1..=11).rev().fold(text, |text, n| {
        let value = [
            "'9999-12-31'::timestamptz",
            "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid",
            "21",
            "'melton'::text",
            "NULL",
            "7::int2",
            "NULL",
            "NULL",
            "NULL",
            "NULL",
            "'{}'",
        ];
        text.replace(&format!("${n}"), value[n - 1])
    });
    let lines: Vec<Line> = sql_query(format!("EXPLAIN {bound}")).load(&mut web).await.unwrap();
    let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
    assert!(plan.contains("directory_service_listed"), "{plan}");
    assert!(!plan.contains("Seq Scan on directory_service"), "{plan}");
}

#[actix_web::test]
async fn the_demonstration_s_services_are_taken_as_they_stand() {
    let world = World::new().await;
    let offers: Value = serde_json::from_str(include_str!("../../../stack/demonstration/services.json")).unwrap();
    for offer in offers.as_array().unwrap() {
        let made = world.app.post(&administrator(), "/v1/organisations", &offer["organisation"]).await.expect(201);
        for service in offer["services"].as_array().unwrap() {
            added(&world, &with(service.clone(), json!({ "organisation_id": made.id() }))).await;
        }
    }
    let asked = json!({ "needs": ["financial-stability", "secure-housing"], "level_of_need": 3,
                        "people": [{ "age": 7 }, { "age": 34 }], "locality": "charnwood", "limit": 3 });
    let best = world.app.post(&world.charnwood, "/v1/services/matches", &asked).await.expect(200);
    let found: Vec<&str> =
        best.body["items"].as_array().unwrap().iter().map(|item| item["service"]["name"].as_str().unwrap()).collect();
    assert_eq!(found, ["Intensive family support", "Debt and benefits advice", "Step into work"]);
    assert_eq!(best.body["considered"], 25);
}
