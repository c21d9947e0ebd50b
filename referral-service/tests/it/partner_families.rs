//! The families of a partner's list: who they are, whether they want help, when they are forgotten.

use chrono::{Datelike, TimeDelta};
use serde_json::{Value, json};

use crate::partner_lists::{agreed, count, family, id_of, list, row, send, step, today, with};
use crate::world::World;

#[actix_web::test]
async fn a_list_finds_families_nobody_has_referred_and_an_officer_decides_who_is_who() {
    let world = World::new().await;
    world.submitted().await.expect(201);
    let known = with(
        World::form(),
        json!({ "people": [{ "relation": "child", "given_name": "Hazel", "family_name": "Testcase", "birth_date": "2015-03-04" }] }),
    );
    let closed = world.app.post(&world.school, "/v1/referrals", &known).await.expect(201).id();
    world.change(&world.school, &closed, "withdrawal", &json!({ "reason": "Told twice." })).await.expect(200);
    let id = agreed(&world).await;
    let sent = send(
        &world,
        &id,
        vec![
            row("open", "juniper", "TESTCASE", "2019-02-03"),
            row("new", "Rowan", "Invented", "2014-05-06"),
            row("known", "Hazel", "Testcase", "2015-03-04"),
            row("alike", "Juniper", "Testkase", "2019-02-03"),
            row("nobody", "Hazel", "Testkays", "2015-03-04"),
        ],
    )
    .await
    .expect(201)
    .id();
    let standing = async |key: &str| family(&world, &sent, key).await.body["standing"].as_str().unwrap().to_owned();
    assert_eq!(standing("open").await, "already_open");
    assert_eq!(standing("new").await, "new");
    assert_eq!(standing("known").await, "matched");
    assert_eq!(standing("alike").await, "possible");
    let open = family(&world, &sent, "open").await.body;
    let why = &open["people"][0]["candidates"][0];
    assert_eq!(
        (&why["why"], &why["open"], &why["exact"]),
        (&json!(["birth_date", "name"]), &json!(["referral"]), &json!(true))
    );
    step(&world, &world.officer, open["id"].as_str().unwrap(), "offer", &json!({ "offer": "offered" }))
        .await
        .expect(409);
    let alike = family(&world, &sent, "alike").await;
    let (family_id, candidate) = (id_of(&alike), alike.body["people"][0]["candidates"][0].clone());
    assert_eq!(candidate["why"], json!(["birth_date", "sound"]));
    step(&world, &world.officer, &family_id, "offer", &json!({ "offer": "offered" })).await.expect(409);
    let nobody = "0198c0de-0000-7000-8000-000000000001";
    for (body, pointer) in [
        (json!({ "row": 99 }), "/row"),
        (json!({ "row": 4, "person_id": nobody }), "/person_id"),
        (json!({ "row": 4, "shoe_size": 1 }), "/shoe_size"),
    ] {
        assert_eq!(step(&world, &world.officer, &family_id, "matches", &body).await.expect(422).pointers(), [pointer]);
    }
    let same = json!({ "row": 4, "person_id": candidate["person_id"], "note": "The school spells it so." });
    world.app.post(&world.officer, &format!("/v1/partner-families/{family_id}/matches"), &same).await.expect(428);
    let decided = step(&world, &world.officer, &family_id, "matches", &same).await.expect(200);
    assert_eq!(
        (&decided.body["standing"], &decided.body["people"][0]["decided_by"]),
        (&json!("already_open"), &json!("olive"))
    );
    step(&world, &world.officer, &family_id, "matches", &same).await.expect(409);
    let other = id_of(&family(&world, &sent, "nobody").await);
    let none = step(&world, &world.manager, &other, "matches", &json!({ "row": 5 })).await.expect(200);
    assert_eq!(none.body["standing"], "new");
    let counted = world.app.get(&world.officer, &format!("/v1/partner-lists/{sent}")).await.expect(200).body;
    assert_eq!(
        counted["standings"],
        json!([{ "standing": "already_open", "offer": "to_offer", "families": 2 },
               { "standing": "matched", "offer": "to_offer", "families": 1 },
               { "standing": "new", "offer": "to_offer", "families": 2 }])
    );
    assert_eq!(world.told("partner_list.family_found.v1").await.len(), 5);
    assert_eq!(world.told("partner_list.family_decided.v1").await.len(), 2);
}

