//! What a plan and an action look like to whoever reads them.

use chrono::{DateTime, NaiveDate, Utc};
use diesel_async::AsyncPgConnection;
use serde::{Deserialize, Serialize};
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::{ActionId, ActionStatus, GoalId, PlanId};
use super::store::{self, Action, HistoryLine, Plan};
use crate::family::CaseId;

/// A plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanView {
    /// Its id.
    pub id: PlanId,
    /// The case it is of.
    pub case_id: CaseId,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// By whom.
    pub made_by: String,
    /// What is aimed at.
    pub goals: Vec<GoalView>,
    /// Everything that was asked on this case, oldest first.
    pub actions: Vec<ActionLine>,
    /// Who of the family signed it, oldest first.
    pub signatures: Vec<SignatureView>,
    /// Whether the family has signed it as it stands now.
    pub signed: bool,
}

/// A goal.
#[derive(Debug, Serialize, ToSchema)]
pub struct GoalView {
    /// Its id.
    pub id: GoalId,
    /// In words.
    pub goal: String,
    /// The need it answers, a code of the set `concern`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub need: Option<String>,
    /// Whose it is, if one person's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person_id: Option<Uuid>,
    /// When it was set.
    pub set_on: NaiveDate,
    /// `open`, or how it ended: `achieved`, `partly_achieved`, `not_achieved`, `dropped`.
    pub status: String,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_on: Option<NaiveDate>,
    /// What came of it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Somebody of the family signed the plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignatureView {
    /// Who.
    pub person_id: Uuid,
    /// When.
    pub signed_on: NaiveDate,
    /// Whether they signed it as it stands now, or as it stood before a later change.
    pub current: bool,
}

/// Whose an action is.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct OwnerView {
    /// `agency`, `worker`, `family`, or `other`: a body that is no agency of the partnership.
    pub kind: String,
    /// The agency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub agency: Option<String>,
    /// The worker.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub user_id: Option<Uuid>,
    /// The worker's name, or that of a body which is no agency.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub name: Option<String>,
    /// The member of the family.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub person_id: Option<Uuid>,
}

/// An action, as lists and plans show it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionLine {
    /// Its id.
    pub id: ActionId,
    /// The reference of the family it is for.
    pub family_reference: String,
    /// What is to be done.
    pub what: String,
    /// Whose it is.
    pub owner: OwnerView,
    /// The day by which it is to be done.
    pub due_on: NaiveDate,
    /// Where it stands.
    pub status: ActionStatus,
    /// Whether it is past that day and not done.
    pub overdue: bool,
    /// When it was asked.
    pub proposed_at: DateTime<Utc>,
    /// When it was answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_at: Option<DateTime<Utc>>,
    /// When it was completed, declined or cancelled.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<DateTime<Utc>>,
    /// The goal it leads to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub goal_id: Option<GoalId>,
    /// The meeting it came from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meeting_id: Option<Uuid>,
}

/// An action, as far as the reader's view of it goes.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionView {
    /// The action.
    #[serde(flatten)]
    pub action: ActionLine,
    /// Whom it concerns, as stated to whoever is asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concerns: Option<ConcernsView>,
    /// Who asks.
    pub proposed_by: String,
    /// What happened to it, oldest first.
    pub history: Vec<ActionHistory>,
    /// The case it is of (the case's team only).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub case_id: Option<CaseId>,
}

/// Whom an action concerns, and where.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConcernsView {
    /// Their name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Their birth date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<NaiveDate>,
    /// The address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
}

/// Something that happened to an action.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActionHistory {
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub who: String,
    /// Their agency.
    pub agency: String,
    /// Where it stood then.
    pub status: String,
    /// In words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub words: Option<String>,
    /// How the owner told it, where the case's team recorded it for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub told_by: Option<String>,
}

