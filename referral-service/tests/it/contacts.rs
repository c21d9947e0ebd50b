//! Contacts in every way they come: by telephone, from the public, from a hub, stepped down, urgent, and
//! what the front door finds out about the people at once.

use chrono::{TimeDelta, Utc};
use diesel::sql_query;
use diesel::sql_types::Jsonb;
use diesel_async::RunQueryDsl;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Told {
    #[diesel(sql_type = Jsonb)]
    data: Value,
}

/// What the other services were told, oldest first.
pub async fn told(world: &World, kind: &str) -> Vec<Value> {
    let mut all = world.app.database.all_seeing().await;
    let rows: Vec<Told> = sql_query(format!("SELECT data FROM event_log WHERE kind = '{kind}' ORDER BY seq"))
        .load(&mut all)
        .await
        .unwrap();
    rows.into_iter().map(|row| row.data).collect()
}

pub fn with(changes: &[(&str, Value)]) -> Value {
    let mut form = World::form();
    for (name, value) in changes {
        let fields = form.as_object_mut().unwrap();
        if value.is_null() {
            fields.remove(*name)
        } else {
            fields.insert((*name).to_owned(), value.clone())
        };
    }
    form
}

pub async fn send(world: &World, who: &Person, form: &Value) -> Reply {
    world.app.post(who, "/v1/referrals", form).await
}

pub async fn seen(world: &World, id: &str) -> Value {
    world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(200).body
}

fn anonymous_call() -> Value {
    with(&[
        ("kind", json!("public")),
        ("channel", json!("telephone")),
        ("referrer", json!({ "role": "neighbour" })),
        ("caller", json!({ "relationship": "neighbour", "anonymous": true })),
    ])
}

#[actix_web::test]
async fn a_call_is_recorded_by_first_response_with_who_called() {
    let world = World::new().await;
    let call = with(&[
        ("kind", json!("public")),
        ("channel", json!("telephone")),
        ("referrer", json!({ "name": "Mrs Neighbour (invented)", "role": "neighbour" })),
        (
            "caller",
            json!({ "name": "Mrs Neighbour (invented)", "relationship": "lives next door", "telephone": "01632 960009" }),
        ),
    ]);
    let id = send(&world, &world.officer, &call).await.expect(201).id();
    let contact = seen(&world, &id).await["contact"].clone();
    assert_eq!(contact["kind"], "public");
    assert_eq!(contact["channel"], "telephone");
    assert_eq!(contact["caller"]["telephone"], "01632 960009");
    assert!(contact.get("lawful_basis").is_none(), "the public needs no lawful basis: {contact}");
    let refused = send(&world, &world.school, &call).await.expect(403);
    assert_eq!(refused.body["detail"], "calls are recorded by First Response");
    let without = with(&[("channel", json!("telephone"))]);
    assert_eq!(send(&world, &world.officer, &without).await.expect(422).pointers(), ["/caller"]);
}

#[actix_web::test]
async fn an_anonymous_caller_has_no_name_anywhere() {
    let world = World::new().await;
    let id = send(&world, &world.officer, &anonymous_call()).await.expect(201).id();
    let contact = seen(&world, &id).await["contact"].clone();
    assert_eq!(contact["caller"], json!({ "relationship": "neighbour", "anonymous": true }));
    assert_eq!(contact["referrer"], json!({ "role": "neighbour" }));
    let spoilt = |pointer: &str, value: Value| {
        let mut form = anonymous_call();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        form.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(name.to_owned(), value);
        form
    };
    for (form, pointers) in [
        (spoilt("/caller/name", json!("Mr X (invented)")), vec!["/caller/name"]),
        (spoilt("/referrer/name", json!("Mr X (invented)")), vec!["/referrer/name"]),
        (spoilt("/kind", json!("professional")), vec!["/caller/anonymous", "/referrer/name"]),
        (spoilt("/channel", json!("in_person")), vec!["/caller/anonymous", "/referrer/name"]),
        (spoilt("/channel", json!("email")), vec!["/caller", "/caller/anonymous", "/referrer/name"]),
        (spoilt("/caller/anonymous", json!(false)), vec!["/caller/name", "/referrer/name"]),
    ] {
        let refused = send(&world, &world.officer, &form).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{}", refused.body);
    }
    let nameless = with(&[("referrer", json!({ "role": "teacher" }))]);
    assert_eq!(send(&world, &world.school, &nameless).await.expect(422).pointers(), ["/referrer/name"]);
}

