//! Help that needs no referral: a group with its register, a small child's developmental checks, a short break.

use serde_json::{Value, json};

use super::county::{County, OFFICER, SCHOOL};
use super::text;
use crate::error::Result;

/// Who runs groups and sees small children at the children's centre.
const CENTRE: &str = "chloe.centre";

/// Whatever of it is not there yet.
pub(super) async fn load(county: &mut County<'_>) -> Result<()> {
    hold_group(county).await?;
    check_development(county).await?;
    give_short_break(county).await
}

/// A parents' group in its fourth week: three come, and one stayed away once.
async fn hold_group(county: &mut County<'_>) -> Result<()> {
    let title = "Living with Teenagers, Thursdays (invented)";
    if county.items(CENTRE, "/v1/groups").await?.iter().any(|group| text(group, "title") == title) {
        return Ok(());
    }
    let begun = county.days_ago(21)?;
    let group = json!({
        "title": title, "programme": "living-with-teenagers", "service": "childrens-centre", "locality": "charnwood",
        "venue": "Loughborough children's centre", "capacity": 8, "first_day": begun, "last_day": county.days_ago(-42)?,
        "facilitators": [{ "user_id": county.user(CENTRE).await?, "name": "Chloe Centre (invented)" }]
    });
    let group = format!("/v1/groups/{}", county.make(CENTRE, "/v1/groups", &group).await?);
    let mut enrolments = Vec::new();
    for given_name in ["Sedge", "Teasel", "Yarrow"] {
        let person = json!({ "given_name": given_name, "family_name": "Makeup", "birth_date": "1984-09-09" });
        let enrolment = json!({ "person": person, "from": begun });
        enrolments.push(county.make(CENTRE, &format!("{group}/enrolments"), &enrolment).await?);
    }
    for (days, topic, attended) in [(21, "Boundaries", ["attended"; 3]), (14, "Sleep", ["attended", "late", "apology"])]
    {
        let session = json!({ "held_on": county.days_ago(days)?, "topic": topic });
        let session = county.make(CENTRE, &format!("{group}/sessions"), &session).await?;
        let line = |(enrolment, attendance)| json!({ "enrolment_id": enrolment, "attendance": attendance });
        let lines: Vec<Value> = enrolments.iter().zip(attended).map(line).collect();
        let register = json!({ "attendances": lines });
        county.step(CENTRE, &format!("{group}/sessions/{session}"), "attendance", &register).await?;
    }
    Ok(())
}

/// A small child's two checks: her speech was behind, and catches up.
async fn check_development(county: &mut County<'_>) -> Result<()> {
    if county.knows(CENTRE, "Nettle Imagined").await? {
        return Ok(());
    }
    // Young enough for the pathway on whichever day the county is loaded.
    let child = json!({ "given_name": "Nettle", "family_name": "Imagined", "birth_date": county.days_ago(600)? });
    let checks = format!("/v1/people/{}/development-checks", county.make(CENTRE, "/v1/people", &child).await?);
    for (days, speech, words) in [
        (120, "below", "Points and babbles; few words. Her mother was shown games to play with her."),
        (10, "meeting", "Names what she sees in the picture book, and sings."),
    ] {
        let check = json!({
            "service": "childrens-centre", "checked_on": county.days_ago(days)?, "words": words,
            "judgements": [
                { "area": "communication-and-language", "judgement": speech },
                { "area": "physical", "judgement": "meeting" },
                { "area": "personal-social-and-emotional", "judgement": "meeting" }
            ]
        });
        county.make(CENTRE, &checks, &check).await?;
    }
    Ok(())
}

/// A short break that the school asked for and First Response agreed.
async fn give_short_break(county: &mut County<'_>) -> Result<()> {
    let child = json!({ "given_name": "Hazel", "family_name": "Conjured", "birth_date": "2016-06-14" });
    if county.person(OFFICER, &child).await?.is_some() {
        return Ok(());
    }
    let asked = json!({
        "person": child, "asker": { "name": "Willow Conjured (invented)", "is": "mother" }, "needs": ["autism", "carer-rest"],
        "words": "Up most nights. She would love the Saturday club, with somebody beside her.", "locality": "charnwood"
    });
    let short_break = format!("/v1/short-breaks/{}", county.make(SCHOOL, "/v1/short-breaks", &asked).await?);
    let agreed = json!({
        "outcome": "agreed", "reason": "She can join in with somebody beside her, and her mother sleeps meanwhile.",
        "grant": { "level": "targeted", "hours_per_year": 60, "criteria": ["needs-support-to-join-in"] }
    });
    county.step(OFFICER, &short_break, "decision", &agreed).await
}
