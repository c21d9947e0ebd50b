//! Case study 7, a boy who does not go to school: the hub's own attendance officer lists him. He is
//! at school a quarter of the time, plays all night and hits out when told to stop. The parents learn,
//! the school puts the fine aside, and he plans to cook.

use serde_json::json;

use super::{Answer, Ladder, Story, attends, choice, is, is_not, last_on};

const FIRST: Ladder = [2, 4, 4, 4, 5, 1, 1, 3, 7, 6];
const LAST: Ladder = [6, 7, 7, 7, 6, 6, 7, 6, 8, 7];

fn at_first() -> Vec<Answer> {
    vec![
        is_not("dentist_registered"),
        is("family_breakdown_risk"),
        is("court_or_eviction_action"),
        is("healthy_lifestyle_issues"),
        attends("Pike", 26.6),
        is("violent_behaviour").of("Pike"),
        is("bullying_within_household").of("Pike"),
        is("long_term_health_condition").of("Pike"),
        is("lack_of_motivation").of("Pike"),
        choice("special_needs", "being-assessed").of("Pike"),
    ]
}

#[tokio::test]
async fn seven_a_boy_goes_to_school_again() {
    let story = Story::begins().await;
    story.family_support_worker("jean.rowan").await;
    story.sits_on_hub("hattie.attendance", "district-charnwood", "charnwood").await;
    story.agency("school-nursing", "School Nursing (invented)", "health").await;
    story.works("nora.nurse", "school-nursing", "referrer", &[]).await;

    let told = story
        .tells(
            "hattie.attendance",
            &json!({
                "kind": "hub_listing",
                "referrer": { "name": "Hattie Attendance (invented)", "role": "hub attendance officer" },
                "family_knows": true,
                "people": [
                    { "relation": "child", "given_name": "Pike", "family_name": "Robinwood", "birth_date": story.born(15).await, "school": "Greenfield Academy" },
                    { "relation": "parent", "given_name": "Lily", "family_name": "Robinwood", "birth_date": story.born(44).await },
                    { "relation": "parent", "given_name": "Cedar", "family_name": "Robinwood", "birth_date": story.born(45).await }
                ],
                "locality": "charnwood",
                "concerns": ["good-education", "family-relationships", "mental-and-physical-health"],
                "worries": "At school one day in four; in his room with games, and hits out when he is told to stop."
            }),
        )
        .await;
    told.desk_asks("hattie.attendance", "intensive-family-support", "The attendance is a sign of much more.").await;
    let work = told.accepted_by("jean.rowan", "intensive-family-support").await;
    work.engaged().await;
    story.weeks_pass(4).await;
    let mut first = at_first();
    first.push(last_on("last_seen_by_dentist_on", story.today().await - chrono::Days::new(5 * 365)).of("Pike"));
    work.assessed(&FIRST, &first).await;
    work.plans(&[("I go to school.", "good-education"), ("Nobody is hit.", "family-relationships")], "Pike").await;
    work.agency_does(
        "greenfield-academy",
        "greenfield-school-system",
        "Put the fine aside, and ask for an education, health and care plan.",
        Some("Pike"),
    )
    .await;
    work.agency_does("school-nursing", "nora.nurse", "See him at home, and bring in the dietician.", Some("Pike"))
        .await;
    work.member_does("Lily", "Go to the group for parents of teenagers, with Cedar.").await;
    work.notes("home-visit", &["Lily", "Cedar"], "A safety plan for when he is violent; how to step back.").await;
    work.notes("direct-work", &["Pike"], "What makes him angry, and how he notices.").await;
    work.team_around(
        &["Pike", "Lily", "Cedar"],
        &[("greenfield-academy", "attendance"), ("school-nursing", "nurse")],
        "The fine is put aside; a plan is asked for.",
    )
    .await;
    story.weeks_pass(12).await;
    work.reviewed(&[4, 6, 6, 6, 5, 4, 5, 5, 7, 6], &[attends("Pike", 48.0), is_not("court_or_eviction_action")]).await;
    story.weeks_pass(12).await;
    let at_last = [
        is("dentist_registered"),
        is_not("family_breakdown_risk"),
        is_not("court_or_eviction_action"),
        is_not("healthy_lifestyle_issues"),
        attends("Pike", 61.0),
        is_not("violent_behaviour").of("Pike"),
        is_not("bullying_within_household").of("Pike"),
        is("long_term_health_condition").of("Pike"),
        is_not("lack_of_motivation").of("Pike"),
        choice("special_needs", "plan").of("Pike"),
        last_on("last_seen_by_dentist_on", story.today().await - chrono::Days::new(9)).of("Pike"),
    ];
    work.closed("needs_met", &LAST, &at_last, ("Lily", "We would have broken apart, and he would be in care.")).await;
    work.asked_after_three_months("education", "He applied to the college, for catering.").await;

    // No screening: a member of the hub listed him there.
    told.went(&["received", "listed_for_hub", "offered", "in_service", "closed"]).await;
    let journey = work.journey(&FIRST, &LAST).await;
    for (gone, of) in [
        ("dentist_registered", None),
        ("family_breakdown_risk", None),
        ("court_or_eviction_action", None),
        ("violent_behaviour", Some("Pike")),
        ("bullying_within_household", Some("Pike")),
        ("lack_of_motivation", Some("Pike")),
    ] {
        work.issue(&journey, gone, of, true);
    }
    let attendance = work.issue(&journey, "school_attendance", Some("Pike"), false);
    assert!((attendance["change"].as_f64().unwrap() - 34.4).abs() < 0.001, "{attendance}");
    work.issue(&journey, "long_term_health_condition", Some("Pike"), false);
    story.hidden_from(&["greenfield-school-system", "mel.hub", "nora.nurse"], &told.path).await;
    work.seen_by_its_team_alone("hattie.attendance", &["greenfield-school-system", "nora.nurse", "mel.hub"]).await;

    story.moved("referrals_by_kind", "hub_listing", (1, 0)).await;
    story.moved_by("allocated_by_service", "locality", "charnwood", (1, 0)).await;
    story.moved("families_closed", "needs_met", (1, 0)).await;
    story.resolved(&[("dentist_registered", 1, 1), ("school_attendance", 1, 0), ("violent_behaviour", 1, 1)]).await;
    story.moved("sustained_at_follow_up", "3", (1, 1)).await;
    story.climbed(&FIRST, &LAST).await;
}
