//! Dashboards: defined, redefined, listed, refused; and what they compute.

use serde_json::{Value, json};
use shared::testing::TestApp;

use crate::indicators::indicator;
use crate::{analyst, board_member, start};

/// The service with one published indicator and two figures of it.
async fn county() -> TestApp {
    let (app, ana) = (start().await, analyst());
    app.post(&ana, "/v1/indicators", &indicator("entrants", "count")).await.expect(201);
    for (year, value) in [(2014, 190), (2015, 124)] {
        let body = json!({
            "indicator": "entrants", "geography": "leicestershire", "value": value, "unit": "count",
            "period": { "from": format!("{year}-04-01"), "to": format!("{}-03-31", year + 1), "label": format!("{year}") },
            "source": "A test", "provisional": false,
        });
        app.post(&ana, "/v1/observations", &body).await.expect(201);
    }
    app
}

fn point(year: i32) -> Value {
    json!({ "from": format!("{year}-04-01"), "to": format!("{}-03-31", year + 1), "geography": "leicestershire" })
}

fn content(row: Value) -> Value {
    json!({ "source": "A test", "footnotes": [{ "mark": "*", "text": "A note" }],
            "groups": [{ "outcome": "Fewer entrants", "progress": "green", "rows": [row] }] })
}

fn published(published: Value) -> Value {
    content(
        json!({ "indicator": "entrants", "previous": point(2014), "latest": point(2015), "published": published, "footnotes": ["*"] }),
    )
}

fn dashboard(id: &str, content: Value) -> Value {
    json!({ "id": id, "title": "A dashboard", "content": content })
}

#[actix_web::test]
async fn a_dashboard_shows_its_observations_and_their_change() {
    let (app, ana) = (county().await, analyst());
    let printed = json!({ "progress": "green", "direction": "up", "nearest_neighbours": "2/9" });
    let made = app.post(&ana, "/v1/dashboards", &dashboard("fewer", published(printed))).await.expect(201);
    assert_eq!(made.header("location"), Some("/v1/dashboards/fewer"));
    let mut read = app.get(&board_member(), "/v1/dashboards/fewer").await.expect(200);
    read.body["as_at"] = made.body["as_at"].clone();
    assert_eq!(read.body, made.body);
    let row = &read.body["groups"][0]["rows"][0];
    assert_eq!((&row["previous"]["value"], &row["latest"]["value"]), (&json!(190), &json!(124)));
    assert_eq!(
        row["change"],
        json!({ "difference": -66, "percent": -34.7, "display": "-34.7%", "movement": "down", "meaning": "better" })
    );
    assert_eq!(row["published"]["direction_follows"], "improvement");
    assert_eq!(row["remarks"], json!([]));
}

#[actix_web::test]
async fn a_revised_figure_is_shown_at_once() {
    let (app, ana) = (county().await, analyst());
    app.post(&ana, "/v1/dashboards", &dashboard("fewer", published(json!({})))).await.expect(201);
    let list = app.get(&ana, "/v1/observations?indicator=entrants").await.expect(200).body;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let revision =
        json!({ "value": 126, "unit": "count", "source": "A test", "provisional": true, "reason": "Two came late." });
    app.post_on(&ana, &format!("/v1/observations/{id}/revisions"), "\"1-full\"", &revision).await.expect(200);
    let read = app.get(&ana, "/v1/dashboards/fewer").await.expect(200).body;
    let latest = &read["groups"][0]["rows"][0]["latest"];
    assert_eq!((&latest["value"], &latest["provisional"]), (&json!(126), &json!(true)));
    assert_eq!(latest["observation"], json!({ "id": id, "version": 2 }));
}

