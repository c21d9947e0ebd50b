//! Who offers services: agencies of the partnership, and organisations that are no user.

mod api;
pub mod store;

pub use api::{OrganisationId, OrganisationView, keeps, routes};
