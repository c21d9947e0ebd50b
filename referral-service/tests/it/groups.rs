//! Group work: who has a place and who waits, who came, what was corrected, and who completed it.

use chrono::{Days, NaiveDate};
use diesel_async::SimpleAsyncConnection;
use referral_service::group::GroupId;
use referral_service::group::store::{EnrolmentsOf, LIST};
use serde_json::{Value, json};
use shared::access::States;
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::families::today;
use crate::missing::plan;
use crate::world::World;

/// The same person whenever they are asked for.
fn of_team(name: &str, id: u128, team: &str) -> Person {
    let person = Person::new(name, "county-council", Role::ServiceWorker).team(team);
    Person { id: uuid::Uuid::from_u128(id), ..person }
}

/// A worker of the children's centres, who run groups.
pub fn carys() -> Person {
    of_team("carys", 0x0193_a000_0000_7000_8000_0000_0000_0001, "childrens-centre")
}

/// Another of the same team.
pub fn colleague() -> Person {
    of_team("cora", 0x0193_a000_0000_7000_8000_0000_0000_0002, "childrens-centre")
}

/// A worker of another team who helps to run one group.
pub fn helper() -> Person {
    of_team("hal", 0x0193_a000_0000_7000_8000_0000_0000_0003, "youth-work")
}

pub fn day(back: u64) -> NaiveDate {
    today() - Days::new(back)
}

/// A group of so many places that began ten weeks ago.
pub fn a_group(capacity: i64) -> Value {
    json!({
        "title": "Living with Teenagers (invented)", "programme": "living-with-teenagers", "service": "childrens-centre",
        "locality": "charnwood", "venue": "Invented Street", "capacity": capacity,
        "facilitators": [{ "user_id": helper().id, "name": "Hal (invented)" }],
        "first_day": day(70), "last_day": day(0)
    })
}

impl World {
    /// A group that was planned: its address.
    pub async fn group(&self, capacity: i64) -> String {
        format!("/v1/groups/{}", self.app.post(&carys(), "/v1/groups", &a_group(capacity)).await.expect(201).id())
    }

    /// Somebody in contact enrolled from the first day: the enrolment's id.
    pub async fn enrolled(&self, group: &str, given: &str) -> String {
        let body = json!({
            "person": { "given_name": given, "family_name": "Grouptest", "birth_date": "1990-02-03" }, "from": day(70)
        });
        self.app.post(&carys(), &format!("{group}/enrolments"), &body).await.expect(201).id()
    }

    /// A session so many days ago: its address.
    pub async fn session(&self, group: &str, back: u64) -> String {
        let body = json!({ "held_on": day(back), "topic": "Boundaries" });
        let added = self.app.post(&carys(), &format!("{group}/sessions"), &body).await.expect(201);
        format!("{group}/sessions/{}", added.id())
    }

    /// A register of a session.
    pub async fn register(&self, session: &str, lines: &[(&str, &str)]) -> Reply {
        self.step(&carys(), session, "attendance", &register(lines)).await
    }

    /// A session with its register.
    pub async fn held(&self, group: &str, back: u64, lines: &[(&str, &str)]) -> String {
        let session = self.session(group, back).await;
        self.register(&session, lines).await.expect(200);
        session
    }
}

pub fn register(lines: &[(&str, &str)]) -> Value {
    let line = |(enrolment, attendance): &(&str, &str)| {
        let mut line = json!({ "enrolment_id": enrolment, "attendance": attendance });
        if *attendance == "excluded" {
            line["excluded_because"] = json!("one-to-one-instead");
        }
        line
    };
    json!({ "attendances": lines.iter().map(line).collect::<Vec<_>>() })
}

pub fn codes(reply: &Reply) -> Vec<(String, String)> {
    let errors = reply.body["errors"].as_array().cloned().unwrap_or_default();
    let text = |error: &Value, field: &str| error[field].as_str().unwrap_or_default().to_owned();
    errors.iter().map(|error| (text(error, "pointer"), text(error, "code"))).collect()
}

