//! Who belongs to a family, and when.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::db::KeepPrepared;
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::domain::household::Living;
use crate::family::domain::{Age, FamilyId, MemberRole};
use crate::schema::{family, family_member, person};

/// A membership, with what is known of the person.
#[derive(Clone, Debug)]
pub struct Member {
    /// The membership.
    pub id: Uuid,
    /// Whose it is.
    pub person_id: Uuid,
    /// What they are in the family.
    pub role: MemberRole,
    /// Whether they are not born yet.
    pub unborn: bool,
    /// When they are expected.
    pub expected_on: Option<NaiveDate>,
    /// Whether this is the household they mainly live in.
    pub main_household: bool,
    /// Whether they live in the household at all.
    pub in_household: bool,
    /// The first day.
    pub from_date: NaiveDate,
    /// The first day no longer.
    pub to_date: Option<NaiveDate>,
    /// Why it ended, a code of the set `membership_end`.
    pub ended_because: Option<String>,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
}

impl Member {
    /// What says whether they are a child.
    pub fn age(&self) -> Age {
        Age { role: self.role, birth_date: self.birth_date, unborn: self.unborn }
    }

    /// Where they live.
    pub fn living(&self) -> Living {
        Living { in_household: self.in_household, main_household: self.main_household }
    }

    /// Whether they belong to the family on a day.
    pub fn belongs(&self, on: NaiveDate) -> bool {
        self.from_date <= on && self.to_date.is_none_or(|to| on < to)
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = family_member)]
struct Membership {
    id: Uuid,
    person_id: Uuid,
    role: String,
    unborn: bool,
    expected_on: Option<NaiveDate>,
    main_household: bool,
    in_household: bool,
    from_date: NaiveDate,
    to_date: Option<NaiveDate>,
    ended_because: Option<String>,
}

/// Given name, family name, birth date.
pub type Known = (String, String, Option<NaiveDate>);

/// Everyone who ever belonged to the family, children first, each from their oldest membership on.
/// Empty for a caller who does not see the family whole.
///
/// # Errors
/// As the database says.
pub async fn members_ever(connection: &mut AsyncPgConnection, id: FamilyId) -> Result<Vec<Member>, Problem> {
    // A person who is hidden from the caller hides the family too, so the join loses nobody.
    let rows: Vec<(Membership, Known)> = family_member::table
        .inner_join(person::table.on(person::id.eq(family_member::person_id)))
        .filter(family_member::family_id.eq(id))
        .order((family_member::from_date, family_member::id))
        .select((Membership::as_select(), (person::given_name, person::family_name, person::birth_date)))
        .load(connection)
        .await?;
    let mut members = rows
        .into_iter()
        .map(|(row, (given_name, family_name, birth_date))| {
            Ok(Member {
                id: row.id,
                person_id: row.person_id,
                role: row.role.parse().map_err(|()| Problem::internal(&"unknown role in a family"))?,
                unborn: row.unborn && birth_date.is_none(),
                expected_on: row.expected_on,
                main_household: row.main_household,
                in_household: row.in_household,
                from_date: row.from_date,
                to_date: row.to_date,
                ended_because: row.ended_because,
                given_name,
                family_name,
                birth_date,
            })
        })
        .collect::<Result<Vec<Member>, Problem>>()?;
    members.sort_by_key(|member| member.role != MemberRole::Child);
    Ok(members)
}

/// Who belongs to the family on a day, children first.
///
/// # Errors
/// As the database says.
pub async fn members(connection: &mut AsyncPgConnection, id: FamilyId, on: NaiveDate) -> Result<Vec<Member>, Problem> {
    let mut members = members_ever(connection, id).await?;
    members.retain(|member| member.belongs(on));
    Ok(members)
}

/// A membership to be kept.
#[derive(Clone, Debug, Insertable)]
#[diesel(table_name = family_member)]
pub struct NewMember {
    pub id: Uuid,
    pub family_id: FamilyId,
    pub person_id: Uuid,
    pub role: &'static str,
    pub unborn: bool,
    pub expected_on: Option<NaiveDate>,
    pub main_household: bool,
    pub in_household: bool,
    pub from_date: NaiveDate,
    pub to_date: Option<NaiveDate>,
    pub ended_because: Option<String>,
}

