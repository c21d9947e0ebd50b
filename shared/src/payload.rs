//! Request bodies: read once, held against the published schema, every mistake named.
//!
//! The schema a body is held against is the one in the OpenAPI document, made from the
//! same type. So the document is what is enforced, and a partner's validator agrees with ours.

use std::any::{TypeId, type_name};
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, RwLock};

use jsonschema::Validator;
use jsonschema::error::ValidationErrorKind;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::problem::{self, FieldError, Problem};
use crate::schema;

/// The largest body taken, in bytes.
pub const MAX_BODY: usize = 1024 * 1024;
/// The largest file taken where an address takes files, in bytes.
pub const MAX_FILE: usize = 20 * 1024 * 1024;
/// A body with more mistakes than this is told of the first ones only.
const MAX_ERRORS: usize = 50;

/// Reads a body as `T`.
///
/// # Errors
/// 400 if it is not JSON in UTF-8; 422 naming every field that breaks the schema, is unknown, or
/// holds a NUL character.
pub fn read<T: DeserializeOwned + ToSchema + 'static>(body: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| {
        Problem::new(problem::MALFORMED).errors(vec![FieldError::at("", "not_utf8", "the body is not UTF-8")])
    })?;
    let value: Value = serde_json::from_str(text).map_err(|error| {
        let place = format!("not JSON at line {} column {}", error.line(), error.column());
        Problem::new(problem::MALFORMED).errors(vec![FieldError::at("", "not_json", place)])
    })?;
    let mut errors = Vec::new();
    find_nul(&value, &mut String::new(), &mut errors);
    for error in validator::<T>()?.iter_errors(&value).take(MAX_ERRORS) {
        explain(&error, &mut errors);
    }
    if !errors.is_empty() {
        errors.truncate(MAX_ERRORS);
        return Err(Problem::invalid(errors));
    }
    serde_json::from_value(value)
        .map_err(|error| Problem::invalid(vec![FieldError::at("", "unreadable", error.to_string())]))
}

/// PostgreSQL can't hold U+0000 in text; told here, at its place, before it is tried.
fn find_nul(value: &Value, pointer: &mut String, errors: &mut Vec<FieldError>) {
    let length = pointer.len();
    match value {
        Value::String(text) if text.contains('\0') => {
            errors.push(FieldError::at(pointer.clone(), "control_character", "contains a NUL character"));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                pointer.push_str(&format!("/{index}"));
                find_nul(item, pointer, errors);
                pointer.truncate(length);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                pointer.push_str(&format!("/{}", escape(name)));
                if name.contains('\0') {
                    errors.push(FieldError::at(pointer.clone(), "control_character", "contains a NUL character"));
                }
                find_nul(field, pointer, errors);
                pointer.truncate(length);
            }
        }
        _ => {}
    }
}

/// A name as one step of a JSON pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

type Validators = RwLock<HashMap<TypeId, Arc<Validator>>>;

fn validator<T: ToSchema + 'static>() -> Result<Arc<Validator>, Problem> {
    static VALIDATORS: LazyLock<Validators> = LazyLock::new(Validators::default);
    let id = TypeId::of::<T>();
    if let Some(found) = VALIDATORS.read().ok().and_then(|all| all.get(&id).cloned()) {
        return Ok(found);
    }
    let built = Arc::new(build::<T>().map_err(|cause| Problem::internal(&cause))?);
    if let Ok(mut all) = VALIDATORS.write() {
        all.insert(id, built.clone());
    }
    Ok(built)
}

fn build<T: ToSchema + 'static>() -> Result<Validator, String> {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    let schemas: serde_json::Map<String, Value> = schemas
        .into_iter()
        .map(|(name, schema)| serde_json::to_value(schema).map(|schema| (name, enforced(schema))))
        .collect::<Result<_, _>>()
        .map_err(|error| error.to_string())?;
    let document = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$ref": format!("#/components/schemas/{}", T::name()),
        "components": { "schemas": schemas },
    });
    jsonschema::options()
        .should_validate_formats(true)
        .build(&document)
        .map_err(|error| format!("schema of {}: {error}", type_name::<T>()))
}

