//! What a family and a case look like to whoever reads them.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::deadline::{Standing, standing};
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{CaseId, CaseStatus, FamilyId, FamilyState, MemberRole, Origin, RelationshipKind};
use super::store::case::{self, Case};
use super::store::family::{self, Family};
use super::store::household;
use super::store::member::{Member, members_ever};
use super::store::worker::{self, Team, Worker};

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

/// Who is helping, or has helped.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseLine {
    /// The case's id.
    pub id: CaseId,
    /// A code of the set `case_type`.
    pub case_type: String,
    /// Whose it is, a code of the set `service`.
    pub team: String,
    /// Where it stands.
    pub status: CaseStatus,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// Who leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_worker: Option<WorkerView>,
}

/// A worker on a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct WorkerView {
    /// The user.
    pub user_id: Uuid,
    /// Their name.
    pub name: String,
    /// How to reach them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reached_by: Option<String>,
    /// Since when.
    pub from_at: DateTime<Utc>,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_at: Option<DateTime<Utc>>,
}

impl From<&Worker> for WorkerView {
    fn from(row: &Worker) -> Self {
        Self {
            user_id: row.user_id,
            name: row.name.clone(),
            reached_by: row.reached_by.clone(),
            from_at: row.from_at,
            to_at: row.to_at,
        }
    }
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
    let cases = case::cases_of(connection, row.id).await?;
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

async fn case_lines(connection: &mut AsyncPgConnection, cases: Vec<Case>) -> Result<Vec<CaseLine>, Problem> {
    let ids: Vec<CaseId> = cases.iter().map(|case| case.id).collect();
    // The last to lead: of a closed case, whoever led it then.
    let leads: BTreeMap<CaseId, WorkerView> = worker::workers(connection, &ids)
        .await?
        .iter()
        .filter(|worker| worker.part == "lead")
        .map(|worker| (worker.case_id, WorkerView::from(worker)))
        .collect();
    cases
        .into_iter()
        .map(|case| {
            Ok(CaseLine {
                status: case.status()?,
                lead_worker: leads.get(&case.id).cloned(),
                id: case.id,
                case_type: case.case_type,
                team: case.team,
                opened_at: case.opened_at,
                closed_at: case.closed_at,
            })
        })
        .collect()
}

/// A case, as far as the reader's view of it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseView {
    /// Its id.
    pub id: CaseId,
    /// The family it is about.
    pub family_id: FamilyId,
    /// The family's reference.
    pub family_reference: String,
    /// The family's district.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locality: Option<String>,
    /// The referral it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referral_id: Option<Uuid>,
    /// The allocation it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allocation_id: Option<Uuid>,
    /// A code of the set `case_type`.
    pub case_type: String,
    /// Whose it is, a code of the set `service`.
    pub team: String,
    /// How it came to be.
    pub origin: Origin,
    /// The case it follows, for a "top-up".
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_case_id: Option<CaseId>,
    /// Where it stands.
    pub status: CaseStatus,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
    /// When the family began to work with the service.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub engaged_on: Option<NaiveDate>,
    /// When it was closed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_at: Option<DateTime<Utc>>,
    /// Who leads now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lead_worker: Option<WorkerView>,
    /// Who supports now.
    pub supporting_workers: Vec<WorkerView>,
    /// Who led or supported before.
    pub former_workers: Vec<WorkerView>,
    /// The other teams that help on this case, codes of the set `service`.
    pub supporting_teams: Vec<String>,
    /// What is due, and what was.
    pub clocks: Vec<ClockView>,
    /// On what grounds it was opened (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment: Option<AttachmentView>,
    /// How it ended (working team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ending: Option<EndingView>,
    /// Whether this is all of it (`full`) or who is helping (`involvement`).
    pub view: String,
}

/// A clock of a case.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClockView {
    /// What is due: `case_engagement`, `family_assessment`, `family_review`.
    pub code: String,
    /// By when.
    pub due_at: DateTime<Utc>,
    /// When it was done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub met_at: Option<DateTime<Utc>>,
    /// Where the clock stands.
    pub standing: Standing,
}

/// On what grounds a case was opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttachmentView {
    /// The day.
    pub attached_on: NaiveDate,
    /// The framework whose problems were counted.
    pub framework: String,
    /// How many of them make a family eligible.
    pub threshold: i16,
    /// Those the family had: codes of the set `concern`.
    pub problems: Vec<String>,
    /// Whether they were enough.
    pub eligible: bool,
    /// What the family asked for, where it asked for itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_reason: Option<String>,
    /// Why the case was opened although they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regardless_reason: Option<String>,
}

/// How a case ended.
#[derive(Debug, Serialize, ToSchema)]
pub struct EndingView {
    /// What came of it.
    pub outcome: String,
    /// Whether the exit was planned: then the family may come back for a "top-up".
    pub planned_exit: bool,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}

/// The case as the caller sees it.
///
/// # Errors
/// As the database says.
pub async fn case_view(connection: &mut AsyncPgConnection, row: Case, now: DateTime<Utc>) -> Result<CaseView, Problem> {
    let family = family::seen(connection, row.family_id).await?;
    let workers = worker::workers(connection, &[row.id]).await?;
    let teams = worker::teams(connection, &[row.id]).await?;
    let attachment = case::attachment(connection, row.id).await?;
    let ending = case::ending(connection, row.id).await?;
    let clocks = case::clocks(connection, row.id).await?;
    let now_as =
        |part: &'static str| workers.iter().filter(move |w| w.part == part && w.to_at.is_none()).map(WorkerView::from);
    Ok(CaseView {
        id: row.id,
        family_id: row.family_id,
        family_reference: family.reference,
        locality: family.locality,
        referral_id: row.referral_id,
        allocation_id: row.allocation_id,
        origin: row.origin.parse().map_err(|()| Problem::internal(&"unknown origin of a case"))?,
        status: row.status()?,
        case_type: row.case_type,
        team: row.team,
        previous_case_id: row.previous_case_id,
        opened_at: row.opened_at,
        engaged_on: row.engaged_on,
        closed_at: row.closed_at,
        lead_worker: now_as("lead").next(),
        supporting_workers: now_as("supporting").collect(),
        former_workers: workers.iter().filter(|w| w.to_at.is_some()).map(WorkerView::from).collect(),
        supporting_teams: teams.into_iter().filter(|team| team.to_at.is_none()).map(|team: Team| team.team).collect(),
        clocks: clocks
            .into_iter()
            .map(|clock| ClockView {
                standing: standing(clock.due_at, clock.met_at, now),
                code: clock.code,
                due_at: clock.due_at,
                met_at: clock.met_at,
            })
            .collect(),
        view: if attachment.is_some() { "full" } else { "involvement" }.to_owned(),
        attachment: attachment.map(|one| AttachmentView {
            attached_on: one.attached_on,
            framework: one.framework,
            threshold: one.threshold,
            problems: one.problems,
            eligible: one.eligible,
            request_reason: one.request_reason,
            regardless_reason: one.regardless_reason,
        }),
        ending: ending.map(|one| EndingView {
            outcome: one.outcome,
            planned_exit: one.planned_exit,
            summary: one.summary,
        }),
    })
}
