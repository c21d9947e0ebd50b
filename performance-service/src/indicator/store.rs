//! Definitions, written and listed.

use diesel::prelude::*;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::page::Cursor;
use shared::problem::{self, Problem};

use crate::measure::store::IndicatorRow;
use crate::measure::{Definition, store as measure};
use crate::schema::indicator;

/// The definition under this code.
///
/// # Errors
/// 404 if there is none.
pub async fn find(connection: &mut AsyncPgConnection, code: &str) -> Result<Definition, Problem> {
    if !crate::measure::definition::is_code(code) {
        return Err(Problem::not_found());
    }
    measure::definitions(connection, &[code.to_owned()]).await?.pop().ok_or_else(Problem::not_found)
}

/// Definitions, the newest first: one row more than the limit if there are more.
///
/// # Errors
/// As the database says.
pub async fn list(connection: &mut AsyncPgConnection, after: Cursor, limit: i64) -> Result<Vec<Definition>, Problem> {
    let before = indicator::created_at.lt(after.sort_at);
    let same = indicator::created_at.eq(after.sort_at).and(indicator::id.lt(after.id));
    let rows: Vec<IndicatorRow> = indicator::table
        // Both forms: the first bounds the index range, the second decides within equal instants.
        .filter(indicator::created_at.le(after.sort_at))
        .filter(before.or(same))
        .order((indicator::created_at.desc(), indicator::id.desc()))
        .limit(limit + 1)
        .select(IndicatorRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(IndicatorRow::definition).collect()
}

/// Stores a definition.
///
/// # Errors
/// 409 if its code is taken.
pub async fn insert(connection: &mut AsyncPgConnection, new: &Definition) -> Result<(), Problem> {
    diesel::insert_into(indicator::table)
        .values((
            indicator::id.eq(new.id),
            indicator::code.eq(&new.code),
            indicator::title.eq(&new.title),
            indicator::numerator.eq(&new.numerator),
            indicator::denominator.eq(&new.denominator),
            indicator::unit.eq(new.unit.as_str()),
            indicator::decimals.eq(i16::from(new.decimals)),
            indicator::polarity.eq(new.polarity.as_str()),
            indicator::tolerance.eq(new.tolerance),
            indicator::source.eq(&new.source),
            indicator::verified.eq(new.verified),
            indicator::computed.eq(new.computed),
            indicator::created_at.eq(new.created_at),
            indicator::created_by.eq(&new.created_by),
        ))
        .execute(connection)
        .await
        .map_err(|error| match error {
            Error::DatabaseError(DatabaseErrorKind::UniqueViolation, _) => {
                Problem::new(problem::DUPLICATE).detail("an indicator of this code is defined already")
            }
            other => other.into(),
        })?;
    Ok(())
}
