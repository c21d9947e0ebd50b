//! Case study 4, a range of health problems: a national charity for children refers over violence at
//! home. Behind it are a heart condition, a depression, a damp home, rent arrears, and a boy nobody
//! has looked at properly.

use serde_json::json;

use super::{Answer, Ladder, Service, Story, choice, is, is_not};

const FIRST: Ladder = [2, 2, 5, 4, 4, 4, 5, 1, 2, 3];
const LAST: Ladder = [7, 6, 7, 7, 5, 7, 7, 7, 7, 4];

fn at_first() -> Vec<Answer> {
    vec![
        is("homelessness_risk"),
        is("rent_arrears"),
        is_not("benefits_right"),
        is("healthy_lifestyle_issues"),
        is("everyday_routine_missing"),
        is("family_breakdown_risk"),
        choice("home_unsuitable", "damp-or-disrepair"),
        is("long_term_health_condition").of("Reed"),
        is("mental_health_difficulties").of("Fern"),
        is_not("mental_health_support").of("Fern"),
        is("lack_of_motivation").of("Fern"),
        is("late_for_school").of("Clover"),
        is("developmental_concerns").of("Clover"),
        choice("special_needs", "none").of("Clover"),
    ]
}

fn at_last() -> Vec<Answer> {
    vec![
        is_not("homelessness_risk"),
        is("rent_arrears"),
        is("benefits_right"),
        is_not("healthy_lifestyle_issues"),
        is_not("everyday_routine_missing"),
        is_not("family_breakdown_risk"),
        choice("home_unsuitable", "suitable"),
        is("long_term_health_condition").of("Reed"),
        choice("benefit_received", "employment-and-support-allowance").of("Reed"),
        is("mental_health_difficulties").of("Fern"),
        is("mental_health_support").of("Fern"),
        is_not("lack_of_motivation").of("Fern"),
        is_not("late_for_school").of("Clover"),
        is("developmental_concerns").of("Clover"),
        choice("special_needs", "being-assessed").of("Clover"),
    ]
}

