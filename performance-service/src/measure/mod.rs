//! The kernel that every slice stands on: what a figure is, the arithmetic of figures, the periods
//! they are of, and the definitions they are measured by. It knows no route.

pub mod change;
pub mod decimal;
pub mod definition;
pub mod figure;
pub mod period;
pub mod store;

pub use change::{Change, Meaning, Movement};
pub use decimal::Decimal;
pub use definition::{Definition, Polarity, Unit};
pub use figure::{Completeness, Counted, Figure, Reported};
pub use period::{Period, Window};
