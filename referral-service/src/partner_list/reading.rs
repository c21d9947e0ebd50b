//! From rows as they were sent, in JSON or in a file, to families, with every mistake named by its row and column.

use std::collections::HashMap;

use chrono::NaiveDate;
use shared::actor::Word;
use shared::code::Rules;

use super::store::agreement::Agreement;
use crate::contact::Relation;
use crate::people::{birth_date_error, name_key};
use crate::sheet::cell::{day, spelt};
use crate::sheet::{Expected, Problems, RowProblem};

/// The code set of why a family stands on a list.
pub const REASONS: &str = "partner_list_reason";
/// The fields that an agreement allows or not.
pub const FIELDS: [&str; 4] = ["birth_date", "address", "postcode", "school"];
/// The most rows of a list.
pub const MOST_ROWS: usize = 2000;
/// The most people of one family.
pub const MOST_PEOPLE: usize = 30;

/// The columns a row may have, whether it must, and how many characters each holds.
pub const COLUMNS: [(&str, bool, usize); 10] = [
    ("family_key", false, 100),
    ("relation", true, 20),
    ("given_name", true, 200),
    ("family_name", true, 200),
    ("birth_date", false, 10),
    ("address", false, 1000),
    ("postcode", false, 10),
    ("school", false, 200),
    ("reason", true, 64),
    ("reason_on", true, 10),
];

/// What a file should look like.
pub fn expected() -> Expected {
    Expected {
        columns: COLUMNS.iter().map(|(name, needed, _)| (*name, *needed)).collect(),
        passed_over: &["row", "outcome", "problems"],
        key: "family_key",
        most_rows: MOST_ROWS,
        most_of_one_key: MOST_PEOPLE,
    }
}

/// How many characters a column holds.
pub fn most(column: &str) -> usize {
    COLUMNS.iter().find(|(name, _, _)| *name == column).map_or(usize::MAX, |(_, _, most)| *most)
}

/// A row as it was sent: what its cells say, by column.
#[derive(Debug, Clone)]
pub struct Sent {
    /// Its number: as a spreadsheet shows it, or its place in the JSON from 1.
    pub number: i32,
    /// What its cells say; nothing, if that is refused already.
    pub said: Option<HashMap<String, String>>,
}

/// A row that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// Its number.
    pub number: i32,
    /// What the person is in the family.
    pub relation: Relation,
    /// Given name.
    pub given_name: String,
    /// Family name.
    pub family_name: String,
    /// Birth date.
    pub birth_date: Option<NaiveDate>,
    /// Address.
    pub address: Option<String>,
    /// Postcode.
    pub postcode: Option<String>,
    /// School.
    pub school: Option<String>,
    /// Why the family stands on the list.
    pub reason: Word,
    /// As of when.
    pub reason_on: NaiveDate,
}

/// A family whose rows were all understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFamily {
    /// The partner's own mark of it.
    pub key: Option<String>,
    /// Its people.
    pub rows: Vec<ListRow>,
}

/// What a list is read by.
#[derive(Debug, Clone, Copy)]
pub struct Reading<'a> {
    /// The agreement it comes under.
    pub agreement: &'a Agreement,
    /// The codes in force.
    pub rules: &'a Rules,
    /// As of which day the partner drew it.
    pub drawn_on: NaiveDate,
}

/// The rows of one key, each with its number, and what it says if it is right.
type Group = (Option<String>, Vec<(i32, Option<ListRow>)>);

/// Families of which every row is right; the others' rows are all refused. `problems` has what there is to say.
pub fn families(sent: Vec<Sent>, reading: Reading<'_>, problems: &mut Problems) -> Vec<ListFamily> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let mut people: HashMap<(String, String, NaiveDate), i32> = HashMap::new();
    for row in sent {
        let key = row.said.as_ref().and_then(|said| cell(said, "family_key")).map(str::to_owned);
        let read = row.said.as_ref().and_then(|said| reading.row(row.number, said, problems));
        let read = read.filter(|read| is_first(read, &mut people, problems));
        let place = key.as_ref().and_then(|key| known.get(key).copied());
        match place.and_then(|place| groups.get_mut(place)) {
            Some((_, rows)) => rows.push((row.number, read)),
            None => {
                known.extend(key.clone().map(|key| (key, groups.len())));
                groups.push((key, vec![(row.number, read)]));
            }
        }
    }
    groups.into_iter().filter_map(|(key, rows)| family(key, rows, problems)).collect()
}

