//! `token` and `sign-in`: an access token on standard output, nothing else.

use stack::system::last_issuer;
use stack::{Error, Key, Layout, Result, demonstration, identity};

use super::speak::line;
use super::up::is_up;

pub async fn token(client: &str) -> Result<()> {
    let layout = running()?;
    let path = layout.keys().join("clients").join(format!("{client}.pem"));
    if client.contains('/') || !path.is_file() {
        let known: Vec<_> = demonstration::clients()?.into_iter().map(|one| one.name).collect();
        return Err(Error::new(format!(
            "there is no key for {client}; the demonstration's clients are {}",
            known.join(", ")
        )));
    }
    let key = Key::read(&path)?;
    let token = identity::client_token(&last_issuer(&layout)?, client, &key).await?;
    line(&token);
    Ok(())
}

/// The password is the demonstration's, unless `THRESHOLD_PASSWORD` has another.
pub async fn sign_in(user: &str) -> Result<()> {
    let layout = running()?;
    let password = std::env::var("THRESHOLD_PASSWORD").unwrap_or_else(|_| demonstration::PASSWORD.to_owned());
    let token = identity::sign_in(&last_issuer(&layout)?, user, &password).await?;
    line(&token);
    Ok(())
}

fn running() -> Result<Layout> {
    let layout = Layout::find()?;
    if is_up(&layout) { Ok(layout) } else { Err(Error::new("it is not up: run ./threshold up")) }
}
