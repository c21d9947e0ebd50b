//! Case study 3, domestic abuse: social care steps a family down, the hub discusses it in its
//! meeting. The father is about to come out of prison; the mother uses drugs, the boys are angry. At
//! the end he is gone from their lives and she is drug free and volunteers.

use serde_json::json;

use super::{Answer, Ladder, Service, Story, is, is_not, times};

const FIRST: Ladder = [2, 1, 4, 1, 2, 5, 2, 4, 5, 2];
const LAST: Ladder = [7, 7, 8, 8, 6, 7, 7, 7, 7, 6];

fn at_first() -> Vec<Answer> {
    vec![
        times("police_callouts", 4),
        is("difficulties_looking_after_children"),
        is("family_breakdown_risk"),
        is("limited_support_network"),
        is("domestic_abuse_victim").of("Marigold"),
        is("drug_misuse").of("Marigold"),
        is("lack_of_confidence").of("Marigold"),
        is_not("in_education_training_or_volunteering").of("Marigold"),
        is("domestic_abuse_perpetrator").of("Thorn"),
        is("violent_behaviour").of("Rowan"),
        is("school_behaviour").of("Rowan"),
        is("violent_behaviour").of("Moss"),
    ]
}

fn at_last() -> Vec<Answer> {
    vec![
        times("police_callouts", 0),
        is_not("difficulties_looking_after_children"),
        is_not("family_breakdown_risk"),
        is_not("limited_support_network"),
        is_not("domestic_abuse_victim").of("Marigold"),
        is_not("drug_misuse").of("Marigold"),
        is_not("lack_of_confidence").of("Marigold"),
        is("in_education_training_or_volunteering").of("Marigold"),
        is_not("violent_behaviour").of("Rowan"),
        is_not("school_behaviour").of("Rowan"),
        is_not("violent_behaviour").of("Moss"),
    ]
}

