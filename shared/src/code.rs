//! What the service's tables say of time limits, codes and holidays, read at start and
//! again every minute, so that a rule changed as data holds without a release.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, RwLock};
use std::time::Duration;

use chrono::{DateTime, Months, NaiveDate, TimeDelta, Utc};
use diesel::sql_query;
use diesel::sql_types::{Bool, Date, Integer, Nullable, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::calendar::Calendar;
use crate::calendar::LocalDay;
use crate::client::Peer;
use crate::db::Pool;
use crate::problem::{FieldError, Problem};

/// How often the gateway is asked which agencies there are.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// A code as of a day.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct Code {
    /// The set it belongs to: `concern`, `service`, `locality`.
    #[diesel(sql_type = Text)]
    pub set: String,
    /// The code itself.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// What people call it.
    #[diesel(sql_type = Text)]
    pub label: String,
    /// The first day it means this.
    #[diesel(sql_type = Date)]
    pub valid_from: NaiveDate,
    /// The first day it no longer does.
    #[diesel(sql_type = Nullable<Date>)]
    pub valid_to: Option<NaiveDate>,
    /// Who says so.
    #[diesel(sql_type = Text)]
    pub source: String,
}

/// How long something may take, as of a day.
#[derive(Clone, Debug, diesel::QueryableByName)]
pub struct TimeLimit {
    /// What is limited: `front_door_decision`.
    #[diesel(sql_type = Text)]
    pub code: String,
    /// The first day the limit holds.
    #[diesel(sql_type = Date)]
    pub valid_from: NaiveDate,
    /// The first day it no longer does.
    #[diesel(sql_type = Nullable<Date>)]
    pub valid_to: Option<NaiveDate>,
    /// How many.
    #[diesel(sql_type = Integer)]
    pub amount: i32,
    /// Of what: `working_day`, `day`, `hour`, `week`, `month`.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// Who says so.
    #[diesel(sql_type = Text)]
    pub source: String,
    /// Whether that source was seen; if not, treat the limit as a placeholder.
    #[diesel(sql_type = Bool)]
    pub verified: bool,
}

#[derive(diesel::QueryableByName)]
struct Clock {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    label: String,
}

#[derive(diesel::QueryableByName)]
struct Holiday {
    #[diesel(sql_type = Date)]
    day: NaiveDate,
}

/// Everything dated that rules depend on.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    codes: HashMap<String, Vec<Code>>,
    limits: HashMap<String, Vec<TimeLimit>>,
    clocks: HashMap<String, String>,
    /// The codes of the partnership's agencies; none while the gateway has not said.
    agencies: Option<Arc<BTreeSet<String>>>,
    /// England's working days.
    pub calendar: Calendar,
}

fn holds(from: NaiveDate, to: Option<NaiveDate>, day: NaiveDate) -> bool {
    from <= day && to.is_none_or(|to| day < to)
}

