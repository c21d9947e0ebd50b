//! Youth justice prevention: an allocation to this service becomes a case that awaits
//! acceptance. The allocation stays referral-service's: a worker here *asks* to accept, decline
//! or close it, and may be refused because the referral was withdrawn meanwhile.
//!
//! # Where it may break, and what then
//!
//! No call is made inside a transaction, so an ask is three steps: look (`change::look`, a
//! transaction of its own), ask (`ask::ask`, no transaction), record (`change::carry_out`, the
//! transaction that keeps the answer under the caller's `Idempotency-Key`).
//!
//! - Before the ask: nothing has happened anywhere. Sending the request again begins anew.
//! - The ask is lost, or its answer is: it is asked once more with the same key, which is made of
//!   the case and the ask, so referral-service does it once and answers the same. If that is lost
//!   too the caller gets 503, and the same holds when the caller sends the request again.
//! - After the ask, before it is recorded: referral-service's own event says what happened and
//!   the consumer records it, without a name. If the caller sends the request again, its
//!   `If-Match` is older than the case, which stands where the request wants it with nobody's
//!   name to it: then it is asked again with the same key. Only the one whose ask it was is
//!   answered as if the answer had never been lost, and has their name put to the step; anyone
//!   else gets 412.
//! - The event and the recording race: whoever takes the case's row lock first moves it, and the
//!   step's primary key lets each step be recorded, and its event published, once.

mod api;
mod ask;
mod change;
mod domain;
mod event;
mod store;
mod view;

pub use api::routes;
pub use event::{OFFERED_SERVICE, take_in};
pub use store::LIST;
