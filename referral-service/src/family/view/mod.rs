//! What a family looks like to whoever reads it; a case, in [`case_view`].

mod case;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{FamilyId, FamilyState, MemberRole, RelationshipKind};
use super::store::case::cases_of;
use super::store::family::{self, Family};
use super::store::household;
use super::store::member::{Member, members_ever};
use case::case_lines;

pub use case::{AttachmentView, CaseLine, CaseView, ClockView, EndingView, WorkerView, case_view};

/// A family, as far as the reader's view of it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct FamilyView {
    /// Its id.
    pub id: FamilyId,
    /// The reference to read out on the telephone.
    #[schema(example = "F-7K3M-9QXA-C")]
    pub reference: String,
    /// What it is called (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The district it lives in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// When it was formed.
    pub formed_at: DateTime<Utc>,
    /// Whether a service works with it now.
    pub state: FamilyState,
    /// Who belongs to it, children first (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<MemberView>,
    /// Who is what to whom (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub relationships: Vec<RelationshipView>,
    /// Where it lives (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<AddressView>,
    /// Who is helping, and who has helped, oldest first.
    pub cases: Vec<CaseLine>,
    /// Whether this is all of it (`full`) or who is helping (`involvement`).
    pub view: String,
}

/// Someone of the family.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberView {
    /// The person.
    pub person_id: Uuid,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// What they are in the family.
    pub role: MemberRole,
    /// Not born yet.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unborn: bool,
    /// When they are expected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_on: Option<NaiveDate>,
    /// Whether this is the household they mainly live in.
    pub main_household: bool,
    /// Whether they live in this household at all.
    pub in_household: bool,
    /// The first day.
    pub from_date: NaiveDate,
    /// The first day no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_date: Option<NaiveDate>,
    /// Why it ended, a code of the set `membership_end`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_because: Option<String>,
}

impl From<Member> for MemberView {
    fn from(row: Member) -> Self {
        Self {
            person_id: row.person_id,
            given_name: row.given_name,
            family_name: row.family_name,
            birth_date: row.birth_date,
            role: row.role,
            unborn: row.unborn,
            expected_on: row.expected_on,
            main_household: row.main_household,
            in_household: row.in_household,
            from_date: row.from_date,
            to_date: row.to_date,
            ended_because: row.ended_because,
        }
    }
}

/// What someone is to another: read "`person_id` `kind` `other_id`".
#[derive(Debug, Serialize, ToSchema)]
pub struct RelationshipView {
    /// The relationship's id.
    pub id: Uuid,
    /// Who.
    pub person_id: Uuid,
    /// Is what.
    pub kind: RelationshipKind,
    /// To whom.
    pub other_id: Uuid,
    /// Since when, if it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_date: Option<NaiveDate>,
    /// The first day no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_date: Option<NaiveDate>,
}

/// Where the family lives or lived.
#[derive(Debug, Serialize, ToSchema)]
pub struct AddressView {
    /// The address's id.
    pub id: Uuid,
    /// Whether it is the family's main address.
    pub main: bool,
    /// The address.
    pub address: String,
    /// Its postcode.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// How it is held, a code of the set `tenure`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenure: Option<String>,
    /// The first day.
    pub from_date: NaiveDate,
    /// The first day no longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_date: Option<NaiveDate>,
}

/// Which of a family's people and addresses are shown.
#[derive(Clone, Copy, Debug)]
pub enum Shown {
    /// Those of a day.
    On(NaiveDate),
    /// All there ever were.
    Ever,
}

impl Shown {
    fn holds(self, from: Option<NaiveDate>, to: Option<NaiveDate>) -> bool {
        match self {
            Shown::Ever => true,
            Shown::On(day) => from.is_none_or(|from| from <= day) && to.is_none_or(|to| day < to),
        }
    }
}

/// The family as the caller sees it.
///
/// # Errors
/// As the database says.
pub async fn family_view(connection: &mut AsyncPgConnection, row: Family, shown: Shown) -> Result<FamilyView, Problem> {
    let name = family::name(connection, row.id).await?;
    let mut members = members_ever(connection, row.id).await?;
    members.retain(|member| shown.holds(Some(member.from_date), member.to_date));
    let mut relationships = Vec::new();
    for tie in household::relationships(connection, row.id).await? {
        if shown.holds(tie.from_date, tie.to_date) {
            relationships.push(RelationshipView {
                id: tie.id,
                person_id: tie.person_id,
                kind: tie.tie()?.kind,
                other_id: tie.other_id,
                from_date: tie.from_date,
                to_date: tie.to_date,
            });
        }
    }
    let addresses = household::addresses(connection, row.id).await?;
    let cases = cases_of(connection, row.id).await?;
    let open = cases.iter().any(|case| case.closed_at.is_none());
    Ok(FamilyView {
        id: row.id,
        reference: row.reference,
        view: if name.is_some() { "full" } else { "involvement" }.to_owned(),
        name,
        locality: row.locality,
        formed_at: row.formed_at,
        state: if open { FamilyState::Open } else { FamilyState::Known },
        members: members.into_iter().map(MemberView::from).collect(),
        relationships,
        addresses: addresses
            .into_iter()
            .filter(|address| shown.holds(Some(address.from_date), address.to_date))
            .map(|address| AddressView {
                id: address.id,
                main: address.main,
                address: address.address,
                postcode: address.postcode,
                tenure: address.tenure,
                from_date: address.from_date,
                to_date: address.to_date,
            })
            .collect(),
        cases: case_lines(connection, cases).await?,
    })
}
