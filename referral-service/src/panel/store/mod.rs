//! The panels' rows.

pub mod case;
pub mod member;
