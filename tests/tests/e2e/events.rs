//! Each event has its effect exactly once, whatever is killed or emptied meanwhile.

use std::time::Duration;

use e2e::{Caller, County, Database};
use serde_json::json;
use stack::system::{Process, SystemOptions};

async fn submit(school: &Caller, number: usize) -> Option<String> {
    let form = json!({
        "referrer": { "name": "Ms A Teacher (invented)", "role": "teacher" },
        "people": [{ "relation": "child", "given_name": format!("Child{number}"), "family_name": "Eventcase", "birth_date": "2015-01-01" }],
        "locality": "melton", "concerns": ["good-education"], "worries": "Often absent."
    });
    let key = format!("event-{number}");
    for _ in 0..200 {
        let sent =
            school.try_send(reqwest::Method::POST, "/v1/referrals", &[("idempotency-key", &key)], Some(&form)).await;
        if let Ok(answer) = sent
            && answer.status == 201
        {
            return Some(answer.id());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    None
}

/// Waits until the facts have caught up with the log, then counts what is missing and what is double.
async fn settled(log: &Database, facts: &Database) -> (i64, i64, i64) {
    for _ in 0..300 {
        let waiting: i64 = log.one("SELECT count(*) FROM event_log WHERE position IS NULL").await;
        let head: i64 = log.one("SELECT coalesce(max(position), 0) FROM event_log").await;
        let had: i64 = facts
            .one("SELECT coalesce(max(position), 0) FROM consumer_position WHERE consumer = 'performance-facts'")
            .await;
        if waiting == 0 && head == had {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let received: i64 = log.one("SELECT count(*) FROM event_log WHERE kind = 'referral.received.v1'").await;
    let projected: i64 = facts.one("SELECT count(*) FROM referral_fact").await;
    let dead: i64 = facts.one("SELECT count(*) FROM dead_letter").await;
    (received, projected, dead)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_effect_once_while_relay_consumer_and_redis_come_and_go() {
    let county = County::start(SystemOptions::test().unwrap()).await;
    let school = county.as_("greenfield-school-system").await;
    let sender = {
        let school = school.clone();
        tokio::spawn(async move {
            let mut sent = 0usize;
            for number in 0..150 {
                sent += usize::from(submit(&school, number).await.is_some());
            }
            sent
        })
    };
    for _ in 0..2 {
        county.system.redis().expect("its own Redis").flush().unwrap();
        county.system.restart(Process::Performance).await.unwrap();
        county.system.restart(Process::Referral).await.unwrap();
        county.system.redis().unwrap().kill();
        tokio::time::sleep(Duration::from_millis(600)).await;
        county.system.redis().unwrap().resume().unwrap();
    }
    assert_eq!(sender.await.unwrap(), 150);
    let log = county.database(Process::Referral).await;
    let facts = county.database(Process::Performance).await;
    assert_eq!(settled(&log, &facts).await, (150, 150, 0));
    let positions: Vec<i64> = log.all("SELECT position FROM event_log ORDER BY position").await;
    let gapless: Vec<i64> = (1..=i64::try_from(positions.len()).unwrap()).collect();
    assert_eq!(positions, gapless);

    // Told everything again, as after a consumer's backup was restored.
    county.system.kill(Process::Performance);
    facts.run("UPDATE consumer_position SET position = 0").await;
    county.system.restart(Process::Performance).await.unwrap();
    assert_eq!(settled(&log, &facts).await, (150, 150, 0));

    // A new epoch, as after the source's backup was restored.
    county.system.run(Process::Referral, &["new-epoch"], "").await.ok();
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(settled(&log, &facts).await, (150, 150, 0));
    assert!(submit(&school, 150).await.is_some());
    assert_eq!(settled(&log, &facts).await, (151, 151, 0));
    county.system.stop().await.unwrap();
}
