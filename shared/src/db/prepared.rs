//! Statements that a connection prepares once.

use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::QueryResult;

/// A query that each connection prepares once and keeps. Made by [`KeepPrepared::prepared`].
#[derive(Debug, Clone)]
pub struct Prepared<Q>(Q);

/// For the queries that diesel would parse and plan anew each time, at the cost of a round trip:
/// `sql_query`, and inserts of a varying number of rows.
///
/// Only for texts that are few: a connection keeps every one it has met.
pub trait KeepPrepared: Sized {
    /// The same query, prepared once for each connection. Call it last, after the values are bound.
    fn prepared(self) -> Prepared<Self> {
        Prepared(self)
    }
}

impl<Q: QueryFragment<Pg>> KeepPrepared for Q {}

impl<Q: QueryFragment<Pg>> QueryFragment<Pg> for Prepared<Q> {
    fn walk_ast<'b>(&'b self, pass: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        self.0.walk_ast(pass)
    }

    fn is_safe_to_cache_prepared(&self, _backend: &Pg) -> QueryResult<bool> {
        Ok(true)
    }
}

impl<Q: Query> Query for Prepared<Q> {
    type SqlType = Q::SqlType;
}

/// Known by its text, which says all there is to it.
impl<Q> QueryId for Prepared<Q> {
    type QueryId = ();
    const HAS_STATIC_QUERY_ID: bool = false;
}
