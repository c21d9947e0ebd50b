//! How a measurement stands in answers.

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::id::PersonId;
use shared::problem::Problem;
use utoipa::ToSchema;

use crate::family::{self, CaseId, FamilyId, Member};
use crate::measurement::domain::question::{Question, QuestionSubject};
use crate::measurement::store::{contents, point, reference};
use crate::measurement::{Content, MeasurementId, MeasurementPoint, MeasurementStatus, Point};

/// An assessment or a review on a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentLine {
    /// Its id.
    pub id: MeasurementId,
    /// At which point of the case it was taken.
    pub point: MeasurementPoint,
    /// Where it stands.
    pub status: MeasurementStatus,
    /// The day it was done with the family.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measured_on: Option<NaiveDate>,
    /// When it was begun.
    pub started_at: DateTime<Utc>,
    /// By whom.
    pub started_by: String,
    /// When it was completed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<DateTime<Utc>>,
    /// By whom.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_by: Option<String>,
    /// When it was due.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_at: Option<DateTime<Utc>>,
    /// Whether it was completed by then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_time: Option<bool>,
    /// The one it corrects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<MeasurementId>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correction_reason: Option<String>,
    /// Whether it counts: it is completed, and no later one corrects it.
    pub counts: bool,
}

impl AssessmentLine {
    fn of(row: &Point, counts: bool) -> Result<Self, Problem> {
        Ok(Self {
            id: row.id,
            point: row.point()?,
            status: row.status()?,
            measured_on: row.measured_on,
            started_at: row.started_at,
            started_by: row.started_by_name.clone(),
            completed_at: row.completed_at,
            completed_by: row.completed_by_name.clone(),
            due_at: row.due_at,
            in_time: row.in_time,
            corrects: row.corrects,
            correction_reason: row.correction_reason.clone(),
            counts,
        })
    }

    /// The measurements of a case, the oldest first, without those that were discarded.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of_case(connection: &mut AsyncPgConnection, case: CaseId) -> Result<Vec<Self>, Problem> {
        let rows = point::of_case(connection, case).await?;
        let counted: Vec<MeasurementId> = point::that_count(&rows).into_iter().map(|row| row.id).collect();
        rows.iter()
            .filter(|row| !matches!(row.status(), Ok(MeasurementStatus::Discarded)))
            .map(|row| Self::of(row, counted.contains(&row.id)))
            .collect()
    }
}

/// A question without an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Unanswered {
    /// The question.
    pub question: String,
    /// The members of whom it has none; absent if it is about the whole family.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub person_ids: Vec<PersonId>,
}

/// An assessment or a review, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct AssessmentView {
    /// What it is and where it stands.
    #[serde(flatten)]
    pub line: AssessmentLine,
    /// The case.
    pub case_id: CaseId,
    /// The family.
    pub family_id: FamilyId,
    /// The ladder its scores are of.
    pub ladder: String,
    /// In this version.
    pub ladder_version: i16,
    /// What it says.
    pub content: Content,
    /// The questions the county counts that it does not answer. It may be completed without them;
    /// then the family is not in the base of those figures.
    pub unanswered: Vec<Unanswered>,
}

impl AssessmentView {
    /// One measurement as it stands now.
    ///
    /// # Errors
    /// As the database says.
    pub async fn of(connection: &mut AsyncPgConnection, row: Point, today: NaiveDate) -> Result<Self, Problem> {
        let content = match row.status()? {
            MeasurementStatus::Completed => contents::of(connection, &row).await?,
            _ => row.written()?,
        };
        let day = content.day(today);
        let questions = reference::questions(connection, day).await?;
        let members = family::members(connection, row.family_id, day).await?;
        let others = point::of_case(connection, row.case_id).await?;
        let counts = point::that_count(&others).iter().any(|other| other.id == row.id);
        Ok(Self {
            line: AssessmentLine::of(&row, counts)?,
            case_id: row.case_id,
            family_id: row.family_id,
            ladder: row.ladder.clone(),
            ladder_version: row.ladder_version,
            unanswered: unanswered(&content, &questions, &members, day),
            content,
        })
    }
}

fn unanswered(content: &Content, questions: &[Question], members: &[Member], day: NaiveDate) -> Vec<Unanswered> {
    let answered = |question: &Question, person: Option<PersonId>| {
        content.answers.iter().any(|answer| answer.question == question.code && answer.person_id == person)
    };
    questions
        .iter()
        .filter(|question| question.verified)
        .filter_map(|question| {
            let person_ids: Vec<PersonId> = members
                .iter()
                .filter(|member| match question.subject {
                    QuestionSubject::Family => false,
                    QuestionSubject::Individual => true,
                    QuestionSubject::Child => member.age().is_child(day),
                    QuestionSubject::Adult => !member.age().is_child(day),
                })
                .map(|member| PersonId(member.person_id))
                .filter(|person| !answered(question, Some(*person)))
                .collect();
            let family = question.subject == QuestionSubject::Family && !answered(question, None);
            (family || !person_ids.is_empty()).then(|| Unanswered { question: question.code.clone(), person_ids })
        })
        .collect()
}
