//! What two services already need: who is asking, what they may do and see, how a
//! request becomes one transaction with its audit row and its events, and how a
//! process starts, serves and stops. No word of the domain beyond ids, agencies
//! and roles lives here, and nothing here imports a service.
#![deny(missing_docs)]

pub mod access;
pub mod actor;
pub mod audit;
pub mod auth;
pub mod background;
pub mod calendar;
pub mod client;
pub mod clock;
pub mod code;
pub mod config;
pub mod db;
pub mod deadline;
pub mod etag;
pub mod events;
pub mod health;
pub mod housekeeping;
pub mod id;
pub mod mistakes;
pub mod openapi;
pub mod page;
pub mod payload;
pub mod problem;
pub mod query;
pub mod reference;
pub mod request;
pub mod schema;
pub mod server;
pub mod service;
pub mod telemetry;
pub mod testing;
pub mod words;
pub mod work;
