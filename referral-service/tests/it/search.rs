//! Finding people and what there is about them; and what is not found.

use diesel_async::SimpleAsyncConnection;
use serde_json::{Value, json};
use shared::testing::{Person, Reply};

use crate::world::World;

async fn search(world: &World, who: &Person, what: Value) -> Reply {
    world.app.post(who, "/v1/searches", &what).await
}

async fn found(world: &World, who: &Person, what: Value) -> Value {
    search(world, who, what).await.expect(200).body
}

/// The given names of those found, the best first.
fn names(answer: &Value) -> Vec<&str> {
    answer["people"].as_array().unwrap().iter().map(|person| person["given_name"].as_str().unwrap()).collect()
}

fn form(people: Value) -> Value {
    let mut form = World::form();
    form["people"] = people;
    form
}

/// A referral about these people.
async fn told(world: &World, people: Value) -> Reply {
    world.app.post(&world.school, "/v1/referrals", &form(people)).await.expect(201)
}

#[actix_web::test]
async fn a_name_is_found_however_it_was_heard() {
    let world = World::new().await;
    let referral = world.submitted().await;
    for (name, how) in [
        ("Juniper Testcase", "name"),
        ("  JUNIPER  test-case ", "name"),
        ("Testcase, Juniper", "name"),
        ("Testcase Juniper", "name_swapped"),
        ("Jun Testcase", "name_beginning"),
        ("Juniper Tstcase", "name_one_edit"),
        ("Juniper Testcasse", "name_one_edit"),
        ("Jnuiper Testcase", "name_one_edit"),
        ("Kuniper Testcase", "name_one_edit"),
        ("Jooniper Testkase", "name_sound"),
    ] {
        let answer = found(&world, &world.officer, json!({ "name": name })).await;
        let best = &answer["people"][0];
        assert_eq!(best["given_name"], "Juniper", "{name}: {answer}");
        assert!(best["matched"].as_array().unwrap().contains(&json!(how)), "{name}: {best}");
        let record = &answer["records"][0];
        assert_eq!(record["about"], format!("/v1/referrals/{}", referral.id()), "{name}");
        assert_eq!((&record["kind"], &record["status"]), (&json!("referral"), &json!("received")));
        assert_eq!((&record["reference"], &record["people"][0]), (&referral.body["reference"], &best["id"]));
        assert_eq!(record["matched"], json!(["person"]));
        assert_eq!(best["about"], format!("/v1/people/{}", best["id"].as_str().unwrap()));
    }
    for name in ["Rosemary Thyme", "Ju Te"] {
        assert_eq!(names(&found(&world, &world.officer, json!({ "name": name })).await), Vec::<&str>::new(), "{name}");
    }
    // A family name alone; and a given name alone with the birth date.
    let family = found(&world, &world.officer, json!({ "name": "testcas" })).await;
    assert_eq!(names(&family).len(), 2);
    let given = found(&world, &world.officer, json!({ "name": "Juniper", "birth_date": "2019-02-03" })).await;
    assert_eq!(names(&given), ["Juniper"]);
    assert!(names(&found(&world, &world.officer, json!({ "name": "Juniper" })).await).is_empty());
}

#[actix_web::test]
async fn any_one_edit_in_either_name_is_forgiven() {
    let world = World::new().await;
    world.submitted().await;
    let (given, family) = ("juniper", "testcase");
    let mut asked = Vec::new();
    for at in (0..=given.len()).step_by(2) {
        asked.push(format!("{}x{} {family}", &given[..at], &given[at..]));
    }
    for at in (0..family.len()).step_by(2) {
        asked.push(format!("{given} {}{}", &family[..at], &family[at + 1..]));
        asked.push(format!("{given} {}q{}", &family[..at], &family[at + 1..]));
    }
    for name in asked {
        let answer = found(&world, &world.officer, json!({ "name": name })).await;
        assert_eq!(answer["people"][0]["given_name"], "Juniper", "{name}");
    }
}

