//! Who works on an allocation: one who leads and those who support, each with a beginning and an end.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::Problem;
use shared::service::Write;
use uuid::Uuid;

use super::domain::AllocationStatus;
use super::store::Allocation;
use crate::family::due;
use crate::referral::offer::Part;
use crate::referral::store::Referral;
use crate::schema::allocation_worker;

/// The clock that runs until somebody leads.
pub const CLOCK: &str = "lead_worker_named";

/// The clock of how long such work usually takes. Whoever leads answers for it.
pub const LENGTH_CLOCK: &str = "allocation_length";

/// A worker's part in an allocation.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = allocation_worker)]
pub struct Worker {
    /// The part's own id.
    pub id: Uuid,
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// `lead` or `supporting`.
    pub part: String,
    /// From when on.
    pub from_at: DateTime<Utc>,
    /// Who said so.
    pub assigned_by_name: String,
    /// Until when.
    pub until_at: Option<DateTime<Utc>>,
    /// Who ended it.
    pub ended_by_name: Option<String>,
    /// Why.
    pub ended_because: Option<String>,
}

/// Somebody who is to work on it.
#[derive(Clone, Copy, Debug)]
pub struct Named<'a> {
    /// The user.
    pub user: Uuid,
    /// Their name.
    pub name: &'a str,
    /// What they are to do.
    pub part: Part,
    /// Why whoever led until now no longer does, if there is more to say.
    pub because: Option<&'a str>,
}

/// A part in an allocation, if the caller sees it.
///
/// # Errors
/// 404 if not.
pub async fn of(connection: &mut AsyncPgConnection, allocation: Uuid, part: Uuid) -> Result<Worker, Problem> {
    all(connection, allocation).await?.into_iter().find(|worker| worker.id == part).ok_or_else(Problem::not_found)
}

/// Everyone who works or worked on it, in the order they came.
///
/// # Errors
/// As the database says.
pub async fn all(connection: &mut AsyncPgConnection, allocation: Uuid) -> Result<Vec<Worker>, Problem> {
    Ok(allocation_worker::table
        .filter(allocation_worker::allocation_id.eq(allocation))
        .order((allocation_worker::from_at, allocation_worker::id))
        .select(Worker::as_select())
        .load(connection)
        .await?)
}

/// Puts somebody on it, and lets them see it by name. Whoever led until now no longer does.
///
/// # Errors
/// 409 if the service is not at work on it, or they have that part already.
pub async fn assign<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    allocation: &mut Allocation,
    referral: &Referral,
    named: &Named<'_>,
    rules: &Rules,
) -> Result<(), Problem> {
    require_in_work(allocation)?;
    let now = tx.now();
    let current: Vec<Worker> = all(tx, allocation.id.0).await?.into_iter().filter(|w| w.until_at.is_none()).collect();
    let before = current.iter().find(|w| w.part == Part::Lead.as_str());
    if let Some(same) = current.iter().find(|w| w.user_id == named.user) {
        if same.part == named.part.as_str() {
            return Err(Problem::conflict(format!("{} has that part already", same.name)));
        }
        end_part(tx, same, actor, now, "Another part was given.").await?;
    }
    let gone = before.filter(|before| named.part == Part::Lead && before.user_id != named.user);
    if let Some(gone) = gone {
        let taken_over = format!("{} leads from now on.", named.name);
        end_part(tx, gone, actor, now, named.because.unwrap_or(&taken_over)).await?;
    }
    insert(tx, allocation, named, actor, now).await?;
    show_to(tx, allocation, referral, named.user).await?;
    if named.part == Part::Lead {
        deadline::meet(tx, allocation.id.0, CLOCK, now).await?;
        deadline::assign(tx, allocation.id.0, LENGTH_CLOCK, Some(named.user)).await?;
    } else if before.is_some_and(|before| before.user_id == named.user) {
        wait_for_lead(tx, allocation, now, rules).await?;
    }
    allocation.bump(tx).await?;
    let assigned = json!({
        "worker_id": named.user, "worker_part": named.part, "assigned_at": now, "offered_at": allocation.offered_at,
    });
    tx.publish(Event::new("allocation.worker_assigned.v1", referral.id, allocation.facts(referral, assigned)));
    match gone {
        // The last thing: it may be the caller who no longer sees it.
        Some(gone) => leaves(tx, allocation, gone.user_id).await,
        None => Ok(()),
    }
}

