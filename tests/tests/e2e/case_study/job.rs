//! Case study 2, a job outcome: a mother rings First Response for herself. She has lost her work, is
//! low and alone, and her daughter and she fight. At the end she has a job, and the girl lives with
//! her father.

use serde_json::json;

use super::{Answer, Ladder, Story, choice, is, is_not, last_on};

const FIRST: Ladder = [5, 2, 4, 7, 2, 6, 3, 6, 5, 3];
const LAST: Ladder = [6, 7, 7, 8, 6, 7, 6, 7, 7, 8];

fn at_first() -> Vec<Answer> {
    vec![
        is("lone_parent"),
        is("limited_support_network"),
        is("financial_difficulties"),
        is("difficulties_looking_after_children"),
        choice("benefit_reliance", "solely"),
        is("mental_health_difficulties").of("Saffron"),
        is_not("mental_health_support").of("Saffron"),
        is("lack_of_confidence").of("Saffron"),
        is("work_related_benefits").of("Saffron"),
        is_not("in_employment").of("Saffron"),
        choice("benefit_received", "employment-and-support-allowance").of("Saffron"),
        is_not("school_behaviour").of("Tansy"),
    ]
}

#[tokio::test]
async fn two_a_mother_who_rang_for_help_finds_work() {
    let story = Story::begins().await;
    story.family_support_worker("maple.fenn").await;
    story.agency("second-spring", "Second Spring Parents (invented)", "voluntary").await;
    story.works("perry.group", "second-spring", "referrer", &[]).await;

    let told = story
        .tells(
            "olive.officer",
            &json!({
                "kind": "self_referral", "channel": "telephone",
                "caller": { "name": "Saffron Meadowsweet (invented)", "relationship": "mother", "telephone": "01632 960222" },
                "referrer": { "name": "Saffron Meadowsweet (invented)", "role": "mother" },
                "family_knows": true,
                "consent": { "given": "yes", "by": "the mother", "how": "by telephone" },
                "people": [
                    { "relation": "child", "given_name": "Tansy", "family_name": "Meadowsweet", "birth_date": story.born(13).await },
                    { "relation": "parent", "given_name": "Saffron", "family_name": "Meadowsweet", "birth_date": story.born(38).await }
                ],
                "locality": "hinckley-and-bosworth",
                "concerns": ["mental-and-physical-health", "family-relationships", "financial-stability"],
                "worries": "She cannot cope any more: her job is gone, she is alone, and they shout at each other every day."
            }),
        )
        .await;
    told.triaged("olive.officer", 3, "early_help_hub", "She asks for help herself; several needs.").await;
    told.desk_asks("hinnah.hub", "intensive-family-support", "One worker at her side, towards work.").await;
    let whole = told.as_seen_by("hinnah.hub").await.expect("the hub's");
    assert_eq!(
        (&whole["contact"]["channel"], &whole["contact"]["caller"]["relationship"]),
        (&json!("telephone"), &json!("mother"))
    );
    assert_eq!(whole["contact"]["consent"]["given"], "yes");

    let work = told.accepted_by("maple.fenn", "intensive-family-support").await;
    work.engaged().await;
    story.weeks_pass(2).await;
    work.assessed(&FIRST, &at_first()).await;
    work.plans(
        &[
            ("I go out among people.", "mental-and-physical-health"),
            ("I find work.", "financial-stability"),
            ("We talk.", "family-relationships"),
        ],
        "Saffron",
    )
    .await;
    work.member_does("Saffron", "Go to the flower arranging on Tuesdays.").await;
    work.member_does("Saffron", "See the GP about the medication.").await;
    work.agency_does("second-spring", "perry.group", "Keep a place in the parenting group.", Some("Saffron")).await;
    work.notes("home-visit", &["Saffron", "Tansy"], "One to one on parenting: what makes them quarrel.").await;
    work.notes("visit-elsewhere", &["Saffron"], "Two job fairs; the application form filled in together.").await;
    story.weeks_pass(10).await;
    work.reviewed(&[6, 5, 6, 7, 5, 6, 5, 6, 5, 6], &[is_not("limited_support_network")]).await;
    work.leaves("Tansy", "moved-out").await;
    story.weeks_pass(8).await;
    let begins = story.today().await;
    let at_last = [
        is_not("limited_support_network"),
        is("financial_difficulties"),
        is_not("difficulties_looking_after_children"),
        choice("benefit_reliance", "not"),
        is("mental_health_difficulties").of("Saffron"),
        is("mental_health_support").of("Saffron"),
        is_not("lack_of_confidence").of("Saffron"),
        is_not("work_related_benefits").of("Saffron"),
        is("in_employment").of("Saffron"),
        last_on("employment_began_on", begins).of("Saffron"),
        // She lives with her father now, and the work was about her all the same.
        is_not("school_behaviour").of("Tansy"),
    ];
    work.closed("needs_met", &LAST, &at_last, ("Saffron", "I would have sunk.")).await;
    work.asked_after_three_months("employment", "A kitchen assistant still; they meet every weekend.").await;

    told.went(&["received", "screening", "listed_for_hub", "offered", "in_service", "closed"]).await;
    let journey = work.journey(&FIRST, &LAST).await;
    for gone in ["limited_support_network", "difficulties_looking_after_children", "benefit_reliance"] {
        work.issue(&journey, gone, None, true);
    }
    for gone in ["in_employment", "work_related_benefits", "lack_of_confidence", "mental_health_support"] {
        work.issue(&journey, gone, Some("Saffron"), true);
    }
    work.issue(&journey, "mental_health_difficulties", Some("Saffron"), false);
    let family = work.caller().await.get(&format!("{}?past=true", work.family)).await.expect(200);
    let tansy =
        family.body["members"].as_array().unwrap().iter().find(|one| one["given_name"] == "Tansy").unwrap().clone();
    assert_eq!(tansy["ended_because"], "moved-out", "{tansy}");
    story.hidden_from(&["greenfield-school-system", "harper.hub", "perry.group"], &told.path).await;
    work.seen_by_its_team_alone("hinnah.hub", &["perry.group", "harper.hub", "chloe.centre", "ana.analyst"]).await;

    story.moved("referrals_by_kind", "self_referral", (1, 0)).await;
    story.moved_by("referrals_received", "locality", "hinckley-and-bosworth", (1, 0)).await;
    story.moved_by("decided_in_time", "locality", "hinckley-and-bosworth", (1, 1)).await;
    story.moved("families_closed", "needs_met", (1, 0)).await;
    story.moved("issues_at_assessment", "in_employment", (1, 1)).await;
    story
        .resolved(&[
            ("in_employment", 1, 1),
            ("work_related_benefits", 1, 1),
            ("benefit_reliance", 1, 1),
            ("mental_health_difficulties", 1, 0),
            ("school_behaviour", 0, 0),
        ])
        .await;
    story.climbed(&FIRST, &LAST).await;
}
