//! CSV as we write it: in UTF-8 and so that no spreadsheet takes a cell for a formula.

use csv::{Terminator, WriterBuilder};

use super::column::{COLUMNS, Of};
use crate::sheet::cell::is_formula;

/// A spreadsheet program reads UTF-8 as such only after this.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// A cell that no program works out: what begins like a formula has an apostrophe before it.
pub fn neutralised(cell: &str) -> String {
    if is_formula(cell.trim_start_matches('\'')) { format!("'{cell}") } else { cell.to_owned() }
}

/// A table that grows row by row.
pub struct Table(csv::Writer<Vec<u8>>);

impl Table {
    /// A table with nothing in it.
    pub fn new() -> Self {
        Self(WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).from_writer(MARK.to_vec()))
    }

    /// The rest of a table that was begun before.
    pub fn continued() -> Self {
        Self(WriterBuilder::new().flexible(true).terminator(Terminator::CRLF).from_writer(Vec::new()))
    }

    /// Another row.
    ///
    /// # Errors
    /// In words; memory is the only thing that could fail.
    pub fn row<'a>(&mut self, cells: impl IntoIterator<Item = &'a str>) -> Result<(), String> {
        self.0.write_record(cells.into_iter().map(neutralised)).map_err(|error| error.to_string())
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`Table::row`].
    pub fn finish(self) -> Result<Vec<u8>, String> {
        self.0.into_inner().map_err(|error| error.to_string())
    }
}

/// A file to fill in: every column, and a referral of two people as an example.
///
/// # Errors
/// As [`Table::row`].
pub fn template() -> Result<Vec<u8>, String> {
    let mut table = Table::new();
    table.row(COLUMNS.iter().map(|column| column.name))?;
    table.row(COLUMNS.iter().map(|column| column.example))?;
    table.row(COLUMNS.iter().map(|column| match (column.of, column.name) {
        (Of::Key, _) | (_, "family_name" | "household" | "address" | "postcode") => column.example,
        (_, "relation") => "parent",
        (_, "given_name") => "Willow",
        _ => "",
    }))?;
    table.finish()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::batch::column::expected;
    use crate::batch::reading::form;
    use crate::sheet::cell::cells;
    use crate::sheet::{Row, read};
    use proptest::prelude::*;

    #[test]
    fn the_template_is_a_file_we_take_once_its_example_has_another_key() {
        let text = String::from_utf8(template().unwrap()).unwrap();
        let file = read(text.replace("example,", "1,").as_bytes(), &expected()).unwrap();
        assert_eq!((file.rows, file.chunks[0].len()), (2, 1));
        let group = &file.chunks[0][0];
        let (form, problems) = form(group, &cells(group.rows.iter(), file.separator), &file.columns);
        assert_eq!(problems, []);
        assert_eq!(form.unwrap().people.len(), 2);
    }

    proptest! {
        #[test]
        fn no_cell_that_is_written_begins_like_a_formula(cell in "['=+@\\-\\t a]{0,6}") {
            prop_assert!(!is_formula(&neutralised(&cell)));
        }

        #[test]
        fn what_is_written_is_read_as_the_same_cells(row in proptest::collection::vec("[a,\"\\n; é]{0,5}", 2..6)) {
            let mut table = Table::new();
            table.row(row.iter().map(String::as_str)).unwrap();
            let bytes = table.finish().unwrap();
            let text = std::str::from_utf8(&bytes[3..]).unwrap().to_owned();
            let written = Row { number: 2, text, converted: false };
            prop_assert_eq!(cells([&written, &written].into_iter(), b','), [row.clone(), row]);
        }
    }
}