#[actix_web::test]
async fn the_best_fit_comes_first_and_a_birth_date_tells_people_apart() {
    let world = World::new().await;
    told(
        &world,
        json!([
            { "relation": "child", "given_name": "Rowan", "family_name": "Fielding", "birth_date": "2014-05-06" },
            { "relation": "child", "given_name": "Rowan", "family_name": "Fielding", "birth_date": "2016-07-08" },
            { "relation": "child", "given_name": "Rowena", "family_name": "Fielding", "birth_date": "2016-07-09" },
            { "relation": "parent", "given_name": "Rowan", "family_name": "Fielding" }
        ]),
    )
    .await;
    let births = |answer: &Value| -> Vec<(Value, Value)> {
        let people = answer["people"].as_array().unwrap();
        people.iter().map(|person| (person["birth_date"].clone(), person["score"].clone())).collect()
    };
    let answer = found(&world, &world.officer, json!({ "name": "Rowan Fielding", "birth_date": "2016-07-08" })).await;
    assert_eq!(
        births(&answer),
        [
            (json!("2016-07-08"), json!(100)),
            // One digit another, and a name that is much alike.
            (json!("2016-07-09"), answer["people"][1]["score"].clone()),
            // Nobody knows when; the one who was born on quite another day is let go.
            (Value::Null, json!(85)),
        ],
        "{answer}"
    );
    assert!(answer["people"][1]["matched"].as_array().unwrap().contains(&json!("birth_date_alike")));
    // Where nobody fits whole, those born on another day are given.
    let nobody = found(&world, &world.officer, json!({ "name": "Rowan Fielding", "birth_date": "2011-11-11" })).await;
    let scores: Vec<Value> = births(&nobody).into_iter().map(|(_, score)| score).collect();
    assert_eq!(scores[..3], [json!(85), json!(70), json!(70)], "{nobody}");
    // Day and month the other way round.
    let swapped = found(&world, &world.officer, json!({ "name": "Rowan Fielding", "birth_date": "2016-08-07" })).await;
    assert_eq!(swapped["people"][0]["birth_date"], "2016-07-08");
    assert_eq!(swapped["people"][0]["score"], 91);
    // Another family name, but the same given name and the same day: a child whose mother has married.
    let married = found(&world, &world.officer, json!({ "name": "Rowan Meadows", "birth_date": "2016-07-08" })).await;
    assert_eq!(births(&married), [(json!("2016-07-08"), json!(62))]);
    let double = told(
        &world,
        json!([{ "relation": "child", "given_name": "Basil", "family_name": "Thornton-Meadows", "birth_date": "2015-01-01" }]),
    )
    .await;
    for name in ["Basil Meadows", "Basil Thornton", "Basil Thornton Meadows"] {
        let answer = found(&world, &world.officer, json!({ "name": name })).await;
        assert_eq!(answer["records"][0]["id"], double.id(), "{name}: {answer}");
    }
}

#[actix_web::test]
async fn of_a_common_name_the_youngest_are_given_first_and_said_not_to_be_all() {
    let world = World::new().await;
    world.submitted().await;
    world
        .app
        .database
        .all_seeing()
        .await
        .batch_execute(
            "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, n FROM generate_series(1, 60) n;
             INSERT INTO person (id, given_name, family_name, birth_date, given_key, family_key, given_sound, family_sound, version)
                 SELECT id, 'Sam', 'Common', CASE WHEN n <= 30 THEN '2010-01-01'::date + n END, 'sam', 'common', 'SM', 'KMN', 1 FROM many;
             INSERT INTO record_scope SELECT id, 'person', 'front-door', 'full', 'known', '2026-01-01' FROM many",
        )
        .await
        .unwrap();
    let answer = found(&world, &world.officer, json!({ "name": "Sam Common" })).await;
    let births: Vec<&str> =
        answer["people"].as_array().unwrap().iter().filter_map(|person| person["birth_date"].as_str()).collect();
    assert_eq!((births.len(), births[0], births[19]), (20, "2010-01-31", "2010-01-12"), "{answer}");
    assert_eq!(answer["more"], true);
    // Heard, not read: the children come first too.
    let heard = found(&world, &world.officer, json!({ "name": "Sam Kommon" })).await;
    assert_eq!(heard["people"][0]["birth_date"], "2010-01-31", "{heard}");
    assert_eq!(heard["more"], true);
    let one = found(&world, &world.officer, json!({ "name": "Sam Common", "birth_date": "2010-01-05" })).await;
    assert_eq!(one["people"][0]["score"], 100, "{one}");
    assert_eq!(found(&world, &world.officer, json!({ "name": "Juniper Testcase" })).await["more"], false);
}

