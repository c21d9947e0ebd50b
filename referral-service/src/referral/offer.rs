//! Offering a referral to a service: the front door does it for youth justice prevention,
//! the hub for every service. What the service answers is the `allocation` slice's.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Grant, View};
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::problem::Problem;
use uuid::Uuid;

use super::store::Referral;
use crate::family::due;
use crate::schema::allocation;

shared::typed_id!(
    /// An allocation.
    AllocationId
);

shared::words! {
    /// What a service is to do among those that help the family.
    #[schema(as = AllocationPart)]
    Part {
        /// It leads: it answers for the plan. A referral has one at a time.
        Lead = "lead",
        /// It supports the service that leads.
        Supporting = "supporting",
    }
}

/// What a service is asked.
#[derive(Clone, Copy, Debug)]
pub struct Offer<'a> {
    /// The service, a code of the set `service`.
    pub service: &'a str,
    /// What it is to do among those that help.
    pub part: Part,
    /// Which kind of work is asked for, a code of the set `case_type`.
    pub case_type: Option<&'a str>,
    /// What it is asked to do, in words.
    pub asked_for: Option<&'a str>,
    /// Why it is asked although it is not for such a family.
    pub regardless_reason: Option<&'a str>,
}

impl<'a> Offer<'a> {
    /// A service is asked to lead, and no more is said.
    pub const fn to_lead(service: &'a str) -> Self {
        Self { service, part: Part::Lead, case_type: None, asked_for: None, regardless_reason: None }
    }
}

/// The clock that runs until the service answers.
pub const ANSWER_CLOCK: &str = "allocation_answer";

/// Asks a service to take the referral on, lets its team see the referral and the people, and starts
/// the clock of its answer. The answer is the allocation, and the event that tells the other services.
///
/// # Errors
/// As the database says.
pub async fn offer(
    connection: &mut AsyncPgConnection,
    referral: &Referral,
    asked: &Offer<'_>,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(AllocationId, Event), Problem> {
    let id = AllocationId::new();
    diesel::insert_into(allocation::table)
        .values((
            allocation::id.eq(id),
            allocation::referral_id.eq(referral.id),
            allocation::service.eq(asked.service),
            allocation::part.eq(asked.part.as_str()),
            allocation::status.eq("offered"),
            allocation::offered_at.eq(now),
            allocation::case_type.eq(asked.case_type),
            allocation::asked_for.eq(asked.asked_for),
            allocation::regardless_reason.eq(asked.regardless_reason),
            allocation::version.eq(1),
        ))
        .execute(connection)
        .await?;
    let people = referral.people(connection).await?;
    // Before anybody sees it: a team that passes its work on does not see what the other is asked.
    let subjects: Vec<(Uuid, Uuid)> = people.iter().map(|person| (id.0, *person)).collect();
    access::subjects(connection, &subjects).await?;
    let team = format!("team:{}", asked.service);
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
    let due = due(rules, ANSWER_CLOCK, asked.case_type.unwrap_or_default(), now);
    if let Some(due) = due {
        deadline::start(connection, id.0, ANSWER_CLOCK, now, due).await?;
    }
    let facts = serde_json::json!({
        "allocation_id": id, "referral_id": referral.id, "service": asked.service, "part": asked.part,
        "case_type": asked.case_type, "regardless": asked.regardless_reason.is_some(), "locality": referral.locality,
        "offered_at": now, "answer_due_at": due, "person_ids": people,
    });
    Ok((id, Event::new("allocation.offered.v1", referral.id, facts)))
}
