//! From the bytes of a file to rows that belong together: what a spreadsheet writes, whichever way it does.

use std::collections::HashMap;

use csv::{ByteRecord, ReaderBuilder};
use serde::{Deserialize, Serialize};
use shared::problem::FieldError;

/// About how many rows a chunk has: what one transaction takes.
pub const CHUNK_ROWS: usize = 500;

/// What a file should look like.
#[derive(Debug, Clone)]
pub struct Expected {
    /// The columns it may have, and whether it must have each.
    pub columns: Vec<(&'static str, bool)>,
    /// Columns of our own answers as files, which are passed over.
    pub passed_over: &'static [&'static str],
    /// The column whose value says which rows belong together.
    pub key: &'static str,
    /// The most rows it may have under its header.
    pub most_rows: usize,
    /// The most rows that may belong together.
    pub most_of_one_key: usize,
}

impl Expected {
    fn may_have(&self, name: &str) -> bool {
        self.columns.iter().any(|(column, _)| *column == name)
    }
}

/// A row, as it stands in the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Its number as a spreadsheet shows it: the header is row 1.
    pub number: i32,
    /// Its text, with separators and quotes.
    pub text: String,
    /// Whether it was not UTF-8 and was read as Windows-1252.
    pub converted: bool,
}

/// Rows that belong together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// The rows, in their order.
    pub rows: Vec<Row>,
    /// Whether there are more of them than may belong together.
    pub too_many: bool,
}

/// A file that can be read.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    /// What separates its cells.
    pub separator: u8,
    /// The names of its columns, in their order; empty for one that is passed over.
    pub columns: Vec<String>,
    /// How many rows it has.
    pub rows: usize,
    /// The rows that belong together, in chunks.
    pub chunks: Vec<Vec<Group>>,
    /// What is worth knowing of the file as a whole.
    pub warnings: Vec<FieldError>,
}

fn refusal(code: &str, detail: impl Into<String>) -> Vec<FieldError> {
    vec![FieldError::at("", code, detail)]
}

/// Reads a file as far as its rows.
///
/// # Errors
/// Why the file as a whole can't be taken: every column that is missing, unknown or there twice; or that it
/// is empty, too long or no CSV.
pub fn read(bytes: &[u8], expected: &Expected) -> Result<File, Vec<FieldError>> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(refusal("not_csv", "is a spreadsheet program's own file: save it as CSV and send that"));
    }
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(refusal("utf16", "is in UTF-16: save it as `CSV UTF-8` and send that"));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let separator = separator(bytes);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(bytes);
    let mut record = ByteRecord::new();
    if !read_record(&mut reader, &mut record)? {
        return Err(refusal("empty", "is empty: the first row names the columns"));
    }
    let columns = columns(&record, expected)?;
    let key = columns.iter().position(|name| name == expected.key);
    let mut rows: Vec<Row> = Vec::new();
    let mut keys: Vec<Option<String>> = Vec::new();
    let mut number = 1i32;
    let mut last = 0..usize::try_from(reader.position().byte()).unwrap_or(0);
    while read_record(&mut reader, &mut record)? {
        let to = usize::try_from(reader.position().byte()).unwrap_or(0);
        let after_return = bytes.get(..last.end).is_some_and(|before| before.ends_with(b"\r"));
        last = last.end..to;
        number = number.saturating_add(1 + blank_lines(bytes.get(last.clone()).unwrap_or_default(), after_return));
        if record.iter().all(|cell| cell.iter().all(u8::is_ascii_whitespace)) {
            continue;
        }
        if rows.len() == expected.most_rows {
            return Err(refusal(
                "too_many_rows",
                format!("has more than {} rows: send it in parts", expected.most_rows),
            ));
        }
        let (text, converted) = decoded(bytes.get(last.clone()).unwrap_or_default());
        let own = key.and_then(|key| record.get(key)).map(|cell| decoded(cell).0.trim().to_owned());
        keys.push(own.filter(|key| !key.is_empty()));
        rows.push(Row { number, text, converted });
    }
    if ends_inside_quotes(bytes.get(last).unwrap_or_default(), separator) {
        let detail =
            format!("has a quotation mark in row {number} that is never closed: everything after it is one cell");
        return Err(refusal("unclosed_quote", detail));
    }
    if rows.is_empty() {
        return Err(refusal("no_rows", "has a header and no rows"));
    }
    let warnings = warnings(&rows);
    Ok(File {
        separator,
        columns,
        rows: rows.len(),
        chunks: chunks(groups(rows, keys), expected.most_of_one_key),
        warnings,
    })
}

