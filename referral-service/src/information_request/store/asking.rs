//! What agencies can be asked, of whom, and the request itself.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Bool, Date, Nullable, SmallInt, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::actor::Actor;
use shared::db::KeepPrepared;
use shared::problem::{self, Problem};
use uuid::Uuid;

use super::super::api::ask::InformationRequestForm;
use super::super::domain::{RequestId, RequestStatus, ScopeRule};
use crate::referral::domain::ReferralId;
use crate::schema::{allocation, information_request, information_request_person, information_source};

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