#[actix_web::test]
async fn a_hub_member_lists_a_family_of_the_district_and_the_history_says_so() {
    let world = World::new().await;
    // The index knows Juniper already, by a referral that Charnwood's hub has never seen.
    let known = world.submitted().await.id();
    let listing = with(&[("kind", json!("hub_listing"))]);
    let listed = send(&world, &world.charnwood, &listing).await.expect(201);
    assert_eq!(listed.body["status"], "listed_for_hub");
    assert_eq!(listed.body["decision_clock"], "met");
    assert_eq!(listed.body["view"], "full");
    assert_eq!(listed.body["decisions"], json!([]), "First Response decided nothing");
    let id = listed.id();
    let person = listed.body["people"][0]["person_id"].as_str().unwrap();
    world.app.get(&world.charnwood, &format!("/v1/people/{person}")).await.expect(200);
    let history = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}/history")).await.expect(200).body;
    assert_eq!(history[0]["what"], "received");
    assert_eq!((&history[1]["what"], &history[1]["who"]), (&json!("listed_for_hub"), &json!("harper")));
    assert!(history[1]["why"].as_str().unwrap().contains("without a decision of First Response"));
    // It is on the hub's list; the other referral of the same child is not theirs to see.
    let mine = world.app.get(&world.charnwood, "/v1/hubs/charnwood/referrals").await.expect(200);
    assert_eq!(mine.body["items"].as_array().unwrap().len(), 1);
    world.app.get(&world.charnwood, &format!("/v1/referrals/{known}")).await.expect(404);
    assert!(
        world
            .app
            .get(&world.charnwood, &format!("/v1/referrals/{id}"))
            .await
            .expect(200)
            .body
            .get("previous")
            .is_none()
    );
    // It goes on from there like any other, on the version that was answered with.
    let allocated = world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    assert_eq!(allocated.body["status"], "offered");
    assert_eq!(told(&world, "referral.listed.v1").await[0]["by"], "hub");
    // The hub of another district, someone who sits on none, and a listing for nowhere.
    let refused = send(&world, &world.melton, &listing).await.expect(403);
    assert_eq!(refused.body["detail"], "only a member of the hub of charnwood lists a family for it");
    send(&world, &world.officer, &listing).await.expect(403);
    let nowhere = with(&[("kind", json!("hub_listing")), ("locality", Value::Null)]);
    assert_eq!(send(&world, &world.charnwood, &nowhere).await.expect(422).pointers(), ["/locality"]);
    send(&world, &world.school, &nowhere).await.expect(403);
}

#[actix_web::test]
async fn a_step_down_says_from_which_case_and_why() {
    let world = World::new().await;
    let from = json!({ "social_care_reference": "CSC-0000001", "reason": "The plan has ended; help at home goes on." });
    let form = with(&[("kind", json!("step_down")), ("step_down", from.clone())]);
    let id = send(&world, &world.officer, &form).await.expect(201).id();
    assert_eq!(seen(&world, &id).await["contact"]["step_down"], from);
    let social_care = Person::new("sasha", "county-council", Role::Referrer);
    send(&world, &social_care, &form).await.expect(201);
    send(&world, &world.school, &form).await.expect(403);
    let bare = with(&[("kind", json!("step_down"))]);
    assert_eq!(send(&world, &world.officer, &bare).await.expect(422).pointers(), ["/step_down"]);
    let stray = with(&[("step_down", from)]);
    assert_eq!(send(&world, &world.officer, &stray).await.expect(422).pointers(), ["/step_down"]);
}

