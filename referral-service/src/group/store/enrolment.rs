//! Who is enrolled.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::Group;
use crate::family::{FamilyId, members_ever};
use crate::group::domain::{GroupEnrolmentId, GroupEnrolmentStatus, GroupId};
use crate::people::Known;
use crate::referral::domain::ReferralId;
use crate::schema::{group_enrolment, person_link};

/// An enrolment's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = group_enrolment)]
pub struct Enrolment {
    pub id: GroupEnrolmentId,
    pub group_id: GroupId,
    pub person_id: Uuid,
    pub family_id: Option<Uuid>,
    status: String,
    pub placed_on: Option<NaiveDate>,
    pub version: i64,
}

/// The enrolment, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn enrolment_for_change(
    connection: &mut AsyncPgConnection,
    id: GroupEnrolmentId,
) -> Result<Enrolment, Problem> {
    let found = group_enrolment::table.find(id).select(Enrolment::as_select()).for_update().first(connection).await;
    found.optional()?.ok_or_else(Problem::not_found)
}

/// How somebody's enrolment ends.
pub struct Left<'a> {
    /// The day.
    pub on: NaiveDate,
    /// Why, a code.
    pub because: &'a str,
    /// The same in words.
    pub words: Option<&'a str>,
}

impl Enrolment {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<GroupEnrolmentStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of an enrolment"))
    }

    /// Gives a place to somebody who waits.
    ///
    /// # Errors
    /// As the database says.
    pub async fn place(&mut self, connection: &mut AsyncPgConnection, on: NaiveDate) -> Result<(), Problem> {
        self.placed_on = Some(on);
        self.moves(connection, GroupEnrolmentStatus::Enrolled, None).await
    }

    /// Ends it before the group ends.
    ///
    /// # Errors
    /// As the database says.
    pub async fn withdraw(&mut self, connection: &mut AsyncPgConnection, left: &Left<'_>) -> Result<(), Problem> {
        self.moves(connection, GroupEnrolmentStatus::Withdrawn, Some(left)).await
    }

    async fn moves(
        &mut self,
        connection: &mut AsyncPgConnection,
        to: GroupEnrolmentStatus,
        left: Option<&Left<'_>>,
    ) -> Result<(), Problem> {
        self.version += 1;
        self.status = to.as_str().to_owned();
        let changed = diesel::update(group_enrolment::table.find(self.id))
            .set((
                group_enrolment::status.eq(to.as_str()),
                group_enrolment::placed_on.eq(self.placed_on),
                group_enrolment::ended_on.eq(left.map(|left| left.on)),
                group_enrolment::ended_because.eq(left.map(|left| left.because)),
                group_enrolment::ended_words.eq(left.and_then(|left| left.words)),
                group_enrolment::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, to.state()).await
    }
}

/// What is new about an enrolment.
pub struct NewEnrolment<'a> {
    pub id: GroupEnrolmentId,
    pub person: &'a Known,
    pub basis: &'static str,
    pub referral_id: Option<ReferralId>,
    pub family_id: Option<FamilyId>,
    pub case_id: Option<crate::family::CaseId>,
    pub status: GroupEnrolmentStatus,
    pub placed_on: Option<NaiveDate>,
    pub note: Option<&'a str>,
}