#[actix_web::test]
async fn a_family_that_accepts_becomes_a_referral() {
    let world = World::new().await;
    let id = agreed(&world).await;
    let parent = with(row("1", "Willow", "Invented", "1990-05-06"), json!({ "relation": "parent" }));
    let rows = vec![row("1", "Rowan", "Invented", "2014-05-06"), parent, row("2", "Fern", "Invented", "2015-05-06")];
    let sent = send(&world, &id, rows).await.expect(201).id();
    let first = family(&world, &sent, "1").await;
    assert_eq!(first.body["offer_clock"], "due");
    let family_id = id_of(&first);
    let accepted = json!({ "offer": "accepted", "acceptance": {
        "by": "mother", "on": today(&world), "how": "by telephone", "concerns": ["good-education"], "locality": "charnwood",
        "worries": "Rowan misses a day of school in five." } });
    step(&world, &world.officer, &family_id, "offer", &accepted).await.expect(409);
    step(&world, &world.officer, &family_id, "offer", &json!({ "offer": "unreachable" })).await.expect(200);
    let offered = step(&world, &world.officer, &family_id, "offer", &json!({ "offer": "offered", "note": "Rang." }))
        .await
        .expect(200);
    assert_eq!((&offered.body["offer"], &offered.body["offer_clock"]), (&json!("offered"), &json!("met")));
    for (body, pointers) in [
        (json!({ "offer": "accepted" }), vec!["/acceptance"]),
        (json!({ "offer": "declined", "acceptance": accepted["acceptance"] }), vec!["/acceptance"]),
        (
            with(
                accepted.clone(),
                json!({ "acceptance": with(accepted["acceptance"].clone(), json!({ "concerns": ["shoe-size"], "locality": "atlantis", "on": "2999-01-01" })) }),
            ),
            vec!["/acceptance/concerns/0", "/acceptance/locality", "/acceptance/on"],
        ),
        (
            with(
                accepted.clone(),
                json!({ "acceptance": with(accepted["acceptance"].clone(), json!({ "concerns": [] })) }),
            ),
            vec!["/acceptance/concerns"],
        ),
        (json!({ "offer": "perhaps" }), vec!["/offer"]),
    ] {
        let mut found = step(&world, &world.officer, &family_id, "offer", &body).await.expect(422).pointers();
        found.sort_unstable();
        assert_eq!(found, pointers, "{body}");
    }
    let done = step(&world, &world.officer, &family_id, "offer", &accepted).await.expect(200);
    let referral = done.body["referral_id"].as_str().unwrap();
    let referral = world.app.get(&world.officer, &format!("/v1/referrals/{referral}")).await.expect(200).body;
    assert_eq!(referral["status"], "received");
    assert_eq!(referral["people"].as_array().unwrap().len(), 2);
    assert_eq!(referral["people"][0]["given_name"], "Rowan");
    step(&world, &world.officer, &family_id, "offer", &json!({ "offer": "declined" })).await.expect(409);
    let second = id_of(&family(&world, &sent, "2").await);
    step(&world, &world.officer, &second, "offer", &json!({ "offer": "offered" })).await.expect(200);
    step(&world, &world.officer, &second, "offer", &json!({ "offer": "declined" })).await.expect(200);
    let told = world.told("partner_list.offer_changed.v1").await;
    let offers: Vec<&str> = told.iter().map(|one| one["offer"].as_str().unwrap()).collect();
    assert_eq!(offers, ["unreachable", "offered", "accepted", "offered", "declined"]);
    assert!(!json!(told).to_string().contains("Rowan"), "no names in events");
    // On the next list the family is one that is being helped.
    let next = send(&world, &id, vec![row("1", "Rowan", "Invented", "2014-05-06")]).await.expect(201).id();
    assert_eq!(family(&world, &next, "1").await.body["standing"], "already_open");
}

