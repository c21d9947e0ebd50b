//! A request's statements as the database runs them: how long each took, and the plan of the longest.

use std::fmt::Write;

use stack::{Error, Result};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::record::{ROLE, Sent};
use crate::script::{kind, quoted};

/// Runs what was read again, with the service's role, context and kind of plan, and undoes it.
///
/// # Errors
/// As the database says.
pub async fn explained(superuser_url: &str, sent: &[Sent]) -> Result<String> {
    let (client, connection) =
        tokio_postgres::connect(superuser_url, NoTls).await.map_err(|error| Error::new(error.to_string()))?;
    let driver = tokio::spawn(connection);
    let told = all(&client, sent).await;
    drop(client);
    let _ = driver.await;
    told
}

async fn all(client: &Client, sent: &[Sent]) -> Result<String> {
    let mut told = String::new();
    let mut longest = (0.0, String::new());
    run(client, &format!("SET SESSION AUTHORIZATION {ROLE}; SET plan_cache_mode = force_generic_plan")).await?;
    for statement in sent {
        match statement {
            Sent::Plain(text) if text.trim() == "COMMIT" => {}
            Sent::Plain(text) => drop(run(client, text).await?),
            // The rows it writes are there already.
            Sent::Prepared(text, _) if !text.trim_start().starts_with("SELECT") => {}
            Sent::Prepared(text, values) => {
                let plan = explain(client, text, values).await?;
                let took = execution(&plan);
                let start: String = text.split_whitespace().take(9).collect::<Vec<_>>().join(" ");
                let _ = writeln!(told, "{took:>10.3} ms  {start} …");
                if took > longest.0 {
                    longest = (took, plan);
                }
            }
        }
    }
    run(client, "ROLLBACK").await?;
    Ok(format!("{told}\n{}", longest.1))
}

/// The plan of a prepared statement with these values.
async fn explain(client: &Client, text: &str, values: &[Option<String>]) -> Result<String> {
    let types: Vec<&str> = values.iter().map(|value| value.as_deref().and_then(kind).unwrap_or("unknown")).collect();
    let literals: Vec<String> =
        values.iter().map(|value| value.as_deref().map_or_else(|| "NULL".to_owned(), quoted)).collect();
    let list = |words: Vec<String>| if words.is_empty() { String::new() } else { format!("({})", words.join(", ")) };
    let types = list(types.into_iter().map(str::to_owned).collect());
    run(client, &format!("PREPARE asked{types} AS {text}")).await?;
    // The first time reads what is not in memory yet.
    let execute = format!("EXECUTE asked{}", list(literals));
    run(client, &execute).await?;
    let plan = run(client, &format!("EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {execute}")).await?;
    run(client, "DEALLOCATE asked").await?;
    Ok(plan)
}

/// What a plan says it took, in milliseconds.
fn execution(plan: &str) -> f64 {
    plan.lines()
        .find_map(|line| line.trim().strip_prefix("Execution Time: ")?.strip_suffix(" ms")?.parse().ok())
        .unwrap_or_default()
}

async fn run(client: &Client, statement: &str) -> Result<String> {
    let said = client.simple_query(statement).await.map_err(|error| {
        let words = error.as_db_error().map_or_else(|| error.to_string(), |said| said.message().to_owned());
        Error::new(format!("{words}, at {statement}"))
    })?;
    let lines = said.iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_says_how_long_it_took() {
        let plan = "Limit (actual time=0.1..0.2 rows=1 loops=1)\nPlanning Time: 2.0 ms\nExecution Time: 12.345 ms";
        assert_eq!(execution(plan), 12.345);
        assert_eq!(execution("Limit"), 0.0);
    }
}
