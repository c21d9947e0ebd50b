//! What is due: the open clocks of the records one works on, in the order in which they are due. For
//! oneself, one's team or one's district; each service answers for its own records and the gateway
//! makes one list of them. The rows are kept by the triggers of `migrations/*_work`, so that
//! starting, meeting or assigning a clock ([`crate::deadline`]) and giving a record to a
//! scope ([`crate::access`]) is all that a service does for it.

mod answer;
mod item;
mod question;
mod store;

pub use crate::deadline::Running;
pub use answer::{About, page};
pub use item::{Clock, Counts, MOST_COUNTED, WorkItem, WorkList};
pub use question::{Position, Question, Whose};
pub use store::{LIST, Row};
