//! Agreements.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Grant, Listing, View};
use shared::code::Rules;
use shared::deadline;
use shared::page::Cursor;
use shared::problem::Problem;

use crate::partner_list::domain::{AgreementId, review_due};
use crate::schema::partner_agreement;

/// An agreement's row.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, QueryableByName, Insertable)]
#[diesel(table_name = partner_agreement)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Agreement {
    pub id: AgreementId,
    pub agency: String,
    pub title: String,
    pub purpose: String,
    pub lawful_basis: String,
    pub basis_note: Option<String>,
    pub reasons: Vec<String>,
    pub fields: Vec<String>,
    pub starts_on: NaiveDate,
    pub review_on: NaiveDate,
    pub retention_days: i32,
    pub registered_at: DateTime<Utc>,
    pub registered_by_name: String,
    pub reviewed_at: Option<DateTime<Utc>>,
    pub reviewed_by_name: Option<String>,
    pub review_note: Option<String>,
    pub ended_at: Option<DateTime<Utc>>,
    pub ended_by_name: Option<String>,
    pub ended_because: Option<String>,
    pub version: i64,
}

/// Enters an agreement: information governance keeps it, First Response and the partner read it.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, row: &Agreement) -> Result<(), Problem> {
    diesel::insert_into(partner_agreement::table).values(row).execute(connection).await?;
    let grant = |scope: String, view| Grant {
        record: row.id.0,
        kind: "partner_agreement",
        scope,
        view,
        state: "registered",
        sort_at: row.registered_at,
    };
    let grants = [
        grant("governance".to_owned(), View::Full),
        grant("front-door".to_owned(), View::Status),
        grant(format!("agency:{}", row.agency), View::Status),
    ];
    access::grant(connection, &grants).await
}

/// The clock of an agreement that is to be reviewed.
const REVIEW: &str = "partner_agreement_review";

impl Agreement {
    /// From when its review is counted, and when it is due.
    pub fn review_clock(&self, rules: &Rules) -> (DateTime<Utc>, DateTime<Utc>) {
        let looked_at = self.reviewed_at.unwrap_or(self.registered_at);
        review_due(self.starts_on, self.review_on, looked_at, |from| rules.due(REVIEW, from))
    }

    /// Starts its clock anew: it has been registered, or reviewed.
    ///
    /// # Errors
    /// As the database says.
    pub async fn await_review(&self, connection: &mut AsyncPgConnection, rules: &Rules) -> Result<(), Problem> {
        let (from, due) = self.review_clock(rules);
        deadline::restart(connection, self.id.0, REVIEW, from, due).await
    }
}

/// One agreement.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: AgreementId) -> Result<Agreement, Problem> {
    let row = partner_agreement::table.find(id).select(Agreement::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it or may not change it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: AgreementId) -> Result<Agreement, Problem> {
    let found = partner_agreement::table.find(id).select(Agreement::as_select()).for_update();
    found.first(connection).await.optional()?.ok_or_else(Problem::not_found)
}

impl Agreement {
    /// Writes a review or an end, in the next version.
    ///
    /// # Errors
    /// 404 if the caller may not change it.
    pub async fn save(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        use partner_agreement::dsl;
        self.version += 1;
        let changed = diesel::update(dsl::partner_agreement.find(self.id))
            .set((
                dsl::review_on.eq(self.review_on),
                dsl::reviewed_at.eq(self.reviewed_at),
                dsl::reviewed_by_name.eq(&self.reviewed_by_name),
                dsl::review_note.eq(&self.review_note),
                dsl::ended_at.eq(self.ended_at),
                dsl::ended_by_name.eq(&self.ended_by_name),
                dsl::ended_because.eq(&self.ended_because),
                dsl::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// The list behind `GET /v1/partner-agreements`, newest first.
pub const LIST: Listing = Listing::new("partner_agreement", "a.*", "JOIN partner_agreement a ON a.id = page.record_id");

/// A page of agreements, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    after: Cursor,
    limit: i64,
) -> Result<Vec<Agreement>, Problem> {
    LIST.page(connection, &Asked { scopes, states: None, filter: None, after, limit }).await
}
