//! Offering a referral to a service: the front door does it for youth justice prevention,
//! the hub for every service. What the service answers is the `allocation` slice's.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use shared::access::{self, Grant, View};
use shared::events::Event;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store::Referral;
use crate::schema::allocation;

shared::typed_id!(
    /// An allocation.
    AllocationId
);

/// What a service is to do among those that help the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AllocationPart)]
pub enum Part {
    /// It leads: it answers for the plan. A referral has one at a time.
    Lead,
    /// It supports the service that leads.
    Supporting,
}

impl Part {
    /// As tables and JSON spell it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Part::Lead => "lead",
            Part::Supporting => "supporting",
        }
    }
}

impl FromStr for Part {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Part::Lead, Part::Supporting].into_iter().find(|part| part.as_str() == text).ok_or(())
    }
}

/// Asks a service to take the referral on, and lets its team see the referral and the people.
/// The answer is the event that tells the other services.
///
/// # Errors
/// As the database says.
pub async fn offer(
    connection: &mut AsyncPgConnection,
    referral: &Referral,
    service: &str,
    part: Part,
    now: DateTime<Utc>,
) -> Result<Event, Problem> {
    let id = AllocationId::new();
    diesel::insert_into(allocation::table)
        .values((
            allocation::id.eq(id),
            allocation::referral_id.eq(referral.id),
            allocation::service.eq(service),
            allocation::part.eq(part.as_str()),
            allocation::status.eq("offered"),
            allocation::offered_at.eq(now),
            allocation::version.eq(1),
        ))
        .execute(connection)
        .await?;
    let people = referral.people(connection).await?;
    let team = format!("team:{service}");
    let mut scopes = vec!["front-door".to_owned(), team.clone()];
    scopes.extend(referral.locality.iter().map(|locality| format!("hub:{locality}")));
    let mut grants: Vec<Grant> = scopes
        .into_iter()
        .map(|scope| Grant {
            record: id.0,
            kind: "allocation",
            scope,
            view: View::Full,
            state: "offered",
            sort_at: now,
        })
        .collect();
    grants.extend(referral.for_team(&team, "offered", &people));
    access::grant(connection, &grants).await?;
    let subjects: Vec<(Uuid, Uuid)> = people.iter().map(|person| (id.0, *person)).collect();
    access::subjects(connection, &subjects).await?;
    let facts = serde_json::json!({
        "allocation_id": id, "referral_id": referral.id, "service": service, "part": part, "locality": referral.locality,
        "offered_at": now, "person_ids": people,
    });
    Ok(Event::new("allocation.offered.v1", referral.id, facts))
}
