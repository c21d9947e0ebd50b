//! Journeys over the real processes, through the gateway, by people and systems that signed in.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod access;
mod busy_day;
mod case_study;
mod documents;
mod events;
mod faults;
mod journey;
mod slices;
mod tour;
mod year;
