//! Agencies to clients: who may keep whom, and what is refused.

use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;
use uuid::Uuid;

use crate::app::{Gateway, administrator};

fn user(username: &str, agency: &str, roles: &[&str], teams: &[&str]) -> Value {
    json!({ "username": username, "display_name": "Someone", "agency": agency, "roles": roles, "teams": teams,
        "password": "three random words" })
}

fn school_admin() -> Person {
    Person::new("head", "greenfield-academy", Role::AgencyAdministrator)
}

#[actix_web::test]
async fn what_is_made_is_listed_and_read() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let made = gateway.user(&admin, "a.user").await;
    let read = gateway.get(&admin, made.header("location").unwrap()).await.expect(200);
    assert_eq!(read.body, made.body);
    assert_eq!(read.header("etag"), Some("\"1-user\""));
    assert!(!read.text.contains("password") && !read.text.contains("argon2"));
    for index in 0..4 {
        gateway.user(&admin, &format!("user-{index}")).await;
    }
    let first = gateway.get(&admin, "/v1/users?limit=3").await.expect(200);
    assert_eq!(first.body["items"].as_array().unwrap().len(), 3);
    assert_eq!(first.body["items"][0]["username"], "user-3");
    let next = first.body["next"].as_str().unwrap();
    let second = gateway.get(&admin, &format!("/v1/users?limit=3&cursor={next}")).await.expect(200);
    assert_eq!(second.body["items"].as_array().unwrap().len(), 2);
    assert_eq!(second.body["next"], Value::Null);
    assert_eq!(gateway.get(&admin, "/v1/agencies").await.expect(200).body["items"].as_array().unwrap().len(), 2);
    assert_eq!(
        gateway.get(&admin, "/v1/roles").await.expect(200).body["items"].as_array().unwrap().len(),
        Role::ALL.len()
    );
    for path in ["/v1/users?limit=0", "/v1/users?cursor=rubbish", "/v1/agencies?colour=red"] {
        gateway.get(&admin, path).await.expect(400);
    }
    let id = gateway.get(&admin, "/v1/teams").await.body["items"][0]["id"].as_str().unwrap().to_owned();
    gateway.get(&admin, &format!("/v1/teams/{id}")).await.expect(200);
    for path in ["/v1/teams/x", "/v1/users/x", "/v1/agencies/7", "/v1/clients/01a20145-edae-70b8-add3-fc66bb053622"] {
        gateway.get(&admin, path).await.expect(404);
    }
}

#[actix_web::test]
async fn a_retry_is_the_same_user_and_names_are_taken_once() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let key = Uuid::now_v7().to_string();
    let body = user("a.user", "county-council", &["referrer"], &[]);
    let first = gateway.post_with(&admin, "/v1/users", &key, None, &body).await.expect(201);
    let again = gateway.post_with(&admin, "/v1/users", &key, None, &body).await.expect(201);
    assert_eq!((first.id(), &first.body), (again.id(), &again.body));
    let other = user("b.user", "county-council", &["referrer"], &[]);
    assert_eq!(gateway.post_with(&admin, "/v1/users", &key, None, &other).await.expect(422).kind(), "key-reused");
    assert_eq!(gateway.post(&admin, "/v1/users", &body).await.expect(409).kind(), "duplicate");
    let agency = json!({ "code": "county-council", "name": "Again", "kind": "council" });
    assert_eq!(gateway.post(&admin, "/v1/agencies", &agency).await.expect(409).kind(), "duplicate");
}

