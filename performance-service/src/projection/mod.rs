//! Facts: what referral-service's events say became of each referral and allocation, in a form that
//! figures are counted over.
//!
//! Each effect happens once: the consumer commits it with its position. Each is also its own
//! repetition's equal and knows which of two tellings is the newer, so a log that is read again from
//! its beginning makes the same facts. They are never edited by hand: what is wrong is rebuilt from
//! the log with `performance-service rebuild`, while the service runs.

mod domain;
mod rebuild;
mod store;

use diesel_async::AsyncPgConnection;
use futures::FutureExt;
use futures::future::BoxFuture;
use shared::events::{Apply, CloudEvent, Failure};

use crate::measure::store::CONSUMER;
pub use rebuild::rebuild;

/// Makes facts of events. What it does not know, it passes over.
pub struct Projection;

impl Apply for Projection {
    fn name(&self) -> &'static str {
        CONSUMER
    }

    fn apply<'a>(
        &'a self,
        connection: &'a mut AsyncPgConnection,
        event: &'a CloudEvent,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            match domain::read(event).map_err(|error| Failure::Lasting(format!("{}: {error}", event.kind)))? {
                Some(happening) => Ok(store::record(connection, event, happening).await?),
                None => Ok(()),
            }
        }
        .boxed()
    }
}
