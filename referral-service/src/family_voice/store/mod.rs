//! The rows of voices, consents and case studies.

pub mod consent;
pub mod study;
pub mod voice;
