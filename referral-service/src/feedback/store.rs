//! The rows of feedback, and what it is about.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::domain::{FeedbackAnswer, FeedbackId, FeedbackKind, FeedbackOccasion, Question};
use super::view::{FeedbackCount, FeedbackQuestion};
use crate::schema::{feedback_given, feedback_question};

/// What feedback is about.
#[derive(Debug, QueryableByName)]
pub struct Setting {
    /// The case, the enrolment or the brief intervention.
    #[diesel(sql_type = SqlUuid)]
    pub about: Uuid,
    /// The case, the group or the brief intervention.
    #[diesel(sql_type = SqlUuid)]
    pub counted_for: Uuid,
    /// The service that helped.
    #[diesel(sql_type = Text)]
    pub service: String,
    /// The type of the case, the programme of the group, the kind of the brief intervention.
    #[diesel(sql_type = Text)]
    pub what: String,
    /// The district, where it is known.
    #[diesel(sql_type = Nullable<Text>)]
    pub locality: Option<String>,
    /// The day it began.
    #[diesel(sql_type = Date)]
    pub began_on: NaiveDate,
    /// Whether it has ended.
    #[diesel(sql_type = Bool)]
    pub ended: bool,
    /// Whom it was for.
    #[diesel(sql_type = Array<SqlUuid>)]
    pub people: Vec<Uuid>,
}

const CASE: &str = "\
SELECT c.id AS about, c.id AS counted_for, c.team AS service, c.case_type AS what, f.locality,
       c.opened_at::date AS began_on, c.status = 'closed' AS ended,
       ARRAY(SELECT DISTINCT m.person_id FROM family_member m WHERE m.family_id = c.family_id) AS people
FROM family_case c JOIN family f ON f.id = c.family_id WHERE c.id = $1";

const ENROLMENT: &str = "\
SELECT e.id AS about, e.group_id AS counted_for, e.service, e.programme AS what,
       (SELECT g.locality FROM support_group g WHERE g.id = e.group_id) AS locality,
       coalesce(e.placed_on, e.enrolled_at::date) AS began_on,
       e.placed_on IS NOT NULL AND e.status IN ('completed', 'not_completed', 'withdrawn', 'cancelled') AS ended,
       ARRAY[e.person_id] AS people
FROM group_enrolment e WHERE e.id = $1";

const BRIEF: &str = "\
SELECT b.id AS about, b.id AS counted_for, b.service, b.kind AS what, b.locality, b.opened_on AS began_on,
       b.status = 'closed' AS ended,
       ARRAY(SELECT p.person_id FROM brief_person p WHERE p.intervention_id = b.id) AS people
FROM brief_intervention b WHERE b.id = $1";

#[derive(QueryableByName)]
struct Held {
    #[diesel(sql_type = Bool)]
    whole: bool,
}

/// Refuses who does not see a record whole.
///
/// # Errors
/// 404 if the caller doesn't see it, 403 if only that it is there.
pub async fn require_whole(connection: &mut AsyncPgConnection, record: Uuid, kind: &str) -> Result<(), Problem> {
    let held: Vec<Held> =
        diesel::sql_query("SELECT s.view = 'full' AS whole FROM record_scope s WHERE s.record_id = $1 AND s.kind = $2")
            .bind::<SqlUuid, _>(record)
            .bind::<Text, _>(kind)
            .prepared()
            .load(connection)
            .await?;
    // The most that any of the caller's scopes holds.
    match held.iter().map(|row| row.whole).max() {
        None => Err(Problem::not_found()),
        Some(false) => Err(Problem::new(problem::NOT_ALLOWED)),
        Some(true) => Ok(()),
    }
}

/// What feedback of that occasion under that id would be about.
///
/// # Errors
/// 404 if the caller doesn't see it, 403 if only that it is there.
pub async fn setting(
    connection: &mut AsyncPgConnection,
    occasion: FeedbackOccasion,
    about: Uuid,
) -> Result<Setting, Problem> {
    let (kind, statement) = match occasion {
        FeedbackOccasion::CaseClosure => ("case", CASE),
        FeedbackOccasion::GroupEnd => ("group_enrolment", ENROLMENT),
        FeedbackOccasion::BriefIntervention => ("brief_intervention", BRIEF),
    };
    require_whole(connection, about, kind).await?;
    let rows: Vec<Setting> = diesel::sql_query(statement).bind::<SqlUuid, _>(about).prepared().load(connection).await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = feedback_question)]
struct QuestionRow {
    code: String,
    occasion: String,
    kind: String,
    text: String,
    positive_from: Option<i16>,
    asked_of: Vec<String>,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    source: String,
    verified: bool,
}

