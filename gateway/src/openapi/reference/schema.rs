//! A schema as rows of a table: every field with its type, whether it is needed, its limits and
//! what it means; fields of objects inside come after it, one step further in.

use serde_json::{Map, Value};
use shared::schema::SEEN;

use super::markdown;

/// Deeper than this a table is no help.
const DEEPEST: usize = 6;
/// The pattern of codes of agencies, teams and the like, which the overview explains.
const CODE: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// One field.
pub struct Field {
    /// How far in it lies.
    pub depth: usize,
    /// Its name.
    pub name: String,
    /// What it holds, in words.
    pub kind: String,
    /// Whether it must be sent, or always comes.
    pub required: bool,
    /// Limits, in words.
    pub limits: Vec<String>,
    /// The words it may hold.
    pub values: Vec<String>,
    /// What it means, as HTML.
    pub description: String,
}

/// The schemas of a document.
#[derive(Clone, Copy)]
pub struct Schemas<'a>(pub Option<&'a Map<String, Value>>);

impl<'a> Schemas<'a> {
    /// The schema itself, where it is a reference or a choice between one thing and nothing; and
    /// whether nothing is a choice.
    pub fn resolve(self, schema: &'a Value) -> (&'a Value, bool) {
        let (mut schema, mut nullable) = (schema, false);
        for _ in 0..DEEPEST {
            if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
                let name = name.rsplit('/').next().unwrap_or_default();
                match self.0.and_then(|all| all.get(name)) {
                    Some(target) => schema = target,
                    None => break,
                }
                continue;
            }
            let choices = ["oneOf", "anyOf", "allOf"].iter().find_map(|word| schema.get(*word)?.as_array());
            let Some(choices) = choices else { break };
            let some: Vec<&Value> = choices.iter().filter(|one| kind_of(one) != Some("null")).collect();
            nullable |= some.len() < choices.len();
            match some.as_slice() {
                [one] => schema = one,
                _ => break,
            }
        }
        (schema, nullable || types(schema).contains(&"null"))
    }

    /// The rows of an object's fields; of a list's items, if it is a list.
    pub fn fields(self, schema: &'a Value) -> Vec<Field> {
        let mut rows = Vec::new();
        self.collect(schema, 0, &mut rows);
        rows
    }

    fn collect(self, schema: &'a Value, depth: usize, rows: &mut Vec<Field>) {
        if depth > DEEPEST {
            return;
        }
        let (schema, _) = self.resolve(schema);
        if let Some(items) = schema.get("items") {
            return self.collect(items, depth, rows);
        }
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        // What must be given comes first.
        let (mut first, mut then): (Vec<_>, Vec<_>) =
            properties.partition(|(name, _)| required.contains(&name.as_str()));
        first.append(&mut then);
        for (name, property) in first {
            rows.push(self.row(name, property, required.contains(&name.as_str()), depth));
            self.collect(property, depth + 1, rows);
        }
    }

    fn row(self, name: &str, property: &'a Value, required: bool, depth: usize) -> Field {
        let (schema, nullable) = self.resolve(property);
        let described = |value: &Value| value.get("description").and_then(Value::as_str).map(str::to_owned);
        // What an optional field of another type means stands beside the reference to that type.
        let mut forms =
            ["oneOf", "anyOf", "allOf"].into_iter().filter_map(|form| property.get(form)?.as_array()).flatten();
        let beside = forms.find_map(described);
        let description = described(property).or(beside).or_else(|| described(schema)).unwrap_or_default();
        let inner = schema.get("items").map(|items| self.resolve(items).0);
        let mut limits = limits(schema);
        limits.extend(inner.map(self::limits).unwrap_or_default().into_iter().map(|limit| format!("each {limit}")));
        if nullable && required {
            limits.push("may be null".to_owned());
        }
        Field {
            depth,
            name: name.to_owned(),
            kind: self.kind(schema),
            required,
            limits,
            values: values(inner.unwrap_or(schema)),
            description: markdown::line(&description.replace('\n', " ")),
        }
    }

    /// What a schema holds, in words.
    pub fn kind(self, schema: &'a Value) -> String {
        let (schema, _) = self.resolve(schema);
        let format = schema.get("format").and_then(Value::as_str);
        match (kind_of(schema), format) {
            (Some("string"), Some("uuid")) => "UUID".to_owned(),
            (Some("string"), Some("date")) => "date".to_owned(),
            (Some("string"), Some("date-time")) => "instant".to_owned(),
            (Some("string"), _) if !values(schema).is_empty() => "word".to_owned(),
            (Some("string"), _) if pattern(schema) == Some(CODE) => "code".to_owned(),
            (Some("string"), _) => "text".to_owned(),
            (Some("integer"), _) => "whole number".to_owned(),
            (Some("number"), _) => "number".to_owned(),
            (Some("boolean"), _) => "true or false".to_owned(),
            (Some("array"), _) => match schema.get("items") {
                Some(items) => format!("list of {}", plural(&self.kind(items))),
                None => "list".to_owned(),
            },
            (Some("object"), _) => "object".to_owned(),
            _ if schema.get("properties").is_some() => "object".to_owned(),
            _ if schema.get("oneOf").or_else(|| schema.get("anyOf")).is_some() => "one of several".to_owned(),
            _ => "any JSON".to_owned(),
        }
    }
}

fn plural(kind: &str) -> String {
    match kind {
        "text" => "texts".to_owned(),
        "true or false" | "any JSON" | "one of several" => kind.to_owned(),
        other => format!("{other}s"),
    }
}

/// The types a schema names.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The type that isn't null.
pub fn kind_of(schema: &Value) -> Option<&str> {
    let types = types(schema);
    types.iter().copied().find(|one| *one != "null").or_else(|| types.first().copied())
}

fn pattern(schema: &Value) -> Option<&str> {
    schema.get("pattern")?.as_str()
}

/// The words a schema lets through.
pub fn values(schema: &Value) -> Vec<String> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let mut values: Vec<String> = listed.filter_map(Value::as_str).map(str::to_owned).collect();
    values.extend(schema.get("const").and_then(Value::as_str).map(str::to_owned));
    // Words of which each has its own meaning.
    for one in schema.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        values.extend(self::values(one));
    }
    values
}

/// The limits of a schema, in words.
pub fn limits(schema: &Value) -> Vec<String> {
    let number = |name: &str| schema.get(name).filter(|value| value.is_number()).map(ToString::to_string);
    let range = |least: &str, most: &str, what: &str| match (number(least), number(most)) {
        (Some(least), Some(most)) if least == most => Some(format!("{least} {what}")),
        (Some(least), Some(most)) => Some(format!("{least} to {most} {what}")),
        (Some(least), None) => Some(format!("at least {least} {what}")),
        (None, Some(most)) => Some(format!("at most {most} {what}")),
        (None, None) => None,
    };
    let mut limits = Vec::new();
    limits.extend(range("minLength", "maxLength", "characters"));
    limits.extend(range("minItems", "maxItems", "items"));
    limits.extend(range("minimum", "maximum", "").map(|text| text.trim_end().to_owned()));
    limits.extend(pattern(schema).filter(|pattern| *pattern != CODE).map(|pattern| match pattern {
        SEEN => "more than spaces".to_owned(),
        other => format!("matches {other}"),
    }));
    if schema.get("uniqueItems").and_then(Value::as_bool) == Some(true) {
        limits.push("none twice".to_owned());
    }
    limits.extend(schema.get("default").filter(|value| !value.is_null()).map(|value| format!("if absent: {value}")));
    limits
}
