//! Lists led by scopes, the agenda of a hub and what stands beside it: a few index ranges, however much there is.

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection};
use referral_service::{alert, allocation, batch, case_audit, draft, family_voice, hub, panel, partner_list};
use shared::access::{Listing, States};
use shared::db::Connection;

use crate::plans::explain;
use crate::world::World;

/// Much of everything, every hundredth of it still waiting. Foreign keys and triggers rest meanwhile: a plan asks
/// how many rows there are, not what they hang by.
const FILL: &str = "\
SET session_replication_role = replica;
CREATE TEMP TABLE many AS
    SELECT n, md5('referral' || n)::uuid AS referral, '2026-01-01'::timestamptz + n * interval '1 second' AS at
    FROM generate_series(1, 30000) n;
INSERT INTO record_scope
    SELECT md5(k || n)::uuid, k, 'front-door', 'full',
           CASE n % 100 WHEN 0 THEN 'waiting' ELSE 'over' END, at
    FROM many, unnest(ARRAY['referral', 'hub_meeting', 'panel_case', 'alert', 'allocation', 'case_study', 'case_audit',
                            'audit_sample', 'batch', 'partner_agreement']) k;
INSERT INTO record_scope
    SELECT md5('draft' || n)::uuid, 'draft', 'user:' || md5(CASE n % 100 WHEN 0 THEN 'me' ELSE 'you' END)::uuid, 'full', 'draft', at
    FROM many;
INSERT INTO referral SELECT referral, 'R-' || n, 'closed', at, 'police', 'melton', 1 FROM many;
INSERT INTO named_person (id, referral_id, place, relation, given_name, family_name)
    SELECT md5('named' || n)::uuid, referral, 0, 'child', 'A', 'B' FROM many;
INSERT INTO person_link SELECT md5('named' || n)::uuid, referral, md5('person' || n)::uuid, 'new', at FROM many;
INSERT INTO contact (referral_id, made_at, recorded_by, referrer_name, referrer_role, family_knows, concerns, worries)
    SELECT referral, at, referral, 'x', 'x', true, '{}', 'x' FROM many;
INSERT INTO decision (id, referral_id, stage, outcome, decided_at)
    SELECT md5('decision' || n)::uuid, referral, 'front_door', 'early_help_hub', at FROM many;
INSERT INTO decision_reason (decision_id, referral_id, reason, decided_by, decided_by_name)
    SELECT md5('decision' || n)::uuid, referral, 'x', referral, 'x' FROM many;
INSERT INTO information_request (id, referral_id, agency, kind, status, scopes, years_back, purpose, lawful_basis, asked_at,
                                 due_at, asked_by, asked_by_name, asked_by_agency, asked_in, version)
    SELECT md5('request' || n)::uuid, referral, 'police', 'police', 'asked', '{}', 2, 'x', 'public-task', at, at, referral, 'x',
           'police', 'front-door', 1 FROM many;
INSERT INTO hub_meeting (id, locality, held_on, chair, status, planned_by_name, version)
    SELECT md5('hub_meeting' || n)::uuid, 'melton', at, 'x', 'planned', 'x', 1 FROM many;
INSERT INTO hub_item (id, locality, meeting_id, referral_id, kind, place, status, added_at, added_by_name, version)
    SELECT md5('item' || n)::uuid, 'melton', md5('hub_meeting' || n / 20)::uuid, referral, 'decision', n, 'listed', at, 'x', 1 FROM many;
INSERT INTO hub_item (id, locality, referral_id, kind, about, status, added_at, added_by_name, settled_at, version)
    SELECT md5('note' || n)::uuid, CASE n % 9 WHEN 0 THEN 'charnwood' ELSE 'melton' END, referral, 'note', 'decided_outside_meeting',
           CASE n % 9 WHEN 0 THEN 'listed' ELSE 'removed' END, at, 'x', CASE n % 9 WHEN 0 THEN NULL ELSE at END, 1 FROM many;
