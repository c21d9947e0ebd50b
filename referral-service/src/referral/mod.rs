//! The referral itself: where it stands, what may happen to it next, who did what to it and
//! what its referrer was told. The kernel of this service: the other slices act on a
//! referral only through [`Referral`] and the functions here.

pub mod acting;
pub mod allocation;
pub mod api;
pub mod called;
pub mod decision;
pub mod disclosure;
pub mod domain;
pub mod follow_up;
pub mod hub_note;
pub mod known;
pub mod offer;
pub mod previous;
pub mod restricted;
pub mod shown;
pub mod step_up;
pub mod store;
pub mod suits;
pub mod telling;
pub mod told;
pub mod view;

pub use api::routes;
pub use domain::{Happening, Refused, Status};
pub use store::{Referral, for_change};
