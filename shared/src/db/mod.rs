//! PostgreSQL: pools, the transaction that knows who is asking, migrations, and the
//! checks a service makes before it serves.

mod admin;
mod check;
mod jsonb;
mod pool;
mod prepared;
mod tx;

pub use admin::{bootstrap, migrate};
pub use check::check_serving_role;
pub use jsonb::{from_jsonb, from_nullable_jsonb};
pub use pool::{Connection, Pool, is_away, pool};
pub use prepared::{KeepPrepared, Prepared};
pub use tx::{Context, Tx};
