//! The missing episode's rows: how it changes here, what is added to it in `update`, how it is shown and listed in `reading`.

mod absence;
mod reading;
mod update;

pub use absence::*;
pub use reading::*;
pub use update::*;

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::{Actor, Word};
use shared::db::KeepPrepared;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::{CancellationForm, InterviewForm, ReportForm, ReturnForm};
use super::domain::{EpisodeId, InterviewOutcome, MissingStatus, Step, transition};
use crate::people::Known;
use crate::schema::{missing_account, missing_cancellation, missing_episode, missing_interview, missing_return};

/// An episode's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = missing_episode)]
pub struct Episode {
    pub id: EpisodeId,
    status: String,
    pub missing_since: DateTime<Utc>,
    pub locality: Option<String>,
    pub returned_at: Option<DateTime<Utc>>,
    pub interview_offered_at: Option<DateTime<Utc>>,
    pub version: i64,
}

/// The episode, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: EpisodeId) -> Result<Episode, Problem> {
    missing_episode::table
        .find(id)
        .select(Episode::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?
        .ok_or_else(Problem::not_found)
}

/// What is noted of a step on the episode itself, where its reporter may follow it.
#[derive(Debug, Default, AsChangeset)]
#[diesel(table_name = missing_episode)]
pub struct Noted {
    pub locality: Option<String>,
    pub returned_at: Option<DateTime<Utc>>,
    pub interview_offered_at: Option<DateTime<Utc>>,
    pub interview_answered_at: Option<DateTime<Utc>>,
    pub interview_in_time: Option<bool>,
}

impl Episode {
    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds a status this program does not know.
    pub fn status(&self) -> Result<MissingStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of a missing episode"))
    }

    /// Where it would stand after a step.
    ///
    /// # Errors
    /// 409 if the step can't be taken now.
    pub fn after(&self, step: Step) -> Result<MissingStatus, Problem> {
        let from = self.status()?;
        Ok(transition(from, step)?)
    }

    /// Takes a step.
    ///
    /// # Errors
    /// 409 if it can't be taken now.
    pub async fn take(&mut self, connection: &mut AsyncPgConnection, step: Step, noted: Noted) -> Result<(), Problem> {
        let to = self.after(step)?;
        self.touch(connection, to.as_str(), noted).await?;
        access::move_to_state(connection, self.id.0, to.as_str()).await
    }

    /// Counts a change that leaves it where it stands.
    ///
    /// # Errors
    /// As the database says.
    pub async fn changed(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        let status = self.status.clone();
        self.touch(connection, &status, Noted::default()).await
    }

    /// Counts that more was told of it, and sets its district if that was told.
    ///
    /// # Errors
    /// As the database says.
    pub async fn told_more(
        &mut self,
        connection: &mut AsyncPgConnection,
        district: Option<&Word>,
    ) -> Result<(), Problem> {
        let status = self.status.clone();
        let locality = district.map(|locality| locality.as_str().to_owned());
        self.touch(connection, &status, Noted { locality: locality.clone(), ..Noted::default() }).await?;
        self.locality = locality.or_else(|| self.locality.take());
        Ok(())
    }

    async fn touch(&mut self, connection: &mut AsyncPgConnection, status: &str, noted: Noted) -> Result<(), Problem> {
        self.version += 1;
        self.status = status.to_owned();
        let changed = diesel::update(missing_episode::table.find(self.id))
            .set((noted, missing_episode::status.eq(status), missing_episode::version.eq(self.version)))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// What is new about a report besides its form.
pub struct NewEpisode<'a> {
    pub id: EpisodeId,
    pub reference: &'a str,
    pub child: &'a Known,
    pub reported_at: DateTime<Utc>,
    pub repeat_number: i32,
    pub exploitation: bool,
}

