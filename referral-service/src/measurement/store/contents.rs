//! What completed measurements say.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::id::PersonId;
use shared::problem::Problem;
use uuid::Uuid;

use super::point::Point;
use super::voice::{self, Said};
use crate::family::CaseId;
use crate::measurement::domain::MeasurementId;
use crate::measurement::domain::content::{AreaScore, Content, IssueAnswer, Participant, Voice};
use crate::measurement::domain::voice::VoicePoint;
use crate::schema::{family_voice, issue_answer, measurement_participant, measurement_score};

/// Keeps what a measurement says that is being completed.
///
/// # Errors
/// As the database says.
pub async fn keep(
    connection: &mut AsyncPgConnection,
    point: &Point,
    content: &Content,
    day: NaiveDate,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let scores: Vec<_> = content
        .scores
        .iter()
        .map(|score| {
            (
                measurement_score::measurement_id.eq(point.id),
                measurement_score::case_id.eq(point.case_id),
                measurement_score::area.eq(&score.area),
                measurement_score::score.eq(score.score),
                measurement_score::not_applicable.eq(&score.not_applicable),
            )
        })
        .collect();
    diesel::insert_into(measurement_score::table).values(scores).execute(connection).await?;
    let answers: Vec<_> =
        content.answers.iter().zip(0i16..).map(|(answer, place)| AnswerRow::of(point, place, answer)).collect();
    diesel::insert_into(issue_answer::table).values(answers).execute(connection).await?;
    let people: Vec<_> = content
        .took_part
        .iter()
        .zip(0i16..)
        .map(|(one, place)| {
            (
                measurement_participant::measurement_id.eq(point.id),
                measurement_participant::case_id.eq(point.case_id),
                measurement_participant::place.eq(place),
                measurement_participant::person_id.eq(one.person_id),
                measurement_participant::name.eq(&one.name),
                measurement_participant::agency.eq(&one.agency),
            )
        })
        .collect();
    diesel::insert_into(measurement_participant::table).values(people).execute(connection).await?;
    let (case, family, measurement) = (point.case_id, point.family_id, Some(point.id));
    let of = Said { case, family, measurement, point: VoicePoint::of(point.point()?), on: day };
    voice::keep(connection, of, &content.voices, who, now).await?;
    Ok(())
}

#[derive(Insertable, Queryable, Selectable)]
#[diesel(table_name = issue_answer)]
struct AnswerRow {
    id: Uuid,
    measurement_id: MeasurementId,
    case_id: CaseId,
    place: i16,
    question: String,
    person_id: Option<PersonId>,
    not_known: bool,
    yes: Option<bool>,
    percentage: Option<f64>,
    amount_pence: Option<i64>,
    count: Option<i32>,
    choice: Option<String>,
    day: Option<NaiveDate>,
    period_from: Option<NaiveDate>,
    period_to: Option<NaiveDate>,
    creditor: Option<String>,
    plan: Option<String>,
    instalment_pence: Option<i64>,
    clear_by: Option<NaiveDate>,
}

impl AnswerRow {
    fn of(point: &Point, place: i16, answer: &IssueAnswer) -> Self {
        let answer = answer.clone();
        Self {
            id: Uuid::now_v7(),
            measurement_id: point.id,
            case_id: point.case_id,
            place,
            question: answer.question,
            person_id: answer.person_id,
            not_known: answer.not_known,
            yes: answer.yes,
            percentage: answer.percentage,
            amount_pence: answer.amount_pence,
            count: answer.count,
            choice: answer.choice,
            day: answer.day,
            period_from: answer.period_from,
            period_to: answer.period_to,
            creditor: answer.creditor,
            plan: answer.plan,
            instalment_pence: answer.instalment_pence,
            clear_by: answer.clear_by,
        }
    }

    fn said(self) -> IssueAnswer {
        IssueAnswer {
            question: self.question,
            person_id: self.person_id,
            not_known: self.not_known,
            yes: self.yes,
            percentage: self.percentage,
            amount_pence: self.amount_pence,
            count: self.count,
            choice: self.choice,
            day: self.day,
            period_from: self.period_from,
            period_to: self.period_to,
            creditor: self.creditor,
            plan: self.plan,
            instalment_pence: self.instalment_pence,
            clear_by: self.clear_by,
        }
    }
}

/// What measurements of a case say on the ladder: which one, where, and the score if there is one.
///
/// # Errors
/// As the database says.
pub async fn scores(
    connection: &mut AsyncPgConnection,
    case: CaseId,
) -> Result<Vec<(MeasurementId, AreaScore)>, Problem> {
    let rows: Vec<(MeasurementId, String, Option<i16>, Option<String>)> = measurement_score::table
        .filter(measurement_score::case_id.eq(case))
        .select((
            measurement_score::measurement_id,
            measurement_score::area,
            measurement_score::score,
            measurement_score::not_applicable,
        ))
        .load(connection)
        .await?;
    Ok(rows
        .into_iter()
        .map(|(id, area, score, not_applicable)| (id, AreaScore { area, score, not_applicable }))
        .collect())
}

/// What measurements of a case answer, in the order the answers were given.
///
/// # Errors
/// As the database says.
pub async fn answers(
    connection: &mut AsyncPgConnection,
    case: CaseId,
) -> Result<Vec<(MeasurementId, IssueAnswer)>, Problem> {
    let rows: Vec<AnswerRow> = issue_answer::table
        .filter(issue_answer::case_id.eq(case))
        .order((issue_answer::measurement_id, issue_answer::place))
        .select(AnswerRow::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().map(|row| (row.measurement_id, row.said())).collect())
}

/// What one completed measurement says, as it was written.
///
/// # Errors
/// As the database says.
pub async fn of(connection: &mut AsyncPgConnection, point: &Point) -> Result<Content, Problem> {
    let mine = |rows: Vec<(MeasurementId, AreaScore)>| {
        rows.into_iter().filter(|(id, _)| *id == point.id).map(|(_, score)| score).collect::<Vec<_>>()
    };
    let scores = mine(scores(connection, point.case_id).await?);
    let answers: Vec<AnswerRow> = issue_answer::table
        .filter(issue_answer::measurement_id.eq(point.id))
        .order(issue_answer::place)
        .select(AnswerRow::as_select())
        .load(connection)
        .await?;
    let took_part: Vec<(Option<PersonId>, Option<String>, Option<String>)> = measurement_participant::table
        .filter(measurement_participant::measurement_id.eq(point.id))
        .order(measurement_participant::place)
        .select((measurement_participant::person_id, measurement_participant::name, measurement_participant::agency))
        .load(connection)
        .await?;
    let voices: Vec<(String, Option<PersonId>, String, String)> = family_voice::table
        .filter(family_voice::measurement_id.eq(point.id.0))
        .order(family_voice::id)
        .select((family_voice::whose, family_voice::person_id, family_voice::about, family_voice::words))
        .load(connection)
        .await?;
    Ok(Content {
        measured_on: point.measured_on,
        scores,
        answers: answers.into_iter().map(AnswerRow::said).collect(),
        working_well: point.working_well.clone(),
        worries: point.worries.clone(),
        next_steps: point.next_steps.clone(),
        voices: voices
            .into_iter()
            .map(|(whose, person_id, about, words)| {
                let whose = whose.parse().map_err(|()| Problem::internal(&"unknown kind of voice"))?;
                Ok(Voice { whose, person_id, about, words })
            })
            .collect::<Result<_, Problem>>()?,
        took_part: took_part
            .into_iter()
            .map(|(person_id, name, agency)| Participant { person_id, name, agency })
            .collect(),
    })
}
