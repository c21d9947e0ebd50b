//! What an agency is asked about people on a referral, and what it answers. Police, health, a school or a
//! district is asked for what it holds of named people, for so many years back as is proportionate, for a
//! stated purpose on a stated basis. It sees only whom to search for, and nothing of the worries. Its answers
//! gather on the referral. Who was told what about whom is a row of its own (`disclosure`).
//!
//! First Response, the hub of the family's district and the team that leads may ask; the agency that was
//! asked answers, by its system or in person; both are reminded when time runs out.

mod api;
mod domain;
pub mod store;

pub use api::routes;
