//! Whatever is sent: a problem document that names each fault, and nothing stored.

use reqwest::Method;
use serde_json::{Value, json};

use crate::world::World;

async fn stored(world: &World) -> usize {
    world.app.get(&world.officer, "/v1/referrals?limit=100").await.expect(200).body["items"].as_array().unwrap().len()
}

#[actix_web::test]
async fn every_offending_field_is_pointed_at() {
    let world = World::new().await;
    let with = |pointer: &str, value: Value| {
        let mut form = World::form();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        form.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value);
        form
    };
    let tomorrow = (chrono::Utc::now() + chrono::TimeDelta::days(1)).to_rfc3339();
    let next_year = (chrono::Utc::now() + chrono::TimeDelta::days(365)).date_naive().to_string();
    let cases = [
        (with("/made_at", json!(tomorrow)), "/made_at"),
        (with("/made_at", json!("2019-01-01T00:00:00Z")), "/made_at"),
        (with("/made_at", json!("yesterday")), "/made_at"),
        (with("/people/0/birth_date", json!(next_year)), "/people/0/birth_date"),
        (with("/people/0/birth_date", json!("2019-02-30")), "/people/0/birth_date"),
        (with("/people/0/birth_date", json!("1980-01-01")), "/people/0/birth_date"),
        (with("/people/1/birth_date", json!("1850-01-01")), "/people/1/birth_date"),
        (with("/people/0/relation", json!("dragon")), "/people/0/relation"),
        (with("/people/0/relation", json!("parent")), "/people"),
        (with("/people/0/given_name", json!("")), "/people/0/given_name"),
        (with("/people/0/given_name", json!("  ")), "/people/0/given_name"),
        (with("/people/0/shoe_size", json!(3)), "/people/0/shoe_size"),
        (with("/people/0/family_name", json!("a\u{0}b")), "/people/0/family_name"),
        (with("/people", json!([])), "/people"),
        (with("/concerns", json!([])), "/concerns"),
        (with("/concerns", json!(["not-attending-school"])), "/concerns/0"),
        (with("/concerns", json!(["Not A Code"])), "/concerns/0"),
        (with("/locality", json!("atlantis")), "/locality"),
        (with("/worries", json!(1.797e308)), "/worries"),
        (with("/worries", json!(null)), "/worries"),
        (with("/worries", json!("x".repeat(20_001))), "/worries"),
        (with("/referrer", json!("Ms A")), "/referrer"),
        (with("/extra", json!(1)), "/extra"),
    ];
    for (form, pointer) in cases {
        let refused = world.app.post(&world.school, "/v1/referrals", &form).await.expect(422);
        assert!(refused.pointers().contains(&pointer.to_owned()), "{pointer}: {}", refused.body);
        assert_eq!(refused.header("content-type"), Some("application/problem+json"));
    }
    let several =
        json!({ "referrer": { "name": "A" }, "people": [{ "relation": "child" }], "concerns": ["x"], "worries": 7 });
    let refused = world.app.post(&world.school, "/v1/referrals", &several).await.expect(422);
    assert_eq!(refused.pointers(), ["/people/0/family_name", "/people/0/given_name", "/referrer/role", "/worries"]);
    assert_eq!(stored(&world).await, 0);
}

#[actix_web::test]
async fn what_is_no_json_no_utf8_or_too_large_is_refused_and_not_stored() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.school));
    let send = |body: Vec<u8>, media: &'static str| {
        let (world, bearer) = (&world, &bearer);
        async move {
            let key = uuid::Uuid::now_v7().to_string();
            let headers =
                [("authorization", bearer.as_str()), ("idempotency-key", key.as_str()), ("content-type", media)];
            world.app.send(Method::POST, "/v1/referrals", &headers, Some(body)).await
        }
    };
    let form = World::form().to_string().into_bytes();
    send(b"{\"referrer\":".to_vec(), "application/json").await.expect(400);
    send(Vec::new(), "application/json").await.expect(400);
    send(b"[1,2]".to_vec(), "application/json").await.expect(422);
    send(b"null".to_vec(), "application/json").await.expect(422);
    send(vec![b'"', 0xff, 0xfe, b'"'], "application/json").await.expect(400);
    send("[".repeat(100_000).into_bytes(), "application/json").await.expect(400);
    send(vec![b'x'; 3 * 1024 * 1024], "application/json").await.expect(413);
    send(form.clone(), "text/plain").await.expect(415);
    assert_eq!(stored(&world).await, 0);
    send(form, "application/json; charset=utf-8").await.expect(201);
}