#[actix_web::test]
async fn families_are_first_responses_alone_and_restrictions_hold() {
    let world = World::new().await;
    world.submitted().await.expect(201);
    let id = agreed(&world).await;
    let sent = send(&world, &id, vec![row("1", "Juniper", "Testcase", "2019-02-03")]).await.expect(201).id();
    let found = family(&world, &sent, "1").await;
    let path = format!("/v1/partner-families/{}", id_of(&found));
    for who in
        [&world.school, &world.other_school, &world.charnwood, &world.governance, &world.analyst, &world.family_worker]
    {
        world.app.get(who, &path).await.expect(404);
        world.app.get(who, "/v1/partner-families").await.expect(403);
        world
            .app
            .post_on(who, &format!("{path}/offer"), "\"1-full\"", &json!({ "offer": "offered" }))
            .await
            .expect(404);
    }
    for who in [&world.other_school, &world.charnwood, &world.analyst] {
        world.app.get(who, &format!("/v1/partner-lists/{sent}")).await.expect(404);
    }
    for who in [&world.charnwood, &world.analyst] {
        world.app.get(who, "/v1/partner-lists").await.expect(403);
        world
            .app
            .post(who, "/v1/partner-lists", &list(&world, &id, vec![row("1", "A", "B", "2014-01-01")]))
            .await
            .expect(403);
    }
    assert_eq!(world.app.get(&world.other_school, "/v1/partner-lists").await.expect(200).body["items"], json!([]));
    for who in [&world.school, &world.officer, &world.governance] {
        assert_eq!(world.app.get(who, "/v1/partner-lists").await.expect(200).body["items"][0]["id"], json!(sent));
    }
    assert_eq!(
        world.app.get(&world.governance, &format!("/v1/partner-lists/{sent}")).await.expect(200).body["standings"],
        Value::Null
    );
    for (query, name) in
        [("offer=lost", "offer"), ("standing=lost", "standing"), ("list_id=x", "list_id"), ("colour=blue", "colour")]
    {
        assert_eq!(
            world.app.get(&world.officer, &format!("/v1/partner-families?{query}")).await.expect(400).pointers(),
            [name]
        );
    }
    let both = format!("/v1/partner-families?offer=offered&list_id={sent}");
    assert_eq!(world.app.get(&world.officer, &both).await.expect(400).pointers(), ["offer"]);
    // An officer whose own family it is sees nothing of it.
    let child = found.body["people"][0]["person_id"].as_str().unwrap();
    let exclude = json!({ "effect": "exclude", "user_id": world.officer.id, "reason": "Own family (invented)." });
    world.app.post(&world.governance, &format!("/v1/people/{child}/restrictions"), &exclude).await.expect(201);
    world.app.get(&world.officer, &path).await.expect(404);
    assert_eq!(world.app.get(&world.officer, "/v1/partner-families").await.expect(200).body["items"], json!([]));
    world.app.get(&world.manager, &path).await.expect(200);
}

#[actix_web::test]
async fn what_is_past_its_time_is_forgotten_and_late_offers_are_chased() {
    let world = World::new().await;
    let id = agreed(&world).await;
    let sent = send(&world, &id, vec![row("1", "Rowan", "Invented", "2014-05-06")]).await.expect(201).id();
    let found = id_of(&family(&world, &sent, "1").await);
    let mut worker = world.app.background.connection().await.unwrap();
    let forget = referral_service::partner_list::expiry::forget;
    assert_eq!(forget(&mut worker, world.app.background.now()).await.unwrap(), 0);
    world.app.advance(TimeDelta::days(60));
    assert_eq!(family(&world, &sent, "1").await.body["offer_clock"], "overdue");
    referral_service::alert::chaser::chase(&mut worker, world.app.background.now()).await.unwrap();
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=reminder").await.expect(200);
    assert_eq!(alerts.body["items"][0]["about"], format!("/v1/partner-families/{found}"));
    world.app.advance(TimeDelta::days(91));
    assert_eq!(forget(&mut worker, world.app.background.now()).await.unwrap(), 1);
    assert_eq!(forget(&mut worker, world.app.background.now()).await.unwrap(), 0);
    for table in [
        "partner_family",
        "partner_row",
        "partner_match",
        "partner_offer_step",
        "record_scope WHERE kind = 'partner_family'",
    ] {
        assert_eq!(count(&world, table).await, 0, "{table}");
    }
    world.app.get(&world.officer, &format!("/v1/partner-families/{found}")).await.expect(404);
    let list = world.app.get(&world.school, &format!("/v1/partner-lists/{sent}")).await.expect(200).body;
    assert!(list["deleted_at"].is_string() && list["families"] == 1, "that there was a list stays: {list}");
    assert_eq!(list["answers"], json!([]));
    assert_eq!(world.told("partner_list.deleted.v1").await[0]["families"], 1);
    assert!(today(&world).year() > 2000);
}
