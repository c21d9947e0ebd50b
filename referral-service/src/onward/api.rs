//! `/v1/onward-referrals`.

use std::sync::Arc;

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::auth::{ServiceIdentity, Verifier};
use shared::deadline;
use shared::page::{Cursor, Page};
use shared::problem::{self, FieldError, Problem, ProblemDocument};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, Stop, Write, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::{OnwardId, OnwardStatus, Step};
use super::event::{self, BY_WORKER, scope_of};
use super::form::{
    NewOnwardLink, OnwardAnswer, OnwardAnswerForm, OnwardForm, OnwardOutcomeForm, OnwardWithdrawal, check,
};
use super::letter::{Letter, Occasion};
use super::link;
use super::share::{SharedContent, chosen, copied};
use super::store::{self, Disclosure, Row};
use super::view::{ANSWER, OnwardLine, OnwardView, whole};
use crate::policy;
use crate::provision::{self, Asked, Named, Obstacle, obstacles};
use crate::referral::domain::{ReferralId, Status};
use crate::referral::for_change as referral_for_change;
use crate::referral::shown::show as referral_shown;
use crate::referral::view::ReferralView;

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_onward_referrals)
        .service(refer_onward)
        .service(read_onward_referral)
        .service(write_onward_letter)
        .service(renew_onward_link)
        .service(record_onward_answer)
        .service(record_onward_outcome)
        .service(withdraw_onward_referral)
        .service(link::open_onward_link)
        .service(link::answer_onward_link);
}

/// What opens a link.
fn secret_of(identity: &ServiceIdentity, link: Uuid) -> Result<String, Problem> {
    identity.secret_for(&format!("onward-link/{link}")).map_err(|cause| Problem::internal(&cause))
}

/// List onward referrals
///
/// Those of your hub, your team or the front door that you see, newest first; or all of one referral.
#[utoipa::path(operation_id = "list_onward_referrals", tag = "onward referrals",
    params(("status" = Option<OnwardStatus>, Query, description = "Only those that stand here"),
           ("referral_id" = Option<Uuid>, Query, description = "Those of this referral"),
           ("limit" = Option<i64>, Query, description = "1 to 100 a page; 20 unless asked otherwise"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, body = Page<OnwardLine>), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument)))]
#[get("/v1/onward-referrals")]
async fn list_onward_referrals(
    service: Data<Service>,
    actor: Actor,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let page = service
        .read(&actor, &policy::READ_ONWARD, async |tx| {
            policy::READ_ONWARD.require(&actor)?;
            let mut query = Query::of(&request);
            let status = query.optional::<OnwardStatus>(
                "status",
                "sent, viewed, accepted, declined, no_answer, expired or withdrawn",
            );
            let referral = query.optional::<ReferralId>("referral_id", "a referral's id");
            let (limit, cursor) = (query.limit(), query.cursor());
            query.finish()?;
            let rows = match referral {
                Some(referral) => store::of_referral(tx, referral, status, cursor, limit).await?,
                None => store::list(tx, &actor.scopes(), status, cursor, limit).await?,
            };
            let page =
                Page::from_rows(rows, limit, |row| Cursor { sort_at: row.sent_at, id: row.id.0 }, OnwardLine::of);
            let items = page.items.into_iter().collect::<Result<Vec<_>, _>>()?;
            tx.entry.records = items.iter().map(|line| line.referral_id.0).collect();
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read an onward referral
///
/// With each disclosure and what has happened.
#[utoipa::path(operation_id = "read_onward_referral", tag = "onward referrals",
    params(("id" = Uuid, Path, description = "The onward referral's id")),
    responses((status = 200, body = OnwardView), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument), (status = 404, body = ProblemDocument)))]
#[get("/v1/onward-referrals/{id}")]
async fn read_onward_referral(
    service: Data<Service>,
    actor: Actor,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let (version, view) = show(&service, &actor, *id).await?;
    Ok(found(version, "full", &view))
}

async fn show(service: &Service, actor: &Actor, id: OnwardId) -> Result<(i64, OnwardView), Problem> {
    service
        .read(actor, &policy::READ_ONWARD, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::READ_ONWARD.require(actor)?;
            tx.entry.records.push(row.referral_id.0);
            let now = tx.now();
            Ok((row.version, whole(tx, row, now).await?))
        })
        .await
}