#[actix_web::test]
async fn a_group_runs_from_plan_to_who_completed_it() {
    let world = World::new().await;
    let group = world.group(3).await;
    let (ash, bay, elm) =
        (world.enrolled(&group, "Ash").await, world.enrolled(&group, "Bay").await, world.enrolled(&group, "Elm").await);
    let late = world.enrolled(&group, "Oak").await;
    let seen = world.app.get(&carys(), &group).await.expect(200).body;
    assert_eq!((&seen["taken"], &seen["waiting"], &seen["status"]), (&json!(3), &json!(1), &json!("planned")));
    assert_eq!(seen["completion_rule"]["at_least_percent"], 75);
    assert_eq!(seen["completion_rule"]["verified"], false);
    // Ash comes to three of four (one late), Bay to two of three expected, Elm to none.
    for (back, ash_came, bay_came) in [
        (60, "attended", "attended"),
        (50, "late", "attended"),
        (40, "apology", "excluded"),
        (30, "attended", "absent"),
    ] {
        world.held(&group, back, &[(&ash, ash_came), (&bay, bay_came), (&elm, "absent")]).await;
    }
    let running = world.app.get(&carys(), &group).await.expect(200).body;
    assert_eq!(running["status"], "running");
    assert_eq!(running["run"]["attendance"], json!({ "attended": 5, "expected": 11 }));
    let body = json!({ "finished_on": day(0), "words": "A good group." });
    let etag = world.app.get(&carys(), &group).await.expect(200).etag();
    let path = format!("{group}/finish");
    let done = world.app.post_with(&carys(), &path, "once", Some(&etag), &body).await.expect(200);
    assert_eq!((&done.body["status"], &done.body["ended_on"]), (&json!("finished"), &json!(day(0))));
    assert_eq!(done.body["run"]["enrolments"]["completed"], 1);
    assert_eq!(done.body["run"]["enrolments"]["not_completed"], 2);
    assert_eq!(done.body["run"]["enrolments"]["not_placed"], 1);
    let again = world.app.post_with(&carys(), &path, "once", Some(&etag), &body).await.expect(200);
    assert_eq!(again.body, done.body);
    let of = async |id: &str| world.app.get(&carys(), &format!("/v1/group-enrolments/{id}")).await.expect(200).body;
    assert_eq!(
        (&of(&ash).await["status"], &of(&ash).await["attendance"]["attended"]),
        (&json!("completed"), &json!(3))
    );
    assert_eq!(of(&bay).await["attendance"], json!({ "attended": 2, "expected": 3 }));
    assert_eq!(
        (&of(&bay).await["status"], &of(&late).await["status"]),
        (&json!("not_completed"), &json!("not_placed"))
    );
    let told = &world.told("group.finished.v1").await[0];
    assert_eq!(told["enrolments"].as_array().unwrap().len(), 4);
    assert_eq!((&told["programme"], &told["locality"]), (&json!("living-with-teenagers"), &json!("charnwood")));
    assert!(!told.to_string().contains("good group"));
    assert_eq!(world.told("group.attendance_recorded.v1").await.len(), 4);
    assert_eq!(world.told("group.enrolled.v1").await.len(), 4);
    // Nothing comes after the end.
    for (path, body) in [
        (format!("{group}/sessions"), json!({ "held_on": day(1) })),
        (format!("{group}/enrolments"), json!({ "person": { "given_name": "A", "family_name": "B" } })),
    ] {
        let refused = world.app.post(&carys(), &path, &body).await.expect(409);
        assert_eq!(refused.body["detail"], "the group has finished");
    }
    for step in ["finish", "cancellation", "teams"] {
        let body = match step {
            "finish" => json!({ "finished_on": day(0) }),
            "cancellation" => json!({ "because": "too-few" }),
            _ => json!({ "service": "youth-work" }),
        };
        world.step(&carys(), &group, step, &body).await.expect(409);
    }
}

