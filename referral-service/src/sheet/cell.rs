//! Cells, and what they mean as people and programs write it.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use csv::ReaderBuilder;
use shared::actor::Word;
use shared::calendar::{local_instant, start_of_day};

use super::Row;

/// The cells of rows, without their separators and quotes: a list for each row. All rows at once, because
/// making a reader costs more than reading a row.
pub fn cells<'a>(rows: impl Iterator<Item = &'a Row>, separator: u8) -> Vec<Vec<String>> {
    let mut text = String::new();
    for row in rows {
        text.push_str(&row.text);
        if !row.text.ends_with(['\n', '\r']) {
            text.push('\n');
        }
    }
    let mut reader =
        ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes());
    let records = reader.records().map_while(Result::ok);
    records.map(|record| record.iter().map(str::to_owned).collect()).collect()
}

/// Whether a spreadsheet would take a cell for a formula.
pub fn is_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// A cell as it was before our own files put an apostrophe before what begins like a formula.
pub fn plain(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if is_formula(rest.trim_start_matches('\'')) => rest,
        _ => cell,
    }
}

/// A word as our codes of several words are spelt.
pub fn spelt(cell: &str) -> String {
    cell.trim().to_lowercase().replace([' ', '-'], "_")
}

/// A code.
pub fn word(cell: &str) -> Option<Word> {
    cell.to_lowercase().parse().ok()
}

/// A single digit.
pub fn digit(cell: &str) -> Option<i16> {
    cell.parse().ok().filter(|digit| (0..=9).contains(digit))
}

/// An answer.
pub fn yes_or_no(cell: &str) -> Option<bool> {
    match cell.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Some(true),
        "no" | "n" | "false" | "0" => Some(false),
        _ => None,
    }
}

/// A day, as programs write it or as people in England do.
pub fn day(cell: &str) -> Option<NaiveDate> {
    let with_full_year = |day: &NaiveDate| chrono::Datelike::year(day) >= 1000;
    let read = |form| NaiveDate::parse_from_str(cell, form).ok().filter(with_full_year);
    read("%Y-%m-%d").or_else(|| read("%d/%m/%Y"))
}

/// An instant; a bare one is by England's clocks, a day its beginning.
pub fn instant(cell: &str) -> Option<DateTime<Utc>> {
    let with_zone = DateTime::parse_from_rfc3339(cell).ok().map(|at| at.to_utc());
    let bare = |form| NaiveDateTime::parse_from_str(cell, form).ok().map(local_instant);
    with_zone
        .or_else(|| bare("%Y-%m-%d %H:%M"))
        .or_else(|| bare("%d/%m/%Y %H:%M"))
        .or_else(|| day(cell).map(start_of_day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_written_here_and_never_guessed() {
        assert_eq!(day("2019-02-03"), day("3/2/2019"));
        assert_eq!(day("3/2/19"), None);
        assert_eq!(day("13/13/2019"), None);
        assert_eq!(day("43499"), None);
        assert_eq!(instant("20/07/2026 09:30"), instant("2026-07-20T08:30:00Z"));
        assert!(instant("20/11/2026 09:30").is_some() && instant("2026-11-20").is_some() && instant("noon").is_none());
    }
}
