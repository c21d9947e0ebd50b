//! The rows of requests and answers.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::page::Cursor;
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::api::answer::AnswerForm;
use super::api::ask::InformationRequestForm;
use super::domain::{RequestId, RequestStatus, ScopeRule};
use crate::referral::domain::ReferralId;
use crate::schema::{
    allocation, disclosure, information_answer, information_item, information_request, information_request_person,
    information_source,
};

/// Something an agency can be asked for.
#[derive(Debug, QueryableByName)]
pub struct Offered {
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Text)]
    pub kind: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub code: Option<String>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    pub most_years: Option<i16>,
    #[diesel(sql_type = Nullable<Bool>)]
    pub verified: Option<bool>,
}

/// What each agency can be asked for, or one of them, by agency and code.
///
/// # Errors
/// As the database says.
pub async fn offered(connection: &mut AsyncPgConnection, agency: Option<&str>) -> Result<Vec<Offered>, Problem> {
    let one = if agency.is_some() { "s.agency = $1" } else { "$1::text IS NULL" };
    let statement = format!(
        "SELECT s.agency, s.kind, r.code, r.most_years, r.verified
         FROM information_source s LEFT JOIN information_scope_rule r ON r.kind = s.kind
         WHERE {one} ORDER BY s.agency, r.code"
    );
    Ok(diesel::sql_query(statement).bind::<Nullable<Text>, _>(agency).prepared().load(connection).await?)
}

/// The rules among what is offered.
pub fn rules_of(offered: &[Offered]) -> Vec<ScopeRule> {
    let rule = |one: &Offered| Some(ScopeRule { code: one.code.clone()?, most_years: one.most_years? });
    offered.iter().filter_map(rule).collect()
}

/// Adds an agency that can be asked.
///
/// # Errors
/// 409 if it is there already.
pub async fn add_source(
    connection: &mut AsyncPgConnection,
    agency: &str,
    kind: &str,
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    use information_source::dsl;
    let added = diesel::insert_into(dsl::information_source)
        .values((dsl::agency.eq(agency), dsl::kind.eq(kind), dsl::added_at.eq(now), dsl::added_by_name.eq(&who.name)))
        .on_conflict_do_nothing()
        .execute(connection)
        .await?;
    if added == 1 { Ok(()) } else { Err(Problem::new(problem::DUPLICATE).detail("this agency can be asked already")) }
}

/// Somebody whom a referral is about, as an agency is to search for them.
#[derive(Debug, Clone, QueryableByName)]
pub struct Identity {
    #[diesel(sql_type = SqlUuid)]
    pub person_id: Uuid,
    #[diesel(sql_type = Text)]
    pub given_name: String,
    #[diesel(sql_type = Text)]
    pub family_name: String,
    #[diesel(sql_type = Nullable<Date>)]
    pub birth_date: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Text>)]
    pub address: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub postcode: Option<String>,
}

impl Identity {
    /// Which fields there are to tell.
    pub fn fields(&self) -> Vec<&'static str> {
        let known = [
            ("given_name", true),
            ("family_name", true),
            ("birth_date", self.birth_date.is_some()),
            ("address", self.address.is_some()),
            ("postcode", self.postcode.is_some()),
        ];
        known.into_iter().filter(|(_, known)| *known).map(|(field, _)| field).collect()
    }
}

