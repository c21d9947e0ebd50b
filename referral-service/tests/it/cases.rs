//! What a service works on with a family: opening, engagement, who leads and who helps.

use chrono::{Days, TimeDelta};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::{Person, Reply};

use crate::families::{senior, today, youth_worker};
use crate::world::World;

pub const REGARDLESS: &str = "The hub asked for it.";

impl World {
    /// An open case of intensive family support: its address, and the family's.
    pub async fn case(&self) -> (String, String) {
        let (family, allocation) = self.family().await;
        let body = json!({ "allocation_id": allocation, "case_type": "intensive-family-support", "regardless_reason": REGARDLESS });
        let opened = self.app.post(&self.family_worker, &format!("{family}/cases"), &body).await.expect(201);
        (format!("/v1/cases/{}", opened.id()), family)
    }

    /// Ends a case in the database, as the closure does.
    pub async fn closed(&self, case: &str, planned: bool) {
        use diesel_async::SimpleAsyncConnection;
        let id = case.rsplit('/').next().unwrap();
        let mut all = self.app.database.all_seeing().await;
        all.batch_execute(&format!(
            "UPDATE family_case SET status = 'closed', closed_at = opened_at WHERE id = '{id}';
             UPDATE record_scope SET state = 'closed' WHERE record_id = '{id}';
             INSERT INTO case_ending VALUES ('{id}', 'needs_met', {planned}, NULL)"
        ))
        .await
        .unwrap();
    }

    /// The events of a kind, as they were written.
    pub async fn told_of(&self, kind: &str) -> Vec<Value> {
        use diesel_async::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Row {
            #[diesel(sql_type = diesel::sql_types::Jsonb)]
            data: Value,
        }
        let mut all = self.app.database.all_seeing().await;
        let rows: Vec<Row> =
            diesel::sql_query(format!("SELECT data FROM event_log WHERE kind = '{kind}' ORDER BY seq"))
                .load(&mut all)
                .await
                .unwrap();
        rows.into_iter().map(|row| row.data).collect()
    }
}

fn count(page: &Reply) -> usize {
    page.body["items"].as_array().unwrap().len()
}

#[actix_web::test]
async fn a_case_is_opened_from_an_allocation_and_says_whether_the_family_is_eligible() {
    let world = World::new().await;
    let (family, allocation) = world.family().await;
    let worker = &world.family_worker;
    let cases = format!("{family}/cases");
    let mut body = json!({ "allocation_id": allocation, "case_type": "intensive-family-support" });
    let refused = world.app.post(worker, &cases, &body).await.expect(422);
    assert_eq!(refused.pointers(), ["/regardless_reason"], "not eligible, and no reason given");
    // What the referral told need only be noted, and the refusal says how.
    let detail = refused.body["errors"][0]["detail"].as_str().unwrap();
    assert!(detail.starts_with("is needed: the family has 0 of the headline problems"), "{detail}");
    assert!(
        detail.contains(" told 2 that") && detail.contains(&format!("{family}/problems/from-referral")),
        "{detail}"
    );
    body["regardless_reason"] = json!(REGARDLESS);
    let key = "open-once";
    let opened = world.app.post_with(worker, &cases, key, None, &body).await.expect(201);
    assert_eq!(opened.body["status"], "open");
    assert_eq!(opened.body["origin"], "allocation");
    assert_eq!(opened.body["attachment"]["eligible"], false);
    assert_eq!(opened.body["clocks"][0]["code"], "case_engagement");
    let replayed = world.app.post_with(worker, &cases, key, None, &body).await.expect(201);
    assert_eq!(replayed.id(), opened.id());
    world.app.post(worker, &cases, &body).await.expect(409);
    let told = &world.told_of("case.opened.v1").await[0];
    assert_eq!(
        (told["children"].as_i64(), told["under_5"].as_i64(), told["eligible"].as_bool()),
        (Some(1), Some(0), Some(false))
    );
    assert_eq!(told["locality"], "charnwood");
    assert_eq!(told["person_ids"].as_array().unwrap().len(), 2);
    assert_eq!(world.app.get(worker, &family).await.expect(200).body["state"], "open");
    assert_eq!(world.told_of("family.formed.v1").await.len(), 1);
}

