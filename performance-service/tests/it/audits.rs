//! What audits of case files found, counted, against a count of our own.

use diesel_async::{AsyncConnection, AsyncPgConnection};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::events::Apply;
use shared::testing::TestApp;
use uuid::Uuid;

use crate::source::event;
use crate::{board_member, start};

const STANDARDS: [&str; 5] = ["timeliness", "voice", "multi-agency-working", "outcomes", "management-oversight"];
const GRADES: [&str; 4] = ["outstanding", "good", "requires-improvement", "inadequate"];

/// A file's audit; every third standard of every second file does not apply.
fn audit(number: usize) -> Value {
    let grades: Vec<Value> = STANDARDS
        .iter()
        .enumerate()
        .map(|(place, standard)| {
            if number.is_multiple_of(2) && (number + place).is_multiple_of(3) {
                return json!({ "standard": standard, "grade": null, "good": null });
            }
            let grade = (number * 7 + place * 3) % 4;
            json!({ "standard": standard, "grade": GRADES[grade], "good": grade < 2 })
        })
        .collect();
    json!({ "audit_id": Uuid::now_v7(), "sample_id": Uuid::now_v7(), "case_id": Uuid::now_v7(), "case_type": "outreach",
            "service": if number.is_multiple_of(3) { "youth-work" } else { "intensive-family-support" },
            "locality": if number.is_multiple_of(5) { "melton" } else { "charnwood" },
            "finished_at": "2026-05-04T20:00:00Z", "in_time": true, "grades": grades })
}

async fn figure(app: &TestApp, code: &str, by: &str) -> Value {
    let path = format!("/v1/indicators/{code}/figure?from=2026-04-01&to=2026-09-30&by={by}");
    app.get(&board_member(), &path).await.expect(200).body
}

/// What a plain loop counts: those good or better, and the base.
fn counted(audits: &[Value], of: impl Fn(&Value, &Value) -> bool) -> (usize, usize) {
    let mut found = (0, 0);
    for audit in audits {
        for grade in audit["grades"].as_array().unwrap() {
            if let Some(good) = grade["good"].as_bool().filter(|_| of(audit, grade)) {
                found = (found.0 + usize::from(good), found.1 + 1);
            }
        }
    }
    found
}

#[actix_web::test]
async fn the_share_of_standards_graded_good_or_better_is_counted_with_its_base() {
    let app = start().await;
    let audits: Vec<Value> = (0..37).map(audit).collect();
    let mut connection = AsyncPgConnection::establish(&app.database.worker()).await.unwrap();
    for data in audits.iter().chain(&audits[..5]) {
        let id = data["audit_id"].as_str().unwrap().parse().unwrap();
        Projection.apply(&mut connection, &event("audit.finished.v1", id, data.clone())).await.unwrap();
    }
    let seen = |figure: &Value| (figure["numerator"].as_u64().unwrap(), figure["denominator"].as_u64().unwrap());
    let same = |figure: &Value, (good, base): (usize, usize)| assert_eq!(seen(figure), (good as u64, base as u64));
    let by_standard = figure(&app, "audit_standards_good", "part").await;
    assert_eq!(by_standard["part_is"], "standard");
    same(&by_standard["figure"], counted(&audits, |_, _| true));
    for part in by_standard["parts"].as_array().unwrap() {
        same(&part["figure"], counted(&audits, |_, grade| grade["standard"] == part["code"]));
    }
    assert_eq!(by_standard["parts"].as_array().unwrap().len(), STANDARDS.len());
    for (by, field) in [("locality", "locality"), ("service", "service")] {
        for part in figure(&app, "audit_standards_good", by).await["parts"].as_array().unwrap() {
            same(&part["figure"], counted(&audits, |audit, _| audit[field] == part["code"]));
        }
    }
    assert_eq!(figure(&app, "case_files_audited", "service").await["figure"]["value"], 37);
}
