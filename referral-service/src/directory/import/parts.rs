//! The parts of a service in another directory's words.

use chrono::NaiveDate;
use shared::problem::FieldError;

use super::reading::{Node, Remarks};
use crate::directory::feed::domain::time_of_day;
use crate::directory::service::domain::{is_day, postcode_parts};
use crate::directory::service::form::{Address, Contact, Cost, Location, LocationKind, Recurrence, Schedule};

/// An age in whole years.
pub fn age(row: &Node<'_>, name: &str, remarks: &mut Remarks) -> Option<i16> {
    let number = row.number(name, remarks)?;
    if !(0.0..=120.0).contains(&number) {
        let at = format!("{}/{name}", row.pointer());
        remarks.errors.push(FieldError::at(at, "out_of_range", "must be 0 to 120 years"));
        return None;
    }
    if number.fract() != 0.0 {
        remarks.notes.push(format!("{name} was taken in whole years"));
    }
    format!("{:.0}", number.trunc()).parse().ok()
}

/// A web address; what is none is left out.
pub fn web_address(row: &Node<'_>, name: &str, remarks: &mut Remarks) -> Option<String> {
    let text = row.text(name, 500, remarks)?;
    let is_one = (text.starts_with("https://") || text.starts_with("http://"))
        && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    if !is_one {
        remarks.notes.push(format!("{name} is no web address and was left out"));
    }
    is_one.then_some(text)
}

/// An e-mail address; what is none is left out.
pub fn email(row: &Node<'_>, name: &str, remarks: &mut Remarks) -> Option<String> {
    let text = row.text(name, 254, remarks)?;
    let is_one = text.split_once('@').is_some_and(|(before, after)| {
        !before.is_empty() && after.contains('.') && !after.contains('@') && !after.ends_with('.')
    }) && !text.contains(|c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"'));
    if !is_one {
        remarks.notes.push(format!("{name} is no e-mail address and was left out"));
    }
    is_one.then_some(text)
}

/// Languages by their two letters.
pub fn languages(row: &Node<'_>, remarks: &mut Remarks) -> Vec<String> {
    let mut codes: Vec<String> = Vec::new();
    for node in row.objects("languages", remarks) {
        let code = node.text("code", 40, remarks).or_else(|| node.text("language", 40, remarks));
        let code = code.map(|code| code.to_lowercase()).filter(|code| code.len() == 2 && code.is_ascii());
        if let Some(code) = code
            && code.bytes().all(|b| b.is_ascii_lowercase())
            && !codes.contains(&code)
        {
            codes.push(code);
        }
    }
    codes
}

/// What it costs, in pence.
pub fn costs(row: &Node<'_>, remarks: &mut Remarks) -> Vec<Cost> {
    let mut costs = Vec::new();
    for node in row.objects("cost_options", remarks) {
        let option = node.text("option", 200, remarks);
        let note = node.text("amount_description", 500, remarks);
        let pounds = node.number("amount", remarks).filter(|pounds| (0.0..=1_000_000.0).contains(pounds));
        if option.is_none() && note.is_none() && pounds.is_none() {
            continue;
        }
        costs.push(Cost {
            id: None,
            option: option.unwrap_or_else(|| "Everybody".to_owned()),
            pence: pounds.and_then(|pounds| format!("{:.0}", pounds * 100.0).parse().ok()),
            note,
        });
    }
    costs.truncate(20);
    costs
}

/// Desks and offices. A person's name is not taken.
pub fn contacts(row: &Node<'_>, remarks: &mut Remarks) -> Vec<Contact> {
    let mut contacts = Vec::new();
    let mut names = 0;
    for node in row.objects("contacts", remarks) {
        names += usize::from(node.text("name", 1000, remarks).is_some());
        let phones = node.objects("phones", remarks);
        let telephone = phones.iter().filter_map(|phone| phone.text("number", 200, remarks)).find(|number| {
            (3..=40).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit() || b"+() -".contains(&b))
        });
        let email = email(&node, "email", remarks);
        if telephone.is_some() || email.is_some() {
            let title = node.text("title", 200, remarks).unwrap_or_else(|| "Enquiries".to_owned());
            contacts.push(Contact { id: None, title, telephone, email });
        }
    }
    contacts.truncate(10);
    if names > 0 {
        remarks.notes.push("names of people were left out of the contacts".to_owned());
    }
    contacts
}

