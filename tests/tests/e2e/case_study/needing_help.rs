//! Case study 6, children who need help: stepped down from social care while the concern for a girl of
//! sixteen goes on. She leaves home for a placement; the worker stays at her side. She goes missing
//! again and again, then seldom; it is better, and not over.

use serde_json::json;

use super::{Answer, Concern, Ladder, Missing, Service, Story, choice, is, is_not, times};

const FIRST: Ladder = [4, 3, 4, 1, 2, 2, 3, 4, 3, 2];
const LAST: Ladder = [5, 4, 5, 5, 5, 4, 5, 5, 7, 4];

fn at_first() -> Vec<Answer> {
    vec![
        is("family_breakdown_risk"),
        times("missing_episodes", 7).of("Jonquil"),
        is("sexual_exploitation_risk").of("Jonquil"),
        is("domestic_abuse_victim").of("Jonquil"),
        is("drug_misuse").of("Jonquil"),
        is("crime_or_antisocial_behaviour").of("Jonquil"),
        is("not_in_education_or_work").of("Jonquil"),
        choice("social_care_status", "child-in-need").of("Jonquil"),
    ]
}

fn at_last() -> Vec<Answer> {
    vec![
        is_not("family_breakdown_risk"),
        times("missing_episodes", 1).of("Jonquil"),
        is("sexual_exploitation_risk").of("Jonquil"),
        is_not("domestic_abuse_victim").of("Jonquil"),
        is_not("drug_misuse").of("Jonquil"),
        is_not("crime_or_antisocial_behaviour").of("Jonquil"),
        is("not_in_education_or_work").of("Jonquil"),
        choice("social_care_status", "looked-after").of("Jonquil"),
    ]
}

