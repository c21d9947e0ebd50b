//! Lists of casework are a few index ranges, however much there is.

use diesel::sql_query;
use diesel::sql_types::Text;
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use referral_service::family::store::list::{CASES, FAMILIES};

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
        ("families", FAMILIES.to_owned(), "record_scope_worklist"),
        ("all families", FAMILIES.replace(" AND state = $2", " AND $2::text IS NULL"), "record_scope_list"),
        ("cases", CASES.to_owned(), "record_scope_worklist"),
        ("all cases", CASES.replace(" AND state = $2", " AND $2::text IS NULL"), "record_scope_list"),
    ] {
        let statement = list
            .replace("$1", "ARRAY['agency:county-council', 'front-door']")
            .replace("$2", if name.starts_with("all") { "NULL" } else { "'open'" })
            .replace("$3", "'9999-12-31'::timestamptz")
            .replace("$4", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid")
            .replace("$5", "21")
            .replace("$6", "true");
        let lines: Vec<Line> = sql_query(format!("EXPLAIN {statement}")).load(&mut web).await.unwrap();
        let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
        assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        for table in ["record_scope", "family", "family_name", "family_case", "deadline"] {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
        }
    }
}