#[actix_web::test]
async fn every_mistake_is_named_at_once() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let body = json!({ "username": "a.user", "display_name": "Someone", "agency": "nowhere", "roles": ["referrer", "referrer"],
        "localities": ["atlantis"], "teams": ["no-team"], "password": "password1234" });
    let reply = gateway.post(&admin, "/v1/users", &body).await.expect(422);
    assert_eq!(reply.pointers(), ["/agency", "/roles/1", "/localities/0", "/teams/0", "/password"]);
    let hub = user("a.user", "county-council", &["hub_member", "service_worker"], &[]);
    assert_eq!(gateway.post(&admin, "/v1/users", &hub).await.expect(422).pointers(), ["/localities", "/teams"]);
    let shape =
        json!({ "username": "A User", "agency": "county-council", "roles": [], "password": "short", "extra": 1 });
    let reply = gateway.post(&admin, "/v1/users", &shape).await.expect(422);
    for pointer in ["/username", "/display_name", "/roles", "/password", "/extra"] {
        assert!(reply.pointers().contains(&pointer), "{pointer}: {}", reply.text);
    }
    let private = json!({ "client_id": "c1", "name": "C", "agency": "county-council", "roles": ["referrer"],
        "jwks": { "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "1", "x": "A".repeat(43), "d": "secret" }] } });
    let reply = gateway.post(&admin, "/v1/clients", &private).await.expect(422);
    assert_eq!(reply.pointers(), ["/jwks/keys/0/d"]);
}

#[actix_web::test]
async fn an_agency_s_administrator_keeps_its_own_people_only() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let elsewhere = gateway.user(&admin, "council.user").await;
    let head = school_admin();
    let teacher = gateway
        .post(&head, "/v1/users", &user("a.teacher", "greenfield-academy", &["referrer"], &[]))
        .await
        .expect(201);
    let listed = gateway.get(&head, "/v1/users").await.expect(200);
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    // Another agency's people do not exist for them.
    let path = elsewhere.header("location").unwrap().to_owned();
    assert_eq!(gateway.get(&head, &path).await.expect(404).kind(), "not-found");
    gateway.post_on(&head, &format!("{path}/deactivation"), "\"1-user\"", &json!({})).await.expect(404);
    // Nor may they give what reaches beyond their agency.
    for (body, pointer) in [
        (user("x.user", "county-council", &["referrer"], &[]), "/agency"),
        (user("x.user", "greenfield-academy", &["first_response_officer"], &[]), "/roles/0"),
        (user("x.user", "greenfield-academy", &["partnership_administrator"], &[]), "/roles/0"),
        (user("x.user", "greenfield-academy", &["service_worker"], &["youth-work"]), "/teams/0"),
    ] {
        assert_eq!(gateway.post(&head, "/v1/users", &body).await.expect(422).pointers(), [pointer], "{body}");
    }
    let roles = format!("{}/roles", teacher.header("location").unwrap());
    let wider = json!({ "roles": ["board_member"], "localities": [], "teams": [] });
    gateway.post_on(&head, &roles, "\"1-user\"", &wider).await.expect(422);
    // What a partnership administrator gave may stay.
    gateway.post_on(&admin, &roles, "\"1-user\"", &wider).await.expect(200);
    let both = json!({ "roles": ["board_member", "referrer"], "localities": [], "teams": [] });
    gateway.post_on(&head, &roles, "\"2-user\"", &both).await.expect(200);
}

#[actix_web::test]
async fn new_roles_end_the_tokens_of_the_old() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let made = gateway.user(&admin, "a.user").await;
    let path = format!("{}/roles", made.header("location").unwrap());
    let body = json!({ "roles": ["hub_member"], "localities": ["charnwood"], "teams": [] });
    gateway.post(&admin, &path, &body).await.expect(428);
    let changed = gateway.post_on(&admin, &path, "\"1-user\"", &body).await.expect(200);
    assert_eq!((&changed.body["roles"], changed.header("etag")), (&json!(["hub_member"]), Some("\"2-user\"")));
    gateway.post_on(&admin, &path, "\"1-user\"", &body).await.expect(412);
    let feed = gateway.revocations().await;
    assert_eq!(feed["items"].as_array().unwrap().len(), 1);
    assert_eq!(feed["items"][0]["id"], json!(made.id()));
    let end = format!("{}/deactivation", made.header("location").unwrap());
    let gone = gateway.post_on(&admin, &end, "\"2-user\"", &json!({})).await.expect(200);
    assert_eq!(gone.body["active"], false);
    gateway.post_on(&admin, &end, "\"3-user\"", &json!({})).await.expect(409);
    // Nobody does this to themselves.
    let mut own = administrator();
    own.id = made.id().parse().unwrap();
    gateway.post_on(&own, &end, "\"3-user\"", &json!({})).await.expect(409);
}

