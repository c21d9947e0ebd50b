//! The shape of the code: who may import whom (CONTRIBUTING.md, "A slice").

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Services, and within each the kernel modules that every slice may use.
const SERVICES: [(&str, &[&str]); 3] = [
    (
        "referral-service",
        &["policy", "schema", "referral", "people", "contact", "alert", "family", "provision", "measurement", "sheet"],
    ),
    ("youth-justice-service", &["policy", "schema", "person_copy"]),
    ("performance-service", &["policy", "schema", "measure"]),
];

/// Slices that name a sibling all the same. May only shrink. What another service's events lead to is for the
/// slice that they concern to say.
const EXCEPTIONS: [(&str, &str, &str); 1] = [("youth-justice-service", "referral_events", "prevention")];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The modules of its own crate that a file names: in an import, alone or in a group, or in passing.
fn named_of_the_crate(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect();
    let is_of_a_word = |c: char| c.is_alphanumeric() || c == '_';
    let word = |text: &str| text.trim_start().chars().take_while(|c| is_of_a_word(*c)).collect::<String>();
    let mut named = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        if code[..at].chars().next_back().is_some_and(|before| is_of_a_word(before) || before == '$') {
            continue;
        }
        let rest = &code[at + found.len()..];
        let Some(group) = rest.strip_prefix('{') else {
            named.push(word(rest));
            continue;
        };
        let (mut depth, mut starts) = (0, true);
        for (offset, c) in group.char_indices() {
            if starts && is_of_a_word(c) {
                named.push(word(&group[offset..]));
                starts = false;
            }
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => starts = true,
                _ => {}
            }
        }
    }
    // What begins with a capital is the crate's own root, and what is empty no name.
    named.retain(|name| name.chars().next().is_some_and(char::is_lowercase));
    named
}

#[test]
fn every_way_to_name_a_module_is_read() {
    let text = "use crate::policy;\n// crate::comment\nuse crate::{\n    schema::{a, b},\n    referral,\n};\nlet x = crate::hub::y(); pub(crate) fn z() {} $crate::no";
    assert_eq!(named_of_the_crate(text), ["policy", "schema", "referral", "hub"]);
}

#[test]
fn a_slice_imports_the_kernel_and_never_a_sibling() {
    let mut wrong = Vec::new();
    for (service, kernel) in SERVICES {
        let source = root().join(service).join("src");
        for file in rust_files(&source) {
            let inside = file.strip_prefix(&source).unwrap();
            let slice =
                inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned();
            if ["lib", "main"].contains(&slice.as_str()) {
                continue;
            }
            for target in named_of_the_crate(&std::fs::read_to_string(&file).unwrap()) {
                let excepted = EXCEPTIONS.contains(&(service, slice.as_str(), target.as_str()));
                if target != slice && !kernel.contains(&target.as_str()) && !excepted {
                    wrong.push(format!("{service}/{}: {target}", inside.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn crates_import_only_what_they_may() {
    let services = ["gateway", "referral_service", "youth_justice_service", "performance_service"];
    let mut wrong = Vec::new();
    for (folder, may) in [
        ("shared", vec![]),
        ("gateway", vec!["gateway", "shared"]),
        ("referral-service", vec!["referral_service", "shared"]),
        ("youth-justice-service", vec!["youth_justice_service", "shared"]),
        ("performance-service", vec!["performance_service", "shared"]),
        ("stack", vec!["stack"]),
        ("tests", vec!["stack", "e2e"]),
    ] {
        for file in rust_files(&root().join(folder)) {
            for line in std::fs::read_to_string(&file).unwrap().lines() {
                let Some(import) = line.trim().strip_prefix("use ") else { continue };
                let target = import.split([':', ';', ' ']).next().unwrap_or_default();
                let ours = services.contains(&target) || ["shared", "stack", "e2e"].contains(&target);
                if ours && !may.contains(&target) {
                    wrong.push(format!("{}: {line}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// `domain.rs`, or what is in a folder `domain`, holds rules: no requests, no rows, no waiting.
#[test]
fn rules_are_pure() {
    let mut wrong = Vec::new();
    for (service, _) in SERVICES {
        for file in rust_files(&root().join(service).join("src")) {
            let is_rules =
                file.components().any(|part| ["domain", "domain.rs"].contains(&part.as_os_str().to_str().unwrap()));
            let text = std::fs::read_to_string(&file).unwrap();
            if is_rules {
                for library in ["use actix_web", "use diesel::", "use diesel_async", "async fn"] {
                    if text.contains(library) {
                        wrong.push(format!("{}: {library}", file.display()));
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The name of a type in the reference: what `schema(as = …)` says, else its own.
fn schema_name(attributes: &str, own: &str) -> String {
    let said = attributes.split("schema(as = ").nth(1);
    said.and_then(|rest| rest.split([',', ')']).next()).unwrap_or(own).to_owned()
}

#[test]
fn no_two_types_have_one_name_in_the_reference() {
    let mut seen: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut twice = Vec::new();
    for crate_name in ["referral-service", "youth-justice-service", "performance-service", "gateway", "shared"] {
        for file in rust_files(&root().join(crate_name).join("src")) {
            let text = std::fs::read_to_string(&file).unwrap();
            let mut attributes = String::new();
            for line in text.lines().map(str::trim_start) {
                let declared = line.strip_prefix("pub struct ").or_else(|| line.strip_prefix("pub enum "));
                let private = line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum "));
                if let Some(rest) = declared.or(private) {
                    let own = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
                    // A macro names the type where it is used.
                    if attributes.contains("ToSchema") && !own.is_empty() {
                        let name = schema_name(&attributes, own);
                        if let Some(other) = seen.insert(name.clone(), file.clone()) {
                            twice.push(format!("{name}: {} and {}", other.display(), file.display()));
                        }
                    }
                    attributes.clear();
                } else if line.is_empty() || line == "}" {
                    attributes.clear();
                } else {
                    attributes.push_str(line);
                }
            }
        }
    }
    assert!(seen.len() > 100, "no types were found");
    assert!(
        twice.is_empty(),
        "one would stand in the reference for both; say #[schema(as = …)]:\n{}",
        twice.join("\n")
    );
}