#[actix_web::test]
async fn an_eligible_family_needs_no_reason() {
    let world = World::new().await;
    let (family, allocation) = world.family().await;
    for code in ["secure-housing", "financial-stability", "good-education"] {
        let body = json!({ "code": code, "evidence": "Seen.", "source": "family" });
        world.step(&world.family_worker, &family, "problems", &body).await.expect(200);
    }
    let body = json!({ "allocation_id": allocation, "case_type": "intensive-family-support" });
    let opened = world.app.post(&world.family_worker, &format!("{family}/cases"), &body).await.expect(201);
    assert_eq!(opened.body["attachment"]["eligible"], true);
    assert_eq!(
        opened.body["attachment"]["problems"],
        json!(["financial-stability", "good-education", "secure-housing"])
    );
    let told = &world.told_of("case.opened.v1").await[0];
    assert_eq!(told["problems"], opened.body["attachment"]["problems"]);
}

#[actix_web::test]
async fn a_case_rests_on_one_thing_and_on_one_s_own_team() {
    let world = World::new().await;
    let (family, allocation) = world.family().await;
    let cases = format!("{family}/cases");
    let worker = &world.family_worker;
    let nothing = json!({ "case_type": "knitting" });
    assert_eq!(world.app.post(worker, &cases, &nothing).await.expect(422).pointers(), ["/allocation_id", "/case_type"]);
    let both = json!({ "case_type": "outreach", "allocation_id": allocation, "request_reason": "x" });
    assert_eq!(world.app.post(worker, &cases, &both).await.expect(422).pointers(), ["/allocation_id"]);
    let team = json!({ "case_type": "outreach", "request_reason": "x", "team": "youth-work" });
    assert_eq!(world.app.post(worker, &cases, &team).await.expect(422).pointers(), ["/team"]);
    let unknown = json!({ "case_type": "outreach", "allocation_id": uuid::Uuid::now_v7() });
    assert_eq!(world.app.post(worker, &cases, &unknown).await.expect(422).pointers(), ["/allocation_id"]);
    for (who, status) in [
        (&world.officer, 403),
        (&world.charnwood, 403),
        (&world.melton, 404),
        (&youth_worker(), 404),
        (&world.school, 404),
    ] {
        let refused = world.app.post(who, &cases, &json!({ "case_type": "outreach", "request_reason": "x" })).await;
        assert_eq!(refused.status, status, "{}", who.name);
    }
    let asked = json!({ "case_type": "outreach", "request_reason": "The mother asked for help with routines." });
    let opened = world.app.post(worker, &cases, &asked).await.expect(201);
    assert_eq!(opened.body["origin"], "self_request");
    assert_eq!(opened.body["team"], "intensive-family-support");
    let second = json!({ "case_type": "short-family-work", "request_reason": "x" });
    world.app.post(worker, &cases, &second).await.expect(409);
}

#[actix_web::test]
async fn the_hub_and_the_front_door_see_who_is_helping() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let hub = world.app.get(&world.charnwood, &case).await.expect(200);
    assert_eq!(hub.body["view"], "involvement");
    assert!(hub.body.get("attachment").is_none());
    assert_eq!(world.app.get(&world.officer, &case).await.expect(200).body["view"], "full");
    for who in [&world.melton, &world.school, &world.justice_worker, &world.governance, &world.analyst, &youth_worker()]
    {
        world.app.get(who, &case).await.expect(404);
    }
    assert_eq!(
        world.app.get(&world.charnwood, &family).await.expect(200).body["cases"][0]["team"],
        "intensive-family-support"
    );
    assert_eq!(count(&world.app.get(&world.charnwood, "/v1/cases").await.expect(200)), 1);
    assert_eq!(count(&world.app.get(&world.melton, "/v1/cases").await.expect(200)), 0);
    assert_eq!(
        count(
            &world
                .app
                .get(&world.family_worker, "/v1/cases?status=open&team=intensive-family-support")
                .await
                .expect(200)
        ),
        1
    );
    assert_eq!(count(&world.app.get(&world.family_worker, "/v1/cases?status=closed").await.expect(200)), 0);
    assert_eq!(count(&world.app.get(&world.family_worker, "/v1/cases?mine=true").await.expect(200)), 0);
    assert_eq!(count(&world.app.get(&world.family_worker, "/v1/cases?team=youth-work").await.expect(200)), 0);
    world.app.get(&world.family_worker, "/v1/cases?team=youth-work&mine=true").await.expect(400);
    world.app.get(&world.school, "/v1/cases").await.expect(403);
}

