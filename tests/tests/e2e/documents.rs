//! What people read is what runs: the API reference and the access tables.

use std::path::{Path, PathBuf};
use std::process::Command;

use e2e::County;
use serde_json::Value;
use stack::system::{Process, binaries};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn printed(process: Process, arguments: &[&str]) -> String {
    let output = Command::new(binaries().unwrap().join(process.binary())).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_checked_in_reference_is_what_the_binaries_print() {
    let folder = std::env::temp_dir().join(format!("threshold-openapi-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut files = Vec::new();
    for process in Process::ALL {
        let file = folder.join(format!("{}.json", process.binary()));
        std::fs::write(&file, printed(process, &["openapi"])).unwrap();
        files.push(file.to_str().unwrap().to_owned());
    }
    let mut arguments = vec!["merge-openapi"];
    arguments.extend(files.iter().map(String::as_str));
    let merged: Value = serde_json::from_str(&printed(Process::Gateway, &arguments)).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let checked_in: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("docs/openapi.json")).unwrap()).unwrap();
    assert!(merged == checked_in, "docs/openapi.json is not current: run ./threshold openapi");
}

#[test]
fn the_checked_in_access_tables_are_what_the_binaries_hold_people_to() {
    for process in Process::ALL {
        let file = root().join(format!("docs/access/{}.txt", process.binary()));
        let checked_in = std::fs::read_to_string(&file).unwrap_or_default();
        assert_eq!(
            printed(process, &["access-table"]),
            checked_in,
            "run ./threshold access-tables, and review the change"
        );
    }
}

/// Closing a prevention case closes its allocation, in another service: one list, told twice.
#[test]
fn a_prevention_case_ends_with_the_words_of_its_allocation() {
    let reference: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("docs/openapi.json")).unwrap()).unwrap();
    let words = |name: &str| reference["components"]["schemas"][name]["enum"].clone();
    assert!(words("ClosingOutcome").is_array());
    assert_eq!(words("PreventionCaseOutcome"), words("ClosingOutcome"));
}

#[tokio::test]
async fn the_reference_is_served_whole_and_every_operation_explains_itself() {
    let county = County::shared().await;
    let served = county.as_nobody().get("/openapi.json").await.expect(200).body;
    let checked_in: Value =
        serde_json::from_str(&std::fs::read_to_string(root().join("docs/openapi.json")).unwrap()).unwrap();
    assert!(served == checked_in, "/openapi.json is not docs/openapi.json");
    assert_eq!(served["openapi"], "3.1.0");
    let mut seen = std::collections::BTreeSet::new();
    let described = served["tags"].as_array().unwrap().iter().filter(|tag| tag["description"].is_string());
    let parts: Vec<&str> = described.map(|tag| tag["name"].as_str().unwrap()).collect();
    for (path, item) in served["paths"].as_object().unwrap() {
        assert!(!path.starts_with("/internal"), "{path} is not for outside");
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap_or_default();
            assert!(!id.is_empty() && seen.insert(id.to_owned()), "{method} {path}: operationId {id:?}");
            assert!(operation["summary"].as_str().is_some_and(|summary| !summary.is_empty()), "{id} has no summary");
            for tag in operation["tags"].as_array().unwrap() {
                assert!(parts.contains(&tag.as_str().unwrap()), "{id} stands in a part without a description: {tag}");
            }
            let open = operation["security"]
                .as_array()
                .is_some_and(|schemes| schemes.is_empty() || schemes.iter().any(|s| s == &serde_json::json!({})));
            assert!(open || operation["responses"].get("401").is_some(), "{id} does not say 401");
        }
    }
    assert!(seen.len() > 30);
}