/// Keeps memberships.
///
/// # Errors
/// As the database says.
pub async fn add_members(connection: &mut AsyncPgConnection, rows: &[NewMember]) -> Result<(), Problem> {
    diesel::insert_into(family_member::table).values(rows).execute(connection).await?;
    Ok(())
}

/// Ends a membership.
///
/// # Errors
/// As the database says.
pub async fn end_member(
    connection: &mut AsyncPgConnection,
    id: Uuid,
    to: NaiveDate,
    because: &str,
) -> Result<(), Problem> {
    diesel::update(family_member::table.find(id))
        .set((family_member::to_date.eq(to), family_member::ended_because.eq(because)))
        .execute(connection)
        .await?;
    Ok(())
}

/// Says where somebody lives, of the whole of a membership.
///
/// # Errors
/// As the database says.
pub async fn set_living(connection: &mut AsyncPgConnection, id: Uuid, living: Living) -> Result<(), Problem> {
    diesel::update(family_member::table.find(id))
        .set((
            family_member::main_household.eq(living.main_household),
            family_member::in_household.eq(living.in_household),
        ))
        .execute(connection)
        .await?;
    Ok(())
}

/// What is known of people the caller sees: given name, family name, birth date, by id.
///
/// # Errors
/// As the database says.
pub async fn known(connection: &mut AsyncPgConnection, people: &[Uuid]) -> Result<HashMap<Uuid, Known>, Problem> {
    let rows: Vec<(Uuid, Known)> = person::table
        .filter(person::id.eq_any(people))
        .select((person::id, (person::given_name, person::family_name, person::birth_date)))
        .load(connection)
        .await?;
    Ok(rows.into_iter().collect())
}

/// A membership of the main household in another family that the caller sees.
#[derive(Clone, Debug, Queryable)]
pub struct Elsewhere {
    /// Whose.
    pub person_id: Uuid,
    /// The other family.
    pub family_id: FamilyId,
    /// Its reference.
    pub reference: String,
    /// Since when.
    pub from_date: NaiveDate,
    /// Until when.
    pub to_date: Option<NaiveDate>,
}

/// Where else, among the families the caller sees, these people have their main household.
///
/// # Errors
/// As the database says.
pub async fn main_elsewhere(
    connection: &mut AsyncPgConnection,
    people: &[Uuid],
    but: Option<FamilyId>,
) -> Result<Vec<Elsewhere>, Problem> {
    let rows = family_member::table
        .inner_join(family::table.on(family::id.eq(family_member::family_id)))
        .filter(family_member::person_id.eq_any(people))
        .filter(family_member::main_household)
        .select((
            family_member::person_id,
            family_member::family_id,
            family::reference,
            family_member::from_date,
            family_member::to_date,
        ))
        .load::<Elsewhere>(connection)
        .await?;
    Ok(rows.into_iter().filter(|row| Some(row.family_id) != but).collect())
}

#[derive(QueryableByName)]
struct Hidden {
    #[diesel(sql_type = SqlUuid)]
    person_id: Uuid,
}

/// Which of these people have their main household elsewhere on these days, seen or not. For an
/// alert to those who see both; the caller is told nothing.
///
/// # Errors
/// As the database says.
pub async fn main_anywhere(
    connection: &mut AsyncPgConnection,
    people: &[Uuid],
    but: FamilyId,
    days: (NaiveDate, Option<NaiveDate>),
) -> Result<Vec<Uuid>, Problem> {
    let rows: Vec<Hidden> =
        diesel::sql_query("SELECT family_main_elsewhere AS person_id FROM family_main_elsewhere($1, $2, $3, $4)")
            .bind::<Array<SqlUuid>, _>(people)
            .bind::<SqlUuid, _>(but)
            .bind::<Date, _>(days.0)
            .bind::<Nullable<Date>, _>(days.1)
            .prepared()
            .load(connection)
            .await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}
