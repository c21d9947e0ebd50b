//! Which scopes a record belongs to: the rows every visibility policy and every list reads.

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{Array, Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use uuid::Uuid;

use super::policy::in_a_row;
use crate::actor::Actor;
use crate::db::KeepPrepared;
use crate::problem::{self, Problem};

/// How much of a record a scope shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// The working team: all of it.
    Full,
    /// Partners: who is helping, how to reach them, since when. No content.
    Involvement,
    /// The referrer: where it stands and what was decided.
    Status,
}

impl View {
    /// As the table spells it.
    pub const fn as_str(self) -> &'static str {
        match self {
            View::Full => "full",
            View::Involvement => "involvement",
            View::Status => "status",
        }
    }
}

/// Where a record of a kind is read: a `missing_episode` under `/v1/missing-episodes`.
pub fn address(kind: &str, record: Uuid) -> String {
    if kind == "person" {
        return format!("/v1/people/{record}");
    }
    let word = kind.replace('_', "-");
    match word.strip_suffix('y') {
        Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("/v1/{stem}ies/{record}"),
        _ => format!("/v1/{word}s/{record}"),
    }
}

/// One record given to one scope.
#[derive(Clone, Debug)]
pub struct Grant {
    /// The record.
    pub record: Uuid,
    /// What it is: `referral`, `allocation`, `person`.
    pub kind: &'static str,
    /// Who sees it: `front-door`, `agency:police`, `hub:charnwood`, `team:youth-work`.
    pub scope: String,
    /// How much of it.
    pub view: View,
    /// Its state, by which worklists are led.
    pub state: &'static str,
    /// Where it stands in a list, newest first.
    pub sort_at: DateTime<Utc>,
}

#[derive(diesel::QueryableByName)]
struct Held {
    #[diesel(sql_type = Bool)]
    held: bool,
}

/// Refuses a caller who sees the record, but not in a capacity in which this is done to it.
///
/// A role says what one may do and a scope what one sees; only together do they say what one may do
/// to *this* record. A hub member whose own agency referred sees where the referral stands, and
/// yet does not decide for the hub of another district. A capacity is the first part of a
/// scope: `front-door`, `hub`, `team`, `agency`.
///
/// # Errors
/// 403.
pub async fn require_capacity(
    connection: &mut AsyncPgConnection,
    actor: &Actor,
    record: Uuid,
    capacities: &[&str],
) -> Result<(), Problem> {
    let acts_in = |scope: &String| scope.split(':').next().is_some_and(|first| capacities.contains(&first));
    let scopes: Vec<String> = actor.scopes().into_iter().filter(acts_in).collect();
    let found: Held =
        sql_query("SELECT EXISTS (SELECT 1 FROM record_scope WHERE record_id = $1 AND scope = ANY($2)) AS held")
            .bind::<SqlUuid, _>(record)
            .bind::<Array<Text>, _>(scopes)
            .get_result(connection)
            .await?;
    if found.held {
        return Ok(());
    }
    let who: Vec<&str> = capacities.iter().map(|capacity| in_capacity(capacity)).collect();
    let detail = format!("you see this record in another capacity: this is for {}", in_a_row(&who));
    Err(Problem::new(problem::NOT_ALLOWED).detail(detail))
}

/// Whom a capacity means, in words.
fn in_capacity(capacity: &str) -> &str {
    match capacity {
        "front-door" => "First Response",
        "hub" => "a hub that has it",
        "team" => "a team that works on it",
        "agency" => "the agency that sent it",
        "user" => "whoever it was given to",
        "governance" => "information governance",
        "administration" => "the partnership's administrators",
        other => other,
    }
}

/// Gives records to scopes, in one round trip. Granting again keeps the wider view.
///
/// # Errors
/// 500 if the caller does not see a record it gives away.
pub async fn grant(connection: &mut AsyncPgConnection, grants: &[Grant]) -> Result<(), Problem> {
    if grants.is_empty() {
        return Ok(());
    }
    sql_query("SELECT scope_grant($1, $2, $3, $4, $5, $6)")
        .bind::<Array<SqlUuid>, _>(grants.iter().map(|g| g.record).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(grants.iter().map(|g| g.kind).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(grants.iter().map(|g| g.scope.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(grants.iter().map(|g| g.view.as_str()).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(grants.iter().map(|g| g.state).collect::<Vec<_>>())
        .bind::<Array<Timestamptz>, _>(grants.iter().map(|g| g.sort_at).collect::<Vec<_>>())
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes a record from a scope.
///
/// # Errors
/// 500 if the caller does not see the record.
pub async fn revoke(connection: &mut AsyncPgConnection, record: Uuid, scope: &str) -> Result<(), Problem> {
    sql_query("SELECT scope_revoke($1, $2)")
        .bind::<SqlUuid, _>(record)
        .bind::<Text, _>(scope)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Moves a record to another state on every worklist it stands on.
///
/// # Errors
/// 500 if the caller does not see the record.
pub async fn move_to_state(connection: &mut AsyncPgConnection, record: Uuid, state: &str) -> Result<(), Problem> {
    sql_query("SELECT scope_state($1, $2)")
        .bind::<SqlUuid, _>(record)
        .bind::<Text, _>(state)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Says whom records are about, so that looks at them stand in those people's access logs.
///
/// # Errors
/// 500 if the caller does not see the records.
pub async fn subjects(connection: &mut AsyncPgConnection, pairs: &[(Uuid, Uuid)]) -> Result<(), Problem> {
    if pairs.is_empty() {
        return Ok(());
    }
    sql_query("SELECT subject_add($1, $2)")
        .bind::<Array<SqlUuid>, _>(pairs.iter().map(|(record, _)| *record).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(pairs.iter().map(|(_, person)| *person).collect::<Vec<_>>())
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_record_stands_under_its_plural() {
        for (kind, word) in [
            ("referral", "referrals"),
            ("family", "families"),
            ("missing_episode", "missing-episodes"),
            ("survey", "surveys"),
            ("person", "people"),
        ] {
            assert_eq!(address(kind, Uuid::nil()), format!("/v1/{word}/{}", Uuid::nil()));
        }
    }
}