#[actix_web::test]
async fn from_engagement_the_assessment_is_due_in_six_weeks() {
    let world = World::new().await;
    let (case, _) = world.case().await;
    let worker = &world.family_worker;
    let future = json!({ "engaged_on": (today() + Days::new(1)) });
    assert_eq!(world.step(worker, &case, "engagement", &future).await.expect(422).pointers(), ["/engaged_on"]);
    let early = json!({ "engaged_on": (today() - Days::new(1)) });
    assert_eq!(world.step(worker, &case, "engagement", &early).await.expect(422).pointers(), ["/engaged_on"]);
    let body = json!({ "engaged_on": today() });
    let path = format!("{case}/engagement");
    world.app.post(worker, &path, &body).await.expect(428);
    world.app.post_on(worker, &path, "\"9-full\"", &body).await.expect(412);
    world.step(&world.officer, &case, "engagement", &body).await.expect(403);
    world.step(&world.charnwood, &case, "engagement", &body).await.expect(403);
    world.app.post_on(&world.melton, &path, "\"1-full\"", &body).await.expect(404);
    let engaged = world.step(worker, &case, "engagement", &body).await.expect(200);
    let due = (today() + Days::new(42)).to_string();
    let clocks = engaged.body["clocks"].as_array().unwrap();
    let assessment = clocks.iter().find(|clock| clock["code"] == "family_assessment").unwrap();
    assert!(assessment["due_at"].as_str().unwrap().starts_with(&due), "{assessment}");
    assert_eq!(clocks.iter().find(|clock| clock["code"] == "case_engagement").unwrap()["standing"], "met");
    world.step(worker, &case, "engagement", &body).await.expect(409);
    world.app.advance(TimeDelta::weeks(6) + TimeDelta::days(1));
    let late = world.app.get(worker, &case).await.expect(200);
    let assessment =
        late.body["clocks"].as_array().unwrap().iter().find(|c| c["code"] == "family_assessment").unwrap().clone();
    assert_eq!(assessment["standing"], "overdue");
    let list = world.app.get(worker, "/v1/cases").await.expect(200);
    assert_eq!(list.body["items"][0]["next_clock"], "family_assessment");
    assert_eq!(world.told_of("case.engaged.v1").await[0]["engaged_on"], json!(today()));
}

#[actix_web::test]
async fn the_clocks_of_a_case_are_those_of_its_type() {
    let world = World::new().await;
    let (family, _) = world.family().await;
    let body = json!({ "case_type": "outreach", "request_reason": "Asked at the children's centre." });
    let opened = world.app.post(&world.family_worker, &format!("{family}/cases"), &body).await.expect(201);
    let case = format!("/v1/cases/{}", opened.id());
    let engaged =
        world.step(&world.family_worker, &case, "engagement", &json!({ "engaged_on": today() })).await.expect(200);
    let assessment =
        engaged.body["clocks"].as_array().unwrap().iter().find(|c| c["code"] == "family_assessment").unwrap().clone();
    assert!(assessment["due_at"].as_str().unwrap().starts_with(&(today() + Days::new(14)).to_string()));
}

