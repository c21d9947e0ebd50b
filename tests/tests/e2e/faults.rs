//! No acknowledged write is lost or doubled; and what is away is said to be away, quickly.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use e2e::{Caller, County};
use serde_json::{Value, json};
use stack::system::{Process, SystemOptions};

fn form(number: usize) -> Value {
    json!({
        "referrer": { "name": "Ms A Teacher (invented)", "role": "teacher" },
        "people": [{ "relation": "child", "given_name": format!("Child{number}"), "family_name": "Faultcase", "birth_date": "2015-01-01" }],
        "locality": "melton", "concerns": ["good-education"], "worries": "Often absent."
    })
}

/// Sends until stopped. The ledger: each key with the reference it was answered with, if it was.
async fn send_until(stop: Arc<AtomicBool>, school: Caller, sender: usize) -> BTreeMap<String, Option<String>> {
    let mut ledger = BTreeMap::new();
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        let key = format!("ledger-{sender}-{number}");
        let sent = school
            .try_send(reqwest::Method::POST, "/v1/referrals", &[("idempotency-key", &key)], Some(&form(number)))
            .await;
        let reference = match sent {
            Ok(answer) if answer.status == 201 => answer.body["reference"].as_str().map(str::to_owned),
            Ok(answer) => {
                assert!(matches!(answer.status, 409 | 502 | 503 | 504), "{} {}", answer.status, answer.body);
                None
            }
            Err(_) => None,
        };
        if reference.is_none() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        ledger.insert(key, reference);
        number += 1;
    }
    ledger
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_acknowledged_write_is_lost_or_doubled_whatever_is_killed() {
    let county = County::start(SystemOptions::durable().unwrap()).await;
    let school = county.as_("greenfield-school-system").await;
    let stop = Arc::new(AtomicBool::new(false));
    let senders: Vec<_> = (0..4).map(|n| tokio::spawn(send_until(stop.clone(), school.clone(), n))).collect();
    for process in [Process::Referral, Process::Gateway, Process::Performance, Process::YouthJustice, Process::Referral]
    {
        tokio::time::sleep(Duration::from_millis(700)).await;
        county.system.restart(process).await.unwrap();
    }
    let cluster = county.system.cluster().expect("its own cluster");
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.kill();
    tokio::time::sleep(Duration::from_millis(500)).await;
    cluster.resume().unwrap();
    county.system.redis().expect("its own Redis").kill();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    county.system.redis().unwrap().resume().unwrap();
    stop.store(true, Ordering::Relaxed);
    let mut ledger = BTreeMap::new();
    for sender in senders {
        ledger.extend(sender.await.unwrap());
    }
    let unanswered = ledger.values().filter(|reference| reference.is_none()).count();
    for process in Process::ALL {
        county.system.ready(process).await.unwrap();
    }
    // What was not answered is settled by sending it again under its key.
    let school = county.as_("greenfield-school-system").await;
    for (key, reference) in &mut ledger {
        if reference.is_none() {
            let number: usize = key.rsplit('-').next().unwrap().parse().unwrap();
            let mut settled = None;
            for _ in 0..50 {
                let again = school
                    .send(reqwest::Method::POST, "/v1/referrals", &[("idempotency-key", key)], Some(&form(number)))
                    .await;
                if again.status == 201 {
                    settled = again.body["reference"].as_str().map(str::to_owned);
                    break;
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            *reference = Some(settled.unwrap_or_else(|| panic!("{key} was never settled")));
        }
    }
    let mut promised: Vec<String> = ledger.into_values().flatten().collect();
    promised.sort();
    let mut stored: Vec<String> = county.database(Process::Referral).await.all("SELECT reference FROM referral").await;
    stored.sort();
    println!("{} writes, {unanswered} of them first unanswered", promised.len());
    assert!(promised.len() > 50 && unanswered > 0, "{} {unanswered}: nothing was tried", promised.len());
    assert_eq!(promised, stored);
    county.system.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_away_is_said_to_be_away_within_two_seconds() {
    let county = County::start(SystemOptions::durable().unwrap()).await;
    let school = county.as_("greenfield-school-system").await;
    let board = county.as_("bea.board").await;
    let id = school.post("/v1/referrals", &form(0)).await.expect(201).id();
    let path = format!("/v1/referrals/{id}");

    // Redis gone: reads and writes go on.
    county.system.redis().expect("its own Redis").kill();
    school.get(&path).await.expect(200);
    school.post("/v1/referrals", &form(1)).await.expect(201);
    county.system.redis().unwrap().resume().unwrap();

    // One service gone: its addresses say so, the others answer.
    county.system.kill(Process::Referral);
    let asked = Instant::now();
    let away = school.get(&path).await;
    assert!(matches!(away.status, 502 | 503), "{} {}", away.status, away.body);
    assert!(asked.elapsed() < Duration::from_secs(2));
    assert!(away.body["type"].is_string());
    board.get("/v1/dashboards/partnership").await.expect(200);
    county.system.restart(Process::Referral).await.unwrap();
    school.get(&path).await.expect(200);

    // PostgreSQL gone: 503 within two seconds, and back when it is.
    let cluster = county.system.cluster().expect("its own cluster");
    cluster.kill();
    for _ in 0..3 {
        let asked = Instant::now();
        let away = school.get(&path).await;
        assert_eq!(away.status, 503, "{}", away.body);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
        let asked = Instant::now();
        school.post("/v1/referrals", &form(2)).await.expect(503);
        assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    }
    cluster.resume().unwrap();
    let mut back = school.get(&path).await;
    for _ in 0..50 {
        if back.status == 200 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
        back = school.get(&path).await;
    }
    back.expect(200);
    county.system.stop().await.unwrap();
}
