//! The brief intervention's rows.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Listing};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::{BriefClosure, BriefContactForm};
use super::domain::{BriefContactId, BriefInterventionId, BriefStatus};
use crate::people::Known;
use crate::schema::{brief_attendance, brief_contact, brief_ending, brief_intervention, brief_person, person_link};

/// A brief intervention's row.
#[derive(Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = brief_intervention)]
pub struct Brief {
    pub id: BriefInterventionId,
    pub reference: String,
    pub kind: String,
    pub service: String,
    pub locality: Option<String>,
    pub status: String,
    pub opened_on: NaiveDate,
    pub basis: String,
    pub referral_id: Option<Uuid>,
    pub family_id: Option<Uuid>,
    pub aim: String,
    pub worker_name: String,
    pub opened_by: Uuid,
    pub opened_at: DateTime<Utc>,
    pub closed_on: Option<NaiveDate>,
    pub version: i64,
}

/// The brief intervention, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: BriefInterventionId) -> Result<Brief, Problem> {
    let found = brief_intervention::table.find(id).select(Brief::as_select()).for_update().first(connection).await;
    found.optional()?.ok_or_else(Problem::not_found)
}

impl Brief {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<BriefStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of a brief intervention"))
    }

    /// Keeps what has changed of it, as its next version.
    ///
    /// # Errors
    /// As the database says.
    pub async fn changed(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.version += 1;
        let changed = diesel::update(brief_intervention::table.find(self.id))
            .set((
                brief_intervention::status.eq(&self.status),
                brief_intervention::closed_on.eq(self.closed_on),
                brief_intervention::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Ends it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn close(
        &mut self,
        connection: &mut AsyncPgConnection,
        form: &BriefClosure,
        (on, planned): (NaiveDate, bool),
        actor: &Actor,
    ) -> Result<(), Problem> {
        self.status = BriefStatus::Closed.as_str().to_owned();
        self.closed_on = Some(on);
        self.changed(connection).await?;
        diesel::insert_into(brief_ending::table)
            .values((
                brief_ending::intervention_id.eq(self.id),
                brief_ending::outcome.eq(form.outcome.as_str()),
                brief_ending::planned.eq(planned),
                brief_ending::destination.eq(form.destination.as_str()),
                brief_ending::summary.eq(&form.summary),
                brief_ending::closed_by.eq(actor.user),
                brief_ending::closed_by_name.eq(&actor.name),
            ))
            .execute(connection)
            .await?;
        access::move_to_state(connection, self.id.0, BriefStatus::Closed.as_str()).await
    }
}

/// Keeps a new one, and whom it is with.
///
/// # Errors
/// As the database says.
pub async fn insert(connection: &mut AsyncPgConnection, brief: &Brief, people: &[Known]) -> Result<(), Problem> {
    diesel::insert_into(brief_intervention::table).values(brief).execute(connection).await?;
    let rows: Vec<_> = people
        .iter()
        .map(|person| {
            (
                brief_person::intervention_id.eq(brief.id),
                brief_person::person_id.eq(person.id),
                brief_person::given_name.eq(&person.given_name),
                brief_person::family_name.eq(&person.family_name),
                brief_person::birth_date.eq(person.birth_date),
            )
        })
        .collect();
    diesel::insert_into(brief_person::table).values(rows).execute(connection).await?;
    Ok(())
}

/// The people it is with.
///
/// # Errors
/// As the database says.
pub async fn people(connection: &mut AsyncPgConnection, id: BriefInterventionId) -> Result<Vec<Uuid>, Problem> {
    Ok(brief_person::table
        .filter(brief_person::intervention_id.eq(id))
        .select(brief_person::person_id)
        .load(connection)
        .await?)
}

/// The people of a referral; nobody, for a caller who does not see it whole.
///
/// # Errors
/// As the database says.
pub async fn people_of_referral(connection: &mut AsyncPgConnection, referral: Uuid) -> Result<Vec<Uuid>, Problem> {
    let people =
        person_link::table.filter(person_link::referral_id.eq(referral)).select(person_link::person_id).distinct();
    Ok(people.load(connection).await?)
}

/// A contact of it that no other has corrected.
///
/// # Errors
/// As the database says.
pub async fn stands(
    connection: &mut AsyncPgConnection,
    id: BriefInterventionId,
    contact: BriefContactId,
) -> Result<bool, Problem> {
    let there: Vec<(Uuid, Option<Uuid>)> = brief_contact::table
        .filter(brief_contact::intervention_id.eq(id))
        .filter(brief_contact::id.eq(contact).or(brief_contact::corrects.eq(contact)))
        .select((brief_contact::id, brief_contact::corrects))
        .load(connection)
        .await?;
    let is = there.iter().any(|(of, _)| *of == contact.0);
    let corrected = there.iter().any(|(_, corrects)| *corrects == Some(contact.0));
    Ok(is && !corrected)
}

/// Keeps a contact and who came.
///
/// # Errors
/// As the database says.
pub async fn add_contact(
    connection: &mut AsyncPgConnection,
    brief: BriefInterventionId,
    id: BriefContactId,
    form: &BriefContactForm,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(brief_contact::table)
        .values((
            brief_contact::id.eq(id),
            brief_contact::intervention_id.eq(brief),
            brief_contact::at.eq(form.at),
            brief_contact::how.eq(form.how.as_str()),
            brief_contact::minutes.eq(form.minutes),
            brief_contact::words.eq(&form.words),
            brief_contact::corrects.eq(form.corrects),
            brief_contact::recorded_at.eq(now),
            brief_contact::recorded_by.eq(actor.user),
            brief_contact::recorded_by_name.eq(&actor.name),
        ))
        .execute(connection)
        .await?;
    let rows: Vec<_> = form
        .people
        .iter()
        .map(|one| {
            (
                brief_attendance::contact_id.eq(id),
                brief_attendance::person_id.eq(one.person_id),
                brief_attendance::intervention_id.eq(brief),
                brief_attendance::attendance.eq(one.attendance.as_str()),
            )
        })
        .collect();
    diesel::insert_into(brief_attendance::table).values(rows).execute(connection).await?;
    Ok(())
}

/// How many contacts count, to how many of them somebody came, and when the last was.
#[derive(Debug, QueryableByName)]
pub struct Tally {
    #[diesel(sql_type = BigInt)]
    pub contacts: i64,
    #[diesel(sql_type = BigInt)]
    pub attended: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_at: Option<DateTime<Utc>>,
}

const TALLY: &str = "\
SELECT count(*) AS contacts,
       count(*) FILTER (WHERE EXISTS (SELECT 1 FROM brief_attendance a WHERE a.contact_id = c.id AND a.attendance = 'attended')) AS attended,
       max(c.at) AS last_at
FROM brief_contact c
WHERE c.intervention_id = $1 AND NOT EXISTS (SELECT 1 FROM brief_contact n WHERE n.corrects = c.id)";

/// The same of one brief intervention.
///
/// # Errors
/// As the database says.
pub async fn tally(connection: &mut AsyncPgConnection, id: BriefInterventionId) -> Result<Tally, Problem> {
    Ok(diesel::sql_query(TALLY).bind::<SqlUuid, _>(id).prepared().get_result(connection).await?)
}

/// A brief intervention as it is shown.
#[derive(Debug, QueryableByName)]
pub struct BriefShown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Date)]
    pub opened_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub basis: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub referral_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub family_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub aim: String,
    #[diesel(sql_type = Text)]
    pub worker_name: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub closed_on: Option<NaiveDate>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub met_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub people: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub contacts: Option<serde_json::Value>,
    #[diesel(sql_type = BigInt)]
    pub contact_count: i64,
    #[diesel(sql_type = BigInt)]
    pub attended_count: i64,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub ending: Option<serde_json::Value>,
}