#[actix_web::test]
async fn the_lead_worker_changes_and_its_history_is_kept() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let outsider = Person::new("ola", "county-council", Role::ServiceWorker);
    let as_lead = |who: &Person| json!({ "user_id": who.id, "name": who.name, "reached_by": "01632 960020" });
    world.step(&world.family_worker, &case, "lead-worker", &as_lead(&outsider)).await.expect(403);
    let led = world.step(&world.family_worker, &case, "lead-worker", &as_lead(&world.family_worker)).await.expect(200);
    assert_eq!(led.body["lead_worker"]["name"], "felix");
    world.step(&world.family_worker, &case, "lead-worker", &as_lead(&world.family_worker)).await.expect(409);
    assert_eq!(count(&world.app.get(&world.family_worker, "/v1/cases?mine=true").await.expect(200)), 1);
    world.app.get(&outsider, &case).await.expect(404);
    let given = world.step(&senior(), &case, "lead-worker", &as_lead(&outsider)).await.expect(200);
    assert_eq!(given.body["former_workers"][0]["name"], "felix");
    assert_eq!(world.app.get(&outsider, &case).await.expect(200).body["view"], "full");
    assert_eq!(world.app.get(&outsider, &family).await.expect(200).body["members"].as_array().unwrap().len(), 2);
    assert_eq!(count(&world.app.get(&world.family_worker, "/v1/cases?mine=true").await.expect(200)), 0);
    let hub = world.app.get(&world.charnwood, &case).await.expect(200);
    assert_eq!(hub.body["lead_worker"]["reached_by"], "01632 960020", "the hub sees how to reach them");
    // Who has no part any more sees it no longer.
    world.step(&senior(), &case, "lead-worker", &as_lead(&senior())).await.expect(200);
    world.app.get(&outsider, &case).await.expect(404);
    world.app.get(&outsider, &family).await.expect(404);
    let told = world.told_of("case.lead_worker_set.v1").await;
    assert_eq!(told[1]["before"], json!(world.family_worker.id));
    world.step(&world.officer, &case, "lead-worker", &as_lead(&world.officer)).await.expect(403);
    let nobody = json!({ "user_id": "x", "name": "" });
    assert_eq!(
        world.step(&senior(), &case, "lead-worker", &nobody).await.expect(422).pointers(),
        ["/name", "/user_id"]
    );
}

#[actix_web::test]
async fn supporting_workers_and_teams_see_the_case_whole() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    let helper = Person::new("hal", "county-council", Role::ServiceWorker);
    let form = json!({ "user_id": helper.id, "name": "Hal Helper (invented)" });
    world.step(worker, &case, "supporting-workers", &form).await.expect(200);
    world.step(worker, &case, "supporting-workers", &form).await.expect(409);
    assert_eq!(
        world.app.get(&helper, &case).await.expect(200).body["supporting_workers"][0]["name"],
        "Hal Helper (invented)"
    );
    let end = format!("supporting-workers/{}/end", helper.id);
    world.step(worker, &case, &end, &json!({})).await.expect(200);
    world.step(worker, &case, &end, &json!({})).await.expect(404);
    world.app.get(&helper, &case).await.expect(404);
    let other = youth_worker();
    assert_eq!(
        world.step(worker, &case, "supporting-teams", &json!({ "team": "chess" })).await.expect(422).pointers(),
        ["/team"]
    );
    world.step(worker, &case, "supporting-teams", &json!({ "team": "youth-work" })).await.expect(200);
    world.step(worker, &case, "supporting-teams", &json!({ "team": "youth-work" })).await.expect(409);
    let seen = world.app.get(&other, &case).await.expect(200);
    assert_eq!((seen.body["view"].as_str(), &seen.body["supporting_teams"]), (Some("full"), &json!(["youth-work"])));
    assert_eq!(world.app.get(&other, &family).await.expect(200).body["view"], "full");
    // Its own case with the family is its own: the first team sees that it helps.
    let own = json!({ "case_type": "youth-work", "request_reason": "The boy asked to join." });
    let own = world.app.post(&other, &format!("{family}/cases"), &own).await.expect(201);
    let own = format!("/v1/cases/{}", own.id());
    assert_eq!(world.app.get(worker, &own).await.expect(200).body["view"], "involvement");
    world.step(worker, &own, "engagement", &json!({ "engaged_on": today() })).await.expect(403);
    assert_eq!(count(&world.app.get(worker, "/v1/cases?team=intensive-family-support").await.expect(200)), 1);
    assert_eq!(count(&world.app.get(worker, "/v1/cases").await.expect(200)), 2);
    // Who joins the family is seen by both teams.
    let baby = world.person(&other, "Nettle", Some("2025-07-30")).await;
    world.step(&other, &family, "members", &json!({ "person_id": baby, "role": "child" })).await.expect(200);
    world.app.get(worker, &format!("/v1/people/{baby}")).await.expect(200);
}

