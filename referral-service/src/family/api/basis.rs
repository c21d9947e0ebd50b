//! What a case rests on when it is opened: an allocation, an earlier case, or the family's own request; and who
//! leads it.

use chrono::{DateTime, Utc};
use shared::actor::Actor;
use shared::code::Rules;
use shared::id::UserId;
use shared::problem::{self, FieldError, Problem};
use shared::service::{Stop, Write};

use super::case::CaseForm;
use super::worker::{WorkerForm, may_name};
use crate::family::domain::{CaseId, FamilyId, Origin, due};
use crate::family::store::{case, family};
use crate::referral::allocation::worker;
use crate::referral::domain::ReferralId;

/// Who leads the case from its beginning: whoever is named, else whoever leads the allocation.
///
/// # Errors
/// 403 if the caller may not name whom they name.
pub async fn lead_worker<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    body: &CaseForm,
) -> Result<Option<WorkerForm>, Problem> {
    let allocation = body.allocation_id.map(|id| id.0);
    let leads = match allocation {
        Some(allocation) => worker::all(tx, allocation).await?,
        None => Vec::new(),
    };
    let leads = leads.into_iter().find(|worker| worker.part == "lead" && worker.until_at.is_none());
    let leads = leads.map(|worker| WorkerForm { user_id: UserId(worker.user_id), name: worker.name, reached_by: None });
    let Some(named) = &body.lead_worker else { return Ok(leads) };
    let known = leads.is_some_and(|leads| leads.user_id == named.user_id);
    if !known {
        may_name(actor, named)?;
    }
    Ok(Some(named.clone()))
}

/// What a case rests on.
pub struct Basis {
    /// Where the case comes from.
    pub origin: Origin,
    /// Whose it is.
    pub team: String,
    /// The referral, if it came from one.
    pub referral: Option<ReferralId>,
}

/// What the case rests on, if the body says so rightly; what is wrong with it is added to `errors`.
///
/// # Errors
/// 403 if the allocation is another team's; 409 if no case can be opened from it now.
pub async fn basis<T>(
    tx: &mut Write<'_, T>,
    actor: &Actor,
    body: &CaseForm,
    errors: &mut Vec<FieldError>,
) -> Result<Option<Basis>, Stop> {
    let teams: Vec<String> =
        actor.scopes().iter().filter_map(|scope| scope.strip_prefix("team:").map(str::to_owned)).collect();
    let asked = body.team.as_ref().map(|team| team.as_str().to_owned());
    match (body.allocation_id, body.previous_case_id, &body.request_reason) {
        (Some(id), None, None) => {
            let Some(allocation) = family::allocation(tx, id).await? else {
                errors.push(FieldError::at("/allocation_id", "unknown", "is no allocation you see"));
                return Ok(None);
            };
            if !teams.contains(&allocation.service) {
                return Err(Problem::new(problem::NOT_ALLOWED).detail("the allocation is another team's").into());
            }
            if allocation.status != "accepted" {
                return Err(Problem::conflict(
                    "accept the allocation first; one that was closed or declined opens no case",
                )
                .into());
            }
            if case::has_case(tx, id.0).await? {
                return Err(Problem::conflict("this allocation has its case").into());
            }
            if asked.is_some_and(|team| team != allocation.service) {
                errors.push(FieldError::at("/team", "does_not_fit", "is not the team that accepted the allocation"));
            }
            Ok(Some(Basis {
                origin: Origin::Allocation,
                team: allocation.service,
                referral: Some(allocation.referral_id),
            }))
        }
        (None, previous, request) if previous.is_some() != request.is_some() => {
            let origin = if previous.is_some() { Origin::TopUp } else { Origin::SelfRequest };
            match (asked, teams.as_slice()) {
                (Some(team), teams) if teams.contains(&team) => Ok(Some(Basis { origin, team, referral: None })),
                (None, [team]) => Ok(Some(Basis { origin, team: team.clone(), referral: None })),
                (Some(_), _) => {
                    errors.push(FieldError::at("/team", "unknown", "is no team of yours"));
                    Ok(None)
                }
                (None, _) => {
                    errors.push(FieldError::at("/team", "required", "is needed: you are not in exactly one team"));
                    Ok(None)
                }
            }
        }
        _ => {
            let detail = "say one of allocation_id, previous_case_id and request_reason";
            errors.push(FieldError::at("/allocation_id", "does_not_fit", detail));
            Ok(None)
        }
    }
}

/// Why the family can't come back after this case, if it can't: it was not this family's, has not
/// ended by a planned exit, or too long ago.
///
/// # Errors
/// As the database says.
pub async fn top_up_error<T>(
    tx: &mut Write<'_, T>,
    rules: &Rules,
    previous: CaseId,
    family: FamilyId,
    now: DateTime<Utc>,
) -> Result<Option<FieldError>, Stop> {
    let wrong = |code, detail| Ok(Some(FieldError::at("/previous_case_id", code, detail)));
    let Some(case) = case::cases_of(tx, family).await?.into_iter().find(|case| case.id == previous) else {
        return wrong("unknown", "is no case of this family");
    };
    let (Some(closed_at), Some(ending)) = (case.closed_at, case::ending(tx, previous).await?) else {
        return wrong("does_not_fit", "is not closed, or not your team's");
    };
    if !ending.planned_exit {
        return wrong(
            "does_not_fit",
            "did not end by a planned exit: a new referral, or the family's own request, opens a case",
        );
    }
    if due(rules, "top_up_return", &case.case_type, closed_at).is_none_or(|until| until < now) {
        return wrong(
            "too_late",
            "ended too long ago for a top-up: a new referral, or the family's own request, opens a case",
        );
    }
    Ok(None)
}