/// Pass a family on to a service that is no user
///
/// Says what the service may read, for what and on which basis; nothing else is shared. Then send it the letter, which has the
/// link. A service that is closed is refused; that it is full, or for others, is told in `warnings`.
#[utoipa::path(operation_id = "refer_onward", tag = "onward referrals", request_body = OnwardForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = OnwardView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/v1/onward-referrals")]
async fn refer_onward(
    service: Data<Service>,
    identity: Data<ServiceIdentity>,
    command: Command<OnwardForm>,
) -> Result<HttpResponse, Problem> {
    let actor = &command.actor;
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            tx.proceed(None).await?;
            let form = command.body()?;
            let now = tx.now();
            let rules = service.rules();
            let referral = whole_referral(tx, form.referral_id).await?;
            if referral.status == Status::Withdrawn {
                return Err(Problem::conflict("the referral is withdrawn").into());
            }
            let mut errors = check(&form, &rules, now.date_naive());
            let asked = provision::named(tx, form.service_id).await?;
            errors.extend(asked_errors(asked.as_ref()));
            let people = chosen(&referral, form.people.as_deref()).map_err(|unknown| errors.extend(unknown));
            let (Some(asked), Ok(people), []) = (asked, people, errors.as_slice()) else {
                return Err(Problem::invalid(errors).into());
            };
            let limit = |code| rules.due(code, now).ok_or_else(|| Problem::internal(&"no time limit"));
            let (due, expires_at) = (limit(ANSWER)?, limit("onward_link")?);
            let ages: Vec<i32> = people
                .iter()
                .filter_map(|one| now.date_naive().years_since(one.birth_date?)?.try_into().ok())
                .collect();
            let warnings = warnings(&asked, &referral, &ages);
            let id = OnwardId::new();
            let row = new_row(id, &form, &asked, now, expires_at);
            let about: Vec<Uuid> = people.iter().map(|person| person.person_id).collect();
            let disclosure = disclosure(id, &form, &asked, actor, about.clone(), &warnings, now);
            let content = SharedContent {
                reply_to: form.reply_to.clone(),
                purpose: form.purpose.clone(),
                message: form.message.clone(),
                family_contact: form.family_contact.clone(),
                ..copied(&referral, &people, &form.share)
            };
            let content = serde_json::to_value(&content).map_err(|error| Problem::internal(&error))?;
            store::insert(tx, &row, &disclosure, &content).await?;
            let linked = Uuid::now_v7();
            store::keep_link(tx, linked, id, &secret_of(&identity, linked)?, now).await?;
            access::grant(tx, &first_scopes(id, referral.locality.as_deref(), linked, now)).await?;
            store::join(tx, id).await?;
            deadline::start(tx, id.0, ANSWER, now, due).await?;
            store::note(tx, id, &actor.name, "sent", None, now).await?;
            tx.entry.record = Some(id.0);
            tx.entry.records.push(referral.id.0);
            tx.publish(event::sent(&row, &disclosure, referral.locality.as_deref(), due));
            let view = whole(tx, row, now).await?;
            // The last thing: what restricts one of these people restricts this from here on.
            let pairs: Vec<_> = about.iter().map(|person| (id.0, *person)).collect();
            access::subjects(tx, &pairs).await?;
            Ok(Done::created(format!("/v1/onward-referrals/{id}"), 1, view))
        })
        .await?;
    written.respond("full", async |stored| Ok(show(&service, actor, OnwardId(stored.id()?)).await?.1)).await
}

/// A referral that the caller sees whole, locked so that it is not withdrawn meanwhile.
async fn whole_referral<T>(tx: &mut Write<'_, T>, id: ReferralId) -> Result<ReferralView, Problem> {
    tx.entry.record = Some(id.0);
    referral_for_change(tx, id).await?;
    let row = referral_shown(tx, id).await?;
    let view = ReferralView::of(row, tx.now())?;
    if view.contact.is_some() { Ok(view) } else { Err(Problem::new(problem::NOT_ALLOWED)) }
}

