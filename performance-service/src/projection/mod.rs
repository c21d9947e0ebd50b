//! Facts: what referral-service's events say, in a form that figures are counted over. A module for
//! each part of the work, which reads its own events and passes over all others.
//!
//! Each effect happens once: the consumer commits it with its position. Each is also its own
//! repetition's equal and knows which of two tellings is the newer, so a log that is read again from
//! its beginning makes the same facts. They are never edited by hand: what is wrong is rebuilt from
//! the log with `performance-service rebuild`, while the service runs.

mod agency_action;
mod audit;
mod casework;
mod exploitation;
mod information;
mod missing;
mod onward;
mod partner_list;
mod rebuild;
mod referral;
mod support;

use diesel_async::AsyncPgConnection;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde::de::DeserializeOwned;
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
            referral::apply(connection, event).await?;
            missing::apply(connection, event).await?;
            information::apply(connection, event).await?;
            partner_list::apply(connection, event).await?;
            casework::apply(connection, event).await?;
            audit::apply(connection, event).await?;
            exploitation::apply(connection, event).await?;
            onward::apply(connection, event).await?;
            agency_action::apply(connection, event).await?;
            support::apply(connection, event).await
        }
        .boxed()
    }
}

/// What an event of a known kind says. Fields that are not asked for are passed over, so that
/// referral-service may say more without asking.
fn read<T: DeserializeOwned>(event: &CloudEvent) -> Result<T, Failure> {
    T::deserialize(&event.data).map_err(|error| lasting(event, &error))
}

/// An event that says what this service can't accept, now or later.
fn lasting(event: &CloudEvent, error: &serde_json::Error) -> Failure {
    Failure::Lasting(format!("{}: {error}", event.kind))
}
