//! One list of what is due, from services of which some are away.

use std::time::Duration;

use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;

use crate::app::{Gateway, NOWHERE, Options};

/// A service that answers a work list with this, and says what it was asked in the item's reference.
fn service(status: u16, due: &'static [&'static str]) -> String {
    let server =
        HttpServer::new(move || App::new().app_data(Data::new((status, due))).route("/v1/work", web::get().to(answer)))
            .workers(1)
            .bind("127.0.0.1:0")
            .unwrap();
    let address = server.addrs()[0];
    actix_web::rt::spawn(server.run());
    format!("http://{address}")
}

async fn answer(request: HttpRequest, what: Data<(u16, &'static [&'static str])>) -> HttpResponse {
    let (status, due) = *what.get_ref();
    let bearer = request.headers().get("authorization").unwrap().to_str().unwrap().starts_with("Bearer ");
    let items: Vec<Value> = due
        .iter()
        .map(|due| {
            json!({ "what": { "code": "a", "label": "A" }, "standing": "due", "started_at": "2026-01-01T00:00:00Z",
                "due_at": due, "kind": "case", "record_id": uuid::Uuid::now_v7(), "about": "/v1/cases/1",
                "reference": request.query_string(), "mine": bearer })
        })
        .collect();
    let body = json!({ "counts": { "overdue": 0, "at_risk": 1, "due": 2 }, "items": items });
    HttpResponse::build(status.try_into().unwrap()).json(body)
}

async fn gateway(referral: String, youth_justice: String) -> Gateway {
    let options =
        Options { upstream: referral, youth_justice, answer_within: Duration::from_secs(2), ..Options::default() };
    Gateway::with(options).await
}

fn worker() -> Person {
    Person::new("yusuf", "county-council", Role::YouthJusticeWorker)
}

fn dues(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|item| item["due_at"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn the_lists_of_the_services_are_one_in_the_order_in_which_things_are_due() {
    let gateway = gateway(
        service(200, &["2026-03-01T00:00:00Z", "2026-03-03T00:00:00Z"]),
        service(200, &["2026-03-02T00:00:00Z", "2026-03-04T00:00:00Z"]),
    )
    .await;
    let list = gateway.get(&worker(), "/v1/work?limit=3&for=team").await.expect(200).body;
    assert_eq!(dues(&list), ["2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z"]);
    assert_eq!(list["counts"], json!({ "overdue": 0, "at_risk": 2, "due": 4 }));
    // Each was asked the same, as the caller.
    assert_eq!((&list["items"][0]["reference"], &list["items"][0]["mine"]), (&json!("limit=3&for=team"), &json!(true)));
    assert_eq!(list.get("missing"), None);
    let next = list["next"].as_str().unwrap();
    let asked = gateway.get(&worker(), &format!("/v1/work?limit=3&cursor={next}")).await.expect(200).body;
    assert_eq!(asked["items"][0]["reference"], format!("limit=3&cursor={next}"));
}

#[actix_web::test]
async fn a_service_that_is_away_is_named_and_the_rest_is_shown() {
    for away in [NOWHERE.to_owned(), service(500, &[]), service(503, &[])] {
        let gateway = gateway(service(200, &["2026-03-01T00:00:00Z"]), away).await;
        let list = gateway.get(&worker(), "/v1/work").await.expect(200).body;
        assert_eq!(list["missing"], json!(["youth-justice-service"]));
        assert_eq!(dues(&list).len(), 1);
    }
    let nobody = gateway(NOWHERE.to_owned(), service(403, &[])).await;
    assert_eq!(nobody.get(&worker(), "/v1/work").await.expect(503).kind(), "unavailable");
}

#[actix_web::test]
async fn who_has_work_nowhere_is_told_so_and_who_has_it_in_one_place_is_not() {
    let gateway_of_two = gateway(service(403, &[]), service(200, &["2026-03-01T00:00:00Z"])).await;
    let list = gateway_of_two.get(&worker(), "/v1/work").await.expect(200).body;
    assert_eq!((dues(&list).len(), list.get("missing")), (1, None));
    let gateway = gateway(service(403, &[]), service(403, &[])).await;
    gateway.get(&worker(), "/v1/work").await.expect(403);
    gateway.send(reqwest::Method::GET, "/v1/work", &[], None).await.expect(401);
    let bad = gateway.get(&worker(), "/v1/work?for=us&cursor=x").await.expect(400);
    assert_eq!(bad.body["errors"].as_array().unwrap().len(), 2);
}