/// The people a referral is about, as they were told of first.
///
/// # Errors
/// As the database says.
pub async fn identities(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Identity>, Problem> {
    Ok(diesel::sql_query(
        "SELECT DISTINCT ON (l.person_id) l.person_id, n.given_name, n.family_name, n.birth_date,
                coalesce(n.address, h.address) AS address, coalesce(n.postcode, h.postcode) AS postcode
         FROM person_link l JOIN named_person n ON n.id = l.named_person_id
         LEFT JOIN named_household h ON h.referral_id = n.referral_id AND h.place = n.household
         WHERE l.referral_id = $1 ORDER BY l.person_id, n.place",
    )
    .bind::<SqlUuid, _>(referral)
    .prepared()
    .load(connection)
    .await?)
}

/// The scope of the team that leads the work on a referral, as far as the caller sees it.
///
/// # Errors
/// As the database says.
pub async fn leading(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Option<String>, Problem> {
    let service: Option<String> = allocation::table
        .filter(allocation::referral_id.eq(referral))
        .filter(allocation::status.eq("accepted"))
        .filter(allocation::part.eq("lead"))
        .select(allocation::service)
        .first(connection)
        .await
        .optional()?;
    Ok(service.map(|service| format!("team:{service}")))
}

/// A request that is about to be asked.
#[derive(Debug)]
pub struct Asking<'a> {
    /// What is asked.
    pub form: &'a InformationRequestForm,
    /// What kind of holder the agency is.
    pub kind: &'a str,
    /// The family's district.
    pub locality: Option<&'a str>,
    /// In which scope it is asked.
    pub scope: &'a str,
    /// By when it should be answered.
    pub due: DateTime<Utc>,
}

/// Keeps a request and whom it is about.
///
/// # Errors
/// As the database says.
pub async fn insert(
    connection: &mut AsyncPgConnection,
    id: RequestId,
    referral: ReferralId,
    asking: &Asking<'_>,
    people: &[Identity],
    who: &Actor,
    now: DateTime<Utc>,
) -> Result<(), Problem> {
    let form = asking.form;
    use information_request::dsl;
    diesel::insert_into(dsl::information_request)
        .values((
            (
                dsl::id.eq(id),
                dsl::referral_id.eq(referral),
                dsl::agency.eq(form.agency.as_str()),
                dsl::kind.eq(asking.kind),
                dsl::status.eq(RequestStatus::Asked.as_str()),
                dsl::scopes.eq(form.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>()),
                dsl::years_back.eq(form.years_back),
                dsl::justification.eq(&form.justification),
                dsl::purpose.eq(form.purpose.as_str()),
                dsl::lawful_basis.eq(form.lawful_basis.as_str()),
                dsl::question.eq(&form.question),
                dsl::locality.eq(asking.locality),
            ),
            (
                dsl::asked_at.eq(now),
                dsl::due_at.eq(asking.due),
                dsl::asked_by.eq(who.user.0),
                dsl::asked_by_name.eq(&who.name),
                dsl::asked_by_agency.eq(who.agency.as_str()),
                dsl::asked_in.eq(asking.scope),
                dsl::version.eq(1),
            ),
        ))
        .execute(connection)
        .await?;
    use information_request_person::dsl as person;
    let rows: Vec<_> = people
        .iter()
        .zip(1i16..)
        .map(|(one, number)| {
            (
                person::request_id.eq(id),
                person::number.eq(number),
                person::person_id.eq(one.person_id),
                person::given_name.eq(&one.given_name),
                person::family_name.eq(&one.family_name),
                person::birth_date.eq(one.birth_date),
                person::address.eq(&one.address),
                person::postcode.eq(&one.postcode),
            )
        })
        .collect();
    diesel::insert_into(person::information_request_person).values(rows).execute(connection).await?;
    Ok(())
}

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

/// A request as whoever sees it may see it.
#[derive(Debug, QueryableByName)]
pub struct Shown {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub referral_id: Uuid,
    /// Whether the caller sees the referral whole.
    #[diesel(sql_type = Bool)]
    pub team: bool,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = SmallInt)]
    pub years_back: i16,
    #[diesel(sql_type = Nullable<Text>)]
    pub justification: Option<String>,
    #[diesel(sql_type = Text)]
    pub purpose: String,
    #[diesel(sql_type = Text)]
    pub lawful_basis: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub question: Option<String>,
    #[diesel(sql_type = Timestamptz)]
    pub asked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Text)]
    pub asked_by_name: String,
    #[diesel(sql_type = Text)]
    pub asked_by_agency: String,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Text>)]
    pub cancelled_because: Option<String>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
    #[diesel(sql_type = Jsonb)]
    pub people: serde_json::Value,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub answer: Option<serde_json::Value>,
}

const SHOWN: &str = "\
SELECT q.id, q.referral_id, q.agency, q.status, q.scopes, q.years_back, q.justification, q.purpose, q.lawful_basis,
       q.question, q.asked_at, q.due_at, q.asked_by_name, q.asked_by_agency, q.settled_at, q.cancelled_because, q.version,
       EXISTS (SELECT 1 FROM record_scope s WHERE s.record_id = q.referral_id AND s.view = 'full') AS team,
       (SELECT jsonb_agg(jsonb_build_object('number', p.number, 'person_id', p.person_id, 'given_name', p.given_name,
               'family_name', p.family_name, 'birth_date', p.birth_date, 'address', p.address, 'postcode', p.postcode)
               ORDER BY p.number)
        FROM information_request_person p WHERE p.request_id = q.id) AS people,
       (SELECT jsonb_build_object('found', a.found, 'reason', a.reason, 'answered_at', a.answered_at,
               'answered_by', a.answered_by_name,
               'items', coalesce((SELECT jsonb_agg(jsonb_build_object('scope', i.scope, 'about', i.about, 'from', i.from_date,
                       'to', i.to_date, 'words', i.words, 'dash_grade', i.dash_grade) ORDER BY i.place)
                       FROM information_item i WHERE i.request_id = q.id), '[]'::jsonb))
        FROM information_answer a WHERE a.request_id = q.id) AS answer
FROM information_request q";