#[actix_web::test]
async fn a_rule_of_the_programme_s_own_goes_before_the_one_of_all() {
    let world = World::new().await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "INSERT INTO group_completion_rule VALUES ('living-with-teenagers', '2020-01-01', NULL, 50, 'x', true)",
    )
    .await
    .unwrap();
    let group = world.group(5).await;
    let ash = world.enrolled(&group, "Ash").await;
    world.held(&group, 20, &[(&ash, "attended")]).await;
    world.held(&group, 10, &[(&ash, "absent")]).await;
    let done = world.step(&carys(), &group, "finish", &json!({ "finished_on": day(0) })).await.expect(200);
    assert_eq!(
        (&done.body["run"]["enrolments"]["completed"], &done.body["completion_rule"]["verified"]),
        (&json!(1), &json!(true))
    );
}

#[actix_web::test]
async fn a_plan_names_every_mistake() {
    let world = World::new().await;
    let who = helper().id;
    let wrong = json!({
        "title": "Said.", "programme": "knitting", "service": "youth-work", "locality": "atlantis", "capacity": 5,
        "facilitators": [{ "user_id": who, "name": "Said." }, { "user_id": who, "name": "Hal" }],
        "first_day": day(1), "last_day": day(2), "venue": "Said.", "note": "Said."
    });
    let refused = world.app.post(&carys(), "/v1/groups", &wrong).await.expect(422);
    assert_eq!(refused.pointers(), ["/facilitators/1/user_id", "/last_day", "/locality", "/programme", "/service"]);
    let mut none = a_group(0);
    none["facilitators"] = json!([]);
    none["colour"] = json!("blue");
    assert_eq!(
        world.app.post(&carys(), "/v1/groups", &none).await.expect(422).pointers(),
        ["/capacity", "/colour", "/facilitators"]
    );
    let mut unknown = a_group(4);
    unknown["service"] = json!("no-such-service");
    assert_eq!(
        codes(&world.app.post(&carys(), "/v1/groups", &unknown).await.expect(422)),
        [("/service".to_owned(), "unknown_code".to_owned())]
    );
    world.app.post(&world.charnwood, "/v1/groups", &a_group(4)).await.expect(403);
    world.app.post(&world.school, "/v1/groups", &a_group(4)).await.expect(403);
    // The same request twice makes one group.
    let first = world.app.post_with(&carys(), "/v1/groups", "once", None, &a_group(4)).await.expect(201);
    let second = world.app.post_with(&carys(), "/v1/groups", "once", None, &a_group(4)).await.expect(201);
    assert_eq!(first.id(), second.id());
}

#[actix_web::test]
async fn who_runs_it_sees_all_and_others_what_is_theirs() {
    let world = World::new().await;
    let group = world.group(5).await;
    let ash = world.enrolled(&group, "Ash").await;
    let session = world.held(&group, 10, &[(&ash, "attended")]).await;
    let enrolment = format!("/v1/group-enrolments/{ash}");
    for who in [&carys(), &colleague(), &helper()] {
        let seen = world.app.get(who, &group).await.expect(200);
        assert_eq!((&seen.body["view"], &seen.body["run"]["venue"]), (&json!("full"), &json!("Invented Street")));
        world.app.get(who, &enrolment).await.expect(200);
        let list = world.app.get(who, &format!("{group}/enrolments")).await.expect(200);
        assert_eq!(list.body["items"][0]["id"], ash.as_str());
        assert_eq!(world.app.get(who, &session).await.expect(200).body["register"][0]["attendance"], "attended");
    }
    for who in [&world.officer, &world.charnwood] {
        let seen = world.app.get(who, &group).await.expect(200);
        assert_eq!((&seen.body["view"], seen.body.get("run")), (&json!("involvement"), None));
        let list = world.app.get(who, "/v1/groups?status=running&programme=living-with-teenagers").await.expect(200);
        assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
        assert_eq!(world.app.get(who, "/v1/groups?status=planned").await.expect(200).body["items"], json!([]));
    }
    // First Response reads an enrolment, a hub doesn't.
    world.app.get(&world.officer, &enrolment).await.expect(200);
    world.app.get(&world.charnwood, &enrolment).await.expect(404);
    world.app.get(&world.charnwood, &format!("{group}/enrolments")).await.expect(403);
    for who in [&world.melton, &world.family_worker, &world.justice_worker, &world.school, &world.governance] {
        for path in [&group, &enrolment, &session, &format!("{group}/enrolments")] {
            world.app.get(who, path).await.expect(404);
        }
        world.app.post(who, &format!("{group}/sessions"), &json!({ "held_on": day(1) })).await.expect(404);
    }
    assert_eq!(world.app.get(&world.family_worker, "/v1/groups").await.expect(200).body["items"], json!([]));
    world.app.get(&world.school, "/v1/groups").await.expect(403);
    world.app.get(&world.analyst, "/v1/groups").await.expect(403);
    for wrong in ["status=asleep", "programme=A%20B", "limit=0", "colour=blue"] {
        world.app.get(&carys(), &format!("/v1/groups?{wrong}")).await.expect(400);
    }
}

