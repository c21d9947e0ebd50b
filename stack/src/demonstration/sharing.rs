//! What comes from partners and goes to others: a list under its agreement, and a family passed on to a service that
//! is no user.

use serde_json::{Value, json};

use super::county::{County, GOVERNANCE, SCHOOL, id_in};
use super::{directory, text};
use crate::error::{Error, Result};

/// Who sits on the hub that passes a family on.
const HUB: &str = "harper.hub";
/// To whom.
const SERVICE: &str = "Step into work";

/// Whatever of it is not there yet.
pub(super) async fn load(county: &mut County<'_>) -> Result<()> {
    take_list(county).await?;
    refer_onward(county).await
}

/// A school's list of two children often absent, under an agreement to be reviewed next year.
async fn take_list(county: &mut County<'_>) -> Result<()> {
    let (agreements, title) = ("/v1/partner-agreements", "Persistent absence (invented)");
    if county.items(GOVERNANCE, agreements).await?.iter().any(|agreement| text(agreement, "title") == title) {
        return Ok(());
    }
    let agreement = json!({
        "agency": "greenfield-academy", "title": title,
        "purpose": "To find families whose children are often absent and whom nobody has referred, and to offer them help.",
        "lawful_basis": "public-task", "reasons": ["persistent-absence"], "fields": ["birth_date", "postcode"],
        "starts_on": county.days_ago(60)?, "review_on": county.days_ago(-300)?, "retention_days": 180
    });
    let agreement = county.make(GOVERNANCE, agreements, &agreement).await?;
    let absent = |key: &str, given_name: &str, birth_date: &str| {
        Ok::<_, Error>(json!({
            "family_key": key, "relation": "child", "given_name": given_name, "family_name": "Offlist", "birth_date": birth_date,
            "reason": "persistent-absence", "reason_on": county.days_ago(14)?
        }))
    };
    let rows = [absent("1", "Campion", "2013-10-02")?, absent("2", "Sorrel", "2015-01-27")?];
    let list = json!({ "agreement_id": agreement, "drawn_on": county.days_ago(7)?, "rows": rows });
    county.make(SCHOOL, "/v1/partner-lists", &list).await.map(drop)
}

/// The mother who looks for work and waits for the hub: it asks a charity to help her meanwhile.
async fn refer_onward(county: &mut County<'_>) -> Result<()> {
    let is_hers = |referral: &&Value| {
        let children = referral.get("children").and_then(Value::as_array);
        children.into_iter().flatten().any(|child| text(child, "family_name") == "Makebelieve")
    };
    let waiting = county.items(HUB, "/v1/hubs/charnwood/referrals").await?;
    // Once the hub has decided, there is nothing to be done meanwhile.
    let Some(referral) = waiting.iter().find(is_hers) else { return Ok(()) };
    let referral = id_in(referral)?;
    let sent = county.items(HUB, "/v1/onward-referrals").await?;
    if sent.iter().any(|onward| text(onward, "referral_id") == referral) {
        return Ok(());
    }
    let services = directory::listed(county.as_(HUB).await?, "/v1/services").await?;
    let service = services.get(SERVICE).ok_or_else(|| Error::new(format!("{SERVICE} is not in the directory")))?;
    let onward = json!({
        "referral_id": referral, "service_id": service,
        "purpose": "Help her to look for work again; she lost her job in the summer.",
        "share": ["names", "relations"], "message": "She would rather be rung in the morning.",
        "family_contact": "01632 960002", "reply_to": "Harper Hub (invented), Charnwood hub, 01632 960500",
        "basis": { "basis": "consent", "consent": { "given_by": "mother", "on": county.days_ago(0)? } }
    });
    county.make(HUB, "/v1/onward-referrals", &onward).await.map(drop)
}
