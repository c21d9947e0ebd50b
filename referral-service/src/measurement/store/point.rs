//! The measurement's own row: begun, written, completed.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::db::{KeepPrepared, from_jsonb};
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::contents;
use crate::family::{Case, CaseId, FamilyId, case_seen};
use crate::measurement::domain::content::Content;
use crate::measurement::domain::ladder::Ladder;
use crate::measurement::domain::{MeasurementId, MeasurementPoint, MeasurementStatus, SoFar};
use crate::schema::measurement;

/// A measurement's row.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = measurement)]
pub struct Point {
    /// Its id.
    pub id: MeasurementId,
    /// The case it is of.
    pub case_id: CaseId,
    /// The family.
    pub family_id: FamilyId,
    point: String,
    status: String,
    /// The ladder it was taken by.
    pub ladder: String,
    /// In this version.
    pub ladder_version: i16,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// By whom.
    pub started_by_name: String,
    /// What it says so far, of a draft.
    pub draft: Option<serde_json::Value>,
    /// The day it was done with the family.
    pub measured_on: Option<NaiveDate>,
    /// When it was completed.
    pub completed_at: Option<DateTime<Utc>>,
    /// By whom.
    pub completed_by_name: Option<String>,
    /// When it was due.
    pub due_at: Option<DateTime<Utc>>,
    /// Whether it was completed by then.
    pub in_time: Option<bool>,
    /// What is working well.
    pub working_well: Option<String>,
    /// What people are worried about.
    pub worries: Option<String>,
    /// What needs to happen.
    pub next_steps: Option<String>,
    /// The one it corrects.
    pub corrects: Option<MeasurementId>,
    /// Why.
    pub correction_reason: Option<String>,
    /// Its version.
    pub version: i64,
}

impl Point {
    /// At which point of the case it is taken.
    ///
    /// # Errors
    /// 500 if the table holds what this program does not know.
    pub fn point(&self) -> Result<MeasurementPoint, Problem> {
        self.point.parse().map_err(|()| Problem::internal(&"unknown point of measurement"))
    }

    /// Where it stands.
    ///
    /// # Errors
    /// 500 if the table holds what this program does not know.
    pub fn status(&self) -> Result<MeasurementStatus, Problem> {
        self.status.parse().map_err(|()| Problem::internal(&"unknown status of a measurement"))
    }

    /// What it says so far.
    ///
    /// # Errors
    /// 500 if it can't be read.
    pub fn written(&self) -> Result<Content, Problem> {
        let draft = self.draft.clone().unwrap_or_else(|| serde_json::json!({}));
        from_jsonb(draft)
    }

    /// Refuses to change what is no draft.
    ///
    /// # Errors
    /// 409.
    pub fn require_draft(&self) -> Result<(), Problem> {
        match self.status()? {
            MeasurementStatus::Draft => Ok(()),
            MeasurementStatus::Completed => {
                Err(Problem::conflict("it is completed and is never changed: correct it by a new one"))
            }
            MeasurementStatus::Discarded => Err(Problem::conflict("it was discarded")),
        }
    }
}

/// The case, if the caller sees it whole: what is measured of a family is for those who work with it.
///
/// # Errors
/// 404 if the caller doesn't see the case, 403 if only that somebody is helping.
pub async fn case_whole(connection: &mut AsyncPgConnection, id: CaseId) -> Result<Case, Problem> {
    #[derive(QueryableByName)]
    struct Whole {
        #[diesel(sql_type = Bool)]
        whole: bool,
    }
    let case = case_seen(connection, id).await?;
    let row: Whole =
        diesel::sql_query("SELECT EXISTS (SELECT 1 FROM record_scope WHERE record_id = $1 AND view = 'full') AS whole")
            .bind::<SqlUuid, _>(id)
            .prepared()
            .get_result(connection)
            .await?;
    if row.whole { Ok(case) } else { Err(Problem::new(problem::NOT_ALLOWED)) }
}

/// What has been measured of a case so far.
///
/// # Errors
/// As the database says.
pub async fn so_far(connection: &mut AsyncPgConnection, case: CaseId) -> Result<SoFar, Problem> {
    let rows: Vec<(String, String, Option<Uuid>)> = measurement::table
        .filter(measurement::case_id.eq(case).and(measurement::status.ne("discarded")))
        .select((measurement::point, measurement::status, measurement::corrects))
        .load(connection)
        .await?;
    let mut so_far = SoFar::default();
    for (point, status, corrects) in rows {
        let initial = point == MeasurementPoint::Initial.as_str();
        let completed = status == MeasurementStatus::Completed.as_str();
        so_far.assessment |= initial;
        so_far.assessed |= initial && completed;
        so_far.closing |= completed && point == MeasurementPoint::Closure.as_str();
        so_far.draft |= !completed && corrects.is_none();
    }
    Ok(so_far)
}

/// What is begun.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    /// At which point.
    pub point: MeasurementPoint,
    /// What it says so far.
    pub content: &'a Content,
    /// Which completed one it corrects, and why.
    pub corrects: Option<(MeasurementId, &'a str)>,
}

