//! Every operation by every role, and by nobody; and what else is refused at the door.

use reqwest::Method;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, TestApp};

use crate::indicators::indicator;
use crate::{analyst, number, start};

const READ_FIGURES: &[Role] = &[Role::Analyst, Role::BoardMember];
const READ_DASHBOARDS: &[Role] = &[
    Role::Analyst,
    Role::BoardMember,
    Role::HubMember,
    Role::FirstResponseManager,
    Role::InformationGovernanceOfficer,
];
const DEFINE: &[Role] = &[Role::Analyst];

/// A dashboard that anyone who may define one can define.
fn dashboard(id: &str) -> Value {
    json!({ "id": id, "title": "A dashboard", "content": { "source": "A test", "groups": [
        { "outcome": "All", "rows": [{ "indicator": "referrals_received", "window": "current_month" }] }] } })
}

/// An operation: method, path, body, version read, who may.
type Operation = (&'static str, String, Option<Value>, Option<&'static str>, &'static [Role]);

/// All the operations there are.
fn operations(observation: &str, n: usize) -> Vec<Operation> {
    let redefinition = json!({ "title": "T", "content": dashboard("x")["content"] });
    let observed = json!({ "indicator": "entrants", "period": { "from": "2015-04-01", "to": "2016-03-31", "label": "y" },
        "geography": format!("place-{n}"), "value": 1, "unit": "count", "source": "A test", "provisional": false });
    let revision = json!({ "value": 2, "unit": "count", "source": "A test", "provisional": false, "reason": "A test" });
    vec![
        ("GET", "/v1/indicators".to_owned(), None, None, READ_FIGURES),
        ("GET", "/v1/indicators/entrants".to_owned(), None, None, READ_FIGURES),
        (
            "GET",
            "/v1/indicators/referrals_received/figure?from=2026-01-01&to=2026-12-31".to_owned(),
            None,
            None,
            READ_FIGURES,
        ),
        ("POST", "/v1/indicators".to_owned(), Some(indicator(&format!("number_{n}"), "count")), None, DEFINE),
        ("GET", "/v1/observations".to_owned(), None, None, READ_FIGURES),
        ("GET", format!("/v1/observations/{observation}"), None, None, READ_FIGURES),
        ("POST", "/v1/observations".to_owned(), Some(observed), None, DEFINE),
        ("POST", format!("/v1/observations/{observation}/revisions"), Some(revision), Some("\"1-full\""), DEFINE),
        ("GET", "/v1/dashboards".to_owned(), None, None, READ_DASHBOARDS),
        ("GET", "/v1/dashboards/partnership".to_owned(), None, None, READ_DASHBOARDS),
        ("GET", "/v1/dashboards/partnership/definition".to_owned(), None, None, READ_DASHBOARDS),
        ("POST", "/v1/dashboards".to_owned(), Some(dashboard(&format!("d-{n}"))), None, DEFINE),
        ("POST", "/v1/dashboards/partnership/definition".to_owned(), Some(redefinition), Some("\"1-x\""), DEFINE),
    ]
}

async fn county() -> (TestApp, String) {
    let (app, ana) = (start().await, analyst());
    app.post(&ana, "/v1/indicators", &indicator("entrants", "count")).await.expect(201);
    let body = json!({ "indicator": "entrants", "period": { "from": "2014-04-01", "to": "2015-03-31", "label": "x" },
        "geography": "here", "value": 1, "unit": "count", "source": "A test", "provisional": false });
    let made = app.post(&ana, "/v1/observations", &body).await.expect(201);
    let id = made.id();
    (app, id)
}

#[actix_web::test]
async fn every_role_may_what_the_table_says() {
    let (app, observation) = county().await;
    let documented = {
        let api = shared::openapi::document("performance-service", "", performance_service::PROGRAM.routes).unwrap();
        let paths = api["paths"].as_object().unwrap().clone();
        paths.values().map(|item| item.as_object().unwrap().len()).sum::<usize>()
    };
    assert_eq!(operations("x", 0).len(), documented, "an operation has no cells");
    for (n, role) in Role::ALL.into_iter().enumerate() {
        let person = Person::new(role.as_str(), "county-council", role).hub("charnwood").team("youth-work");
        for (method, path, body, etag, may) in operations(&observation, n) {
            let reply = match &body {
                None => app.get(&person, &path).await,
                Some(body) => match etag {
                    None => app.post(&person, &path, body).await,
                    Some(etag) => app.post_on(&person, &path, etag, body).await,
                },
            };
            let allowed = reply.status < 300;
            assert_eq!(allowed, may.contains(&role), "{role} {method} {path}: {} {}", reply.status, reply.body);
            assert!(allowed || reply.status == 403, "{role} {method} {path}: {}", reply.status);
        }
    }
}

#[actix_web::test]
async fn who_may_not_read_is_not_told_what_there_is() {
    let (app, observation) = county().await;
    let referrer = Person::new("school", "greenfield-academy", Role::Referrer);
    let nothing = uuid::Uuid::now_v7();
    for id in [observation.as_str(), &nothing.to_string()] {
        app.get(&referrer, &format!("/v1/observations/{id}")).await.expect(403);
        app.post_on(&referrer, &format!("/v1/observations/{id}/revisions"), "\"1-full\"", &json!({})).await.expect(403);
    }
    for id in ["partnership", "no-such"] {
        app.get(&referrer, &format!("/v1/dashboards/{id}")).await.expect(403);
        app.post_on(&referrer, &format!("/v1/dashboards/{id}/definition"), "\"1-x\"", &json!({})).await.expect(403);
    }
}

#[actix_web::test]
async fn nobody_is_told_anything() {
    let (app, observation) = county().await;
    for (method, path, body, _, _) in operations(&observation, 0) {
        let body = body.map(|body| body.to_string().into_bytes());
        let method: Method = method.parse().unwrap();
        let headers = [("content-type", "application/json"), ("idempotency-key", "k")];
        app.send(method.clone(), &path, &headers, body.clone()).await.expect(401);
        let forged =
            [("authorization", "Bearer x.y.z"), ("content-type", "application/json"), ("idempotency-key", "k")];
        app.send(method, &path, &forged, body).await.expect(401);
    }
}

#[actix_web::test]
async fn hostile_bodies_are_refused_and_nothing_is_stored() {
    let (app, _) = county().await;
    let bearer = format!("Bearer {}", app.tokens.token(&analyst()));
    let mut connection = app.database.all_seeing().await;
    let stored = "(SELECT count(*) FROM indicator) + (SELECT count(*) FROM observation_version) + (SELECT count(*) FROM dashboard_definition)";
    let before = number(&mut connection, stored).await;
    let json = ("content-type", "application/json");
    for path in ["/v1/indicators", "/v1/observations", "/v1/dashboards"] {
        let post = async |headers: &[(&str, &str)], body: &[u8]| {
            let mut all = vec![("authorization", bearer.as_str())];
            all.extend(headers);
            app.send(Method::POST, path, &all, Some(body.to_vec())).await.status
        };
        let key = ("idempotency-key", "k-1");
        assert_eq!(post(&[json, key], b"{").await, 400);
        assert_eq!(post(&[json, key], b"{\"title\": \"\xff\"}").await, 400);
        assert_eq!(post(&[json, key], &vec![b' '; 3_000_000]).await, 413);
        assert_eq!(post(&[json, key], b"[]").await, 422);
        assert_eq!(post(&[json], b"{}").await, 400);
        assert_eq!(post(&[json, ("idempotency-key", "")], b"{}").await, 400);
        assert_eq!(post(&[key, ("content-type", "text/plain")], b"{}").await, 415);
        let put = app.send(Method::PUT, path, &[("authorization", bearer.as_str())], None).await;
        assert_eq!((put.status, put.header("allow").is_some()), (405, true));
    }
    assert_eq!(number(&mut connection, stored).await, before);
}

#[actix_web::test]
async fn writes_and_refusals_are_audited_and_reads_of_figures_are_not() {
    let (app, _) = county().await;
    let mut connection = app.database.all_seeing().await;
    let rows = |outcome: &str| format!("SELECT count(*) FROM audit_entry WHERE outcome = '{outcome}'");
    assert_eq!(number(&mut connection, &rows("done")).await, 2);
    app.get(&analyst(), "/v1/dashboards/partnership").await.expect(200);
    assert_eq!(number(&mut connection, &rows("done")).await, 2);
    app.get(&Person::new("school", "greenfield-academy", Role::Referrer), "/v1/dashboards").await.expect(403);
    assert_eq!(number(&mut connection, &rows("refused")).await, 1);
}