/// Inserts a report.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    new: &NewEpisode<'_>,
    form: &ReportForm,
    actor: &Actor,
) -> Result<(), Problem> {
    diesel::insert_into(missing_episode::table)
        .values((
            missing_episode::id.eq(new.id),
            missing_episode::reference.eq(new.reference),
            missing_episode::status.eq(MissingStatus::Missing.as_str()),
            missing_episode::missing_since.eq(form.missing_since),
            missing_episode::reported_at.eq(new.reported_at),
            missing_episode::agency.eq(actor.agency.as_str()),
            missing_episode::their_reference.eq(&form.their_reference),
            missing_episode::locality.eq(form.locality.as_ref().map(|locality| locality.as_str())),
            missing_episode::version.eq(1),
        ))
        .execute(connection)
        .await?;
    diesel::insert_into(missing_account::table)
        .values((
            missing_account::episode_id.eq(new.id),
            missing_account::person_id.eq(new.child.id),
            missing_account::given_name.eq(&new.child.given_name),
            missing_account::family_name.eq(&new.child.family_name),
            missing_account::birth_date.eq(new.child.birth_date),
            missing_account::missing_since.eq(form.missing_since),
            missing_account::reporter_name.eq(&form.reporter.name),
            missing_account::reporter_role.eq(&form.reporter.role),
            missing_account::reporter_telephone.eq(&form.reporter.telephone),
            missing_account::recorded_by.eq(actor.user),
            missing_account::missing_from.eq(form.missing_from.as_str()),
            missing_account::where_from.eq(&form.where_from),
            missing_account::last_seen_at.eq(form.last_seen_at),
            missing_account::last_seen.eq(&form.last_seen),
            missing_account::risk_level.eq(form.risk_level.as_str()),
            missing_account::circumstances.eq(&form.circumstances),
            missing_account::repeat_number.eq(new.repeat_number),
            missing_account::exploitation.eq(new.exploitation),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Open {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// The episode the caller sees in which this child is missing still.
///
/// # Errors
/// As the database says.
pub async fn open_already(connection: &mut AsyncPgConnection, child: PersonId) -> Result<Option<EpisodeId>, Problem> {
    let rows: Vec<Open> = diesel::sql_query(
        "SELECT e.id FROM record_subject a JOIN missing_episode e ON e.id = a.record_id
         WHERE a.person_id = $1 AND e.status = 'missing' ORDER BY e.reported_at, e.id LIMIT 1",
    )
    .bind::<SqlUuid, _>(child)
    .prepared()
    .load(connection)
    .await?;
    Ok(rows.into_iter().next().map(|row| EpisodeId(row.id)))
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How often the child went missing after one instant and until another, whoever asks.
///
/// # Errors
/// As the database says.
pub async fn count(
    connection: &mut AsyncPgConnection,
    child: PersonId,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<i64, Problem> {
    let row: Count = diesel::sql_query("SELECT missing_count($1, $2, $3) AS count")
        .bind::<SqlUuid, _>(child)
        .bind::<Timestamptz, _>(after)
        .bind::<Timestamptz, _>(until)
        .prepared()
        .get_result(connection)
        .await?;
    Ok(row.count)
}

/// Keeps what was told of a return.
///
/// # Errors
/// As the database says.
pub async fn keep_return(
    connection: &mut AsyncPgConnection,
    id: EpisodeId,
    form: &ReturnForm,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(missing_return::table)
        .values((
            missing_return::episode_id.eq(id),
            missing_return::found_how.eq(form.found_how.as_str()),
            missing_return::whereabouts.eq(&form.whereabouts),
            missing_return::harm.eq(form.harm.iter().map(|harm| harm.as_str()).collect::<Vec<_>>()),
            missing_return::harm_note.eq(&form.harm_note),
            missing_return::recorded_by.eq(actor.user),
            missing_return::recorded_by_name.eq(&actor.name),
            missing_return::recorded_at.eq(now),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps an offer, a refusal or an interview.
///
/// # Errors
/// As the database says.
pub async fn keep_interview(
    connection: &mut AsyncPgConnection,
    id: EpisodeId,
    form: &InterviewForm,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(missing_interview::table)
        .values((
            missing_interview::id.eq(Uuid::now_v7()),
            missing_interview::episode_id.eq(id),
            missing_interview::outcome.eq(form.outcome.as_str()),
            missing_interview::at.eq(form.at),
            missing_interview::by_name.eq(&form.by),
            missing_interview::themes.eq(form.themes.iter().map(|theme| theme.as_str()).collect::<Vec<_>>()),
            missing_interview::said.eq(&form.said),
            missing_interview::actions.eq(&form.actions),
            missing_interview::late_reason.eq(&form.late_reason),
            missing_interview::recorded_by.eq(actor.user),
            missing_interview::recorded_at.eq(now),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Keeps why a report was cancelled.
///
/// # Errors
/// As the database says.
pub async fn keep_cancellation(
    connection: &mut AsyncPgConnection,
    id: EpisodeId,
    form: &CancellationForm,
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(missing_cancellation::table)
        .values((
            missing_cancellation::episode_id.eq(id),
            missing_cancellation::because.eq(form.because.as_str()),
            missing_cancellation::note.eq(&form.note),
            missing_cancellation::recorded_by_name.eq(&actor.name),
            missing_cancellation::recorded_at.eq(now),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// Noted on the row of an interview.
pub fn noted(outcome: InterviewOutcome, at: DateTime<Utc>, in_time: bool) -> Noted {
    match outcome {
        InterviewOutcome::Offered => Noted { interview_offered_at: Some(at), ..Noted::default() },
        InterviewOutcome::Declined => Noted { interview_answered_at: Some(at), ..Noted::default() },
        InterviewOutcome::Held => {
            Noted { interview_answered_at: Some(at), interview_in_time: Some(in_time), ..Noted::default() }
        }
    }
}
