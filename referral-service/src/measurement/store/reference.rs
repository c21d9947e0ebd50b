//! The ladder and the questions, as of a day.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Jsonb, Nullable, SmallInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::{KeepPrepared, from_jsonb};
use shared::problem::Problem;

use crate::measurement::domain::ladder::Ladder;
use crate::measurement::domain::question::Question;

/// What measurements of a day are taken by.
#[derive(Clone, Debug)]
pub struct Reference {
    /// The ladder.
    pub ladder: Ladder,
    /// The questions, in the order of the areas they belong to.
    pub questions: Vec<Question>,
}

/// The ladder and the questions in force on a day.
///
/// # Errors
/// 500 if no ladder is.
pub async fn reference(connection: &mut AsyncPgConnection, day: NaiveDate) -> Result<Reference, Problem> {
    Ok(Reference { ladder: ladder_on(connection, day).await?, questions: questions(connection, day).await? })
}

#[derive(QueryableByName)]
struct LadderRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = SmallInt)]
    version: i16,
    #[diesel(sql_type = Text)]
    label: String,
    #[diesel(sql_type = SmallInt)]
    lowest: i16,
    #[diesel(sql_type = SmallInt)]
    highest: i16,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Bool)]
    verified: bool,
    #[diesel(sql_type = Jsonb)]
    areas: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    stages: serde_json::Value,
}

const LADDER: &str = "\
SELECT l.*,
       (SELECT jsonb_agg(to_jsonb(a) ORDER BY a.place) FROM ladder_area a
        WHERE a.code = l.code AND a.version = l.version) AS areas,
       (SELECT jsonb_agg(to_jsonb(s) ORDER BY s.place) FROM ladder_stage s
        WHERE s.code = l.code AND s.version = l.version) AS stages
FROM ladder l";

impl LadderRow {
    fn read(self) -> Result<Ladder, Problem> {
        Ok(Ladder {
            code: self.code,
            version: self.version,
            label: self.label,
            lowest: self.lowest,
            highest: self.highest,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
            source: self.source,
            verified: self.verified,
            areas: from_jsonb(self.areas)?,
            stages: from_jsonb(self.stages)?,
        })
    }
}

/// The ladder in force on a day.
///
/// # Errors
/// 500 if none is: a partnership that has put an end to one must put another in its place.
pub async fn ladder_on(connection: &mut AsyncPgConnection, day: NaiveDate) -> Result<Ladder, Problem> {
    let statement = format!(
        "{LADDER} WHERE l.valid_from <= $1 AND (l.valid_to IS NULL OR $1 < l.valid_to) ORDER BY l.valid_from DESC LIMIT 1"
    );
    let row: Option<LadderRow> =
        diesel::sql_query(statement).bind::<Date, _>(day).prepared().get_result(connection).await.optional()?;
    row.ok_or_else(|| Problem::internal(&"no ladder is in force"))?.read()
}

/// A ladder in one version.
///
/// # Errors
/// 500 if there is none.
pub async fn ladder(connection: &mut AsyncPgConnection, code: &str, version: i16) -> Result<Ladder, Problem> {
    let row: LadderRow = diesel::sql_query(format!("{LADDER} WHERE l.code = $1 AND l.version = $2"))
        .bind::<Text, _>(code)
        .bind::<SmallInt, _>(version)
        .prepared()
        .get_result(connection)
        .await?;
    row.read()
}

#[derive(QueryableByName)]
struct QuestionRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    answer_type: String,
    #[diesel(sql_type = Text)]
    label: String,
    #[diesel(sql_type = Nullable<Text>)]
    area: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    choices: Option<String>,
    #[diesel(sql_type = Bool)]
    several: bool,
    #[diesel(sql_type = Array<Text>)]
    issue_when: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    counted_at: Vec<String>,
    #[diesel(sql_type = Date)]
    valid_from: NaiveDate,
    #[diesel(sql_type = Nullable<Date>)]
    valid_to: Option<NaiveDate>,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Bool)]
    verified: bool,
    #[diesel(sql_type = Jsonb)]
    thresholds: serde_json::Value,
}

/// The questions asked on a day: those of each area together, each with its thresholds of the day.
///
/// # Errors
/// As the database says.
pub async fn questions(connection: &mut AsyncPgConnection, day: NaiveDate) -> Result<Vec<Question>, Problem> {
    let rows: Vec<QuestionRow> = diesel::sql_query(
        "SELECT q.*, coalesce((SELECT jsonb_agg(to_jsonb(t) ORDER BY t.at_least) FROM issue_threshold t
             WHERE t.question = q.code AND t.valid_from <= $1 AND (t.valid_to IS NULL OR $1 < t.valid_to)), '[]') AS thresholds
         FROM issue_question q
         LEFT JOIN LATERAL (SELECT min(a.place) AS place FROM ladder_area a WHERE a.area = q.area) area ON true
         WHERE q.valid_from <= $1 AND (q.valid_to IS NULL OR $1 < q.valid_to)
         ORDER BY area.place NULLS FIRST, q.code",
    )
    .bind::<Date, _>(day)
    .prepared()
    .load(connection)
    .await?;
    let unknown = |()| Problem::internal(&"a question this program can't read");
    rows.into_iter()
        .map(|row| {
            Ok(Question {
                code: row.code,
                subject: row.subject.parse().map_err(unknown)?,
                answer_type: row.answer_type.parse().map_err(unknown)?,
                label: row.label,
                area: row.area,
                choices: row.choices,
                several: row.several,
                issue_when: row.issue_when,
                counted_at: row.counted_at,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                source: row.source,
                verified: row.verified,
                thresholds: from_jsonb(row.thresholds)?,
            })
        })
        .collect()
}
