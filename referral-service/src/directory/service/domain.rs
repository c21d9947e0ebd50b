//! What a schema can't state of a service.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use shared::actor::Word;
use shared::code::Rules;
use shared::problem::FieldError;
use uuid::Uuid;

use super::form::{Capacity, Contact, Eligibility, Location, LocationKind, Recurrence, Schedule, ServiceForm};

/// Holds a form against the rules. `parts` are the ids of the parts the service has.
///
/// # Errors
/// Every field that breaks one.
pub fn check(form: &ServiceForm, rules: &Rules, today: NaiveDate, parts: &[Uuid]) -> Result<(), Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut code = |at: String, set: &str, code: &Word| {
        if !rules.has_code(set, code.as_str(), today) {
            let detail = format!("is no code of today's; GET /v1/codes/{set} lists them");
            errors.push(FieldError::at(at, "unknown_code", detail));
        }
    };
    code("/kind".to_owned(), "service_kind", &form.kind);
    form.service.iter().for_each(|one| code("/service".to_owned(), "service", one));
    let eligibility = &form.eligibility;
    for (set, at, codes) in [
        ("locality", "/eligibility/districts", &eligibility.districts),
        ("concern", "/eligibility/needs", &eligibility.needs),
        ("service_delivery", "/delivery", &form.delivery),
    ] {
        codes.iter().enumerate().for_each(|(index, one)| code(format!("{at}/{index}"), set, one));
    }
    check_eligibility(eligibility, &mut errors);
    check_capacity(&form.capacity, "/capacity", &mut errors);
    for (index, language) in form.languages.iter().enumerate() {
        if language.len() != 2 || !language.bytes().all(|b| b.is_ascii_lowercase()) {
            let at = format!("/languages/{index}");
            errors.push(FieldError::at(at, "wrong_form", "must be two small letters, such as `en` (ISO 639-1)"));
        }
    }
    if form.assured_on.is_some_and(|day| day > today) {
        errors.push(FieldError::at("/assured_on", "in_the_future", "is still to come"));
    }
    for (index, contact) in form.contacts.iter().enumerate() {
        check_contact(contact, &format!("/contacts/{index}"), &mut errors);
    }
    for (index, location) in form.locations.iter().enumerate() {
        check_location(location, &format!("/locations/{index}"), &mut errors);
    }
    check_schedules(&form.schedules, "/schedules", &mut errors);
    check_parts(form, parts, &mut errors);
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

fn check_eligibility(eligibility: &Eligibility, errors: &mut Vec<FieldError>) {
    if let (Some(least), Some(most)) = (eligibility.minimum_age, eligibility.maximum_age)
        && least > most
    {
        errors.push(FieldError::at("/eligibility/maximum_age", "before_minimum", "is below the minimum age"));
    }
    for (index, level) in eligibility.levels.iter().enumerate() {
        if !(1..=4).contains(level) {
            errors.push(FieldError::at(
                format!("/eligibility/levels/{index}"),
                "out_of_range",
                "must be 1 (universal) to 4 (acute)",
            ));
        }
    }
}

/// What is wrong with a capacity.
pub fn check_capacity(capacity: &Capacity, at: &str, errors: &mut Vec<FieldError>) {
    if capacity.taken.is_some() && capacity.places.is_none() {
        errors.push(FieldError::at(
            format!("{at}/places"),
            "required",
            "is needed where `taken` is given: of how many?",
        ));
    }
}

fn check_contact(contact: &Contact, at: &str, errors: &mut Vec<FieldError>) {
    if contact.telephone.is_none() && contact.email.is_none() {
        errors.push(FieldError::at(at, "empty", "gives neither a telephone number nor an e-mail address"));
    }
}

fn check_location(location: &Location, at: &str, errors: &mut Vec<FieldError>) {
    if location.kind != LocationKind::Virtual && location.address.is_none() {
        errors.push(FieldError::at(format!("{at}/address"), "required", "is needed unless the place is virtual"));
    }
    if let Some(address) = &location.address
        && postcode_parts(&address.postcode).is_none()
    {
        let detail = "is no postcode such as LE11 3TU";
        errors.push(FieldError::at(format!("{at}/address/postcode"), "wrong_form", detail));
    }
    match (location.latitude, location.longitude) {
        (Some(_), None) => {
            errors.push(FieldError::at(format!("{at}/longitude"), "required", "is needed where there is a latitude"));
        }
        (None, Some(_)) => {
            errors.push(FieldError::at(format!("{at}/latitude"), "required", "is needed where there is a longitude"));
        }
        _ => {}
    }
    for (index, line) in location.accessibility.iter().enumerate() {
        if line.trim().is_empty() || line.chars().count() > 500 {
            let detail = "must be 1 to 500 characters";
            errors.push(FieldError::at(format!("{at}/accessibility/{index}"), "wrong_length", detail));
        }
    }
    check_schedules(&location.schedules, &format!("{at}/schedules"), errors);
}

fn check_schedules(schedules: &[Schedule], at: &str, errors: &mut Vec<FieldError>) {
    for (index, schedule) in schedules.iter().enumerate() {
        let at = format!("{at}/{index}");
        for (place, day) in schedule.days.iter().enumerate() {
            if !is_day(day, schedule.recurs) {
                let detail = match schedule.recurs {
                    Recurrence::Weekly => "must be MO, TU, WE, TH, FR, SA or SU",
                    Recurrence::Monthly => "must be a day with its number, such as 2MO or -1FR",
                };
                errors.push(FieldError::at(format!("{at}/days/{place}"), "wrong_form", detail));
            }
        }
        if let (Some(opens), Some(closes)) = (&schedule.opens_at, &schedule.closes_at)
            && closes <= opens
        {
            errors.push(FieldError::at(format!("{at}/closes_at"), "before_opening", "is not after it opens"));
        }
        if let (Some(first), Some(last)) = (schedule.starts_on, schedule.ends_on)
            && last < first
        {
            errors.push(FieldError::at(format!("{at}/ends_on"), "before_start", "is before the first day"));
        }
        if schedule.every > 1 && schedule.starts_on.is_none() {
            let detail = "is needed to tell which weeks or months are meant";
            errors.push(FieldError::at(format!("{at}/starts_on"), "required", detail));
        }
    }
}

