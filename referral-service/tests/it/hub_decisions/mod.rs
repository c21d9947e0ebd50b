//! What a hub decides, in a meeting or at a desk; `at_once`, what comes of two deciding at once.

mod at_once;

use chrono::{TimeDelta, Utc};
use referral_service::alert::chaser::chase;
use serde_json::{Value, json};
use shared::actor::Role;
use shared::testing::Person;

use crate::hubs::{CHARNWOOD, agenda, day, decide, line, opened, planned, step};
use crate::world::World;

#[actix_web::test]
async fn one_decision_asks_several_services_and_keeps_the_dissent() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let body = json!({
        "outcome": "allocate", "reason": "Debt, and a boy with nowhere to go.",
        "allocations": [
            { "service": "intensive-family-support", "part": "lead", "case_type": "intensive-family-support" },
            { "service": "youth-work", "part": "supporting", "note": "Somewhere safe on Thursdays." }
        ],
        "dissent": [{ "who": "PC A Constable (invented)", "agency": "police", "words": "The risk is higher." }],
        "feedback": "Two services are asked to help."
    });
    let decided = decide(&world, &path, &id, &body).await.expect(200);
    assert_eq!((&decided.body["status"], &decided.body["outcome"]), (&json!("decided"), &json!("allocate")));
    let seen = world.app.get(&world.charnwood, &format!("/v1/referrals/{id}")).await.expect(200);
    assert_eq!(seen.body["status"], "offered");
    let decision = &seen.body["decisions"][1];
    assert_eq!((&decision["way"], &decision["dissent"][0]["agency"]), (&json!("meeting"), &json!("police")));
    assert_eq!(decision["reason"], "Debt, and a boy with nowhere to go.");
    let parts: Vec<(&Value, &Value)> =
        seen.body["allocations"].as_array().unwrap().iter().map(|a| (&a["service"], &a["part"])).collect();
    assert!(parts.contains(&(&json!("youth-work"), &json!("supporting"))), "{parts:?}");
    let school = world.app.get(&world.school, &format!("/v1/referrals/{id}")).await.expect(200);
    assert!(school.body["decisions"][1].get("dissent").is_none());
    let feedback = world.app.get(&world.school, &format!("/v1/referrals/{id}/feedback")).await.expect(200);
    assert_eq!(feedback.body.as_array().unwrap().last().unwrap()["message"], "Two services are asked to help.");
    let told = world.told("hub.item_decided.v1").await;
    assert_eq!(told[0]["services"], json!(["intensive-family-support", "youth-work"]));
    assert_eq!((&told[0]["service"], &told[0]["way"]), (&json!("intensive-family-support"), &json!("meeting")));
    assert_eq!(world.told("referral.hub_decided.v1").await[0]["service"], "intensive-family-support");
    // Each sees that the other helps, and not the other's allocation.
    let kit = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    let (lead, support) = (world.newest_allocation(&world.family_worker).await, world.newest_allocation(&kit).await);
    let mine = world.app.get(&kit, &format!("/v1/allocations/{support}")).await.expect(200);
    assert_eq!(
        mine.body["alongside"][0],
        json!({ "service": "intensive-family-support", "part": "lead", "status": "offered" })
    );
    assert_eq!(mine.body["asked_for"], "Somewhere safe on Thursdays.");
    world.app.get(&kit, &format!("/v1/allocations/{lead}")).await.expect(404);
    // The one that supports begins; the referral waits for the one that leads.
    world.answer(&kit, &support, "acceptance", &json!({})).await.expect(200);
    assert_eq!(world.status(&id).await, "offered");
    world.change(&world.school, &id, "withdrawal", &json!({ "reason": "x" })).await.expect(409);
    world.answer(&world.family_worker, &lead, "acceptance", &json!({})).await.expect(200);
    assert_eq!(world.status(&id).await, "in_service");
    // The one that led ends its work; the family is not let go while the other helps.
    let done = json!({ "outcome": "needs_partly_met", "summary": "The debts are settled." });
    world.answer(&world.family_worker, &lead, "closure", &done).await.expect(200);
    assert_eq!(world.status(&id).await, "in_service");
    world.answer(&kit, &support, "closure", &done).await.expect(200);
    assert_eq!(world.status(&id).await, "closed");
    assert_eq!(world.told("referral.closed.v1").await.len(), 1);
}