#[actix_web::test]
async fn a_house_leads_to_who_was_told_to_live_there() {
    let world = World::new().await;
    let child = |given: &str, address: &str, postcode: &str| {
        json!([{ "relation": "child", "given_name": given, "family_name": "Lodger", "birth_date": "2015-01-01",
                 "address": address, "postcode": postcode }])
    };
    told(&world, child("Ash", "Flat 2, 12 High St.", "LE11 1AA")).await;
    told(&world, child("Birch", "14 High Street, Anytown", "le111aa")).await;
    told(&world, child("Cedar", "Rose Cottage, Mill Lane", "LE12 2BB")).await;
    for (what, expected) in [
        (json!({ "address": "12 High Street" }), vec!["Ash"]),
        (json!({ "address": "12, High Street, Anytown" }), vec!["Ash"]),
        (json!({ "address": "high st" }), vec!["Ash", "Birch"]),
        (json!({ "postcode": "LE111AA" }), vec!["Ash", "Birch"]),
        (json!({ "address": "12 High Street", "postcode": "LE11 1AA" }), vec!["Ash"]),
        (json!({ "address": "12 High Street", "postcode": "LE12 2BB" }), vec![]),
        (json!({ "address": "Mill Lane" }), vec!["Cedar"]),
        (json!({ "postcode": "LE11 1AA", "name": "Burch Lodger" }), vec!["Birch"]),
        (json!({ "postcode": "LE11 1AA", "name": "Cedar Lodger" }), vec![]),
        (json!({ "address": "13 High Street" }), vec![]),
    ] {
        let answer = found(&world, &world.officer, what.clone()).await;
        let mut names = names(&answer);
        names.sort_unstable();
        assert_eq!(names, expected, "{what}");
        assert_eq!(answer["records"].as_array().unwrap().len(), expected.len(), "{what}");
    }
    let answer = found(&world, &world.officer, json!({ "postcode": "LE12 2BB" })).await;
    assert_eq!(answer["people"][0]["matched"], json!(["postcode"]));
    assert_eq!(answer["people"][0]["score"], 100);
}

#[actix_web::test]
async fn one_address_is_one_key_however_it_is_written() {
    let world = World::new().await;
    let mut all = world.app.database.all_seeing().await;
    for (address, key) in [
        ("12 High Street", "highstreet|12"),
        ("12, High St", "highstreet|12"),
        ("12 HIGH STREET, Loughborough", "highstreet|12"),
        ("Flat 2, 12 High Street", "highstreet|12"),
        ("Flat 2 12 High St.", "highstreet|12"),
        ("The Old Bakery, 12 High Street, Anytown", "highstreet|12"),
        ("12a High Street", "highstreet|12a"),
        ("3 St John''s Rd", "stjohnsroad|3"),
        ("Rose Cottage, Mill Lane", "milllane|"),
        ("High Street", "highstreet|"),
        ("Rose Cottage", "rosecottage|"),
        ("Flat 4", "|"),
    ] {
        let holds = format!("SELECT 1 / (address_key('{address}') = '{key}')::int");
        assert!(all.batch_execute(&holds).await.is_ok(), "{address}");
    }
    all.batch_execute("SELECT 1 / (postcode_key(' le11 1aa') = 'LE111AA')::int").await.unwrap();
    all.batch_execute("SELECT 1 / (address_key(' , ') IS NULL AND postcode_key('-') IS NULL)::int").await.unwrap();
}

