//! Asking for an action, finding and reading actions.

use std::collections::BTreeSet;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::json;
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::deadline;
use shared::page::{Cursor, Page};
use shared::problem::{FieldError, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::alert::{self, Alert, Urgency};
use crate::family::{self, Case, CaseId, Member, end_of};
use crate::plan::domain::{ActionId, ActionStatus, GoalId, NAMED_IN_WORDS, Owner, OwnerForm, due_error};
use crate::plan::event::of_action;
use crate::plan::store::{self, Action};
use crate::plan::view::{ActionLine, ActionView, action_lines, action_view};
use crate::policy;

/// Routes of actions.
pub fn routes(config: &mut ServiceConfig) {
    config.service(propose_action).service(list_actions).service(read_action);
}

/// Something to be done.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "what": "Hold off the eviction until the arrears plan is agreed.", "owner": { "agency": "district-charnwood" },
    "due_on": "2026-12-18", "concerns": { "address": true } }))]
pub struct ActionForm {
    /// What is to be done. Whoever is asked reads this: say no more of the family than they need.
    #[schema(min_length = 1, max_length = 4000)]
    pub what: String,
    /// Who is to do it.
    pub owner: OwnerForm,
    /// The day by which it is to be done.
    pub due_on: NaiveDate,
    /// Whom it concerns and where, to be told to whoever is asked. Without it they read the family's
    /// reference alone.
    pub concerns: Option<ConcernsForm>,
    /// The goal it leads to.
    pub goal_id: Option<GoalId>,
    /// The meeting of the team around the family it came from.
    pub meeting_id: Option<Uuid>,
}

/// What of the family is told with an action.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "address": true }))]
pub struct ConcernsForm {
    /// Someone of the family: name and birth date are told.
    pub person_id: Option<Uuid>,
    /// `true`: the family's main address is told.
    pub address: Option<bool>,
}

