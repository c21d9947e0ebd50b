//! Examples: the one a schema gives, else one made from its fields.

use serde_json::{Map, Value, json};

use super::schema::{Schemas, kind_of, values};

/// Deeper than this an example is no help.
const DEEPEST: usize = 6;

/// What fields of these names hold in an example, so that it reads like the field's own words.
const TYPICAL: &[(&str, &str)] = &[
    ("locality", "charnwood"),
    ("localities", "charnwood"),
    ("agency", "greenfield-academy"),
    ("team", "youth-work"),
    ("teams", "youth-work"),
    ("service", "intensive-family-support"),
    ("given_name", "Ada"),
    ("family_name", "Example"),
    ("display_name", "Ada Example"),
    ("username", "ada.example"),
    ("email", "ada.example@greenfield.example"),
    ("telephone", "0116 496 0123"),
    ("postcode", "LE11 1AA"),
    ("address", "1 High Street, Loughborough"),
    ("school", "Greenfield Academy"),
    ("reference", "R-7K3M-9QXA-C"),
    ("referral_reference", "R-7K3M-9QXA-C"),
    ("next", "MS4xNzY0…"),
    ("cursor", "MS4xNzY0…"),
    ("token_type", "Bearer"),
    ("access_token", "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJFZERTQSJ9…"),
    ("expires_in", "300"),
];

/// An example of a schema. Of a request only what must be given, unless the schema gives one.
pub fn example<'a>(schemas: Schemas<'a>, schema: &'a Value, whole: bool) -> Value {
    make(schemas, schema, "", whole, 0)
}

fn given(schema: &Value) -> Option<Value> {
    let first = |name: &str| schema.get(name)?.as_array()?.first().cloned();
    schema.get("example").cloned().or_else(|| first("examples"))
}

fn make<'a>(schemas: Schemas<'a>, property: &'a Value, name: &str, whole: bool, depth: usize) -> Value {
    let (schema, _) = schemas.resolve(property);
    if let Some(given) = given(property).or_else(|| given(schema)) {
        return given;
    }
    if let Some(one) = values(schema).into_iter().next() {
        return one.into();
    }
    match kind_of(schema) {
        _ if depth > DEEPEST => Value::Null,
        Some("array") => match schema.get("items") {
            Some(items) => json!([make(schemas, items, name, whole, depth + 1)]),
            None => json!([]),
        },
        Some("integer") => typical(name)
            .and_then(|text| text.parse::<i64>().ok())
            .or_else(|| schema.get("minimum").and_then(Value::as_i64))
            .unwrap_or(1)
            .into(),
        Some("number") => json!(1.5),
        Some("boolean") => json!(true),
        Some("string") => text(schema, name).into(),
        Some("object") | None if schema.get("properties").is_some() => {
            Value::Object(object(schemas, schema, whole, depth))
        }
        _ => json!({}),
    }
}

fn object<'a>(schemas: Schemas<'a>, schema: &'a Value, whole: bool, depth: usize) -> Map<String, Value> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = |name: &str| required.is_some_and(|names| names.iter().any(|one| one == name));
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties
        .filter(|(name, _)| whole || is_required(name))
        .map(|(name, property)| (name.clone(), make(schemas, property, name, whole, depth + 1)))
        .collect()
}

fn typical(name: &str) -> Option<&'static str> {
    TYPICAL.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
}

fn text(schema: &Value, name: &str) -> String {
    match schema.get("format").and_then(Value::as_str) {
        Some("uuid") => "01a1f0c2-7d4e-7b3a-9c55-2f6d8e1b0a47".to_owned(),
        Some("date") if name.contains("birth") => "2014-05-09".to_owned(),
        Some("date") => "2026-11-22".to_owned(),
        Some("date-time") => "2026-11-22T09:30:00Z".to_owned(),
        _ => typical(name).map_or_else(|| "…".to_owned(), str::to_owned),
    }
}