/// `family_review` as "Family review".
pub fn in_words(code: &str) -> String {
    let mut letters = code.chars().map(|c| if matches!(c, '_' | '-') { ' ' } else { c });
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

impl Rules {
    /// The codes of a set on a day.
    pub fn codes(&self, set: &str, day: NaiveDate) -> Vec<&Code> {
        self.codes.get(set).into_iter().flatten().filter(|c| holds(c.valid_from, c.valid_to, day)).collect()
    }

    /// The sets that have codes on a day, by name, with how many.
    pub fn sets(&self, day: NaiveDate) -> Vec<(&str, usize)> {
        let count = |codes: &[Code]| codes.iter().filter(|code| holds(code.valid_from, code.valid_to, day)).count();
        let mut sets: Vec<(&str, usize)> = self
            .codes
            .iter()
            .map(|(set, codes)| (set.as_str(), count(codes)))
            .filter(|(_, count)| *count > 0)
            .collect();
        sets.sort_unstable();
        sets
    }

    /// Whether the set has the code on that day.
    pub fn has_code(&self, set: &str, code: &str, day: NaiveDate) -> bool {
        self.codes.get(set).into_iter().flatten().any(|c| c.code == code && holds(c.valid_from, c.valid_to, day))
    }

    /// What is wrong with an agency that a body names at a place, if the partnership has none of that code. `instead`
    /// says what is to be done with a body that is no agency. While it is not known which agencies there are, nobody
    /// is refused for it.
    pub fn agency_error(&self, code: &str, at: impl Into<String>, instead: &str) -> Option<FieldError> {
        let unknown = self.agencies.as_ref().is_some_and(|agencies| !agencies.contains(code));
        unknown.then(|| {
            let detail = format!("is no agency of the partnership; GET /v1/agencies lists them{instead}");
            FieldError::at(at, "unknown_agency", detail)
        })
    }

    /// The time limits of a day, by code.
    pub fn limits(&self, day: NaiveDate) -> Vec<&TimeLimit> {
        let mut limits: Vec<&TimeLimit> =
            self.limits.values().flatten().filter(|limit| holds(limit.valid_from, limit.valid_to, day)).collect();
        limits.sort_by(|one, other| one.code.cmp(&other.code));
        limits
    }

    /// When what starts now is due, by the limit of the day; none if there is no such limit.
    pub fn due(&self, limit: &str, start: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let day = start.local_day();
        let limit = self.limits.get(limit)?.iter().find(|l| holds(l.valid_from, l.valid_to, day))?;
        let amount = i64::from(limit.amount);
        match limit.unit.as_str() {
            "working_day" => Some(self.calendar.working_days_after(start, u32::try_from(limit.amount).ok()?)),
            "day" => Some(start + TimeDelta::days(amount)),
            "hour" => Some(start + TimeDelta::hours(amount)),
            "week" => Some(start + TimeDelta::weeks(amount)),
            // Three months from 30 November end on the last day of February.
            "month" => start.checked_add_months(Months::new(u32::try_from(limit.amount).ok()?)),
            _ => None,
        }
    }

    /// The same for a clock that has to run.
    ///
    /// # Errors
    /// 500 naming the limit, if the table has none for the day: that is for whoever keeps the table to mend.
    pub fn must_due(&self, limit: &str, start: DateTime<Utc>) -> Result<DateTime<Utc>, Problem> {
        self.due(limit, start).ok_or_else(|| Problem::internal(&format!("no time limit {limit} holds on {start}")))
    }

    /// What people call a clock; its code in words, if nobody has said.
    pub fn clock(&self, code: &str) -> String {
        self.clocks.get(code).cloned().unwrap_or_else(|| in_words(code))
    }

    /// Reads the tables.
    ///
    /// # Errors
    /// As the database says.
    pub async fn load(connection: &mut AsyncPgConnection) -> Result<Self, diesel::result::Error> {
        let mut rules = Self::default();
        let codes: Vec<Code> =
            sql_query("SELECT set, code, label, valid_from, valid_to, source FROM code ORDER BY set, code, valid_from")
                .load(connection)
                .await?;
        for code in codes {
            rules.codes.entry(code.set.clone()).or_default().push(code);
        }
        let limits: Vec<TimeLimit> =
            sql_query("SELECT code, valid_from, valid_to, amount, unit, source, verified FROM time_limit ORDER BY code, valid_from DESC")
                .load(connection)
                .await?;
        for limit in limits {
            rules.limits.entry(limit.code.clone()).or_default().push(limit);
        }
        let clocks: Vec<Clock> = sql_query("SELECT code, label FROM clock").load(connection).await?;
        rules.clocks = clocks.into_iter().map(|clock| (clock.code, clock.label)).collect();
        let holidays: Vec<Holiday> = sql_query("SELECT day FROM bank_holiday").load(connection).await?;
        rules.calendar = Calendar::new(holidays.into_iter().map(|row| row.day));
        Ok(rules)
    }
}

/// The rules in force, shared by a process and refreshed.
#[derive(Clone, Debug, Default)]
pub struct SharedRules(Arc<RwLock<Arc<Rules>>>);

impl SharedRules {
    /// The rules as they are now.
    pub fn current(&self) -> Arc<Rules> {
        self.0.read().map(|rules| rules.clone()).unwrap_or_default()
    }

    /// Reads them once.
    ///
    /// # Errors
    /// One line that says why they could not be read.
    pub async fn refresh(&self, pool: &Pool) -> Result<(), String> {
        let mut connection = pool.get().await.map_err(|error| error.to_string())?;
        let mut rules = Rules::load(&mut connection).await.map_err(|error| error.to_string())?;
        if let Ok(mut current) = self.0.write() {
            rules.agencies = current.agencies.clone();
            *current = Arc::new(rules);
        }
        Ok(())
    }

    /// Takes in which agencies there are.
    pub fn learn_agencies(&self, codes: impl IntoIterator<Item = String>) {
        let codes: BTreeSet<String> = codes.into_iter().collect();
        if self.current().agencies.as_deref() == Some(&codes) {
            return;
        }
        if let Ok(mut current) = self.0.write() {
            let mut rules = Rules::clone(&current);
            rules.agencies = Some(Arc::new(codes));
            *current = Arc::new(rules);
        }
    }

    /// Asks the gateway which agencies there are, for ever. They stand in its database alone.
    pub async fn keep_learning_agencies(self, gateway: Peer) {
        loop {
            match gateway.get::<Vec<String>>("/internal/agencies").await {
                Ok(codes) => self.learn_agencies(codes),
                Err(cause) => tracing::warn!(cause, "agencies not refreshed"),
            }
            tokio::time::sleep(ASK_EVERY).await;
        }
    }

    /// Reads them again every minute, for ever.
    pub async fn keep_fresh(self, pool: Pool) {
        loop {
            tokio::time::sleep(Duration::from_secs(60)).await;
            if let Err(cause) = self.refresh(&pool).await {
                tracing::warn!(cause, "rules not refreshed");
            }
        }
    }
}

#[cfg(test)]
mod agencies {
    use super::*;

    #[test]
    fn an_agency_is_judged_once_it_is_known_which_there_are() {
        let rules = SharedRules::default();
        let wrong = |code: &str| rules.current().agency_error(code, "/agency", "").map(|error| error.code);
        assert_eq!(wrong("polise"), None);
        rules.learn_agencies(["police".to_owned()]);
        assert_eq!((wrong("police"), wrong("polise").as_deref()), (None, Some("unknown_agency")));
        rules.learn_agencies(["police".to_owned(), "polise".to_owned()]);
        assert_eq!(wrong("polise"), None);
    }
}
