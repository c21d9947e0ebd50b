//! The published feed, held to the schemas of Open Referral UK 3.0 and to what the standard says.

use std::path::Path;

use reqwest::Method;
use serde_json::{Value, json};
use shared::testing::Reply;

use crate::directory::{added, administrator, advice, charity, with};
use crate::world::World;

/// A schema of the standard with everything it refers to put in its place.
fn schema(name: &str) -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/open-referral-uk").join(name);
    // One that the profile refers to and does not publish says nothing.
    let text = std::fs::read_to_string(file).unwrap_or_else(|_| "{}".to_owned());
    inlined(serde_json::from_str(&text).unwrap())
}

fn inlined(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => match fields.remove("$ref") {
            Some(other) => schema(other.as_str().unwrap()),
            None => Value::Object(fields.into_iter().map(|(name, field)| (name, inlined(field))).collect()),
        },
        Value::Array(items) => Value::Array(items.into_iter().map(inlined).collect()),
        other => other,
    }
}

#[track_caller]
fn holds(name: &str, value: &Value) {
    let validator = jsonschema::options().should_validate_formats(true).build(&schema(name)).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}\n{value:#}");
}

/// The page, as the profile has it.
#[track_caller]
fn holds_page(name: &str, page: &Value) {
    for field in ["total_items", "total_pages", "page_number", "size"] {
        assert!(page[field].is_u64(), "{field} of {page:#}");
    }
    for field in ["first_page", "last_page", "empty"] {
        assert!(page[field].is_boolean(), "{field} of {page:#}");
    }
    let contents = page["contents"].as_array().unwrap();
    assert_eq!(page["size"].as_u64().unwrap(), u64::try_from(contents.len()).unwrap());
    assert_eq!(page["empty"], contents.is_empty());
    contents.iter().for_each(|item| holds(name, item));
}

async fn anyone(world: &World, path: &str) -> Reply {
    world.app.send(Method::GET, &format!("/open-referral{path}"), &[], None).await
}

/// The county's services as the demonstration has them, and one that is not published.
async fn county(world: &World) -> String {
    let offers: Value = serde_json::from_str(include_str!("../../../stack/demonstration/services.json")).unwrap();
    for offer in offers.as_array().unwrap() {
        let made = world.app.post(&administrator(), "/v1/organisations", &offer["organisation"]).await.expect(201);
        for service in offer["services"].as_array().unwrap() {
            added(world, &with(service.clone(), json!({ "organisation_id": made.id() }))).await;
        }
    }
    let charity = charity(world, "Charity").await;
    added(world, &with(advice(&charity, "Secret advice"), json!({ "published": false }))).await.id()
}

