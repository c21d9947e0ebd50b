//! Writes how names sound where it is not written yet: people who were in the index before it was, or
//! whom an older release added while both were running.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use shared::background::Background;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

use super::{last_part, sound};
use crate::schema::person;

/// How long it rests when nothing is missing.
const REST: Duration = Duration::from_secs(30);
/// How many people at a time.
const BATCH: i64 = 500;

/// Fills in for ever. Safe with many replicas: each takes rows of its own.
pub async fn run(background: Background) {
    loop {
        let filled = async {
            let mut connection = background.connection().await?;
            fill(&mut connection).await
        };
        match filled.await {
            Ok(0) => tokio::time::sleep(REST).await,
            Ok(people) => tracing::info!(people, "sounds of names written"),
            Err(problem) => {
                tracing::warn!(cause = %problem, "sounds of names");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Fills in for some people. The answer is how many they were.
///
/// # Errors
/// As the database says.
pub async fn fill(connection: &mut AsyncPgConnection) -> Result<usize, Problem> {
    connection
        .transaction(async |connection| {
            let without: Vec<(PersonId, String, String)> = person::table
                .filter(person::family_sound.is_null())
                .order(person::id)
                .select((person::id, person::given_name, person::family_name))
                .limit(BATCH)
                .for_no_key_update()
                .skip_locked()
                .load(connection)
                .await?;
            if without.is_empty() {
                return Ok(0);
            }
            diesel::sql_query(
                "UPDATE person p SET given_sound = t.given, family_sound = t.family, family_last_key = t.last
                 FROM unnest($1, $2, $3, $4) AS t(id, given, family, last) WHERE p.id = t.id",
            )
            .bind::<Array<SqlUuid>, _>(without.iter().map(|(id, ..)| id.0).collect::<Vec<Uuid>>())
            .bind::<Array<Text>, _>(without.iter().map(|(_, given, _)| sound(given).usual).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(without.iter().map(|(.., family)| sound(family).usual).collect::<Vec<_>>())
            .bind::<Array<Nullable<Text>>, _>(without.iter().map(|(.., family)| last_part(family)).collect::<Vec<_>>())
            .execute(connection)
            .await?;
            Ok(without.len())
        })
        .await
}
