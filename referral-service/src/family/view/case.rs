//! What a case looks like to whoever reads it.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::Serialize;
use shared::deadline::{Standing, standing};
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::family::domain::{CaseId, CaseStatus, FamilyId, Origin};
use crate::family::store::case::{self, Case};
use crate::family::store::family;
use crate::family::store::worker::{self, Team, Worker};

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

pub async fn case_lines(connection: &mut AsyncPgConnection, cases: Vec<Case>) -> Result<Vec<CaseLine>, Problem> {
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