/// The questions of a day, in their order: of one occasion, or of all.
///
/// # Errors
/// As the database says.
pub async fn questions(
    connection: &mut AsyncPgConnection,
    occasion: Option<FeedbackOccasion>,
    on: NaiveDate,
) -> Result<Vec<FeedbackQuestion>, Problem> {
    let mut query = feedback_question::table
        .filter(feedback_question::valid_from.le(on))
        .filter(feedback_question::valid_to.is_null().or(feedback_question::valid_to.gt(on)))
        .order((feedback_question::occasion, feedback_question::place, feedback_question::code))
        .select(QuestionRow::as_select())
        .into_boxed();
    if let Some(occasion) = occasion {
        query = query.filter(feedback_question::occasion.eq(occasion.as_str()));
    }
    let unknown = |()| Problem::internal(&"a question this program does not know");
    let rows: Vec<QuestionRow> = query.load(connection).await?;
    rows.into_iter()
        .map(|row| {
            Ok(FeedbackQuestion {
                code: row.code,
                occasion: row.occasion.parse().map_err(unknown)?,
                kind: row.kind.parse().map_err(unknown)?,
                text: row.text,
                positive_from: row.positive_from,
                asked_of: row.asked_of,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                source: row.source,
                verified: row.verified,
            })
        })
        .collect()
}

/// Whether this giver has answered on this occasion already.
///
/// # Errors
/// As the database says.
pub async fn has_given(connection: &mut AsyncPgConnection, about: Uuid, giver_key: &str) -> Result<bool, Problem> {
    let found: Option<Uuid> = feedback_given::table
        .filter(feedback_given::about.eq(about))
        .filter(feedback_given::giver_key.eq(giver_key))
        .select(feedback_given::id)
        .first(connection)
        .await
        .optional()?;
    Ok(found.is_some())
}

/// Feedback that is new.
pub struct NewFeedback<'a> {
    pub id: FeedbackId,
    pub occasion: FeedbackOccasion,
    pub giver: &'a str,
    pub person_id: Option<Uuid>,
    pub name: Option<&'a str>,
    pub agency: Option<&'a str>,
    pub giver_key: &'a str,
    pub via: &'a str,
    pub given_on: NaiveDate,
}

/// Keeps feedback, with a line for each question that was asked.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    setting: &Setting,
    new: &NewFeedback<'_>,
    asked: &[(&Question, &str, Option<&FeedbackAnswer>)],
    actor: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::insert_into(feedback_given::table)
        .values((
            feedback_given::id.eq(new.id),
            feedback_given::occasion.eq(new.occasion.as_str()),
            feedback_given::about.eq(setting.about),
            feedback_given::counted_for.eq(setting.counted_for),
            feedback_given::giver.eq(new.giver),
            feedback_given::person_id.eq(new.person_id),
            feedback_given::name.eq(new.name),
            feedback_given::agency.eq(new.agency),
            feedback_given::giver_key.eq(new.giver_key),
            feedback_given::via.eq(new.via),
            feedback_given::given_on.eq(new.given_on),
            feedback_given::recorded_at.eq(now),
            feedback_given::recorded_by.eq(actor.user),
            feedback_given::recorded_by_name.eq(&actor.name),
        ))
        .execute(connection)
        .await?;
    let rows = asked.iter().zip(1i16..).map(|((question, text, answer), place)| {
        json!({
            "place": place, "question": question.code, "text": text, "kind": question.kind,
            "scale": answer.and_then(|answer| answer.scale), "yes": answer.and_then(|answer| answer.yes),
            "words": answer.and_then(|answer| answer.words.as_deref()),
            "positive": answer.and_then(|answer| answer.is_positive(question)),
        })
    });
    diesel::sql_query(
        "INSERT INTO feedback_answer (feedback_id, about, place, question, text, kind, scale, yes, words, positive)
         SELECT $2, $3, t.* FROM jsonb_to_recordset($1) AS t(place smallint, question text, text text, kind text, scale smallint,
             yes boolean, words text, positive boolean)",
    )
    .bind::<Jsonb, _>(Value::Array(rows.collect()))
    .bind::<SqlUuid, _>(new.id)
    .bind::<SqlUuid, _>(setting.about)
    .prepared()
    .execute(connection)
    .await?;
    Ok(())
}

