//! A step up to children's social care, whoever takes it: First Response, a hub in its decision, a team
//! that helps. What services were asked or do ends with it, with the family's cases that rest on it, and they and
//! First Response are told.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::events::Event;
use shared::problem::Problem;
use shared::service::Write;
use uuid::Uuid;

use super::domain::{ReferralId, Status};
use super::store::Referral;
use crate::alert::{self, Alert, Urgency};
use crate::family::end_cases;
use crate::schema::referral_step;

/// The level of need that is social care's.
pub const ACUTE: i16 = 4;
/// Why what services did has ended, as those who did it read it.
const BECAUSE: &str = "It was stepped up to children's social care.";

/// A step that a referral has taken.
#[derive(Debug)]
pub struct Taken<'a> {
    /// `up`, `down` or `end`.
    pub direction: &'a str,
    /// Where the referral stood before.
    pub from: Status,
    /// Level of need from then on.
    pub level_of_need: Option<i16>,
    /// Why.
    pub reason: &'a str,
    /// What social care did.
    pub social_care_did: Option<&'a str>,
    /// Social care's own reference of the case.
    pub social_care_reference: Option<&'a str>,
    /// The scope in which it was taken.
    pub scope: &'a str,
}

/// Keeps a step.
///
/// # Errors
/// As the database says.
pub async fn keep_step(
    connection: &mut AsyncPgConnection,
    referral: &Referral,
    taken: &Taken<'_>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use referral_step::dsl;
    diesel::insert_into(dsl::referral_step)
        .values((
            dsl::id.eq(Uuid::now_v7()),
            dsl::referral_id.eq(referral.id),
            dsl::direction.eq(taken.direction),
            dsl::at.eq(now),
            dsl::from_status.eq(taken.from.as_str()),
            dsl::to_status.eq(referral.status()?.as_str()),
            dsl::level_of_need.eq(taken.level_of_need),
            dsl::reason.eq(taken.reason),
            dsl::locality.eq(&referral.locality),
            dsl::social_care_did.eq(taken.social_care_did),
            dsl::social_care_reference.eq(taken.social_care_reference),
            dsl::by_user.eq(who.user.0),
            dsl::by_name.eq(&who.name),
            dsl::by_scope.eq(taken.scope),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Ends what services do, tells them and First Response. The referral has been stepped up.
///
/// # Errors
/// As the database says.
pub async fn stepped_up<T>(
    tx: &mut Write<'_, T>,
    referral: &Referral,
    who: &Actor,
    from: Status,
    scope: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let id = referral.id;
    let people = referral.people(tx).await?;
    let ended = end_allocations(tx, id, BECAUSE, now).await?;
    for one in &ended {
        let facts = if one.was_only_offered() {
            // A team that had not answered has no more business with the family; one that has
            // itself stepped it up keeps sight of what it did.
            let team = format!("team:{}", one.service);
            if team != scope {
                access::revoke(tx, id.0, &team).await?;
            }
            let facts = serde_json::json!({
                "allocation_id": one.allocation_id, "referral_id": id, "service": one.service, "withdrawn_at": now,
            });
            Event::new("allocation.withdrawn.v1", id, facts)
        } else {
            let facts = serde_json::json!({
                "allocation_id": one.allocation_id, "referral_id": id, "service": one.service,
                "outcome": "stepped_up", "closed_at": now,
            });
            Event::new("allocation.closed.v1", id, facts)
        };
        tx.publish(facts);
    }
    let cases_ended = end_cases(tx, id, who, BECAUSE, now).await?;
    let by = scope.split(':').next().unwrap_or_default();
    let facts = serde_json::json!({
        "referral_id": id, "from": from, "by": by.replace('-', "_"), "service": scope.strip_prefix("team:"),
        "level_of_need": ACUTE, "stepped_up_at": now, "locality": referral.locality,
        "allocations_ended": ended.len(), "cases_ended": cases_ended, "person_ids": people,
    });
    tx.publish(Event::new("referral.stepped_up.v1", id, facts));
    if by != "front-door" {
        let grave = Alert {
            kind: "stepped_up",
            urgency: Urgency::Urgent,
            about: "referrals",
            record: id.0,
            people: &people,
            scopes: &["front-door".to_owned()],
            locality: referral.locality.as_deref(),
        };
        alert::tell(tx, &grave).await?;
    }
    Ok(())
}

/// An allocation that a step up ended.
#[derive(Debug, QueryableByName)]
struct Ended {
    #[diesel(sql_type = SqlUuid)]
    allocation_id: Uuid,
    #[diesel(sql_type = Text)]
    service: String,
    #[diesel(sql_type = Text)]
    was: String,
}

impl Ended {
    /// Whether the service had been asked and not answered.
    fn was_only_offered(&self) -> bool {
        self.was == "offered"
    }
}

/// Ends what services were asked to do and do.
async fn end_allocations(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
    because: &str,
    at: DateTime<Utc>,
) -> Result<Vec<Ended>, Problem> {
    Ok(diesel::sql_query("SELECT allocation_id, service, was FROM allocations_stepped_up($1, $2, $3)")
        .bind::<SqlUuid, _>(referral)
        .bind::<Timestamptz, _>(at)
        .bind::<Text, _>(because)
        .prepared()
        .load(connection)
        .await?)
}
