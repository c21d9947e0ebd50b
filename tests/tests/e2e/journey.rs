//! One referral from the front door to the board's figures: the README's seven steps.

use e2e::{County, until};
use serde_json::{Value, json};

/// What Greenfield's system sends (the first case study of the 2015/16 annual report, told as the
/// school would, with invented names).
fn told(child: &str) -> Value {
    json!({
        "referrer": { "name": "Ms A Teacher (invented)", "role": "designated safeguarding lead" },
        "family_knows": true,
        "people": [
            { "relation": "child", "given_name": child, "family_name": "Testcase", "birth_date": "2019-02-03", "school": "Greenfield Academy" },
            { "relation": "parent", "given_name": "Willow", "family_name": "Testcase" },
            { "relation": "parent", "given_name": "Ash", "family_name": "Testcase" }
        ],
        "locality": "charnwood",
        "concerns": ["mental-and-physical-health", "financial-stability", "secure-housing"],
        "worries": "Told her teacher that the family is in debt, fears eviction and lives from one crisis to the next."
    })
}

/// A figure of the partnership dashboard, by indicator: all numbers under it, added up.
async fn figure(county: &County, indicator: &str) -> f64 {
    let board = county.as_("bea.board").await;
    let dashboard = board.get("/v1/dashboards/partnership").await.expect(200);
    dashboard.body["groups"]
        .as_array()
        .expect("groups")
        .iter()
        .flat_map(|group| group["rows"].as_array().cloned().unwrap_or_default())
        .filter(|row| row["indicator"] == indicator || row["indicator"]["code"] == indicator)
        .filter_map(|row| row["latest"]["value"].as_f64())
        .sum()
}

