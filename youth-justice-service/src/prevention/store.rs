//! Prevention cases in PostgreSQL.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::sql_types::{Bytea, Text};
use diesel::{ExpressionMethods, JoinOnDsl, NullableExpressionMethods, OptionalExtension, QueryDsl, sql_query};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Grant, Listing, View};
use shared::actor::Actor;
use shared::page::Cursor;
use shared::problem::{self, Problem};
use shared::request::Command;
use uuid::Uuid;

use super::domain::{News, PreventionCaseId, Status};
use super::event::OFFERED_SERVICE;
use crate::person_copy;
use crate::schema::{person_copy as copies, prevention_case, prevention_case_step, record_subject};

/// What `record_scope` calls a prevention case.
pub const KIND: &str = "prevention_case";

#[derive(diesel::Queryable, diesel::QueryableByName)]
#[diesel(table_name = prevention_case)]
struct Row {
    id: PreventionCaseId,
    reference: String,
    allocation_id: Uuid,
    referral_id: Uuid,
    locality: Option<String>,
    status: String,
    outcome: Option<String>,
    offered_at: DateTime<Utc>,
    version: i64,
}

/// A prevention case.
pub struct Case {
    pub id: PreventionCaseId,
    pub reference: String,
    pub allocation: Uuid,
    pub referral: Uuid,
    pub locality: Option<String>,
    pub status: Status,
    pub outcome: Option<String>,
    pub offered_at: DateTime<Utc>,
    pub version: i64,
}

impl TryFrom<Row> for Case {
    type Error = Problem;
    fn try_from(row: Row) -> Result<Self, Problem> {
        let status = row.status.parse().map_err(|()| Problem::internal(&"a case of unknown status"))?;
        Ok(Self {
            id: row.id,
            reference: row.reference,
            allocation: row.allocation_id,
            referral: row.referral_id,
            locality: row.locality,
            status,
            outcome: row.outcome,
            offered_at: row.offered_at,
            version: row.version,
        })
    }
}

/// An allocation that is offered to this service.
pub struct Offer {
    pub allocation: Uuid,
    pub referral: Uuid,
    pub locality: Option<String>,
    pub offered_at: DateTime<Utc>,
    pub people: Vec<Uuid>,
}

/// A status that a case has reached, when, by whom (nobody: it was learnt) and why.
pub struct Reached<'a> {
    pub status: Status,
    pub at: DateTime<Utc>,
    pub by: Option<&'a Actor>,
    pub reason: Option<&'a str>,
    pub outcome: Option<&'a str>,
}

/// What recording a step came to.
pub struct Recorded {
    /// Whether nobody had recorded it before; then its event is to be published.
    pub first: bool,
}

/// Someone a case is about, as far as they have been copied.
#[derive(diesel::Queryable)]
pub struct Named {
    pub id: Uuid,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub birth_date: Option<NaiveDate>,
}

/// A step of a case's history.
#[derive(diesel::Queryable)]
pub struct StepRow {
    pub status: String,
    pub at: DateTime<Utc>,
    pub by: Option<String>,
    pub reason: Option<String>,
}

/// The case, if the caller sees it.
///
/// # Errors
/// 404.
pub async fn find(connection: &mut AsyncPgConnection, id: PreventionCaseId) -> Result<Case, Problem> {
    let row: Option<Row> = prevention_case::table.find(id).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)?.try_into()
}

/// The case, held until the transaction ends.
///
/// # Errors
/// 404.
pub async fn lock(connection: &mut AsyncPgConnection, id: PreventionCaseId) -> Result<Case, Problem> {
    let row: Option<Row> = prevention_case::table.find(id).for_update().first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)?.try_into()
}

/// The case of an allocation, held until the transaction ends.
pub async fn lock_by_allocation(connection: &mut AsyncPgConnection, allocation: Uuid) -> Result<Option<Case>, Problem> {
    let case = prevention_case::table.filter(prevention_case::allocation_id.eq(allocation)).for_update();
    let row: Option<Row> = case.first(connection).await.optional()?;
    row.map(Case::try_from).transpose()
}

/// The list of the team's cases.
pub const LIST: Listing = Listing::new(
    KIND,
    "c.id, c.reference, c.allocation_id, c.referral_id, c.locality, c.status, c.outcome, c.offered_at, c.version",
    "JOIN prevention_case c ON c.id = page.record_id",
);

/// A page of the cases in any of the scopes, newest offer first; one more than `limit`, which only says that there is
/// a next page.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: Option<Status>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Case>, Problem> {
    let status = status.map(Status::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    let rows: Vec<Row> = LIST.page(connection, &Asked { scopes, states, filter: None, after, limit }).await?;
    rows.into_iter().map(Case::try_from).collect()
}

/// Whom a case is about; no name while the copy is on its way.
pub async fn people(connection: &mut AsyncPgConnection, id: PreventionCaseId) -> Result<Vec<Named>, Problem> {
    Ok(record_subject::table
        .left_join(copies::table.on(copies::person_id.eq(record_subject::person_id)))
        .filter(record_subject::record_id.eq(id.0))
        .order(record_subject::person_id)
        .select((
            record_subject::person_id,
            copies::given_name.nullable(),
            copies::family_name.nullable(),
            copies::birth_date.nullable(),
        ))
        .load(connection)
        .await?)
}

/// What happened to a case, in order.
pub async fn steps(connection: &mut AsyncPgConnection, id: PreventionCaseId) -> Result<Vec<StepRow>, Problem> {
    use prevention_case_step as step;
    let of_case = step::table.filter(step::case_id.eq(id));
    Ok(of_case
        .order((step::at, step::status))
        .select((step::status, step::at, step::actor_name, step::reason))
        .load(connection)
        .await?)
}