#[actix_web::test]
async fn a_group_for_the_county_is_known_to_every_hub() {
    let world = World::new().await;
    let mut form = a_group(5);
    form.as_object_mut().unwrap().remove("locality");
    let group = world.app.post(&carys(), "/v1/groups", &form).await.expect(201).id();
    for who in [&world.charnwood, &world.melton] {
        world.app.get(who, &format!("/v1/groups/{group}")).await.expect(200);
    }
}

#[actix_web::test]
async fn a_team_it_is_open_to_enrols_its_own_and_sees_nobody_else() {
    let world = World::new().await;
    let group = world.group(5).await;
    let other = world.enrolled(&group, "Ash").await;
    let open = json!({ "service": "intensive-family-support" });
    assert_eq!(
        world.step(&carys(), &group, "teams", &json!({ "service": "none" })).await.expect(422).pointers(),
        ["/service"]
    );
    world.app.post(&carys(), &format!("{group}/teams"), &open).await.expect(428);
    world.app.post_on(&carys(), &format!("{group}/teams"), "\"0-group\"", &open).await.expect(412);
    world.step(&carys(), &group, "teams", &open).await.expect(200);
    let worker = &world.family_worker;
    // By their open case, and of that family only.
    let (case, family) = world.case().await;
    let case_id = case.rsplit('/').next().unwrap().to_owned();
    let willow = json!({ "given_name": "Willow", "family_name": "Testcase" });
    let members = world.app.get(worker, &family).await.expect(200).body;
    let child =
        members["members"].as_array().unwrap().iter().find(|one| one["role"] == "child").unwrap()["person_id"].clone();
    let path = format!("{group}/enrolments");
    let stranger = json!({ "person": willow, "case_id": case_id });
    let refused = world.app.post(worker, &path, &stranger).await.expect(422);
    assert_eq!(codes(&refused), [("/person".to_owned(), "not_of_it".to_owned())]);
    let body = json!({ "person": { "person_id": child }, "case_id": case_id });
    let mine = world.app.post(worker, &path, &body).await.expect(201);
    assert_eq!((&mine.body["basis"], &mine.body["status"]), (&json!("case"), &json!("enrolled")));
    assert_eq!(mine.body["family_id"], family.rsplit('/').next().unwrap());
    world.app.post(worker, &path, &body).await.expect(409);
    let list = world.app.get(worker, &path).await.expect(200);
    assert_eq!(list.body["items"].as_array().unwrap().len(), 1);
    world.app.get(worker, &format!("/v1/group-enrolments/{other}")).await.expect(404);
    let seen = world.app.get(worker, &group).await.expect(200).body;
    assert_eq!((&seen["view"], &seen["taken"]), (&json!("involvement"), &json!(2)));
    // It may take its own out again, and does not run the group.
    let session = world.session(&group, 5).await;
    world.step(worker, &session, "attendance", &register(&[(&mine.id(), "attended")])).await.expect(403);
    world.step(worker, &session, "cancellation", &json!({ "because": "weather" })).await.expect(403);
    world.app.post(worker, &format!("{group}/sessions"), &json!({ "held_on": day(1) })).await.expect(403);
    for (step, body) in
        [("finish", json!({ "finished_on": day(0) })), ("cancellation", json!({ "because": "too-few" }))]
    {
        world.step(worker, &group, step, &body).await.expect(403);
    }
    let own = format!("/v1/group-enrolments/{}", mine.id());
    world.step(worker, &own, "place", &json!({})).await.expect(403);
    world.step(worker, &own, "withdrawal", &json!({ "because": "not-suitable" })).await.expect(200);
    // The team that runs it sees whom the other enrolled.
    world.app.get(&carys(), &own).await.expect(200);
    world.app.get(&carys(), &format!("/v1/people/{}", child.as_str().unwrap())).await.expect(200);
}

