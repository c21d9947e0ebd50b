//! What one request sends to the database, heard from the database's own log.

use std::fs;
use std::path::Path;
use std::time::Duration;

use stack::system::execute;
use stack::{Error, Result};

use crate::load;

/// A statement as it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// By the simple protocol, maybe several in one.
    Plain(String),
    /// Prepared, with the values of its parameters; none is null.
    Prepared(String, Vec<Option<String>>),
}

/// The role whose statements are listened to.
pub const ROLE: &str = "referral_web";

/// Sends a request and answers with its statements, and with what it was answered.
///
/// # Errors
/// When the request fails, or the log does not hold one transaction.
pub async fn record(
    superuser_url: &str,
    log: &Path,
    gateway: &str,
    request: &[u8],
    status: u16,
) -> Result<(Vec<Sent>, String)> {
    listen(superuser_url, true).await?;
    let before = read(log)?.len();
    let answer = load::once(gateway, request, status).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    listen(superuser_url, false).await?;
    let heard = read(log)?;
    let heard = heard.get(before..).unwrap_or_default();
    let statements = one_transaction(heard)?;
    Ok((statements, answer?))
}

async fn listen(superuser_url: &str, on: bool) -> Result<()> {
    let setting = if on { "ALTER SYSTEM SET log_statement = 'all'" } else { "ALTER SYSTEM RESET log_statement" };
    execute(superuser_url, setting).await?;
    execute(superuser_url, "SELECT pg_reload_conf()").await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    Ok(())
}

fn read(log: &Path) -> Result<String> {
    let bytes = fs::read(log).map_err(|error| Error::new(format!("cannot read {}: {error}", log.display())))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A message of the log: the session's process, the kind and the text.
struct Message<'a> {
    session: &'a str,
    kind: &'a str,
    text: String,
}

/// The messages of [`ROLE`]. Lines that go on begin with a tab.
fn messages(log: &str) -> Vec<Message<'_>> {
    let mut all: Vec<Option<Message<'_>>> = Vec::new();
    for line in log.lines() {
        if let Some(more) = line.strip_prefix('\t') {
            if let Some(Some(last)) = all.last_mut() {
                last.text.push('\n');
                last.text.push_str(more);
            }
            continue;
        }
        // The prefix is `time [process] role@database`.
        let message = || {
            let (start, rest) = line.split_once("] ")?;
            let (_, session) = start.rsplit_once('[')?;
            let (who, rest) = rest.split_once(' ')?;
            let (kind, text) = rest.split_once(":  ")?;
            let ours = who.split('@').next() == Some(ROLE);
            ours.then(|| Message { session, kind, text: text.to_owned() })
        };
        all.push(message());
    }
    all.into_iter().flatten().collect()
}

/// The statements of the one session that worked under a context.
fn one_transaction(log: &str) -> Result<Vec<Sent>> {
    let messages = messages(log);
    let session = messages
        .iter()
        .find(|message| message.text.contains("SET LOCAL app.actor"))
        .map(|message| message.session)
        .ok_or_else(|| Error::new("the database's log shows no transaction of the request"))?;
    let mut statements = Vec::new();
    for message in messages.iter().filter(|message| message.session == session) {
        if message.kind == "LOG" {
            if let Some(text) = message.text.strip_prefix("statement: ") {
                statements.push(Sent::Plain(text.to_owned()));
            } else if let Some((_, text)) = message.text.strip_prefix("execute ").and_then(|rest| rest.split_once(": "))
            {
                statements.push(Sent::Prepared(text.to_owned(), Vec::new()));
            }
        } else if message.kind == "DETAIL"
            && let Some(Sent::Prepared(_, values)) = statements.last_mut()
            && let Some((_, list)) = message.text.split_once(": ")
        {
            *values = parameters(list)?;
        }
    }
    match statements.last() {
        Some(Sent::Plain(last)) if last.trim() == "COMMIT" => Ok(statements),
        _ => Err(Error::new(format!("the request's transaction does not end with COMMIT: {statements:?}"))),
    }
}

/// Reads `$1 = 'it''s', $2 = NULL`.
fn parameters(list: &str) -> Result<Vec<Option<String>>> {
    let bad = || Error::new(format!("cannot read the parameters {list}"));
    let mut values = Vec::new();
    let mut rest = list;
    while !rest.is_empty() {
        let (_, value) = rest.split_once(" = ").ok_or_else(bad)?;
        if let Some(after) = value.strip_prefix("NULL") {
            values.push(None);
            rest = after.strip_prefix(", ").unwrap_or(after);
            continue;
        }
        let mut inside = value.strip_prefix('\'').ok_or_else(bad)?;
        let mut text = String::new();
        loop {
            let (start, after) = inside.split_once('\'').ok_or_else(bad)?;
            text.push_str(start);
            match after.strip_prefix('\'') {
                Some(more) => {
                    text.push('\'');
                    inside = more;
                }
                None => {
                    rest = after.strip_prefix(", ").unwrap_or(after);
                    break;
                }
            }
        }
        values.push(Some(text));
    }
    Ok(values)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn reads_values_as_the_log_writes_them() {
        let values = parameters("$1 = 'it''s', $2 = NULL, $3 = '', $4 = '{\"a, b\",c}'").unwrap();
        let expected = [Some("it's"), None, Some(""), Some("{\"a, b\",c}")];
        assert_eq!(values, expected.map(|value| value.map(str::to_owned)));
        assert!(parameters("$1 = 'open").is_err());
    }

    #[test]
    fn hears_one_transaction_among_others() {
        let log = "\
2026-11-22 03:00:00.000 UTC [7] referral_worker@referral LOG:  statement: BEGIN
2026-11-22 03:00:00.000 UTC [8] referral_web@referral LOG:  statement: BEGIN; SET LOCAL app.actor = 'x'
2026-11-22 03:00:00.000 UTC [8] referral_web@referral LOG:  execute s1: SELECT a
\tFROM t WHERE id = $1
2026-11-22 03:00:00.000 UTC [8] referral_web@referral DETAIL:  parameters: $1 = '5'
2026-11-22 03:00:00.000 UTC [7] referral_worker@referral LOG:  statement: COMMIT
2026-11-22 03:00:00.000 UTC [8] referral_web@referral LOG:  statement: COMMIT
";
        let heard = one_transaction(log).unwrap();
        assert_eq!(
            heard,
            [
                Sent::Plain("BEGIN; SET LOCAL app.actor = 'x'".to_owned()),
                Sent::Prepared("SELECT a\nFROM t WHERE id = $1".to_owned(), vec![Some("5".to_owned())]),
                Sent::Plain("COMMIT".to_owned()),
            ]
        );
    }
}
