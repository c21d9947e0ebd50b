//! Lists and figures are read by their indexes, however much there is.

use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};

use crate::start;

const FILL: &str = "
    INSERT INTO indicator SELECT gen_random_uuid(), 'i_' || n, 't', 'n', NULL, 'count', 0, 'neutral', 5, 's', false, false,
        '2020-01-01'::timestamptz + n * interval '1 minute', 'x' FROM generate_series(1, 5000) n;
    INSERT INTO observation SELECT gen_random_uuid(), 'i_' || (n % 50 + 1), '2000-01-01'::date + n, '2000-01-01'::date + n, 'l', 'g-' || n, 1
        FROM generate_series(1, 5000) n;
    INSERT INTO observation_version SELECT id, 1, 1, 0, NULL, NULL, 's', NULL, NULL, false, NULL, '2020-01-01', 'x' FROM observation;
    INSERT INTO dashboard SELECT gen_random_uuid(), 'd-' || n, 1, '2020-01-01'::timestamptz + n * interval '1 minute' FROM generate_series(1, 5000) n;
    INSERT INTO dashboard_definition SELECT id, 1, 't', '{}', '2020-01-01', 'x' FROM dashboard WHERE code <> 'partnership';
    INSERT INTO referral_fact (referral_id, received_at, due_at, received_locality)
        SELECT gen_random_uuid(), '2020-01-01'::timestamptz + n * interval '1 hour', '2020-01-02'::timestamptz + n * interval '1 hour', 'melton'
        FROM generate_series(1, 20000) n;
    INSERT INTO allocation_fact (allocation_id, referral_id, service, offered_at)
        SELECT gen_random_uuid(), referral_id, 'youth-work', received_at FROM referral_fact;
    ANALYZE";

#[actix_web::test]
async fn lists_and_figures_are_led_by_indexes() {
    let app = start().await;
    app.database.all_seeing().await.batch_execute(FILL).await.unwrap();
    let mut connection = AsyncPgConnection::establish(&app.database.web()).await.unwrap();
    let context = "SET app.actor = '0193a000-0000-7000-8000-000000000001'; \
                   SET app.agency = 'x'; SET app.scopes = 'figures'; SET app.now = '2026-11-22T00:00:00Z'";
    connection.batch_execute(context).await.unwrap();
    let key = "'2020-01-03', 'ffffffff-ffff-ffff-ffff-ffffffffffff'";
    let (at, id) = key.split_once(", ").unwrap();
    let after = |column: &str| format!("{column} <= {at} AND ({column} < {at} OR ({column} = {at} AND t.id < {id}))");
    for (sql, index) in [
        (
            format!(
                "SELECT * FROM indicator t WHERE {} ORDER BY created_at DESC, id DESC LIMIT 21",
                after("created_at")
            ),
            "indicator_list",
        ),
        (
            format!(
                "SELECT * FROM observation t JOIN observation_version v ON v.observation_id = t.id WHERE v.version = t.version \
                 AND {} ORDER BY period_to DESC, id DESC LIMIT 21",
                after("period_to")
            ),
            "observation_list",
        ),
        (
            format!(
                "SELECT * FROM observation t JOIN observation_version v ON v.observation_id = t.id WHERE v.version = t.version \
                 AND {} AND indicator = 'i_7' ORDER BY period_to DESC, id DESC LIMIT 21",
                after("period_to")
            ),
            "observation_series",
        ),
        (
            format!(
                "SELECT * FROM dashboard t JOIN dashboard_definition d ON d.dashboard_id = t.id WHERE d.version = t.version \
                 AND {} ORDER BY created_at DESC, id DESC LIMIT 21",
                after("created_at")
            ),
            "dashboard_list",
        ),
        (
            "SELECT * FROM referral_fact WHERE received_at >= '2021-01-01' AND received_at < '2021-02-01'".to_owned(),
            "referral_fact_received",
        ),
        (
            "SELECT * FROM allocation_fact WHERE offered_at >= '2021-01-01' AND offered_at < '2021-02-01'".to_owned(),
            "allocation_fact_offered",
        ),
    ] {
        let plan = explain(&mut connection, &sql).await;
        assert!(plan.contains(index), "{sql}\n{plan}");
        assert!(!plan.contains("Seq Scan"), "{sql}\n{plan}");
    }
}

#[derive(diesel::QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
    line: String,
}

async fn explain(connection: &mut AsyncPgConnection, sql: &str) -> String {
    let lines: Vec<Line> = diesel::sql_query(format!("EXPLAIN {sql}")).load(connection).await.unwrap();
    lines.into_iter().map(|row| row.line + "\n").collect()
}
