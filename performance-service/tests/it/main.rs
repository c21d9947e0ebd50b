//! performance-service over HTTP, on databases of its own, fed by a source of events that the tests
//! make say what they like.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::as_conversions)]

mod access;
mod agency_actions;
mod audits;
mod casework;
mod dashboards;
mod database;
mod exploitation;
mod figures;
mod indicators;
mod information;
mod missing;
mod observations;
mod onward;
mod owed;
mod partner_lists;
mod plans;
mod projection;
mod published;
mod source;
mod support;

use chrono::{DateTime, Utc};
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use performance_service::PROGRAM;
use shared::actor::Role;
use shared::testing::{Person, TestApp};

/// The service, started.
async fn start() -> TestApp {
    TestApp::start(&PROGRAM).await
}

fn analyst() -> Person {
    Person::new("ana.analyst", "county-council", Role::Analyst)
}

fn board_member() -> Person {
    Person::new("bea.board", "county-council", Role::BoardMember)
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

#[derive(diesel::QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// The one number a query gives.
async fn number(connection: &mut AsyncPgConnection, sql: &str) -> i64 {
    let found: Number = sql_query(format!("SELECT ({sql})::bigint AS number")).get_result(connection).await.expect(sql);
    found.number
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// The lines a query gives as text.
async fn lines(connection: &mut AsyncPgConnection, sql: &str) -> Vec<String> {
    let found: Vec<Line> = sql_query(sql).load(connection).await.expect(sql);
    found.into_iter().map(|row| row.line).collect()
}