/// Why a service can't be asked this way.
fn asked_errors(asked: Option<&Named>) -> Option<FieldError> {
    let at = "/service_id";
    match asked {
        None => Some(FieldError::at(at, "unknown", "is no service of the directory")),
        Some(asked) if asked.code.is_some() => {
            Some(FieldError::at(at, "is_user", "works in this system: it is asked by an allocation"))
        }
        Some(asked) if obstacles(&asked.provision, &Asked::default()).iter().any(|one| one.refuses()) => {
            Some(FieldError::at(at, "closed", "is closed and takes nobody on"))
        }
        Some(_) => None,
    }
}

/// What stands in the way of asking it, for people to weigh.
fn warnings(asked: &Named, referral: &ReferralView, ages: &[i32]) -> Vec<Obstacle> {
    let level = referral.decisions.iter().rev().find_map(|decision| decision.level_of_need);
    obstacles(&asked.provision, &Asked { locality: referral.locality.as_deref(), ages, level })
}

fn new_row(id: OnwardId, form: &OnwardForm, asked: &Named, now: DateTime<Utc>, expires_at: DateTime<Utc>) -> Row {
    Row {
        id,
        referral_id: form.referral_id,
        service_id: asked.id,
        service_name: asked.name.clone(),
        organisation: asked.organisation.clone(),
        status: OnwardStatus::Sent.as_str().to_owned(),
        sent_at: now,
        expires_at,
        viewed_at: None,
        answered_at: None,
        answered_by: None,
        outcome: None,
        outcome_on: None,
        version: 1,
    }
}

fn disclosure(
    id: OnwardId,
    form: &OnwardForm,
    asked: &Named,
    actor: &Actor,
    people: Vec<Uuid>,
    warnings: &[Obstacle],
    now: DateTime<Utc>,
) -> Disclosure {
    let mut fields: Vec<String> = form.share.iter().map(|field| field.as_str().to_owned()).collect();
    fields.extend(form.message.iter().map(|_| "message".to_owned()));
    fields.extend(form.family_contact.iter().map(|_| "family_contact".to_owned()));
    fields.push("purpose".to_owned());
    fields.dedup();
    let consent = form.basis.consent.as_ref();
    let (by_user, by_name, agency) = store::by(actor);
    Disclosure {
        id: Uuid::now_v7(),
        onward_id: id,
        referral_id: form.referral_id,
        at: now,
        by_user,
        by_name,
        agency,
        to_whom: format!("{}, {}", asked.name, asked.organisation),
        fields,
        people,
        purpose: form.purpose.clone(),
        basis: form.basis.basis.to_string(),
        basis_note: form.basis.note.clone(),
        consent_given_by: consent.map(|one| one.given_by.clone()),
        consent_on: consent.map(|one| one.on),
        warnings: warnings.iter().map(|one| one.as_str().to_owned()).collect(),
        reply_to: form.reply_to.clone(),
    }
}

/// The front door and the hub have it on their lists; its link sees where it stands.
fn first_scopes(id: OnwardId, locality: Option<&str>, link: Uuid, now: DateTime<Utc>) -> Vec<Grant> {
    let grant = |scope: String, view| Grant {
        record: id.0,
        kind: "onward_referral",
        scope,
        view,
        state: OnwardStatus::Sent.as_str(),
        sort_at: now,
    };
    let mut grants = vec![grant("front-door".to_owned(), View::Full), grant(scope_of(link), View::Status)];
    grants.extend(locality.map(|district| grant(format!("hub:{district}"), View::Full)));
    grants
}

/// Write the letter to the service
///
/// Plain text, ready to be pasted into an e-mail or printed: with the link, and without a word about the
/// family. A reminder once its answer is overdue; a notice once it was withdrawn.
#[utoipa::path(operation_id = "write_onward_letter", tag = "onward referrals",
    params(("id" = Uuid, Path, description = "The onward referral's id")),
    responses((status = 200, body = String, content_type = "text/plain"), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument)))]
