//! Whom a record is about, where there is no referral: a child reported missing, a parent in a
//! group. Named by the index's id, or by names and birth date as on a referral; kept as told; and
//! shown to whoever sees the record whole.

mod domain;
mod store;

pub use domain::{Whom, teller_scopes};
pub use store::{Known, OpenRecord, identify, open_records_about, show_to_holders, subject_of, teams_at_work_with};