/// One request as the caller sees it.
///
/// # Errors
/// 404 if the caller doesn't.
pub async fn show(connection: &mut AsyncPgConnection, id: RequestId) -> Result<Shown, Problem> {
    let rows: Vec<Shown> = diesel::sql_query(format!("{SHOWN} WHERE q.id = $1"))
        .bind::<SqlUuid, _>(id)
        .prepared()
        .load(connection)
        .await?;
    rows.into_iter().next().ok_or_else(Problem::not_found)
}

/// All requests about a referral, oldest first. There are a few.
///
/// # Errors
/// As the database says.
pub async fn of_referral(connection: &mut AsyncPgConnection, referral: ReferralId) -> Result<Vec<Shown>, Problem> {
    Ok(diesel::sql_query(format!("{SHOWN} WHERE q.referral_id = $1 ORDER BY q.asked_at, q.id"))
        .bind::<SqlUuid, _>(referral)
        .prepared()
        .load(connection)
        .await?)
}

/// A request on a list: whom it is about is for those who read it.
#[derive(Debug, QueryableByName)]
pub struct Line {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub agency: String,
    #[diesel(sql_type = Text)]
    pub status: String,
    #[diesel(sql_type = Array<Text>)]
    pub scopes: Vec<String>,
    #[diesel(sql_type = Timestamptz)]
    pub asked_at: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    pub due_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub settled_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Text)]
    pub asked_by_agency: String,
}

/// The statement behind `GET /v1/information-requests`: led by the scopes in `$1` and the statuses in `$2`.
pub const LIST: &str = "\
SELECT q.id, q.agency, q.status, q.scopes, q.asked_at, q.due_at, q.settled_at, q.asked_by_agency
FROM (SELECT DISTINCT p.sort_at, p.record_id
      FROM unnest($1) AS s(scope), unnest($2) AS t(state)
      CROSS JOIN LATERAL (
          SELECT sort_at, record_id FROM record_scope
          WHERE scope = s.scope AND kind = 'information_request' AND state = t.state AND (sort_at, record_id) < ($3, $4)
          ORDER BY sort_at DESC, record_id DESC LIMIT $5) p
      ORDER BY p.sort_at DESC, p.record_id DESC LIMIT $5) page
JOIN information_request q ON q.id = page.record_id
ORDER BY page.sort_at DESC, page.record_id DESC";

/// A page of the requests in any of the scopes that stand in one of the states, newest first, one row more
/// than `limit`.
///
/// # Errors
/// As the database says.
pub async fn list(
    connection: &mut AsyncPgConnection,
    scopes: &[String],
    states: &[&str],
    after: Cursor,
    limit: i64,
) -> Result<Vec<Line>, Problem> {
    Ok(diesel::sql_query(LIST)
        .bind::<Array<Text>, _>(scopes)
        .bind::<Array<Text>, _>(states)
        .bind::<Timestamptz, _>(after.sort_at)
        .bind::<SqlUuid, _>(after.id)
        .bind::<BigInt, _>(limit + 1)
        .prepared()
        .load(connection)
        .await?)
}

/// That something about a person was told.
#[derive(Debug, Queryable, Selectable)]
#[diesel(table_name = disclosure)]
pub struct Told {
    pub id: Uuid,
    pub at: DateTime<Utc>,
    pub from_agency: String,
    pub to_agency: String,
    pub fields: Vec<String>,
    pub purpose: String,
    pub lawful_basis: String,
    pub about: String,
    pub about_id: Uuid,
    pub by_name: String,
}

/// A page of what was told about a person, newest first, one row more than `limit`.
///
/// # Errors
/// As the database says.
pub async fn disclosures(
    connection: &mut AsyncPgConnection,
    person: Uuid,
    after: Cursor,
    limit: i64,
) -> Result<Vec<Told>, Problem> {
    use disclosure::dsl;
    Ok(dsl::disclosure
        .filter(dsl::person_id.eq(person))
        .filter(dsl::at.lt(after.sort_at).or(dsl::at.eq(after.sort_at).and(dsl::id.lt(after.id))))
        .order((dsl::at.desc(), dsl::id.desc()))
        .limit(limit + 1)
        .select(Told::as_select())
        .load(connection)
        .await?)
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Bool)]
    seen: bool,
}

/// Whether the caller sees that there is such a person, in any view.
///
/// # Errors
/// As the database says.
pub async fn person_is_seen(connection: &mut AsyncPgConnection, person: Uuid) -> Result<bool, Problem> {
    let row: Seen = diesel::sql_query(
        "SELECT EXISTS (SELECT 1 FROM record_scope WHERE record_id = $1 AND kind = 'person') AS seen",
    )
    .bind::<SqlUuid, _>(person)
    .prepared()
    .get_result(connection)
    .await?;
    Ok(row.seen)
}