#[actix_web::test]
async fn all_nine_addresses_answer_anyone_as_the_schemas_say() {
    let world = World::new().await;
    let secret = county(&world).await;
    for root in ["", "/"] {
        let meta = anyone(&world, root).await.expect(200).body;
        assert_eq!(meta["version"], "HSDS-UK-3.0");
        assert_eq!(meta["openapi_url"], "http://threshold.test/openapi.json");
        assert!(meta["profile"].as_str().unwrap().starts_with("https://"));
    }
    let services = anyone(&world, "/services").await.expect(200).body;
    holds_page("service.json", &services);
    assert_eq!((&services["total_items"], &services["total_pages"]), (&json!(25), &json!(1)));
    assert_eq!((&services["first_page"], &services["last_page"]), (&json!(true), &json!(true)));
    for line in services["contents"].as_array().unwrap() {
        assert!(line["url"].as_str().unwrap().starts_with("http"), "the profile's list wants a url of each");
        assert_eq!(line.get("schedules"), None, "a list has what there is one of");
        holds("organization.json", &line["organization"]);
        let whole = anyone(&world, &format!("/services/{}", line["id"].as_str().unwrap())).await.expect(200).body;
        holds("service.json", &whole);
        assert_eq!(whole["name"], line["name"]);
        assert!(!whole["service_areas"].as_array().unwrap().is_empty());
        assert_eq!(whole["contacts"][0].get("name"), None, "no person");
    }
    anyone(&world, &format!("/services/{secret}")).await.expect(404);
    let places = anyone(&world, "/service_at_locations").await.expect(200).body;
    holds_page("service_at_location.json", &places);
    assert_eq!(places["total_items"], 8);
    for line in places["contents"].as_array().unwrap() {
        holds("service.json", &line["service"]);
        let one =
            anyone(&world, &format!("/service_at_locations/{}", line["id"].as_str().unwrap())).await.expect(200).body;
        holds("service_at_location.json", &one);
        holds("service.json", &one["service"]);
        // The profile's file names the schema of a service for this address too.
        holds("service.json", &one);
        assert!(one["service"]["schedules"].is_array());
    }
    let taxonomies = anyone(&world, "/taxonomies").await.expect(200).body;
    holds_page("taxonomy.json", &taxonomies);
    for line in taxonomies["contents"].as_array().unwrap() {
        let one = anyone(&world, &format!("/taxonomies/{}", line["id"].as_str().unwrap())).await.expect(200).body;
        holds("taxonomy.json", &one);
        assert!(!one["taxonomy_terms"].as_array().unwrap().is_empty());
    }
    let terms = anyone(&world, "/taxonomy_terms?per_page=100").await.expect(200).body;
    holds_page("taxonomy_term.json", &terms);
    for line in terms["contents"].as_array().unwrap() {
        let one = anyone(&world, &format!("/taxonomy_terms/{}", line["id"].as_str().unwrap())).await.expect(200).body;
        assert_eq!(&one, line);
    }
}

