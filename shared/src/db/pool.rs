//! Connections, and which failures mean that the database is away.

use std::time::Duration;

use diesel::ConnectionError;
use diesel::result::{DatabaseErrorKind, Error};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig, RecyclingMethod, deadpool};
use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use futures::FutureExt;

/// Connections of one database role.
pub type Pool = deadpool::Pool<AsyncPgConnection>;
/// A connection on loan from a [`Pool`].
pub type Connection = deadpool::Object<AsyncPgConnection>;

/// How long a request waits for a connection, and a new one for the database: together they
/// keep the promise of "503 within 2 s".
const WAIT: Duration = Duration::from_millis(900);

/// A pool of at most `size` connections to `url`.
///
/// # Errors
/// If the pool can't be configured; a database that is away shows only when a connection is wanted.
pub fn pool(url: &str, size: usize) -> Result<Pool, String> {
    let mut config = ManagerConfig::default();
    // A closed connection shows at BEGIN, where it is retried once; testing each loan would cost a round trip.
    config.recycling_method = RecyclingMethod::Fast;
    config.custom_setup = Box::new(|url| establish(url.to_owned()).boxed());
    Pool::builder(AsyncDieselConnectionManager::new_with_config(url, config))
        .max_size(size)
        .wait_timeout(Some(WAIT))
        .create_timeout(Some(WAIT))
        .runtime(::deadpool::Runtime::Tokio1)
        .build()
        .map_err(|error| error.to_string())
}

async fn establish(url: String) -> Result<AsyncPgConnection, ConnectionError> {
    let mut connection = AsyncPgConnection::establish(&url).await?;
    // Planning a list takes longer than running it, and its plan does not depend on the values:
    // every statement is led by an index. So each is planned once for each connection.
    connection
        .batch_execute(
            "SET statement_timeout = '10s'; SET idle_in_transaction_session_timeout = '15s'; \
             SET lock_timeout = '5s'; SET timezone = 'UTC'; SET plan_cache_mode = force_generic_plan",
        )
        .await
        .map_err(ConnectionError::CouldntSetupConfiguration)?;
    Ok(connection)
}

/// Whether the failure says that the database is away, full or overloaded, so that the same
/// request may succeed later.
pub fn is_away(error: &Error) -> bool {
    match error {
        Error::BrokenTransactionManager => true,
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => true,
        Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => true,
        Error::DatabaseError(_, info) => {
            let message = info.message();
            [
                "terminating connection",
                "the database system",
                "canceling statement",
                "remaining connection slots",
                "could not extend file",
                "No space left",
                "connection closed",
                "deadlock detected",
                "server closed the connection",
            ]
            .iter()
            .any(|sign| message.contains(sign))
        }
        _ => false,
    }
}
