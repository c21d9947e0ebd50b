//! The referral's rows.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Asked, Grant, Listing, View};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::Problem;
use uuid::Uuid;

use super::domain::{Happening, ReferralId, Status, transition};
use crate::schema::{feedback, referral, referral_history};

/// A referral's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = referral)]
pub struct Referral {
    /// Its id.
    pub id: ReferralId,
    /// The reference people read out.
    pub reference: String,
    status: String,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// The agency that referred.
    pub agency: String,
    /// The family's district, once known.
    pub locality: Option<String>,
    /// Its version.
    pub version: i64,
}

/// The referral, locked until the transaction ends, if the caller sees it.
///
/// # Errors
/// 404 if not.
pub async fn for_change(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Referral, Problem> {
    referral::table
        .find(id)
        .select(Referral::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

impl Referral {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<Status, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown referral status"))
    }

    /// Lets something happen to it, and writes who did it, when and why.
    ///
    /// # Errors
    /// 409 if it can't happen now; 412 can't arise, since the row is locked.
    pub async fn happens(
        &mut self,
        connection: &mut AsyncPgConnection,
        what: Happening,
        who: &Actor,
        at: DateTime<Utc>,
        why: Option<&str>,
    ) -> Result<(), Problem> {
        let from = self.status()?;
        let to = transition(from, what)?;
        self.version += 1;
        self.status = to.as_str().to_owned();
        let changed = diesel::update(referral::table.find(self.id))
            .set((
                referral::status.eq(to.as_str()),
                referral::locality.eq(&self.locality),
                referral::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        // A change that row-level security denies raises nothing; it only touches no row.
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, to.as_str()).await?;
        if matches!(to, Status::Closed | Status::Withdrawn) {
            ask_no_longer(connection, self.id, at).await?;
        }
        if to == Status::Withdrawn {
            pass_on_no_longer(connection, self.id, at).await?;
        }
        note(connection, self.id, who, at, what.as_str(), Some(from), to, why).await
    }

    /// Writes a line of the history of something after which it stands where it stood.
    ///
    /// # Errors
    /// As the database says.
    pub async fn noted(
        &self,
        connection: &mut AsyncPgConnection,
        who: &Actor,
        at: DateTime<Utc>,
        what: &str,
        why: Option<&str>,
    ) -> Result<(), Problem> {
        let standing = self.status()?;
        note(connection, self.id, who, at, what, Some(standing), standing, why).await
    }

    /// Tells the referrer something: the row is the telling.
    ///
    /// # Errors
    /// As the database says.
    pub async fn tell_referrer(
        &self,
        connection: &mut AsyncPgConnection,
        at: DateTime<Utc>,
        about: &str,
        message: &str,
    ) -> Result<(), Problem> {
        tell(connection, self.id, at, about, message).await
    }

    /// What lets a team or a hub see the referral, and the people it is about, whole.
    pub fn for_team(&self, scope: &str, state: &'static str, people: &[Uuid]) -> Vec<Grant> {
        let grant = |record, kind, state| Grant {
            record,
            kind,
            scope: scope.to_owned(),
            view: View::Full,
            state,
            sort_at: self.received_at,
        };
        let people = people.iter().map(|person| grant(*person, "person", "known"));
        std::iter::once(grant(self.id.0, "referral", state)).chain(people).collect()
    }

    /// The people it is about.
    ///
    /// # Errors
    /// As the database says.
    pub async fn people(&self, connection: &mut AsyncPgConnection) -> Result<Vec<Uuid>, Problem> {
        use crate::schema::person_link::dsl;
        let people = dsl::person_link.filter(dsl::referral_id.eq(self.id)).select(dsl::person_id).distinct();
        Ok(people.load(connection).await?)
    }
}

/// Takes back what agencies were asked for a referral and have not answered: nobody is told of its people, or
/// searches for them, once it has ended.
async fn ask_no_longer(connection: &mut AsyncPgConnection, id: ReferralId, at: DateTime<Utc>) -> Result<(), Problem> {
    diesel::sql_query("SELECT information_requests_end($1, NULL, 'The referral has ended.', $2)")
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(at)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Takes back what was passed on to services that are no users: their links show nobody any more.
async fn pass_on_no_longer(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    at: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query("SELECT onward_end($1, $2)")
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(at)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}

/// Writes a line of the history.
///
/// # Errors
/// As the database says.
#[allow(clippy::too_many_arguments)]
pub async fn note(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    who: &Actor,
    at: DateTime<Utc>,
    what: &str,
    from: Option<Status>,
    to: Status,
    why: Option<&str>,
) -> Result<(), Problem> {
    use referral_history::dsl;
    diesel::insert_into(dsl::referral_history)
        .values((
            dsl::id.eq(Uuid::now_v7()),
            dsl::referral_id.eq(id),
            dsl::at.eq(at),
            dsl::actor_id.eq(who.user),
            dsl::actor_name.eq(&who.name),
            dsl::agency.eq(who.agency.as_str()),
            dsl::what.eq(what),
            dsl::from_status.eq(from.map(Status::as_str)),
            dsl::to_status.eq(to.as_str()),
            dsl::why.eq(why),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Tells the referrer something.
///
/// # Errors
/// As the database says.
pub async fn tell(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    at: DateTime<Utc>,
    about: &str,
    message: &str,
) -> Result<(), Problem> {
    use feedback::dsl;
    diesel::insert_into(dsl::feedback)
        .values((
            dsl::id.eq(Uuid::now_v7()),
            dsl::referral_id.eq(id),
            dsl::told_at.eq(at),
            dsl::about.eq(about),
            dsl::message.eq(message),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// A referral on a list.
#[derive(Debug, QueryableByName)]
pub struct Listed {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub reference: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub their_reference: Option<String>,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Timestamptz)]
    pub received_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    #[diesel(sql_type = Bool)]
    pub urgent: bool,
    #[diesel(sql_type = Timestamptz)]
    pub sort_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub met_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub children: Option<serde_json::Value>,
    /// The sides of the messages that nobody on the other side has seen.
    #[diesel(sql_type = Array<Text>)]
    pub unseen: Vec<String>,
}

/// The lists of referrals, newest first. They can be narrowed to the urgent ones.
pub const LIST: Listing = Listing::new("referral", COLUMNS, JOINS).filtered_by("r.urgent AND $6 = 'urgent'");

// Its own number is shown to the agency that gave it, and to whoever has the referral whole.
pub(super) const COLUMNS: &str = "\
r.id, r.reference, r.status, r.received_at, r.agency, r.locality, r.urgent, page.sort_at, d.due_at, d.met_at,
     CASE WHEN r.agency = app_agency() OR EXISTS (
         SELECT 1 FROM record_scope w WHERE w.record_id = r.id AND w.view = 'full') THEN r.their_reference END AS their_reference,
     (SELECT jsonb_agg(jsonb_build_object('given_name', n.given_name, 'family_name', n.family_name,
             'birth_date', n.birth_date) ORDER BY n.place)
      FROM named_person n WHERE n.referral_id = r.id AND n.relation = 'child') AS children,
     ARRAY(SELECT m.side FROM message m WHERE m.referral_id = r.id AND m.seen_at IS NULL) AS unseen";

pub(super) const JOINS: &str = "\
JOIN referral r ON r.id = page.record_id
     JOIN deadline d ON d.record_id = r.id AND d.code = 'front_door_decision'";

/// A page of the referrals in any of the scopes, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    statuses: Option<&[Status]>,
    urgent: bool,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Listed>, Problem> {
    let statuses: Option<Vec<&str>> = statuses.map(|some| some.iter().map(|status| status.as_str()).collect());
    let filter = urgent.then_some("urgent");
    LIST.page(connection, &Asked { scopes, states: statuses.as_deref(), filter, after, limit }).await
}

/// A line of a referral's history.
#[derive(Debug, Queryable)]
pub struct HistoryLine {
    pub at: DateTime<Utc>,
    pub actor_name: String,
    pub agency: String,
    pub what: String,
    pub from_status: Option<String>,
    pub to_status: String,
    pub why: Option<String>,
}

/// A referral's history, oldest first. It has a few lines, one for each thing that happened.
///
/// # Errors
/// As the database says.
pub async fn history(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Vec<HistoryLine>, Problem> {
    use referral_history::dsl;
    Ok(dsl::referral_history
        .filter(dsl::referral_id.eq(id))
        .order((dsl::at, dsl::id))
        .select((dsl::at, dsl::actor_name, dsl::agency, dsl::what, dsl::from_status, dsl::to_status, dsl::why))
        .load(connection)
        .await?)
}

/// What a referrer was told.
#[derive(Debug, Queryable)]
pub struct Told {
    pub told_at: DateTime<Utc>,
    pub about: String,
    pub message: String,
}

/// What the referrer was told, oldest first.
///
/// # Errors
/// As the database says.
pub async fn told(connection: &mut AsyncPgConnection, id: ReferralId) -> Result<Vec<Told>, Problem> {
    use feedback::dsl;
    Ok(dsl::feedback
        .filter(dsl::referral_id.eq(id))
        .order((dsl::told_at, dsl::id))
        .select((dsl::told_at, dsl::about, dsl::message))
        .load(connection)
        .await?)
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = SqlUuid)]
    allocation_id: Uuid,
    #[diesel(sql_type = Text)]
    service: String,
}

/// Ends the open offers of a referral that is taken back. The answer is the allocations and their
/// services.
///
/// # Errors
/// As the database says.
pub async fn withdraw_offers(
    connection: &mut AsyncPgConnection,
    id: ReferralId,
    at: DateTime<Utc>,
) -> Result<Vec<(Uuid, String)>, Problem> {
    let ended: Vec<Ended> = diesel::sql_query("SELECT allocation_id, service FROM allocation_withdraw($1, $2)")
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(at)
        .prepared()
        .load(connection)
        .await?;
    Ok(ended.into_iter().map(|row| (row.allocation_id, row.service)).collect())
}