#[tokio::test]
async fn three_a_mother_and_her_boys_are_free_of_abuse() {
    let story = Story::begins().await;
    story.family_support_worker("robin.teasel").await;
    for (code, name, who) in [
        ("turning-corner", "Turning Corner (invented)", "corin.recovery"),
        ("safe-harbour", "Safe Harbour Outreach (invented)", "sable.outreach"),
        ("work-desk", "Work Desk (invented)", "wendel.work"),
    ] {
        story.agency(code, name, if code == "work-desk" { "other" } else { "voluntary" }).await;
        story.works(who, code, "referrer", &[]).await;
    }

    let told = story
        .tells(
            "police-system",
            &json!({
                "referrer": { "name": "PC A Constable (invented)", "role": "constable" },
                "urgency": { "kind": "immediate_safeguarding", "why": "Assaulted this morning; the boys saw it." },
                "people": [
                    { "relation": "child", "given_name": "Rowan", "family_name": "Sorrel", "birth_date": story.born(10).await },
                    { "relation": "child", "given_name": "Moss", "family_name": "Sorrel", "birth_date": story.born(5).await },
                    { "relation": "parent", "given_name": "Marigold", "family_name": "Sorrel", "birth_date": story.born(31).await },
                    { "relation": "parent", "given_name": "Thorn", "family_name": "Sorrel", "birth_date": story.born(34).await }
                ],
                "locality": "melton",
                "concerns": ["safe-from-domestic-abuse", "substance-use", "family-relationships"],
                "worries": "The father assaulted the mother; both boys were at home. She was found in the garden, incoherent."
            }),
        )
        .await;
    told.triaged("olive.officer", 4, "social_care", "Significant harm; a strategy discussion today.").await;
    told.signed_off("morgan.manager").await;
    story.weeks_pass(20).await;
    told.stepped_down("olive.officer", 3, "A child in need plan; the father is in prison.").await;
    let incident = json!({
        "scope": "police-domestic-abuse", "from": story.today().await - chrono::Days::new(140),
        "words": "Assault; he was sentenced (invented).", "dash_grade": "high"
    });
    told.agency_tells("mel.hub", ("police", "police-system"), "police-domestic-abuse", 2, incident).await;
    let dissent =
        json!([{ "who": "PC A Constable (invented)", "agency": "police", "words": "He will go back to them." }]);
    told.meeting_asks("mel.hub", "melton", &[Service::FAMILY_SUPPORT], "Before he is released.", dissent).await;

    let work = told.accepted_by("robin.teasel", "intensive-family-support").await;
    work.engaged().await;
    story.weeks_pass(4).await;
    work.assessed(&FIRST, &at_first()).await;
    work.plans(
        &[
            ("We are safe.", "safe-from-domestic-abuse"),
            ("I am clean.", "substance-use"),
            ("I am the parent.", "family-relationships"),
        ],
        "Marigold",
    )
    .await;
    work.agency_does(
        "turning-corner",
        "corin.recovery",
        "One to one sessions; Robin comes along at first.",
        Some("Marigold"),
    )
    .await;
    work.agency_does(
        "safe-harbour",
        "sable.outreach",
        "Work with both boys on what they saw, and on anger.",
        Some("Rowan"),
    )
    .await;
    work.agency_does("work-desk", "wendel.work", "A place on the back to work programme.", Some("Marigold")).await;
    work.member_does("Rowan", "Go to kickboxing.").await;
    work.notes("visit-elsewhere", &["Marigold"], "Budgeting, cooking.").await;
    work.notes("home-visit", &["Marigold", "Rowan", "Moss"], "Boundaries, consequences, what sets it off.").await;
    story.weeks_pass(12).await;
    work.reviewed(&[5, 5, 6, 6, 4, 6, 5, 6, 6, 4], &[is("drug_misuse").of("Marigold"), times("police_callouts", 1)])
        .await;
    work.leaves("Thorn", "separated").await;
    story.weeks_pass(11).await;
    work.closed("needs_met", &LAST, &at_last(), ("Marigold", "I would have lost my children.")).await;
    work.asked_after_three_months("training", "Clean, and volunteering.").await;

    let way = [
        "received",
        "screening",
        "awaiting_sign_off",
        "with_social_care",
        "listed_for_hub",
        "offered",
        "in_service",
        "closed",
    ];
    told.went(&way).await;
    told.told_back("closed").await;
    let whole = told.as_seen_by("mel.hub").await.expect("the hub's");
    let decisions = whole["decisions"].as_array().unwrap();
    assert_eq!(decisions[0]["signed_off_by"], "morgan.manager");
    assert_eq!(decisions[1]["dissent"][0]["agency"], "police");
    let journey = work.journey(&FIRST, &LAST).await;
    for (gone, of) in [
        ("police_callouts", None),
        ("family_breakdown_risk", None),
        ("domestic_abuse_victim", Some("Marigold")),
        ("drug_misuse", Some("Marigold")),
        ("in_education_training_or_volunteering", Some("Marigold")),
        ("violent_behaviour", Some("Rowan")),
        ("violent_behaviour", Some("Moss")),
        ("school_behaviour", Some("Rowan")),
    ] {
        work.issue(&journey, gone, of, true);
    }
    // He was not asked about at the end, so for him nothing is known to have changed.
    work.issue(&journey, "domestic_abuse_perpetrator", Some("Thorn"), false);
    story.hidden_from(&["greenfield-school-system", "harper.hub", "hinnah.hub", "chloe.centre"], &told.path).await;
    work.seen_by_its_team_alone("mel.hub", &["police-system", "corin.recovery", "sable.outreach", "harper.hub"]).await;

    story.moved_by("urgent_referrals", "locality", "melton", (1, 0)).await;
    story.moved("information_answered_in_time", "police", (1, 1)).await;
    story.moved("referrer_told_in_time", "police", (1, 1)).await;
    story.moved_by("allocated_by_service", "locality", "melton", (1, 0)).await;
    story.moved("families_closed", "needs_met", (1, 0)).await;
    story
        .resolved(&[
            ("violent_behaviour", 2, 2),
            ("drug_misuse", 1, 1),
            ("domestic_abuse_perpetrator", 1, 0),
            ("police_callouts", 1, 1),
        ])
        .await;
    story.climbed(&FIRST, &LAST).await;
}