#[tokio::test]
async fn six_a_girl_who_left_home_is_not_left() {
    let story = Story::begins().await;
    story.family_support_worker("gwen.larch").await;
    story.team("child-exploitation", "Child Exploitation").await;
    story.works("esme.shield", "county-council", "service_worker", &["child-exploitation"]).await;
    let jonquil = json!({ "given_name": "Jonquil", "family_name": "Bayberry", "birth_date": story.born(16).await });
    let teams = ["child-exploitation"];
    let signs = ["older-associates", "controlling-relationship", "missing-from-home", "drugs-or-alcohol"];
    let concern = Concern::raised(&story, &jonquil, "melton", &signs, &teams).await;

    let told = story
        .tells(
            "olive.officer",
            &json!({
                "kind": "step_down",
                "step_down": { "social_care_reference": "SC-INVENTED-6", "reason": "The child in need plan ends; the exploitation inquiry does not." },
                "referrer": { "name": "Ms A Social Worker (invented)", "role": "social worker" },
                "family_knows": true,
                "people": [
                    { "relation": "child", "given_name": "Jonquil", "family_name": "Bayberry", "birth_date": story.born(16).await },
                    { "relation": "child", "given_name": "Lovage", "family_name": "Bayberry", "birth_date": story.born(15).await },
                    { "relation": "sibling", "given_name": "Nigel", "family_name": "Bayberry", "birth_date": story.born(27).await },
                    { "relation": "parent", "given_name": "Myrtle", "family_name": "Bayberry", "birth_date": story.born(47).await },
                    { "relation": "grandparent", "given_name": "Olive", "family_name": "Bayberry", "birth_date": story.born(71).await }
                ],
                "locality": "melton",
                "concerns": ["safe-from-abuse-and-exploitation", "crime-prevention", "family-relationships", "substance-use"],
                "worries": "An older boyfriend since she was thirteen, who hits her; drugs; out until two."
            }),
        )
        .await;
    told.triaged("olive.officer", 3, "early_help_hub", "Stepped down; she needs somebody who stays.").await;
    told.meeting_asks("mel.hub", "melton", &[Service::FAMILY_SUPPORT], "A worker who goes where she is.", json!([]))
        .await;
    let work = told.accepted_by("gwen.larch", "intensive-family-support").await;
    work.engaged().await;
    story.weeks_pass(3).await;
    work.assessed(&FIRST, &at_first()).await;
    work.plans(&[("I live where he is not.", "safe-from-abuse-and-exploitation")], "Jonquil").await;
    // First Response gives the concern to whoever works with her.
    story
        .as_("olive.officer")
        .await
        .step(&concern.path, "teams", &json!({ "service": "intensive-family-support" }))
        .await
        .expect(200);
    concern.planned("esme.shield", &["county-council", "police"]).await;

    work.leaves("Jonquil", "looked-after").await;
    for (time, outcome) in ["declined", "held", "held"].into_iter().enumerate() {
        let missing = Missing::reported(&story, &jonquil, "melton", "supported-accommodation", "medium").await;
        assert_eq!(missing.repeat, i64::try_from(time).unwrap() + 1);
        let reached = story.as_("gwen.larch").await.get("/v1/alerts?state=urgent&limit=100").await.expect(200);
        assert!(reached.items().iter().any(|alert| alert["kind"] == "missing_exploited_child"), "{}", reached.body);
        missing.returned("gwen.larch", outcome, "relationship").await;
        story.weeks_pass(1).await;
    }
    work.notes("visit-elsewhere", &["Jonquil"], "Collected her clothes from his flat together.").await;
    work.notes("meeting", &["Jonquil"], "She wants to end it, and can't in the same street.").await;
    let agencies = [("county-council", "social worker"), ("police", "constable")];
    work.team_around(&["Jonquil"], &agencies, "Another place to live, in another town.").await;
    story.weeks_pass(8).await;
    work.reviewed(&[4, 3, 5, 4, 4, 3, 4, 5, 6, 2], &[is_not("domestic_abuse_victim").of("Jonquil")]).await;
    let once_more = Missing::reported(&story, &jonquil, "melton", "supported-accommodation", "low").await;
    once_more.returned("gwen.larch", "held", "friends-and-peers").await;
    concern.reviewed("esme.shield", "moderate").await;
    let onward = json!({ "onward_service": "A course of twelve weeks for young people (invented trust)", "started_on": story.today().await });
    work.caller().await.post(&format!("{}/follow-ups", work.case), &onward).await.expect(201);
    story.weeks_pass(8).await;
    concern.closed("esme.shield", "risk-reduced").await;
    work.closed("needs_partly_met", &LAST, &at_last(), ("Myrtle", "We would not know where she is.")).await;
    work.asked_after_three_months("training", "On the course; she hopes for health and social care.").await;

    told.went(&["received", "screening", "listed_for_hub", "offered", "in_service", "closed"]).await;
    let whole = told.as_seen_by("mel.hub").await.expect("the hub's");
    assert_eq!(
        (&whole["contact"]["kind"], &whole["contact"]["step_down"]["social_care_reference"]),
        (&json!("step_down"), &json!("SC-INVENTED-6"))
    );
    let journey = work.journey(&FIRST, &LAST).await;
    for gone in ["domestic_abuse_victim", "drug_misuse", "crime_or_antisocial_behaviour"] {
        work.issue(&journey, gone, Some("Jonquil"), true);
    }
    // Far less often, and still; and she waits for her course.
    for still in ["missing_episodes", "sexual_exploitation_risk", "not_in_education_or_work", "social_care_status"] {
        work.issue(&journey, still, Some("Jonquil"), false);
    }
    let seen = story.as_("gwen.larch").await.get(&concern.path).await.expect(200);
    assert_eq!(seen.body["missing_episodes"].as_array().map(Vec::len), Some(4), "{}", seen.body);
    story.hidden_from(&["greenfield-school-system", "harper.hub", "police-system"], &told.path).await;
    story.hidden_from(&["greenfield-school-system", "harper.hub", "chloe.centre"], &concern.path).await;
    work.seen_by_its_team_alone("mel.hub", &["police-system", "esme.shield", "harper.hub"]).await;

    story.moved("referrals_by_kind", "step_down", (1, 0)).await;
    story.moved("missing_episodes", "medium", (3, 0)).await;
    story.moved("missing_episodes", "low", (1, 0)).await;
    story.moved_by("return_interviews_in_time", "locality", "melton", (3, 4)).await;
    story.moved("return_interview_themes", "relationship", (2, 0)).await;
    story.moved("families_closed", "needs_partly_met", (1, 0)).await;
    // After the course began, and after the case was closed.
    story.moved("sustained_at_follow_up", "3", (2, 2)).await;
    story
        .resolved(&[("domestic_abuse_victim", 1, 1), ("missing_episodes", 1, 0), ("not_in_education_or_work", 1, 0)])
        .await;
    story.climbed(&FIRST, &LAST).await;
}
