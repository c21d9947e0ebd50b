//! What is known of a service before it is asked: whether it is open, has room, and is for such a
//! family. Part of the kernel: `directory` keeps these facts, ranks by them and publishes them;
//! whoever allocates asks here whether a service is full, closed or for others.
//!
//! It never decides. A hub may allocate in spite of every obstacle but one: what has closed
//! can't be asked.

mod domain;
mod store;

pub use domain::{Asked, Obstacle, Opening, Provision, obstacles};
pub use store::{Named, named, of_code, standing_in_the_way};
