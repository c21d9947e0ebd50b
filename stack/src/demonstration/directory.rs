//! The county's directory of services: invented, and like what a county has.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::api::Api;
use super::{text, with};
use crate::error::{Attempt, Error, Result};

const SERVICES: &str = include_str!("../../demonstration/services.json");

/// An organisation and what it offers.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Offer {
    organisation: Value,
    services: Vec<Value>,
}

/// Enters whatever of the directory is not there yet, as the administrator.
pub(super) async fn load(api: &Api) -> Result<()> {
    let mut organisations = listed(api, "/v1/organisations").await?;
    let services = listed(api, "/v1/services").await?;
    for offer in read()? {
        let name = text(&offer.organisation, "name");
        if !organisations.contains_key(&name) {
            let made = api.send("/v1/organisations", &offer.organisation).await?;
            organisations.insert(name.clone(), text(&made, "id"));
        }
        let id = organisations.get(&name).ok_or_else(|| Error::new(format!("{name} is not in the directory")))?;
        for service in offer.services {
            if !services.contains_key(&text(&service, "name")) {
                api.create("/v1/services", &with(service, "organisation_id", id.clone().into())).await?;
            }
        }
    }
    Ok(())
}

fn read() -> Result<Vec<Offer>> {
    serde_json::from_str(SERVICES).attempt(|| "read the demonstration's services".to_owned())
}

/// All of a list, ids by name.
pub(super) async fn listed(api: &Api, path: &str) -> Result<BTreeMap<String, String>> {
    let mut known = BTreeMap::new();
    let mut next = Some(String::new());
    while let Some(cursor) = next {
        let after = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
        let page = api.read(&format!("{path}?limit=100{after}")).await?;
        let page = page.map(|page| page.body).unwrap_or_default();
        for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
            known.insert(text(item, "name"), text(item, "id"));
        }
        next = page.get("next").and_then(Value::as_str).map(str::to_owned);
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn services_have_names_of_their_own_and_organisations_too() {
        let offers = read().unwrap();
        let mut names: Vec<String> =
            offers.iter().flat_map(|offer| offer.services.iter().map(|one| text(one, "name"))).collect();
        assert_eq!(names.len(), 25);
        names.extend(offers.iter().map(|offer| text(&offer.organisation, "name")));
        let all = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(offers.iter().any(|offer| text(&offer.organisation, "agency") == "county-council"));
    }
}
