//! A case, and the audit of its file that waits for its auditor.

use serde_json::{Value, json};

use super::county::{County, id_in};
use crate::error::{Error, Result};

/// Who works with the family.
const WORKER: &str = "felix.family";
/// Who leads the team and draws the sample.
const MANAGER: &str = "sam.senior";
/// Who audits: of another service.
const AUDITOR: &str = "morgan.manager";

/// A family that came back by itself, the case opened for it, and a sample of the team's files, unless one was drawn.
pub(super) async fn load(county: &mut County<'_>) -> Result<()> {
    if !county.items(MANAGER, "/v1/audit-samples").await?.is_empty() {
        return Ok(());
    }
    // The child of the first story, whose work has ended.
    let child = json!({ "given_name": "Rowan", "family_name": "Pretend", "birth_date": "2015-03-21" });
    let child = county.person(WORKER, &child).await?.ok_or_else(|| Error::new("the first story's child is unknown"))?;
    let family = json!({ "people": [{ "person_id": child, "role": "child" }], "locality": "charnwood" });
    let family = county.make(WORKER, "/v1/families", &family).await?;
    let asked = json!({
        "case_type": "outreach",
        "request_reason": "Rowan's mother rang herself: a new letter about the rent, and she would like to read it with somebody."
    });
    let case = format!("/v1/cases/{}", county.make(WORKER, &format!("/v1/families/{family}/cases"), &asked).await?);
    let today = county.days_ago(0)?;
    county.step(WORKER, &case, "engagement", &json!({ "engaged_on": today })).await?;
    let sample = json!({
        "basis": "open", "from": county.days_ago(30)?, "to": today, "team": "intensive-family-support", "size": 1,
        "due_on": county.days_ago(-28)?
    });
    let sample = county.as_(MANAGER).await?.send("/v1/audit-samples", &sample).await?;
    let file = id_in(sample.pointer("/files/0").unwrap_or(&Value::Null))?;
    let auditor = json!({ "user_id": county.user(AUDITOR).await?, "name": "Morgan Manager (invented)" });
    county.step(MANAGER, &format!("/v1/case-audits/{file}"), "auditor", &auditor).await
}