#[actix_web::test]
async fn what_a_supporting_service_declines_is_never_unseen() {
    let world = World::new().await;
    let id = world.listed().await;
    let body = json!({ "outcome": "allocate", "reason": "x", "allocations": [
        { "service": "intensive-family-support", "part": "lead" }, { "service": "youth-work", "part": "supporting" }] });
    world.change(&world.charnwood, &id, "hub-decision", &body).await.expect(200);
    let kit = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    let support = world.newest_allocation(&kit).await;
    world.answer(&kit, &support, "decline", &json!({ "reason": "No room on Thursdays." })).await.expect(200);
    assert_eq!(world.status(&id).await, "offered", "the one that leads is still asked");
    world.app.get(&kit, &format!("/v1/referrals/{id}")).await.expect(404);
    let alerts = world.app.get(&world.charnwood, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "supporting_service_declined");
    let notes = world.app.get(&world.charnwood, &format!("{CHARNWOOD}/notes")).await.expect(200);
    assert_eq!(notes.body["items"][0]["allocation_id"], support.as_str());
    assert_eq!(notes.body["items"][0]["added_because"], "No room on Thursdays.");
    // A note that a meeting does not come to waits for the next one.
    let path = opened(&world).await;
    assert_eq!(agenda(&world, &path).await.len(), 1);
    step(&world, &path, "closure", &json!({ "minutes": "Too short." })).await.expect(200);
    let next = opened(&world).await;
    assert_eq!(agenda(&world, &next).await[0]["about"], "supporting_service_declined");
    // The one that leads declines too: the hub's again, whoever supports.
    let lead = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &lead, "decline", &json!({ "reason": "Full." })).await.expect(200);
    assert_eq!(world.status(&id).await, "listed_for_hub");
}

#[actix_web::test]
async fn a_service_that_supports_may_lead_and_nobody_is_let_go_while_it_helps() {
    let world = World::new().await;
    let id = world.listed().await;
    let both = json!({ "outcome": "allocate", "reason": "x", "allocations": [
        { "service": "intensive-family-support", "part": "lead" }, { "service": "youth-work", "part": "supporting" }] });
    world.change(&world.charnwood, &id, "hub-decision", &both).await.expect(200);
    let kit = Person::new("kit", "county-council", Role::ServiceWorker).team("youth-work");
    let support = world.newest_allocation(&kit).await;
    world.answer(&kit, &support, "acceptance", &json!({})).await.expect(200);
    let lead = world.newest_allocation(&world.family_worker).await;
    world.answer(&world.family_worker, &lead, "decline", &json!({ "reason": "Full." })).await.expect(200);
    let end = json!({ "outcome": "no_further_action", "reason": "x" });
    let refused = world.change(&world.charnwood, &id, "hub-decision", &end).await.expect(409);
    assert!(refused.body["detail"].as_str().unwrap().starts_with("youth-work still supports"), "{}", refused.body);
    let twice = json!({ "outcome": "allocate", "reason": "x", "allocations": [
        { "service": "childrens-centre", "part": "lead" }, { "service": "youth-work", "part": "supporting" }] });
    let refused = world.change(&world.charnwood, &id, "hub-decision", &twice).await.expect(422);
    assert_eq!(refused.pointers(), ["/allocations/1/service"]);
    let on = json!({ "outcome": "allocate", "reason": "It knows the boy.", "service": "youth-work" });
    let decided = world.change(&world.charnwood, &id, "hub-decision", &on).await.expect(200);
    assert_eq!(decided.body["status"], "in_service");
    assert_eq!(world.app.get(&kit, &format!("/v1/allocations/{support}")).await.body["part"], "lead");
    assert_eq!(world.told("allocation.part_changed.v1").await[0]["part"], "lead");
}

