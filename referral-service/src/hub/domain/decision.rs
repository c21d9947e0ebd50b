//! What a decision of a hub must say, and what fits with what.

use chrono::NaiveDate;
use shared::actor::Word;
use shared::code::Rules;
use shared::problem::FieldError;

use super::{HubOutcome, HubWay};
use crate::hub::api::form::{AllocationForm, HubDecision};
use crate::referral::allocation::Helper;
use crate::referral::offer::Part;

/// What is known when a decision is held against the rules.
#[derive(Clone, Copy, Debug)]
pub struct Around<'a> {
    /// The services that are asked or at work already.
    pub helping: &'a [Helper],
    /// The day.
    pub today: NaiveDate,
    /// In a meeting, or else how the hub of the district works.
    pub place: Place,
}

/// Where a decision is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In a meeting.
    Meeting,
    /// At a desk, where the hub works so.
    Desk(HubWay),
}

/// The services a decision asks, `service` read as the one that leads.
pub fn asked(body: &HubDecision) -> Vec<AllocationForm> {
    match &body.service {
        Some(service) => vec![AllocationForm::to_lead(service.clone())],
        None => body.allocations.clone(),
    }
}

fn required(errors: &mut Vec<FieldError>, at: &str, detail: &str) {
    errors.push(FieldError::at(at, "required", detail));
}

/// Holds a decision against what a schema can't state.
///
/// # Errors
/// Every field that is wrong.
pub fn check(body: &HubDecision, around: &Around<'_>, rules: &Rules) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    check_place(body, around.place, &mut errors);
    check_fit(body, around.today, &mut errors);
    if body.outcome == HubOutcome::Allocate {
        check_services(body, around, rules, &mut errors);
    }
    if let Some(panel) = &body.panel
        && !rules.has_code("panel", panel.as_str(), around.today)
    {
        errors.push(FieldError::at("/panel", "unknown_code", "is no panel; GET /v1/codes/panel lists them"));
    }
    for (at, dissent) in [("/dissent", &body.dissent), ("/panel_dissent", &body.panel_dissent)] {
        for (n, one) in dissent.iter().enumerate() {
            errors.extend(rules.agency_error(one.agency.as_str(), format!("{at}/{n}/agency"), NAMED_IN_WORDS));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// What is said of an agency that is none.
pub const NAMED_IN_WORDS: &str = "; of somebody of a body that is none of them, say yours and theirs with the name";

/// In a meeting nothing is urgent; at a desk of a hub that decides in meetings, only what is.
fn check_place(body: &HubDecision, place: Place, errors: &mut Vec<FieldError>) {
    match place {
        Place::Meeting if body.urgent || body.urgent_because.is_some() => {
            errors.push(FieldError::at("/urgent", "does_not_fit", "has a place only outside a meeting"));
        }
        Place::Desk(HubWay::Meeting) if !body.urgent => {
            let detail = "this hub decides in meetings: outside one only what can't wait, `urgent` with the reason why";
            errors.push(FieldError::at("/urgent", "required", detail));
        }
        Place::Desk(_) if body.urgent && body.urgent_because.is_none() => {
            required(errors, "/urgent_because", "is needed: why can it not wait for the meeting?");
        }
        Place::Desk(_) if !body.urgent && body.urgent_because.is_some() => {
            errors.push(FieldError::at("/urgent_because", "does_not_fit", "has a place only with `urgent`"));
        }
        Place::Meeting | Place::Desk(_) => {}
    }
}

/// Each outcome has fields of its own, and no others.
fn check_fit(body: &HubDecision, today: NaiveDate, errors: &mut Vec<FieldError>) {
    let outcome = body.outcome;
    let deferred = outcome == HubOutcome::Defer;
    for (given, at) in [(body.missing.is_some(), "/missing"), (body.until.is_some(), "/until")] {
        match (deferred, given) {
            (true, false) if at == "/missing" => required(errors, at, "is needed: what is missing?"),
            (true, false) => required(errors, at, "is needed: when is it due back?"),
            (false, true) => errors.push(FieldError::at(at, "does_not_fit", "has a place only with defer")),
            _ => {}
        }
    }
    if deferred && body.until.is_some_and(|until| until <= today) {
        errors.push(FieldError::at("/until", "not_in_the_future", "is not still to come"));
    }
    if outcome != HubOutcome::Allocate {
        for (given, at) in [(body.service.is_some(), "/service"), (!body.allocations.is_empty(), "/allocations")] {
            if given {
                errors.push(FieldError::at(at, "does_not_fit", "has a place only with allocate"));
            }
        }
    }
    if body.panel.is_none() && !body.panel_dissent.is_empty() {
        errors.push(FieldError::at("/panel_dissent", "does_not_fit", "has a place only with `panel`"));
    }
    match (outcome, &body.panel, &body.panel_reason) {
        (HubOutcome::Defer, Some(_), _) => {
            errors.push(FieldError::at("/panel", "does_not_fit", "has no place with defer"));
        }
        (_, Some(_), Some(_)) | (_, None, None) => {}
        (_, Some(_), None) => {
            required(errors, "/panel_reason", "is needed: `reason` is for the working team, this for the panel alone");
        }
        (_, None, Some(_)) => {
            errors.push(FieldError::at("/panel_reason", "does_not_fit", "has a place only with `panel`"));
        }
    }
}

fn check_services(body: &HubDecision, around: &Around<'_>, rules: &Rules, errors: &mut Vec<FieldError>) {
    if body.service.is_some() && !body.allocations.is_empty() {
        errors.push(FieldError::at("/service", "does_not_fit", "name the services either here or in `allocations`"));
        return;
    }
    let asked = asked(body);
    if asked.is_empty() {
        required(
            errors,
            if body.allocations.is_empty() { "/service" } else { "/allocations" },
            "is needed: which service is asked?",
        );
        return;
    }
    let at = |n: usize, field: &str| match body.service {
        Some(_) => format!("/{field}"),
        None => format!("/allocations/{n}/{field}"),
    };
    let leading = around.helping.iter().find(|helper| helper.part == Part::Lead.as_str());
    let leads = asked.iter().filter(|one| one.part == Part::Lead).count();
    if leads > 1 || (leads == 0 && leading.is_none()) {
        errors.push(FieldError::at("/allocations", "one_lead", "one service leads, exactly one"));
    }
    for (n, one) in asked.iter().enumerate() {
        let code = one.service.as_str();
        if !rules.has_code("service", code, around.today) {
            let detail = "is no service; GET /v1/codes/service lists them";
            errors.push(FieldError::at(at(n, "service"), "unknown_code", detail));
        }
        if asked.iter().take(n).any(|earlier| earlier.service == one.service) {
            errors.push(FieldError::at(at(n, "service"), "twice", "is named twice"));
        }
        let helps = around.helping.iter().any(|helper| helper.service == code);
        if helps && one.part == Part::Supporting {
            errors.push(FieldError::at(at(n, "service"), "asked_already", "is asked or at work on this already"));
        }
        if let Some(leading) = leading
            && one.part == Part::Lead
            && leading.service != code
        {
            let detail = format!("{} leads already: it ends its work or passes it on first", leading.service);
            errors.push(FieldError::at(at(n, "service"), "led_already", detail));
        }
        let known = |case_type: &Word| rules.has_code("case_type", case_type.as_str(), around.today);
        if one.case_type.as_ref().is_some_and(|case_type| !known(case_type)) {
            let detail = "is no case type; GET /v1/codes/case_type lists them";
            errors.push(FieldError::at(at(n, "case_type"), "unknown_code", detail));
        }
    }
}
