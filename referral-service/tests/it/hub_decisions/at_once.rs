//! Two who decide at once.

use serde_json::json;
use shared::actor::Role;
use shared::testing::Person;

use crate::hubs::{agenda, line, meeting, opened};
use crate::world::World;

#[actix_web::test]
async fn of_two_who_decide_one_item_at_once_the_second_is_told_who_was_first() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let (item, etag) = line(&world, &path, &id).await;
    let step = format!("{item}/decision");
    let hal = Person::new("hal", "police", Role::HubMember).hub("charnwood");
    let (end, ask) = (json!({ "outcome": "no_further_action", "reason": "x" }), World::to_family_support());
    let (first, second) = futures::join!(
        world.app.post_on(&world.charnwood, &step, &etag, &ask),
        world.app.post_on(&hal, &step, &etag, &end)
    );
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert_eq!(statuses, [200, 412]);
    let (late, winner) = if first.status == 200 { (second, "harper") } else { (first, "hal") };
    let detail = late.body["detail"].as_str().unwrap();
    assert!(detail.starts_with(&format!("{winner} settled this at ")), "{detail}");
    let seen = world.app.get(&world.charnwood, &item).await.expect(200);
    assert_eq!(seen.body["settled_by"], winner);
    let again = world.app.post_on(&hal, &step, &seen.etag(), &end).await.expect(409);
    assert!(again.body["detail"].as_str().unwrap().starts_with(winner), "{}", again.body);
    assert_eq!(world.told("hub.item_decided.v1").await.len(), 1);
}

#[actix_web::test]
async fn a_desk_and_a_meeting_that_decide_at_once_do_not_overwrite_one_another() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let (item, etag) = line(&world, &path, &id).await;
    let referral = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}")).await.expect(200).etag();
    let (end, ask) = (json!({ "outcome": "no_further_action", "reason": "x" }), World::to_family_support());
    let (step, desk) = (format!("{item}/decision"), format!("/v1/referrals/{id}/hub-decision"));
    let (meeting, desk) = futures::join!(
        world.app.post_on(&world.charnwood, &step, &etag, &ask),
        world.app.post_on(&world.charnwood, &desk, &referral, &end)
    );
    let mut statuses = [meeting.status, desk.status];
    statuses.sort();
    assert_eq!(statuses, [200, 412], "{} {}", meeting.body, desk.body);
    let seen = world.app.get(&world.charnwood, &item).await.expect(200);
    assert_eq!(seen.body["status"], "decided", "the line is settled whichever was first");
    assert_eq!(world.told("hub.item_decided.v1").await.len(), 1);
}

#[actix_web::test]
async fn two_hubs_meet_and_decide_at_once() {
    let world = World::new().await;
    let elsewhere = json!({ "level_of_need": 3, "outcome": "early_help_hub", "reason": "x", "locality": "melton" });
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for _ in 0..4 {
        ours.push(world.listed().await);
        let id = world.submitted().await.id();
        world.change(&world.officer, &id, "decision", &elsewhere).await.expect(200);
        theirs.push(id);
    }
    let melton = world.app.post(&world.melton, "/v1/hubs/melton/meetings", &meeting()).await.expect(201).id();
    let melton = format!("/v1/hubs/melton/meetings/{melton}");
    let opening = format!("{melton}/opening");
    let nothing = json!({});
    let (path, opened_there) =
        futures::join!(opened(&world), world.app.post_on(&world.melton, &opening, "\"1-full\"", &nothing));
    opened_there.expect(200);
    let there = world.app.get(&world.melton, &format!("{melton}/agenda")).await.expect(200);
    let there: Vec<(String, String)> = there.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["id"].as_str().unwrap().to_owned(), item["etag"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(there.len(), 4);
    let here = agenda(&world, &path).await;
    assert_eq!(here.len(), 4);
    let body = World::to_family_support();
    let mut asked: Vec<_> = Vec::new();
    for item in &here {
        let step = format!("{path}/agenda/{}/decision", item["id"].as_str().unwrap());
        let etag = item["etag"].as_str().unwrap().to_owned();
        let (world, body) = (&world, &body);
        asked.push(futures::FutureExt::boxed_local(async move {
            world.app.post_on(&world.charnwood, &step, &etag, body).await
        }));
    }
    for (item, etag) in &there {
        let step = format!("{melton}/agenda/{item}/decision");
        let (world, body) = (&world, &body);
        asked.push(futures::FutureExt::boxed_local(async move {
            world.app.post_on(&world.melton, &step, etag, body).await
        }));
    }
    for reply in futures::future::join_all(asked).await {
        assert_eq!(reply.status, 200, "{}", reply.body);
    }
    for id in ours.iter().chain(&theirs) {
        assert_eq!(world.status(id).await, "offered");
    }
}

#[actix_web::test]
async fn a_retried_decision_has_one_effect() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let (item, etag) = line(&world, &path, &id).await;
    let step = format!("{item}/decision");
    for _ in 0..2 {
        let reply = world
            .app
            .post_with(&world.charnwood, &step, "one-key", Some(&etag), &World::to_family_support())
            .await
            .expect(200);
        assert_eq!(reply.body["outcome"], "allocate");
    }
    assert_eq!(world.told("allocation.offered.v1").await.len(), 1);
}
