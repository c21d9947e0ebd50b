//! Ending tokens before their time: what is written when someone is deactivated, changes
//! roles or signs out, and the feed every service reads it from.

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::auth::{Revocation, RevocationFeed, RevokedKind};
use uuid::Uuid;

use crate::schema::revocation;

/// How long a revocation is told of: longer than any access token is believed.
const TOLD_FOR: TimeDelta = TimeDelta::minutes(20);

/// Ends every token of a session, user or client that was made until now, by the machine's clock.
///
/// # Errors
/// As the database says.
pub async fn revoke(
    connection: &mut AsyncPgConnection,
    kind: RevokedKind,
    id: Uuid,
) -> Result<(), diesel::result::Error> {
    let kind = match kind {
        RevokedKind::Session => "session",
        RevokedKind::Subject => "subject",
    };
    diesel::insert_into(revocation::table)
        .values((revocation::kind.eq(kind), revocation::id.eq(id), revocation::at.eq(Utc::now())))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(())
}

/// Every revocation that a token might still meet.
///
/// # Errors
/// As the database says.
pub async fn feed(connection: &mut AsyncPgConnection) -> Result<RevocationFeed, diesel::result::Error> {
    let rows: Vec<(String, Uuid, DateTime<Utc>)> = revocation::table
        .filter(revocation::at.gt(Utc::now() - TOLD_FOR))
        .order(revocation::at)
        .select((revocation::kind, revocation::id, revocation::at))
        .load(connection)
        .await?;
    let item = |(kind, id, at): (String, Uuid, DateTime<Utc>)| Revocation {
        kind: if kind == "session" { RevokedKind::Session } else { RevokedKind::Subject },
        id,
        at,
    };
    Ok(RevocationFeed { items: rows.into_iter().map(item).collect() })
}

/// The earliest whole second at which a new token of this subject outlives every revocation of
/// it: tokens tell the time in seconds, and one made in the second of a revocation would fall under it.
///
/// # Errors
/// As the database says.
pub async fn first_second(
    connection: &mut AsyncPgConnection,
    subject: Uuid,
    now: DateTime<Utc>,
) -> Result<i64, diesel::result::Error> {
    let latest: Option<DateTime<Utc>> = revocation::table
        .filter(revocation::id.eq(subject))
        .filter(revocation::at.gt(now - TOLD_FOR))
        .select(diesel::dsl::max(revocation::at))
        .first(connection)
        .await?;
    let now = now.timestamp();
    Ok(latest.map_or(now, |at| now.max(at.timestamp() + 1)))
}

/// Forgets what no token can meet any more.
///
/// # Errors
/// As the database says.
pub async fn forget(connection: &mut AsyncPgConnection) -> Result<(), diesel::result::Error> {
    diesel::delete(revocation::table.filter(revocation::at.lt(Utc::now() - TOLD_FOR))).execute(connection).await?;
    Ok(())
}