#[actix_web::test]
async fn whoever_works_with_the_family_follows_an_enrolment_and_changes_nothing() {
    let world = World::new().await;
    let (referral, _) = world.accepted().await;
    let people =
        world.app.get(&world.officer, &format!("/v1/referrals/{referral}")).await.expect(200).body["people"].clone();
    let child = people[0]["person_id"].clone();
    let mut form = a_group(5);
    form["service"] = json!("intensive-family-support");
    let worker = &world.family_worker;
    let group = format!("/v1/groups/{}", world.app.post(worker, "/v1/groups", &form).await.expect(201).id());
    let body = json!({ "person": { "person_id": child }, "referral_id": referral });
    let enrolled = world.app.post(worker, &format!("{group}/enrolments"), &body).await.expect(201);
    assert_eq!((&enrolled.body["basis"], &enrolled.body["referral_id"]), (&json!("referral"), &json!(referral)));
    let path = format!("/v1/group-enrolments/{}", enrolled.id());
    let withdrawal = json!({ "because": "not-suitable" });
    world.step(&world.officer, &path, "withdrawal", &withdrawal).await.expect(403);
}

#[actix_web::test]
async fn an_enrolment_names_every_mistake() {
    let world = World::new().await;
    let group = world.group(2).await;
    let path = format!("{group}/enrolments");
    let nothing = uuid::Uuid::now_v7();
    let ash = json!({ "given_name": "Ash", "family_name": "Grouptest", "birth_date": "1990-02-03" });
    let both = json!({ "person": { "given_name": "Ash" }, "case_id": nothing, "family_id": nothing, "referral_id": nothing,
                       "from": day(71), "note": "Said." });
    let refused = world.app.post(&carys(), &path, &both).await.expect(422);
    assert_eq!(refused.pointers(), ["/family_id", "/from", "/person/family_name", "/referral_id"]);
    for field in ["case_id", "family_id", "referral_id"] {
        let refused = world.app.post(&carys(), &path, &json!({ "person": ash, field: nothing })).await.expect(422);
        assert_eq!(codes(&refused), [(format!("/{field}"), "unknown".to_owned())]);
    }
    let late = json!({ "person": ash, "from": today() + Days::new(1) });
    assert_eq!(world.app.post(&carys(), &path, &late).await.expect(422).pointers(), ["/from"]);
    let unseen = json!({ "person": { "person_id": nothing } });
    assert_eq!(world.app.post(&carys(), &path, &unseen).await.expect(422).pointers(), ["/person/person_id"]);
    world.enrolled(&group, "Ash").await;
    let again = world.app.post(&carys(), &path, &json!({ "person": ash })).await.expect(409);
    assert_eq!(again.body["detail"], "they are enrolled in this group already");
    world.app.post(&world.officer, &path, &json!({ "person": ash })).await.expect(403);
    world.app.post(&world.charnwood, &path, &json!({ "person": ash })).await.expect(403);
    // The closed case of a family.
    let (case, family) = world.case().await;
    world.closed(&case, true).await;
    let mut form = a_group(5);
    form["service"] = json!("intensive-family-support");
    let worker = &world.family_worker;
    let own = format!("/v1/groups/{}", world.app.post(worker, "/v1/groups", &form).await.expect(201).id());
    let of_closed = json!({ "person": ash, "case_id": case.rsplit('/').next().unwrap() });
    let refused = world.app.post(worker, &format!("{own}/enrolments"), &of_closed).await.expect(422);
    assert_eq!(codes(&refused), [("/case_id".to_owned(), "closed".to_owned())]);
    let family_id = family.rsplit('/').next().unwrap();
    let refused = world
        .app
        .post(worker, &format!("{own}/enrolments"), &json!({ "person": ash, "family_id": family_id }))
        .await
        .expect(422);
    assert_eq!(codes(&refused), [("/person".to_owned(), "not_of_it".to_owned())]);
}