INSERT INTO hub_deferral SELECT md5('deferral' || n)::uuid, referral, NULL, at, 'x', 'x', '2026-01-01', 'x' FROM many;
INSERT INTO panel_case (id, panel, referral_id, opened_at, opened_by_name, reason, dissent, status, version)
    SELECT md5('panel_case' || n)::uuid, 'channel', referral, at, 'x', 'x', '[]', 'open', 1 FROM many;
INSERT INTO panel_member (id, panel, user_id, name, agency, from_at, added_by_name, version)
    SELECT md5('member' || n)::uuid, 'panel-' || n / 20, referral, 'x', 'police', at, 'x', 1 FROM many;
INSERT INTO alert (id, kind, urgency, raised_at, about, about_id, version)
    SELECT md5('alert' || n)::uuid, 'missing_child', 'urgent', at, 'referrals', referral, 1 FROM many;
INSERT INTO allocation (id, referral_id, service, status, offered_at, version)
    SELECT md5('allocation' || n)::uuid, referral, 'youth-work', 'declined', at, 1 FROM many;
INSERT INTO deadline SELECT md5('allocation' || n)::uuid, 'allocation_answer', at, at, NULL FROM many;
INSERT INTO case_study (id, case_type, team, scope, given_on)
    SELECT md5('case_study' || n)::uuid, 'outreach', 'outreach', 'partnership', '2026-01-01' FROM many;
INSERT INTO case_study_quote (case_study_id, place, whose, about, words, masked)
    SELECT md5('case_study' || n)::uuid, 0, 'child', 'help', 'x', false FROM many;
INSERT INTO audit_sample (id, drawn_at, drawn_by, drawn_by_name, basis, from_day, to_day, size, due_on, seed, population, left_out, version)
    SELECT md5('audit_sample' || n)::uuid, at, referral, 'x', 'closed', '2026-01-01', '2026-01-01', 1, '2026-01-01', md5('x'), 1, 0, 1 FROM many;
INSERT INTO case_audit (id, sample_id, case_id, place, case_type, team, status, version)
    SELECT md5('case_audit' || n)::uuid, md5('audit_sample' || n)::uuid, referral, 1, 'outreach', 'outreach', 'drawn', 1 FROM many;
INSERT INTO referral_batch (id, received_at, user_id, user_name, agency, roles, localities, teams, session_id, token_id, separator,
                            header, row_count, chunks_left, warnings, kept_until, version)
    SELECT md5('batch' || n)::uuid, at, referral, 'x', 'police', '{}', '{}', '{}', referral, referral, ',', '{}', 1, 0, '[]', at, 1 FROM many;
INSERT INTO referral_batch_row (batch_id, number, outcome, problems)
    SELECT md5('batch' || n / 200)::uuid, n, CASE n % 50 WHEN 0 THEN 'not_taken' ELSE 'refused' END, '[]' FROM many;
INSERT INTO partner_agreement (id, agency, title, purpose, lawful_basis, reasons, fields, starts_on, review_on, retention_days,
                               registered_at, registered_by_name, version)
    SELECT md5('partner_agreement' || n)::uuid, 'police', 'x', 'x', 'public-task', '{x}', '{}', '2026-01-01', '2026-12-31', 90, at, 'x', 1 FROM many;
INSERT INTO referral_draft (id, form, created_at, changed_at, expires_at, version)
    SELECT md5('draft' || n)::uuid, '{}', at, at, at + interval '30 days', 1 FROM many;
ANALYZE";

/// After which place in a list its first page begins.
const FIRST: [&str; 2] = ["'9999-12-31'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"];

/// A world with much in it, and a connection of First Response's.
async fn filled() -> (World, Connection) {
    let world = World::new().await;
    world.app.database.all_seeing().await.batch_execute(FILL).await.unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'agency:county-council front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    (world, web)
}

/// A statement with values in the place of its parameters, the first for `$1`.
fn with_values(statement: &str, values: &[&str]) -> String {
    let numbered = values.iter().zip(1..);
    numbered.fold(statement.to_owned(), |text, (value, number)| text.replace(&format!("${number}"), value))
}

