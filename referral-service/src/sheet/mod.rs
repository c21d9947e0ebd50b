//! Tables that people and programs send as CSV: from bytes to rows and cells, whichever spreadsheet wrote them. Part
//! of the kernel: files of referrals and partners' lists are read alike.

pub mod cell;
mod file;
mod problem;
mod row;

pub use file::{CHUNK_ROWS, Expected, File, Group, Row, normalised, read};
pub use problem::{Problems, RowProblem};
pub use row::said;