#[actix_web::test]
async fn a_decision_names_every_field_that_does_not_fit() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let lead = |service: &str| json!({ "service": service, "part": "lead" });
    let support = |service: &str| json!({ "service": service, "part": "supporting" });
    for (body, pointers) in [
        (json!({ "outcome": "allocate", "reason": " " }), vec!["/reason"]),
        (json!({ "outcome": "allocate", "reason": "x" }), vec!["/service"]),
        (json!({ "outcome": "allocate", "reason": "x", "allocations": [support("youth-work")] }), vec!["/allocations"]),
        (
            json!({ "outcome": "allocate", "reason": "x", "allocations": [lead("youth-work"), lead("childrens-centre")] }),
            vec!["/allocations"],
        ),
        (
            json!({ "outcome": "allocate", "reason": "x", "allocations": [lead("youth-work"), support("youth-work")] }),
            vec!["/allocations/1/service"],
        ),
        (
            json!({ "outcome": "allocate", "reason": "x", "allocations": [lead("alchemy")] }),
            vec!["/allocations/0/service"],
        ),
        (
            json!({ "outcome": "allocate", "reason": "x", "service": "youth-work", "allocations": [lead("youth-work")] }),
            vec!["/service"],
        ),
        (json!({ "outcome": "defer", "reason": "x" }), vec!["/missing", "/until"]),
        (
            json!({ "outcome": "defer", "reason": "x", "missing": "The school's answer.", "until": day(0) }),
            vec!["/until"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "missing": "y", "until": day(9) }),
            vec!["/missing", "/until"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "service": "youth-work", "urgent": true }),
            vec!["/service", "/urgent"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "panel": "oracle", "panel_reason": "y" }),
            vec!["/panel"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x",
                "panel_dissent": [{ "who": "A", "agency": "police", "words": "x" }] }),
            vec!["/panel_dissent"],
        ),
        (json!({ "outcome": "no_further_action", "reason": "x", "panel": "channel" }), vec!["/panel_reason"]),
        (json!({ "outcome": "social_care", "reason": "x", "panel_reason": "y" }), vec!["/panel_reason"]),
        (
            json!({ "outcome": "defer", "reason": "x", "missing": "y", "until": day(9), "panel": "channel" }),
            vec!["/panel"],
        ),
        (
            json!({ "outcome": "no_further_action", "reason": "x", "dissent": [{ "who": "", "agency": "Police!" }] }),
            vec!["/dissent/0/agency", "/dissent/0/who", "/dissent/0/words"],
        ),
    ] {
        let refused = decide(&world, &path, &id, &body).await.expect(422);
        assert_eq!(refused.pointers(), pointers, "{body}");
    }
    assert_eq!(world.status(&id).await, "listed_for_hub");
    let (item, etag) = line(&world, &path, &id).await;
    let end = json!({ "outcome": "no_further_action", "reason": "x" });
    world.app.post(&world.charnwood, &format!("{item}/decision"), &end).await.expect(428);
    world.app.post_on(&world.melton, &format!("{item}/decision"), &etag, &end).await.expect(404);
    world.app.post_on(&world.officer, &format!("{item}/decision"), &etag, &end).await.expect(404);
}

#[actix_web::test]
async fn each_outcome_of_a_meeting_leads_where_it_should() {
    let world = World::new().await;
    let ids = [world.listed().await, world.listed().await, world.listed().await];
    let path = opened(&world).await;
    for (id, (outcome, status)) in ids.iter().zip([
        ("social_care", "with_social_care"),
        ("information_and_advice", "closed"),
        ("no_further_action", "closed"),
    ]) {
        decide(&world, &path, id, &json!({ "outcome": outcome, "reason": "Because." })).await.expect(200);
        assert_eq!(world.status(id).await, status, "{outcome}");
    }
    // Social care's step stands among the referral's steps, and First Response hears of it at once.
    let steps = world.app.get(&world.officer, &format!("/v1/referrals/{}/steps", ids[0])).await.expect(200);
    assert_eq!((&steps.body[0]["direction"], &steps.body[0]["acting_as"]), (&json!("up"), &json!("hub:charnwood")));
    let alerts = world.app.get(&world.officer, "/v1/alerts?state=urgent").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "stepped_up");
    assert_eq!(world.told("referral.stepped_up.v1").await[0]["by"], "hub");
    let seen = world.app.get(&world.charnwood, &path).await.expect(200);
    assert_eq!(seen.body["items"]["decided"], 3);
}

