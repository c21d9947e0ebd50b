//! What happened, told to the other services exactly once: the event log, the relay that
//! numbers and copies it, the consumer that applies it.

mod consumer;
mod envelope;
mod feed;
mod log;
mod relay;

pub use consumer::{Apply, Failure, run as run_consumer};
pub use envelope::{CloudEvent, Event, joined};
pub use feed::{EventPage, events as feed};
pub use log::append;
pub use relay::{new_epoch, run as run_relay};
