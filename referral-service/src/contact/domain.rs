//! From what was sent to what is kept, with every mistake named.

use chrono::{DateTime, Days, NaiveDate, Utc};
use shared::actor::{Actor, Role};
use shared::calendar::LocalDay;
use shared::code::Rules;
use shared::problem::FieldError;

use super::form::{ReferralForm, Relation};
use super::household;
use crate::referral::told::{Caller, ConsentGiven, ContactChannel, ContactKind, LawfulBasis, Need, ServiceConsent};

/// A contact told longer ago than this is a new one to be told afresh.
const OLDEST_CONTACT_DAYS: u64 = 366;
/// The basis on which a professional shares who names none: England's agencies tell of children as a
/// public task.
pub const USUAL_BASIS: &str = "public-task";

/// Whether this actor may tell of a worry in this way, whatever else the form says.
///
/// # Errors
/// Why not, in words.
pub fn may(
    form: &ReferralForm,
    channel: ContactChannel,
    actor: &Actor,
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), String> {
    let first_response = actor.holds_any(&[Role::FirstResponseOfficer, Role::FirstResponseManager]);
    if channel == ContactChannel::Telephone && !first_response {
        return Err("calls are recorded by First Response".to_owned());
    }
    match (form.kind(), &form.locality) {
        (ContactKind::HubListing, Some(locality)) if !actor.scopes().contains(&format!("hub:{locality}")) => {
            Err(format!("only a member of the hub of {locality} lists a family for it"))
        }
        (ContactKind::HubListing, None) if !actor.holds_any(&[Role::HubMember]) => {
            Err("only a member of a hub lists a family for it".to_owned())
        }
        (ContactKind::StepDown, _)
            if !first_response && !rules.has_code("social-care-agency", actor.agency.as_str(), today) =>
        {
            Err("a step down is told by First Response or by children's social care".to_owned())
        }
        _ => Ok(()),
    }
}

