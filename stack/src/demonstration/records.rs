//! What the demonstration county has been doing: its directory of services, a dozen invented referrals,
//! each taken as far as its story goes by the people whose work that is, a little of everything else that
//! people do ([`safeguarding`], [`support`], [`sharing`], [`audit`]), and the figures that a real board published.
//!
//! Everything goes through the ordinary API, by whoever may do it. Loading it
//! again adds nothing: what is there already is looked for first.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::county::{ANALYST, County, OFFICER, id_in};
use super::{ADMINISTRATOR, audit, directory, safeguarding, sharing, support};
use crate::error::{Attempt, Error, Result};
use crate::system::System;

const REFERRALS: &str = include_str!("../../demonstration/referrals.json");
const PUBLISHED: &str = include_str!("performance/safer_communities_2016_17_q2.json");

/// How long the news of an allocation may take to the service it is for, in
/// looks a tenth of a second apart.
const LOOKS: usize = 100;

/// A referral and what became of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    /// Who tells the front door: a user or a client system.
    told_by: String,
    /// What is told.
    form: Value,
    /// What is done about it, in order.
    then: Vec<Deed>,
}

/// Something done about a referral.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deed {
    by: String,
    on: Object,
    what: String,
    #[serde(default = "nothing")]
    saying: Value,
}

/// What is acted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Object {
    /// The referral itself.
    Referral,
    /// The allocation that its last decision made.
    Allocation,
    /// The case that youth justice made of that.
    PreventionCase,
}

/// A request as the published figures are kept.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    body: Value,
}

/// Loads whatever of the county's records is not there yet. Its people must be.
///
/// # Errors
/// When a part of it is refused; what was loaded before stays.
pub async fn load_records(system: &System) -> Result<()> {
    let mut county = County::new(system);
    directory::load(county.as_(ADMINISTRATOR).await?).await?;
    publish_figures(&mut county).await?;
    // Before the story that a hub hands to the panel.
    safeguarding::seat_panel(&mut county).await?;
    tell_stories(&mut county).await?;
    safeguarding::load(&mut county).await?;
    support::load(&mut county).await?;
    sharing::load(&mut county).await?;
    audit::load(&mut county).await
}

async fn publish_figures(county: &mut County<'_>) -> Result<()> {
    let requests: Vec<Request> = read(PUBLISHED)?;
    let api = county.as_(ANALYST).await?;
    // The last request makes the dashboard of all that the others record.
    let last = requests.last().ok_or_else(|| Error::new("the demonstration has no figures"))?;
    let id = last.body.get("id").and_then(Value::as_str).unwrap_or_default();
    if api.read(&format!("{}/{id}/definition", last.path)).await?.is_some() {
        return Ok(());
    }
    for request in &requests {
        if request.method != "POST" {
            return Err(Error::new(format!("the demonstration knows no {}", request.method)));
        }
        api.create(&request.path, &request.body).await?;
    }
    Ok(())
}

async fn tell_stories(county: &mut County<'_>) -> Result<()> {
    let stories: Vec<Story> = read(REFERRALS)?;
    // Stories are told in order, so the last one tells of them all.
    if let Some(last) = stories.last()
        && county.has_heard(last).await?
    {
        return Ok(());
    }
    for story in &stories {
        if !county.has_heard(story).await? {
            county.tell(story).await?;
        }
    }
    Ok(())
}

impl County<'_> {
    /// Whether the story's child is in the index of people.
    async fn has_heard(&mut self, story: &Story) -> Result<bool> {
        let child = story.form.pointer("/people/0").cloned().unwrap_or_default();
        Ok(self.person(OFFICER, &child).await?.is_some())
    }

    async fn tell(&mut self, story: &Story) -> Result<()> {
        let told = self.as_(&story.told_by).await?.send("/v1/referrals", &story.form).await?;
        let referral = id_in(&told)?;
        for deed in &story.then {
            let record = match deed.on {
                Object::Referral => format!("/v1/referrals/{referral}"),
                Object::Allocation => self.allocation(&deed.by, &referral).await?,
                Object::PreventionCase => self.prevention_case(&deed.by, &referral).await?,
            };
            self.as_(&deed.by).await?.step(&record, &deed.what, &deed.saying).await?;
        }
        Ok(())
    }

    async fn allocation(&mut self, who: &str, referral: &str) -> Result<String> {
        let read = self.as_(who).await?.read(&format!("/v1/referrals/{referral}")).await?;
        let allocations = read.as_ref().and_then(|read| read.body.get("allocations")?.as_array());
        let last = allocations.and_then(|all| all.last());
        let last = last.ok_or_else(|| Error::new(format!("the referral {referral} is not allocated")))?;
        Ok(format!("/v1/allocations/{}", id_in(last)?))
    }

    /// The case arrives as an event, a moment after the decision.
    async fn prevention_case(&mut self, who: &str, referral: &str) -> Result<String> {
        let api = self.as_(who).await?;
        for _ in 0..LOOKS {
            let page = api.read("/v1/prevention-cases?limit=100").await?;
            let cases = page.as_ref().and_then(|read| read.body.get("items")?.as_array());
            let case = cases
                .into_iter()
                .flatten()
                .find(|case| case.get("referral_id").and_then(Value::as_str) == Some(referral));
            if let Some(case) = case {
                return Ok(format!("/v1/prevention-cases/{}", id_in(case)?));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Err(Error::new(format!("youth justice has not heard of the referral {referral}")))
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<Vec<T>> {
    serde_json::from_str(json).attempt(|| "read the demonstration's data".to_owned())
}

fn nothing() -> Value {
    json!({})
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::{clients, people};
    use super::*;

    fn is_known(who: &str) -> bool {
        people().unwrap().iter().chain(&clients().unwrap()).any(|one| one.name == who)
    }

    #[test]
    fn every_story_is_told_and_taken_on_by_somebody_who_is_there() {
        let stories: Vec<Story> = read(REFERRALS).unwrap();
        assert!(stories.len() >= 12);
        for story in &stories {
            assert!(is_known(&story.told_by), "{}", story.told_by);
            for deed in &story.then {
                assert!(is_known(&deed.by), "{}", deed.by);
            }
        }
    }

    #[test]
    fn no_two_stories_are_of_one_child() {
        let stories: Vec<Story> = read(REFERRALS).unwrap();
        let mut children: Vec<_> = stories.iter().map(|story| story.form.pointer("/people/0").unwrap()).collect();
        for child in &children {
            assert_eq!(child.get("relation").unwrap(), "child");
            assert!(child.get("birth_date").is_some());
        }
        children.sort_by_key(|child| child.to_string());
        children.dedup();
        assert_eq!(children.len(), stories.len());
    }

    #[test]
    fn the_figures_end_with_their_dashboard() {
        let requests: Vec<Request> = read(PUBLISHED).unwrap();
        assert_eq!(requests.len(), 37);
        assert_eq!(requests.last().unwrap().path, "/v1/dashboards");
    }
}