/// How many blank lines come before a row. A spreadsheet counts them; the reader passes over them. After a
/// carriage return the line feed is still to come.
fn blank_lines(row: &[u8], after_return: bool) -> i32 {
    let lead = row.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
    let lines = lead.filter(|byte| **byte == b'\n').count();
    let rest = usize::from(after_return && row.starts_with(b"\n"));
    i32::try_from(lines.saturating_sub(rest)).unwrap_or(i32::MAX)
}

fn read_record(reader: &mut csv::Reader<&[u8]>, record: &mut ByteRecord) -> Result<bool, Vec<FieldError>> {
    reader.read_byte_record(record).map_err(|error| refusal("not_csv", format!("can't be read as CSV: {error}")))
}

/// The separator that the header is written with.
fn separator(bytes: &[u8]) -> u8 {
    let mut quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for byte in bytes {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if !quoted => {
                if let Some((_, count)) = counts.iter_mut().find(|(separator, _)| separator == byte) {
                    *count += 1;
                }
            }
            _ => {}
        }
    }
    // The first of the likeliest: a header of one column is one with commas.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(separator, _)| *separator)
}

/// The columns of a header.
fn columns(header: &ByteRecord, expected: &Expected) -> Result<Vec<String>, Vec<FieldError>> {
    let mut errors = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    for (index, cell) in header.iter().enumerate() {
        let name = normalised(&decoded(cell).0);
        let place = index + 1;
        if name.is_empty() || expected.passed_over.contains(&name.as_str()) {
            columns.push(String::new());
        } else if !expected.may_have(&name) {
            let detail = format!("is no column of ours (the {place}th of the header); the template lists them");
            errors.push(FieldError::at(format!("/{name}"), "unknown_column", detail));
        } else if columns.contains(&name) {
            let detail = format!("is there twice (again the {place}th of the header)");
            errors.push(FieldError::at(format!("/{name}"), "duplicate_column", detail));
        } else {
            columns.push(name);
        }
    }
    for (column, _) in
        expected.columns.iter().filter(|(column, needed)| *needed && !columns.iter().any(|name| name == column))
    {
        errors.push(FieldError::at(format!("/{column}"), "missing_column", "is a column that a file must have"));
    }
    if errors.is_empty() { Ok(columns) } else { Err(errors) }
}

/// A name in a header as ours are written: `Given name` is `given_name`.
pub fn normalised(name: &str) -> String {
    let one = |c: char| if c.is_whitespace() || c == '-' { '_' } else { c };
    name.trim().chars().flat_map(char::to_lowercase).map(one).collect()
}

/// Text from bytes: UTF-8, or else the Windows-1252 of older spreadsheet programs. The second says which.
fn decoded(bytes: &[u8]) -> (String, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (text.to_owned(), false),
        Err(_) => (bytes.iter().map(|byte| windows_1252(*byte)).collect(), true),
    }
}

/// The characters of 0x80 to 0x9F, where Windows-1252 is not Latin-1. Five bytes mean nothing and stay
/// control characters.
const SPECIAL: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’',
    '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

fn windows_1252(byte: u8) -> char {
    let special = byte.checked_sub(0x80).and_then(|at| SPECIAL.get(usize::from(at)));
    special.copied().unwrap_or(char::from(byte))
}

