//! Case study 1, adults at risk of financial exclusion: a school refers a family of five in a flat
//! too small, in debt, with eviction and court ahead. The council holds its proceedings.

use serde_json::json;

use super::{Answer, Ladder, Service, Story, choice, is, is_not, owes, pence};

const FIRST: Ladder = [5, 2, 5, 6, 4, 5, 5, 3, 1, 3];
const LAST: Ladder = [7, 7, 7, 8, 6, 9, 7, 7, 8, 6];

fn at_first() -> Vec<Answer> {
    vec![
        is("financial_difficulties"),
        is("rent_arrears"),
        is("homelessness_risk"),
        is("court_or_eviction_action"),
        is_not("benefits_right"),
        is("everyday_routine_missing"),
        choice("home_unsuitable", "overcrowded"),
        pence("monthly_income", 40_000),
        owes("council-tax", "the borough council", 264_200, "none"),
        owes("rent", "the housing association", 108_200, "none"),
        is("lack_of_motivation").of("Willa"),
        is_not("mental_health_support").of("Willa"),
        is_not("in_employment").of("Willa"),
    ]
}

fn at_last() -> Vec<Answer> {
    vec![
        is("financial_difficulties"),
        is("rent_arrears"),
        is_not("homelessness_risk"),
        is_not("court_or_eviction_action"),
        is("benefits_right"),
        is_not("everyday_routine_missing"),
        choice("home_unsuitable", "suitable"),
        owes("council-tax", "the borough council", 190_000, "kept-to"),
        owes("rent", "the housing association", 60_000, "kept-to"),
        is_not("lack_of_motivation").of("Willa"),
        is("mental_health_support").of("Willa"),
        is("in_employment").of("Willa"),
    ]
}

#[tokio::test]
async fn one_a_family_in_debt_keeps_its_home() {
    let story = Story::begins().await;
    story.family_support_worker("amber.quill").await;
    story.works("dunstan.arrears", "district-charnwood", "referrer", &[]).await;
    story.agency("fairbalance", "Fairbalance Debt Help (invented)", "voluntary").await;
    story.works("delia.ledger", "fairbalance", "referrer", &[]).await;

    let told = story
        .tells(
            "greenfield-school-system",
            &json!({
                "referrer": { "name": "Ms A Teacher (invented)", "role": "designated safeguarding lead" },
                "family_knows": true,
                "people": [
                    { "relation": "child", "given_name": "Jessamine", "family_name": "Willowherb", "birth_date": story.born(7).await },
                    { "relation": "child", "given_name": "Dill", "family_name": "Willowherb", "birth_date": story.born(6).await },
                    { "relation": "child", "given_name": "Nettle", "family_name": "Willowherb", "birth_date": story.born(1).await },
                    { "relation": "parent", "given_name": "Willa", "family_name": "Willowherb" },
                    { "relation": "parent", "given_name": "Alder", "family_name": "Willowherb" }
                ],
                "locality": "charnwood",
                "concerns": ["mental-and-physical-health", "financial-stability", "secure-housing"],
                "worries": "Jessamine told us of debts, and that they may lose the flat; two bedrooms for five. She is often in tears."
            }),
        )
        .await;
    told.triaged("olive.officer", 3, "early_help_hub", "Debt weighs on a child's health; no danger now.").await;
    told.meeting_asks("harper.hub", "charnwood", &[Service::FAMILY_SUPPORT], "One worker for all of it.", json!([]))
        .await;

    let work = told.accepted_by("amber.quill", "intensive-family-support").await;
    work.moves_to("Flat 9, 4 Example Parade", "housing-association").await;
    work.engaged().await;
    story.weeks_pass(3).await;
    work.assessed(&FIRST, &at_first()).await;
    work.plans(&[("We keep a home.", "secure-housing"), ("We know what we owe.", "financial-stability")], "Willa")
        .await;
    work.agency_does(
        "district-charnwood",
        "dunstan.arrears",
        "Hold the court proceedings over council tax, and agree a payment plan.",
        Some("Alder"),
    )
    .await;
    work.agency_does("fairbalance", "delia.ledger", "Order the debts and arrange payments.", Some("Willa")).await;
    work.member_does("Willa", "Go to the mental health unit with Amber.").await;
    work.notes(
        "home-visit",
        &["Jessamine", "Dill", "Willa"],
        "Benefits claimed together: for her disability, for his care.",
    )
    .await;
    story.weeks_pass(11).await;
    work.reviewed(&[6, 5, 6, 7, 5, 6, 6, 5, 5, 4], &[is_not("court_or_eviction_action"), is("rent_arrears")]).await;
    work.moves_to("12 Invented Street, three bedrooms and a garden", "housing-association").await;
    story.weeks_pass(10).await;
    work.closed("needs_met", &LAST, &at_last(), ("Alder", "Eviction, a hearing over the debts, perhaps custody."))
        .await;
    work.asked_after_three_months("employment", "The arrears are paid each month; she works part time in a shop.")
        .await;

    told.went(&["received", "screening", "listed_for_hub", "offered", "in_service", "closed"]).await;
    told.told_back("closed").await;
    let journey = work.journey(&FIRST, &LAST).await;
    for gone in [
        "homelessness_risk",
        "court_or_eviction_action",
        "benefits_right",
        "everyday_routine_missing",
        "home_unsuitable",
    ] {
        work.issue(&journey, gone, None, true);
    }
    work.issue(&journey, "in_employment", Some("Willa"), true);
    work.issue(&journey, "rent_arrears", None, false);
    let debts = work.issue(&journey, "debt", None, false);
    assert_eq!((&debts["first_total_pence"], &debts["last_total_pence"]), (&json!(372_400), &json!(250_000)));
    let homes = work.homes().await;
    assert_eq!(homes, ["Flat 9, 4 Example Parade", "12 Invented Street, three bedrooms and a garden"]);
    story.hidden_from(&["hillside-school-system", "mel.hub", "chloe.centre", "bea.board"], &told.path).await;
    work.seen_by_its_team_alone("harper.hub", &["greenfield-school-system", "dunstan.arrears", "mel.hub", "bea.board"])
        .await;

    story.moved("referrals_by_kind", "professional", (1, 0)).await;
    story.moved("referrer_told_in_time", "greenfield-academy", (1, 1)).await;
    story.moved_by("allocated_by_service", "service", "intensive-family-support", (1, 0)).await;
    story.moved("individuals_worked_with", "child-under-5", (1, 0)).await;
    story.moved("individuals_worked_with", "child-5-and-over", (2, 0)).await;
    story.moved("individuals_worked_with", "adult", (2, 0)).await;
    story.moved("families_closed", "needs_met", (1, 0)).await;
    story.moved("sustained_at_follow_up", "3", (1, 1)).await;
    story.moved_by("reviews_in_time", "service", "intensive-family-support", (2, 2)).await;
    story
        .resolved(&[("homelessness_risk", 1, 1), ("rent_arrears", 1, 0), ("debt", 1, 0), ("in_employment", 1, 1)])
        .await;
    story.climbed(&FIRST, &LAST).await;
}
