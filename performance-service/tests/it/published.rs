//! The dashboard of December 2016, loaded through the ordinary API from the project's own data, shows
//! what was printed, what the print computes to, and where the two part.

use serde_json::Value;
use shared::testing::TestApp;

use crate::{analyst, board_member, start};

const REQUESTS: &str = include_str!("../../../stack/src/demonstration/performance/safer_communities_2016_17_q2.json");
const DASHBOARD: &str = "/v1/dashboards/safer-communities-2016-17-q2";

async fn loaded() -> TestApp {
    let (app, analyst) = (start().await, analyst());
    let requests: Vec<Value> = serde_json::from_str(REQUESTS).unwrap();
    for request in &requests {
        assert_eq!(request["method"], "POST");
        app.post(&analyst, request["path"].as_str().unwrap(), &request["body"]).await.expect(201);
    }
    app
}

fn row<'a>(dashboard: &'a Value, indicator: &str) -> &'a Value {
    let rows = dashboard["groups"].as_array().unwrap().iter().flat_map(|group| group["rows"].as_array().unwrap());
    rows.into_iter().find(|row| row["indicator"]["code"] == indicator).expect(indicator)
}

fn remarks(row: &Value) -> Vec<&str> {
    row["remarks"].as_array().unwrap().iter().map(|remark| remark["code"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn what_was_printed_is_shown_as_printed() {
    let app = loaded().await;
    let dashboard = app.get(&board_member(), DASHBOARD).await.expect(200).body;
    let groups = dashboard["groups"].as_array().unwrap();
    let shape: Vec<(&str, usize)> =
        groups.iter().map(|g| (g["progress"].as_str().unwrap(), g["rows"].as_array().unwrap().len())).collect();
    assert_eq!(shape, [("amber", 4), ("green", 3), ("green", 2), ("green", 2), ("amber", 1)]);
    for (indicator, previous, latest, progress, direction, neighbours, county) in [
        ("total_crime_rate", "47.21", "47.11*", "green", "level", "3/9", Some("Top")),
        ("domestic_burglary_rate", "3.53", "3.51*", "amber", "level", "5/9", Some("Average")),
        ("vehicle_crime_rate", "7.07", "6.52*", "amber", "up", "5/9", Some("Average")),
        ("violence_with_injury_rate", "2.95", "3.26*", "amber", "level", "2/9", Some("Top")),
        ("offending_reduction_iom_ppo", "40% (2014-15)", "41% (2015-16)", "green", "level", "-", Some("-")),
        ("young_offender_reoffending_rate", "1.25 (2014-15)", "0.62 (Apr-Dec 2015)", "green", "up", "-", Some("-")),
        ("first_time_entrants", "190", "124 (2015/16 Q1 - 28)", "green", "up", "Top", None),
        ("marac_repeat_rate", "28% (Apr2015-Mar2016)", "30% (Jul2015-Jun2016)", "green", "up", "-", Some("-")),
        ("domestic_abuse_support_referrals", "1264 (2014-15)", "2003** (2015-16)", "green", "up", "-", Some("-")),
        ("victims_of_asb", "5.4%", "5.5%", "green", "level", "-", Some("-")),
        ("asb_dealt_with", "92.7%", "89.9%", "amber", "down", "-", Some("-")),
        ("hate_incident_rate", "0.58", "0.66", "amber", "up", "-", Some("-")),
    ] {
        let row = row(&dashboard, indicator);
        let published = &row["published"];
        assert_eq!((&row["previous"]["printed"], &row["latest"]["printed"]), (&previous.into(), &latest.into()));
        assert_eq!((&published["progress"], &published["direction"]), (&progress.into(), &direction.into()));
        assert_eq!(published["nearest_neighbours"], neighbours);
        assert_eq!(published["county"].as_str(), county, "{indicator}");
    }
    let crime = row(&dashboard, "total_crime_rate");
    assert_eq!(crime["published"]["nearest_neighbour_rank"], serde_json::json!({ "place": 3, "of": 9 }));
    assert_eq!((&crime["latest"]["provisional"], &crime["footnotes"]), (&true.into(), &serde_json::json!(["*"])));
    assert_eq!(crime["latest"]["note"], "Provisional Q2 Crime figures");
    assert_eq!(dashboard["footnotes"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn the_change_is_computed_beside_it() {
    let app = loaded().await;
    let dashboard = app.get(&board_member(), DASHBOARD).await.expect(200).body;
    // Golden case G18, and G1 for first time entrants.
    for (indicator, change, meaning) in [
        ("total_crime_rate", "-0.2%", "steady"),
        ("domestic_burglary_rate", "-0.6%", "steady"),
        ("vehicle_crime_rate", "-7.8%", "better"),
        ("violence_with_injury_rate", "+10.5%", "worse"),
        ("first_time_entrants", "-34.7%", "better"),
        ("hate_incident_rate", "+13.8%", "better"),
        ("domestic_abuse_support_referrals", "+58.5%", "neutral"),
        ("victims_of_asb", "+0.1 percentage points", "steady"),
        ("asb_dealt_with", "-2.8 percentage points", "worse"),
        ("marac_repeat_rate", "+2 percentage points", "neutral"),
    ] {
        let row = row(&dashboard, indicator);
        assert_eq!(
            (&row["change"]["display"], &row["change"]["meaning"]),
            (&change.into(), &meaning.into()),
            "{indicator}"
        );
    }
}

#[actix_web::test]
async fn where_the_print_does_not_hold_is_said() {
    let app = loaded().await;
    let dashboard = app.get(&board_member(), DASHBOARD).await.expect(200).body;
    assert!(remarks(row(&dashboard, "violence_with_injury_rate")).contains(&"arrow_follows_neither"));
    assert!(remarks(row(&dashboard, "young_offender_reoffending_rate")).contains(&"periods_of_different_length"));
    assert!(remarks(row(&dashboard, "marac_repeat_rate")).contains(&"periods_overlap"));
    assert_eq!(remarks(row(&dashboard, "offending_reduction_iom_ppo")), [""; 0]);
    assert_eq!(row(&dashboard, "vehicle_crime_rate")["published"]["direction_follows"], "improvement");
    assert_eq!(row(&dashboard, "marac_repeat_rate")["published"]["direction_follows"], "number");
    assert_eq!(remarks(&dashboard), ["arrows_of_two_meanings"]);
}