#[actix_web::test]
async fn headers_and_parameters_are_named_when_they_are_wrong() {
    let world = World::new().await;
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.officer));
    let form = World::form().to_string().into_bytes();
    let no_key = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let refused = world.app.send(Method::POST, "/v1/referrals", &no_key, Some(form.clone())).await.expect(400);
    assert_eq!(refused.pointers(), ["Idempotency-Key"]);
    for (query, name) in [
        ("cursor=rubbish", "cursor"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("status=lost", "status"),
        ("offset=5", "offset"),
        ("limit=2&limit=3", "limit"),
        ("status=%00", "status"),
    ] {
        let refused = world.app.get(&world.officer, &format!("/v1/referrals?{query}")).await.expect(400);
        assert_eq!(refused.pointers(), [name], "{query}");
    }
    let id = world.submitted().await.id();
    let path = format!("/v1/referrals/{id}/screening");
    world.app.post(&world.officer, &path, &json!({})).await.expect(428);
    for etag in ["*", "W/\"1-full\"", "\"1-full\", \"2-full\"", "1-full"] {
        world.app.post_on(&world.officer, &path, etag, &json!({})).await.expect(428);
    }
    world.app.post_on(&world.officer, &path, "\"7-full\"", &json!({})).await.expect(412);
    world.app.post_on(&world.officer, &path, "\"1-full\"", &json!({ "x": 1 })).await.expect(422);
    assert_eq!(world.status(&id).await, "received");
}

#[actix_web::test]
async fn a_wrong_method_is_405_and_a_wrong_address_404() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let bearer = format!("Bearer {}", world.app.tokens.token(&world.officer));
    let headers = [("authorization", bearer.as_str())];
    let wrong = world.app.send(Method::DELETE, &format!("/v1/referrals/{id}"), &headers, None).await.expect(405);
    assert_eq!(wrong.header("allow"), Some("GET"));
    world.app.send(Method::PUT, "/v1/referrals", &headers, None).await.expect(405);
    world.app.send(Method::GET, "/v1/dragons", &headers, None).await.expect(404);
    world.app.send(Method::GET, "/v1/referrals/not-an-id", &headers, None).await.expect(404);
    let unknown = world.app.send(Method::GET, "/v1/codes/dragons", &headers, None).await.expect(404);
    assert!(unknown.body["detail"].as_str().unwrap().contains("GET /v1/codes lists"), "{}", unknown.body);
}

#[actix_web::test]
async fn every_set_of_codes_is_listed_with_what_it_is_of() {
    let world = World::new().await;
    let sets = world.app.get(&world.school, "/v1/codes").await.expect(200).body;
    let sets = sets.as_array().unwrap();
    assert!(sets.len() > 40, "{sets:?}");
    let names: Vec<&str> = sets.iter().map(|set| set["set"].as_str().unwrap()).collect();
    assert!(names.is_sorted());
    for set in sets {
        let about = set["about"].as_str().unwrap();
        assert_eq!(about, format!("/v1/codes/{}", set["set"].as_str().unwrap()));
        let codes = world.app.get(&world.school, about).await.expect(200).body;
        assert_eq!(set["codes"], codes.as_array().unwrap().len(), "{about}");
    }
    let unnamed = "code c LEFT JOIN code_set s USING (set) WHERE s.set IS NULL";
    assert_eq!(crate::batches::count(&world, unnamed).await, 0, "each has a label of its own");
    assert_eq!(world.app.get(&world.school, "/v1/codes?on=1066-10-14").await.expect(200).body, json!([]));
    assert_eq!(world.app.get(&world.school, "/v1/codes?on=soon").await.expect(400).pointers(), ["on"]);
    assert_eq!(world.app.get(&world.school, "/v1/codes?set=concern").await.expect(400).pointers(), ["set"]);
}

#[actix_web::test]
async fn a_code_that_is_none_is_refused_with_where_the_set_is_read() {
    let world = World::new().await;
    let mut form = World::form();
    form["locality"] = json!("atlantis");
    form["people"][0]["ethnicity"] = json!("martian");
    let refused = world.app.post(&world.school, "/v1/referrals", &form).await.expect(422);
    for (error, set) in refused.body["errors"].as_array().unwrap().iter().zip(["locality", "ethnicity"]) {
        assert!(error["detail"].as_str().unwrap().contains(&format!("GET /v1/codes/{set}")), "{error}");
    }
    assert_eq!(refused.pointers(), ["/locality", "/people/0/ethnicity"]);
}

#[actix_web::test]
async fn a_body_that_does_not_come_holds_nothing_for_long() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new().await;
    let address = world.app.url.trim_start_matches("http://").to_owned();
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST /v1/referrals HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 10\r\n\
         authorization: Bearer {}\r\nidempotency-key: 1\r\n\r\n{{",
        world.app.tokens.token(&world.school)
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    let read = connection.read_exact(&mut answer);
    tokio::time::timeout(std::time::Duration::from_secs(15), read).await.expect("an answer in time").unwrap();
    assert_eq!(answer, b"HTTP/1.1 400");
}

#[test]
fn the_document_says_of_every_body_that_it_may_be_too_large_or_no_json() {
    let document = shared::openapi::document("x", "x", referral_service::routes).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let posts = paths.values().filter_map(|item| item.get("post")).filter(|post| post.get("requestBody").is_some());
    let mut seen = 0;
    for post in posts {
        for status in ["413", "415"] {
            assert!(post["responses"].get(status).is_some(), "{} lacks {status}", post["operationId"]);
        }
        seen += 1;
    }
    assert!(seen > 8);
}
