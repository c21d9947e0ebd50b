//! A change that referral-service must agree to: look, ask, record (see the slice's own words on
//! where that may break).

use serde::de::DeserializeOwned;
use shared::access::Action;
use shared::actor::Actor;
use shared::background::Background;
use shared::client::OnBehalf;
use shared::db::Tx;
use shared::etag;
use shared::problem::{self, Problem};
use shared::request::Command;
use shared::service::{Done, Read, Service, Written};
use utoipa::ToSchema;
use uuid::Uuid;

use super::ask::{self, Answer, Ask};
use super::domain::{PreventionCaseId, Step};
use super::event;
use super::store::{self, Reached};
use super::view::PreventionCase;
use crate::policy;

/// The only view of a case so far: the team's.
pub const VIEW: &str = "full";

/// What a change needs: this service, its worker role, and the owner of allocations.
pub struct Desk<'a> {
    /// The web role's side of it.
    pub service: &'a Service,
    /// The worker role's side of it.
    pub background: &'a Background,
    /// referral-service.
    pub owner: &'a OnBehalf,
}

/// A change that someone wants.
pub struct Wish {
    /// What referral-service is asked.
    pub ask: Ask,
    /// Why, in their words.
    pub reason: Option<String>,
    /// What came of the work.
    pub outcome: Option<&'static str>,
}

/// What a look at the case came to.
struct Looked {
    allocation: Uuid,
    wish: Wish,
    /// The case stands where the wish wants it, did not when its caller read it, and nobody's name
    /// is to it: this may be the request that brought it there, sent again because its answer was
    /// lost.
    late: bool,
}

/// Carries a change out at referral-service and here.
///
/// # Errors
/// 404, 403, 428, 412, 422 and 409 as every change; 409 too if referral-service refuses because
/// the allocation stands elsewhere, which is recorded; 503 if it is away or its answer is lost.
pub async fn carry_out<T: DeserializeOwned + ToSchema + 'static>(
    desk: &Desk<'_>,
    id: PreventionCaseId,
    command: &Command<T>,
    action: &'static Action,
    step: Step,
    wish: impl FnOnce(T, &[u8]) -> Wish,
) -> Result<Written<PreventionCase>, Problem> {
    let Desk { service, background, owner } = desk;
    let actor = &command.actor;
    let looked = service
        .read(actor, action, async |tx| {
            let looked = look(tx, id, command, action, step, wish).await?;
            // A look is no deed: what becomes of it is audited where it is recorded or refused.
            tx.entry = Default::default();
            Ok(looked)
        })
        .await?;
    if let Some(looked) = &looked
        && let Err(refusal) = ask_owner(background, owner, actor, looked, step).await
    {
        let refused = service.read(actor, action, async |tx| {
            tx.entry.record = Some(id.0);
            tx.entry.records.push(id.0);
            Err(refusal)
        });
        return refused.await;
    }
    service
        .write(command, action, async |tx| {
            let case = store::lock(tx, id).await?;
            tx.entry.record = Some(id.0);
            tx.entry.records.push(id.0);
            // If-Match was held to the case before referral-service was asked. It has agreed since:
            // that stands, even if its event was faster than this transaction.
            tx.proceed(None).await?;
            let Some(Looked { wish, .. }) = looked else {
                return Err(Problem::new(problem::BUSY).into());
            };
            let (status, at, outcome) = (step.target(), tx.now(), wish.outcome);
            let reached = Reached { status, at, by: Some(actor), reason: wish.reason.as_deref(), outcome };
            if store::record(tx, &case, &reached).await?.first {
                tx.publish(event::event_of(&case, status, at, outcome));
            }
            let (version, view) = view(tx, id).await?;
            Ok(Done::changed(version, view))
        })
        .await
}

/// Everything that can be refused without asking referral-service. None: it was carried out before.
async fn look<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Read,
    id: PreventionCaseId,
    command: &Command<T>,
    action: &Action,
    step: Step,
    wish: impl FnOnce(T, &[u8]) -> Wish,
) -> Result<Option<Looked>, Problem> {
    let case = store::find(tx, id).await?;
    tx.entry.record = Some(id.0);
    tx.entry.records.push(id.0);
    action.require(&command.actor)?;
    if store::was_carried_out(tx, command).await? {
        return Ok(None);
    }
    let late = match etag::require(command.if_match()?, case.version) {
        Ok(()) => false,
        Err(stale) if stale.kind() == problem::STALE && case.status == step.target() => {
            if command.if_match()? > Some(case.version) || !store::was_learnt(tx, id, case.status).await? {
                return Err(stale);
            }
            true
        }
        Err(refusal) => return Err(refusal),
    };
    let wish = wish(command.body()?, &command.fingerprint());
    if !late {
        case.status.transition(step).map_err(|refused| Problem::conflict(refused.to_string()))?;
    }
    Ok(Some(Looked { allocation: case.allocation, wish, late }))
}

/// Asks referral-service; what it says of the allocation instead of agreeing is recorded at once.
async fn ask_owner(
    background: &Background,
    owner: &OnBehalf,
    actor: &Actor,
    looked: &Looked,
    step: Step,
) -> Result<(), Problem> {
    match ask::ask(owner, actor, looked.allocation, &looked.wish.ask).await {
        Ok(Answer::Agreed) => Ok(()),
        Ok(Answer::Stands { status, outcome }) => {
            let trace = actor.trace.as_deref();
            event::take_in_answer(background, looked.allocation, status, outcome.as_deref(), trace).await?;
            Err(match status.transition(step) {
                Err(refused) if !looked.late => Problem::conflict(refused.to_string()),
                _ => Problem::new(problem::STALE),
            })
        }
        Err(refusal) => Err(refusal),
    }
}

/// A case with its version, as the team sees it.
///
/// # Errors
/// 404.
pub async fn view(tx: &mut Tx, id: PreventionCaseId) -> Result<(i64, PreventionCase), Problem> {
    let case = store::find(tx, id).await?;
    let people = store::people(tx, id).await?;
    let people = people.into_iter().map(Into::into).collect();
    Ok((case.version, PreventionCase { summary: case.into(), people }))
}

/// Reads a case as someone, and audits that.
///
/// # Errors
/// 404, 403.
pub async fn read_case(
    service: &Service,
    actor: &Actor,
    id: PreventionCaseId,
) -> Result<(i64, PreventionCase), Problem> {
    service
        .read(actor, &policy::READ_CASE, async |tx| {
            let found = view(tx, id).await?;
            tx.entry.record = Some(id.0);
            tx.entry.records.push(id.0);
            policy::READ_CASE.require(actor)?;
            Ok(found)
        })
        .await
}