#[tokio::test]
async fn four_a_family_with_many_illnesses_gets_well_enough() {
    let story = Story::begins().await;
    story.family_support_worker("rory.hazel").await;
    for (code, name, kind, who) in [
        ("childrens-lantern", "The Children's Lantern (invented)", "voluntary", "linnet.lantern"),
        ("paediatrics", "Community Paediatrics (invented)", "health", "peony.paediatrics"),
        ("still-waters", "Still Waters Counselling (invented)", "voluntary", "sorrel.waters"),
    ] {
        story.agency(code, name, kind).await;
        story.works(who, code, "referrer", &[]).await;
    }
    story.works("hugh.housing", "district-hinckley-and-bosworth", "referrer", &[]).await;

    let told = story
        .tells(
            "linnet.lantern",
            &json!({
                "referrer": { "name": "Linnet Lantern (invented)", "role": "helpline practitioner" },
                "people": [
                    { "relation": "child", "given_name": "Clover", "family_name": "Underleaf", "birth_date": story.born(5).await },
                    { "relation": "parent", "given_name": "Fern", "family_name": "Underleaf", "birth_date": story.born(29).await },
                    { "relation": "parent", "given_name": "Reed", "family_name": "Underleaf", "birth_date": story.born(41).await }
                ],
                "locality": "hinckley-and-bosworth",
                "needs": [
                    { "code": "safe-from-domestic-abuse", "who": [1], "words": "Shouting and pushing, heard by a neighbour." },
                    { "code": "mental-and-physical-health" }, { "code": "secure-housing" }
                ],
                "worries": "A neighbour rang us: shouting, doors, a child crying, most evenings."
            }),
        )
        .await;
    told.triaged("olive.officer", 3, "early_help_hub", "No present danger; several needs.").await;
    told.meeting_asks(
        "hinnah.hub",
        "hinckley-and-bosworth",
        &[Service::FAMILY_SUPPORT],
        "Look at the whole family.",
        json!([]),
    )
    .await;

    let work = told.accepted_by("rory.hazel", "intensive-family-support").await;
    work.moves_to("3 Madeup Lane", "council").await;
    work.engaged().await;
    story.weeks_pass(5).await;
    work.assessed(&FIRST, &at_first()).await;
    work.plans(
        &[("We keep a warm, dry home.", "secure-housing"), ("We get well.", "mental-and-physical-health")],
        "Fern",
    )
    .await;
    let treat = "Treat the damp, and agree a plan for the rent.";
    work.agency_does("district-hinckley-and-bosworth", "hugh.housing", treat, Some("Reed")).await;
    work.agency_does("paediatrics", "peony.paediatrics", "See a boy of five: how he learns.", Some("Clover")).await;
    work.agency_does(
        "still-waters",
        "sorrel.waters",
        "Counselling for a woman after abuse in childhood.",
        Some("Fern"),
    )
    .await;
    work.member_does("Reed", "Go to the appointment about the disability benefit.").await;
    work.member_does("Fern", "See the GP again, and take what is prescribed.").await;
    work.team_around(
        &["Fern", "Reed"],
        &[("greenfield-academy", "SENCO"), ("paediatrics", "paediatrician")],
        "He is referred, and helped at school meanwhile.",
    )
    .await;
    work.notes("direct-work", &["Clover"], "Tasting fruit he had never had; he liked the pears.").await;
    story.weeks_pass(12).await;
    work.reviewed(
        &[5, 4, 6, 6, 4, 5, 6, 5, 5, 3],
        &[is_not("late_for_school").of("Clover"), is_not("homelessness_risk")],
    )
    .await;
    story.weeks_pass(9).await;
    work.closed(
        "needs_partly_met",
        &LAST,
        &at_last(),
        ("Fern", "The end of us as a family; and we would have lost the house."),
    )
    .await;
    work.asked_after_three_months("universal-services", "She gets up; he is on time.").await;

    told.went(&["received", "screening", "listed_for_hub", "offered", "in_service", "closed"]).await;
    told.told_back("closed").await;
    let journey = work.journey(&FIRST, &LAST).await;
    for (gone, of) in [
        ("homelessness_risk", None),
        ("benefits_right", None),
        ("healthy_lifestyle_issues", None),
        ("everyday_routine_missing", None),
        ("home_unsuitable", None),
        ("mental_health_support", Some("Fern")),
        ("lack_of_motivation", Some("Fern")),
        ("late_for_school", Some("Clover")),
    ] {
        work.issue(&journey, gone, of, true);
    }
    // The arrears are on a plan, and an illness of the heart stays.
    work.issue(&journey, "rent_arrears", None, false);
    work.issue(&journey, "long_term_health_condition", Some("Reed"), false);
    let meetings = work.caller().await.get(&format!("{}/team-around", work.case)).await.expect(200);
    assert_eq!(meetings.items().len(), 1);
    story.hidden_from(&["greenfield-school-system", "harper.hub", "hugh.housing"], &told.path).await;
    work.seen_by_its_team_alone("hinnah.hub", &["linnet.lantern", "hugh.housing", "peony.paediatrics", "mel.hub"])
        .await;

    story.moved("referrer_told_in_time", "childrens-lantern", (1, 1)).await;
    story.moved("families_closed", "needs_partly_met", (1, 0)).await;
    story.moved("eligible_when_opened", "intensive-family-support", (1, 1)).await;
    story.moved_by("assessments_in_time", "locality", "hinckley-and-bosworth", (1, 1)).await;
    story
        .resolved(&[
            ("home_unsuitable", 1, 1),
            ("late_for_school", 1, 1),
            ("rent_arrears", 1, 0),
            ("developmental_concerns", 1, 0),
        ])
        .await;
    story.climbed(&FIRST, &LAST).await;
}