#[get("/v1/onward-referrals/{id}/letter")]
async fn write_onward_letter(
    service: Data<Service>,
    identity: Data<ServiceIdentity>,
    verifier: Data<Arc<Verifier>>,
    actor: Actor,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let text = service
        .read(&actor, &policy::REFER_ONWARD, async |tx| {
            tx.entry.record = Some(id.0);
            let row = store::find(tx, id).await?;
            policy::REFER_ONWARD.require(&actor)?;
            tx.entry.records.push(row.referral_id.0);
            let now = tx.now();
            let status = row.standing()?;
            let clock = deadline::clock(tx, id.0, ANSWER).await?;
            let occasion = match status {
                OnwardStatus::Withdrawn => Occasion::Withdrawing,
                OnwardStatus::Sent | OnwardStatus::Viewed | OnwardStatus::NoAnswer if row.expires_at > now => {
                    if clock.is_some_and(|clock| clock.due_at < now) { Occasion::Reminding } else { Occasion::Asking }
                }
                OnwardStatus::Accepted | OnwardStatus::Declined => {
                    return Err(Problem::conflict(format!("the onward referral {}", status.in_words())));
                }
                _ => return Err(Problem::conflict("its link has ended: make a new one first")),
            };
            let link = match occasion {
                Occasion::Withdrawing => None,
                _ => {
                    let secret = store::open_link(tx, id, |link| secret_of(&identity, link)).await?;
                    let secret = secret
                        .ok_or_else(|| Problem::conflict("its link can't be told again: make a new one first"))?;
                    Some(format!("{}/onward/{secret}", verifier.issuer()))
                }
            };
            let disclosures = store::disclosures(tx, id).await?;
            let disclosure =
                disclosures.first().ok_or_else(|| Problem::internal(&"an onward referral without its disclosure"))?;
            let asked = provision::named(tx, row.service_id).await?;
            let rules = service.rules();
            let codes = rules.codes("lawful-basis", disclosure.at.date_naive());
            let basis = codes.iter().find(|code| code.code == disclosure.basis);
            let letter = Letter {
                occasion,
                service: &row.service_name,
                organisation: &row.organisation,
                email: asked.as_ref().and_then(|asked| asked.email.as_deref()),
                reply_to: &disclosure.reply_to,
                sent_at: row.sent_at,
                answer_by: clock
                    .filter(|clock| occasion == Occasion::Asking && clock.due_at >= now)
                    .map(|clock| clock.due_at),
                opens_until: row.expires_at,
                basis: basis.map_or(disclosure.basis.as_str(), |code| code.label.as_str()),
                link: link.as_deref(),
            };
            Ok(letter.text())
        })
        .await?;
    Ok(HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(text))
}

/// An onward referral that is to be changed, locked; the caller then has it in hand.
async fn for_change<T: DeserializeOwned + ToSchema + 'static>(
    tx: &mut Write<'_, T>,
    id: OnwardId,
) -> Result<Row, Stop> {
    tx.entry.record = Some(id.0);
    let row = store::for_change(tx, id).await?;
    tx.proceed(Some(row.version)).await?;
    store::join(tx, id).await?;
    tx.entry.records.push(row.referral_id.0);
    Ok(row)
}

