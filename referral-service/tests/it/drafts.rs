//! Drafts: one's own, unjudged until they are sent, gone when they are.

use chrono::TimeDelta;
use reqwest::Method;
use serde_json::{Value, json};
use shared::testing::{Person, Reply};

use crate::world::World;

const DRAFTS: &str = "/v1/referral-drafts";

async fn begun(world: &World, form: &Value) -> Reply {
    world.app.post(&world.school, DRAFTS, &json!({ "title": "Juniper", "form": form })).await.expect(201)
}

async fn send(
    world: &World,
    who: &Person,
    method: Method,
    path: &str,
    etag: Option<&str>,
    key: &str,
    body: &Value,
) -> Reply {
    let bearer = format!("Bearer {}", world.app.tokens.token(who));
    let mut headers =
        vec![("authorization", bearer.as_str()), ("idempotency-key", key), ("content-type", "application/json")];
    headers.extend(etag.map(|etag| ("if-match", etag)));
    let body = (method != Method::DELETE).then(|| body.to_string().into_bytes());
    world.app.send(method, path, &headers, body).await
}

#[actix_web::test]
async fn a_draft_takes_any_part_of_the_form_and_says_what_is_still_missing() {
    let world = World::new().await;
    let half = json!({ "people": [{ "relation": "child", "given_name": "Juniper" }], "shoe_size": 3 });
    let draft = begun(&world, &half).await;
    assert_eq!((&draft.body["form"], &draft.body["title"]), (&half, &json!("Juniper")));
    let pointers: Vec<&str> =
        draft.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    for missing in ["/referrer", "/worries", "/people/0/family_name", "/shoe_size"] {
        assert!(pointers.contains(&missing), "{missing} not in {pointers:?}");
    }
    let path = format!("{DRAFTS}/{}", draft.id());
    let whole = json!({ "form": World::form() });
    let changed = send(&world, &world.school, Method::PUT, &path, Some(&draft.etag()), "k1", &whole).await.expect(200);
    assert_eq!((&changed.body["errors"], changed.body.get("title")), (&json!([]), None));
    assert_eq!(changed.body["warnings"][0]["pointer"], "/consent");
    assert_ne!(changed.etag(), draft.etag());
    let read = world.app.get(&world.school, &path).await.expect(200);
    assert_eq!((&read.body, read.etag()), (&changed.body, changed.etag()));
    // Nothing has been sent: no referral, and the index knows nobody.
    assert_eq!(world.app.get(&world.officer, "/v1/referrals").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn a_draft_is_its_author_s_alone() {
    let world = World::new().await;
    let draft = begun(&world, &World::form()).await;
    let path = format!("{DRAFTS}/{}", draft.id());
    let mut colleague = world.school.clone();
    colleague.id = uuid::Uuid::now_v7();
    for stranger in [&colleague, &world.other_school, &world.officer, &world.manager, &world.governance] {
        world.app.get(stranger, &path).await.expect(404);
        let nothing = json!({});
        send(&world, stranger, Method::PUT, &path, Some(&draft.etag()), "k", &json!({ "form": {} })).await.expect(404);
        send(&world, stranger, Method::DELETE, &path, Some(&draft.etag()), "k", &nothing).await.expect(404);
        let submission = format!("{path}/submission");
        send(&world, stranger, Method::POST, &submission, Some(&draft.etag()), "k", &nothing).await.expect(404);
    }
    assert_eq!(world.app.get(&colleague, DRAFTS).await.expect(200).body["items"], json!([]));
    world.app.get(&world.analyst, DRAFTS).await.expect(403);
    world.app.post(&world.analyst, DRAFTS, &json!({ "form": {} })).await.expect(403);
    world.app.get(&world.school, &path).await.expect(200);
}

#[actix_web::test]
async fn a_list_of_drafts_is_paged_newest_first() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, begun(&world, &json!({})).await.id());
    }
    let first = world.app.get(&world.school, &format!("{DRAFTS}?limit=2")).await.expect(200);
    let second = format!("{DRAFTS}?limit=2&cursor={}", first.body["next"].as_str().unwrap());
    let second = world.app.get(&world.school, &second).await.expect(200);
    let all = [&first.body["items"], &second.body["items"]].map(|items| items.as_array().unwrap().clone()).concat();
    assert_eq!(all.iter().map(|one| one["id"].as_str().unwrap()).collect::<Vec<_>>(), ids);
    assert!(all[0].get("form").is_none());
    world.app.get(&world.school, &format!("{DRAFTS}?colour=red")).await.expect(400);
}

#[actix_web::test]
async fn what_is_no_draft_is_refused() {
    let world = World::new().await;
    let long = json!({ "form": { "worries": "x".repeat(300_000) } });
    for (body, pointer) in [
        (json!({}), "/form"),
        (json!({ "form": [1] }), "/form"),
        (json!({ "form": "worries" }), "/form"),
        (json!({ "form": {}, "colour": 1 }), "/colour"),
        (json!({ "form": { "worries": "a\u{0}b" } }), "/form/worries"),
        (long, "/form"),
    ] {
        let refused = world.app.post(&world.school, DRAFTS, &body).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{}", refused.body);
    }
    world.app.get(&world.school, &format!("{DRAFTS}/not-an-id")).await.expect(404);
    let draft = begun(&world, &json!({})).await;
    let path = format!("{DRAFTS}/{}", draft.id());
    let body = json!({ "form": {} });
    send(&world, &world.school, Method::PUT, &path, None, "k1", &body).await.expect(428);
    send(&world, &world.school, Method::PUT, &path, Some("\"9-draft\""), "k2", &body).await.expect(412);
    send(&world, &world.school, Method::DELETE, &path, None, "k3", &body).await.expect(428);
}