#[actix_web::test]
async fn every_reference_that_is_given_out_is_found() {
    let world = World::new().await;
    let concern = json!({
        "person": { "given_name": "Hazel", "family_name": "Testcase", "birth_date": "2012-06-14" },
        "kind": "child-sexual-exploitation", "indicators": ["missing-from-home"], "account": "Older men.",
        "reporter": { "name": "PC B Constable (invented)", "role": "constable" }, "locality": "charnwood"
    });
    let short_break = json!({
        "person": { "given_name": "Hazel", "family_name": "Invented", "birth_date": "2016-06-14" },
        "asker": { "name": "Willow Invented", "is": "mother" }, "needs": ["autism"], "words": "Up most nights.", "locality": "charnwood"
    });
    let (police, carys) = (crate::missing::police(), crate::groups::carys());
    let missing = crate::missing::report("Hazel", 2);
    let (group, brief) = (crate::groups::a_group(4), crate::briefs::a_brief());
    for (who, path, body, prefix) in [
        (&police, "/v1/missing-episodes", missing, "M-"),
        (&police, "/v1/exploitation-concerns", concern, "E-"),
        (&carys, "/v1/groups", group, "G-"),
        (&carys, "/v1/brief-interventions", brief, "B-"),
        (&world.school, "/v1/short-breaks", short_break, "B-"),
    ] {
        let sent = world.app.post(who, path, &body).await.expect(201);
        let reference = sent.body["reference"].as_str().unwrap();
        assert!(reference.starts_with(prefix), "{reference}");
        let hit = &found(&world, who, json!({ "reference": reference })).await["records"][0];
        assert_eq!((&hit["about"], &hit["reference"]), (&json!(format!("{path}/{}", sent.id())), &json!(reference)));
        assert_eq!(
            found(&world, &world.melton, json!({ "reference": reference })).await["records"],
            json!([]),
            "{path}"
        );
    }
    // What youth justice gives out is found there.
    let elsewhere =
        search(&world, &world.officer, json!({ "reference": shared::reference::random('P') })).await.expect(422);
    assert_eq!(
        (elsewhere.pointers(), &elsewhere.body["errors"][0]["code"]),
        (vec!["/reference".to_owned()], &json!("elsewhere"))
    );
}

#[actix_web::test]
async fn a_reference_is_found_as_it_was_read_out_by_whoever_may_see_the_record() {
    let world = World::new().await;
    let referral = world.submitted().await;
    let reference = referral.body["reference"].as_str().unwrap().to_owned();
    let spoken = reference.to_lowercase().replace('-', " ");
    for who in [&world.officer, &world.school] {
        let answer = found(&world, who, json!({ "reference": spoken })).await;
        assert_eq!(answer["records"][0]["about"], format!("/v1/referrals/{}", referral.id()), "{}", who.name);
        assert_eq!(answer["records"][0]["matched"], json!(["reference"]));
        // The referrer follows where it stands, and hears of nobody.
        assert_eq!((&answer["people"], answer["records"][0].get("people")), (&json!([]), None));
    }
    for who in [&world.other_school, &world.charnwood, &world.family_worker] {
        assert_eq!(found(&world, who, json!({ "reference": reference })).await["records"], json!([]), "{}", who.name);
    }
    // Beside a name: both have to fit.
    let both = found(&world, &world.officer, json!({ "reference": reference, "name": "Juniper Testcase" })).await;
    assert_eq!(names(&both), ["Juniper"]);
    assert_eq!(both["records"][0]["matched"], json!(["reference", "person"]));
    let other = found(&world, &world.officer, json!({ "reference": reference, "name": "Rosemary Thyme" })).await;
    assert_eq!((&other["people"], &other["records"]), (&json!([]), &json!([])));
    // Nobody by name, to those who see only where a referral stands.
    let by_name = found(&world, &world.school, json!({ "name": "Juniper Testcase" })).await;
    assert_eq!((&by_name["people"], &by_name["records"]), (&json!([]), &json!([])));
}

