//! The tables, as diesel sees them: a file for each part of the service.

mod alerting;
mod front_door;
mod person_index;

pub use alerting::*;
pub use front_door::*;
pub use person_index::*;

diesel::allow_tables_to_appear_in_same_query!(
    person,
    referral,
    contact,
    named_person,
    person_link,
    decision,
    decision_reason,
    feedback,
    referral_history,
    allocation,
);