/// Whether a row, the last of a file, ends within a quoted cell.
fn ends_inside_quotes(row: &[u8], separator: u8) -> bool {
    let (mut quoted, mut at_start) = (false, true);
    for byte in row {
        match byte {
            b'"' if quoted => quoted = false,
            // A doubled quotation mark closes and opens again; one in the middle of a bare cell is just that.
            b'"' if at_start => quoted = true,
            _ => {}
        }
        at_start = !quoted && (*byte == separator || *byte == b'\n' || *byte == b'\r' || *byte == b'"');
    }
    quoted
}

fn warnings(rows: &[Row]) -> Vec<FieldError> {
    let converted = rows.iter().filter(|row| row.converted).count();
    if converted == 0 {
        return Vec::new();
    }
    let detail =
        format!("has {converted} rows that are not UTF-8: they were read as Windows-1252; look at their accents");
    vec![FieldError::at("", "windows_1252", detail)]
}

/// Rows with one key belong together, wherever they stand; a row without one stands alone.
fn groups(rows: Vec<Row>, keys: Vec<Option<String>>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for (row, key) in rows.into_iter().zip(keys) {
        let place = key.as_ref().and_then(|key| known.get(key).copied());
        match place.and_then(|place| groups.get_mut(place)) {
            Some(group) => group.rows.push(row),
            None => {
                known.extend(key.map(|key| (key, groups.len())));
                groups.push(Group { rows: vec![row], too_many: false });
            }
        }
    }
    groups
}

