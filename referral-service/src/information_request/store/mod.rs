//! The rows of requests and answers: how a request changes here, how it is made in `asking`, how it is shown in
//! `reading`.

mod asking;
mod reading;

pub use asking::*;
use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
pub use reading::*;
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use super::api::answer::AnswerForm;
use super::domain::{RequestId, RequestStatus};
use crate::referral::domain::ReferralId;
use crate::schema::{information_answer, information_item, information_request, information_request_person};

/// A request's row, locked for change.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = information_request)]
pub struct Request {
    pub id: RequestId,
    pub referral_id: ReferralId,
    pub agency: String,
    pub kind: String,
    status: String,
    pub scopes: Vec<String>,
    pub years_back: i16,
    pub purpose: String,
    pub lawful_basis: String,
    pub locality: Option<String>,
    pub asked_at: DateTime<Utc>,
    pub due_at: DateTime<Utc>,
    pub asked_by_agency: String,
    pub asked_in: String,
    pub version: i64,
}

impl Request {
    /// Refuses what can be done only while it is asked.
    ///
    /// # Errors
    /// 409 with where it stands.
    pub fn must_be_asked(&self) -> Result<(), Problem> {
        let status: RequestStatus =
            self.status.parse().map_err(|()| Problem::internal(&"unknown status of a request"))?;
        if status == RequestStatus::Asked { Ok(()) } else { Err(Problem::conflict(status.in_words())) }
    }
}

/// The request, locked until the transaction ends, if the caller sees it.
///
/// # Errors
/// 404 if not.
pub async fn for_change(connection: &mut AsyncPgConnection, id: RequestId) -> Result<Request, Problem> {
    let row = information_request::table
        .find(id)
        .select(Request::as_select())
        .for_update()
        .first(connection)
        .await
        .optional()?;
    row.ok_or_else(Problem::not_found)
}

/// Which referral a request is of, if the caller sees it: asked before anything is locked, because the
/// referral is always locked first.
///
/// # Errors
/// 404 if the caller doesn't see the request.
pub async fn referral_of(connection: &mut AsyncPgConnection, id: RequestId) -> Result<ReferralId, Problem> {
    let found = information_request::table
        .find(id)
        .select(information_request::referral_id)
        .first(connection)
        .await
        .optional()?;
    found.ok_or_else(Problem::not_found)
}

/// The people a request is about, in the order of their numbers.
///
/// # Errors
/// As the database says.
pub async fn people(connection: &mut AsyncPgConnection, id: RequestId) -> Result<Vec<Uuid>, Problem> {
    use information_request_person::dsl;
    Ok(dsl::information_request_person
        .filter(dsl::request_id.eq(id))
        .order(dsl::number)
        .select(dsl::person_id)
        .load(connection)
        .await?)
}

/// Keeps an agency's answer.
///
/// # Errors
/// As the database says.
pub async fn answer(
    connection: &mut AsyncPgConnection,
    request: &Request,
    form: &AnswerForm,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use information_answer::dsl;
    diesel::insert_into(dsl::information_answer)
        .values((
            dsl::request_id.eq(request.id),
            dsl::found.eq(form.found.as_str()),
            dsl::reason.eq(&form.reason),
            dsl::answered_at.eq(now),
            dsl::answered_by.eq(who.user.0),
            dsl::answered_by_name.eq(&who.name),
        ))
        .execute(connection)
        .await?;
    use information_item::dsl as item;
    let rows: Vec<_> = form
        .items
        .iter()
        .zip(0i16..)
        .map(|(told, place)| {
            (
                item::request_id.eq(request.id),
                item::place.eq(place),
                item::scope.eq(told.scope.as_str()),
                item::about.eq(&told.about),
                item::from_date.eq(told.from),
                item::to_date.eq(told.to),
                item::words.eq(&told.words),
                item::dash_grade.eq(told.dash_grade.map(|grade| grade.as_str())),
            )
        })
        .collect();
    diesel::insert_into(item::information_item).values(rows).execute(connection).await?;
    diesel::update(information_request::table.find(request.id))
        .set((
            information_request::status.eq(RequestStatus::Answered.as_str()),
            information_request::settled_at.eq(now),
            information_request::version.eq(request.version + 1),
        ))
        .execute(connection)
        .await?;
    shared::access::move_to_state(connection, request.id.0, RequestStatus::Answered.as_str()).await
}

/// Takes a request back.
///
/// # Errors
/// As the database says.
pub async fn cancel(
    connection: &mut AsyncPgConnection,
    request: &Request,
    because: &str,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    diesel::sql_query("SELECT information_requests_end($1, $2, $3, $4)")
        .bind::<SqlUuid, _>(request.referral_id)
        .bind::<SqlUuid, _>(request.id)
        .bind::<Text, _>(because)
        .bind::<Timestamptz, _>(now)
        .prepared()
        .execute(connection)
        .await?;
    Ok(())
}