#[tokio::test]
async fn a_referral_goes_from_the_front_door_to_the_board_s_figures() {
    let county = County::shared().await;
    let school = county.as_("greenfield-school-system").await;
    let officer = county.as_("olive.officer").await;
    let hub = county.as_("harper.hub").await;
    let worker = county.as_("felix.family").await;
    let received_before = figure(county, "referrals_received").await;

    // 1. The school's system submits a referral.
    let submitted = school.post("/v1/referrals", &told("Juniper")).await.expect(201);
    let path = format!("/v1/referrals/{}", submitted.id());
    assert_eq!(submitted.body["status"], "received");
    assert_eq!(submitted.header("location"), Some(path.as_str()));

    // 2. First Response screens and decides; the clock shows.
    let queue = officer.get("/v1/referrals?status=received&limit=100").await.expect(200);
    let waiting = queue.items().iter().find(|line| line["id"] == submitted.body["id"]).expect("it is on the worklist");
    assert_eq!(waiting["decision_clock"], "due");
    officer.step(&path, "screening", &json!({})).await.expect(200);
    let decision =
        json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "Several needs in one household." });
    let decided = officer.step(&path, "decision", &decision).await.expect(200);
    assert_eq!(decided.body["decision_clock"], "met");

    // 3. It is listed for the hub of the family's district, which decides and allocates.
    let listed = hub.get("/v1/hubs/charnwood/referrals?limit=100").await.expect(200);
    assert!(listed.items().iter().any(|line| line["id"] == submitted.body["id"]));
    let allocate =
        json!({ "outcome": "allocate", "service": "intensive-family-support", "reason": "One dedicated worker." });
    hub.step(&path, "hub-decision", &allocate).await.expect(200);

    // 4. The service accepts, works, closes with an outcome.
    let offered = worker.get("/v1/allocations?status=offered&limit=100").await.expect(200);
    let mine = offered.items().iter().find(|line| line["referral_id"] == submitted.body["id"]).expect("it was offered");
    let allocation = format!("/v1/allocations/{}", mine["id"].as_str().unwrap());
    worker.step(&allocation, "acceptance", &json!({})).await.expect(200);
    let closing = json!({ "outcome": "needs_met", "summary": "On a payment plan the family keeps to." });
    worker.step(&allocation, "closure", &closing).await.expect(200);

    // 5. The school sees status and decision and nothing more; another school finds nothing.
    let seen = school.get(&path).await.expect(200);
    assert_eq!((&seen.body["view"], &seen.body["status"]), (&json!("status"), &json!("closed")));
    assert_eq!(seen.body["decisions"][0]["outcome"], "early_help_hub");
    for absent in ["contact", "people", "allocations"] {
        assert!(seen.body.get(absent).is_none(), "{absent}");
    }
    let told: Vec<Value> = school.get(&format!("{path}/feedback")).await.expect(200).body.as_array().unwrap().clone();
    assert_eq!(told.last().unwrap()["about"], "closed");
    county.as_("hillside-school-system").await.get(&path).await.expect(404);

    // 6. The partnership's dashboard counts it.
    let board = county.as_("bea.board").await;
    for _ in 0..100 {
        if figure(county, "referrals_received").await > received_before {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    assert!(figure(county, "referrals_received").await > received_before);
    assert!(figure(county, "allocated_by_service").await >= 1.0);
    board.get("/v1/dashboards/partnership").await.expect(200);

    // 7. The child's access log says who looked, and when.
    let whole = officer.get(&path).await.expect(200);
    let child = whole.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    let governance = county.as_("ines.governance").await;
    let log = until(&governance, &format!("/v1/people/{child}/access-log?limit=100"), |answer| {
        answer.status == 200
            && ["greenfield-school-system", "olive.officer", "harper.hub", "felix.family"]
                .iter()
                .all(|who| answer.items().iter().any(|look| look["who"] == *who))
    })
    .await;
    assert!(log.items().iter().all(|look| look["at"].is_string() && look["action"].is_string()));
}

#[tokio::test]
async fn youth_justice_asks_to_accept_and_may_be_refused() {
    let county = County::shared().await;
    let school = county.as_("greenfield-school-system").await;
    let officer = county.as_("olive.officer").await;
    let worker = county.as_("yusuf.justice").await;
    let decision = json!({ "level_of_need": 3, "outcome": "youth_justice_prevention", "reason": "First trouble with the police." });
    let offer = async |child: &str| {
        let id = school.post("/v1/referrals", &told(child)).await.expect(201).id();
        officer.step(&format!("/v1/referrals/{id}"), "decision", &decision).await.expect(200);
        let cases = until(&worker, "/v1/prevention-cases?status=awaiting_acceptance&limit=100", |page| {
            page.items().iter().any(|case| case["referral_id"] == id.as_str())
        })
        .await;
        let case = cases.items().iter().find(|case| case["referral_id"] == id.as_str()).unwrap();
        (id, format!("/v1/prevention-cases/{}", case["id"].as_str().unwrap()))
    };

    let (id, case) = offer("Rowan").await;
    let named = until(&worker, &case, |answer| answer.body["people"][0]["given_name"].is_string()).await;
    assert!(named.body["people"].as_array().unwrap().iter().any(|person| person["given_name"] == "Rowan"));
    worker.step(&case, "acceptance", &json!({})).await.expect(200);
    let referral = officer.get(&format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(referral.body["status"], "in_service");
    let closing = json!({ "outcome": "needs_met", "summary": "Six sessions; no further trouble." });
    worker.step(&case, "closure", &closing).await.expect(200);
    let referral = officer.get(&format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(referral.body["status"], "closed");

    let (id, case) = offer("Hazel").await;
    // Read before the withdrawal, sent after it: as when two people act at once.
    let etag = worker.get(&case).await.expect(200).etag();
    school.step(&format!("/v1/referrals/{id}"), "withdrawal", &json!({ "reason": "Moved away." })).await.expect(200);
    let key = uuid::Uuid::now_v7().to_string();
    let headers = [("idempotency-key", key.as_str()), ("if-match", etag.as_str())];
    let refused = worker.send(reqwest::Method::POST, &format!("{case}/acceptance"), &headers, Some(&json!({}))).await;
    assert!(matches!(refused.status, 409 | 412), "{} {}", refused.status, refused.body);
    until(&worker, &case, |answer| answer.body["status"] == "withdrawn").await;
}
