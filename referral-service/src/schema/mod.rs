//! The tables, as diesel sees them: a file for each part of the service.

mod alerting;
mod audits;
mod brief;
mod case_file;
mod casework;
mod development;
mod directory;
mod experience;
mod front_door;
mod groups;
mod hub;
mod intake;
mod onward;
mod partner_lists;
mod partners;
mod person_index;
mod progress;
mod safeguarding;
mod short_breaks;

pub use alerting::*;
pub use audits::*;
pub use brief::*;
pub use case_file::*;
pub use casework::*;
pub use development::*;
pub use directory::*;
pub use experience::*;
pub use front_door::*;
pub use groups::*;
pub use hub::*;
pub use intake::*;
pub use onward::*;
pub use partner_lists::*;
pub use partners::*;
pub use person_index::*;
pub use progress::*;
pub use safeguarding::*;
pub use short_breaks::*;

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

diesel::allow_tables_to_appear_in_same_query!(
    family,
    family_name,
    family_referral,
    family_member,
    family_relationship,
    family_address,
    family_problem,
    family_case,
    case_worker,
    case_team,
    case_attachment,
    case_ending,
);
diesel::allow_tables_to_appear_in_same_query!(family_member, person);
