//! The rows of samples, audits and actions, and of the standards they are held against.

pub mod action;
pub mod audit;
pub mod reference;
pub mod sample;