/// Feedback as it was recorded.
#[derive(Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub about: Uuid,
    #[diesel(sql_type = Text)]
    pub occasion: String,
    #[diesel(sql_type = Text)]
    pub giver: String,
    #[diesel(sql_type = Text)]
    pub via: String,
    #[diesel(sql_type = Date)]
    pub given_on: NaiveDate,
    #[diesel(sql_type = diesel::sql_types::Timestamptz)]
    pub recorded_at: DateTime<Utc>,
    #[diesel(sql_type = BigInt)]
    pub asked: i64,
    #[diesel(sql_type = BigInt)]
    pub answered: i64,
}

/// One piece of feedback.
///
/// # Errors
/// 404 if the caller doesn't see what it is about whole.
pub async fn show(connection: &mut AsyncPgConnection, id: FeedbackId) -> Result<Shown, Problem> {
    let rows: Vec<Shown> = diesel::sql_query(
        "SELECT g.id, g.about, g.occasion, g.giver, g.via, g.given_on, g.recorded_at, count(*) AS asked,
                count(*) FILTER (WHERE num_nonnulls(a.scale, a.yes, a.words) > 0) AS answered
         FROM feedback_given g JOIN feedback_answer a ON a.feedback_id = g.id WHERE g.id = $1 GROUP BY g.id",
    )
    .bind::<SqlUuid, _>(id)
    .prepared()
    .load(connection)
    .await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = Text)]
    question: String,
    #[diesel(sql_type = Text)]
    text: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    asked: i64,
    #[diesel(sql_type = BigInt)]
    answered: i64,
    #[diesel(sql_type = BigInt)]
    positive: i64,
    #[diesel(sql_type = Array<BigInt>)]
    scale: Vec<i64>,
    #[diesel(sql_type = Array<BigInt>)]
    yes_no: Vec<i64>,
    #[diesel(sql_type = Array<Text>)]
    words: Vec<String>,
}

/// The statement behind a summary: of what is counted for one case, group or brief intervention.
pub const SUMMARY: &str = "\
SELECT a.question, (array_agg(a.text ORDER BY g.given_on DESC, g.id DESC))[1] AS text, a.kind, count(*) AS asked,
       count(*) FILTER (WHERE num_nonnulls(a.scale, a.yes, a.words) > 0) AS answered,
       count(*) FILTER (WHERE a.positive) AS positive,
       ARRAY[count(*) FILTER (WHERE a.scale = 1), count(*) FILTER (WHERE a.scale = 2), count(*) FILTER (WHERE a.scale = 3),
             count(*) FILTER (WHERE a.scale = 4), count(*) FILTER (WHERE a.scale = 5)] AS scale,
       ARRAY[count(*) FILTER (WHERE a.yes), count(*) FILTER (WHERE NOT a.yes)] AS yes_no,
       coalesce((array_agg(a.words ORDER BY g.given_on DESC, g.id DESC) FILTER (WHERE a.words IS NOT NULL))[1:100], '{}') AS words
FROM feedback_given g JOIN feedback_answer a ON a.feedback_id = g.id
WHERE g.counted_for = $1
GROUP BY a.question, a.kind ORDER BY min(a.place), a.question";

#[derive(QueryableByName)]
struct Givers {
    #[diesel(sql_type = BigInt)]
    given: i64,
}

/// What is counted for one case, group or brief intervention, as far as the caller sees it: how many gave
/// feedback, and what they answered.
///
/// # Errors
/// As the database says.
pub async fn summary(
    connection: &mut AsyncPgConnection,
    counted_for: Uuid,
) -> Result<(i64, Vec<FeedbackCount>), Problem> {
    let givers: Givers = diesel::sql_query("SELECT count(*) AS given FROM feedback_given WHERE counted_for = $1")
        .bind::<SqlUuid, _>(counted_for)
        .prepared()
        .get_result(connection)
        .await?;
    let rows: Vec<CountRow> =
        diesel::sql_query(SUMMARY).bind::<SqlUuid, _>(counted_for).prepared().load(connection).await?;
    let counts = rows
        .into_iter()
        .map(|row| {
            let kind: FeedbackKind =
                row.kind.parse().map_err(|()| Problem::internal(&"a question this program does not know"))?;
            Ok(FeedbackCount {
                question: row.question,
                text: row.text,
                kind,
                asked: row.asked,
                answered: row.answered,
                positive: (kind != FeedbackKind::Words).then_some(row.positive),
                counts: match kind {
                    FeedbackKind::Scale => row.scale,
                    FeedbackKind::YesNo => row.yes_no,
                    FeedbackKind::Words => Vec::new(),
                },
                words: row.words,
            })
        })
        .collect::<Result<Vec<_>, Problem>>()?;
    Ok((givers.given, counts))
}