/// Keeps a new enrolment.
///
/// # Errors
/// As the database says.
pub async fn insert_enrolment(
    connection: &mut AsyncPgConnection,
    group: &Group,
    new: &NewEnrolment<'_>,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(group_enrolment::table)
        .values((
            group_enrolment::id.eq(new.id),
            group_enrolment::group_id.eq(group.id),
            group_enrolment::title.eq(&group.title),
            group_enrolment::programme.eq(&group.programme),
            group_enrolment::service.eq(&group.service),
            group_enrolment::person_id.eq(new.person.id),
            group_enrolment::given_name.eq(&new.person.given_name),
            group_enrolment::family_name.eq(&new.person.family_name),
            group_enrolment::birth_date.eq(new.person.birth_date),
            group_enrolment::basis.eq(new.basis),
            group_enrolment::referral_id.eq(new.referral_id),
            group_enrolment::family_id.eq(new.family_id),
            group_enrolment::case_id.eq(new.case_id),
            group_enrolment::status.eq(new.status.as_str()),
            group_enrolment::enrolled_at.eq(now),
            group_enrolment::enrolled_by.eq(actor.user),
            group_enrolment::enrolled_by_name.eq(&actor.name),
            group_enrolment::placed_on.eq(new.placed_on),
            group_enrolment::note.eq(new.note),
            group_enrolment::version.eq(1),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

/// Whether the caller sees this person wait for, or have, a place in the group.
///
/// # Errors
/// As the database says.
pub async fn is_enrolled(
    connection: &mut AsyncPgConnection,
    group: GroupId,
    person: PersonId,
) -> Result<bool, Problem> {
    let row: Found = diesel::sql_query(
        "SELECT EXISTS (SELECT 1 FROM group_enrolment e WHERE e.person_id = $2 AND e.group_id = $1
                        AND e.status IN ('waiting', 'enrolled')) AS found",
    )
    .bind::<SqlUuid, _>(group)
    .bind::<SqlUuid, _>(person)
    .prepared()
    .get_result(connection)
    .await?;
    Ok(row.found)
}

/// The people of a referral; nobody, for a caller who does not see it whole.
///
/// # Errors
/// As the database says.
pub async fn people_of_referral(
    connection: &mut AsyncPgConnection,
    referral: ReferralId,
) -> Result<Vec<Uuid>, Problem> {
    let people =
        person_link::table.filter(person_link::referral_id.eq(referral)).select(person_link::person_id).distinct();
    Ok(people.load(connection).await?)
}

/// The people of a family; nobody, for a caller who does not see it whole.
///
/// # Errors
/// As the database says.
pub async fn people_of_family(connection: &mut AsyncPgConnection, family: FamilyId) -> Result<Vec<Uuid>, Problem> {
    Ok(members_ever(connection, family).await?.into_iter().map(|member| member.person_id).collect())
}

/// An enrolment as it is shown.
#[derive(Debug, QueryableByName)]
pub struct EnrolmentShown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub group_id: Uuid,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Text)]
    pub programme: String,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = SqlUuid)]
    pub person_id: Uuid,
    #[diesel(sql_type = Text)]
    pub given_name: String,
    #[diesel(sql_type = Text)]
    pub family_name: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub birth_date: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    pub basis: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub referral_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub family_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub case_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub enrolled_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub enrolled_by_name: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub placed_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub note: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    pub ended_on: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub ended_because: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub ended_words: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = BigInt)]
    pub attended: i64,
    #[diesel(sql_type = BigInt)]
    pub expected: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub sessions: Option<serde_json::Value>,
}

/// What registers say of each enrolment on the page beside it.
const REGISTERS: &str = "\
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.replaced_at IS NULL AND a.attendance IN ('attended', 'late')) AS attended,
           count(*) FILTER (WHERE a.replaced_at IS NULL AND a.attendance <> 'excluded') AS expected,
           jsonb_agg(to_jsonb(a) ORDER BY a.held_on, a.recorded_at, a.id) AS sessions
    FROM group_attendance a WHERE a.enrolment_id = e.id) register";

/// One enrolment.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn show_enrolment(
    connection: &mut AsyncPgConnection,
    id: GroupEnrolmentId,
) -> Result<EnrolmentShown, Problem> {
    let rows: Vec<EnrolmentShown> =
        diesel::sql_query(format!("SELECT e.*, register.* FROM group_enrolment e {REGISTERS} WHERE e.id = $1"))
            .bind::<SqlUuid, _>(id)
            .prepared()
            .load(connection)
            .await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// Whose enrolments are listed.
#[derive(Clone, Copy, Debug)]
pub enum EnrolmentsOf {
    /// Everyone's in a group.
    Group(GroupId),
    /// A person's, in whichever group.
    Person(PersonId),
}

/// Enrolments, newest first: read from the index of the group or the person, of which those the caller sees.
const ENROLMENTS: &str = "\
SELECT e.*, register.*
FROM (SELECT * FROM group_enrolment WHERE {of} = $1 AND (enrolled_at, id) < ($2, $3)
      ORDER BY enrolled_at DESC, id DESC LIMIT $4) e
{registers}
ORDER BY e.enrolled_at DESC, e.id DESC";

impl EnrolmentsOf {
    /// The statement behind the list.
    pub fn statement(self) -> String {
        ENROLMENTS.replace("{of}", self.column_and_id().0).replace("{registers}", REGISTERS)
    }

    const fn column_and_id(self) -> (&'static str, Uuid) {
        match self {
            EnrolmentsOf::Group(group) => ("group_id", group.0),
            EnrolmentsOf::Person(person) => ("person_id", person.0),
        }
    }
}

/// A page of a group's or a person's enrolments, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn enrolments(
    connection: &mut AsyncPgConnection,
    of: EnrolmentsOf,
    after: Cursor,
    limit: i64,
) -> Result<Vec<EnrolmentShown>, Problem> {
    Ok(diesel::sql_query(of.statement())
        .bind::<SqlUuid, _>(of.column_and_id().1)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}
