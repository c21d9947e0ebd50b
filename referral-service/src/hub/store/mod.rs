//! The hubs' rows.

pub mod agenda;
pub mod deciding;
pub mod meeting;
pub mod practice;
