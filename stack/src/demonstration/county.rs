//! The people of the demonstration county, and what everything that they do has in common.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::{Value, json};

use super::api::Api;
use super::{PASSWORD, clients};
use crate::error::{Error, Result};
use crate::identity;
use crate::keys::Key;
use crate::system::System;

/// Who keeps figures.
pub(super) const ANALYST: &str = "ana.analyst";
/// Who sees every referral.
pub(super) const OFFICER: &str = "olive.officer";
/// Who answers for what is shared with whom.
pub(super) const GOVERNANCE: &str = "ines.governance";
/// The school's system.
pub(super) const SCHOOL: &str = "greenfield-school-system";
/// The police's.
pub(super) const POLICE: &str = "police-system";

/// The county's people as they are signed in one after the other.
pub(super) struct County<'a> {
    system: &'a System,
    signed_in: BTreeMap<String, Api>,
}

impl<'a> County<'a> {
    /// The county of a running system, with nobody signed in.
    pub(super) fn new(system: &'a System) -> Self {
        Self { system, signed_in: BTreeMap::new() }
    }

    /// The API as somebody, or some client system.
    pub(super) async fn as_(&mut self, who: &str) -> Result<&Api> {
        if !self.signed_in.contains_key(who) {
            let issuer = self.system.issuer();
            let token = if clients()?.iter().any(|client| client.name == who) {
                identity::client_token(issuer, who, &Key::read(&self.system.keys().of_client(who))?).await?
            } else {
                identity::sign_in(issuer, who, PASSWORD).await?
            };
            self.signed_in.insert(who.to_owned(), Api::new(issuer, token)?);
        }
        self.signed_in.get(who).ok_or_else(|| Error::new(format!("{who} is not signed in")))
    }

    /// The business time of every process.
    pub(super) fn now(&self) -> Result<DateTime<Utc>> {
        self.system.business_time()
    }

    /// The day so many days ago.
    pub(super) fn days_ago(&self, days: i64) -> Result<NaiveDate> {
        Ok((self.now()? - TimeDelta::days(days)).date_naive())
    }

    /// Sends something as somebody, and answers the id of what was made.
    pub(super) async fn make(&mut self, who: &str, path: &str, body: &Value) -> Result<String> {
        id_in(&self.as_(who).await?.send(path, body).await?)
    }

    /// Takes a step on a record as somebody.
    pub(super) async fn step(&mut self, who: &str, record: &str, step: &str, body: &Value) -> Result<()> {
        self.as_(who).await?.step(record, step, body).await
    }

    /// The first hundred of a list as somebody reads it.
    pub(super) async fn items(&mut self, who: &str, path: &str) -> Result<Vec<Value>> {
        let page = self.as_(who).await?.read(&format!("{path}?limit=100")).await?;
        let items = page.and_then(|page| page.body.get("items").and_then(Value::as_array).cloned());
        Ok(items.unwrap_or_default())
    }

    /// The id of somebody of these names and birth date in the index of people, if who asks finds them there.
    pub(super) async fn person(&mut self, who: &str, person: &Value) -> Result<Option<String>> {
        let part = |name: &str| person.get(name).cloned().unwrap_or_default();
        let search = json!({
            "given_name": part("given_name"), "family_name": part("family_name"), "birth_date": part("birth_date"),
        });
        let found = self.as_(who).await?.send("/v1/people/searches", &search).await?;
        found.pointer("/items/0").map(id_in).transpose()
    }

    /// Whether a search by this name finds somebody, as who asks sees it.
    pub(super) async fn knows(&mut self, who: &str, name: &str) -> Result<bool> {
        let found = self.as_(who).await?.send("/v1/searches", &json!({ "name": name })).await?;
        Ok(found.pointer("/people/0").is_some())
    }

    /// The id by which others name somebody: as a worker, a member, an auditor.
    pub(super) async fn user(&mut self, who: &str) -> Result<String> {
        let me = self.as_(who).await?.read("/v1/me").await?;
        id_in(&me.map(|me| me.body).unwrap_or_default())
    }
}

/// The id of a record.
pub(super) fn id_in(record: &Value) -> Result<String> {
    let id = record.get("id").and_then(Value::as_str);
    id.map(str::to_owned).ok_or_else(|| Error::new("a record of the demonstration has no id"))
}