/// Ask for an action
///
/// Of the family, a worker, or another agency, which has an alert of it and sees the action and nothing else of the case.
/// What you take on yourself, and what the family takes on, is accepted; everybody else answers. For a body that is no
/// agency of the partnership the case's team does.
/// What is overdue is chased.
#[utoipa::path(operation_id = "propose_action", tag = "plans", request_body = ActionForm,
    params(("id" = uuid::Uuid, Path, description = "The case's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = ActionView)))]
#[post("/v1/cases/{id}/actions")]
async fn propose_action(
    service: Data<Service>,
    command: Command<ActionForm>,
    id: Path<CaseId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::PROPOSE_ACTION, async |tx| {
            let case = family::case_to_add_to(tx, &command.actor, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let today = now.local_day();
            // The work may go on with somebody who has left the family.
            let members = family::members_ever(tx, case.family_id).await?;
            let family = family::seen(tx, case.family_id).await?;
            let (owner, concerns) = checked(tx, &case, &body, &members, &service.rules(), today).await?;
            case.require_open()?;
            let taken_on = match &owner {
                Owner::Family(_) => true,
                Owner::Worker(user, _) => *user == command.actor.user.0,
                Owner::Agency(_) | Owner::Other(_) => false,
            };
            let status = if taken_on { ActionStatus::Accepted } else { ActionStatus::Proposed };
            let mut action = Action {
                id: ActionId::new(),
                case_id: id,
                goal_id: body.goal_id,
                meeting_id: body.meeting_id,
                family_id: family.id,
                family_reference: family.reference,
                case_type: case.case_type,
                team: case.team,
                locality: family.locality,
                what: body.what,
                concerns_person: concerns.person,
                concerns_name: concerns.name,
                concerns_birth_date: concerns.birth_date,
                concerns_address: concerns.address,
                owner_kind: owner.kind().to_owned(),
                owner_agency: None,
                owner_user: None,
                owner_person: None,
                owner_name: None,
                due_on: body.due_on,
                status: status.as_str().to_owned(),
                proposed_at: now,
                proposed_by_name: command.actor.name.clone(),
                answered_at: taken_on.then_some(now),
                ended_at: None,
                version: 1,
            };
            let also = match owner {
                Owner::Agency(agency) => {
                    let scope = format!("agency:{agency}");
                    action.owner_agency = Some(agency);
                    Some(scope)
                }
                Owner::Worker(user, name) => {
                    action.owner_user = Some(user);
                    action.owner_name = Some(name);
                    Some(format!("user:{user}"))
                }
                Owner::Family(person) => {
                    action.owner_person = Some(person);
                    None
                }
                Owner::Other(body) => {
                    action.owner_name = Some(body);
                    None
                }
            };
            store::add_action(tx, &action).await?;
            show_to(tx, &action, also, status).await?;
            store::note(tx, &action, &command.actor, now, None, None).await?;
            deadline::start(tx, action.id.0, "plan_action", now, end_of(body.due_on)).await?;
            deadline::assign(tx, action.id.0, "plan_action", action.owner_user).await?;
            let answer_due = service.rules().due("plan_action_answer", now).filter(|_| !taken_on);
            if let Some(due) = answer_due {
                deadline::start(tx, action.id.0, "plan_action_answer", now, due).await?;
                deadline::assign(tx, action.id.0, "plan_action_answer", action.owner_user).await?;
            }
            let facts =
                json!({ "answer_due_at": answer_due, "meeting_id": action.meeting_id, "goal_id": action.goal_id });
            tx.publish(of_action("action.proposed.v1", &action, facts));
            let (action_id, locality) = (action.id, action.locality.clone());
            let own = command.actor.agency.as_str();
            let asked_elsewhere =
                action.owner_agency.as_ref().filter(|agency| *agency != own).map(|agency| [format!("agency:{agency}")]);
            let view = action_view(tx, action, today).await?;
            let people: BTreeSet<Uuid> = members.iter().map(|member| member.person_id).collect();
            let pairs: Vec<(Uuid, Uuid)> = people.iter().map(|person| (action_id.0, *person)).collect();
            access::subjects(tx, &pairs).await?;
            if let Some(scopes) = asked_elsewhere {
                let people: Vec<Uuid> = people.into_iter().collect();
                let reminder = Alert {
                    kind: "action_proposed",
                    urgency: Urgency::Reminder,
                    about: "actions",
                    record: action_id.0,
                    people: &people,
                    scopes: &scopes,
                    locality: locality.as_deref(),
                };
                alert::tell(tx, &reminder).await?;
            }
            Ok(Done::created(format!("/v1/actions/{action_id}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, &command.actor, ActionId(stored.id()?)).await?.1)).await
}

/// What is told of the family.
#[derive(Default)]
struct Concerns {
    person: Option<Uuid>,
    name: Option<String>,
    birth_date: Option<NaiveDate>,
    address: Option<String>,
}

/// The owner, and what is told of the family, if the form says both rightly.
async fn checked<T>(
    tx: &mut Write<'_, T>,
    case: &Case,
    body: &ActionForm,
    members: &[Member],
    rules: &Rules,
    today: NaiveDate,
) -> Result<(Owner, Concerns), Stop> {
    let mut errors: Vec<FieldError> = due_error(body.due_on, today).into_iter().collect();
    if let Some(agency) = &body.owner.agency {
        errors.extend(rules.agency_error(agency.as_str(), "/owner/agency", NAMED_IN_WORDS));
    }
    let mut add = |at: &str, code: &str, detail: &str| errors.push(FieldError::at(at, code, detail));
    let owner = Owner::of(&body.owner);
    if let Ok(Owner::Family(person)) = &owner
        && !members.iter().any(|member| member.person_id == *person)
    {
        add("/owner/person_id", "unknown", "never belonged to the family");
    }
    if let Some(goal) = body.goal_id {
        let plan = store::of_case(tx, case.id).await?;
        let goals = match plan {
            Some(plan) => store::goals(tx, plan.id).await?,
            None => Vec::new(),
        };
        match goals.iter().find(|row| row.id == goal) {
            None => add("/goal_id", "unknown", "is no goal of this case's plan"),
            Some(row) if row.status != "open" => add("/goal_id", "does_not_fit", "has ended"),
            Some(_) => {}
        }
    }
    if let Some(meeting) = body.meeting_id
        && !store::has_meeting(tx, case.id, meeting).await?
    {
        add("/meeting_id", "unknown", "is no meeting of this case");
    }
    let mut concerns = Concerns::default();
    if let Some(form) = &body.concerns {
        if let Some(person) = form.person_id {
            match members.iter().find(|member| member.person_id == person) {
                None => add("/concerns/person_id", "unknown", "never belonged to the family"),
                Some(member) => {
                    concerns.person = Some(person);
                    concerns.name = Some(format!("{} {}", member.given_name, member.family_name));
                    concerns.birth_date = member.birth_date;
                }
            }
        }
        if form.address == Some(true) {
            let there = family::addresses(tx, case.family_id).await?;
            let main =
                |row: &&family::Address| row.main && row.from_date <= today && row.to_date.is_none_or(|to| today < to);
            match there.iter().find(main) {
                None => add("/concerns/address", "unknown", "the family has no main address now: add it first"),
                Some(row) => {
                    let postcode = row.postcode.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
                    concerns.address = Some(format!("{}{postcode}", row.address));
                }
            }
        }
    }
    match owner {
        Ok(owner) if errors.is_empty() => Ok((owner, concerns)),
        owner => {
            errors.extend(owner.err());
            Err(Problem::invalid(errors).into())
        }
    }
}

/// Shows a new action to everyone who sees the case whole, and to whoever is asked.
async fn show_to<T>(
    tx: &mut Write<'_, T>,
    action: &Action,
    also: Option<String>,
    status: ActionStatus,
) -> Result<(), Stop> {
    let mut scopes = family::holders(tx, action.case_id).await?;
    scopes.extend(also);
    let grants: Vec<Grant> = scopes
        .into_iter()
        .map(|scope| Grant {
            record: action.id.0,
            kind: "action",
            scope,
            view: View::Full,
            state: status.as_str(),
            sort_at: action.proposed_at,
        })
        .collect();
    access::grant(tx, &grants).await?;
    Ok(())
}

/// List actions
///
/// Those your agency was asked for, yours, and those of your team's cases; newest first.
#[utoipa::path(operation_id = "list_actions", tag = "plans",
    params(("status" = Option<ActionStatus>, Query, description = "Only those that stand here"),
           ("asked_of" = Option<String>, Query, description = "`me`: only those that are mine; `agency`: only those my agency was asked for"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<ActionLine>)))]
#[get("/v1/actions")]
async fn list_actions(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ACTION, async |tx| {
            policy::READ_ACTION.require(&actor)?;
            let mut query = Query::of(&request);
            let status =
                query.optional::<ActionStatus>("status", "proposed, accepted, declined, completed or cancelled");
            let asked_of = query.optional::<AskedOf>("asked_of", "me or agency");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let wanted = |scope: &String| match asked_of {
                None => true,
                Some(AskedOf::Me) => scope.starts_with("user:"),
                Some(AskedOf::Agency) => scope.starts_with("agency:"),
            };
            let scopes: Vec<String> = actor.scopes().into_iter().filter(wanted).collect();
            let rows = store::list(tx, &scopes, status, cursor, limit).await?;
            let page = Page::from_rows(rows, limit, |row| Cursor { sort_at: row.proposed_at, id: row.id.0 }, |row| row);
            tx.entry.records = page.items.iter().map(|item| item.id.0).collect();
            let today = tx.now().local_day();
            Ok(Page { items: action_lines(tx, page.items, today).await?, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Of whom an action was asked.
#[derive(Clone, Copy)]
enum AskedOf {
    Me,
    Agency,
}

impl std::str::FromStr for AskedOf {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "me" => Ok(AskedOf::Me),
            "agency" => Ok(AskedOf::Agency),
            _ => Err(()),
        }
    }
}

/// Read an action
///
/// What is asked, by when, and what happened to it. Whoever is asked reads of the family what was
/// stated on the action. The ETag is its version: send it as `If-Match` with your answer.
#[utoipa::path(operation_id = "read_action", tag = "plans",
    params(("id" = uuid::Uuid, Path, description = "The action's id")),
    responses((status = 200, body = ActionView)))]
#[get("/v1/actions/{id}")]
async fn read_action(service: Data<Service>, actor: Actor, id: Path<ActionId>) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

/// An action as the actor sees it, with its version.
///
/// # Errors
/// 404 if the actor doesn't see it.
pub async fn show(service: &Service, actor: &Actor, id: ActionId) -> Result<(i64, ActionView), Problem> {
    service
        .read(actor, &policy::READ_ACTION, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::action(tx, id).await?;
            policy::READ_ACTION.require(actor)?;
            tx.entry.records.push(id.0);
            let (version, today) = (row.version, tx.now().local_day());
            Ok((version, action_view(tx, row, today).await?))
        })
        .await
}
