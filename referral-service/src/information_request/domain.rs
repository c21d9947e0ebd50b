//! What may be asked, and what is an answer.

use std::collections::HashSet;

use chrono::{Months, NaiveDate};
use shared::code::Rules;
use shared::problem::FieldError;
use uuid::Uuid;

use super::api::answer::AnswerForm;
use super::api::ask::InformationRequestForm;

shared::typed_id!(
    /// A request for information.
    RequestId
);

/// The scope whose items have a DASH grade.
pub const DOMESTIC_ABUSE: &str = "police-domestic-abuse";

shared::words! {
    /// Where a request stands.
    #[schema(as = InformationRequestStatus)]
    RequestStatus {
        /// The agency has been asked.
        Asked = "asked",
        /// It has answered.
        Answered = "answered",
        /// It is asked no longer.
        Cancelled = "cancelled",
    }
}

shared::words! {
    /// What an agency found.
    #[schema(as = InformationFound)]
    Found {
        /// All that was asked for, as far as it holds any.
        Yes = "yes",
        /// Some of it; the reason says what is missing.
        Partly = "partly",
        /// It holds nothing of these people.
        NothingHeld = "nothing_held",
        /// It will not say; the reason says why.
        Refused = "refused",
    }
}

shared::words! {
    /// The grade of a domestic abuse incident by the DASH questions.
    #[schema(as = DashGrade)]
    DashGrade {
        /// Standard risk.
        Standard = "standard",
        /// Medium risk.
        Medium = "medium",
        /// High risk: it goes to the multi-agency risk assessment conference.
        High = "high",
    }
}

shared::words! {
    /// What kind of holder of information an agency is.
    #[schema(as = InformationSourceKind)]
    SourceKind {
        /// The county or unitary council.
        Council = "council",
        /// A district or borough council.
        District = "district",
        /// The police force.
        Police = "police",
        /// A school, academy or college.
        School = "school",
        /// A trust or a practice.
        Health = "health",
        /// The probation service.
        Probation = "probation",
        /// A voluntary or community organisation.
        Voluntary = "voluntary",
        /// A housing provider.
        Housing = "housing",
    }
}

impl RequestStatus {
    /// Why nothing can be done to a request that stands here.
    pub const fn in_words(self) -> &'static str {
        match self {
            RequestStatus::Asked => "the agency has been asked",
            RequestStatus::Answered => "the agency has answered this",
            RequestStatus::Cancelled => "this is asked no longer",
        }
    }
}

/// What an agency of one kind can be asked for.
#[derive(Clone, Debug)]
pub struct ScopeRule {
    /// The code, of the set `information-scope`.
    pub code: String,
    /// For so many years back without saying why.
    pub most_years: i16,
}

