//! Reading other people's JSON: what is empty is absent, what is wrong is named.

use serde_json::Value;
use shared::problem::FieldError;

/// What is said of a row besides what is taken of it.
#[derive(Debug, Default)]
pub struct Remarks {
    /// Why it can't be taken.
    pub errors: Vec<FieldError>,
    /// What of it was left out.
    pub notes: Vec<String>,
}

/// A value at its place in the document.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    value: &'a Value,
    at: String,
}

impl<'a> Node<'a> {
    /// The value at a place.
    pub fn at(value: &'a Value, at: String) -> Self {
        Self { value, at }
    }

    /// Its place, as a JSON pointer.
    pub fn pointer(&self) -> &str {
        &self.at
    }

    fn child(&self, name: &str) -> Option<Node<'a>> {
        let value = self.value.get(name).filter(|value| !is_empty(value))?;
        Some(Node { value, at: format!("{}/{name}", self.at) })
    }

    /// A text, trimmed; absent if it is null or empty.
    pub fn text(&self, name: &str, most: usize, remarks: &mut Remarks) -> Option<String> {
        let child = self.child(name)?;
        match child.value.as_str().map(str::trim) {
            Some(text) if text.chars().count() > most => {
                let detail = format!("may have at most {most} characters");
                remarks.errors.push(FieldError::at(child.at, "too_long", detail));
                None
            }
            Some(text) => Some(text.to_owned()),
            None => {
                remarks.errors.push(FieldError::at(child.at, "wrong_type", "must be text"));
                None
            }
        }
    }

    /// A text that must be there.
    pub fn required(&self, name: &str, most: usize, remarks: &mut Remarks) -> Option<String> {
        if self.child(name).is_none() {
            remarks.errors.push(FieldError::at(format!("{}/{name}", self.at), "required", "is missing"));
            return None;
        }
        self.text(name, most, remarks)
    }

    /// A number; feeds also write them as text.
    pub fn number(&self, name: &str, remarks: &mut Remarks) -> Option<f64> {
        let child = self.child(name)?;
        let number = match child.value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        };
        let number = number.filter(|number: &f64| number.is_finite());
        if number.is_none() {
            remarks.errors.push(FieldError::at(child.at, "wrong_type", "must be a number"));
        }
        number
    }

    /// An object inside.
    pub fn object(&self, name: &str, remarks: &mut Remarks) -> Option<Node<'a>> {
        let child = self.child(name)?;
        if child.value.is_object() {
            return Some(child);
        }
        remarks.errors.push(FieldError::at(child.at, "wrong_type", "must be an object"));
        None
    }

    /// The objects of a list inside.
    pub fn objects(&self, name: &str, remarks: &mut Remarks) -> Vec<Node<'a>> {
        let Some(child) = self.child(name) else { return Vec::new() };
        let Some(items) = child.value.as_array() else {
            remarks.errors.push(FieldError::at(child.at, "wrong_type", "must be a list"));
            return Vec::new();
        };
        let nodes = items.iter().enumerate().map(|(index, value)| Node { value, at: format!("{}/{index}", child.at) });
        let (objects, others): (Vec<_>, Vec<_>) = nodes.partition(|node| node.value.is_object());
        let wrong = |node: Node<'_>| FieldError::at(node.at, "wrong_type", "must be an object");
        remarks.errors.extend(others.into_iter().map(wrong));
        objects
    }
}

/// Feeds write what they don't have as null, as nothing, or leave it out.
fn is_empty(value: &Value) -> bool {
    value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty())
}