impl ActionLine {
    /// From a row, on a day.
    ///
    /// # Errors
    /// 500 if the row holds what this program does not know.
    pub fn of(row: Action, today: NaiveDate) -> Result<Self, Problem> {
        let status = row.status()?;
        Ok(Self {
            id: row.id,
            family_reference: row.family_reference,
            what: row.what,
            owner: OwnerView {
                kind: row.owner_kind,
                agency: row.owner_agency,
                user_id: row.owner_user,
                name: row.owner_name,
                person_id: row.owner_person,
            },
            due_on: row.due_on,
            overdue: !status.is_ended() && row.due_on < today,
            status,
            proposed_at: row.proposed_at,
            answered_at: row.answered_at,
            ended_at: row.ended_at,
            goal_id: row.goal_id,
            meeting_id: row.meeting_id,
        })
    }

    /// What of it another agency sees: not of which goal or meeting it came.
    fn for_agency(self) -> Self {
        Self { goal_id: None, meeting_id: None, ..self }
    }
}

/// An action as the caller sees it: the case's team with the case, others without.
///
/// # Errors
/// As the database says.
pub async fn action_view(
    connection: &mut AsyncPgConnection,
    row: Action,
    today: NaiveDate,
) -> Result<ActionView, Problem> {
    let lines = store::history(connection, row.id).await?;
    let team = crate::family::case_whole(connection, row.case_id).await.is_ok();
    let concerns = ConcernsView {
        name: row.concerns_name.clone(),
        birth_date: row.concerns_birth_date,
        address: row.concerns_address.clone(),
    };
    let stated = concerns.name.is_some() || concerns.address.is_some();
    let (case_id, proposed_by) = (row.case_id, row.proposed_by_name.clone());
    let action = ActionLine::of(row, today)?;
    Ok(ActionView {
        action: if team { action } else { action.for_agency() },
        concerns: stated.then_some(concerns),
        proposed_by,
        history: lines.into_iter().map(ActionHistory::from).collect(),
        case_id: team.then_some(case_id),
    })
}

/// Actions on a list, as the caller sees them.
///
/// # Errors
/// As the database says.
pub async fn action_lines(
    connection: &mut AsyncPgConnection,
    rows: Vec<Action>,
    today: NaiveDate,
) -> Result<Vec<ActionLine>, Problem> {
    let cases: Vec<CaseId> = rows.iter().map(|row| row.case_id).collect();
    let seen = crate::family::cases_whole(connection, &cases).await?;
    rows.into_iter()
        .map(|row| {
            let team = seen.contains(&row.case_id);
            let line = ActionLine::of(row, today)?;
            Ok(if team { line } else { line.for_agency() })
        })
        .collect()
}

impl From<HistoryLine> for ActionHistory {
    fn from(row: HistoryLine) -> Self {
        Self { at: row.at, who: row.who, agency: row.agency, status: row.what, words: row.words, told_by: row.told_by }
    }
}

/// A plan with everything in it.
///
/// # Errors
/// As the database says.
pub async fn plan_view(connection: &mut AsyncPgConnection, row: Plan, today: NaiveDate) -> Result<PlanView, Problem> {
    let goals = store::goals(connection, row.id).await?;
    let signatures = store::signatures(connection, row.id).await?;
    let actions = store::actions_of(connection, row.case_id).await?;
    let signatures: Vec<SignatureView> = signatures
        .into_iter()
        .map(|one| SignatureView {
            person_id: one.person_id,
            signed_on: one.signed_on,
            current: one.plan_version == row.version,
        })
        .collect();
    Ok(PlanView {
        id: row.id,
        case_id: row.case_id,
        made_at: row.made_at,
        made_by: row.made_by_name,
        goals: goals
            .into_iter()
            .map(|goal| GoalView {
                id: goal.id,
                goal: goal.goal,
                need: goal.need,
                person_id: goal.person_id,
                set_on: goal.set_on,
                status: goal.status,
                closed_on: goal.closed_on,
                note: goal.note,
            })
            .collect(),
        actions: actions.into_iter().map(|action| ActionLine::of(action, today)).collect::<Result<_, _>>()?,
        signed: signatures.iter().any(|one| one.current),
        signatures,
    })
}
