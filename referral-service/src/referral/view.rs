//! What a referral looks like to whoever reads it.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use shared::db::from_nullable_jsonb;
pub use shared::db::from_nullable_jsonb as read_json;
use shared::deadline::{Standing, standing};
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use utoipa::ToSchema;

use super::domain::{ReferralId, Status};
use super::previous::{OpenCase, PreviousReferral};
use super::shown::Shown;
use super::store::{self, Listed};
use super::told::{
    Caller, ContactChannel, ContactKind, Gender, LawfulBasis, NamedHousehold, NamedRelationship, Need, SendSupport,
    ServiceConsent, StepDownFrom, Urgency,
};

/// A referral, as far as the reader's view of it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralView {
    /// Its id.
    pub id: ReferralId,
    /// The reference to read out on the telephone.
    #[schema(example = "R-7K3M-9QXA-C")]
    pub reference: String,
    /// Where it stands.
    pub status: Status,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// The agency that referred.
    pub agency: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Whether it can't wait.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// By when the front door decides: one working day.
    pub decision_due_at: DateTime<Utc>,
    /// Where that clock stands.
    pub decision_clock: Standing,
    /// What was decided, oldest first. The reasons are the working team's to read.
    pub decisions: Vec<DecisionView>,
    /// What the referrer said (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactView>,
    /// Whom it is about (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<NamedPersonView>,
    /// Which services were asked (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<AllocationLine>,
    /// Other referrals of the same people that you see: those received in the twelve months before, and those
    /// still open, newest first (working team only, and only where one referral is read or taken in).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub previous: Vec<PreviousReferral>,
    /// Who is working with these people already, as far as you see it, newest first (working team only, and
    /// only where one referral is read or taken in).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open_cases: Vec<OpenCase>,
    /// What is worth looking at again in what was told, and no reason to refuse it: what is missing, what contradicts
    /// itself. `pointer` points into the form. Only in the answer to a submission.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<FieldError>,
    /// Whether this is all of it (`full`) or what its referrer may follow (`status`).
    pub view: String,
}

/// A decision.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DecisionView {
    /// `front_door` or `hub`.
    pub stage: String,
    /// What was decided.
    pub outcome: String,
    /// When.
    pub decided_at: DateTime<Utc>,
    /// Level of need, 1 universal to 4 acute (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level_of_need: Option<i16>,
    /// Why (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Who decided (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_by: Option<String>,
    /// Which manager signed it off, if it needed that: level 4, or no further action (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_off_by: Option<String>,
    /// How the hub came to it: in a `meeting`, at its `desk`, or outside a meeting because it was `urgent`
    /// (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<String>,
    /// Why it could not wait for the meeting (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgent_because: Option<String>,
    /// Who saw it otherwise (working team only).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dissent: Option<Vec<DissentView>>,
}

/// Somebody who saw it otherwise.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct DissentView {
    /// Who.
    pub who: String,
    /// For which agency.
    pub agency: String,
    /// What they said.
    pub words: String,
}

/// What the referrer said, word for word.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ContactView {
    /// Of what kind it is.
    pub kind: ContactKind,
    /// By which way it came.
    pub channel: ContactChannel,
    /// When it was told.
    pub made_at: DateTime<Utc>,
    /// Who told it.
    pub referrer: ReferrerView,
    /// Who called, where somebody else wrote down what they said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caller: Option<Caller>,
    /// Why it can't wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub urgency: Option<Urgency>,
    /// Whether the family knows of the referral.
    pub family_knows: bool,
    /// Codes of the set `concern`: those named and those of the needs.
    pub concerns: Vec<String>,
    /// What the family needs, and who in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs: Option<Vec<Need>>,
    /// What the referrer is worried about.
    pub worries: String,
    /// What is working well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_well: Option<String>,
    /// What needs to happen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_to_happen: Option<String>,
    /// What harm is feared if nothing changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub danger_statement: Option<String>,
    /// What everyone would see if the child were safe.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety_goal: Option<String>,
    /// How safe it is in the referrer's view, 0 to 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<i16>,
    /// The households of the people named, the main one first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub households: Option<Vec<NamedHousehold>>,
    /// What the people are to one another, by their places in `people`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationships: Option<Vec<NamedRelationship>>,
    /// Whether the family agrees to a service; absent where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consent: Option<ServiceConsent>,
    /// On which lawful basis it was shared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lawful_basis: Option<LawfulBasis>,
    /// Where a step down comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step_down: Option<StepDownFrom>,
    /// An earlier referral the referrer named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier_reference: Option<String>,
}

/// Who told the front door.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ReferrerView {
    /// Their name; absent where the caller gave none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What they are: teacher, neighbour, parent.
    pub role: String,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub telephone: Option<String>,
    /// How to reach them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// Someone the referrer named.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct NamedPersonView {
    /// Whom the index takes this to be.
    pub person_id: uuid::Uuid,
    /// What they are in the family.
    pub relation: String,
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// When an unborn child is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_on: Option<NaiveDate>,
    /// The household they live in, 0 the main one.
    #[serde(default)]
    pub household: i16,
    /// Address, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// Postcode, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// School, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub school: Option<String>,
    /// Gender.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// A code of the set `ethnicity`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ethnicity: Option<String>,
    /// The language they speak best.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether they need an interpreter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interpreter: Option<bool>,
    /// Whether they have a disability.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disability: Option<bool>,
    /// Support for special educational needs at school.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<SendSupport>,
}

