//! One document from the documents of the services, and what holds for every operation added.

use serde_json::{Map, Value, json};
use shared::openapi::{may_refuse, operations};
use shared::problem::{KINDS, Kind};

use crate::route;

const TITLE: &str = "Threshold";
const DESCRIPTION: &str = include_str!("description.md");

/// The parts of the API, in the order in which the reference shows them.
const TAGS: &[(&str, &str)] = &[
    ("tokens", "How a partner's system or a person gets an access token, and ends a sign-in."),
    (
        "referrals",
        "A worry about a child or a family, told to First Response: submit it, and follow what becomes of it.",
    ),
    ("referral drafts", "A referral that is still being written: kept, checked, sent when it is ready."),
    ("referral batches", "Many referrals in one CSV file: each taken or refused whole, every row answered."),
    ("messages", "Between whoever referred and those who work on it."),
    ("first response", "The front door: screening, and the decision with its level of need."),
    (
        "information requests",
        "Other agencies asked what they know, how far back and on which basis; their answers; who was told what.",
    ),
    ("social care", "Stepping a family up to children's social care and down again, with one history."),
    ("alerts", "What has to be known at once, and what waits too long."),
    ("hubs", "The early help hub of a district: what is listed for it, and what it decides."),
    ("hub meetings", "A hub's meetings: who comes, the agenda, and what is decided with reasons and dissent."),
    ("panels", "Restricted panels: what they alone see, and who sits there."),
    ("allocations", "What a service is asked to take on, from the offer to the closing."),
    ("caseloads", "How much each worker carries, and the ceiling that warns."),
    ("families", "The family as the unit: members over time, households, relationships, addresses, problems."),
    ("cases", "A service's work with a family: opened, engaged, who works on it."),
    ("assessments", "Whole-family assessment, reviews, the ladder, the questions, and the journey of change."),
    ("plans", "The family's plan: goals, and actions that any agency can own."),
    ("team around the family", "Its meetings: who is invited, what was discussed and decided."),
    ("case notes", "What happened, as it happened; corrected, never overwritten."),
    ("closures", "How a case ends: outcome, planned exit, and how the family fares months later."),
    ("family voice", "What children and families say, and what may be told of them elsewhere."),
    ("case audits", "Case files drawn at random and held against standards."),
    ("feedback", "What families are asked about a service, and how they answered."),
    ("groups", "Group work: places, sessions, attendance, who completed."),
    ("brief interventions", "A short piece of work, its contacts and what came of it."),
    ("development", "Who is on the pathway from birth to two, and how a small child develops, area by area."),
    ("missing children", "Missing episodes, the return, and the interview within 72 hours."),
    ("exploitation", "Concerns about a child's exploitation: screening, risk meetings, safety plans, reviews."),
    ("youth justice", "Youth justice prevention: the cases that come of an allocation, and taking them on."),
    (
        "services",
        "The directory of services: who offers what, to whom, where and when, and whether there is room. Ranking services for a family's needs.",
    ),
    (
        "open referral",
        "The published directory for anyone, as an Open Referral UK 3.0 feed: no token, every web page may read it, pages by number as the standard has it.",
    ),
    (
        "onward referrals",
        "Passing a family on to a service that is no user: what is shared and why, the letter with its link, the answer, and what came of it.",
    ),
    (
        "short breaks",
        "Support for a disabled child: asked for, decided by the county's criteria, looked at again each year, ended.",
    ),
    (
        "partner lists",
        "Lists from partners, under agreement: each row answered, families found whom nobody has referred, help offered, and the rest forgotten in time.",
    ),
    ("people", "The index of people: who is who, and who has looked at whom."),
    ("work", "What is due, at risk and overdue: for you, your team, your district, in every service at once."),
    ("search", "Finding a person, a referral or a case by a name, a reference, an address or who works on it."),
    ("codes", "The words that fields may hold, with what they mean."),
    ("figures", "Indicators, observations and dashboards of the partnership."),
    ("identity", "Agencies, teams, users, clients and roles: kept by administrators."),
];

/// What the gateway itself may answer to an operation that it passes on.
const PASSED_ON: &[&str] = &["429", "502", "503", "504"];
/// What it may answer to one of its own that it counts.
const COUNTED: &[&str] = &["429", "503"];

/// The statuses that an address may be answered with whatever its service says.
fn whatever_happens(path: &str) -> &'static [&'static str] {
    if route::upstream(&path.replace(['{', '}'], "")).is_some() {
        PASSED_ON
    } else if path.starts_with("/v1/") || path.starts_with("/oauth/") {
        COUNTED
    } else {
        &[]
    }
}

/// Merges the documents of several services, in files, into one.
///
/// # Errors
/// One line naming the file, or what two services define differently.
pub fn merge_files(files: &[String]) -> Result<String, String> {
    let mut parts = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(file).map_err(|error| format!("cannot read {file}: {error}"))?;
        parts.push(serde_json::from_str::<Value>(&text).map_err(|error| format!("{file}: {error}"))?);
    }
    serde_json::to_string_pretty(&merge(parts)?).map_err(|error| error.to_string())
}

