//! A service's own work list.

use std::collections::HashMap;

use diesel_async::AsyncPgConnection;
use uuid::Uuid;

use super::item::{Clock, WorkItem, WorkList};
use super::question::{Position, Question};
use super::store::{self, Row};
use crate::access;
use crate::actor::Actor;
use crate::code::Rules;
use crate::deadline::running;
use crate::id::UserId;
use crate::problem::Problem;
use crate::service::Read;

/// What a list says of a record beside its clocks.
#[derive(Clone, Debug, Default)]
pub struct About {
    /// Its address, where that is not made of its kind and id.
    pub address: Option<String>,
    /// Its reference, where the reader sees it.
    pub reference: Option<String>,
    /// The family's district.
    pub locality: Option<String>,
}

/// Answers a question with a page. `describe` says what the service knows of the records on it, in
/// one statement; a record it says nothing of is on the list all the same.
///
/// # Errors
/// As the database says.
pub async fn page(
    tx: &mut Read,
    actor: &Actor,
    question: &Question,
    rules: &Rules,
    describe: impl AsyncFnOnce(&mut AsyncPgConnection, &[Row]) -> Result<HashMap<Uuid, About>, Problem>,
) -> Result<WorkList, Problem> {
    let now = tx.now();
    let scopes = question.scopes(actor);
    let counts = match question.after {
        None => Some(store::count(tx, &scopes, now).await?),
        Some(_) => None,
    };
    let after = question.after.clone().unwrap_or_else(Position::start);
    let mut rows = store::list(tx, &scopes, question.standing, &after, question.limit, now).await?;
    let limit = usize::try_from(question.limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    let known = if rows.is_empty() { HashMap::new() } else { describe(tx, &rows).await? };
    let items: Vec<WorkItem> = rows
        .into_iter()
        .map(|row| {
            // Several clocks may run on one record.
            let about = known.get(&row.record_id).cloned().unwrap_or_default();
            item(row, about, actor, rules, now)
        })
        .collect();
    tx.entry.records = items.iter().map(|item| item.record_id).collect();
    let next = items.last().filter(|_| more).map(|item| item.position().encode());
    Ok(WorkList { counts, items, next, missing: Vec::new() })
}

fn item(row: Row, about: About, actor: &Actor, rules: &Rules, now: chrono::DateTime<chrono::Utc>) -> WorkItem {
    WorkItem {
        standing: running(row.started_at, row.due_at, now),
        started_at: row.started_at,
        due_at: row.due_at,
        about: about.address.unwrap_or_else(|| access::address(&row.kind, row.record_id)),
        record_id: row.record_id,
        reference: about.reference,
        locality: about.locality,
        mine: row.owner == Some(actor.user.0),
        owner: row.owner.map(UserId),
        what: Clock { label: rules.clock(&row.code), code: row.code },
        kind: row.kind,
    }
}
