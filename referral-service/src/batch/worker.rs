//! Large files are taken in the background, chunk by chunk, and the words of refused rows forgotten in time.

use std::time::Duration;

use chrono::Utc;
use diesel_async::AsyncPgConnection;
use shared::background::Background;
use shared::problem::{self, Problem};

use super::chunk::{self, Chunk, Open};
use super::{holding, taking};
use crate::policy;
use crate::sheet::Group;

/// How long it rests when there is nothing to do.
const REST: Duration = Duration::from_millis(500);
/// How many batches take turns, so that a large one does not hold up those after it.
const AT_ONCE: i64 = 20;
/// How often a chunk is tried that fails for another reason than a database that is away.
const MOST_FAILURES: i16 = 3;
/// How many batches are emptied at a time.
const EMPTIED: i64 = 10;

/// Works for ever. Safe with many replicas: each takes a chunk that no other has locked.
pub async fn run(background: Background) {
    loop {
        match work(&background).await {
            Ok(true) => {}
            Ok(false) => tokio::time::sleep(REST).await,
            Err(problem) => {
                tracing::warn!(cause = %problem, "batches of referrals");
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// Answers one chunk of each batch that waits. The answer is whether there was one.
///
/// # Errors
/// As the database says; what was being taken is still to be taken.
pub async fn work(background: &Background) -> Result<bool, Problem> {
    let mut connection = background.connection().await?;
    let mut batches = Vec::new();
    // While it is not known who has been revoked, no row is taken, as no token is believed.
    if chunk::any_open(&mut connection).await?
        && let Some(revoked) = background.revoked()
    {
        holding::hold(&mut connection, &revoked, Utc::now(), background.now()).await?;
        holding::end_held(&mut connection, background.now()).await?;
        batches = chunk::waiting(&mut connection, AT_ONCE).await?;
    }
    if batches.is_empty() {
        return forget(&mut connection, background).await;
    }
    drop(connection);
    let mut worked = false;
    for open in &batches {
        worked |= answer_next(background, open).await?;
    }
    Ok(worked)
}

async fn forget(connection: &mut AsyncPgConnection, background: &Background) -> Result<bool, Problem> {
    Ok(chunk::forget(connection, background.now(), EMPTIED).await? > 0)
}

/// Takes the next chunk of a batch, under the rights of whoever sent it; leaves it, if the batch was stopped.
async fn answer_next(background: &Background, open: &Open) -> Result<bool, Problem> {
    let Open { sender, batch, stopped } = open;
    let service = background.service()?;
    let mut trying = None;
    let taken = service
        .carry_on(sender, &policy::SEND_BATCH, async |tx| {
            let Some(Chunk { n, content, failures }) = chunk::next(tx, batch.id).await? else {
                return Ok(false);
            };
            trying = Some(n);
            let groups: Vec<Group> = serde_json::from_str(&content).map_err(|error| Problem::internal(&error))?;
            let now = tx.now();
            tx.entry.record = Some(batch.id.0);
            if let Some(because) = stopped {
                taking::leave(tx, batch, &groups, because, now).await?;
            } else if failures < MOST_FAILURES {
                let outcome = taking::take(tx, sender, &service.rules(), batch, &groups, now).await?;
                outcome.events.into_iter().for_each(|event| tx.publish(event));
                tx.entry.people = outcome.people;
            } else {
                taking::give_up(tx, batch, &groups, now).await?;
            }
            chunk::remove(tx, batch.id, n).await?;
            Ok(true)
        })
        .await;
    match (taken, trying) {
        (Err(problem), Some(n)) if problem.status() != problem::UNAVAILABLE.status => {
            tracing::warn!(cause = %problem, batch = %batch.id, chunk = n, "a chunk of a batch was not taken");
            service.carry_on(sender, &policy::SEND_BATCH, async |tx| chunk::failed(tx, batch.id, n).await).await?;
            Ok(true)
        }
        (taken, _) => taken,
    }
}
