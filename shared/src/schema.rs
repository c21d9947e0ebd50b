//! What schemas say beyond what their types state: that text is wanted stands in the document too, the rest is implied by
//! it and is added only where bodies are held against it.

use serde_json::{Value, json};

/// The pattern of text in which there is something to read.
pub const SEEN: &str = r"\S";
/// The pattern of a code: small letters, digits and hyphens.
pub const CODE: &str = "^[a-z0-9]+(-[a-z0-9]+)*$";

/// Text that needs a character needs one that can be read: a reason of nothing but spaces is none.
pub fn want_text(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let wanted = fields.get("minLength").and_then(Value::as_u64).is_some_and(|least| least > 0);
            let free = !["pattern", "format", "enum"].iter().any(|bound| fields.contains_key(*bound));
            if wanted && free {
                fields.insert("pattern".to_owned(), json!(SEEN));
            }
            fields.values_mut().for_each(want_text);
        }
        Value::Array(items) => items.iter_mut().for_each(want_text),
        _ => {}
    }
}

/// A body without fields says so, or a validator can't tell which field it did not expect.
pub fn name_properties(schema: &mut Value) {
    if let Some(object) = schema.as_object_mut()
        && object.get("additionalProperties") == Some(&Value::Bool(false))
    {
        object.entry("properties").or_insert_with(|| json!({}));
    }
}

/// Gives integers the bounds their format implies. To JSON Schema 1.797e308 is an integer.
pub fn bound_integers(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let bounds = match fields.get("format").and_then(Value::as_str) {
                Some("int32") => Some((json!(i32::MIN), json!(i32::MAX))),
                Some("int64") => Some((json!(i64::MIN), json!(i64::MAX))),
                _ => None,
            };
            if let Some((least, most)) = bounds {
                fields.entry("minimum").or_insert(least);
                fields.entry("maximum").or_insert(most);
            }
            fields.values_mut().for_each(bound_integers);
        }
        Value::Array(items) => items.iter_mut().for_each(bound_integers),
        _ => {}
    }
}