#[actix_web::test]
async fn who_lives_with_whom_and_who_needs_what_is_kept_as_told() {
    let world = World::new().await;
    let reference = shared::reference::random('R');
    let form = with(&[
        (
            "people",
            json!([
                { "relation": "child", "given_name": "Juniper", "family_name": "Testcase", "birth_date": "2019-02-03",
                  "gender": "female", "ethnicity": "mixed-white-and-asian", "send": "sen_support" },
                { "relation": "child", "given_name": "Unborn", "family_name": "Testcase",
                  "expected_on": (Utc::now() + TimeDelta::days(60)).date_naive() },
                { "relation": "parent", "given_name": "Willow", "family_name": "Testcase", "language": "Polish", "interpreter": true },
                { "relation": "parent", "given_name": "Alder", "family_name": "Testcase", "household": 1, "disability": false }
            ]),
        ),
        (
            "relationships",
            json!([{ "person": 2, "kinship": "parent_of", "of": 0 }, { "person": 3, "kinship": "former_partner_of", "of": 2 }]),
        ),
        (
            "households",
            json!([{ "address": "1 Example Street", "postcode": "ZZ99 1AA" }, { "address": "2 Sample Road" }]),
        ),
        ("concerns", Value::Null),
        (
            "needs",
            json!([{ "code": "financial-stability" }, { "code": "mental-and-physical-health", "who": [0, 2], "words": "Anxious." }]),
        ),
        ("danger_statement", json!("They may lose their home.")),
        ("safety_goal", json!("A home they can keep.")),
        ("scale", json!(4)),
        ("consent", json!({ "given": "no", "by": "mother", "reason": "A child may come to harm." })),
        ("lawful_basis", json!({ "basis": "legal-obligation", "note": "Duty to co-operate." })),
        ("earlier_reference", json!(reference.to_lowercase().replace('-', " "))),
    ]);
    let id = send(&world, &world.school, &form).await.expect(201).id();
    let body = seen(&world, &id).await;
    let (contact, people) = (&body["contact"], &body["people"]);
    assert_eq!(people[0]["ethnicity"], "mixed-white-and-asian");
    assert_eq!(people[1]["expected_on"], form["people"][1]["expected_on"]);
    assert_eq!(people[2]["interpreter"], true);
    assert_eq!((&people[3]["household"], &people[3]["disability"]), (&json!(1), &json!(false)));
    for same in ["relationships", "households", "needs", "danger_statement", "safety_goal", "scale", "consent"] {
        assert_eq!(contact[same], form[same], "{same}");
    }
    assert_eq!(contact["concerns"], json!(["financial-stability", "mental-and-physical-health"]));
    assert_eq!(contact["earlier_reference"], reference.as_str());
    assert_eq!(
        contact["lawful_basis"],
        json!({ "basis": "legal-obligation", "stated": true, "note": "Duty to co-operate." })
    );
    let facts = told(&world, "referral.received.v1").await.remove(0);
    assert_eq!(facts["children"], 2);
    assert_eq!(facts["consent"], "no");
    assert_eq!(facts["concerns"], contact["concerns"]);
    let text = facts.to_string();
    assert!(!text.contains("Juniper") && !text.contains("Anxious") && !text.contains("Example"), "{text}");
}

