//! The rows of families and cases.

pub mod case;
pub mod family;
pub mod household;
pub mod list;
pub mod member;
pub mod problem;
pub mod scope;
pub mod step_up;
pub mod told;
pub mod told_need;
pub mod worker;
