//! What is due on the cases of the team.

use chrono::{TimeDelta, Utc};
use serde_json::json;
use shared::actor::Role;
use shared::deadline;
use shared::testing::Person;

use crate::desk::{Desk, path};

#[actix_web::test]
async fn the_team_sees_what_is_due_on_its_cases_and_nobody_else_does() {
    let desk = Desk::open().await;
    let (_, case) = desk.case().await;
    let now = Utc::now();
    let mut all = desk.app.database.all_seeing().await;
    let id = case["id"].as_str().unwrap().parse().unwrap();
    deadline::start(&mut all, id, "test_review", now - TimeDelta::days(3), now - TimeDelta::days(1)).await.unwrap();
    let list = desk.app.get(&desk.yusuf, "/v1/work?for=team&standing=overdue").await.expect(200).body;
    let item = &list["items"][0];
    assert_eq!((&item["about"], &item["reference"]), (&json!(path(&case)), &case["reference"]));
    assert_eq!((&item["what"]["label"], &item["kind"]), (&json!("Test review"), &json!("prevention_case")));
    assert_eq!(list["counts"], json!({ "overdue": 1, "at_risk": 0, "due": 0 }));
    let other = Person::new("yara", "county-council", Role::YouthJusticeWorker).team("youth-work");
    assert_eq!(desk.app.get(&other, "/v1/work").await.expect(200).body["items"], json!([]));
    let officer = Person::new("olive", "county-council", Role::FirstResponseOfficer);
    desk.app.get(&officer, "/v1/work").await.expect(403);
    deadline::meet(&mut all, id, "test_review", now).await.unwrap();
    assert_eq!(desk.app.get(&desk.yusuf, "/v1/work").await.expect(200).body["items"], json!([]));
}
