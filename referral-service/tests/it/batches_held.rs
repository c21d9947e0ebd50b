//! A file whose sender's rights are revoked while it goes on is held; a file that goes on can be stopped.

use chrono::{DateTime, TimeDelta, Utc};
use diesel_async::SimpleAsyncConnection;
use referral_service::batch::worker::work;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::auth::{Revocation, RevocationFeed, RevokedKind};
use shared::testing::{Person, Reply};

use crate::batches::{BATCHES, count, large, rows, send, text, work_until_done};
use crate::world::World;

/// A file of 1,400 rows, of which one chunk of 500 has been answered.
async fn begun(world: &World) -> String {
    let path = format!("{BATCHES}/{}", send(world, large(700, 2, 100)).await.expect(202).id());
    assert!(work(&world.app.background).await.unwrap());
    path
}

/// What the gateway tells of whoever was revoked.
fn revoke(world: &World, who: &Person, at: DateTime<Utc>) {
    let items = vec![Revocation { kind: RevokedKind::Subject, id: who.id, at }];
    world.app.verifier.learn_revocations(&RevocationFeed { items });
}

async fn seen(world: &World, path: &str) -> Value {
    world.app.get(&world.officer, path).await.expect(200).body
}

async fn stop(world: &World, who: &Person, path: &str) -> Reply {
    world.app.post(who, &format!("{path}/stop"), &json!({ "reason": "Last year's register." })).await
}

async fn resume(world: &World, who: &Person, path: &str) -> Reply {
    world.app.post(who, &format!("{path}/resumption"), &json!({})).await
}

#[actix_web::test]
async fn rows_of_a_sender_who_was_revoked_are_held_until_they_resume_them() {
    let world = World::new().await;
    let path = begun(&world).await;
    assert!(resume(&world, &world.school, &path).await.expect(409).body["detail"].to_string().contains("not held"));
    // Somebody else's revocation, or one from before the token was made, changes nothing.
    revoke(&world, &world.other_school, Utc::now());
    assert!(work(&world.app.background).await.unwrap());
    revoke(&world, &world.school, Utc::now() - TimeDelta::minutes(5));
    assert_eq!(seen(&world, &path).await["status"], "working");
    revoke(&world, &world.school, Utc::now());
    while work(&world.app.background).await.unwrap() {}
    let held = seen(&world, &path).await;
    assert_eq!((&held["status"], &held["waiting_rows"]), (&json!("held"), &json!(400)));
    assert!(held["held_at"].is_string());
    assert_eq!(count(&world, "referral_batch_row").await, 1000, "what was answered stays");
    // The gateway forgets a revocation in time, and the file stays held.
    world.app.verifier.learn_revocations(&RevocationFeed::default());
    assert!(!work(&world.app.background).await.unwrap());
    for (who, status) in [(&world.officer, 404), (&world.other_school, 404), (&world.analyst, 404)] {
        resume(&world, who, &path).await.expect(status);
    }
    let extra = world.app.post(&world.school, &format!("{path}/resumption"), &json!({ "x": 1 })).await;
    assert_eq!(extra.expect(422).pointers(), ["/x"]);
    let resumed = resume(&world, &world.school, &path).await.expect(200);
    assert_eq!(resumed.body["status"], "working");
    work_until_done(&world).await;
    let done = seen(&world, &path).await;
    assert_eq!((&done["status"], &done["waiting_rows"]), (&json!("done"), &json!(0)));
    assert!(resume(&world, &world.school, &path).await.expect(409).body["detail"].to_string().contains("answered"));
}

#[actix_web::test]
async fn the_rows_are_taken_under_the_rights_their_sender_has_when_they_resume() {
    let world = World::new().await;
    let path = begun(&world).await;
    revoke(&world, &world.school, Utc::now());
    assert!(!work(&world.app.background).await.unwrap());
    world.app.verifier.learn_revocations(&RevocationFeed::default());
    let mut changed = world.school.clone();
    changed.roles = vec![Role::Analyst];
    resume(&world, &changed, &path).await.expect(403);
    changed.roles = vec![Role::Referrer, Role::BoardMember];
    resume(&world, &changed, &path).await.expect(200);
    assert_eq!(count(&world, "referral_batch WHERE roles = '{referrer,board_member}'").await, 1);
}

#[actix_web::test]
async fn nothing_is_taken_while_it_is_not_known_whose_rights_stand() {
    let world = World::new().await;
    let path = begun(&world).await;
    // Nobody could ask for so long that the gateway may have told of a revocation and forgotten it.
    let mut all = world.app.database.all_seeing().await;
    all.batch_execute("UPDATE referral_batch SET believed_at = believed_at - interval '16 minutes'").await.unwrap();
    assert!(!work(&world.app.background).await.unwrap());
    assert_eq!(seen(&world, &path).await["status"], "held");
}

#[actix_web::test]
async fn a_held_file_ends_with_the_time_its_rows_are_kept() {
    let world = World::new().await;
    let path = begun(&world).await;
    revoke(&world, &world.school, Utc::now());
    assert!(!work(&world.app.background).await.unwrap());
    world.app.advance(TimeDelta::days(31));
    work_until_done(&world).await;
    let ended = seen(&world, &path).await;
    assert_eq!((&ended["status"], &ended["not_taken_rows"]), (&json!("stopped"), &json!(900)));
    assert!(ended["stopped_because"].as_str().unwrap().contains("revoked") && ended.get("stopped_by").is_none());
    assert_eq!(count(&world, "referral_batch_chunk").await, 0);
    assert_eq!(count(&world, "referral_batch_row WHERE content IS NOT NULL").await, 0, "and with it their words");
}

