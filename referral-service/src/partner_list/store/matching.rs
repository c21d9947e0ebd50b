//! Whom the index has who is, or may be, the person of a row.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Integer, Jsonb, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use serde_json::{Value, json};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::partner_list::reading::ListRow;
use crate::people::{name_key, sound};

/// Somebody who is or may be meant.
#[derive(Clone, Debug, QueryableByName)]
pub struct Candidate {
    /// The place of the row that was asked about.
    #[diesel(sql_type = Integer)]
    pub n: i32,
    /// Who.
    #[diesel(sql_type = SqlUuid)]
    pub person_id: Uuid,
    /// Whether names and birth date are the same.
    #[diesel(sql_type = Bool)]
    pub exact: bool,
    /// What is alike.
    #[diesel(sql_type = Array<Text>)]
    pub why: Vec<String>,
    /// What is open about them: kinds of records.
    #[diesel(sql_type = Array<Text>)]
    pub open: Vec<String>,
}

/// Whom the index has for each of the rows, whoever asks; by the rows' places. In one query, however many.
///
/// # Errors
/// As the database says.
pub async fn candidates(connection: &mut AsyncPgConnection, rows: &[&ListRow]) -> Result<Vec<Candidate>, Problem> {
    let asked = rows.iter().zip(0i32..).map(|(row, n)| {
        json!({
            "n": n, "given_key": name_key(&row.given_name), "family_key": name_key(&row.family_name),
            "given_sound": sound(&row.given_name).usual, "family_sound": sound(&row.family_name).usual,
            "birth_date": row.birth_date, "postcode": row.postcode,
        })
    });
    Ok(diesel::sql_query(
        "SELECT n, person_id, exact, why, open FROM partner_match_all($1) ORDER BY n, exact DESC, person_id",
    )
    .bind::<Jsonb, _>(Value::Array(asked.collect()))
    .prepared()
    .load(connection)
    .await?)
}

/// A candidate as an officer reads it: with the names the index has.
#[derive(Clone, Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub row_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub person_id: Uuid,
    #[diesel(sql_type = Bool)]
    pub exact: bool,
    #[diesel(sql_type = Array<Text>)]
    pub why: Vec<String>,
    #[diesel(sql_type = Array<Text>)]
    pub open: Vec<String>,
    #[diesel(sql_type = Text)]
    pub given_name: String,
    #[diesel(sql_type = Text)]
    pub family_name: String,
    #[diesel(sql_type = diesel::sql_types::Nullable<diesel::sql_types::Date>)]
    pub birth_date: Option<NaiveDate>,
}

/// The candidates of a family's rows that the caller sees.
///
/// # Errors
/// As the database says.
pub async fn of_family(connection: &mut AsyncPgConnection, family: Uuid) -> Result<Vec<Shown>, Problem> {
    Ok(diesel::sql_query(
        "SELECT m.row_id, m.person_id, m.exact, m.why, m.open, p.given_name, p.family_name, p.birth_date
         FROM partner_row r JOIN partner_match m ON m.row_id = r.id JOIN person p ON p.id = m.person_id
         WHERE r.family_id = $1 ORDER BY r.number, m.exact DESC, m.person_id",
    )
    .bind::<SqlUuid, _>(family)
    .prepared()
    .load(connection)
    .await?)
}
