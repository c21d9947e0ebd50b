//! What the cells of a row say, and what is wrong or odd about them whatever they mean.

use std::collections::HashMap;

use super::cell::{is_formula, plain};
use super::{Problems, Row, RowProblem};

/// What the cells of a row say, by column: with spaces, without what is empty. Nothing, if it has not as many cells as
/// there are columns.
///
/// `most` is how many characters a column may hold. What there is to say of the row is added to `problems`.
pub fn said(
    row: &Row,
    cells: &[String],
    columns: &[String],
    most: impl Fn(&str) -> usize,
    problems: &mut Problems,
) -> Option<HashMap<String, String>> {
    let beyond = cells.iter().skip(columns.len()).any(|cell| !cell.trim().is_empty());
    if cells.len() < columns.len() || beyond {
        let detail = format!("has {} cells, and the header {}", cells.len(), columns.len());
        say(problems, true, row.number, None, "ragged", &detail);
        return None;
    }
    if row.converted {
        let detail = "was not UTF-8 and was read as Windows-1252: look at its accents";
        say(problems, false, row.number, None, "windows_1252", detail);
    }
    let mut said = HashMap::new();
    for (name, cell) in columns.iter().zip(cells).filter(|(name, _)| !name.is_empty()) {
        let cell = plain(cell);
        if cell.trim().is_empty() {
            continue;
        }
        look_at(row.number, name, cell, most(name), problems);
        said.insert(name.clone(), cell.to_owned());
    }
    Some(said)
}

fn say(problems: &mut Problems, refused: bool, row: i32, column: Option<&str>, code: &str, detail: &str) {
    let column = column.map(str::to_owned);
    problems.push((row, RowProblem { refused, column, code: code.to_owned(), detail: detail.to_owned() }));
}

fn look_at(row: i32, name: &str, cell: &str, most: usize, problems: &mut Problems) {
    if cell.trim().chars().count() > most {
        say(problems, true, row, Some(name), "too_long", &format!("may have at most {most} characters"));
    }
    if cell.contains('\0') {
        say(problems, true, row, Some(name), "control_character", "contains a NUL character");
    }
    let number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | ' ' | '(' | ')');
    if is_formula(cell) && !cell.chars().all(number) {
        let detail = "begins like a formula: it was taken as the text it is, and no program of ours works it out";
        say(problems, false, row, Some(name), "formula", detail);
    }
}
