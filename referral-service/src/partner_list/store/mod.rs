//! The rows of agreements, lists and the families they found.

pub mod agreement;
pub mod family;
pub mod list;
pub mod matching;
