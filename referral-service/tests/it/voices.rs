//! What the family says, and its consent to have it told.

use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::assessments::{Begun, begun, content};
use crate::families::{days_ago, senior, today, youth_worker};
use crate::world::World;

const STUDIES: &str = "/v1/case-studies";

fn wish(begun: &Begun) -> Value {
    json!({ "said_on": today(), "whose": "child", "person_id": begun.child, "about": "wish",
            "words": "I, Juniper, want a garden. So does WILLOW." })
}

fn consent(person: &str, voices: &[&str], scope: &str) -> Value {
    let mut body = json!({ "person_id": person, "given_on": today(), "scope": scope, "how": "In person, with the mother.", "voices": voices });
    if scope != "anonymous" {
        body["credited_as"] = json!("Juniper, 7");
    }
    body
}

async fn said(world: &World, begun: &Begun) -> String {
    let path = format!("{}/voices", begun.case);
    world.app.post(&world.family_worker, &path, &wish(begun)).await.expect(201).id()
}

async fn consented(world: &World, begun: &Begun, voices: &[&str], scope: &str) -> Reply {
    let path = format!("{}/case-study-consents", begun.case);
    world.app.post(&world.family_worker, &path, &consent(&begun.child, voices, scope)).await
}

async fn told(world: &World, who: &Person) -> Vec<Value> {
    world.app.get(who, STUDIES).await.expect(200).body["items"].as_array().unwrap().clone()
}

async fn withdraw(world: &World, consent: &str) -> Reply {
    let body = json!({ "withdrawn_on": today(), "because": "She changed her mind." });
    world.step(&world.family_worker, &format!("/v1/case-study-consents/{consent}"), "withdrawal", &body).await
}

#[actix_web::test]
async fn what_the_family_says_is_kept_with_when_it_was_said() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let mut first = content(4);
    first["voices"] = json!([{ "whose": "parent", "person_id": begun.parent, "about": "worry", "words": "The rent." }]);
    world.measured(&begun, "assessments", &first).await;
    let path = format!("{}/voices", begun.case);
    for _ in 0..2 {
        let kept = world.app.post_with(worker, &path, "once", None, &wish(&begun)).await.expect(201);
        assert_eq!((&kept.body["point"], &kept.body["recorded_by"]), (&json!("at_any_time"), &json!("felix")));
        assert_eq!((&kept.body["words"], &kept.body["may_be_told"]), (&wish(&begun)["words"], &json!(false)));
        let read = world.app.get(worker, &format!("{path}/{}", kept.id())).await.expect(200);
        assert_eq!(read.body, kept.body);
    }
    let page = world.app.get(worker, &format!("{path}?limit=1")).await.expect(200);
    let next = page.body["next"].as_str().unwrap();
    let rest = world.app.get(worker, &format!("{path}?limit=1&cursor={next}")).await.expect(200);
    let points = [&page.body["items"][0]["point"], &rest.body["items"][0]["point"]];
    assert_eq!(points, [&json!("at_any_time"), &json!("assessment")]);
    assert!(rest.body["items"][0]["assessment_id"].is_string());
    let events = world.told_of("family_voice.recorded.v1").await;
    assert_eq!((events.len(), &events[0]["whose"]), (1, &json!("child")));
    assert!(!events[0].to_string().contains("garden"));
}