#[actix_web::test]
async fn what_is_put_off_comes_back_on_its_day() {
    let world = World::new().await;
    let id = world.listed().await;
    let path = opened(&world).await;
    let later = json!({ "outcome": "defer", "reason": "We can't tell without the school.", "missing": "The school's answer.", "until": day(14) });
    let deferred = decide(&world, &path, &id, &later).await.expect(200);
    assert_eq!((&deferred.body["status"], &deferred.body["outcome"]), (&json!("deferred"), &json!("defer")));
    assert_eq!(world.status(&id).await, "listed_for_hub");
    let told = world.told("hub.item_decided.v1").await;
    assert_eq!((&told[0]["outcome"], &told[0]["deferred_until"]), (&json!("defer"), &json!(day(14))));
    assert_eq!(world.told("referral.hub_decided.v1").await, Vec::<Value>::new());
    step(&world, &path, "closure", &json!({ "minutes": "One put off." })).await.expect(200);
    // Not on an agenda before its day, unless somebody says so; on its day by itself.
    let soon = planned(&world).await;
    let build = |path: &str| format!("{path}/agenda/build");
    let built = world.app.post(&world.charnwood, &build(&soon), &json!({})).await.expect(200);
    assert_eq!(built.body["added"], 0);
    let body = json!({ "held_on": Utc::now() + TimeDelta::days(15) });
    step(&world, &soon, "change", &body).await.expect(200);
    world.app.post(&world.charnwood, &build(&soon), &json!({})).await.expect(200);
    let items = agenda(&world, &soon).await;
    assert_eq!(items[0]["deferrals"][0]["missing"], "The school's answer.");
    // The hub is reminded when the day has passed; and no more, once it has decided.
    let mut background = world.app.background.connection().await.unwrap();
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(17)).await.unwrap(), 1);
    let alerts = world.app.get(&world.charnwood, "/v1/alerts").await.expect(200);
    assert_eq!(alerts.body["items"][0]["kind"], "hub_deferral");
    step(&world, &soon, "opening", &json!({})).await.expect(200);
    decide(&world, &soon, &id, &json!({ "outcome": "no_further_action", "reason": "All is well." })).await.expect(200);
    assert_eq!(chase(&mut background, Utc::now() + TimeDelta::days(60)).await.unwrap(), 0);
    let history = world.app.get(&world.officer, &format!("/v1/referrals/{id}/history")).await.expect(200);
    let line = history.body.as_array().unwrap().iter().find(|line| line["what"] == "deferred").unwrap().clone();
    assert_eq!((&line["why"], &line["who"]), (&json!("The school's answer."), &json!("harper")));
}

#[actix_web::test]
async fn a_hub_that_had_the_referral_before_decides_no_more() {
    let world = World::new().await;
    let id = world.listed().await;
    world.change(&world.officer, &id, "step", &json!({ "direction": "up", "reason": "At risk." })).await.expect(200);
    let down = json!({ "direction": "down", "level_of_need": 2, "locality": "melton", "reason": "Moved to Melton.",
        "social_care_did": "An assessment.", "social_care_reference": "SC-0000-INVENTED" });
    world.change(&world.officer, &id, "step", &down).await.expect(200);
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(403);
    world.change(&world.melton, &id, "hub-decision", &World::to_family_support()).await.expect(200);
}

#[actix_web::test]
async fn whoever_referred_hears_the_hub_s_decision_and_when_is_a_fact() {
    let world = World::new().await;
    // Listed by the hub's own member: nobody has decided yet.
    let mut form = World::form();
    form["kind"] = json!("hub_listing");
    let id = world.app.post(&world.charnwood, "/v1/referrals", &form).await.expect(201).id();
    assert_eq!(world.events(&id, "referral.referrer_told.v1").await.len(), 0);
    world.app.advance(TimeDelta::hours(5));
    world.change(&world.charnwood, &id, "hub-decision", &World::to_family_support()).await.expect(200);
    let told = world.events(&id, "referral.referrer_told.v1").await;
    assert_eq!((told.len(), &told[0]["hours"], &told[0]["in_time"]), (1, &json!(5), &json!(true)));
    assert_eq!((&told[0]["agency"], &told[0]["locality"]), (&json!("district-charnwood"), &json!("charnwood")));
    // Where the front door decided first, that was the first telling.
    let other = world.listed().await;
    world.change(&world.charnwood, &other, "hub-decision", &World::to_family_support()).await.expect(200);
    assert_eq!(world.events(&other, "referral.referrer_told.v1").await.len(), 1);
    // A step up is a decision too.
    let third = world.app.post(&world.charnwood, "/v1/referrals", &form).await.expect(201).id();
    let up = json!({ "direction": "up", "reason": "He is hit at home." });
    world.change(&world.charnwood, &third, "step", &up).await.expect(200);
    assert_eq!(world.events(&third, "referral.referrer_told.v1").await.len(), 1);
}
