//! Asking a family how it is 3, 6, 9 and 12 months after it was helped: the clocks, the words for what is heard, what is
//! wrong with them, and how they are kept, shown and told. The same after a case and after an onward referral, whose
//! follow-ups stand in tables of their own because different people see them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::db::KeepPrepared;
use shared::problem::{FieldError, Problem};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::follow_up;

/// How long before it is due a family may be asked, a row of `time_limit`.
const ASKED_AHEAD: &str = "follow_up_asked_ahead";

/// After how many months a family is asked.
pub const MONTHS: [i16; 4] = [3, 6, 9, 12];

/// What a family is followed up after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowUps {
    /// A case: its team asks.
    OfCase,
    /// An onward referral: whoever sees its referral whole asks.
    OfOnwardReferral,
}

impl FollowUps {
    /// The clock of the follow-up after so many months. The time limits of the two can be set apart.
    pub fn clock(self, months: i16) -> String {
        match self {
            FollowUps::OfCase => format!("follow_up_{months}_months"),
            FollowUps::OfOnwardReferral => format!("onward_follow_up_{months}_months"),
        }
    }

    /// Keeps what was heard. Its clock is the caller's to stop.
    ///
    /// # Errors
    /// 404 if the caller may not change it.
    pub async fn keep(
        self,
        connection: &mut AsyncPgConnection,
        id: Uuid,
        heard: &FollowUpAnswer,
        who: &str,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        // An onward referral's follow-up is of the onward referral's version; a case's is a record with its own.
        let (table, next_version) = match self {
            FollowUps::OfCase => ("follow_up", ", version = version + 1"),
            FollowUps::OfOnwardReferral => ("onward_follow_up", ""),
        };
        let changed = sql_query(format!(
            "UPDATE {table} SET status = 'answered', asked_on = $2, answered_at = $3, answered_by_name = $4, reached = $5,
                 engaged = $6, sustained = $7, destination = $8, words = $9{next_version} WHERE id = $1"
        ))
        .bind::<SqlUuid, _>(id)
        .bind::<Date, _>(heard.asked_on)
        .bind::<Timestamptz, _>(now)
        .bind::<Text, _>(who)
        .bind::<Bool, _>(heard.reached)
        .bind::<Nullable<Bool>, _>(heard.engaged)
        .bind::<Nullable<Bool>, _>(heard.sustained)
        .bind::<Nullable<Text>, _>(heard.destination.as_deref())
        .bind::<Nullable<Text>, _>(heard.words.as_deref())
        .prepared()
        .execute(connection)
        .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// From which day on a family may be asked: what it says long before tells nothing of the months that are still to come,
/// and would be counted as a change that lasted.
fn asked_from(due_at: DateTime<Utc>, rules: &Rules) -> Result<NaiveDate, Problem> {
    let ahead = rules.must_due(ASKED_AHEAD, due_at)? - due_at;
    Ok((due_at - ahead).local_day())
}

/// Refuses to ask twice, or for what is not wanted any more.
///
/// # Errors
/// 409.
pub fn require_due(status: &str) -> Result<(), Problem> {
    match status {
        "due" => Ok(()),
        "cancelled" => Err(Problem::conflict("the onward referral was taken back")),
        _ => Err(Problem::conflict("it has been answered already")),
    }
}

/// What was heard of a family, as it is kept and shown; nothing of it until the family was asked.
#[derive(Clone, Debug, Serialize, ToSchema, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = follow_up)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[schema(as = FollowUpHeard)]
pub struct Heard {
    /// The day the family was asked, or last tried.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked_on: Option<NaiveDate>,
    /// By whom the answer was recorded.
    #[diesel(column_name = answered_by_name)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_by: Option<String>,
    /// Whether the family was reached.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached: Option<bool>,
    /// Whether it takes part in what was to follow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engaged: Option<bool>,
    /// Whether the change has lasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sustained: Option<bool>,
    /// Where it is now, a code of the set `follow_up_destination`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// What it said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
}

/// What was heard of a family.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "asked_on": "2027-05-04", "reached": true, "engaged": true, "sustained": true,
    "destination": "employment", "words": "She still works at the shop." }))]
pub struct FollowUpAnswer {
    /// The day the family was asked, or last tried: no earlier than the time limit `follow_up_asked_ahead` before it is due.
    pub asked_on: NaiveDate,
    /// Whether it was reached.
    pub reached: bool,
    /// Whether it takes part in what was to follow. Needed if it was reached.
    pub engaged: Option<bool>,
    /// Whether the change has lasted. Needed if it was reached.
    pub sustained: Option<bool>,
    /// Where it is now, a code of the set `follow_up_destination`. Needed if it was reached.
    #[schema(min_length = 1, max_length = 64)]
    pub destination: Option<String>,
    /// What it said, or how it was tried, in words.
    #[schema(min_length = 1, max_length = 20000)]
    pub words: Option<String>,
}

impl FollowUpAnswer {
    /// Refuses what is wrong with it, for a follow-up whose months run from `started_on` and that is due at `due_at`.
    ///
    /// # Errors
    /// 422 naming every field.
    pub fn check(
        &self,
        started_on: NaiveDate,
        due_at: DateTime<Utc>,
        rules: &Rules,
        today: NaiveDate,
    ) -> Result<(), Problem> {
        let mut errors = Vec::new();
        let first = asked_from(due_at, rules)?;
        if self.asked_on > today {
            errors.push(FieldError::at("/asked_on", "in_the_future", "that day has not come yet"));
        } else if self.asked_on < started_on {
            errors.push(FieldError::at("/asked_on", "too_early", format!("on or after {started_on}")));
        } else if self.asked_on < first {
            let detail = format!("is too long before it is due: this follow-up is asked from {first} on");
            errors.push(FieldError::at("/asked_on", "too_early", detail));
        }
        let fields = [
            ("/engaged", self.engaged.is_some()),
            ("/sustained", self.sustained.is_some()),
            ("/destination", self.destination.is_some()),
        ];
        for (pointer, given) in fields {
            if self.reached && !given {
                errors.push(FieldError::at(pointer, "required", "needed of a family that was reached"));
            } else if !self.reached && given {
                errors.push(FieldError::at(pointer, "does_not_fit", "not known of a family that was not reached"));
            }
        }
        if let Some(code) = &self.destination
            && self.reached
            && !rules.has_code("follow_up_destination", code, today)
        {
            let detail = "is none; GET /v1/codes/follow_up_destination lists them";
            errors.push(FieldError::at("/destination", "unknown_code", detail));
        }
        Problem::refuse_any(errors)
    }

    /// What the other services are told of it.
    pub fn facts(&self, months: i16, due_at: DateTime<Utc>, at: DateTime<Utc>) -> Value {
        json!({
            "months": months, "due_at": due_at, "answered_at": at, "in_time": at <= due_at, "asked_on": self.asked_on,
            "reached": self.reached, "engaged": self.engaged, "sustained": self.sustained,
            "destination": self.destination,
        })
    }
}