/// Begins a measurement, as a draft.
///
/// # Errors
/// As the database says.
pub async fn begin(
    connection: &mut AsyncPgConnection,
    case: &Case,
    begun: Begun<'_>,
    ladder: &Ladder,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<MeasurementId, Problem> {
    let id = MeasurementId::new();
    let draft = serde_json::to_value(begun.content).map_err(|error| Problem::internal(&error))?;
    diesel::insert_into(measurement::table)
        .values((
            measurement::id.eq(id),
            measurement::case_id.eq(case.id),
            measurement::family_id.eq(case.family_id),
            measurement::point.eq(begun.point.as_str()),
            measurement::status.eq(MeasurementStatus::Draft.as_str()),
            measurement::ladder.eq(&ladder.code),
            measurement::ladder_version.eq(ladder.version),
            measurement::started_at.eq(now),
            measurement::started_by.eq(who.user),
            measurement::started_by_name.eq(&who.name),
            measurement::draft.eq(draft),
            measurement::corrects.eq(begun.corrects.map(|(id, _)| id)),
            measurement::correction_reason.eq(begun.corrects.map(|(_, reason)| reason)),
            measurement::version.eq(1),
        ))
        .execute(connection)
        .await?;
    Ok(id)
}

/// A measurement, if the caller sees it.
///
/// # Errors
/// 404 if not.
pub async fn find(connection: &mut AsyncPgConnection, id: MeasurementId) -> Result<Point, Problem> {
    let row = measurement::table.find(id).select(Point::as_select()).first(connection).await.optional()?;
    row.ok_or_else(Problem::not_found)
}

/// The measurements of a case, the oldest first; the caller sees the case whole.
///
/// # Errors
/// As the database says.
pub async fn of_case(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<Point>, Problem> {
    Ok(measurement::table
        .filter(measurement::case_id.eq(case))
        .order((measurement::started_at, measurement::id))
        .select(Point::as_select())
        .load(connection)
        .await?)
}

/// Those of them that count: completed, and not corrected by a later one. In the order they were
/// measured, a correction at the place of what it corrects.
pub fn that_count(points: &[Point]) -> Vec<&Point> {
    let is_completed = |point: &&Point| point.status == MeasurementStatus::Completed.as_str();
    let mut counted: Vec<&Point> = points
        .iter()
        .filter(is_completed)
        .filter(|point| !points.iter().filter(is_completed).any(|other| other.corrects == Some(point.id)))
        .collect();
    counted.sort_by_key(|point| (point.point().ok(), point.measured_on, point.completed_at));
    counted
}

impl Point {
    /// Puts what it says in place of what it said, with the ladder of its day.
    ///
    /// # Errors
    /// As the database says.
    pub async fn write(
        &mut self,
        connection: &mut AsyncPgConnection,
        content: &Content,
        ladder: &Ladder,
    ) -> Result<(), Problem> {
        self.version += 1;
        let draft = serde_json::to_value(content).map_err(|error| Problem::internal(&error))?;
        let changed = diesel::update(measurement::table.find(self.id))
            .set((
                measurement::draft.eq(&draft),
                measurement::ladder.eq(&ladder.code),
                measurement::ladder_version.eq(ladder.version),
                measurement::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        self.draft = Some(draft);
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Gives the draft up.
    ///
    /// # Errors
    /// As the database says.
    pub async fn discard(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        self.version += 1;
        let changed = diesel::update(measurement::table.find(self.id))
            .set((
                measurement::status.eq(MeasurementStatus::Discarded.as_str()),
                measurement::draft.eq(None::<serde_json::Value>),
                measurement::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed == 1 { Ok(()) } else { Err(Problem::not_found()) }
    }

    /// Completes it with what it says, which the caller has checked; from here on it is never changed.
    /// A correction keeps the clock of what it corrects.
    ///
    /// # Errors
    /// As the database says.
    pub async fn complete(
        &mut self,
        connection: &mut AsyncPgConnection,
        content: &Content,
        due_at: Option<DateTime<Utc>>,
        in_time: Option<bool>,
        who: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let day = content.day(now.local_day());
        self.version += 1;
        contents::keep(connection, self, content, day, who, now).await?;
        let changed = diesel::update(measurement::table.find(self.id))
            .set((
                measurement::status.eq(MeasurementStatus::Completed.as_str()),
                measurement::draft.eq(None::<serde_json::Value>),
                measurement::measured_on.eq(day),
                measurement::completed_at.eq(now),
                measurement::completed_by.eq(who.user),
                measurement::completed_by_name.eq(&who.name),
                measurement::due_at.eq(due_at),
                measurement::in_time.eq(in_time),
                measurement::working_well.eq(&content.working_well),
                measurement::worries.eq(&content.worries),
                measurement::next_steps.eq(&content.next_steps),
                measurement::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        *self = find(connection, self.id).await?;
        Ok(())
    }
}