#[actix_web::test]
async fn a_draft_that_is_taken_becomes_the_referral_and_is_gone() {
    let world = World::new().await;
    let draft = begun(&world, &World::form()).await;
    let path = format!("{DRAFTS}/{}", draft.id());
    let submission = format!("{path}/submission");
    let send_it = async || {
        send(&world, &world.school, Method::POST, &submission, Some(&draft.etag()), "one-key", &json!({})).await
    };
    let taken = send_it().await.expect(201);
    assert!(taken.header("location").unwrap().starts_with("/v1/referrals/"));
    let seen = world.app.get(&world.officer, &format!("/v1/referrals/{}", taken.id())).await.expect(200);
    assert_eq!(
        (&seen.body["contact"]["channel"], &seen.body["contact"]["worries"]),
        (&json!("form"), &World::form()["worries"])
    );
    world.app.get(&world.school, &path).await.expect(404);
    assert_eq!(world.app.get(&world.school, DRAFTS).await.expect(200).body["items"], json!([]));
    // The same request again is the same referral, although the draft is gone; another request finds nothing.
    let again = send_it().await.expect(201);
    assert_eq!((again.id(), &again.body), (taken.id(), &taken.body));
    send(&world, &world.school, Method::POST, &submission, Some(&draft.etag()), "other-key", &json!({}))
        .await
        .expect(404);
    assert_eq!(
        world.app.get(&world.officer, "/v1/referrals").await.expect(200).body["items"].as_array().unwrap().len(),
        1
    );
}

#[actix_web::test]
async fn a_draft_that_is_refused_is_kept_as_it_was() {
    let world = World::new().await;
    let mut form = World::form();
    form["people"][0]["birth_date"] = json!("2090-01-01");
    form["locality"] = json!("atlantis");
    let draft = begun(&world, &form).await;
    let path = format!("{DRAFTS}/{}", draft.id());
    let submission = format!("{path}/submission");
    let refused = world.app.post_on(&world.school, &submission, &draft.etag(), &json!({})).await.expect(422);
    assert_eq!(refused.pointers(), ["/locality", "/people/0/birth_date"]);
    assert_eq!(refused.body["errors"], draft.body["errors"], "the draft said so before");
    let kept = world.app.get(&world.school, &path).await.expect(200);
    assert_eq!((&kept.body["form"], kept.etag()), (&form, draft.etag()));
    world.app.post(&world.school, &submission, &json!({})).await.expect(428);
    world.app.post_on(&world.school, &submission, &draft.etag(), &json!({ "x": 1 })).await.expect(422);
    // What one may not tell at all.
    let mut listing = World::form();
    listing["kind"] = json!("hub_listing");
    let draft = begun(&world, &listing).await;
    assert_eq!(draft.body["errors"][0]["code"], "not_allowed");
    let submission = format!("{DRAFTS}/{}/submission", draft.id());
    world.app.post_on(&world.school, &submission, &draft.etag(), &json!({})).await.expect(403);
}

#[actix_web::test]
async fn a_draft_is_removed_once_and_a_retry_hears_the_same() {
    let world = World::new().await;
    let draft = begun(&world, &World::form()).await;
    let path = format!("{DRAFTS}/{}", draft.id());
    for _ in 0..2 {
        let removed =
            send(&world, &world.school, Method::DELETE, &path, Some(&draft.etag()), "k", &json!({})).await.expect(204);
        assert_eq!(removed.body, Value::Null);
    }
    send(&world, &world.school, Method::DELETE, &path, Some(&draft.etag()), "k2", &json!({})).await.expect(404);
    world.app.get(&world.school, &path).await.expect(404);
}

#[actix_web::test]
async fn a_draft_past_its_time_is_hidden_at_once_and_then_removed() {
    let world = World::new().await;
    let old = begun(&world, &World::form()).await;
    let kept = begun(&world, &World::form()).await;
    world.app.advance(TimeDelta::days(20));
    let kept_path = format!("{DRAFTS}/{}", kept.id());
    let changed =
        send(&world, &world.school, Method::PUT, &kept_path, Some(&kept.etag()), "k", &json!({ "form": {} })).await;
    assert_ne!(changed.expect(200).body["expires_at"], kept.body["expires_at"], "it has its full time again");
    world.app.advance(TimeDelta::days(31));
    world.app.get(&world.school, &format!("{DRAFTS}/{}", old.id())).await.expect(404);
    let list = world.app.get(&world.school, DRAFTS).await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    let mut worker = world.app.background.connection().await.unwrap();
    let now = world.app.background.now();
    assert_eq!(referral_service::draft::expiry::remove_expired(&mut worker, now).await.unwrap(), 1);
    assert_eq!(referral_service::draft::expiry::remove_expired(&mut worker, now).await.unwrap(), 0);
    world.app.get(&world.school, &kept_path).await.expect(200);
}
