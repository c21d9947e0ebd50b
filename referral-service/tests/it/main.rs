//! referral-service over HTTP, with a real database of each test's own.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing)]

mod access;
mod alerts;
mod allocation_life;
mod allocations;
mod assessments;
mod bad_input;
mod batches;
mod capacity;
mod cases;
mod casework_plans;
mod closures;
mod contacts;
mod database_alone;
mod directory;
mod drafts;
mod families;
mod exploitation;
mod housekeeping;
mod imports;
mod information;
mod intake;
mod matching;
mod messages;
mod missing;
mod open_referral;
mod people;
mod plans;
mod queue;
mod retries;
mod sign_off;
mod steps;
mod triage;
mod work;
mod world;