#[actix_web::test]
async fn who_may_not_and_what_is_wrong_is_refused() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let worker = &world.family_worker;
    let path = format!("{}/voices", begun.case);
    let wrong = json!({ "said_on": "2999-01-01", "whose": "child", "person_id": begun.parent, "about": "weather", "words": "Said." });
    let refused = world.app.post(worker, &path, &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/about", "/said_on", "/whose"]);
    let stranger =
        json!({ "said_on": days_ago(3), "whose": "child", "person_id": begun.case_id, "about": "wish", "words": "x" });
    assert_eq!(world.app.post(worker, &path, &stranger).await.expect(422).pointers(), ["/person_id", "/said_on"]);
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&world.school, 404), (&youth_worker(), 404)]
    {
        world.app.post(who, &path, &wish(&begun)).await.expect(status);
    }
    world.app.get(&world.officer, &path).await.expect(200);
    world.app.get(&world.charnwood, &path).await.expect(403);
    world.app.get(&world.analyst, &path).await.expect(404);

    let voice = said(&world, &begun).await;
    let consents = format!("{}/case-study-consents", begun.case);
    let mut body = consent(&begun.parent, &[&voice, &voice, &begun.case_id], "named");
    body["given_on"] = json!("2999-01-01");
    let refused = world.app.post(worker, &consents, &body).await.expect(422);
    assert_eq!(refused.pointers(), ["/given_on", "/voices/0", "/voices/1", "/voices/2"]);
    body = consent(&begun.child, &[&voice], "anonymous");
    body["credited_as"] = json!("Juniper");
    assert_eq!(world.app.post(worker, &consents, &body).await.expect(422).pointers(), ["/credited_as"]);
    body = consent(&begun.child, &[&voice], "with_image");
    body.as_object_mut().unwrap().remove("credited_as");
    assert_eq!(world.app.post(worker, &consents, &body).await.expect(422).pointers(), ["/credited_as"]);
    let nobodys = consent(&begun.case_id, &[], "anonymous");
    assert_eq!(world.app.post(worker, &consents, &nobodys).await.expect(422).pointers(), ["/voices"]);
    for (who, status) in [(&world.officer, 403), (&world.charnwood, 403), (&world.school, 404), (&youth_worker(), 404)]
    {
        world.app.post(who, &consents, &consent(&begun.child, &[&voice], "anonymous")).await.expect(status);
        world.app.get(who, &consents).await.expect(status);
    }
    assert_eq!(told(&world, &world.analyst).await, Vec::<Value>::new());
    for who in [&world.officer, &world.charnwood, &world.school, &world.governance] {
        world.app.get(who, STUDIES).await.expect(403);
    }
}

#[actix_web::test]
async fn what_a_member_consents_to_may_be_told_without_the_family_s_names() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let voice = said(&world, &begun).await;
    let given = consented(&world, &begun, &[&voice], "anonymous").await.expect(201);
    assert_eq!((&given.body["standing"], &given.body["voices"]), (&json!(true), &json!([voice])));
    let id = given.id();
    for who in [&world.analyst, &world.family_worker, &senior()] {
        let studies = told(&world, who).await;
        let quote = json!({ "whose": "child", "about": "wish", "words": "I, [name], want a garden. So does [name].", "masked": true });
        assert_eq!((studies.len(), &studies[0]["quotes"]), (1, &json!([quote])), "{}", who.name);
        assert!(studies[0].get("credited_as").is_none());
        assert!(!studies[0].to_string().contains(&begun.case_id));
        assert_eq!(world.app.get(who, &format!("{STUDIES}/{id}")).await.expect(200).body, studies[0]);
    }
    assert_eq!(told(&world, &youth_worker()).await, Vec::<Value>::new(), "another team's");
    for (path, status) in [(format!("{STUDIES}/{id}"), 404), (format!("/v1/case-study-consents/{id}"), 404)] {
        world.app.get(&youth_worker(), &path).await.expect(status);
        world.app.get(&world.school, &path).await.expect(status);
    }
    // The analyst sees what may be told, and nothing of whose it is.
    world.app.get(&world.analyst, &format!("/v1/case-study-consents/{id}")).await.expect(404);
    let kept = world.app.get(&world.family_worker, &format!("{}/voices/{voice}", begun.case)).await.expect(200);
    assert_eq!(kept.body["may_be_told"], true);
    let again = consented(&world, &begun, &[&voice], "anonymous").await.expect(422);
    assert_eq!(again.pointers(), ["/voices/0"], "told already");
    let events = world.told_of("case_study.consent_given.v1").await;
    assert_eq!((&events[0]["scope"], &events[0]["consent_id"]), (&json!("anonymous"), &json!(id)));
}

#[actix_web::test]
async fn a_named_one_shows_the_name_the_person_wants_and_no_other() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let voice = said(&world, &begun).await;
    consented(&world, &begun, &[&voice], "with_image").await.expect(201);
    let studies = told(&world, &world.analyst).await;
    assert_eq!((&studies[0]["scope"], &studies[0]["credited_as"]), (&json!("with_image"), &json!("Juniper, 7")));
    assert_eq!(studies[0]["quotes"][0]["words"], "I, Juniper, want a garden. So does [name].");
}