async fn is_led_by(web: &mut AsyncPgConnection, name: &str, statement: &str, index: &str, tables: &[&str]) {
    let plan = explain(web, statement).await;
    assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
    for table in tables.iter().chain(&["record_scope"]) {
        assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
    }
}

#[actix_web::test]
async fn no_list_or_agenda_scans_a_table() {
    let (_world, mut web) = filled().await;
    lists_led_by_scopes(&mut web).await;
    agenda_and_lists_beside(&mut web).await;
}

async fn lists_led_by_scopes(web: &mut AsyncPgConnection) {
    let lists: [(&str, &Listing, &[&str]); 9] = [
        ("hub meetings", &hub::plans::MEETINGS, &["hub_meeting"]),
        ("panel cases", &panel::plans::CASES, &["panel_case"]),
        ("alerts", &alert::plans::LIST, &["alert"]),
        ("allocations", &allocation::plans::LIST, &["allocation", "referral", "deadline"]),
        ("case studies", &family_voice::plans::CASE_STUDIES, &["case_study", "case_study_quote"]),
        ("case audits", &case_audit::plans::AUDITS, &["case_audit"]),
        ("audit samples", &case_audit::plans::SAMPLES, &["audit_sample"]),
        ("batches", &batch::plans::LIST, &["referral_batch"]),
        ("partner agreements", &partner_list::plans::AGREEMENTS, &["partner_agreement"]),
    ];
    let scopes = "ARRAY['agency:county-council', 'front-door']";
    for (name, list, tables) in lists {
        for (states, state, index) in
            [(States::Any, "NULL", "record_scope_list"), (States::One, "ARRAY['waiting']", "record_scope_worklist")]
        {
            let [time, id] = FIRST;
            let statement = with_values(&list.statement(states, false), &[scopes, time, id, "21", state, "NULL"]);
            is_led_by(web, name, &statement, index, tables).await;
        }
    }
}

async fn agenda_and_lists_beside(web: &mut AsyncPgConnection) {
    let [time, last] = FIRST;
    let hub: &[&str] = &[
        "hub_item",
        "hub_deferral",
        "referral",
        "named_person",
        "person_link",
        "contact",
        "decision",
        "decision_reason",
        "information_request",
    ];
    let rows = batch::plans::ROWS;
    let any_row = rows.replace(" AND outcome = $3", " AND $3::text IS NULL");
    let (meeting, of_batch) = ("md5('hub_meeting' || 7)::uuid", "md5('batch' || 7)::uuid");
    let nil = "'00000000-0000-0000-0000-000000000000'::uuid";
    /// A list: its name, its statement, the values, the index that leads it, the tables that are not scanned.
    type Planned<'a> = (&'a str, String, [&'a str; 5], &'a str, &'a [&'a str]);
    let lists: [Planned; 6] = [
        ("agenda", hub::plans::agenda(), [meeting, "0", nil, "21", ""], "hub_item_agenda", hub),
        ("open notes", hub::plans::open_notes(), ["'charnwood'", time, last, "21", ""], "hub_item_notes", hub),
        (
            "panel members",
            panel::plans::MEMBERS.to_owned(),
            ["'panel-7'", time, last, "21", ""],
            "panel_member_panel",
            &["panel_member"],
        ),
        (
            "rows of a batch",
            any_row,
            [of_batch, "0", "NULL", "21", ""],
            "referral_batch_row_pkey",
            &["referral_batch_row"],
        ),
        (
            "rows of an outcome",
            rows.to_owned(),
            [of_batch, "0", "'not_taken'", "21", ""],
            "referral_batch_row_",
            &["referral_batch_row"],
        ),
        (
            "drafts",
            draft::plans::LIST.to_owned(),
            ["'user:' || md5('me')::uuid", time, last, "'2026-01-01'::timestamptz", "21"],
            "record_scope_list",
            &["referral_draft"],
        ),
    ];
    for (name, statement, values, index, tables) in lists {
        is_led_by(web, name, &with_values(&statement, &values), index, tables).await;
    }
}