/// The days of the week as iCalendar and Open Referral spell them, with their English names.
pub const DAYS: [(&str, &str); 7] = [
    ("MO", "monday"),
    ("TU", "tuesday"),
    ("WE", "wednesday"),
    ("TH", "thursday"),
    ("FR", "friday"),
    ("SA", "saturday"),
    ("SU", "sunday"),
];

/// Whether a text names days as iCalendar does, for a recurrence.
pub fn is_day(text: &str, recurs: Recurrence) -> bool {
    let (number, day) = match text.len().checked_sub(2).and_then(|at| text.split_at_checked(at)) {
        Some(parts) => parts,
        None => return false,
    };
    let numbered = number.parse::<i8>().is_ok_and(|number| number != 0 && (-5..=5).contains(&number));
    let right = match recurs {
        Recurrence::Weekly => number.is_empty(),
        Recurrence::Monthly => number.is_empty() || numbered,
    };
    right && DAYS.iter().any(|(code, _)| *code == day)
}

/// A part's id must be one of the service's, and stand once.
fn check_parts(form: &ServiceForm, parts: &[Uuid], errors: &mut Vec<FieldError>) {
    let mut seen = BTreeSet::new();
    let mut part = |at: String, id: Option<Uuid>| {
        let Some(id) = id else { return };
        if !parts.contains(&id) || !seen.insert(id) {
            errors.push(FieldError::at(at, "unknown_part", "is no part of this service; leave it out for a new one"));
        }
    };
    for (index, cost) in form.costs.iter().enumerate() {
        part(format!("/costs/{index}/id"), cost.id);
    }
    for (index, contact) in form.contacts.iter().enumerate() {
        part(format!("/contacts/{index}/id"), contact.id);
    }
    for (index, schedule) in form.schedules.iter().enumerate() {
        part(format!("/schedules/{index}/id"), schedule.id);
    }
    for (index, location) in form.locations.iter().enumerate() {
        part(format!("/locations/{index}/id"), location.id);
        for (place, schedule) in location.schedules.iter().enumerate() {
            part(format!("/locations/{index}/schedules/{place}/id"), schedule.id);
        }
    }
}

/// A postcode as its outward part (`LE11`) and, if it is whole, its inward one (`3TU`).
pub fn postcode_parts(text: &str) -> Option<(String, Option<String>)> {
    let letters: String = text.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_uppercase()).collect();
    if !letters.is_ascii() {
        return None;
    }
    let spaced = text.trim().contains(char::is_whitespace);
    let whole = letters.len().checked_sub(3).map(|at| letters.split_at(at));
    if let Some((outward, inward)) = whole
        && is_outward(outward)
        && is_inward(inward)
    {
        return Some((outward.to_owned(), Some(inward.to_owned())));
    }
    (!spaced && is_outward(&letters)).then_some((letters, None))
}

/// One or two letters, a digit, and perhaps a digit or a letter.
fn is_outward(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest: Vec<u8> = text.bytes().skip(letters).collect();
    (1..=2).contains(&letters)
        && matches!(rest.as_slice(), [a] if a.is_ascii_digit())
            | matches!(rest.as_slice(), [a, b] if a.is_ascii_digit() && b.is_ascii_alphanumeric())
}

fn is_inward(text: &str) -> bool {
    matches!(text.as_bytes(), [a, b, c] if a.is_ascii_digit() && b.is_ascii_uppercase() && c.is_ascii_uppercase())
}

/// What a search by words looks at.
pub fn words_of(name: &str, description: &str) -> String {
    format!("{name} {description}").to_lowercase()
}

/// The words of a search, each of which must be found.
pub fn wanted_words(text: &str) -> Vec<String> {
    text.to_lowercase().split_whitespace().take(20).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_postcode_is_taken_apart() {
        let parts =
            |text: &str| postcode_parts(text).map(|(out, inward)| format!("{out}|{}", inward.unwrap_or_default()));
        assert_eq!(parts("le11 3tu").as_deref(), Some("LE11|3TU"));
        assert_eq!(parts("LE113TU").as_deref(), Some("LE11|3TU"));
        assert_eq!(parts("LE1 1AA").as_deref(), Some("LE1|1AA"), "not district LE11");
        assert_eq!(parts("EC1A 1BB").as_deref(), Some("EC1A|1BB"));
        assert_eq!(parts("LE11").as_deref(), Some("LE11|"));
        for wrong in ["", "LE", "11 LE", "LE11 3T", "L€11 3TU", "LE111 3TU", "LE11 3TUU"] {
            assert_eq!(parts(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn days_are_as_icalendar_has_them() {
        for (text, weekly, monthly) in [
            ("MO", true, true),
            ("2MO", false, true),
            ("-1FR", false, true),
            ("0MO", false, false),
            ("XX", false, false),
            ("", false, false),
            ("9MO", false, false),
        ] {
            assert_eq!(is_day(text, Recurrence::Weekly), weekly, "{text}");
            assert_eq!(is_day(text, Recurrence::Monthly), monthly, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_judged_without_panic(text in ".*") {
            let _ = postcode_parts(&text);
            let _ = is_day(&text, Recurrence::Monthly);
        }
    }
}