#[actix_web::test]
async fn a_service_is_turned_as_the_standard_has_it() {
    let world = World::new().await;
    let charity = charity(&world, "Charity").await;
    let form = with(
        advice(&charity, "Debt advice"),
        json!({ "capacity": { "places": 3, "taken": 3, "waiting_days": 20 }, "alert": "Closed on Friday.", "url": null,
                "costs": [{ "option": "Everybody", "pence": 150, "note": "a session" }] }),
    );
    let id = added(&world, &form).await.id();
    let whole = anyone(&world, &format!("/services/{id}")).await.expect(200).body;
    assert_eq!(whole["status"], "active", "a full service is not closed");
    assert_eq!(whole["alert"], "Closed on Friday. Full at present; about 20 days' wait.");
    assert_eq!(whole["url"], format!("http://threshold.test/open-referral/services/{id}"));
    assert_eq!((&whole["minimum_age"], whole.get("maximum_age")), (&json!(16), None));
    assert_eq!(whole["cost_options"][0]["amount"], 1.5);
    assert_eq!(whole["service_areas"][0]["name"], "Charnwood");
    assert_eq!(whole["contacts"][0]["phones"][0]["number"], "01632 960111");
    let codes: Vec<&str> =
        whole["languages"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["en", "gu"]);
    let (everywhere, there) = (&whole["schedules"][0], &whole["schedules"][1]);
    assert_eq!(everywhere.get("service_at_location_id"), None);
    assert_eq!(there["service_at_location_id"], whole["service_at_locations"][0]["id"]);
    assert_eq!((&there["freq"], &there["interval"], &there["byday"]), (&json!("WEEKLY"), &json!(1), &json!("TU,TH")));
    let opens = there["opens_at"].as_str().unwrap();
    assert!(["10:00Z", "10:00+01:00"].contains(&opens), "{opens}");
    let address = &whole["service_at_locations"][0]["location"]["addresses"][0];
    assert_eq!((&address["postal_code"], &address["country"]), (&json!("LE11 0ZZ"), &json!("GB")));
    let terms: Vec<&str> = whole["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["taxonomy_term"]["code"].as_str().unwrap())
        .collect();
    assert_eq!(terms, ["debt-advice", "financial-stability", "secure-housing", "drop-in"]);
    let closed = json!({ "status": "closed" });
    world
        .app
        .post_on(&administrator(), &format!("/v1/services/{id}/capacity"), "\"1-full\"", &closed)
        .await
        .expect(200);
    let again = anyone(&world, &format!("/services/{id}")).await.expect(200).body;
    assert_eq!(again["status"], "inactive");
    assert!(again["last_modified"].as_str().unwrap() > whole["last_modified"].as_str().unwrap());
    for (part, same) in [("languages", true), ("attributes", true), ("schedules", true)] {
        assert_eq!(again[part] == whole[part], same, "ids stay the same: {part}");
    }
}

async fn names(world: &World, path: &str) -> Vec<String> {
    let page = anyone(world, path).await.expect(200).body;
    let name = |item: &Value| item.pointer("/service/name").unwrap_or(&item["name"]).as_str().unwrap().to_owned();
    let mut names: Vec<String> = page["contents"].as_array().unwrap().iter().map(name).collect();
    assert_eq!(page["total_items"].as_u64().unwrap(), u64::try_from(names.len()).unwrap(), "{path}");
    names.sort();
    names
}

#[actix_web::test]
async fn filters_hold_all_at_once() {
    let world = World::new().await;
    county(&world).await;
    let terms = anyone(&world, "/taxonomy_terms?per_page=100").await.body;
    let term = |code: &str| {
        let all = terms["contents"].as_array().unwrap();
        all.iter().find(|one| one["code"] == code).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let taxonomies = anyone(&world, "/taxonomies").await.body;
    let needs = taxonomies["contents"][0]["id"].as_str().unwrap().to_owned();
    let everything = names(&world, "/services").await;
    assert_eq!(names(&world, "/services?search=eviction").await, ["Housing and eviction advice"]);
    assert_eq!(names(&world, "/services?search=juniper%20DEBTS").await, ["Debt and benefits advice"]);
    assert_eq!(
        names(&world, &format!("/services?taxonomy_term_id={}", term("substance-misuse"))).await,
        ["Drugs and alcohol: adults", "Drugs and alcohol: young people"]
    );
    let young = format!("/services?taxonomy_term_id={}&maximum_age=17", term("substance-use"));
    assert_eq!(names(&world, &young).await, ["Drugs and alcohol: young people"]);
    let without: Vec<String> = everything
        .iter()
        .filter(|name| {
            !["Short breaks for disabled children", "Saturday group for young carers"].contains(&name.as_str())
        })
        .cloned()
        .collect();
    assert_eq!(names(&world, &format!("/services?taxonomy_id={needs}")).await, without);
    assert_eq!(
        names(&world, "/services?minimum_age=18").await,
        ["Drugs and alcohol: adults", "Parenting a teenager", "Parenting through change"]
    );
    assert_eq!(names(&world, "/services?maximum_age=2").await, ["0 to 2 pathway", "Baby group, Hinckley"]);
    assert_eq!(names(&world, "/services?day=TH&start_time=17:00").await, ["Youth club on Thursdays, Melton"]);
    assert_eq!(
        names(&world, "/services?day=wednesday&end_time=13:00:00Z").await,
        ["Baby group, Hinckley", "Debt and benefits advice"]
    );
    assert_eq!(
        names(&world, "/service_at_locations?day=WE&end_time=13:00").await,
        ["Baby group, Hinckley", "Debt and benefits advice"]
    );
    // Juniper Street is open on Tuesdays, its morning in Coalville is not.
    assert_eq!(names(&world, "/service_at_locations?day=TU&search=debts").await, ["Debt and benefits advice"]);
    assert_eq!(names(&world, "/services?modified_after=2999-01-01T00:00:00Z").await, Vec::<String>::new());
    assert_eq!(names(&world, "/services?modified_after=2020-01-01T00:00:00Z").await, everything);
    let first = anyone(&world, "/services?per_page=1").await.body["contents"][0].clone();
    let of = format!("/services?organization_id={}", first["organization_id"].as_str().unwrap());
    assert_eq!(names(&world, &of).await, ["Drugs and alcohol: adults", "Drugs and alcohol: young people"]);
    for unknown in ["taxonomy_term_id", "taxonomy_id", "organization_id"] {
        let path = format!("/services?{unknown}=0198c0de-0000-7000-8000-000000000001");
        assert_eq!(names(&world, &path).await, Vec::<String>::new(), "{unknown}");
    }
}

#[actix_web::test]
async fn services_are_found_near_a_postcode() {
    let world = World::new().await;
    county(&world).await;
    let loughborough = [
        "Debt and benefits advice",
        "Debt and benefits advice",
        "Drugs and alcohol: adults",
        "Parenting a teenager",
        "Stay and play, Loughborough",
    ];
    assert_eq!(
        names(&world, "/service_at_locations?postcode=LE11%203TU").await,
        loughborough,
        "its district's, and the whole county's"
    );
    assert_eq!(
        names(&world, "/service_at_locations?postcode=le113tu&proximity=2000").await,
        ["Debt and benefits advice", "Drugs and alcohol: adults", "Stay and play, Loughborough"]
    );
    assert_eq!(
        names(&world, "/service_at_locations?postcode=LE10&proximity=5000").await,
        ["Baby group, Hinckley", "Food bank and warm space"]
    );
    assert_eq!(
        names(&world, "/service_at_locations?postcode=EH1%201YZ").await,
        Vec::<String>::new(),
        "not of the county"
    );
    let alone = anyone(&world, "/service_at_locations?proximity=2000").await.expect(400);
    assert_eq!(alone.pointers(), ["postcode"]);
}

#[actix_web::test]
async fn pages_go_by_number_and_end() {
    let world = World::new().await;
    county(&world).await;
    let mut seen = Vec::new();
    for number in 1..=4 {
        let page = anyone(&world, &format!("/services?page={number}&per_page=8")).await.expect(200).body;
        holds_page("service.json", &page);
        assert_eq!(
            (&page["total_items"], &page["total_pages"], &page["page_number"]),
            (&json!(25), &json!(4), &json!(number))
        );
        assert_eq!((&page["first_page"], &page["last_page"]), (&json!(number == 1), &json!(number == 4)));
        seen.extend(page["contents"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()));
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25, "each once");
    let beyond = anyone(&world, "/services?page=5&per_page=8").await.expect(200).body;
    assert_eq!((&beyond["size"], &beyond["empty"], &beyond["last_page"]), (&json!(0), &json!(true), &json!(true)));
    let none = anyone(&world, "/services?search=dragons").await.expect(200).body;
    assert_eq!(
        (&none["total_items"], &none["total_pages"], &none["first_page"], &none["empty"]),
        (&json!(0), &json!(0), &json!(true), &json!(true))
    );
}

#[actix_web::test]
async fn what_is_asked_wrongly_is_named() {
    let world = World::new().await;
    for (path, parameter) in [
        ("/services?page=0", "page"),
        ("/services?page=-1", "page"),
        ("/services?page=99999999999999999999", "page"),
        ("/services?per_page=101", "per_page"),
        ("/services?per_page=x", "per_page"),
        ("/services?minimum_age=NaN", "minimum_age"),
        ("/services?maximum_age=old", "maximum_age"),
        ("/services?start_time=nine", "start_time"),
        ("/services?end_time=25:00", "end_time"),
        ("/services?day=Moonday", "day"),
        ("/services?taxonomy_id=x", "taxonomy_id"),
        ("/services?modified_after=yesterday", "modified_after"),
        ("/services?postcode=LE11", "postcode"),
        ("/services?colour=blue", "colour"),
        ("/services?page=1&page=2", "page"),
        ("/taxonomies?search=x", "search"),
        ("/taxonomy_terms?taxonomy_id=x", "taxonomy_id"),
        ("/service_at_locations?postcode=nowhere", "postcode"),
        ("/service_at_locations?postcode=LE11&proximity=near", "proximity"),
        ("/services/0198c0de-0000-7000-8000-000000000001?full=true", "full"),
    ] {
        let refused = anyone(&world, path).await.expect(400);
        assert_eq!(refused.pointers(), [parameter], "{path}");
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    }
    for path in [
        "/services/0198c0de-0000-7000-8000-000000000001",
        "/services/x",
        "/taxonomies/x",
        "/taxonomy_terms/0198c0de-0000-7000-8000-000000000001",
        "/service_at_locations/x",
        "/organizations",
        "/services/x/y",
    ] {
        anyone(&world, path).await.expect(404);
    }
    world.app.send(Method::POST, "/open-referral/services", &[], None).await.expect(405);
}
