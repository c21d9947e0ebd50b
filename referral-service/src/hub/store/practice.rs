//! How the hub of a district works.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::problem::Problem;

use crate::hub::domain::HubWay;
use crate::schema::hub_practice;

/// A district's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = hub_practice)]
pub struct Practice {
    pub locality: String,
    way: String,
    pub reason: Option<String>,
    pub changed_at: Option<DateTime<Utc>>,
    pub changed_by_name: Option<String>,
    pub version: i64,
}

impl Practice {
    /// A district of which nobody has said anything: its hub does both.
    fn unsaid(locality: &str) -> Self {
        Self {
            locality: locality.to_owned(),
            way: HubWay::Both.as_str().to_owned(),
            reason: None,
            changed_at: None,
            changed_by_name: None,
            version: 1,
        }
    }

    /// How it works.
    ///
    /// # Errors
    /// 500 if the table holds a way this program does not know.
    pub fn way(&self) -> Result<HubWay, Problem> {
        self.way.parse().map_err(|()| Problem::internal(&"unknown way of a hub"))
    }
}

/// How the hub of a district works.
///
/// # Errors
/// As the database says.
pub async fn find(connection: &mut AsyncPgConnection, locality: &str) -> Result<Practice, Problem> {
    let found = hub_practice::table.find(locality).select(Practice::as_select()).first(connection).await.optional()?;
    Ok(found.unwrap_or_else(|| Practice::unsaid(locality)))
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// As the database says.
pub async fn for_change(connection: &mut AsyncPgConnection, locality: &str) -> Result<Practice, Problem> {
    let unsaid = Practice::unsaid(locality);
    diesel::insert_into(hub_practice::table)
        .values((
            hub_practice::locality.eq(&unsaid.locality),
            hub_practice::way.eq(&unsaid.way),
            hub_practice::version.eq(unsaid.version),
        ))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    Ok(hub_practice::table.find(locality).select(Practice::as_select()).for_update().first(connection).await?)
}

/// Says how it works from now on.
///
/// # Errors
/// As the database says.
pub async fn change(
    connection: &mut AsyncPgConnection,
    row: &Practice,
    way: HubWay,
    reason: &str,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::update(hub_practice::table.find(&row.locality))
        .set((
            hub_practice::way.eq(way.as_str()),
            hub_practice::reason.eq(reason),
            hub_practice::changed_at.eq(now),
            hub_practice::changed_by_name.eq(&actor.name),
            hub_practice::version.eq(row.version + 1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}