/// A service that was asked.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct AllocationLine {
    /// The allocation's id.
    pub id: uuid::Uuid,
    /// The service.
    pub service: String,
    /// Whether it leads or supports the one that does.
    #[serde(default)]
    pub part: String,
    /// Where it stands.
    pub status: String,
    /// When it was asked.
    pub offered_at: DateTime<Utc>,
    /// What came of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
}

/// The status as a reader of this view sees it.
fn status_seen(status: &str, full: bool) -> Result<Status, Problem> {
    let status: Status = status.parse().map_err(|()| Problem::internal(&"unknown referral status"))?;
    Ok(if full { status } else { status.to_referrer() })
}

impl ReferralView {
    /// From a row, as of an instant.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Shown, now: DateTime<Utc>) -> Result<Self, Problem> {
        Ok(Self {
            id: ReferralId(row.id),
            reference: row.reference,
            status: status_seen(&row.status, row.full)?,
            received_at: row.received_at,
            agency: row.agency,
            locality: row.locality,
            urgent: row.urgent,
            decision_due_at: row.due_at,
            decision_clock: standing(row.due_at, row.met_at, now),
            decisions: from_nullable_jsonb(row.decisions)?.unwrap_or_default(),
            contact: from_nullable_jsonb(row.contact)?,
            people: from_nullable_jsonb(row.people)?.unwrap_or_default(),
            allocations: from_nullable_jsonb(row.allocations)?.unwrap_or_default(),
            previous: Vec::new(),
            open_cases: Vec::new(),
            warnings: Vec::new(),
            view: if row.full { "full" } else { "status" }.to_owned(),
        })
    }
}

/// A referral on a worklist.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReferralLine {
    /// Its id.
    pub id: ReferralId,
    /// The reference to read out.
    pub reference: String,
    /// Where it stands.
    pub status: Status,
    /// When the front door had it.
    pub received_at: DateTime<Utc>,
    /// The agency that referred.
    pub agency: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// Whether it can't wait.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// By when the front door decides.
    pub decision_due_at: DateTime<Utc>,
    /// Where that clock stands.
    pub decision_clock: Standing,
    /// The children it is about (working team only).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<ChildLine>,
    /// How many messages of the other side wait for yours: the agency that referred, or those who work on it.
    pub unread_messages: usize,
}

/// A child on a worklist.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ChildLine {
    /// Given name, as told.
    pub given_name: String,
    /// Family name, as told.
    pub family_name: String,
    /// Birth date, as told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
}

impl ReferralLine {
    fn of(row: Listed, now: DateTime<Utc>) -> Result<Self, Problem> {
        // A referral names at least one child, and only the working team sees it.
        let full = row.children.is_some();
        Ok(Self {
            id: ReferralId(row.id),
            reference: row.reference,
            status: status_seen(&row.status, full)?,
            received_at: row.received_at,
            agency: row.agency,
            locality: row.locality,
            urgent: row.urgent,
            decision_due_at: row.due_at,
            decision_clock: standing(row.due_at, row.met_at, now),
            children: from_nullable_jsonb(row.children)?.unwrap_or_default(),
            unread_messages: row.unseen.iter().filter(|side| (*side == "referrer") == full).count(),
        })
    }
}

/// A page of referrals from some scopes, as lists show them; who is on it stands in their access logs.
///
/// # Errors
/// As the database says.
pub async fn page_of(
    tx: &mut shared::service::Read,
    scopes: &[String],
    status: Option<Status>,
    after: Cursor,
    limit: i64,
) -> Result<Page<ReferralLine>, Problem> {
    page(tx, scopes, status, false, after, limit).await
}

/// The same of those that can't wait.
///
/// # Errors
/// As the database says.
pub async fn page_of_urgent(
    tx: &mut shared::service::Read,
    scopes: &[String],
    status: Option<Status>,
    after: Cursor,
    limit: i64,
) -> Result<Page<ReferralLine>, Problem> {
    page(tx, scopes, status, true, after, limit).await
}

async fn page(
    tx: &mut shared::service::Read,
    scopes: &[String],
    status: Option<Status>,
    urgent: bool,
    after: Cursor,
    limit: i64,
) -> Result<Page<ReferralLine>, Problem> {
    let now = tx.now();
    let statuses = status.map(|status| status.asked_by(scopes));
    let rows = store::list(tx, scopes, statuses.as_deref(), urgent, after, limit).await?;
    let page = Page::from_rows(
        rows,
        limit,
        |row| Cursor { sort_at: row.sort_at, id: row.id },
        |row| ReferralLine::of(row, now),
    );
    let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
    tx.entry.records = items.iter().map(|line| line.id.0).collect();
    Ok(Page { items, next: page.next })
}

/// What whoever asked should know, and what nobody stops them from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// A stable word for programs: `over_ceiling`, `full`.
    #[schema(example = "over_ceiling")]
    pub code: String,
    /// The same for people.
    pub detail: String,
}
