//! What the family said, and its consent to have it told.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::{Case, CaseId, FamilyId};
use crate::measurement::domain::content::Voice;
use crate::measurement::domain::{ConsentId, MeasurementId};
use crate::schema::{case_study_consent, case_study_voice, family_voice};

/// When and in what work something was said.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// The case.
    pub case: CaseId,
    /// The family.
    pub family: FamilyId,
    /// The measurement, if at one.
    pub measurement: Option<MeasurementId>,
    /// The day.
    pub on: NaiveDate,
}

/// Keeps what the family said. The answer is their ids, in the same order.
///
/// # Errors
/// As the database says.
pub async fn keep(
    connection: &mut AsyncPgConnection,
    of: Said,
    voices: &[Voice],
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<Vec<Uuid>, Problem> {
    let ids: Vec<Uuid> = voices.iter().map(|_| Uuid::now_v7()).collect();
    let rows: Vec<_> = voices
        .iter()
        .zip(&ids)
        .map(|(voice, id)| {
            (
                family_voice::id.eq(*id),
                family_voice::case_id.eq(of.case),
                family_voice::family_id.eq(of.family),
                family_voice::measurement_id.eq(of.measurement),
                family_voice::said_on.eq(of.on),
                family_voice::whose.eq(voice.whose.as_str()),
                family_voice::person_id.eq(voice.person_id),
                family_voice::about.eq(&voice.about),
                family_voice::words.eq(&voice.words),
                family_voice::recorded_at.eq(now),
                family_voice::recorded_by.eq(who.user),
                family_voice::recorded_by_name.eq(&who.name),
            )
        })
        .collect();
    diesel::insert_into(family_voice::table).values(rows).execute(connection).await?;
    Ok(ids)
}

/// Records that a member of the family consents to these words being told as a case study. The case's
/// team sees what may be told; what restricts the member restricts it too.
///
/// # Errors
/// As the database says.
pub async fn consent(
    connection: &mut AsyncPgConnection,
    case: &Case,
    person: PersonId,
    given_on: NaiveDate,
    voices: &[Uuid],
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<ConsentId, Problem> {
    let id = ConsentId::new();
    diesel::insert_into(case_study_consent::table)
        .values((
            case_study_consent::id.eq(id),
            case_study_consent::case_id.eq(case.id),
            case_study_consent::family_id.eq(case.family_id),
            case_study_consent::person_id.eq(person),
            case_study_consent::given_on.eq(given_on),
            case_study_consent::recorded_at.eq(now),
            case_study_consent::recorded_by.eq(who.user),
            case_study_consent::recorded_by_name.eq(&who.name),
            case_study_consent::version.eq(1),
        ))
        .execute(connection)
        .await?;
    let told: Vec<_> = voices
        .iter()
        .map(|voice| (case_study_voice::consent_id.eq(id), case_study_voice::voice_id.eq(*voice)))
        .collect();
    diesel::insert_into(case_study_voice::table).values(told).execute(connection).await?;
    access::subjects(connection, &[(id.0, person.0)]).await?;
    let grant = Grant {
        record: id.0,
        kind: "case_study",
        scope: format!("team:{}", case.team),
        view: View::Full,
        state: "usable",
        sort_at: now,
    };
    access::grant(connection, &[grant]).await?;
    Ok(id)
}