/// Make a new link
///
/// The one before does not open any more. The service is asked anew: it has the time to answer again that it had.
#[utoipa::path(operation_id = "renew_onward_link", tag = "onward referrals", request_body = NewOnwardLink,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/onward-referrals/{id}/links")]
async fn renew_onward_link(
    service: Data<Service>,
    identity: Data<ServiceIdentity>,
    command: Command<NewOnwardLink>,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            let mut row = for_change(tx, id).await?;
            command.body()?;
            let now = tx.now();
            let rules = service.rules();
            let was = row.standing()?;
            let code = if was == OnwardStatus::Accepted { "onward_outcome" } else { "onward_link" };
            row.expires_at = rules.due(code, now).ok_or_else(|| Problem::internal(&"no time limit"))?;
            row.step(tx, Step::SendAgain, BY_WORKER, now).await?;
            store::end_links(tx, id, now).await?;
            let linked = Uuid::now_v7();
            store::keep_link(tx, linked, id, &secret_of(&identity, linked)?, now).await?;
            let grant = Grant {
                record: id.0,
                kind: "onward_referral",
                scope: scope_of(linked),
                view: View::Status,
                state: if was == OnwardStatus::Accepted { "accepted" } else { "sent" },
                sort_at: row.sent_at,
            };
            access::grant(tx, &[grant]).await?;
            let mut due = None;
            if was != OnwardStatus::Accepted {
                due = rules.due(ANSWER, now);
                let due = due.ok_or_else(|| Problem::internal(&"no time limit"))?;
                deadline::restart(tx, id.0, ANSWER, now, due).await?;
            }
            store::note(tx, id, &command.actor.name, "sent_again", None, now).await?;
            tx.publish(event::sent_again(&row, now, due));
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Record what the service answered
///
/// Where it answered by telephone or letter, or nobody waits for its answer any more.
#[utoipa::path(operation_id = "record_onward_answer", tag = "onward referrals", request_body = OnwardAnswerForm,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/onward-referrals/{id}/answer")]
async fn record_onward_answer(
    service: Data<Service>,
    command: Command<OnwardAnswerForm>,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            let mut row = for_change(tx, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let step = match body.answer {
                OnwardAnswer::Accepted => Step::Accept,
                OnwardAnswer::Declined => Step::Decline,
                OnwardAnswer::NoAnswer => Step::GiveUp,
            };
            if step == Step::Accept {
                let until = service.rules().due("onward_outcome", now);
                row.expires_at = until.map_or(row.expires_at, |until| until.max(row.expires_at));
            }
            let to = row.step(tx, step, BY_WORKER, now).await?;
            deadline::meet(tx, id.0, ANSWER, now).await?;
            store::note(tx, id, &command.actor.name, to.as_str(), body.note.as_deref(), now).await?;
            let due = deadline::due(tx, id.0, ANSWER).await?;
            tx.publish(event::answered(&row, now, due));
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Record what came of an onward referral
///
/// Once it was accepted, and again when more is known.
#[utoipa::path(operation_id = "record_onward_outcome", tag = "onward referrals", request_body = OnwardOutcomeForm,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/onward-referrals/{id}/outcome")]
async fn record_onward_outcome(
    service: Data<Service>,
    command: Command<OnwardOutcomeForm>,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            let mut row = for_change(tx, id).await?;
            let body = command.body()?;
            let now = tx.now();
            let status = row.standing()?;
            let mut errors = Vec::new();
            if body.on > now.date_naive() {
                errors.push(FieldError::at("/on", "in_the_future", "is still to come"));
            }
            if body.on < row.sent_at.date_naive() {
                errors.push(FieldError::at("/on", "before_sent", "is before the service was asked"));
            }
            if !errors.is_empty() {
                return Err(Problem::invalid(errors).into());
            }
            if status != OnwardStatus::Accepted {
                return Err(Problem::conflict(format!("the onward referral {}", status.in_words())).into());
            }
            row.outcome = Some(body.outcome.as_str().to_owned());
            row.outcome_on = Some(body.on);
            row.save(tx).await?;
            store::note(tx, id, &command.actor.name, body.outcome.as_str(), body.note.as_deref(), now).await?;
            tx.publish(event::outcome(&row, BY_WORKER));
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}

/// Take an onward referral back
///
/// The link does not open from then on, as when whoever consented to share no longer does. Send the service the
/// letter that says so, and asks it to delete what it has.
#[utoipa::path(operation_id = "withdraw_onward_referral", tag = "onward referrals", request_body = OnwardWithdrawal,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView), (status = 400, body = ProblemDocument), (status = 401, body = ProblemDocument), (status = 403, body = ProblemDocument),
        (status = 404, body = ProblemDocument), (status = 409, body = ProblemDocument), (status = 412, body = ProblemDocument), (status = 422, body = ProblemDocument), (status = 428, body = ProblemDocument)))]
#[post("/v1/onward-referrals/{id}/withdrawal")]
async fn withdraw_onward_referral(
    service: Data<Service>,
    command: Command<OnwardWithdrawal>,
    id: Path<OnwardId>,
) -> Result<HttpResponse, Problem> {
    let id = *id;
    let written = service
        .write(&command, &policy::REFER_ONWARD, async |tx| {
            let mut row = for_change(tx, id).await?;
            let body = command.body()?;
            let now = tx.now();
            row.step(tx, Step::Withdraw, BY_WORKER, now).await?;
            store::end_links(tx, id, now).await?;
            deadline::meet(tx, id.0, ANSWER, now).await?;
            store::note(tx, id, &command.actor.name, "withdrawn", Some(&body.reason), now).await?;
            tx.publish(event::withdrawn(&row, now));
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
