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
use crate::measurement::domain::voice::{StudyScope, VoicePoint};
use crate::measurement::domain::{ConsentId, MeasurementId};
use crate::schema::{case_study, case_study_consent, case_study_quote, case_study_voice, family_voice};

/// When and in what work something was said.
#[derive(Clone, Copy, Debug)]
pub struct Said {
    /// The case.
    pub case: CaseId,
    /// The family.
    pub family: FamilyId,
    /// The measurement, if at one.
    pub measurement: Option<MeasurementId>,
    /// At which point of the work.
    pub point: VoicePoint,
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
                family_voice::point.eq(of.point.as_str()),
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

/// A consent to be kept, with the copy of the words that may be told.
#[derive(Debug)]
pub struct Kept<'a> {
    /// Who consents.
    pub person: PersonId,
    /// On which day.
    pub given_on: NaiveDate,
    /// How far it goes.
    pub scope: StudyScope,
    /// The name to be shown.
    pub credited_as: Option<&'a str>,
    /// How it was given.
    pub how: Option<&'a str>,
    /// Which words.
    pub voices: Vec<Uuid>,
    /// The same without the family's names.
    pub quotes: Vec<Quote>,
}

/// Words as a case study tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Who said it.
    pub whose: String,
    /// What it is about.
    pub about: String,
    /// The words.
    pub words: String,
    /// Whether a name was taken out.
    pub masked: bool,
}

/// Keeps a consent. The case's team sees it, and whoever writes case studies sees what may be told; what restricts
/// the member restricts both.
///
/// # Errors
/// As the database says.
pub async fn consent(
    connection: &mut AsyncPgConnection,
    case: &Case,
    kept: &Kept<'_>,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<ConsentId, Problem> {
    let id = ConsentId::new();
    diesel::insert_into(case_study_consent::table)
        .values((
            case_study_consent::id.eq(id),
            case_study_consent::case_id.eq(case.id),
            case_study_consent::family_id.eq(case.family_id),
            case_study_consent::person_id.eq(kept.person),
            case_study_consent::scope.eq(kept.scope.as_str()),
            case_study_consent::credited_as.eq(kept.credited_as),
            case_study_consent::how.eq(kept.how),
            case_study_consent::given_on.eq(kept.given_on),
            case_study_consent::recorded_at.eq(now),
            case_study_consent::recorded_by.eq(who.user),
            case_study_consent::recorded_by_name.eq(&who.name),
            case_study_consent::version.eq(1),
        ))
        .execute(connection)
        .await?;
    let told: Vec<_> = kept
        .voices
        .iter()
        .map(|voice| (case_study_voice::consent_id.eq(id), case_study_voice::voice_id.eq(*voice)))
        .collect();
    diesel::insert_into(case_study_voice::table).values(told).execute(connection).await?;
    diesel::insert_into(case_study::table)
        .values((
            case_study::id.eq(id.0),
            case_study::case_type.eq(&case.case_type),
            case_study::team.eq(&case.team),
            case_study::scope.eq(kept.scope.as_str()),
            case_study::credited_as.eq(kept.credited_as),
            case_study::given_on.eq(kept.given_on),
        ))
        .execute(connection)
        .await?;
    let quotes: Vec<_> = kept
        .quotes
        .iter()
        .zip(1i16..)
        .map(|(quote, place)| {
            (
                case_study_quote::case_study_id.eq(id.0),
                case_study_quote::place.eq(place),
                case_study_quote::whose.eq(&quote.whose),
                case_study_quote::about.eq(&quote.about),
                case_study_quote::words.eq(&quote.words),
                case_study_quote::masked.eq(quote.masked),
            )
        })
        .collect();
    diesel::insert_into(case_study_quote::table).values(quotes).execute(connection).await?;
    access::subjects(connection, &[(id.0, kept.person.0)]).await?;
    let grant =
        |scope: String, view| Grant { record: id.0, kind: "case_study", scope, view, state: "usable", sort_at: now };
    // Not whole: they see what may be told and nothing of the consent. And no status either, which a
    // restriction of the person would leave in sight.
    let grants = [grant(format!("team:{}", case.team), View::Full), grant("figures".to_owned(), View::Involvement)];
    access::grant(connection, &grants).await?;
    Ok(id)
}
