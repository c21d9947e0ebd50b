//! Lists of casework are a few index ranges, however much there is.

use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::case_note::LIST as NOTES;
use referral_service::family::store::list::{CASES, FAMILIES};
use referral_service::plan::LIST as ACTIONS;
use referral_service::team_around::LIST as MEETINGS;
use shared::access::States;

use crate::world::World;

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
    line: String,
}

#[actix_web::test]
async fn no_list_of_casework_scans_a_table() {
    let world = World::new().await;
    world.case().await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS
             SELECT gen_random_uuid() AS family, gen_random_uuid() AS id, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                    CASE WHEN n % 100 = 0 THEN 'open' ELSE 'closed' END AS status
             FROM generate_series(1, 30000) n;
         INSERT INTO family SELECT family, 'F-' || n, 'melton', at, 1 FROM many;
         INSERT INTO family_name SELECT family, 'x' FROM many;
         INSERT INTO family_case (id, family_id, case_type, team, origin, status, opened_at, closed_at, version)
             SELECT id, family, 'outreach', 'outreach', 'self_request', status, at, CASE status WHEN 'closed' THEN at END, 1 FROM many;
         INSERT INTO deadline SELECT id, 'family_assessment', at, at, NULL FROM many;
         INSERT INTO plan_action (id, case_id, family_id, family_reference, case_type, team, what, owner_kind, owner_agency, due_on, status, proposed_at, proposed_by_name, version, ended_at)
             SELECT id, id, family, 'F', 'outreach', 'outreach', 'x', 'agency', 'police', '2026-01-01', CASE status WHEN 'open' THEN 'proposed' ELSE 'completed' END, at, 'x', 1,
                    CASE status WHEN 'closed' THEN at END FROM many;
         INSERT INTO record_scope SELECT id, 'action', 'agency:police', 'full', CASE status WHEN 'open' THEN 'proposed' ELSE 'completed' END, at FROM many;
         INSERT INTO case_note (id, case_id, occurred_at, kind, words, recorded_at, recorded_by, recorded_by_name)
             SELECT gen_random_uuid(), id, at, CASE n % 9 WHEN 0 THEN 'call' ELSE 'home-visit' END, 'x', at, id, 'x' FROM many;
         INSERT INTO team_around (id, case_id, status, starts_at, chair, decisions, version)
             SELECT gen_random_uuid(), id, 'planned', at, 'x', '{}', 1 FROM many;
         INSERT INTO record_scope SELECT id, 'case', s, 'full', status, at FROM many, unnest(ARRAY['front-door', 'team:outreach']) s;
         INSERT INTO record_scope SELECT family, 'family', s, 'full', status, at FROM many, unnest(ARRAY['front-door', 'team:outreach']) s;
         ANALYZE",
    )
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'agency:county-council front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    for (name, list, index) in [
        ("families", FAMILIES.statement(States::One, false), "record_scope_worklist"),
        ("all families", FAMILIES.statement(States::Any, false), "record_scope_list"),
        ("cases", CASES.statement(States::One, true), "record_scope_worklist"),
        ("all cases", CASES.statement(States::Any, true), "record_scope_list"),
        ("actions", ACTIONS.statement(States::One, false), "record_scope_worklist"),
        ("all actions", ACTIONS.statement(States::Any, false), "record_scope_list"),
    ] {
        let statement = list
            .replace("$1", "ARRAY['agency:county-council', 'front-door']")
            .replace("$2", "'9999-12-31'::timestamptz")
            .replace("$3", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid")
            .replace("$4", "21")
            .replace(
                "$5",
                match name {
                    "actions" => "ARRAY['proposed']",
                    "families" | "cases" => "ARRAY['open']",
                    _ => "NULL",
                },
            )
            .replace("$6", if name.ends_with("cases") { "'full'" } else { "NULL" });
        let lines: Vec<Line> = sql_query(format!("EXPLAIN {statement}")).load(&mut web).await.unwrap();
        let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        for table in ["record_scope", "family", "family_name", "family_case", "deadline", "plan_action"] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
        }
    }
    let case = "'01a20158-0000-7000-8000-000000000001'::uuid";
    let (time, last) = ("'9999-12-31'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid");
    for (name, statement, index) in [
        (
            "notes",
            NOTES.replace(" AND n.kind = $2", "").replace("$3", time).replace("$4", last).replace("$5", "21"),
            "case_note_case",
        ),
        (
            "notes of a kind",
            NOTES.replace("$2", "'call'").replace("$3", time).replace("$4", last).replace("$5", "21"),
            // Whichever of the two, it is a range of one case.
            "case_note_",
        ),
        ("meetings", MEETINGS.replace("$2", time).replace("$3", last).replace("$4", "21"), "team_around_case"),
    ] {
        let lines: Vec<Line> =
            sql_query(format!("EXPLAIN {}", statement.replace("$1", case))).load(&mut web).await.unwrap();
        let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        for table in ["case_note", "team_around", "record_scope"] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
        }
    }
}
