//! The follow-ups' rows.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::json;
use shared::access::{self, Asked, Grant, Listing, View};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::events::Event;
use shared::page::Cursor;
use shared::problem::Problem;
use shared::service::Write;
use uuid::Uuid;

use crate::family::{self, CaseId, FamilyId};
use crate::measurement::Setting;
use crate::referral::follow_up::{FollowUpAnswer, FollowUps, Heard, MONTHS};
use crate::schema::follow_up;

shared::typed_id!(
    /// A follow-up.
    FollowUpId
);

shared::words! {
    /// After what a family is followed up.
    #[schema(as = FollowUpAfter)]
    After {
        /// Its case was closed.
        Closure = "closure",
        /// It went on to another service.
        OnwardReferral = "onward_referral",
    }
}

/// Schedules the follow-ups of a case for its team, each with its clock.
///
/// # Errors
/// As the database says.
pub async fn schedule<T>(
    tx: &mut Write<'_, T>,
    rules: &Rules,
    setting: &Setting,
    after: After,
    from: DateTime<Utc>,
    onward_service: Option<&str>,
) -> Result<(), Problem> {
    let case = &setting.case;
    let now = tx.now();
    let household = setting.household(now.local_day());
    for months in MONTHS {
        let code = FollowUps::OfCase.clock(months);
        let Some(due_at) = family::due(rules, &code, &case.case_type, from) else { continue };
        let id = FollowUpId::new();
        diesel::insert_into(follow_up::table)
            .values((
                follow_up::id.eq(id),
                follow_up::case_id.eq(case.id),
                follow_up::family_id.eq(case.family_id),
                follow_up::after.eq(after.as_str()),
                follow_up::started_on.eq(from.local_day()),
                follow_up::onward_service.eq(onward_service),
                follow_up::months.eq(months),
                follow_up::due_at.eq(due_at),
                follow_up::status.eq("due"),
                follow_up::version.eq(1),
            ))
            .execute(&mut **tx)
            .await?;
        let grant = Grant {
            record: id.0,
            kind: "follow_up",
            scope: format!("team:{}", case.team),
            view: View::Full,
            state: "due",
            sort_at: due_at,
        };
        deadline::start(tx, id.0, &code, now, due_at).await?;
        let about: Vec<(Uuid, Uuid)> = household.person_ids.iter().map(|person| (id.0, *person)).collect();
        access::subjects(tx, &about).await?;
        access::grant(tx, &[grant]).await?;
        let facts = json!({
            "follow_up_id": id, "months": months, "due_at": due_at, "after": after, "started_on": from.local_day(),
        });
        let facts = setting.facts(tx, now.local_day(), facts).await?;
        tx.publish(Event::new("follow_up.scheduled.v1", id, facts));
    }
    Ok(())
}

/// A follow-up's row.
#[derive(Clone, Debug, Queryable, Selectable, QueryableByName)]
#[diesel(table_name = follow_up)]
#[diesel(check_for_backend(diesel::pg::Pg))]
pub struct Row {
    pub id: FollowUpId,
    pub case_id: CaseId,
    pub family_id: FamilyId,
    pub after: String,
    pub started_on: NaiveDate,
    pub onward_service: Option<String>,
    pub months: i16,
    pub due_at: DateTime<Utc>,
    pub status: String,
    pub answered_at: Option<DateTime<Utc>>,
    #[diesel(embed)]
    pub heard: Heard,
    pub version: i64,
}

/// One follow-up, if the caller sees it.
///
/// # Errors
/// 404 if not.
pub async fn find(connection: &mut AsyncPgConnection, id: FollowUpId) -> Result<Row, Problem> {
    let row = follow_up::table.find(id).select(Row::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: FollowUpId) -> Result<Row, Problem> {
    let row = follow_up::table.find(id).select(Row::as_select()).for_update().first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The follow-ups of a case that the caller sees, the earliest first.
///
/// # Errors
/// As the database says.
pub async fn of_case(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<Row>, Problem> {
    Ok(follow_up::table
        .filter(follow_up::case_id.eq(case))
        .order((follow_up::due_at, follow_up::id))
        .select(Row::as_select())
        .load(connection)
        .await?)
}

/// The list behind `GET /v1/follow-ups`: the earliest due first.
pub const LIST: Listing =
    Listing::new("follow_up", "f.*", "JOIN follow_up f ON f.id = page.record_id").earliest_first();

/// A page of the follow-ups in any of the scopes, the earliest due first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: &str,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Row>, Problem> {
    LIST.page(connection, &Asked { scopes, states: Some(&[status]), filter: None, after, limit }).await
}

/// Keeps what was heard, and stops the clock.
///
/// # Errors
/// 404 if the caller may not change it.
pub async fn answer(
    connection: &mut AsyncPgConnection,
    row: &Row,
    heard: &FollowUpAnswer,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    FollowUps::OfCase.keep(connection, row.id.0, heard, &who.name, now).await?;
    access::move_to_state(connection, row.id.0, "answered").await?;
    deadline::meet(connection, row.id.0, &FollowUps::OfCase.clock(row.months), now).await
}