/// What is enforced of a published schema.
fn enforced(mut schema: Value) -> Value {
    schema::name_properties(&mut schema);
    schema::want_text(&mut schema);
    schema::bound_integers(&mut schema);
    schema
}

/// One mistake in plain words; the value itself is never repeated, since it may be personal.
fn explain(error: &jsonschema::ValidationError<'_>, errors: &mut Vec<FieldError>) {
    let at = error.instance_path().as_str().to_owned();
    let mut add = |pointer: String, code: &str, detail: String| errors.push(FieldError::at(pointer, code, detail));
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            add(format!("{at}/{}", escape(name)), "required", "is missing".to_owned());
        }
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            for name in unexpected {
                add(format!("{at}/{}", escape(name)), "unknown_field", "there is no such field".to_owned());
            }
        }
        ValidationErrorKind::Type { kind } => {
            add(at, "wrong_type", format!("must be of type {}", types(kind)));
        }
        ValidationErrorKind::Enum { options } => {
            let options: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            add(at, "not_one_of", format!("must be one of: {}", options.join(", ")));
        }
        ValidationErrorKind::MinLength { limit } => add(at, "too_short", format!("needs at least {limit} characters")),
        ValidationErrorKind::MaxLength { limit } => add(at, "too_long", format!("may have at most {limit} characters")),
        ValidationErrorKind::MinItems { limit } => add(at, "too_few", format!("needs at least {}", items(*limit))),
        ValidationErrorKind::MaxItems { limit } => add(at, "too_many", format!("may have at most {}", items(*limit))),
        ValidationErrorKind::Minimum { limit } => add(at, "too_small", format!("must be at least {limit}")),
        ValidationErrorKind::Maximum { limit } => add(at, "too_large", format!("may be at most {limit}")),
        ValidationErrorKind::Pattern { pattern } if pattern == schema::SEEN => {
            // Text of no length at all is told as too short already.
            if error.instance().as_str() != Some("") {
                add(at, "blank", "holds only spaces".to_owned());
            }
        }
        ValidationErrorKind::Pattern { pattern } if pattern == schema::CODE => {
            add(at, "wrong_form", "must be a code: small letters, digits and hyphens, such as north-west".to_owned());
        }
        ValidationErrorKind::Pattern { pattern } => add(at, "wrong_form", format!("must match {pattern}")),
        ValidationErrorKind::Format { format } => add(at, "wrong_form", format!("must be {}", example(format))),
        ValidationErrorKind::UniqueItems => add(at, "repeated", "may not hold the same item twice".to_owned()),
        ValidationErrorKind::OneOfNotValid { context } | ValidationErrorKind::AnyOf { context } => {
            // An optional object is `null or the object`; what is wrong inside the object is what helps.
            let place = at.clone();
            let wanted = |e: &jsonschema::ValidationError<'_>| match e.kind() {
                ValidationErrorKind::Type { kind } if e.instance_path().as_str() == place => Some(types(kind)),
                _ => None,
            };
            let inside =
                context.iter().find(|branch| !branch.is_empty() && !branch.iter().any(|e| wanted(e).is_some()));
            match inside {
                Some(branch) => branch.iter().for_each(|error| explain(error, errors)),
                None => {
                    let types: Vec<String> = context.iter().flatten().filter_map(wanted).collect();
                    add(at, "no_alternative", format!("must be of type {}", types.join(" or ")));
                }
            }
        }
        other => add(at, "invalid", format!("breaks the rule `{}`", other.keyword())),
    }
}

/// The types that are taken: `null or object`.
fn types(kind: &jsonschema::error::TypeKind) -> String {
    match kind {
        jsonschema::error::TypeKind::Single(one) => one.to_string(),
        jsonschema::error::TypeKind::Multiple(several) => {
            several.iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" or ")
        }
    }
}

/// So many items, as people say it.
fn items(limit: u64) -> String {
    if limit == 1 { "1 item".to_owned() } else { format!("{limit} items") }
}

