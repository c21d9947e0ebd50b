//! What is asked of a work list.

use std::str::FromStr;

use actix_web::HttpRequest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::actor::Actor;
use crate::deadline::Running;
use crate::problem::Problem;
use crate::query::Query;

crate::words! {
    /// Whose work.
    #[schema(as = WorkFor)]
    Whose {
        /// What you answer for yourself.
        Me = "me",
        /// Your teams', your agency's, or First Response's or information governance's if you work there.
        Team = "team",
        /// That of the hubs you sit on.
        District = "district",
    }
}

/// A place in the order of all that is due, in whichever service. One order for all of them, so one
/// position is where each of them goes on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// When it is due.
    pub due_at: DateTime<Utc>,
    /// The record.
    pub record: Uuid,
    /// The clock.
    pub code: String,
}

impl Position {
    /// Before all that is due.
    pub fn start() -> Self {
        let due_at = DateTime::<Utc>::from_timestamp(EARLIEST, 0).unwrap_or_default();
        Self { due_at, record: Uuid::nil(), code: String::new() }
    }

    /// The opaque text of a position. The leading version lets a later format refuse it clearly.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(format!("1.{}.{}.{}", self.due_at.timestamp_micros(), self.record.simple(), self.code))
    }
}

/// The beginning of the year 1, and the end of the year 9999.
const EARLIEST: i64 = -62_135_596_800;
const LATEST: i64 = 253_402_300_799;

impl FromStr for Position {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let read = || {
            let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            let mut parts = text.splitn(4, '.');
            if parts.next()? != "1" {
                return None;
            }
            let due_at = DateTime::<Utc>::from_timestamp_micros(parts.next()?.parse().ok()?)
                .filter(|at| (EARLIEST..=LATEST).contains(&at.timestamp()))?;
            let record = Uuid::try_parse(parts.next()?).ok()?;
            let code = parts.next().filter(|code| !code.contains('\0'))?.to_owned();
            Some(Self { due_at, record, code })
        };
        read().ok_or(())
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// Whose work; all that is one's own, one's team's or one's district's, if not said.
    pub whose: Option<Whose>,
    /// Only what stands there.
    pub standing: Option<Running>,
    /// How many items.
    pub limit: i64,
    /// After what; from the beginning, if not said.
    pub after: Option<Position>,
}

impl Question {
    /// From the parameters of a request: `for`, `standing`, `limit`, `cursor`.
    ///
    /// # Errors
    /// 400 naming every parameter that is wrong or unknown.
    pub fn of(request: &HttpRequest) -> Result<Self, Problem> {
        let mut query = Query::of(request);
        let question = Self {
            whose: query.optional("for", "me, team or district"),
            standing: query.optional("standing", "due, at_risk or overdue"),
            limit: query.limit(),
            after: query.optional("cursor", "the `next` of a page, unchanged"),
        };
        query.finish()?;
        Ok(question)
    }

    /// The scopes whose work is asked for, among those of the actor.
    pub fn scopes(&self, actor: &Actor) -> Vec<String> {
        let wanted = |scope: &String| match (self.whose, scope.split(':').next().unwrap_or_default()) {
            (None, first) => matches!(first, "user" | "team" | "agency" | "front-door" | "governance" | "hub"),
            (Some(Whose::Me), first) => first == "user",
            (Some(Whose::Team), first) => matches!(first, "team" | "agency" | "front-door" | "governance"),
            (Some(Whose::District), first) => first == "hub",
        };
        actor.scopes().into_iter().filter(wanted).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_position_survives_its_text(micros in 0i64..4_000_000_000_000_000, record: u128, code in "[a-z_.-]{0,40}") {
            let due_at = DateTime::from_timestamp_micros(micros).unwrap();
            let position = Position { due_at, record: Uuid::from_u128(record), code };
            prop_assert_eq!(position.encode().parse::<Position>().unwrap(), position);
        }

        #[test]
        fn other_text_is_refused_without_panic(text in ".*") {
            prop_assert!(text.parse::<Position>().is_err());
        }
    }

    #[test]
    fn what_comes_before_everything_comes_before_everything() {
        let first = Position { due_at: DateTime::UNIX_EPOCH, record: Uuid::nil(), code: String::new() };
        assert!(Position::start() < first);
        assert_eq!(Position::start().encode().parse(), Ok(Position::start()));
    }
}