/// Groups in chunks of about [`CHUNK_ROWS`] rows. A group with more rows than may belong together is cut up, and marked: each of its
/// rows is going to be refused.
fn chunks(groups: Vec<Group>, most: usize) -> Vec<Vec<Group>> {
    let mut chunks: Vec<Vec<Group>> = Vec::new();
    let mut filled = CHUNK_ROWS;
    for group in groups {
        let too_many = group.rows.len() > most;
        let size = if too_many { CHUNK_ROWS } else { most };
        let mut rows = group.rows.into_iter().peekable();
        while rows.peek().is_some() {
            let part = Group { rows: rows.by_ref().take(size).collect(), too_many };
            if filled >= CHUNK_ROWS {
                chunks.push(Vec::new());
                filled = 0;
            }
            filled += part.rows.len();
            if let Some(chunk) = chunks.last_mut() {
                chunk.push(part);
            }
        }
    }
    chunks
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "relation,given_name,family_name,referrer_name,referrer_role,concerns,worries";

    fn read(bytes: &[u8]) -> Result<File, Vec<FieldError>> {
        let columns = HEADER.split(',').map(|name| (name, true)).chain([("referral_key", false)]).collect();
        let expected =
            Expected { columns, passed_over: &["row"], key: "referral_key", most_rows: 100_000, most_of_one_key: 30 };
        super::read(bytes, &expected)
    }

    fn of(rows: &str) -> Vec<u8> {
        format!("{HEADER}\n{rows}").into_bytes()
    }

    fn codes(bytes: &[u8]) -> Vec<(String, String)> {
        let errors = read(bytes).unwrap_err();
        errors.into_iter().map(|error| (error.pointer.unwrap_or_default(), error.code)).collect()
    }

    fn pair(pointer: &str, code: &str) -> (String, String) {
        (pointer.to_owned(), code.to_owned())
    }

    #[test]
    fn what_is_no_table_is_refused_as_a_whole() {
        assert_eq!(codes(b""), [pair("", "empty")]);
        assert_eq!(codes(b"\xEF\xBB\xBF"), [pair("", "empty")]);
        assert_eq!(codes(HEADER.as_bytes()), [pair("", "no_rows")]);
        assert_eq!(codes(&of(",,,,,,\n \n")), [pair("", "no_rows")]);
        assert_eq!(codes(b"PK\x03\x04rest"), [pair("", "not_csv")]);
        assert_eq!(codes(b"\xFF\xFEr\0"), [pair("", "utf16")]);
        assert_eq!(codes(&of("child,A,B,C,D,E,\"no end")), [pair("", "unclosed_quote")]);
        assert!(read(&of("child,A,B,C,D,E,\"the \"\"end\"\"\"")).is_ok());
        assert!(read(&of("child,A,B,C,D,E,a 5\" shelf")).is_ok());
        assert!(read(&of("child,A,B,C,D,E,\"\"")).is_ok());
    }

    #[test]
    fn every_column_that_is_wrong_is_named() {
        let header = HEADER.replace("worries", "shoe size,relation");
        let found = codes(format!("{header}\nx").as_bytes());
        assert_eq!(
            found,
            [
                pair("/shoe_size", "unknown_column"),
                pair("/relation", "duplicate_column"),
                pair("/worries", "missing_column")
            ]
        );
    }

    #[test]
    fn the_separator_is_that_of_the_header() {
        for separator in [',', ';', '\t'] {
            let text = of("child,A,B,C,D,E,F").iter().map(|b| char::from(*b)).collect::<String>();
            let file = read(text.replace(',', &separator.to_string()).as_bytes()).unwrap();
            assert_eq!((char::from(file.separator), file.rows), (separator, 1));
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_does_whatever_is_in_them() {
        for line in ["\n", "\r\n"] {
            let text = "child,A,B,C,D,E,\"two|lines\"||,,,,,,|child,A,B,C,D,E,F|child,A,B,C,D,E,F||".replace('|', line);
            let file = read(&of(&text)).unwrap();
            let numbers: Vec<i32> = file.chunks[0].iter().map(|group| group.rows[0].number).collect();
            assert_eq!(numbers, [2, 5, 6], "{line:?}");
        }
    }

    #[test]
    fn bytes_of_an_older_program_are_read_and_said_so() {
        let mut bytes = of("child,Zo\u{eb},B,C,D,E,F\nchild,");
        bytes.extend(b"Ren\xE9e \x80\x93,B,C,D,E,F\n");
        let file = read(&bytes).unwrap();
        assert!(file.chunks[0][0].rows[0].text.contains("Zo\u{eb}") && !file.chunks[0][0].rows[0].converted);
        assert!(file.chunks[0][1].rows[0].text.contains("Ren\u{e9}e €“") && file.chunks[0][1].rows[0].converted);
        assert_eq!(file.warnings[0].code, "windows_1252");
    }

    #[test]
    fn rows_of_one_key_are_one_group_wherever_they_stand() {
        let keyed = |rows: &str| format!("referral_key,{HEADER}\n{rows}").into_bytes();
        let file =
            read(&keyed("1,child,A,B,C,D,E,F\n2,child,A,B,C,D,E,F\n,child,A,B,C,D,E,F\n1,parent,A,B,,,,\n")).unwrap();
        let sizes: Vec<usize> = file.chunks[0].iter().map(|group| group.rows.len()).collect();
        assert_eq!(sizes, [2, 1, 1]);
        let many = "1,child,A,B,C,D,E,F\n".repeat(1200);
        let file = read(&keyed(&many)).unwrap();
        assert_eq!(file.chunks.iter().map(|chunk| chunk[0].rows.len()).collect::<Vec<_>>(), [500, 500, 200]);
        assert!(file.chunks.iter().flatten().all(|group| group.too_many));
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = read(&bytes);
            let _ = read(&[HEADER.as_bytes(), b"\n", &bytes].concat());
        }

        #[test]
        fn no_row_is_lost_or_doubled(keys in proptest::collection::vec(0usize..40, 1..900)) {
            let mut text = format!("referral_key,{HEADER}\n");
            for key in &keys {
                text.push_str(&format!("{key},child,A,B,C,D,E,F\n"));
            }
            let file = read(text.as_bytes()).unwrap();
            let mut numbers: Vec<i32> =
                file.chunks.iter().flatten().flat_map(|group| group.rows.iter().map(|row| row.number)).collect();
            numbers.sort_unstable();
            prop_assert_eq!(numbers, (2..).take(keys.len()).collect::<Vec<i32>>());
        }
    }
}
