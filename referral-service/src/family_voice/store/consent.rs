//! Consents to case studies.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access;
use shared::actor::Actor;
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::{CaseId, FamilyId};
use crate::measurement::domain::ConsentId;
use crate::schema::{case_study, case_study_consent, case_study_quote, case_study_voice};

/// A consent's row.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = case_study_consent)]
pub struct Consent {
    pub id: ConsentId,
    pub case_id: CaseId,
    pub family_id: FamilyId,
    pub person_id: Uuid,
    pub scope: String,
    pub credited_as: Option<String>,
    pub how: Option<String>,
    pub given_on: NaiveDate,
    pub recorded_at: DateTime<Utc>,
    pub recorded_by_name: String,
    pub withdrawn_on: Option<NaiveDate>,
    pub withdrawn_at: Option<DateTime<Utc>>,
    pub withdrawn_by_name: Option<String>,
    pub withdrawn_because: Option<String>,
    pub version: i64,
}

/// A case's consents that the caller sees, oldest first. There are a few.
///
/// # Errors
/// As the database says.
pub async fn of_case(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<Consent>, Problem> {
    Ok(case_study_consent::table
        .filter(case_study_consent::case_id.eq(case))
        .order((case_study_consent::given_on, case_study_consent::id))
        .select(Consent::as_select())
        .load(connection)
        .await?)
}

/// A consent.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn find(connection: &mut AsyncPgConnection, id: ConsentId) -> Result<Consent, Problem> {
    let found = case_study_consent::table.find(id).select(Consent::as_select()).first(connection).await.optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The same, locked until the transaction ends.
///
/// # Errors
/// 404 if the caller doesn't see it.
pub async fn for_change(connection: &mut AsyncPgConnection, id: ConsentId) -> Result<Consent, Problem> {
    let found = case_study_consent::table
        .find(id)
        .select(Consent::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The words each of these consents is about.
///
/// # Errors
/// As the database says.
pub async fn voices(
    connection: &mut AsyncPgConnection,
    consents: &[ConsentId],
) -> Result<Vec<(ConsentId, Uuid)>, Problem> {
    Ok(case_study_voice::table
        .filter(case_study_voice::consent_id.eq_any(consents))
        .order((case_study_voice::consent_id, case_study_voice::voice_id))
        .select((case_study_voice::consent_id, case_study_voice::voice_id))
        .load(connection)
        .await?)
}

impl Consent {
    /// Takes it back: what might be told is told no longer, by anyone.
    ///
    /// # Errors
    /// 409 if it was taken back before.
    pub async fn withdraw(
        &mut self,
        connection: &mut AsyncPgConnection,
        on: NaiveDate,
        because: Option<&str>,
        who: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        if let Some(day) = self.withdrawn_on {
            return Err(Problem::conflict(format!("the consent was withdrawn on {day}")));
        }
        diesel::delete(case_study_quote::table.filter(case_study_quote::case_study_id.eq(self.id.0)))
            .execute(connection)
            .await?;
        diesel::delete(case_study::table.find(self.id.0)).execute(connection).await?;
        self.version += 1;
        self.withdrawn_on = Some(on);
        self.withdrawn_at = Some(now);
        self.withdrawn_by_name = Some(who.name.clone());
        self.withdrawn_because = because.map(str::to_owned);
        let changed = diesel::update(case_study_consent::table.find(self.id))
            .set((
                case_study_consent::withdrawn_on.eq(self.withdrawn_on),
                case_study_consent::withdrawn_at.eq(self.withdrawn_at),
                case_study_consent::withdrawn_by_name.eq(&self.withdrawn_by_name),
                case_study_consent::withdrawn_because.eq(&self.withdrawn_because),
                case_study_consent::version.eq(self.version),
            ))
            .execute(connection)
            .await?;
        if changed != 1 {
            return Err(Problem::not_found());
        }
        access::move_to_state(connection, self.id.0, "withdrawn").await?;
        access::revoke(connection, self.id.0, "figures").await
    }
}
