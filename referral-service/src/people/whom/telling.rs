//! What somebody tells of one person: who tells it, whom it is given to, and what restricts it.

use chrono::{DateTime, Utc};
use diesel_async::AsyncPgConnection;
use serde::Deserialize;
use shared::access::{self, Grant, View};
use shared::actor::{Actor, Word};
use shared::id::PersonId;
use shared::problem::Problem;
use utoipa::ToSchema;
use uuid::Uuid;

use super::domain::teller_scopes;
use super::store::show_to_holders;

/// Who reports something about a child.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Reporter {
    /// Your name.
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// What you are: constable, carer, school nurse, head of year.
    #[schema(min_length = 1, max_length = 200)]
    pub role: String,
    /// How you are reached.
    #[schema(max_length = 40)]
    pub telephone: Option<String>,
}

/// Which team is to work on it too.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "service": "youth-work" }))]
pub struct TeamToGive {
    /// The team, a code of the set `service`.
    pub service: Word,
}

/// The scopes that must learn of a child at risk at once: the front door, the hub of the district, and these others.
pub fn who_must_know(locality: Option<&Word>, others: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut scopes = vec!["front-door".to_owned()];
    scopes.extend(locality.map(|locality| format!("hub:{locality}")));
    scopes.extend(others);
    scopes.sort_unstable();
    scopes.dedup();
    scopes
}

/// A record of what was told of one person.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The record.
    pub record: Uuid,
    /// What it is: `missing_episode`.
    pub kind: &'static str,
    /// Where it stands.
    pub state: &'static str,
    /// Whom it is about.
    pub person: PersonId,
}

impl Told {
    /// Gives it whole to the scopes, and to whoever tells it as far as tellers follow.
    ///
    /// # Errors
    /// As the database says.
    pub async fn give(
        &self,
        connection: &mut AsyncPgConnection,
        scopes: &[String],
        teller: &Actor,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        let whole = scopes.iter().map(|scope| (scope.clone(), View::Full));
        let grants: Vec<Grant> = whole.chain(teller_scopes(teller)).map(|given| self.grant(given, now)).collect();
        access::grant(connection, &grants).await
    }

    /// Gives it whole to one more scope, which sees the person from then on.
    ///
    /// # Errors
    /// As the database says.
    pub async fn give_also_to(
        &self,
        connection: &mut AsyncPgConnection,
        scope: String,
        now: DateTime<Utc>,
    ) -> Result<(), Problem> {
        access::grant(connection, &[self.grant((scope, View::Full), now)]).await?;
        show_to_holders(connection, self.record).await
    }

    /// Says whom it is about. The last thing to be done, once all is read that is going to be answered: what restricts
    /// the person restricts the record from here on, and whoever told it is neither refused for that nor learns of it.
    ///
    /// # Errors
    /// As the database says.
    pub async fn is_about_its_person(&self, connection: &mut AsyncPgConnection) -> Result<(), Problem> {
        access::subjects(connection, &[(self.record, self.person.0)]).await?;
        show_to_holders(connection, self.record).await
    }

    fn grant(&self, (scope, view): (String, View), now: DateTime<Utc>) -> Grant {
        Grant { record: self.record, kind: self.kind, scope, view, state: self.state, sort_at: now }
    }
}