/// Holds a request against the rules. `offered` is what the agency can be asked for, nothing if it can't be
/// asked at all; `named` are the people of the referral.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check_asked(
    form: &InformationRequestForm,
    offered: Option<&[ScopeRule]>,
    named: &[Uuid],
    rules: &Rules,
    today: NaiveDate,
) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    if offered.is_none() {
        let detail = "is no agency that can be asked; GET /v1/information-sources lists them";
        errors.push(FieldError::at("/agency", "unknown_agency", detail));
    }
    let mut seen = HashSet::new();
    let mut longer_than = None;
    for (index, scope) in form.scopes.iter().enumerate() {
        let at = format!("/scopes/{index}");
        if !seen.insert(scope.as_str()) {
            errors.push(FieldError::at(at, "repeated", "is asked for already"));
        } else if !rules.has_code("information-scope", scope.as_str(), today) {
            let detail = "is no such thing to ask for; GET /v1/information-sources lists what each agency can be asked";
            errors.push(FieldError::at(at, "unknown_code", detail));
        } else if let Some(offered) = offered {
            match offered.iter().find(|rule| rule.code == scope.as_str()) {
                None => errors.push(FieldError::at(at, "does_not_fit", "is not for this agency to know")),
                Some(rule) if form.years_back > rule.most_years => longer_than = Some(rule.most_years),
                Some(_) => {}
            }
        }
    }
    if let (Some(years), None) = (longer_than, &form.justification) {
        let detail =
            format!("is needed: {} years back is more than the {years} usual for what is asked", form.years_back);
        errors.push(FieldError::at("/justification", "required", detail));
    }
    for (set, code, at) in
        [("information-purpose", &form.purpose, "/purpose"), ("lawful-basis", &form.lawful_basis, "/lawful_basis")]
    {
        if !rules.has_code(set, code.as_str(), today) {
            errors.push(FieldError::at(at, "unknown_code", format!("is no such code; GET /v1/codes/{set} lists them")));
        }
    }
    let mut seen = HashSet::new();
    for (index, person) in form.people.iter().enumerate() {
        let at = format!("/people/{index}");
        if !seen.insert(person) {
            errors.push(FieldError::at(at, "repeated", "is named already"));
        } else if !named.contains(person) {
            errors.push(FieldError::at(at, "unknown_person", "is nobody this referral is about"));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// What an answer answers.
#[derive(Debug)]
pub struct AskedFor<'a> {
    /// The scopes.
    pub scopes: &'a [String],
    /// How many people were named.
    pub people: usize,
    /// The first day that was asked for.
    pub since: NaiveDate,
}

/// The first day of so many years back.
pub fn since(asked_on: NaiveDate, years_back: i16) -> NaiveDate {
    let months = u32::try_from(years_back).unwrap_or_default().saturating_mul(12);
    asked_on.checked_sub_months(Months::new(months)).unwrap_or(NaiveDate::MIN)
}

/// Holds an answer against what was asked.
///
/// # Errors
/// Every field that breaks a rule.
pub fn check_answer(form: &AnswerForm, asked: &AskedFor<'_>, today: NaiveDate) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let tells = matches!(form.found, Found::Yes | Found::Partly);
    if tells && form.items.is_empty() {
        errors.push(FieldError::at("/items", "required", "are needed: what was found?"));
    }
    if !tells && !form.items.is_empty() {
        errors.push(FieldError::at("/items", "does_not_fit", "have a place only with yes or partly"));
    }
    if matches!(form.found, Found::Partly | Found::Refused) && form.reason.is_none() {
        errors.push(FieldError::at("/reason", "required", "is needed: what is not told, and why?"));
    }
    for (index, item) in form.items.iter().enumerate() {
        let at = |name: &str| format!("/items/{index}/{name}");
        if !asked.scopes.iter().any(|scope| scope == item.scope.as_str()) {
            errors.push(FieldError::at(at("scope"), "not_asked", "was not asked for: tell only what was"));
        }
        if item.about.iter().any(|number| usize::try_from(*number).is_ok_and(|number| number > asked.people)) {
            errors.push(FieldError::at(at("about"), "unknown_person", "names a number that nobody in the request has"));
        }
        for (day, name) in [(item.from, "from"), (item.to, "to")] {
            if day.is_some_and(|day| day > today) {
                errors.push(FieldError::at(at(name), "in_the_future", "is still to come"));
            }
        }
        if item.from.zip(item.to).is_some_and(|(from, to)| from > to) {
            errors.push(FieldError::at(at("to"), "before_its_start", "is before `from`"));
        }
        if item.to.or(item.from).is_some_and(|day| day < asked.since) {
            let detail = format!("is before {}, since when was asked: tell only what was", asked.since);
            errors.push(FieldError::at(at(if item.to.is_some() { "to" } else { "from" }), "not_asked", detail));
        }
        if item.dash_grade.is_some() && item.scope.as_str() != DOMESTIC_ABUSE {
            errors.push(FieldError::at(
                at("dash_grade"),
                "does_not_fit",
                "has a place only with police-domestic-abuse",
            ));
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// In which capacity somebody asks, out of the scopes in which they hold the referral whole; none if in none.
/// `hub` is the scope of the family's district, `leading` that of the team that leads.
pub fn capacity(held: &[String], hub: Option<&str>, leading: Option<&str>) -> Option<String> {
    let may = |scope: &&String| {
        *scope == "front-door" || hub.is_some_and(|hub| *scope == hub) || leading.is_some_and(|team| *scope == team)
    };
    // `front-door` before `hub:…` before `team:…`: the widest first.
    held.iter().filter(may).min().cloned()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn faults(form: serde_json::Value) -> Vec<String> {
        let form: AnswerForm = serde_json::from_value(form).unwrap();
        let scopes = ["police-incidents".to_owned(), DOMESTIC_ABUSE.to_owned()];
        let asked = AskedFor { scopes: &scopes, people: 2, since: day("2024-11-22") };
        let wrong = check_answer(&form, &asked, day("2026-11-22")).err().unwrap_or_default();
        wrong.into_iter().filter_map(|error| error.pointer).collect()
    }

    #[test]
    fn an_answer_tells_what_was_asked_and_no_more() {
        let item = |more: serde_json::Value| {
            let mut item = json!({ "scope": "police-incidents", "words": "x" });
            item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "found": "yes", "items": [item] })
        };
        assert!(faults(item(json!({ "from": "2023-01-01", "to": "2024-11-22", "about": [1, 2] }))).is_empty());
        assert_eq!(faults(item(json!({ "to": "2024-11-21" }))), ["/items/0/to"]);
        assert_eq!(faults(item(json!({ "from": "2024-11-21" }))), ["/items/0/from"]);
        assert_eq!(faults(item(json!({ "from": "2026-11-23" }))), ["/items/0/from"]);
        assert_eq!(faults(item(json!({ "from": "2026-02-02", "to": "2026-02-01" }))), ["/items/0/to"]);
        assert_eq!(faults(item(json!({ "about": [3] }))), ["/items/0/about"]);
        assert_eq!(faults(item(json!({ "dash_grade": "high" }))), ["/items/0/dash_grade"]);
        assert!(faults(item(json!({ "scope": DOMESTIC_ABUSE, "dash_grade": "high" }))).is_empty());
        assert_eq!(faults(item(json!({ "scope": "police-custody" }))), ["/items/0/scope"]);
        assert_eq!(faults(json!({ "found": "yes" })), ["/items"]);
        assert_eq!(faults(json!({ "found": "partly" })), ["/items", "/reason"]);
        assert_eq!(faults(json!({ "found": "refused" })), ["/reason"]);
        assert!(faults(json!({ "found": "nothing_held" })).is_empty());
    }

    #[test]
    fn years_back_end_on_the_same_day() {
        assert_eq!(since(day("2026-11-22"), 2), day("2024-11-22"));
        assert_eq!(since(day("2028-02-29"), 1), day("2027-02-28"));
    }

    #[test]
    fn the_front_door_the_district_s_hub_and_the_leading_team_ask() {
        let held = |scope: &str| vec![scope.to_owned()];
        let asks = |scope: &str| capacity(&held(scope), Some("hub:charnwood"), Some("team:youth-work"));
        for scope in ["front-door", "hub:charnwood", "team:youth-work"] {
            assert_eq!(asks(scope).as_deref(), Some(scope));
        }
        for scope in ["hub:melton", "team:childrens-centre", "agency:police"] {
            assert_eq!(asks(scope), None);
        }
        assert_eq!(capacity(&held("team:youth-work"), None, None), None);
    }
}
