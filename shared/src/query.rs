//! Query parameters, with every mistake named.

use std::collections::BTreeMap;
use std::str::FromStr;

use actix_web::HttpRequest;

use crate::page::{Cursor, DEFAULT_LIMIT, MAX_LIMIT};
use crate::problem::{self, FieldError, Problem};

/// The query parameters of one request, read one by one; [`Query::finish`] then refuses what
/// was wrong or unknown, all at once.
pub struct Query {
    values: BTreeMap<String, String>,
    errors: Vec<FieldError>,
}

impl Query {
    /// The parameters of the request.
    pub fn of(request: &HttpRequest) -> Self {
        let mut values = BTreeMap::new();
        let mut errors = Vec::new();
        let pairs = actix_web::web::Query::<Vec<(String, String)>>::from_query(request.query_string());
        match pairs {
            Ok(pairs) => {
                for (name, value) in pairs.into_inner() {
                    if value.contains('\0') {
                        errors.push(FieldError::parameter(&name, "control_character", "contains a NUL character"));
                    } else if values.insert(name.clone(), value).is_some() {
                        errors.push(FieldError::parameter(&name, "repeated", "give it once"));
                    }
                }
            }
            Err(_) => errors.push(FieldError::parameter("query", "malformed", "the query string could not be read")),
        }
        Self { values, errors }
    }

    /// An optional parameter of a type that can be read from text.
    pub fn optional<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        let value = self.values.remove(name)?;
        let parsed = value.parse().ok();
        if parsed.is_none() {
            self.errors.push(FieldError::parameter(name, "malformed", format!("expected {expected}")));
        }
        parsed
    }

    /// A parameter that must be given, of a type that can be read from text. None if it is missing or
    /// malformed, of which [`Query::finish`] tells.
    pub fn required<T: FromStr>(&mut self, name: &str, expected: &str) -> Option<T> {
        if !self.values.contains_key(name) {
            self.errors.push(FieldError::parameter(name, "required", format!("is missing: expected {expected}")));
        }
        self.optional(name, expected)
    }

    /// `limit`, 1 to 100, 20 if absent.
    pub fn limit(&mut self) -> i64 {
        let limit = self.optional::<i64>("limit", "a whole number from 1 to 100").unwrap_or(DEFAULT_LIMIT);
        if !(1..=MAX_LIMIT).contains(&limit) {
            self.errors.push(FieldError::parameter("limit", "out_of_range", "expected a whole number from 1 to 100"));
        }
        limit
    }

    /// `cursor`, the start of the list if absent.
    pub fn cursor(&mut self) -> Cursor {
        match self.values.remove("cursor").map(|text| Cursor::decode(&text)) {
            None => Cursor::start(),
            Some(Ok(cursor)) => cursor,
            Some(Err(problem)) => {
                self.errors.extend(problem.document().errors);
                Cursor::start()
            }
        }
    }

    /// Refuses the request if anything was wrong, or was asked that nobody read.
    ///
    /// # Errors
    /// 400 naming each parameter.
    pub fn finish(mut self) -> Result<(), Problem> {
        for name in self.values.keys() {
            self.errors.push(FieldError::parameter(name, "unknown", "this address has no such parameter"));
        }
        if self.errors.is_empty() { Ok(()) } else { Err(Problem::new(problem::MALFORMED).errors(self.errors)) }
    }
}
