//! A girl whom the police report missing and fear to be exploited, and the panel that a hub hands a worry to.

use chrono::TimeDelta;
use serde_json::json;

use super::county::{County, GOVERNANCE, OFFICER, POLICE};
use super::text;
use crate::error::Result;

/// Who works with children who are exploited.
const WORKER: &str = "cleo.shield";
/// Who sits on the Channel panel.
const MEMBER: &str = "connie.constable";

/// Lets a constable sit on the Channel panel, unless she does: a hub hands nothing to a panel without members.
pub(super) async fn seat_panel(county: &mut County<'_>) -> Result<()> {
    let members = "/v1/panels/channel/members";
    let name = "Connie Constable (invented)";
    if county.items(GOVERNANCE, members).await?.iter().any(|member| text(member, "name") == name) {
        return Ok(());
    }
    let seat = json!({ "user_id": county.user(MEMBER).await?, "name": name, "agency": "police" });
    county.make(GOVERNANCE, members, &seat).await.map(drop)
}

/// A missing episode whose return interview was held, and a concern that the exploitation team works on.
pub(super) async fn load(county: &mut County<'_>) -> Result<()> {
    let child = json!({ "given_name": "Briar", "family_name": "Nowhere", "birth_date": "2012-04-17" });
    if county.person(OFFICER, &child).await?.is_some() {
        return Ok(());
    }
    let reporter = json!({ "name": "PC 0000 Constable (invented)", "role": "constable, missing persons desk" });
    let before = county.now()?;
    let hours_ago = |hours: i64| before - TimeDelta::hours(hours);
    let report = json!({
        "person": child, "missing_since": hours_ago(30), "missing_from": "home", "risk_level": "medium",
        "circumstances": "Did not come home after the youth club. She does not answer her telephone.",
        "reporter": reporter, "locality": "charnwood"
    });
    let episode = format!("/v1/missing-episodes/{}", county.make(POLICE, "/v1/missing-episodes", &report).await?);
    let back = json!({
        "returned_at": hours_ago(20), "found_how": "came-back-alone", "harm": ["none-known"],
        "harm_note": "Cold and tired; would not say whom she was with."
    });
    county.step(POLICE, &episode, "return", &back).await?;
    county.step(OFFICER, &episode, "teams", &json!({ "service": "child-exploitation" })).await?;
    let offered = json!({ "outcome": "offered", "at": hours_ago(10), "by": "Cleo Shield (invented)" });
    county.step(WORKER, &episode, "return-interview", &offered).await?;
    let held = json!({
        "outcome": "held", "at": hours_ago(5), "by": "Cleo Shield (invented)", "themes": ["friends-and-peers", "boundaries"],
        "said": "An older boy drives them about and pays for everything. She likes it and it frightens her.",
        "actions": "See her again this week; tell First Response of the boy with the car."
    });
    county.step(WORKER, &episode, "return-interview", &held).await?;
    let worry = json!({
        "person": child, "kind": "child-sexual-exploitation", "indicators": ["missing-from-home", "older-associates"],
        "account": "Missing overnight; an older boy in a car waits near the youth club and buys presents.",
        "reporter": reporter, "locality": "charnwood"
    });
    let concern = county.make(POLICE, "/v1/exploitation-concerns", &worry).await?;
    let concern = format!("/v1/exploitation-concerns/{concern}");
    let screening = json!({
        "screened_at": county.now()?, "outcome": "significant",
        "reason": "Missing overnight, an older boy with a car, presents; she is afraid of him."
    });
    county.step(OFFICER, &concern, "screening", &screening).await?;
    county.step(OFFICER, &concern, "teams", &json!({ "service": "child-exploitation" })).await
}
