//! The demonstration county on real processes.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use stack::demonstration::{self, PASSWORD};
use stack::identity;
use stack::keys::Key;
use stack::system::{Process, System, SystemOptions};
use tokio::sync::{Mutex, OnceCell};

use crate::{Caller, Database};

/// Tokens live five minutes; one older than this is replaced.
const TOKEN_AGE: Duration = Duration::from_secs(200);

/// A running county with its agencies, people and client systems.
pub struct County {
    /// The processes.
    pub system: System,
    tokens: Mutex<HashMap<String, (Instant, String)>>,
}

impl County {
    /// The county that tests share which only add to it.
    pub async fn shared() -> &'static Self {
        static SHARED: OnceCell<County> = OnceCell::const_new();
        SHARED.get_or_init(|| async { Self::start(SystemOptions::test().expect("options")).await }).await
    }

    /// A county of a test's own, whose processes it may kill.
    pub async fn start(options: SystemOptions) -> Self {
        // Tests send more a minute than people do; what the limit does is tested at the gateway.
        let options = ["THRESHOLD_LIMIT_PER_CALLER", "THRESHOLD_LIMIT_PER_ADDRESS"]
            .into_iter()
            .fold(options, |options, name| options.setting(Process::Gateway, name, "1000000"));
        let system = System::start(options).await.expect("the system starts");
        demonstration::load(&system).await.expect("the demonstration county loads");
        Self { system, tokens: Mutex::default() }
    }

    /// Someone of the demonstration county, signed in: a person by user name (`olive.officer`), a
    /// client system by id (`greenfield-school-system`).
    pub async fn as_(&self, who: &str) -> Caller {
        Caller::new(self.system.issuer(), Some(self.token(who).await))
    }

    /// Nobody.
    pub fn as_nobody(&self) -> Caller {
        Caller::new(self.system.issuer(), None)
    }

    /// The same, in a sign-in of its own that nobody else leans on.
    pub async fn as_signed_in_anew(&self, who: &str) -> Caller {
        Caller::new(self.system.issuer(), Some(self.fresh_token(who).await))
    }

    /// A token of theirs, by the real flows.
    pub async fn token(&self, who: &str) -> String {
        let mut tokens = self.tokens.lock().await;
        if let Some((made, token)) = tokens.get(who)
            && made.elapsed() < TOKEN_AGE
        {
            return token.clone();
        }
        let token = self.fresh_token(who).await;
        tokens.insert(who.to_owned(), (Instant::now(), token.clone()));
        token
    }

    async fn fresh_token(&self, who: &str) -> String {
        let issuer = self.system.issuer();
        if who.ends_with("-system") {
            let key = Key::in_file(&self.system.keys().of_client(who)).expect("the client's key");
            identity::client_token(issuer, who, &key).await.expect("a client's token")
        } else {
            identity::sign_in(issuer, who, PASSWORD).await.expect("a person's token")
        }
    }

    /// A process's database, seen by a superuser.
    pub async fn database(&self, process: Process) -> Database {
        Database::connect(&self.system.databases().superuser_url(process).expect("an address")).await
    }
}
