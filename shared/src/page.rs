//! Lists, a page at a time, led by a key and never by an offset.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::problem::Problem;

/// A page of a list.
#[derive(Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Page<T> {
    /// The items, newest first unless the operation says otherwise.
    pub items: Vec<T>,
    /// Send this as `cursor` for the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Where in a list a page begins: after the row with this key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The sort instant of the last row seen.
    pub sort_at: DateTime<Utc>,
    /// Its id, which decides between equal instants.
    pub id: Uuid,
}

impl Cursor {
    /// Before every row of a list that is newest first.
    pub fn start() -> Self {
        Self { sort_at: DateTime::<Utc>::from_timestamp(253_402_300_799, 0).unwrap_or_default(), id: Uuid::max() }
    }

    /// The opaque text of a cursor. The leading version lets a later format refuse it clearly.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("1.{}.{}", self.sort_at.timestamp_micros(), self.id.simple()))
    }

    /// Reads a cursor.
    ///
    /// # Errors
    /// 400 naming `cursor` if it is not one that a page gave.
    pub fn decode(text: &str) -> Result<Self, Problem> {
        let read = || {
            let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
            let text = String::from_utf8(bytes).ok()?;
            let mut parts = text.split('.');
            if parts.next()? != "1" {
                return None;
            }
            // Years 1 to 9999: what no page could have given, PostgreSQL might not hold either.
            let sort_at = DateTime::<Utc>::from_timestamp_micros(parts.next()?.parse().ok()?)
                .filter(|at| (-62_135_596_800..=253_402_300_799).contains(&at.timestamp()))?;
            let id = Uuid::try_parse(parts.next()?).ok()?;
            parts.next().is_none().then_some(Self { sort_at, id })
        };
        read().ok_or_else(|| {
            Problem::parameter("cursor", "unknown", "send the `next` of a page unchanged, or leave the cursor out")
        })
    }
}

/// How many items a page holds unless asked otherwise, and at most.
pub const DEFAULT_LIMIT: i64 = 20;
/// The most items a page holds.
pub const MAX_LIMIT: i64 = 100;

impl<T> Page<T> {
    /// A page from `limit + 1` rows: the extra row only says that there is a next page.
    pub fn from_rows<R>(mut rows: Vec<R>, limit: i64, key: impl Fn(&R) -> Cursor, show: impl FnMut(R) -> T) -> Self {
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = if more { rows.last().map(|row| key(row).encode()) } else { None };
        Self { items: rows.into_iter().map(show).collect(), next }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_survives_its_text(micros in 0i64..4_000_000_000_000_000, id: u128) {
            let cursor = Cursor { sort_at: DateTime::from_timestamp_micros(micros).unwrap(), id: Uuid::from_u128(id) };
            prop_assert_eq!(Cursor::decode(&cursor.encode()).unwrap(), cursor);
        }

        #[test]
        fn other_text_is_refused_without_panic(text in ".*") {
            prop_assert!(Cursor::decode(&text).is_err());
        }
    }

    #[test]
    fn the_last_page_has_no_next() {
        let key = |_: &u8| Cursor::start();
        assert!(Page::from_rows(vec![1u8, 2, 3], 2, key, |n| n).next.is_some());
        assert!(Page::from_rows(vec![1u8, 2], 2, key, |n| n).next.is_none());
    }
}