#[actix_web::test]
async fn a_worker_leads_to_the_families_they_work_with() {
    let world = World::new().await;
    let (_, allocation) = world.offered().await;
    world.answer(&world.family_worker, &allocation, "acceptance", &json!({})).await.expect(200);
    let mut all = world.app.database.all_seeing().await;
    // As casework leaves it.
    all.batch_execute(&format!(
        "INSERT INTO family VALUES ('01900000-0000-7000-8000-000000000001', 'F-3333-3333-3', 'charnwood', '2026-11-22', 1);
         INSERT INTO family_case (id, family_id, allocation_id, case_type, team, origin, status, opened_at, version)
             VALUES ('01900000-0000-7000-8000-000000000002', '01900000-0000-7000-8000-000000000001', '{allocation}',
                     'intensive-family-support', 'intensive-family-support', 'allocation', 'open', '2026-11-22', 1);
         INSERT INTO case_worker (id, case_id, user_id, name, part, from_at)
             VALUES (gen_random_uuid(), '01900000-0000-7000-8000-000000000002', '{}', 'felix', 'lead', '2026-11-22');
         INSERT INTO record_scope VALUES ('01900000-0000-7000-8000-000000000002', 'case', 'team:intensive-family-support', 'full', 'open', '2026-11-22');
         INSERT INTO record_subject SELECT '01900000-0000-7000-8000-000000000002', person_id FROM record_subject WHERE record_id = '{allocation}'",
        world.family_worker.id
    ))
    .await
    .unwrap();
    let answer = found(&world, &world.family_worker, json!({ "worker": " Felix " })).await;
    assert_eq!(answer["records"][0]["about"], "/v1/cases/01900000-0000-7000-8000-000000000002");
    assert_eq!(answer["records"][0]["matched"], json!(["worker"]));
    let both = found(&world, &world.family_worker, json!({ "worker": "felix", "name": "Juniper Testcase" })).await;
    assert_eq!((names(&both), both["records"].as_array().unwrap().len()), (vec!["Juniper"], 1));
    let none = found(&world, &world.family_worker, json!({ "worker": "felix", "name": "Rosemary Thyme" })).await;
    assert_eq!(none["records"], json!([]));
    for (who, worker) in [(&world.family_worker, "nobody"), (&world.justice_worker, "felix"), (&world.melton, "felix")]
    {
        assert_eq!(found(&world, who, json!({ "worker": worker })).await["records"], json!([]));
    }
    // By name, the worker finds all there is about the child, each once.
    let all_about = found(&world, &world.family_worker, json!({ "name": "Juniper Testcase" })).await;
    let mut kinds: Vec<&str> =
        all_about["records"].as_array().unwrap().iter().map(|record| record["kind"].as_str().unwrap()).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["allocation", "case", "referral"]);
}