/// Merges documents.
///
/// # Errors
/// What two services define differently, or a schema that is named and nobody defines.
pub fn merge(parts: Vec<Value>) -> Result<Value, String> {
    let mut merged = shared::openapi::merge(TITLE, DESCRIPTION.trim_end(), parts)?;
    let defined = merged.pointer("/components/schemas").and_then(Value::as_object);
    let missing = named(&merged).into_iter().find(|name| !defined.is_some_and(|schemas| schemas.contains_key(*name)));
    if let Some(name) = missing {
        return Err(format!("no service defines the schema {name}; write inline(…) where a parameter names it"));
    }
    let tags: Vec<Value> =
        TAGS.iter().map(|(name, description)| json!({ "name": name, "description": description })).collect();
    if let Some(document) = merged.as_object_mut() {
        document.insert("tags".to_owned(), Value::Array(tags));
    }
    for (path, operation) in operations(&mut merged) {
        complete(path, operation);
    }
    Ok(merged)
}

/// The schemas that a document names.
fn named(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let target = fields.get("$ref").and_then(Value::as_str);
            let name = target.and_then(|target| target.strip_prefix("#/components/schemas/"));
            name.into_iter().chain(fields.values().flat_map(named)).collect()
        }
        Value::Array(items) => items.iter().flat_map(named).collect(),
        _ => Vec::new(),
    }
}

/// The document with the paths of another in place of its own: what this program answers now.
pub fn with_own_paths(mut merged: Value, own: &Value) -> Value {
    let paths = own.get("paths").and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(known) = merged.get_mut("paths").and_then(Value::as_object_mut) {
        known.extend(paths);
    }
    merged
}

/// The kinds of refusal that come with a status.
pub fn kinds(status: &str) -> impl Iterator<Item = &'static Kind> + '_ {
    KINDS.iter().filter(move |kind| kind.status.to_string() == status)
}

fn complete(path: &str, operation: &mut Map<String, Value>) {
    // Some write theirs as a sentence; a heading has no full stop.
    if let Some(Value::String(summary)) = operation.get_mut("summary")
        && summary.ends_with('.')
    {
        summary.pop();
    }
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else {
        return;
    };
    for status in whatever_happens(path) {
        may_refuse(responses, status);
    }
    for (status, response) in responses {
        let Some(response) = response.as_object_mut() else {
            continue;
        };
        let described = response.get("description").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
        if !described {
            response.insert("description".to_owned(), describe(status).into());
        }
        if let Some(content) = response.get_mut("content").and_then(Value::as_object_mut)
            && content.get("application/json").is_some_and(is_problem)
            && let Some(problem) = content.remove("application/json")
        {
            content.insert("application/problem+json".to_owned(), problem);
        }
    }
}

fn is_problem(media: &Value) -> bool {
    media.pointer("/schema/$ref").and_then(Value::as_str) == Some("#/components/schemas/ProblemDocument")
}

fn describe(status: &str) -> String {
    let titles: Vec<&str> = kinds(status).map(|kind| kind.title).collect();
    match status {
        "200" => "Done".to_owned(),
        "201" => "Made".to_owned(),
        "204" => "Done; nothing to say".to_owned(),
        _ if titles.is_empty() => format!("Status {status}"),
        _ => titles.join("; or: "),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn every_answer_is_described_and_refusals_are_problems() {
        let problem = json!({ "content": { "application/json": { "schema": { "$ref": "#/components/schemas/ProblemDocument" } } } });
        let part = json!({ "paths": { "/v1/referrals/{id}": { "post": { "summary": "Do it.", "responses": {
            "201": { "content": { "application/json": { "schema": { "type": "object" } } } }, "409": problem } } } },
            "components": { "schemas": { "ProblemDocument": { "type": "object" } } } });
        let merged = merge(vec![part]).unwrap();
        let operation = &merged["paths"]["/v1/referrals/{id}"]["post"];
        assert_eq!(operation["summary"], "Do it");
        assert_eq!(operation["responses"]["201"]["description"], "Made");
        assert!(operation["responses"]["201"]["content"]["application/json"].is_object());
        assert!(operation["responses"]["409"]["description"].as_str().unwrap().contains("one already"));
        assert!(operation["responses"]["409"]["content"]["application/problem+json"].is_object());
        assert!(operation["responses"]["503"]["content"]["application/problem+json"].is_object());
    }

    #[test]
    fn a_schema_that_is_named_and_nobody_defines_is_refused() {
        let part = |name: &str| {
            let parameter = json!({ "name": "state", "schema": { "$ref": format!("#/components/schemas/{name}") } });
            json!({ "paths": { "/v1/alerts": { "get": { "parameters": [parameter] } } },
                    "components": { "schemas": { "Standing": { "type": "string" } } } })
        };
        assert!(merge(vec![part("Standing")]).is_ok());
        assert!(merge(vec![part("AlertState")]).unwrap_err().contains("AlertState"));
    }
}