/// A form, with an example of it.
fn example(format: &str) -> String {
    match format {
        "date" => "a date such as 2026-11-22".to_owned(),
        "date-time" => "an instant such as 2026-11-22T09:30:00Z".to_owned(),
        "uuid" => "an id such as 0198c0de-0000-7000-8000-000000000001".to_owned(),
        other => format!("a {other}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, dead_code)]
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Child {
        #[schema(min_length = 1, max_length = 10)]
        name: String,
        birth_date: Option<chrono::NaiveDate>,
    }

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[schema(min_items = 1)]
        children: Vec<Child>,
        school: Option<Child>,
        count: i32,
    }

    #[derive(Debug, Deserialize, ToSchema)]
    #[serde(deny_unknown_fields)]
    struct Nothing {}

    #[test]
    fn a_field_too_many_is_named_even_where_there_are_none() {
        assert!(read::<Nothing>(b"{}").is_ok());
        let refused = read::<Nothing>(br#"{"shoe":1}"#).unwrap_err().document().errors;
        assert_eq!(refused.first().unwrap().pointer.as_deref(), Some("/shoe"));
    }

    fn errors(body: &[u8]) -> Vec<(String, String)> {
        read::<Form>(body)
            .unwrap_err()
            .document()
            .errors
            .into_iter()
            .map(|e| (e.pointer.unwrap_or_default(), e.code))
            .collect()
    }

    fn pair(pointer: &str, code: &str) -> (String, String) {
        (pointer.to_owned(), code.to_owned())
    }

    #[test]
    fn a_good_body_is_read() {
        let form = read::<Form>(br#"{"children":[{"name":"A","birth_date":"2015-02-01"}],"count":1}"#).unwrap();
        assert_eq!(form.children.len(), 1);
    }

    #[test]
    fn all_mistakes_are_named_at_once() {
        let found = errors(br#"{"children":[{"name":"","birth_date":"2015-02-30","shoe":1}],"count":"x","extra":1}"#);
        for expected in [
            pair("/children/0/name", "too_short"),
            pair("/children/0/birth_date", "wrong_form"),
            pair("/children/0/shoe", "unknown_field"),
            pair("/count", "wrong_type"),
            pair("/extra", "unknown_field"),
        ] {
            assert!(found.contains(&expected), "{expected:?} not in {found:?}");
        }
    }

    #[test]
    fn what_is_wrong_inside_an_optional_object_is_named_there() {
        assert_eq!(
            errors(br#"{"children":[{"name":"A"}],"count":1,"school":{"shoe":1,"name":"B"}}"#),
            [pair("/school/shoe", "unknown_field")]
        );
    }

    #[test]
    fn a_missing_field_and_a_nul_are_named() {
        assert_eq!(errors(br#"{"children":[{"name":"A"}]}"#), [pair("/count", "required")]);
        assert_eq!(
            errors(b"{\"children\":[{\"name\":\"A\\u0000\"}],\"count\":1}"),
            [pair("/children/0/name", "control_character")]
        );
    }

    #[test]
    fn text_that_is_wanted_is_more_than_spaces() {
        assert_eq!(
            errors("{\"children\":[{\"name\":\" \u{a0}\\t\"}],\"count\":1}".as_bytes()),
            [pair("/children/0/name", "blank")]
        );
        assert_eq!(errors(br#"{"children":[{"name":""}],"count":1}"#), [pair("/children/0/name", "too_short")]);
        assert!(read::<Form>(br#"{"children":[{"name":" A "}],"count":1}"#).is_ok());
    }

    #[test]
    fn a_number_beyond_every_type_is_a_refusal_not_a_failure() {
        assert_eq!(errors(br#"{"children":[{"name":"A"}],"count":1.797e308}"#), [pair("/count", "too_large")]);
        assert_eq!(errors(br#"{"children":[{"name":"A"}],"count":1e999}"#), [pair("", "not_json")]);
        assert_eq!(errors(br#"{"children":[{"name":"A"}],"count":1.5}"#), [pair("/count", "wrong_type")]);
    }

    #[test]
    fn what_is_not_json_or_not_utf8_is_malformed() {
        assert_eq!(read::<Form>(b"{").unwrap_err().status(), 400);
        assert_eq!(read::<Form>(&[b'"', 0xff, b'"']).unwrap_err().status(), 400);
    }
}
