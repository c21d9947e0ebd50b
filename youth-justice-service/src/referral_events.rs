//! What this service does with the events of referral-service: one consumer, which gives each
//! event to the slice it concerns.

use diesel_async::AsyncPgConnection;
use futures::FutureExt;
use futures::future::BoxFuture;
use shared::events::{Apply, CloudEvent, Failure};

use crate::{person_copy, prevention};

/// The consumer of referral-service's events.
pub struct ReferralEvents;

impl Apply for ReferralEvents {
    fn name(&self) -> &'static str {
        "youth-justice-service:referral-service"
    }

    fn apply<'a>(
        &'a self,
        connection: &'a mut AsyncPgConnection,
        event: &'a CloudEvent,
    ) -> BoxFuture<'a, Result<(), Failure>> {
        async move {
            match event.kind.as_str() {
                "person.changed.v1" => person_copy::take_in(connection, event).await,
                kind if kind.starts_with("allocation.") => prevention::take_in(connection, event).await,
                _ => Ok(()),
            }
        }
        .boxed()
    }
}
