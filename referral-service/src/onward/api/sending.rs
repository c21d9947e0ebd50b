//! Passing a family on: sent, sent again by a new link, taken back.

use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post};
use chrono::{DateTime, Utc};
use shared::access::{self, Grant, View};
use shared::actor::Actor;
use shared::auth::ServiceIdentity;
use shared::calendar::LocalDay;
use shared::deadline;
use shared::problem::{self, FieldError, Problem, ProblemDocument};
use shared::request::Command;
use shared::service::{Done, Service, Write};
use uuid::Uuid;

use super::reading::show;
use super::{for_change, secret_of};
use crate::onward::domain::{OnwardId, OnwardStatus, Step};
use crate::onward::event::{self, BY_WORKER, scope_of};
use crate::onward::form::{NewOnwardLink, OnwardForm, OnwardWithdrawal, check};
use crate::onward::share::{SharedContent, chosen, copied};
use crate::onward::store::{self, Disclosure, Row};
use crate::onward::view::{ANSWER, OnwardView, whole};
use crate::policy;
use crate::provision::{self, Asked, Named, Obstacle, obstacles};
use crate::referral::disclosure::{self, disclosed};
use crate::referral::domain::{ReferralId, Status};
use crate::referral::for_change as referral_for_change;
use crate::referral::shown::show as referral_shown;
use crate::referral::view::ReferralView;

/// Pass a family on to a service that is no user
///
/// Says what the service may read, for what and on which basis; nothing else is shared. Then send it the letter, which has the
/// link. A service that is closed is refused; that it is full, or for others, is told in `warnings`.
#[utoipa::path(operation_id = "refer_onward", tag = "onward referrals", request_body = OnwardForm,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, body = OnwardView),
        (status = 404, body = ProblemDocument)))]
#[post("/v1/onward-referrals")]
pub async fn refer_onward(
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
            let mut errors = check(&form, &rules, now.local_day());
            let asked = provision::named(tx, form.service_id).await?;
            errors.extend(asked_errors(asked.as_ref()));
            let people = chosen(&referral, form.people.as_deref()).map_err(|unknown| errors.extend(unknown));
            let (Some(asked), Ok(people), []) = (asked, people, errors.as_slice()) else {
                return Err(Problem::invalid(errors).into());
            };
            let limit = |code| rules.must_due(code, now);
            let (due, expires_at) = (limit(ANSWER)?, limit("onward_link")?);
            let ages: Vec<i32> =
                people.iter().filter_map(|one| now.local_day().years_since(one.birth_date?)?.try_into().ok()).collect();
            let warnings = warnings(&asked, &referral, &ages);
            let id = OnwardId::new();
            let row = new_row(id, &form, &asked, referral.locality.clone(), (now, expires_at));
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
            disclosed(tx, &told_of(&disclosure), actor, now).await?;
            let linked = Uuid::now_v7();
            store::keep_link(tx, linked, id, &secret_of(&identity, linked)?, now).await?;
            access::grant(tx, &first_scopes(id, referral.locality.as_deref(), linked, now)).await?;
            store::join(tx, id).await?;
            deadline::start(tx, id.0, ANSWER, now, due).await?;
            store::note(tx, id, &actor.name, "sent", None, now).await?;
            tx.entry.record = Some(id.0);
            tx.entry.records.push(referral.id.0);
            tx.publish(event::sent(&row, &disclosure, due));
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

fn new_row(
    id: OnwardId,
    form: &OnwardForm,
    asked: &Named,
    locality: Option<String>,
    (now, expires_at): (DateTime<Utc>, DateTime<Utc>),
) -> Row {
    Row {
        id,
        referral_id: form.referral_id,
        service_id: asked.id,
        service_name: asked.name.clone(),
        organisation: asked.organisation.clone(),
        status: OnwardStatus::Sent.as_str().to_owned(),
        locality,
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

/// What each person's own list of disclosures says of it.
fn told_of(disclosure: &Disclosure) -> Vec<disclosure::Disclosure<'_>> {
    let fields: Vec<&str> = disclosure.fields.iter().map(String::as_str).collect();
    let told = |person: &Uuid| disclosure::Disclosure {
        person: *person,
        referral: disclosure.referral_id,
        from_agency: &disclosure.agency,
        to_agency: &disclosure.to_whom,
        fields: fields.clone(),
        purpose: "onward-referral",
        lawful_basis: &disclosure.basis,
        about: ("onward-referrals", disclosure.onward_id.0),
    };
    disclosure.people.iter().map(told).collect()
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

/// Make a new link
///
/// The one before does not open any more. The service is asked anew: it has the time to answer again that it had.
#[utoipa::path(operation_id = "renew_onward_link", tag = "onward referrals", request_body = NewOnwardLink,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView)))]
#[post("/v1/onward-referrals/{id}/links")]
pub async fn renew_onward_link(
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
            row.expires_at = rules.must_due(code, now)?;
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
            let due = match was {
                OnwardStatus::Accepted => None,
                _ => Some(rules.must_due(ANSWER, now)?),
            };
            if let Some(due) = due {
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

/// Take an onward referral back
///
/// The link does not open from then on, as when whoever consented to share no longer does. Send the service the
/// letter that says so, and asks it to delete what it has.
#[utoipa::path(operation_id = "withdraw_onward_referral", tag = "onward referrals", request_body = OnwardWithdrawal,
    params(("id" = Uuid, Path, description = "The onward referral's id"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, body = OnwardView)))]
#[post("/v1/onward-referrals/{id}/withdrawal")]
pub async fn withdraw_onward_referral(
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
            deadline::meet_all(tx, id.0, now).await?;
            let cancelled = store::cancel_follow_ups(tx, id).await?;
            for follow_up in cancelled {
                tx.publish(event::follow_up_cancelled(&row, follow_up, now));
            }
            store::note(tx, id, &command.actor.name, "withdrawn", Some(&body.reason), now).await?;
            tx.publish(event::withdrawn(&row, now));
            let version = row.version;
            Ok(Done::changed(version, whole(tx, row, now).await?))
        })
        .await?;
    written.respond("full", async |_| Ok(show(&service, &command.actor, id).await?.1)).await
}
