//! Lists of records: a page after a cursor, led by the scopes of whoever asks.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use crate::db::KeepPrepared;
use crate::page::Cursor;
use crate::problem::Problem;

/// A list of the records of one kind, newest first: each scope is read from its own end of the index,
/// then they are merged, so that a page costs the same however much there is.
#[derive(Clone, Copy, Debug)]
pub struct Listing {
    kind: &'static str,
    columns: &'static str,
    more_columns: Option<&'static str>,
    joins: &'static str,
    filter: Option<&'static str>,
    state_shown: bool,
    earliest_first: bool,
}

/// How many states a listing is asked for: for each there is a text of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum States {
    /// Wherever a record stands.
    Any,
    /// One. PostgreSQL makes one plan for all values, and knows better how many rows one state has than a list of them.
    One,
    /// Several.
    Several,
}

/// What is asked of a [`Listing`].
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The scopes of whoever asks.
    pub scopes: &'a [String],
    /// Only records that stand in one of these states; any if absent.
    pub states: Option<&'a [&'a str]>,
    /// What the listing is narrowed by, if at all; nothing is found by one that has no filter.
    pub filter: Option<&'a str>,
    /// Where the page begins.
    pub after: Cursor,
    /// How many are on a page.
    pub limit: i64,
}

impl Listing {
    /// The records of a kind, with these columns of what they are joined to. `page` stands for the page, of
    /// which `page.record_id` and `page.sort_at` can be read.
    pub const fn new(kind: &'static str, columns: &'static str, joins: &'static str) -> Self {
        Self { kind, columns, more_columns: None, joins, filter: None, state_shown: false, earliest_first: false }
    }

    /// With more columns, which stand in a constant of their own.
    pub const fn with(self, columns: &'static str) -> Self {
        Self { more_columns: Some(columns), ..self }
    }

    /// Can be narrowed by a condition on `r`, the record in a scope, and on `$6`, the value asked for.
    pub const fn filtered_by(self, filter: &'static str) -> Self {
        Self { filter: Some(filter), ..self }
    }

    /// Lets `page.state` be read too: where the record stands.
    pub const fn with_state(self) -> Self {
        Self { state_shown: true, ..self }
    }

    /// The earliest first instead of the newest.
    pub const fn earliest_first(self) -> Self {
        Self { earliest_first: true, ..self }
    }

    /// The statement, by so many states and by filter or not. `$1` are the scopes, `$2` and `$3` the instant and
    /// the id after which the page begins, `$4` how many rows, `$5` the states or null, `$6` the filter's value
    /// or null.
    pub fn statement(&self, states: States, by_filter: bool) -> String {
        let Self { kind, columns, joins, .. } = self;
        let more = self.more_columns.map(|more| format!(", {more}")).unwrap_or_default();
        // Several texts rather than `state = $5 OR $5 IS NULL`, which no index range serves.
        let (states, state) = match states {
            States::Any => ("", "$5::text[] IS NULL"),
            States::One => ("", "r.state = ($5)[1]"),
            States::Several => (", unnest($5) AS t(state)", "r.state = t.state"),
        };
        let filter = self.filter.filter(|_| by_filter).unwrap_or("$6::text IS NULL");
        let (read, kept) = if self.state_shown { (", r.state", ", p.state") } else { ("", "") };
        let (beyond, order) = if self.earliest_first { (">", "") } else { ("<", " DESC") };
        format!(
            "\
SELECT {columns}{more}
FROM (SELECT DISTINCT p.sort_at, p.record_id{kept}
      FROM unnest($1) AS s(scope){states}
      CROSS JOIN LATERAL (
          SELECT r.sort_at, r.record_id{read} FROM record_scope r
          WHERE r.scope = s.scope AND r.kind = '{kind}' AND {state} AND (r.sort_at, r.record_id) {beyond} ($2, $3)
            AND {filter}
          ORDER BY r.sort_at{order}, r.record_id{order} LIMIT $4) p
      ORDER BY p.sort_at{order}, p.record_id{order} LIMIT $4) page
{joins}
ORDER BY page.sort_at{order}, page.record_id{order}"
        )
    }

