//! Whom a record is about, where there is no referral: a child reported missing, a parent in a
//! group. Named by the index's id, or by names and birth date as on a referral; kept as told; given to whom
//! it concerns; and shown to whoever sees the record whole.

mod domain;
mod store;
mod telling;

pub use domain::Whom;
pub use store::{
    Known, OpenRecord, SeenRecord, identify, open_records_about, open_records_seen, show_to_holders, subject_of,
    teams_at_work_with,
};
pub use telling::{Reporter, TeamToGive, Told, who_must_know};
