//! Taking in another directory's services, as an Open Referral UK document has them: row by row,
//! each taken whole or refused with what is wrong, and the same again the next time. What the
//! standard has no word for (room, levels of need, the allocation service) stays as it was kept here.
//!
//! No person comes in: of a contact the desk is taken and the name is not.

mod api;
mod domain;
mod parts;
mod reading;
mod store;

pub use api::routes;