#[actix_web::test]
async fn consent_to_a_service_and_the_basis_to_share_are_two_things() {
    let world = World::new().await;
    let id = world.submitted().await.id();
    let contact = seen(&world, &id).await["contact"].clone();
    assert!(contact.get("consent").is_none(), "nobody said: {contact}");
    assert_eq!(contact["lawful_basis"], json!({ "basis": "public-task", "stated": false }));
    let of_family = with(&[
        ("kind", json!("self_referral")),
        ("consent", json!({ "given": "yes", "by": "mother", "on": "2026-01-05", "how": "by telephone" })),
    ]);
    let id = send(&world, &world.officer, &of_family).await.expect(201).id();
    let contact = seen(&world, &id).await["contact"].clone();
    assert_eq!(contact["consent"], of_family["consent"]);
    assert!(contact.get("lawful_basis").is_none());
    let tomorrow = (Utc::now() + TimeDelta::days(1)).date_naive();
    for (name, value, pointer) in [
        ("consent", json!({ "given": "yes" }), "/consent/by"),
        ("consent", json!({ "given": "no" }), "/consent/reason"),
        ("consent", json!({ "given": "yes", "by": "mother", "on": tomorrow }), "/consent/on"),
        ("consent", json!({ "given": "not_asked", "on": "2026-01-05" }), "/consent/on"),
        ("consent", json!({ "given": "perhaps" }), "/consent/given"),
        ("lawful_basis", json!({ "basis": "because" }), "/lawful_basis/basis"),
        ("lawful_basis", json!({ "basis": "consent", "stated": true }), "/lawful_basis/stated"),
    ] {
        let refused = send(&world, &world.school, &with(&[(name, value)])).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{}", refused.body);
    }
}

#[actix_web::test]
async fn what_contradicts_itself_is_refused_with_every_field_named() {
    let world = World::new().await;
    let today = Utc::now().date_naive();
    let in_days = |days: i64| today + TimeDelta::days(days);
    let person = |more: Value| {
        let mut person = json!({ "relation": "child", "given_name": "Unborn", "family_name": "Testcase" });
        person.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!([World::form()["people"][0], person])
    };
    for (name, value, pointer) in [
        ("people", person(json!({ "expected_on": in_days(400) })), "/people/1/expected_on"),
        ("people", person(json!({ "expected_on": in_days(-90) })), "/people/1/expected_on"),
        ("people", person(json!({ "expected_on": in_days(9), "birth_date": "2020-01-01" })), "/people/1/expected_on"),
        ("people", person(json!({ "expected_on": in_days(9), "relation": "parent" })), "/people/1/expected_on"),
        ("people", person(json!({ "ethnicity": "martian" })), "/people/1/ethnicity"),
        ("people", person(json!({ "household": 10 })), "/people/1/household"),
        ("people", person(json!({ "gender": "x" })), "/people/1/gender"),
        ("relationships", json!([{ "person": 0, "kinship": "parent_of", "of": 5 }]), "/relationships/0/of"),
        ("relationships", json!([{ "person": 1, "kinship": "sibling_of", "of": 1 }]), "/relationships/0/of"),
        (
            "relationships",
            json!([{ "person": 1, "kinship": "parent_of", "of": 0 }, { "person": 0, "kinship": "sibling_of", "of": 1 }]),
            "/relationships/1",
        ),
        ("needs", json!([{ "code": "not-attending-school" }]), "/needs/0/code"),
        ("needs", json!([{ "code": "good-education", "who": [0, 7] }]), "/needs/0/who/1"),
        ("needs", json!([{ "code": "good-education", "who": [0, 0] }]), "/needs/0/who/1"),
        ("concerns", Value::Null, "/concerns"),
        ("scale", json!(11), "/scale"),
        ("scale", json!(-1), "/scale"),
        ("channel", json!("bulk"), "/channel"),
        ("channel", json!("pigeon"), "/channel"),
        ("urgency", json!({ "kind": "immediate_safeguarding" }), "/urgency/why"),
        ("urgency", json!({ "kind": "immediate_safeguarding", "why": "  " }), "/urgency/why"),
        ("earlier_reference", json!("R-AAAA-AAAA-A"), "/earlier_reference"),
        ("caller", json!({ "name": "Ms A (invented)" }), "/caller"),
    ] {
        let refused = send(&world, &world.school, &with(&[(name, value)])).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{}", refused.body);
    }
    let mut elsewhere = with(&[("households", json!([{ "address": "1 Example Street" }]))]);
    elsewhere["people"][1]["household"] = json!(1);
    assert_eq!(send(&world, &world.school, &elsewhere).await.expect(422).pointers(), ["/people/1/household"]);
    let list = world.app.get(&world.officer, "/v1/referrals").await.expect(200);
    assert_eq!(list.body["items"], json!([]));
}

