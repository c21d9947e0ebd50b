//! Definitions and figures, read.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Numeric, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use uuid::Uuid;

use super::decimal::Decimal;
use super::definition::{Definition, is_code};
use super::figure::{Cell, Completeness, Counted, ObservationRef, Reported};
use super::period::Period;
use crate::schema::indicator;

/// The consumer that fills the facts.
pub const CONSUMER: &str = "performance-facts";

/// An indicator's row.
#[derive(Queryable, Selectable)]
#[diesel(table_name = indicator)]
pub struct IndicatorRow {
    id: Uuid,
    code: String,
    title: String,
    numerator: String,
    denominator: Option<String>,
    unit: String,
    decimals: i16,
    polarity: String,
    tolerance: Decimal,
    source: String,
    verified: bool,
    computed: bool,
    breakdowns: Vec<String>,
    part_is: Option<String>,
    created_at: chrono::DateTime<chrono::Utc>,
    created_by: String,
}

impl IndicatorRow {
    /// The definition it holds.
    ///
    /// # Errors
    /// 500 if the table's checks and this program disagree.
    pub fn definition(self) -> Result<Definition, Problem> {
        let unknown = |what: &str| Problem::internal(&format!("indicator {}: unknown {what}", self.code));
        Ok(Definition {
            breakdowns: self
                .breakdowns
                .iter()
                .map(|by| by.parse().map_err(|()| unknown("breakdown")))
                .collect::<Result<_, _>>()?,
            unit: self.unit.parse().map_err(|()| unknown("unit"))?,
            polarity: self.polarity.parse().map_err(|()| unknown("polarity"))?,
            decimals: u8::try_from(self.decimals).map_err(|_| unknown("decimals"))?,
            id: self.id,
            code: self.code,
            title: self.title,
            numerator: self.numerator,
            denominator: self.denominator,
            tolerance: self.tolerance,
            source: self.source,
            verified: self.verified,
            computed: self.computed,
            part_is: self.part_is,
            created_at: self.created_at,
            created_by: self.created_by,
        })
    }
}

/// The definitions under these codes; a code without one is left out.
///
/// # Errors
/// As the database says.
pub async fn definitions(connection: &mut AsyncPgConnection, codes: &[String]) -> Result<Vec<Definition>, Problem> {
    let rows: Vec<IndicatorRow> = indicator::table
        .filter(indicator::code.eq_any(codes))
        .select(IndicatorRow::as_select())
        .load(connection)
        .await?;
    rows.into_iter().map(IndicatorRow::definition).collect()
}

/// Where an observation stands: its indicator, days and geography.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PointKey {
    /// The indicator's code.
    pub indicator: String,
    /// The first day.
    pub from: chrono::NaiveDate,
    /// The last day.
    pub to: chrono::NaiveDate,
    /// Of where.
    pub geography: String,
}

#[derive(QueryableByName)]
struct ReportedRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    indicator: String,
    #[diesel(sql_type = Date)]
    period_from: chrono::NaiveDate,
    #[diesel(sql_type = Date)]
    period_to: chrono::NaiveDate,
    #[diesel(sql_type = Text)]
    period_label: String,
    #[diesel(sql_type = Text)]
    geography: String,
    #[diesel(sql_type = Numeric)]
    value: Decimal,
    #[diesel(sql_type = SmallInt)]
    decimals: i16,
    #[diesel(sql_type = Nullable<BigInt>)]
    numerator: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    denominator: Option<i64>,
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Nullable<Text>)]
    note: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    printed: Option<String>,
    #[diesel(sql_type = Bool)]
    provisional: bool,
}

/// The current versions of the observations at these points; a point without one is left out.
///
/// # Errors
/// As the database says.
pub async fn reported(
    connection: &mut AsyncPgConnection,
    points: &[PointKey],
) -> Result<Vec<(PointKey, Reported)>, Problem> {
    if points.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<ReportedRow> = sql_query(
        "SELECT o.id, o.version, o.indicator, o.period_from, o.period_to, o.period_label, o.geography, \
         v.value, v.decimals, v.numerator, v.denominator, v.source, v.note, v.printed, v.provisional \
         FROM (SELECT DISTINCT * FROM unnest($1, $2, $3, $4) AS u(indicator, period_from, period_to, geography)) p \
         JOIN observation o USING (indicator, period_from, period_to, geography) \
         JOIN observation_version v ON v.observation_id = o.id AND v.version = o.version",
    )
    .bind::<Array<Text>, _>(points.iter().map(|p| p.indicator.as_str()).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(points.iter().map(|p| p.from).collect::<Vec<_>>())
    .bind::<Array<Date>, _>(points.iter().map(|p| p.to).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(points.iter().map(|p| p.geography.as_str()).collect::<Vec<_>>())
    .load(connection)
    .await?;
    let show = |row: ReportedRow| {
        let key = PointKey {
            indicator: row.indicator,
            from: row.period_from,
            to: row.period_to,
            geography: row.geography.clone(),
        };
        let reported = Reported {
            observation: ObservationRef { id: row.id, version: row.version },
            period: Period { from: row.period_from, to: row.period_to, label: row.period_label },
            geography: row.geography,
            value: row.value,
            decimals: u8::try_from(row.decimals).unwrap_or_default(),
            numerator: row.numerator,
            denominator: row.denominator,
            source: row.source,
            note: row.note,
            printed: row.printed,
            provisional: row.provisional,
        };
        (key, reported)
    };
    Ok(rows.into_iter().map(show).collect())
}

#[derive(QueryableByName)]
struct CellRow {
    #[diesel(sql_type = Nullable<Text>)]
    locality: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    service: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    part: Option<String>,
    #[diesel(sql_type = BigInt)]
    numerator: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    denominator: Option<i64>,
    #[diesel(sql_type = BigInt)]
    pending: i64,
}

/// Counts a computed indicator over the facts of a period, whoever asks: figures count everything.
///
/// # Errors
/// 500 if no function counts that indicator.
pub async fn count(
    connection: &mut AsyncPgConnection,
    definition: &Definition,
    period: &Period,
) -> Result<Vec<Cell>, Problem> {
    // Only migrations make counted indicators, so the code is one of theirs.
    if !definition.computed || !is_code(&definition.code) {
        return Err(Problem::internal(&format!("nothing counts {}", definition.code)));
    }
    let sql = format!(
        "SELECT locality, service, part, numerator, denominator, pending FROM counted_{}($1, $2)",
        definition.code
    );
    let (from, to) = period.instants();
    let rows: Vec<CellRow> =
        sql_query(sql).bind::<Timestamptz, _>(from).bind::<Timestamptz, _>(to).load(connection).await?;
    let show = |row: CellRow| Cell {
        locality: row.locality,
        service: row.service,
        part: row.part,
        counted: Counted { numerator: row.numerator, denominator: row.denominator, pending: row.pending },
    };
    Ok(rows.into_iter().map(show).collect())
}

#[derive(QueryableByName)]
struct StateRow {
    #[diesel(sql_type = Nullable<BigInt>)]
    read_to: Option<i64>,
    #[diesel(sql_type = BigInt)]
    held_back: i64,
}

/// What figures over the facts may lack.
///
/// # Errors
/// As the database says.
pub async fn completeness(connection: &mut AsyncPgConnection) -> Result<Completeness, Problem> {
    let state: StateRow =
        sql_query("SELECT * FROM projection_state($1)").bind::<Text, _>(CONSUMER).get_result(connection).await?;
    Ok(Completeness::of_facts(state.read_to, state.held_back))
}