#[actix_web::test]
async fn one_finds_whom_one_works_with_and_nobody_else() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let add = async |name: &str, agency: &str, roles: &[&str], localities: &[&str], teams: &[&str]| {
        let mut body = user(&name.to_lowercase(), agency, roles, teams);
        body["display_name"] = json!(name);
        body["localities"] = json!(localities);
        gateway.post(&admin, "/v1/users", &body).await.expect(201).id()
    };
    let ash = add("Ash", "county-council", &["service_worker"], &[], &["youth-work"]).await;
    add("Hub", "greenfield-academy", &["hub_member"], &["charnwood"], &[]).await;
    add("Far", "greenfield-academy", &["hub_member"], &["melton"], &[]).await;
    // Named for a district without sitting on its hub: that is no capacity.
    add("Bare", "greenfield-academy", &["board_member"], &["charnwood"], &[]).await;
    add("Both", "greenfield-academy", &["hub_member", "board_member"], &["charnwood", "melton"], &[]).await;
    let gone = add("Gone", "county-council", &["service_worker"], &[], &["youth-work"]).await;
    gateway.post_on(&admin, &format!("/v1/users/{gone}/deactivation"), "\"1-user\"", &json!({})).await.expect(200);
    let names = async |who: &Person, query: &str| {
        let page = gateway.get(who, &format!("/v1/colleagues{query}")).await.expect(200).body;
        let names: Vec<String> = page["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["display_name"].as_str().unwrap().to_owned())
            .collect();
        (names, page["next"].as_str().map(str::to_owned))
    };
    // A hub has members of several agencies; who sits on another hub is no colleague.
    let member = Person::new("connie", "police", Role::HubMember).hub("charnwood");
    assert_eq!(names(&member, "").await, (vec!["Both".to_owned(), "Hub".to_owned()], None));
    let both = gateway.get(&member, "/v1/colleagues?name=both").await.expect(200).body["items"][0].clone();
    assert_eq!((&both["roles"], &both["localities"]), (&json!(["hub_member"]), &json!(["charnwood"])));
    assert!(names(&member, "?locality=melton").await.0.is_empty(), "what one does not share is not told");
    let worker = Person::new("wren", "county-council", Role::ServiceWorker).team("youth-work");
    assert_eq!(names(&worker, "?team=youth-work&name=aS").await.0, ["Ash"]);
    assert!(names(&worker, "?locality=charnwood").await.0.is_empty() && names(&worker, "?name=%25").await.0.is_empty());
    let head = school_admin();
    let (first, next) = names(&head, "?limit=1").await;
    assert_eq!(first, ["Both"]);
    let rest = names(&head, &format!("?limit=3&cursor={}", next.unwrap())).await;
    assert_eq!(rest, (["Bare", "Far", "Hub"].map(str::to_owned).to_vec(), None));
    let own = gateway.get(&head, "/v1/colleagues?name=both").await.expect(200).body["items"][0].clone();
    assert_eq!(own["localities"], json!(["charnwood", "melton"]));
    let found = gateway.get(&worker, "/v1/colleagues?name=ash").await.expect(200).body["items"][0].clone();
    assert_eq!((&found["id"], &found["teams"]), (&json!(ash), &json!(["youth-work"])));
    assert!(found.get("username").is_none() && found.get("created_at").is_none());
    for query in ["?team=Youth+Work", "?shoe=1", "?limit=0"] {
        gateway.get(&worker, &format!("/v1/colleagues{query}")).await.expect(400);
    }
    let me = gateway.get(&member, "/v1/me").await.expect(200).body;
    assert_eq!((&me["id"], &me["agency"]), (&json!(member.id), &json!("police")));
    assert_eq!(
        (&me["roles"], &me["localities"], &me["teams"]),
        (&json!(["hub_member"]), &json!(["charnwood"]), &json!([]))
    );
}

/// Which roles may do what, asked of the running program and not of its policy.
#[actix_web::test]
async fn every_role_meets_its_cells() {
    let gateway = Gateway::start().await;
    let admin = gateway.county().await;
    let target = gateway.user(&admin, "a.user").await;
    let location = target.header("location").unwrap().to_owned();
    for role in Role::ALL {
        let who = Person::new("someone", "county-council", role);
        let keeps_all = role == Role::PartnershipAdministrator;
        let keeps = keeps_all || role == Role::AgencyAdministrator;
        let reads = keeps || role == Role::InformationGovernanceOfficer;
        let allowed = |yes: bool, status: u16| if yes { status } else { 403 };
        for path in ["/v1/agencies", "/v1/teams", "/v1/roles", "/v1/me"] {
            gateway.get(&who, path).await.expect(200);
        }
        let outside = [Role::Referrer, Role::Analyst, Role::BoardMember].contains(&role);
        gateway.get(&who, "/v1/colleagues").await.expect(if outside { 403 } else { 200 });
        for path in ["/v1/users", "/v1/clients"] {
            gateway.get(&who, path).await.expect(allowed(reads, 200));
        }
        gateway.get(&who, &location).await.expect(if reads { 200 } else { 404 });
        // An empty body: who may is told what is wrong with it, who may not is not.
        for path in ["/v1/agencies", "/v1/teams", "/v1/clients"] {
            gateway.post(&who, path, &json!({})).await.expect(allowed(keeps_all, 422));
        }
        gateway.post(&who, "/v1/users", &json!({})).await.expect(allowed(keeps, 422));
        for path in [format!("{location}/roles"), format!("{location}/deactivation")] {
            let status = if reads { allowed(keeps, 428) } else { 404 };
            gateway.post(&who, &path, &json!({})).await.expect(status);
        }
    }
    for path in
        ["/v1/agencies", "/v1/teams", "/v1/users", "/v1/clients", "/v1/roles", "/v1/me", "/v1/colleagues", &location]
    {
        let reply = gateway.send(reqwest::Method::GET, path, &[], None).await.expect(401);
        assert_eq!(reply.header("www-authenticate"), Some("Bearer"));
    }
}