    /// A page of the records in any of the scopes, one row more than the limit.
    ///
    /// # Errors
    /// As the database says.
    pub async fn page<T>(&self, connection: &mut AsyncPgConnection, asked: &Asked<'_>) -> Result<Vec<T>, Problem>
    where
        T: QueryableByName<Pg> + Send + 'static,
    {
        let after = self.beginning(asked.after);
        let states = match asked.states {
            None => States::Any,
            Some([_]) => States::One,
            Some(_) => States::Several,
        };
        Ok(sql_query(self.statement(states, asked.filter.is_some()))
            .bind::<Array<Text>, _>(asked.scopes)
            .bind::<Timestamptz, _>(after.sort_at)
            .bind::<SqlUuid, _>(after.id)
            .bind::<BigInt, _>(asked.limit + 1)
            .bind::<Nullable<Array<Text>>, _>(asked.states)
            .bind::<Nullable<Text>, _>(asked.filter)
            .prepared()
            .load(connection)
            .await?)
    }

    /// A first page begins at the other end where the earliest is first.
    fn beginning(&self, after: Cursor) -> Cursor {
        if self.earliest_first && after == Cursor::start() {
            Cursor { sort_at: DateTime::<Utc>::UNIX_EPOCH, id: Uuid::nil() }
        } else {
            after
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Listing = Listing::new("thing", "t.*", "JOIN thing t ON t.id = page.record_id");
    const RICH: Listing = PLAIN.with("1 AS one").filtered_by("r.view = $6").with_state();

    fn has(text: &str, part: &str) {
        assert!(text.contains(part), "no `{part}` in:\n{text}");
    }

    #[test]
    fn each_statement_holds_its_conditions() {
        let asked_for = [
            (States::Several, ["unnest($5) AS t(state)", "r.state = t.state"]),
            (States::One, ["AS s(scope)\n", "r.state = ($5)[1]"]),
            (States::Any, ["AS s(scope)\n", "$5::text[] IS NULL"]),
        ];
        for (asked, state) in asked_for {
            for (narrowed, filter) in [(true, "r.view = $6"), (false, "$6::text IS NULL")] {
                let text = RICH.statement(asked, narrowed);
                for part in state {
                    has(&text, part);
                }
                has(&text, &format!("AND {filter}\n"));
                has(&text, "SELECT t.*, 1 AS one\n");
                has(&text, "DISTINCT p.sort_at, p.record_id, p.state\n");
                has(&text, "r.record_id, r.state FROM");
                assert_eq!(text.contains("$5::text[] IS NULL"), asked == States::Any);
                assert_eq!(text.contains("$6::text IS NULL"), !narrowed);
            }
        }
        let text = PLAIN.statement(States::One, true);
        has(&text, "AND $6::text IS NULL\n");
        has(&text, "DISTINCT p.sort_at, p.record_id\n");
    }

    #[test]
    fn parameters_are_numbered_alike() {
        let asked = [(States::One, true), (States::Several, false), (States::Any, true), (States::Any, false)];
        for (states, by_filter) in asked {
            let text = RICH.statement(states, by_filter);
            has(&text, "unnest($1) AS s(scope)");
            has(&text, "r.scope = s.scope AND r.kind = 'thing' AND");
            has(&text, "(r.sort_at, r.record_id) < ($2, $3)");
            assert_eq!(text.matches("LIMIT $4").count(), 2, "{text}");
            for (parameter, times) in [("$1", 1), ("$2", 1), ("$3", 1), ("$4", 2), ("$5", 1), ("$6", 1), ("$7", 0)] {
                assert_eq!(text.matches(parameter).count(), times, "{parameter} in:\n{text}");
            }
        }
    }

    #[test]
    fn the_earliest_first_is_read_from_the_other_end() {
        let text = PLAIN.earliest_first().statement(States::One, false);
        has(&text, "(r.sort_at, r.record_id) > ($2, $3)");
        has(&text, "ORDER BY r.sort_at, r.record_id LIMIT $4");
        assert!(!text.contains("DESC"), "{text}");
        let first = PLAIN.earliest_first().beginning(Cursor::start());
        assert_eq!(first, Cursor { sort_at: DateTime::<Utc>::UNIX_EPOCH, id: Uuid::nil() });
        assert_eq!(PLAIN.earliest_first().beginning(first), first);
        assert_eq!(PLAIN.beginning(Cursor::start()), Cursor::start());
        assert_eq!(PLAIN.statement(States::One, false).matches(" DESC").count(), 6);
    }
}
