//! The hubs' afternoon, and what the services answer.

use std::collections::BTreeSet;

use chrono::{Days, TimeDelta, Utc};
use e2e::County;
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::{AT_ONCE, Ledger, TEAMS, all, change, path, rivals};

/// Asks services; the first leads.
fn asking(services: &[&'static str]) -> Value {
    let parts = ["lead", "supporting"];
    let asked: Vec<Value> =
        services.iter().zip(parts).map(|(service, part)| json!({ "service": service, "part": part })).collect();
    json!({ "outcome": "allocate", "allocations": asked, "reason": "Invented." })
}

/// What came of a referral at a hub: its status, and who was asked.
pub type AtHub = (String, &'static str, Vec<&'static str>);

/// A district's hub meets; three members decide at once, some of them the same line.
pub async fn meeting(county: &County, district: &str, members: [&str; 3], listed: BTreeSet<String>) -> Vec<AtHub> {
    let mut callers = Vec::new();
    for who in members {
        callers.push(county.as_(who).await);
    }
    let callers = &callers;
    let list = format!("/v1/hubs/{district}/meetings");
    let seats =
        members.map(|who| json!({ "name": format!("{who} (invented)"), "agency": format!("district-{district}") }));
    let meeting = json!({ "held_on": Utc::now() + TimeDelta::hours(1), "chair": members[0], "members": seats });
    let meeting = &format!("{list}/{}", callers[0].post(&list, &meeting).await.expect(201).id());
    let opened = callers[0].step(meeting, "opening", &json!({})).await.expect(200);
    let agenda = all(&callers[0], &format!("{meeting}/agenda")).await;
    let on_it: BTreeSet<String> =
        agenda.iter().map(|item| item["referral"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((agenda.len(), &on_it), (listed.len(), &listed), "each that is listed once");
    let until = Utc::now().date_naive() + Days::new(7);
    let decided = stream::iter(agenda.iter().enumerate()).map(|(n, item)| async move {
        let id = item["referral"]["id"].as_str().unwrap().to_owned();
        let line = format!("{meeting}/agenda/{}/decision", item["id"].as_str().unwrap());
        let (body, status, asked) = match n % 5 {
            0 => (asking(&["intensive-family-support"]), "offered", vec!["intensive-family-support"]),
            1 => (asking(&["childrens-centre"]), "offered", vec!["childrens-centre"]),
            2 => {
                let both = vec!["intensive-family-support", "youth-work"];
                (asking(&both), "offered", both)
            }
            3 => (json!({ "outcome": "information_and_advice", "reason": "Invented." }), "closed", vec![]),
            _ => (
                json!({ "outcome": "defer", "reason": "Invented.", "missing": "The school.", "until": until }),
                "listed_for_hub",
                vec![],
            ),
        };
        let etag = item["etag"].as_str().unwrap();
        if n % 4 != 0 {
            change(&callers[n % 3], &line, etag, &body).await.expect(200);
            return (id, status, asked);
        }
        let other = asking(&["youth-work"]);
        match rivals((&callers[n % 3], &body), (&callers[(n + 1) % 3], &other), &line, etag).await {
            0 => (id, status, asked),
            _ => (id, "offered", vec!["youth-work"]),
        }
    });
    let decided = decided.buffer_unordered(AT_ONCE / 2).collect::<Vec<_>>().await;
    let came: Vec<Value> = opened.body["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| json!({ "id": one["id"], "attendance": "attended" }))
        .collect();
    callers[0].step(meeting, "attendance", &json!({ "members": came })).await.expect(200);
    callers[0].step(meeting, "closure", &json!({ "minutes": "A long day." })).await.expect(200);
    decided
}

/// The third hub works at its desk, two at it.
pub async fn desk(county: &County, listed: BTreeSet<String>) -> Vec<AtHub> {
    let callers = &[county.as_("hinnah.hub").await, county.as_("hedy.hub").await];
    let decided = stream::iter(listed.into_iter().enumerate()).map(|(n, id)| async move {
        let decision = format!("{}/hub-decision", path(&id));
        let etag = callers[0].get(&path(&id)).await.expect(200).etag();
        let (one, other) = (asking(&["youth-work"]), asking(&["childrens-centre"]));
        let winner = match n % 3 {
            0 => rivals((&callers[0], &one), (&callers[1], &other), &decision, &etag).await,
            _ => {
                change(&callers[n % 2], &decision, &etag, &one).await.expect(200);
                0
            }
        };
        (id, "offered", vec![["youth-work", "childrens-centre"][winner]])
    });
    decided.buffer_unordered(AT_ONCE / 2).collect().await
}

/// The services answer: a third is taken on, a third declined, a third still waits in the evening.
pub async fn answered(county: &County, ledger: &mut Ledger) {
    for (service, worker) in TEAMS {
        let worker = county.as_(worker).await;
        let offered = all(&worker, "/v1/allocations?status=offered").await;
        let asked: BTreeSet<&str> = offered.iter().map(|one| one["referral_id"].as_str().unwrap()).collect();
        let by_ledger: BTreeSet<&str> =
            ledger.values().filter(|line| line.asked.contains_key(service)).map(|line| line.id.as_str()).collect();
        assert_eq!((offered.len(), asked), (by_ledger.len(), by_ledger), "{service} sees each of its own once");
        assert!(offered.iter().all(|one| one["answer_clock"] == "due"), "each has its clock");
        let worker = &worker;
        let answers = stream::iter(offered.iter().enumerate()).map(|(n, one)| async move {
            let allocation = format!("/v1/allocations/{}", one["id"].as_str().unwrap());
            let leads = one["part"] == "lead";
            let answer = match n % 3 {
                0 => {
                    let etag = worker.get(&allocation).await.expect(200).etag();
                    let (acceptance, nothing) = (format!("{allocation}/acceptance"), json!({}));
                    rivals((worker, &nothing), (worker, &nothing), &acceptance, &etag).await;
                    "accepted"
                }
                1 => {
                    worker.step(&allocation, "decline", &json!({ "reason": "Invented." })).await.expect(200);
                    "declined"
                }
                _ => "offered",
            };
            (one["referral_id"].as_str().unwrap().to_owned(), leads, answer)
        });
        for (id, leads, answer) in answers.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
            let line = ledger.get_mut(&id).unwrap();
            line.asked.insert(service, answer);
            match answer {
                "accepted" if leads => line.status = "in_service",
                "declined" if leads => line.status = "listed_for_hub",
                _ => {}
            }
        }
    }
}