fn day(node: &Node<'_>, name: &str, remarks: &mut Remarks) -> Option<NaiveDate> {
    node.text(name, 40, remarks)?.get(..10)?.parse().ok()
}

/// When it is offered, as far as it can be said here.
pub fn schedule(node: &Node<'_>, remarks: &mut Remarks) -> Option<Schedule> {
    let recurs = match node.text("freq", 40, remarks).as_deref() {
        None | Some("WEEKLY") => Recurrence::Weekly,
        Some("MONTHLY") => Recurrence::Monthly,
        Some(_) => {
            remarks.notes.push("a schedule that is neither weekly nor monthly was left out".to_owned());
            return None;
        }
    };
    let every = node.number("interval", remarks).filter(|every| (1.0..=52.0).contains(every));
    let every: i16 = every.and_then(|every| format!("{:.0}", every.trunc()).parse().ok()).unwrap_or(1);
    let byday = node.text("byday", 200, remarks).unwrap_or_default();
    let days: Vec<String> =
        byday.split(',').map(|day| day.trim().to_uppercase()).filter(|day| is_day(day, recurs)).take(31).collect();
    let time = |text: Option<String>| text.and_then(|text| time_of_day(&text));
    let mut opens_at = time(node.text("opens_at", 40, remarks));
    let mut closes_at = time(node.text("closes_at", 40, remarks));
    if opens_at.is_some() && closes_at.is_some() && closes_at <= opens_at {
        remarks.notes.push("a schedule that closes before it opens was taken without times".to_owned());
        (opens_at, closes_at) = (None, None);
    }
    let starts_on = day(node, "dtstart", remarks).or_else(|| day(node, "valid_from", remarks));
    let ends_on = day(node, "valid_to", remarks).filter(|last| starts_on.is_none_or(|first| *last >= first));
    let description = node.text("description", 1000, remarks);
    if days.is_empty() && opens_at.is_none() && description.is_none() {
        return None;
    }
    let every = if starts_on.is_none() { 1 } else { every };
    Some(Schedule { id: None, recurs, every, days, opens_at, closes_at, starts_on, ends_on, description })
}

/// A place, if its address is whole.
pub fn location(node: &Node<'_>, schedules: Vec<Schedule>, remarks: &mut Remarks) -> Option<Location> {
    let kind = match node.text("location_type", 40, remarks).as_deref() {
        Some("virtual") => LocationKind::Virtual,
        Some("postal") => LocationKind::Postal,
        _ => LocationKind::Physical,
    };
    let address = node.objects("addresses", remarks).first().and_then(|one| {
        Some(Address {
            line: one.text("address_1", 500, remarks)?,
            town: one.text("city", 200, remarks)?,
            county: one.text("state_province", 200, remarks)?,
            postcode: one.text("postal_code", 10, remarks).filter(|text| postcode_parts(text).is_some())?,
        })
    });
    if address.is_none() && kind != LocationKind::Virtual {
        remarks.notes.push("a place without a whole address was left out".to_owned());
        return None;
    }
    let degrees = |name: &str, most: f64, remarks: &mut Remarks| {
        node.number(name, remarks).filter(|degrees| degrees.abs() <= most)
    };
    let point = degrees("latitude", 90.0, remarks).zip(degrees("longitude", 180.0, remarks));
    let accessibility = node
        .objects("accessibility", remarks)
        .iter()
        .filter_map(|one| one.text("description", 500, remarks).or_else(|| one.text("accessibility", 500, remarks)))
        .take(20)
        .collect();
    Some(Location {
        id: None,
        name: node
            .text("name", 200, remarks)
            .or_else(|| address.as_ref().map(|one| one.line.chars().take(200).collect()))
            .unwrap_or_else(|| "Online or by telephone".to_owned()),
        kind,
        description: node.text("description", 4000, remarks),
        address,
        latitude: point.map(|(latitude, _)| latitude),
        longitude: point.map(|(_, longitude)| longitude),
        accessibility,
        schedules,
    })
}
