//! Whether the family agrees to a service, after the referral: it is asked and agrees, says no, or takes back what it
//! agreed to. First Response, the hub and the services that have the referral record it, each time it is said; what the
//! referral itself told stays as it was told. It is not the basis on which anything is shared.

mod api;
mod domain;
mod store;

pub use api::routes;