#[actix_web::test]
async fn a_stopped_file_keeps_what_was_taken_and_answers_every_other_row() {
    let world = World::new().await;
    let path = begun(&world).await;
    let taken = count(&world, "referral").await;
    let blank = world.app.post(&world.school, &format!("{path}/stop"), &json!({ "reason": " " })).await;
    assert_eq!(blank.expect(422).pointers(), ["/reason"]);
    let director = Person::new("dora", "greenfield-academy", Role::BoardMember);
    for (who, status) in [(&world.other_school, 404), (&world.charnwood, 404), (&world.analyst, 404), (&director, 403)]
    {
        stop(&world, who, &path).await.expect(status);
    }
    let body = json!({ "reason": "Last year's register." });
    let colleague = Person::new("greta", "greenfield-academy", Role::Referrer);
    let stopped = world.app.post_with(&colleague, &format!("{path}/stop"), "once", None, &body).await.expect(200);
    assert_eq!((&stopped.body["status"], &stopped.body["stopped_by"]), (&json!("stopped"), &json!("greta")));
    let again = world.app.post_with(&colleague, &format!("{path}/stop"), "once", None, &body).await.expect(200);
    assert_eq!(again.body["stopped_at"], stopped.body["stopped_at"]);
    stop(&world, &world.officer, &path).await.expect(409);
    resume(&world, &world.school, &path).await.expect(409);
    work_until_done(&world).await;
    let done = seen(&world, &path).await;
    for (field, value) in [
        ("status", json!("stopped")),
        ("taken_rows", json!(496)),
        ("refused_rows", json!(4)),
        ("not_taken_rows", json!(900)),
        ("waiting_rows", json!(0)),
        ("stopped_because", json!("Last year's register.")),
    ] {
        assert_eq!(done[field], value, "{field}: {done}");
    }
    assert!(done["finished_at"].is_string());
    assert_eq!((count(&world, "referral").await, count(&world, "referral_batch_chunk").await), (taken, 0));
    let id = path.rsplit('/').next().unwrap();
    let left = world.app.get(&world.school, &format!("{path}/rows?outcome=not_taken")).await.expect(200);
    let problem = &left.body["items"][0]["problems"][0];
    assert_eq!((&left.body["items"][0]["outcome"], &problem["code"]), (&json!("not_taken"), &json!("not_taken")));
    assert!(problem["detail"].as_str().unwrap().contains("Last year's register."));
    assert_eq!(rows(&world, id).await[0]["outcome"], "taken");
    // What was not taken comes back with its cells and can be sent again as it is.
    let (_, file) = text(&world, &format!("{path}/rows.csv?outcome=not_taken")).await;
    let sent = send(&world, file).await.expect(202);
    assert_eq!(sent.body["rows"], 900);
}

#[actix_web::test]
async fn whoever_answers_for_what_is_sent_may_stop_it() {
    let world = World::new().await;
    let keeper = Person::new("ada", "county-council", Role::PartnershipAdministrator);
    let agency = Person::new("abe", "greenfield-academy", Role::AgencyAdministrator);
    for who in [&world.school, &world.officer, &world.manager, &keeper, &agency] {
        let path = format!("{BATCHES}/{}", send(&world, large(600, 1, 1000)).await.expect(202).id());
        assert_eq!(stop(&world, who, &path).await.expect(200).body["stopped_by"], json!(who.name));
    }
    work_until_done(&world).await;
    assert_eq!(count(&world, "referral").await, 0);
    let done = send(&world, large(1, 1, 1000)).await.expect(201).id();
    assert!(
        stop(&world, &world.officer, &format!("{BATCHES}/{done}")).await.expect(409).body["detail"]
            .to_string()
            .contains("answered")
    );
}

#[actix_web::test]
async fn a_chunk_during_which_the_file_is_stopped_is_not_half_taken() {
    let world = World::new().await;
    let path = begun(&world).await;
    let taken = count(&world, "referral").await;
    let mut all = world.app.database.all_seeing().await;
    // As if somebody stopped it while the rows of the chunk were being written.
    all.batch_execute(
        "CREATE FUNCTION stops() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
             UPDATE referral_batch SET stopped_at = '2026-11-22', stopped_because = 'x'; RETURN NULL; END $$;
         CREATE TRIGGER stops AFTER INSERT ON referral_batch_row FOR EACH STATEMENT EXECUTE FUNCTION stops()",
    )
    .await
    .unwrap();
    assert!(work(&world.app.background).await.is_err());
    assert_eq!(count(&world, "referral").await, taken);
    all.batch_execute("DROP TRIGGER stops ON referral_batch_row").await.unwrap();
    stop(&world, &world.officer, &path).await.expect(200);
    work_until_done(&world).await;
    let done = seen(&world, &path).await;
    assert_eq!((&done["not_taken_rows"], &done["waiting_rows"]), (&json!(900), &json!(0)));
    assert_eq!(count(&world, "referral").await, taken);
}