#[actix_web::test]
async fn nothing_tells_of_whom_one_may_not_see() {
    let world = World::new().await;
    let referral = world.submitted().await;
    let what = json!({ "name": "Juniper Testcase", "birth_date": "2019-02-03" });
    let seen = found(&world, &world.officer, what.clone()).await;
    let child = seen["people"][0]["id"].as_str().unwrap().to_owned();
    let nothing = found(&world, &world.melton, json!({ "name": "Rosemary Thyme" })).await;
    for stranger in [&world.melton, &world.charnwood, &world.family_worker, &world.justice_worker] {
        assert_eq!(found(&world, stranger, what.clone()).await, nothing, "{}", stranger.name);
    }
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Her niece." });
    world.app.post(&world.manager, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    assert_eq!(found(&world, &world.officer, what.clone()).await, nothing);
    let by_reference = found(&world, &world.officer, json!({ "reference": referral.body["reference"] })).await;
    assert_eq!(by_reference, nothing);
    assert_eq!(names(&found(&world, &world.manager, what).await), ["Juniper"]);
}

#[actix_web::test]
async fn whoever_is_found_has_it_in_their_access_log() {
    let world = World::new().await;
    world.submitted().await;
    let answer = found(&world, &world.manager, json!({ "name": "Juniper Testcase" })).await;
    let child = answer["people"][0]["id"].as_str().unwrap();
    for _ in 0..50 {
        let log = world.app.get(&world.governance, &format!("/v1/people/{child}/access-log")).await.expect(200);
        let looks = log.body["items"].as_array().unwrap().clone();
        if looks.iter().any(|look| look["action"] == "search" && look["who"] == "morgan") {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("the search is not in the access log");
}

#[actix_web::test]
async fn a_search_that_asks_too_little_or_wrongly_is_told_so() {
    let world = World::new().await;
    let bad = async |what: Value| search(&world, &world.officer, what).await.expect(422).pointers();
    assert_eq!(bad(json!({})).await, [""]);
    assert_eq!(bad(json!({ "worker": "  " })).await, ["/worker"]);
    assert_eq!(bad(json!({ "name": "--" })).await, ["/name"]);
    assert_eq!(bad(json!({ "name": "J" })).await, ["/name"]);
    assert_eq!(bad(json!({ "birth_date": "2019-02-03" })).await, ["/birth_date"]);
    assert_eq!(bad(json!({ "surname": "Testcase" })).await, ["/surname"]);
    assert_eq!(
        bad(json!({ "name": "..", "birth_date": "2999-01-01", "reference": "R-1", "address": " , ,", "postcode": "LE11 1" })).await,
        ["/address", "/birth_date", "/name", "/postcode", "/reference"]
    );
    for who in [&world.analyst, &world.governance] {
        search(&world, who, json!({ "name": "Juniper Testcase" })).await.expect(403);
    }
    world.app.send(reqwest::Method::POST, "/v1/searches", &[], Some(b"{}".to_vec())).await.expect(401);
}

#[actix_web::test]
async fn whoever_was_in_the_index_before_is_found_by_sound_once_it_is_filled_in() {
    let world = World::new().await;
    world.submitted().await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute("UPDATE person SET given_sound = NULL, family_sound = NULL, family_last_key = NULL")
        .await
        .unwrap();
    let heard = json!({ "name": "Jooniper Testkase" });
    assert!(names(&found(&world, &world.officer, heard.clone()).await).is_empty());
    // By the name itself they are found meanwhile.
    assert_eq!(names(&found(&world, &world.officer, json!({ "name": "Juniper Testcase" })).await), ["Juniper"]);
    let mut worker = world.app.background.connection().await.unwrap();
    assert_eq!(referral_service::people::sound::filling::fill(&mut worker).await.unwrap(), 2);
    assert_eq!(referral_service::people::sound::filling::fill(&mut worker).await.unwrap(), 0);
    assert_eq!(names(&found(&world, &world.officer, heard).await), ["Juniper"]);
}

/// What the searches send, as PostgreSQL plans it for the web role.
#[actix_web::test]
async fn no_search_scans_a_table() {
    use diesel::sql_query;
    use diesel_async::RunQueryDsl;
    use referral_service::search::plans;

    #[derive(diesel::QueryableByName)]
    struct Line {
        #[diesel(sql_type = diesel::sql_types::Text, column_name = "QUERY PLAN")]
        line: String,
    }
    let world = World::new().await;
    world.submitted().await;
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute(
        "CREATE TEMP TABLE many AS SELECT gen_random_uuid() AS id, gen_random_uuid() AS person, n FROM generate_series(1, 30000) n;
         INSERT INTO referral (id, reference, status, received_at, agency, locality, version)
             SELECT id, 'R-' || n, 'closed', '2026-01-01', 'police', 'melton', 1 FROM many;
         INSERT INTO person (id, given_name, family_name, birth_date, given_key, family_key, given_sound, family_sound, family_last_key, version)
             SELECT person, 'A', 'B', '2015-01-01'::date + n % 3000, 'a' || n, 'b' || n % 700, 'A' || n % 50, 'B' || n % 300, 'c' || n, 1 FROM many;
         INSERT INTO named_person (id, referral_id, place, relation, given_name, family_name, address, postcode)
             SELECT person, id, 0, 'child', 'A', 'B', n || ' High Street', 'LE' || n % 90 || ' ' || n % 10 || 'AA' FROM many;
         INSERT INTO person_link SELECT person, id, person, 'new', '2026-01-01' FROM many;
         INSERT INTO named_household (referral_id, place, address, postcode)
             SELECT id, 0, n || ' High Street', 'LE' || n % 90 || ' ' || n % 10 || 'AA' FROM many;
         INSERT INTO record_scope SELECT id, 'referral', 'front-door', 'full', 'closed', '2026-01-01' FROM many;
         INSERT INTO record_scope SELECT person, 'person', 'front-door', 'full', 'known', '2026-01-01' FROM many;
         INSERT INTO record_subject SELECT id, person FROM many;
         ANALYZE",
    )
    .await
    .unwrap();
    let mut web = shared::db::pool(&world.app.database.web(), 1).unwrap().get().await.unwrap();
    web.batch_execute(&format!(
        "BEGIN; SET LOCAL app.actor = '{}'; SET LOCAL app.agency = 'county-council'; SET LOCAL app.scopes = 'front-door'; SET LOCAL app.now = '2026-11-22T00:00:00Z'",
        world.officer.id
    ))
    .await
    .unwrap();
    let texts = "ARRAY['a1','a2','a3']";
    let births = "ARRAY['2015-01-01'::date,'2015-02-01']";
    let birth = "'2015-01-01'::date";
    for (name, statement, values, indexes) in [
        (
            "name",
            plans::BY_NAME,
            vec![texts, texts, texts, texts, texts, "'b1'", "'b1z'", "'a1'", "'a1z'", "30"],
            vec!["person_name", "person_sound", "person_family_last"],
        ),
        (
            "name and birth date",
            plans::BORN,
            vec![texts, texts, births, birth, "'a1'", "'b1'", "30"],
            vec!["person_name", "person_birth"],
        ),
        ("namesakes", plans::NAMESAKES, vec!["'a1'", "'b1'", "30"], vec!["person_name"]),
        ("family and birth date", plans::BORN_IN_FAMILY, vec![birth, texts, "30"], vec!["person_birth"]),
        (
            "family name",
            plans::BY_FAMILY_NAME,
            vec![texts, texts, texts, "'b1'", "30"],
            vec!["person_name", "person_sound", "person_family_last"],
        ),
        ("given name", plans::BY_GIVEN_NAME, vec![birth, texts, "30"], vec!["person_birth"]),
        (
            "address",
            plans::AT_ADDRESS,
            vec!["'12 High Street'", "NULL", "100"],
            vec!["named_person_address", "named_household_address"],
        ),
        (
            "postcode",
            plans::AT_POSTCODE,
            vec!["'LE1 1AA'", "100"],
            vec!["named_person_postcode", "named_household_postcode"],
        ),
        (
            "records",
            plans::ABOUT,
            vec!["ARRAY['00000000-0000-0000-0000-000000000000'::uuid]", "5"],
            vec!["record_subject_person"],
        ),
    ] {
        // From the last number, so that $1 does not take the beginning of $11.
        let numbered = values.iter().enumerate().rev();
        let text =
            numbered.fold(statement.to_owned(), |text, (at, value)| text.replace(&format!("${}", at + 1), value));
        let lines: Vec<Line> = sql_query(format!("EXPLAIN {text}")).load(&mut web).await.unwrap();
        let plan: String = lines.into_iter().map(|row| row.line + "\n").collect();
        for index in indexes {
            assert!(plan.contains(index), "{name} does not use {index}:\n{plan}");
        }
        for table in
            ["person", "named_person", "person_link", "named_household", "record_scope", "record_subject", "referral"]
        {
            assert!(!plan.contains(&format!("Seq Scan on {table} ")), "{name} scans {table}:\n{plan}");
        }
    }
}
