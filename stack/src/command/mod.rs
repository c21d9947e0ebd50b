//! What each command of the launcher does.

mod clock;
mod documents;
mod down;
mod logs;
mod reset;
mod sign_in;
mod speak;
mod state;
mod status;
mod stop;
mod test;
mod up;

use std::process::ExitCode;

use stack::{Error, Result};

/// Runs the command that the arguments name.
pub async fn run(arguments: &[String]) -> Result<ExitCode> {
    let (name, rest) = arguments.split_first().ok_or_else(|| Error::new("no command; ./threshold help lists them"))?;
    let first = rest.first().map(String::as_str);
    match (name.as_str(), first) {
        ("up", _) => return up::run().await,
        ("test", _) => return test::run(rest).await,
        ("down", _) => down::run()?,
        ("reset", _) => reset::run()?,
        ("logs", process) => return logs::run(process),
        ("status", _) => return status::run().await,
        ("token", Some(client)) => sign_in::token(client).await?,
        ("token", None) => return Err(Error::new("whose? ./threshold token CLIENT")),
        ("sign-in", Some(user)) => sign_in::sign_in(user).await?,
        ("sign-in", None) => return Err(Error::new("who? ./threshold sign-in USER")),
        ("clock", change) => clock::run(change)?,
        ("openapi", _) => documents::openapi().await?,
        ("access-tables", _) => documents::access_tables().await?,
        (other, _) => {
            return Err(Error::new(format!("there is no command {other}; ./threshold help lists them")));
        }
    }
    Ok(ExitCode::SUCCESS)
}
