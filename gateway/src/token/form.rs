//! Form bodies and query strings of the OAuth endpoints: each field once.

use std::collections::BTreeMap;

use actix_web::web::Query;

/// Fields by name.
pub struct Form(BTreeMap<String, String>);

impl Form {
    /// Reads `application/x-www-form-urlencoded` text; none if it can't be read, a field comes
    /// twice (RFC 6749 section 3.2) or holds a NUL.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        let pairs = Query::<Vec<(String, String)>>::from_query(text).ok()?.into_inner();
        let mut fields = BTreeMap::new();
        for (name, value) in pairs {
            if value.contains('\0') || fields.insert(name, value).is_some() {
                return None;
            }
        }
        Some(Self(fields))
    }

    /// A field that is there and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}