/// Ends somebody's part, with the reason. If they led, the clock runs until another does.
///
/// # Errors
/// 404 if there is no such part; 409 if it has ended.
pub async fn release<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    allocation: &mut Allocation,
    referral: &Referral,
    part: Uuid,
    because: &str,
    rules: &Rules,
) -> Result<(), Problem> {
    let now = tx.now();
    let found = of(tx, allocation.id.0, part).await?;
    require_in_work(allocation)?;
    if found.until_at.is_some() {
        return Err(Problem::conflict(format!("{}'s part has ended already", found.name)));
    }
    end_part(tx, &found, actor, now, because).await?;
    if found.part == Part::Lead.as_str() {
        wait_for_lead(tx, allocation, now, rules).await?;
    }
    allocation.bump(tx).await?;
    let facts =
        allocation.facts(referral, json!({ "worker_id": found.user_id, "worker_part": found.part, "ended_at": now }));
    tx.publish(Event::new("allocation.worker_ended.v1", referral.id, facts));
    leaves(tx, allocation, found.user_id).await
}

/// Starts the clock that runs until somebody leads.
///
/// # Errors
/// As the database says.
pub async fn wait_for_lead(
    connection: &mut AsyncPgConnection,
    allocation: &Allocation,
    now: DateTime<Utc>,
    rules: &Rules,
) -> Result<(), Problem> {
    deadline::assign(connection, allocation.id.0, LENGTH_CLOCK, None).await?;
    let case_type = allocation.case_type.as_deref().unwrap_or_default();
    match due(rules, CLOCK, case_type, now) {
        Some(due) => deadline::restart(connection, allocation.id.0, CLOCK, now, due).await,
        None => Ok(()),
    }
}

/// Ends everyone's part; they go on seeing what they worked on.
///
/// # Errors
/// As the database says.
pub async fn end_all(
    connection: &mut AsyncPgConnection,
    allocation: &Allocation,
    actor: &Actor,
    at: DateTime<Utc>,
    because: &str,
) -> Result<(), Problem> {
    diesel::update(allocation_worker::table)
        .filter(allocation_worker::allocation_id.eq(allocation.id).and(allocation_worker::until_at.is_null()))
        .set((
            allocation_worker::until_at.eq(at),
            allocation_worker::ended_by_name.eq(&actor.name),
            allocation_worker::ended_because.eq(because),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

fn require_in_work(allocation: &Allocation) -> Result<(), Problem> {
    match allocation.status()? {
        AllocationStatus::Accepted => Ok(()),
        other => Err(Problem::conflict(other.in_words())),
    }
}

async fn insert(
    connection: &mut AsyncPgConnection,
    allocation: &Allocation,
    named: &Named<'_>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(allocation_worker::table)
        .values((
            allocation_worker::id.eq(Uuid::now_v7()),
            allocation_worker::allocation_id.eq(allocation.id),
            allocation_worker::service.eq(&allocation.service),
            allocation_worker::user_id.eq(named.user),
            allocation_worker::name.eq(named.name),
            allocation_worker::part.eq(named.part.as_str()),
            allocation_worker::from_at.eq(now),
            allocation_worker::assigned_by_name.eq(&actor.name),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

async fn end_part(
    connection: &mut AsyncPgConnection,
    part: &Worker,
    actor: &Actor,
    at: DateTime<Utc>,
    because: &str,
) -> Result<(), Problem> {
    diesel::update(allocation_worker::table.find(part.id))
        .set((
            allocation_worker::until_at.eq(at),
            allocation_worker::ended_by_name.eq(&actor.name),
            allocation_worker::ended_because.eq(because),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

async fn show_to(
    connection: &mut AsyncPgConnection,
    allocation: &Allocation,
    referral: &Referral,
    user: Uuid,
) -> Result<(), Problem> {
    let people = referral.people(connection).await?;
    let scope = format!("user:{user}");
    let mut grants = referral.for_team(&scope, referral.status()?.as_str(), &people);
    grants.push(Grant {
        record: allocation.id.0,
        kind: "allocation",
        scope,
        view: View::Full,
        state: allocation.status()?.as_str(),
        sort_at: allocation.offered_at,
    });
    access::grant(connection, &grants).await
}

async fn leaves(connection: &mut AsyncPgConnection, allocation: &Allocation, user: Uuid) -> Result<(), Problem> {
    diesel::sql_query("SELECT worker_leaves($1, $2)")
        .bind::<SqlUuid, _>(allocation.id)
        .bind::<SqlUuid, _>(user)
        .execute(connection)
        .await?;
    Ok(())
}