#[actix_web::test]
async fn contradictions_are_found_by_computing() {
    let (app, ana) = (county().await, analyst());
    let printed = json!({ "progress": "red", "direction": "level", "nearest_neighbours": "10/9" });
    let made = app.post(&ana, "/v1/dashboards", &dashboard("odd", published(printed))).await.expect(201);
    let remarks = made.body["groups"][0]["rows"][0]["remarks"].as_array().unwrap();
    let codes: Vec<&str> = remarks.iter().map(|remark| remark["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["arrow_follows_neither", "colour_against_change", "rank_impossible"]);
}

#[actix_web::test]
async fn a_definition_has_versions() {
    let (app, ana) = (county().await, analyst());
    let first = app.post(&ana, "/v1/dashboards", &dashboard("fewer", published(json!({})))).await.expect(201);
    let path = "/v1/dashboards/fewer/definition";
    let next = json!({ "title": "Renamed", "content": published(json!({ "progress": "amber" })) });
    app.post(&ana, path, &next).await.expect(428);
    app.post_on(&ana, path, "\"9-figures\"", &next).await.expect(412);
    let second = app.post_with(&ana, path, "d-1", Some(&first.etag()), &next).await.expect(200);
    assert_eq!((&second.body["title"], &second.body["version"]), (&json!("Renamed"), &json!(2)));
    let again = app.post_with(&ana, path, "d-1", Some(&first.etag()), &next).await.expect(200);
    assert_eq!((&again.body["version"], again.etag()), (&json!(2), second.etag()));
    app.post_on(&ana, path, &first.etag(), &next).await.expect(412);
    let definition = app.get(&ana, path).await.expect(200);
    let versions: Vec<(i64, &str)> = definition.body["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| (v["version"].as_i64().unwrap(), v["title"].as_str().unwrap()))
        .collect();
    assert_eq!(versions, [(2, "Renamed"), (1, "A dashboard")]);
    // What was read can be sent again, and its ETag is the version's too.
    let same = json!({ "title": definition.body["title"], "content": definition.body["content"] });
    let third = app.post_on(&ana, path, &definition.etag(), &same).await.expect(200);
    assert_eq!(third.body["version"], 3);
    app.post(&ana, "/v1/dashboards", &dashboard("fewer", published(json!({})))).await.expect(409);
}

#[actix_web::test]
async fn the_list_has_the_partnership_s_own() {
    let (app, ana) = (county().await, analyst());
    app.post(&ana, "/v1/dashboards", &dashboard("fewer", published(json!({})))).await.expect(201);
    let page = app.get(&board_member(), "/v1/dashboards?limit=1").await.expect(200).body;
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    let next = page["next"].as_str().unwrap();
    let rest = app.get(&board_member(), &format!("/v1/dashboards?cursor={next}")).await.expect(200).body;
    let mut ids = vec![page["items"][0]["id"].as_str().unwrap(), rest["items"][0]["id"].as_str().unwrap()];
    ids.sort_unstable();
    assert_eq!(ids, ["fewer", "partnership"]);
}

#[actix_web::test]
async fn what_makes_no_sense_is_refused_at_its_place() {
    let (app, ana) = (county().await, analyst());
    let row = "/content/groups/0/rows/0";
    let mut twice = published(json!({}));
    twice["footnotes"] = json!([{ "mark": "*", "text": "a" }, { "mark": "*", "text": "b" }]);
    let mut elsewhere = point(2015);
    elsewhere["geography"] = json!("rutland");
    for (content, pointer) in [
        (content(json!({ "indicator": "no_such", "latest": point(2015) })), format!("{row}/indicator")),
        (content(json!({ "indicator": "entrants" })), format!("{row}/latest")),
        (content(json!({ "indicator": "entrants", "latest": elsewhere })), format!("{row}/latest")),
        (
            content(json!({ "indicator": "entrants", "latest": point(2015), "previous": point(1999) })),
            format!("{row}/previous"),
        ),
        (
            content(json!({ "indicator": "entrants", "latest": point(2015), "window": "current_month" })),
            format!("{row}/window"),
        ),
        (content(json!({ "indicator": "entrants", "latest": point(2015), "by": "locality" })), format!("{row}/by")),
        (
            content(json!({ "indicator": "entrants", "latest": point(2015), "footnotes": ["*", "!"] })),
            format!("{row}/footnotes/1"),
        ),
        (content(json!({ "indicator": "decided_in_time" })), format!("{row}/window")),
        (content(json!({ "indicator": "decided_in_time", "window": "next_year" })), format!("{row}/window")),
        (
            content(json!({ "indicator": "decided_in_time", "window": "current_month", "by": "service" })),
            format!("{row}/by"),
        ),
        (
            content(json!({ "indicator": "decided_in_time", "window": "current_month", "latest": point(2015) })),
            format!("{row}/latest"),
        ),
        (published(json!({ "progress": "purple" })), format!("{row}/published/progress")),
        (published(json!({ "direction": 1 })), format!("{row}/published/direction")),
        (published(json!({ "county": "a\u{0}" })), format!("{row}/published/county")),
        (published(json!({ "mood": "good" })), format!("{row}/published/mood")),
        (twice, "/content/footnotes/1/mark".to_owned()),
        (json!({ "source": "A test", "groups": [] }), "/content/groups".to_owned()),
    ] {
        let refused = app.post(&ana, "/v1/dashboards", &dashboard("odd", content.clone())).await.expect(422);
        assert_eq!(refused.pointers(), [pointer], "{content}");
    }
    app.post(&ana, "/v1/dashboards", &dashboard("Not A Word", published(json!({})))).await.expect(422);
    for id in ["odd", "%00", "A%20B", "%ff"] {
        app.get(&ana, &format!("/v1/dashboards/{id}")).await.expect(404);
        app.get(&ana, &format!("/v1/dashboards/{id}/definition")).await.expect(404);
    }
}