const PEOPLE: &str = "\
(SELECT jsonb_agg(to_jsonb(p) ORDER BY p.birth_date NULLS FIRST, p.family_name, p.given_name) FROM brief_person p
 WHERE p.intervention_id = b.id) AS people";

/// One brief intervention.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn show(connection: &mut AsyncPgConnection, id: BriefInterventionId) -> Result<BriefShown, Problem> {
    let statement = format!(
        "SELECT b.*, d.due_at, d.met_at, {PEOPLE}, t.contacts AS contact_count, t.attended AS attended_count,
                (SELECT jsonb_agg(to_jsonb(c) || jsonb_build_object(
                     'corrected_by', (SELECT n.id FROM brief_contact n WHERE n.corrects = c.id),
                     'people', (SELECT coalesce(jsonb_agg(jsonb_build_object('person_id', a.person_id, 'attendance', a.attendance)), '[]')
                                FROM brief_attendance a WHERE a.contact_id = c.id)) ORDER BY c.at, c.id)
                 FROM brief_contact c WHERE c.intervention_id = b.id) AS contacts,
                (SELECT to_jsonb(e) FROM brief_ending e WHERE e.intervention_id = b.id) AS ending
         FROM brief_intervention b
         CROSS JOIN LATERAL ({TALLY}) t
         LEFT JOIN deadline d ON d.record_id = b.id AND d.code = 'brief_intervention'
         WHERE b.id = $1"
    );
    let rows: Vec<BriefShown> = diesel::sql_query(statement).bind::<SqlUuid, _>(id).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// A brief intervention on a list.
#[derive(Debug, QueryableByName)]
pub struct BriefListed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Text)]
    pub service: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Date)]
    pub opened_on: NaiveDate,
    #[diesel(sql_type = Text)]
    pub worker_name: String,
    #[diesel(sql_type = Timestamptz)]
    pub sort_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub due_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub people: Option<serde_json::Value>,
    #[diesel(sql_type = BigInt)]
    pub contact_count: i64,
}

/// The list of brief interventions, newest first.
pub const LIST: Listing = Listing::new(
    "brief_intervention",
    "b.id, b.reference, b.kind, b.service, b.locality, b.status, b.opened_on, b.worker_name, page.sort_at, d.due_at,
     (SELECT count(*) FROM brief_contact c WHERE c.intervention_id = b.id
          AND NOT EXISTS (SELECT 1 FROM brief_contact n WHERE n.corrects = c.id)) AS contact_count",
    "JOIN brief_intervention b ON b.id = page.record_id
     LEFT JOIN deadline d ON d.record_id = b.id AND d.code = 'brief_intervention'",
)
.with(PEOPLE);

/// A page of the brief interventions in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    status: Option<BriefStatus>,
    after: Cursor,
    limit: i64,
) -> Result<Vec<BriefListed>, Problem> {
    let status = status.map(BriefStatus::as_str);
    let states = status.as_ref().map(std::slice::from_ref);
    LIST.page(connection, &Asked { scopes, states, filter: None, after, limit }).await
}