/// A family, if there is nothing wrong with any of its rows.
fn family(key: Option<String>, rows: Vec<(i32, Option<ListRow>)>, problems: &mut Problems) -> Option<ListFamily> {
    let first = rows.first().map_or(0, |(number, _)| *number);
    let refused = |number: i32, problems: &Problems| problems.iter().any(|(row, one)| *row == number && one.refused);
    let child = |row: &Option<ListRow>| row.as_ref().is_none_or(|row| row.relation == Relation::Child);
    if rows.len() > MOST_PEOPLE {
        let detail = format!("stands with more than {MOST_PEOPLE} rows of one family_key");
        rows.iter().for_each(|(number, _)| refuse(problems, *number, Some("family_key"), "too_many", &detail));
    } else if !rows.iter().any(|(_, row)| child(row)) {
        let detail = "names no child: help is offered to families with children";
        refuse(problems, first, Some("relation"), "no_child", detail);
    }
    let wrong = rows.iter().map(|(number, _)| *number).find(|number| refused(*number, problems));
    let Some(wrong) = wrong else {
        return Some(ListFamily { key, rows: rows.into_iter().filter_map(|(_, row)| row).collect() });
    };
    for (number, _) in &rows {
        if !refused(*number, problems) {
            let detail = format!("belongs to one family with row {wrong}, which was refused");
            refuse(problems, *number, None, "with_others", &detail);
        }
    }
    None
}

fn is_first(row: &ListRow, people: &mut HashMap<(String, String, NaiveDate), i32>, problems: &mut Problems) -> bool {
    let Some(birth) = row.birth_date else { return true };
    let person = (name_key(&row.family_name), name_key(&row.given_name), birth);
    match people.insert(person, row.number) {
        Some(before) => {
            let detail = format!("names the same person as row {before}");
            refuse(problems, row.number, Some("given_name"), "repeated", &detail);
            false
        }
        None => true,
    }
}

fn refuse(problems: &mut Problems, row: i32, column: Option<&str>, code: &str, detail: &str) {
    let column = column.map(str::to_owned);
    problems.push((row, RowProblem { refused: true, column, code: code.to_owned(), detail: detail.to_owned() }));
}

fn cell<'a>(said: &'a HashMap<String, String>, column: &str) -> Option<&'a str> {
    said.get(column).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
}

impl Reading<'_> {
    /// A row, if there is nothing wrong with it.
    fn row(&self, number: i32, said: &HashMap<String, String>, problems: &mut Problems) -> Option<ListRow> {
        let before = problems.len();
        let text = |column: &str| cell(said, column).map(str::to_owned);
        let mut wrong = |column: &str, code: &str, detail: &str| refuse(problems, number, Some(column), code, detail);
        for (column, needed, _) in COLUMNS {
            if needed && cell(said, column).is_none() {
                wrong(column, "required", "is missing");
            }
        }
        for column in FIELDS.into_iter().filter(|column| !self.agreement.fields.iter().any(|field| field == column)) {
            if cell(said, column).is_some() {
                wrong(column, "not_agreed", &format!("is no field that “{}” lets you send", self.agreement.title));
            }
        }
        let relation = cell(said, "relation").map(|cell| spelt(cell).parse::<Relation>());
        if matches!(relation, Some(Err(()))) {
            let detail = "must be child, parent, carer, sibling, grandparent or other_adult";
            wrong("relation", "wrong_form", detail);
        }
        let mut dated = |column: &str| {
            let given = cell(said, column)?;
            let read = day(given);
            if read.is_none() {
                wrong(column, "wrong_form", "must be a day such as 2019-02-03 or 03/02/2019");
            }
            read
        };
        let (birth_date, reason_on) = (dated("birth_date"), dated("reason_on"));
        if reason_on.is_some_and(|on| on > self.drawn_on) {
            wrong("reason_on", "after_the_list", "is after the day the list was drawn on");
        }
        if let Some(error) = birth_date.and_then(|birth| birth_date_error(birth, self.drawn_on, "/birth_date")) {
            wrong("birth_date", &error.code, &error.detail);
        }
        let reason = cell(said, "reason").map(|cell| cell.to_lowercase());
        let code = reason.as_deref().and_then(|reason| reason.parse::<Word>().ok());
        match (&reason, &code) {
            (Some(_), Some(code)) if self.is_reason(code) => {
                if !self.agreement.reasons.iter().any(|reason| reason == code.as_str()) {
                    wrong("reason", "not_agreed", &format!("is no reason of “{}”", self.agreement.title));
                }
            }
            (Some(_), _) => {
                wrong("reason", "unknown_code", "is no reason; GET /v1/codes/partner_list_reason lists them");
            }
            (None, _) => {}
        }
        if problems.iter().skip(before).any(|(_, problem)| problem.refused) {
            return None;
        }
        Some(ListRow {
            number,
            relation: relation?.ok()?,
            given_name: text("given_name")?,
            family_name: text("family_name")?,
            birth_date,
            address: text("address"),
            postcode: text("postcode"),
            school: text("school"),
            reason: code?,
            reason_on: reason_on?,
        })
    }

    fn is_reason(&self, code: &Word) -> bool {
        self.rules.has_code(REASONS, code.as_str(), self.drawn_on)
    }
}