#[actix_web::test]
async fn a_withdrawn_consent_ends_the_use_in_the_same_moment() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let voice = said(&world, &begun).await;
    let id = consented(&world, &begun, &[&voice], "anonymous").await.expect(201).id();
    let path = format!("/v1/case-study-consents/{id}");
    let early = json!({ "withdrawn_on": days_ago(1) });
    assert_eq!(
        world.step(&world.family_worker, &path, "withdrawal", &early).await.expect(422).pointers(),
        ["/withdrawn_on"]
    );
    let late = json!({ "withdrawn_on": "2999-01-01" });
    assert_eq!(
        world.step(&world.family_worker, &path, "withdrawal", &late).await.expect(422).pointers(),
        ["/withdrawn_on"]
    );
    let body = json!({ "withdrawn_on": today() });
    world.app.post(&world.family_worker, &format!("{path}/withdrawal"), &body).await.expect(428);
    world.app.post_on(&world.family_worker, &format!("{path}/withdrawal"), "\"9-full\"", &body).await.expect(412);
    world.app.post_on(&world.analyst, &format!("{path}/withdrawal"), "\"1-full\"", &body).await.expect(404);
    let gone = withdraw(&world, &id).await.expect(200);
    assert_eq!((&gone.body["standing"], &gone.body["withdrawn_by"]), (&json!(false), &json!("felix")));
    for who in [&world.analyst, &world.family_worker] {
        assert_eq!(told(&world, who).await, Vec::<Value>::new(), "{}", who.name);
        world.app.get(who, &format!("{STUDIES}/{id}")).await.expect(404);
    }
    withdraw(&world, &id).await.expect(409);
    let list = world.app.get(&world.family_worker, &format!("{}/case-study-consents", begun.case)).await.expect(200);
    assert_eq!(list.body[0]["withdrawn_because"], "She changed her mind.");
    let events = world.told_of("case_study.consent_withdrawn.v1").await;
    assert_eq!((events.len(), &events[0]["consent_id"]), (1, &json!(id)));
    assert!(!events[0].to_string().contains("mind"));
    // What was said stays in the file, and may be told again if she wants.
    let kept = world.app.get(&world.family_worker, &format!("{}/voices/{voice}", begun.case)).await.expect(200);
    assert_eq!(kept.body["may_be_told"], false);
    consented(&world, &begun, &[&voice], "anonymous").await.expect(201);
    assert_eq!(told(&world, &world.analyst).await.len(), 1);
}

#[actix_web::test]
async fn what_is_consented_to_at_closure_is_told_and_can_be_withdrawn() {
    let world = World::new().await;
    let begun = begun(&world).await;
    world.measured(&begun, "assessments", &content(3)).await;
    let body = json!({ "outcome": "needs_met", "summary": "x", "measurement": content(7),
        "without_the_service": { "whose": "parent", "person_id": begun.parent, "words": "Willow would have lost the flat.", "case_study_consent": true } });
    world.step(&world.family_worker, &begun.case, "closure", &body).await.expect(200);
    let studies = told(&world, &world.analyst).await;
    assert_eq!(studies[0]["quotes"][0]["words"], "[name] would have lost the flat.");
    let voices = world.app.get(&world.family_worker, &format!("{}/voices", begun.case)).await.expect(200);
    assert_eq!(voices.body["items"][0]["point"], "closure");
    withdraw(&world, studies[0]["id"].as_str().unwrap()).await.expect(200);
    assert_eq!(told(&world, &world.analyst).await, Vec::<Value>::new());
}

#[actix_web::test]
async fn what_restricts_the_person_restricts_the_case_study() {
    let world = World::new().await;
    let begun = begun(&world).await;
    let voice = said(&world, &begun).await;
    consented(&world, &begun, &[&voice], "anonymous").await.expect(201);
    let restriction = json!({ "effect": "restrict", "user_id": world.family_worker.id, "reason": "x" });
    let path = format!("/v1/people/{}/restrictions", begun.child);
    world.app.post(&world.governance, &path, &restriction).await.expect(201);
    assert_eq!(told(&world, &world.analyst).await, Vec::<Value>::new());
    assert_eq!(told(&world, &world.family_worker).await.len(), 1);
    assert_eq!(told(&world, &Person::new("bea", "county-council", Role::Analyst)).await, Vec::<Value>::new());
}