/// Opens a case for an offer, seen by the team, or does nothing if the offer was told before.
///
/// # Errors
/// As the database says.
pub async fn open(connection: &mut AsyncPgConnection, offer: &Offer) -> Result<Option<Case>, Problem> {
    let case = Case {
        id: PreventionCaseId::new(),
        reference: shared::reference::random('P'),
        allocation: offer.allocation,
        referral: offer.referral,
        locality: offer.locality.clone(),
        status: Status::AwaitingAcceptance,
        outcome: None,
        offered_at: offer.offered_at,
        version: 1,
    };
    let made = diesel::insert_into(prevention_case::table)
        .values((
            prevention_case::id.eq(case.id),
            prevention_case::reference.eq(&case.reference),
            prevention_case::allocation_id.eq(case.allocation),
            prevention_case::referral_id.eq(case.referral),
            prevention_case::locality.eq(&case.locality),
            prevention_case::status.eq(case.status.as_str()),
            prevention_case::offered_at.eq(case.offered_at),
            prevention_case::version.eq(case.version),
        ))
        .on_conflict(prevention_case::allocation_id)
        .do_nothing()
        .execute(connection)
        .await?;
    if made == 0 {
        return Ok(None);
    }
    let grant = Grant {
        record: case.id.0,
        kind: KIND,
        scope: format!("team:{OFFERED_SERVICE}"),
        view: View::Full,
        state: case.status.as_str(),
        sort_at: case.offered_at,
    };
    access::grant(connection, &[grant]).await?;
    let subjects: Vec<(Uuid, Uuid)> = offer.people.iter().map(|person| (case.id.0, *person)).collect();
    access::subjects(connection, &subjects).await?;
    person_copy::want(connection, &offer.people).await?;
    let reached = Reached { status: case.status, at: offer.offered_at, by: None, reason: None, outcome: None };
    add_step(connection, &case, &reached).await?;
    Ok(Some(case))
}

/// Records that a locked case has reached a status, as far as it hasn't been recorded before. A
/// step that was only learnt gets the name and reason of the one who took it.
///
/// # Errors
/// 409 if the case has ended otherwise.
pub async fn record(
    connection: &mut AsyncPgConnection,
    case: &Case,
    reached: &Reached<'_>,
) -> Result<Recorded, Problem> {
    let news = case
        .status
        .learn(reached.status)
        .map_err(|_| Problem::conflict("the case has ended otherwise at referral-service"))?;
    let first = add_step(connection, case, reached).await?;
    if let (false, Some(actor)) = (first, reached.by) {
        put_name(connection, case.id, reached.status, actor, reached.reason).await?;
    }
    if news == News::Fresh {
        let moved = diesel::update(prevention_case::table.find(case.id))
            .set((
                prevention_case::status.eq(reached.status.as_str()),
                prevention_case::outcome.eq(reached.outcome),
                prevention_case::version.eq(case.version + 1),
            ))
            .execute(connection)
            .await?;
        if moved != 1 {
            return Err(Problem::internal(&"a locked case could not be moved"));
        }
        access::move_to_state(connection, case.id.0, reached.status.as_str()).await?;
    }
    Ok(Recorded { first })
}

async fn add_step(connection: &mut AsyncPgConnection, case: &Case, reached: &Reached<'_>) -> Result<bool, Problem> {
    use prevention_case_step as step;
    let added = diesel::insert_into(step::table)
        .values((
            step::case_id.eq(case.id),
            step::status.eq(reached.status.as_str()),
            step::at.eq(reached.at),
            step::actor_id.eq(reached.by.map(|actor| actor.user)),
            step::actor_name.eq(reached.by.map(|actor| &actor.name)),
            step::reason.eq(reached.reason),
        ))
        .on_conflict((step::case_id, step::status))
        .do_nothing()
        .execute(connection)
        .await?;
    Ok(added == 1)
}

async fn put_name(
    connection: &mut AsyncPgConnection,
    case: PreventionCaseId,
    status: Status,
    actor: &Actor,
    reason: Option<&str>,
) -> Result<(), Problem> {
    use prevention_case_step as step;
    let learnt = step::table.find((case, status.as_str())).filter(step::actor_id.is_null());
    diesel::update(learnt)
        .set((step::actor_id.eq(actor.user), step::actor_name.eq(&actor.name), step::reason.eq(reason)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether that a case reached a status was learnt, and nobody has put their name to it.
pub async fn was_learnt(
    connection: &mut AsyncPgConnection,
    case: PreventionCaseId,
    status: Status,
) -> Result<bool, Problem> {
    use prevention_case_step as step;
    let learnt = step::table.find((case, status.as_str())).filter(step::actor_id.is_null());
    Ok(diesel::select(diesel::dsl::exists(learnt)).get_result(connection).await?)
}

#[derive(diesel::QueryableByName)]
struct Claim {
    #[diesel(sql_type = Text)]
    state: String,
}

/// Whether this very request was carried out before: asked before referral-service is, so that a
/// request sent again is answered from what was kept.
///
/// # Errors
/// 409 if it is being worked on; 422 if its key came with another body.
pub async fn was_carried_out<T>(connection: &mut AsyncPgConnection, command: &Command<T>) -> Result<bool, Problem> {
    let claim: Claim = sql_query("SELECT state FROM idempotency_claim($1, $2, $3)")
        .bind::<Text, _>(&command.route)
        .bind::<Text, _>(command.key()?)
        .bind::<Bytea, _>(command.fingerprint())
        .get_result(connection)
        .await?;
    match claim.state.as_str() {
        "new" => Ok(false),
        "done" => Ok(true),
        "other" => Err(Problem::new(problem::KEY_REUSED)),
        _ => Err(Problem::new(problem::BUSY)),
    }
}