/// Holds a form against the rules that a schema can't state.
///
/// # Errors
/// Every field that breaks one.
pub fn check(
    form: &ReferralForm,
    channel: ContactChannel,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let today = now.local_day();
    if form.channel == Some(ContactChannel::Bulk) {
        let detail = "comes only by a file, POST /v1/referral-batches";
        errors.push(FieldError::at("/channel", "does_not_fit", detail));
    }
    let told_on = check_told_on(form.made_at, now, &mut errors);
    check_needs(form, rules, told_on, &mut errors);
    if form.locality.as_ref().is_some_and(|locality| !rules.has_code("locality", locality.as_str(), today)) {
        errors.push(FieldError::at("/locality", "unknown_code", "is no district; GET /v1/codes/locality lists them"));
    }
    if form.kind() == ContactKind::HubListing && form.locality.is_none() {
        errors.push(FieldError::at("/locality", "required", "is needed: for the hub of which district?"));
    }
    if !form.people.iter().any(|person| person.relation == Relation::Child) {
        errors.push(FieldError::at("/people", "no_child", "names no child: a referral is about at least one"));
    }
    household::check(form, rules, today, &mut errors);
    check_caller(form, channel, &mut errors);
    check_step_down(form, &mut errors);
    if let Some(consent) = &form.consent {
        check_consent(consent, today, &mut errors);
    }
    if let Some(basis) = &form.lawful_basis {
        check_basis(basis, rules, told_on, &mut errors);
    }
    if form.earlier_reference.as_ref().is_some_and(|text| shared::reference::parse('R', text).is_none()) {
        errors.push(FieldError::at("/earlier_reference", "wrong_form", "is no reference: R-, nine letters or digits"));
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// The day the worry was told.
fn check_told_on(made_at: Option<DateTime<Utc>>, now: DateTime<Utc>, errors: &mut Vec<FieldError>) -> NaiveDate {
    let today = now.local_day();
    let oldest = today.checked_sub_days(Days::new(OLDEST_CONTACT_DAYS)).unwrap_or(today);
    match made_at {
        Some(made) if made > now => errors.push(FieldError::at("/made_at", "in_the_future", "is still to come")),
        Some(made) if made.local_day() < oldest => {
            errors.push(FieldError::at("/made_at", "too_long_ago", "is more than a year ago: tell it afresh"));
        }
        _ => {}
    }
    made_at.map_or(today, |made| made.local_day())
}

fn check_needs(form: &ReferralForm, rules: &Rules, told_on: NaiveDate, errors: &mut Vec<FieldError>) {
    let unknown = "is no concern of that day; GET /v1/codes/concern lists them";
    for (index, concern) in form.concerns.iter().enumerate() {
        if !rules.has_code("concern", concern.as_str(), told_on) {
            errors.push(FieldError::at(format!("/concerns/{index}"), "unknown_code", unknown));
        }
    }
    for (index, need) in form.needs.iter().enumerate() {
        let Need { code, who, .. } = need;
        if !rules.has_code("concern", code.as_str(), told_on) {
            errors.push(FieldError::at(format!("/needs/{index}/code"), "unknown_code", unknown));
        }
        for (at, place) in who.iter().enumerate() {
            if usize::try_from(*place).ok().and_then(|place| form.people.get(place)).is_none() {
                errors.push(FieldError::at(
                    format!("/needs/{index}/who/{at}"),
                    "nobody",
                    "is nobody's place in people",
                ));
            } else if who.iter().take(at).any(|other| other == place) {
                errors.push(FieldError::at(format!("/needs/{index}/who/{at}"), "repeated", "stands there twice"));
            }
        }
    }
    if form.concerns.is_empty() && form.needs.is_empty() {
        errors.push(FieldError::at("/concerns", "required", "is missing: name at least one concern or need"));
    }
}

/// Whose name there must be, and whose there must not.
fn check_caller(form: &ReferralForm, channel: ContactChannel, errors: &mut Vec<FieldError>) {
    use ContactChannel as C;
    if channel == C::Telephone && form.caller.is_none() {
        errors.push(FieldError::at("/caller", "required", "is needed: who called?"));
    }
    if let Some(Caller { name, anonymous, .. }) = &form.caller {
        if !matches!(channel, C::Telephone | C::InPerson) {
            let detail = "has a place only with what came by telephone or face to face";
            errors.push(FieldError::at("/caller", "does_not_fit", detail));
        }
        match (name, anonymous) {
            (Some(_), true) => {
                let detail = "must be left out: the caller is anonymous";
                errors.push(FieldError::at("/caller/name", "does_not_fit", detail));
            }
            (None, false) => errors.push(FieldError::at("/caller/name", "required", "is missing, or say anonymous")),
            (Some(_), false) | (None, true) => {}
        }
    }
    let anonymous = form.is_anonymous();
    let may_be = anonymous && form.kind() == ContactKind::Public && channel == C::Telephone;
    if anonymous && !may_be {
        let detail = "only a member of the public who calls stays anonymous";
        errors.push(FieldError::at("/caller/anonymous", "does_not_fit", detail));
    }
    match &form.referrer.name {
        Some(_) if may_be => {
            let detail = "must be left out: the caller is anonymous";
            errors.push(FieldError::at("/referrer/name", "does_not_fit", detail));
        }
        None if !may_be => errors.push(FieldError::at("/referrer/name", "required", "is missing")),
        _ => {}
    }
}

fn check_step_down(form: &ReferralForm, errors: &mut Vec<FieldError>) {
    match (&form.step_down, form.kind()) {
        (None, ContactKind::StepDown) => {
            errors.push(FieldError::at(
                "/step_down",
                "required",
                "is needed: from which case of social care, and why?",
            ));
        }
        (Some(_), ContactKind::StepDown) | (None, _) => {}
        (Some(_), _) => {
            errors.push(FieldError::at("/step_down", "does_not_fit", "has a place only with the kind step_down"));
        }
    }
}

fn check_consent(consent: &ServiceConsent, today: NaiveDate, errors: &mut Vec<FieldError>) {
    if consent.on.is_some_and(|day| day > today) {
        errors.push(FieldError::at("/consent/on", "in_the_future", "is still to come"));
    }
    match consent.given {
        ConsentGiven::Yes if consent.by.is_none() => {
            errors.push(FieldError::at("/consent/by", "required", "is needed: who agreed?"));
        }
        ConsentGiven::No if consent.reason.is_none() => {
            let detail = "is needed: why do you tell of it although the family does not agree?";
            errors.push(FieldError::at("/consent/reason", "required", detail));
        }
        ConsentGiven::NotAsked if consent.on.is_some() => {
            errors.push(FieldError::at("/consent/on", "does_not_fit", "has no place where nobody has asked"));
        }
        _ => {}
    }
}

fn check_basis(basis: &LawfulBasis, rules: &Rules, told_on: NaiveDate, errors: &mut Vec<FieldError>) {
    if !rules.has_code("lawful-basis", basis.basis.as_str(), told_on) {
        let detail = "is no lawful basis; GET /v1/codes/lawful-basis lists them";
        errors.push(FieldError::at("/lawful_basis/basis", "unknown_code", detail));
    }
    if basis.stated.is_some() {
        errors.push(FieldError::at("/lawful_basis/stated", "does_not_fit", "is ours to say: leave it out"));
    }
}
