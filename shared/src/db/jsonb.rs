//! Columns that hold JSON.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::problem::Problem;

/// What a column holds.
///
/// # Errors
/// 500 if it holds what this program does not know.
pub fn from_jsonb<T: DeserializeOwned>(value: Value) -> Result<T, Problem> {
    serde_json::from_value(value).map_err(|error| Problem::internal(&error))
}

/// What a column holds that can be null.
///
/// # Errors
/// 500 if it holds what this program does not know.
pub fn from_nullable_jsonb<T: DeserializeOwned>(value: Option<Value>) -> Result<Option<T>, Problem> {
    value.map(from_jsonb).transpose()
}
