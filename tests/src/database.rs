//! A database as a superuser sees it, for comparing what was answered with what is stored.

use tokio_postgres::NoTls;
use tokio_postgres::types::FromSqlOwned;

/// A connection to a database.
pub struct Database(tokio_postgres::Client);

impl Database {
    /// Connects.
    pub async fn connect(url: &str) -> Self {
        let (client, connection) = tokio_postgres::connect(url, NoTls).await.expect("the database answers");
        tokio::spawn(connection);
        Self(client)
    }

    /// The only value of the only row.
    pub async fn one<T: FromSqlOwned>(&self, statement: &str) -> T {
        self.0.query_one(statement, &[]).await.expect("one row").get(0)
    }

    /// The only column of all rows.
    pub async fn all<T: FromSqlOwned>(&self, statement: &str) -> Vec<T> {
        self.0.query(statement, &[]).await.expect("rows").into_iter().map(|row| row.get(0)).collect()
    }

    /// Runs statements.
    pub async fn run(&self, statements: &str) {
        self.0.batch_execute(statements).await.expect("the statements run");
    }
}
