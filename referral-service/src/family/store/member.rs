//! Who belongs to a family, and when.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use shared::problem::Problem;
use uuid::Uuid;

use crate::family::domain::{Age, FamilyId, MemberRole};
use crate::schema::{family_member, person};

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
type Known = (String, String, Option<NaiveDate>);

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
