//! The rows of families and cases.

pub mod case;
pub mod family;
pub mod member;
pub mod scope;
