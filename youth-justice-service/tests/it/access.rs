//! Who may do what: every operation by every role, against a table of its own.

use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::desk::{Desk, path};
use crate::owner::at;

/// The operations on a case: the rest of the address, and the body of a change.
fn operations() -> Vec<(&'static str, Option<Value>)> {
    vec![
        ("", None),
        ("/history", None),
        ("/acceptance", Some(json!({}))),
        ("/refusal", Some(json!({ "reason": "No capacity." }))),
        ("/closure", Some(json!({ "outcome": "needs_met", "summary": "Done." }))),
    ]
}

async fn send(desk: &Desk, who: &Person, address: &str, body: Option<&Value>) -> Reply {
    match body {
        None => desk.app.get(who, address).await,
        Some(body) => desk.app.post_on(who, address, "\"1-full\"", body).await,
    }
}

#[actix_web::test]
async fn every_operation_has_cells_here() {
    let api = shared::openapi::document("x", "x", youth_justice_service::PROGRAM.routes).unwrap();
    let served: Vec<&str> = api["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut told = vec!["/v1/prevention-cases".to_owned()];
    told.extend(operations().iter().map(|(rest, _)| format!("/v1/prevention-cases/{{id}}{rest}")));
    told.sort();
    assert_eq!(served, told);
    for item in api["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            assert_eq!(operation["tags"], json!(["youth justice"]));
        }
    }
}

#[actix_web::test]
async fn only_youth_justice_workers_of_the_team_see_or_do_anything() {
    let desk = Desk::open().await;
    let (offer, case) = desk.case().await;
    for role in Role::ALL {
        // In the county's front door, hub and another team, as the role may have it.
        let stranger = Person::new("stranger", "county-council", role).hub("charnwood").team("youth-work");
        let list = desk.app.get(&stranger, "/v1/prevention-cases").await;
        if role == Role::YouthJusticeWorker {
            assert_eq!(list.expect(200).body, json!({ "items": [] }));
        } else {
            list.expect(403);
        }
        for (rest, body) in operations() {
            send(&desk, &stranger, &format!("{}{rest}", path(&case)), body.as_ref()).await.expect(404);
        }
        // Named to the team: what one's role sees of it, one still may not touch.
        if role != Role::YouthJusticeWorker {
            let teamed = Person::new("teamed", "county-council", role).team("youth-justice-prevention");
            let in_a_team = matches!(role, Role::ServiceWorker | Role::ServiceManager);
            let expected = if in_a_team { 403 } else { 404 };
            desk.app.get(&teamed, "/v1/prevention-cases").await.expect(403);
            for (rest, body) in operations() {
                send(&desk, &teamed, &format!("{}{rest}", path(&case)), body.as_ref()).await.expect(expected);
            }
        }
    }
    at(offer.allocation, |it| assert_eq!(it.asks, 0));
    assert_eq!(desk.read(&case).await.etag(), "\"1-full\"");
}

#[actix_web::test]
async fn without_a_token_nothing_is_answered() {
    let desk = Desk::open().await;
    let (_, case) = desk.case().await;
    for (rest, body) in operations() {
        let method = if body.is_some() { "POST" } else { "GET" }.parse().unwrap();
        let body = body.map(|body| body.to_string().into_bytes());
        desk.app.send(method, &format!("{}{rest}", path(&case)), &[], body).await.expect(401);
    }
    desk.app.send("GET".parse().unwrap(), "/v1/prevention-cases", &[], None).await.expect(401);
}

#[actix_web::test]
async fn what_one_may_not_see_and_what_is_not_there_answer_the_same() {
    let desk = Desk::open().await;
    let (_, case) = desk.case().await;
    let stranger = Person::new("stranger", "county-council", Role::YouthJusticeWorker).team("youth-work");
    let hidden = desk.app.get(&stranger, &path(&case)).await.expect(404);
    let absent = desk.app.get(&stranger, &format!("/v1/prevention-cases/{}", uuid::Uuid::now_v7())).await.expect(404);
    let nonsense = desk.app.get(&stranger, "/v1/prevention-cases/7").await.expect(404);
    assert_eq!(hidden.body, absent.body);
    assert_eq!(hidden.body, nonsense.body);
    desk.app.send("DELETE".parse().unwrap(), &path(&case), &[], None).await.expect(405);
}