#[actix_web::test]
async fn no_list_of_groups_scans_a_table() {
    let world = World::new().await;
    let group = world.group(5).await;
    world.enrolled(&group, "Ash").await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, n, '2026-01-01'::timestamptz + n * interval '1 second' AS at,
                 CASE WHEN n % 50 = 0 THEN 'running' ELSE 'finished' END AS status FROM generate_series(1, 20000) n;
         INSERT INTO support_group SELECT id, 'G-' || n, 'x', (ARRAY['kickboxing', 'other'])[n % 2 + 1], 'youth-work', 'melton', 9, 0, 0, '2026-01-01',
                 NULL, status, at, CASE status WHEN 'finished' THEN '2026-02-01'::date END, 1 FROM many;
         INSERT INTO record_scope SELECT id, 'group', s, CASE s WHEN 'front-door' THEN 'involvement' ELSE 'full' END, status, at
                 FROM many, unnest(ARRAY['front-door', 'team:youth-work']) s;
         INSERT INTO person SELECT id, 'A', 'B', '2015-01-01', 'a' || n, 'b' || n, 1 FROM many;
         INSERT INTO group_enrolment (id, group_id, title, programme, service, person_id, given_name, family_name, basis, status, enrolled_at,
                 enrolled_by, enrolled_by_name, placed_on, version)
             SELECT id, id, 'x', 'other', 'youth-work', id, 'A', 'B', 'contact', 'enrolled', at, id, 'x', '2026-01-01', 1 FROM many;
         INSERT INTO record_scope SELECT gen_random_uuid(), 'group_enrolment', 'front-door', 'full', 'enrolled', at FROM many;
         INSERT INTO group_session SELECT id, id, '2026-01-02', NULL, 'held', NULL, 1 FROM many;
         INSERT INTO group_attendance SELECT id, id, id, '2026-01-02', 'attended', NULL, NULL, NULL, at, id, 'x', NULL FROM many;
         ANALYZE",
    )
    .await
    .unwrap();
    let last = ["'9999-12-31'::timestamptz", "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid", "21"];
    let tables = ["record_scope", "support_group", "group_enrolment", "group_attendance"];
    for (by_status, by_programme) in [(true, false), (false, false), (true, true), (false, true)] {
        let statement = LIST.statement(if by_status { States::One } else { States::Any }, by_programme);
        let filters =
            [if by_status { "ARRAY['running']" } else { "NULL" }, if by_programme { "'kickboxing'" } else { "NULL" }];
        let values = [["ARRAY['front-door']"].as_slice(), last.as_slice(), filters.as_slice()].concat();
        let plan = plan(&world, &world.officer, &statement, &values).await;
        for table in tables {
            assert!(
                !plan.contains(&format!("Seq Scan on {table} ")),
                "{by_status} {by_programme} scans {table}:\n{plan}"
            );
        }
    }
    let nobody = uuid::Uuid::nil();
    let by_group = EnrolmentsOf::Group(GroupId(nobody));
    let by_person = EnrolmentsOf::Person(shared::id::PersonId(nobody));
    let enrolled = world.app.get(&carys(), &format!("{group}/enrolments")).await.expect(200);
    let person = enrolled.body["items"][0]["person_id"].as_str().unwrap();
    for (of, id, index) in [
        (by_group, group.rsplit('/').next().unwrap(), "group_enrolment_group"),
        (by_person, person, "group_enrolment_person"),
    ] {
        let id = format!("'{id}'::uuid");
        let values = [[id.as_str()].as_slice(), last.as_slice()].concat();
        let plan = plan(&world, &world.officer, &of.statement(), &values).await;
        assert!(plan.contains(index), "{plan}");
        for table in tables {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "enrolments scan {table}:\n{plan}");
        }
    }
}