#[actix_web::test]
async fn a_family_comes_back_after_a_planned_exit() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    let worker = &world.family_worker;
    let id = case.rsplit('/').next().unwrap();
    let cases = format!("{family}/cases");
    let back = json!({ "case_type": "short-family-work", "previous_case_id": id });
    assert_eq!(world.app.post(worker, &cases, &back).await.expect(422).pointers(), ["/previous_case_id"], "still open");
    world.closed(&case, true).await;
    world.step(worker, &case, "engagement", &json!({ "engaged_on": today() })).await.expect(409);
    world.step(&senior(), &case, "lead-worker", &json!({ "user_id": worker.id, "name": "felix" })).await.expect(409);
    let stranger = json!({ "case_type": "short-family-work", "previous_case_id": uuid::Uuid::now_v7() });
    assert_eq!(world.app.post(worker, &cases, &stranger).await.expect(422).pointers(), ["/previous_case_id"]);
    world.app.advance(TimeDelta::weeks(53));
    assert_eq!(world.app.post(worker, &cases, &back).await.expect(422).pointers(), ["/previous_case_id"], "too late");
    world.app.advance(TimeDelta::weeks(20));
    let opened = world.app.post(worker, &cases, &back).await.expect(201);
    assert_eq!((opened.body["origin"].as_str(), opened.body["previous_case_id"].as_str()), (Some("top_up"), Some(id)));
    assert_eq!(world.app.get(worker, &family).await.expect(200).body["cases"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn there_is_no_top_up_after_an_exit_nobody_planned() {
    let world = World::new().await;
    let (case, family) = world.case().await;
    world.closed(&case, false).await;
    let back = json!({ "case_type": "outreach", "previous_case_id": case.rsplit('/').next().unwrap() });
    let refused = world.app.post(&world.family_worker, &format!("{family}/cases"), &back).await.expect(422);
    assert_eq!(refused.pointers(), ["/previous_case_id"]);
}

#[actix_web::test]
async fn a_case_from_an_allocation_has_its_lead_worker_unless_another_is_named() {
    let world = World::new().await;
    let worker = &world.family_worker;
    let colleague = Person::new("frida", "county-council", Role::ServiceWorker).team("intensive-family-support");
    let (_, allocation) = world.offered().await;
    let led = json!({ "lead_worker": { "user_id": colleague.id, "name": "Frida Family (invented)" } });
    world.answer(worker, &allocation, "acceptance", &led).await.expect(200);
    let family = world.app.post(worker, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201).id();
    let cases = format!("/v1/families/{family}/cases");
    let mut body = json!({ "allocation_id": allocation, "case_type": "outreach" });
    let third = json!({ "user_id": uuid::Uuid::now_v7(), "name": "Somebody Else (invented)" });
    body["lead_worker"] = third.clone();
    let refused = world.app.post(worker, &cases, &body).await.expect(403);
    assert_eq!(
        refused.body["detail"],
        "a service's manager gives a case to somebody else; you can take it on yourself"
    );
    body.as_object_mut().unwrap().remove("lead_worker");
    let opened = world.app.post(worker, &cases, &body).await.expect(201);
    assert_eq!(opened.body["lead_worker"]["name"], "Frida Family (invented)", "{}", opened.body);
    let told = &world.told_of("case.lead_worker_set.v1").await[0];
    assert_eq!((&told["lead_worker"], &told["before"]), (&json!(colleague.id), &json!(null)));
    let work = world.app.get(&colleague, "/v1/work?for=me").await.expect(200);
    assert!(work.body.to_string().contains("case_engagement"), "{}", work.body);

    let other = World::new().await;
    let (_, allocation) = other.offered().await;
    other.answer(&other.family_worker, &allocation, "acceptance", &led).await.expect(200);
    let family = other.app.post(worker, "/v1/families", &json!({ "allocation_id": allocation })).await.expect(201).id();
    let body = json!({ "allocation_id": allocation, "case_type": "outreach", "lead_worker": third });
    let opened = other.app.post(&senior(), &format!("/v1/families/{family}/cases"), &body).await.expect(201);
    assert_eq!(opened.body["lead_worker"]["name"], "Somebody Else (invented)");
}