#[actix_web::test]
async fn an_urgent_referral_jumps_the_queue_and_alerts_the_front_door_at_once() {
    let world = World::new().await;
    let urgent =
        with(&[("urgency", json!({ "kind": "immediate_safeguarding", "why": "A bruise on the cheek today." }))]);
    let id = send(&world, &world.school, &urgent).await.expect(201).id();
    for _ in 0..3 {
        world.submitted().await;
    }
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=urgent").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "urgent_safeguarding");
    assert_eq!(alerts.body["items"][0]["about"], format!("/v1/referrals/{id}"));
    assert_eq!(told(&world, "alert.raised.v1").await.len(), 1);
    for path in ["/v1/referrals?urgent=true", "/v1/referrals?urgent=true&status=received"] {
        let list = world.app.get(&world.officer, path).await.expect(200);
        assert_eq!(list.body["items"].as_array().unwrap().len(), 1, "{}", list.body);
        assert_eq!((&list.body["items"][0]["id"], &list.body["items"][0]["urgent"]), (&json!(id), &json!(true)));
    }
    let all = world.app.get(&world.officer, "/v1/referrals?urgent=false").await.expect(200);
    assert_eq!(all.body["items"].as_array().unwrap().len(), 4);
    world.app.get(&world.officer, "/v1/referrals?urgent=soon").await.expect(400);
    assert_eq!(seen(&world, &id).await["contact"]["urgency"], urgent["urgency"]);
    // It stays urgent wherever it goes, and on each worklist it moves with its state.
    world.change(&world.officer, &id, "decision", &World::to_hub()).await.expect(200);
    let waiting = world.app.get(&world.officer, "/v1/referrals?urgent=true&status=received").await.expect(200);
    assert_eq!(waiting.body["items"], json!([]));
    let hub = world.app.get(&world.charnwood, "/v1/referrals?urgent=true").await.expect(200);
    assert_eq!(hub.body["items"][0]["id"], id.as_str());
    // Whoever referred sees what it said itself, and another school nothing.
    assert_eq!(world.app.get(&world.school, &format!("/v1/referrals/{id}")).await.expect(200).body["urgent"], true);
    let other = world.app.get(&world.other_school, "/v1/referrals?urgent=true").await.expect(200);
    assert_eq!(other.body["items"], json!([]));
}

#[actix_web::test]
async fn a_restricted_child_s_urgent_referral_is_taken_and_hidden_like_any_other() {
    let world = World::new().await;
    let first = world.submitted().await.id();
    let person = seen(&world, &first).await["people"][0]["person_id"].as_str().unwrap().to_owned();
    let restrict = json!({ "effect": "restrict", "user_id": world.manager.id, "reason": "A worker's own family." });
    world.app.post(&world.governance, &format!("/v1/people/{person}/restrictions"), &restrict).await.expect(201);
    let urgent = with(&[("urgency", json!({ "kind": "immediate_safeguarding", "why": "He is at the gate." }))]);
    let id = send(&world, &world.school, &urgent).await.expect(201).id();
    world.app.get(&world.officer, &format!("/v1/referrals/{id}")).await.expect(404);
    assert_eq!(world.app.get(&world.officer, "/v1/alerts?state=urgent").await.expect(200).body["items"], json!([]));
    let alerts = world.app.get(&world.manager, "/v1/alerts?state=urgent").await.expect(200);
    assert_eq!(alerts.body["items"].as_array().unwrap().len(), 1);
}
