//! What is told in the morning, and what First Response makes of it.

use std::collections::BTreeSet;

use e2e::{Answer, Caller, County};
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};

use super::{ALL, AT_ONCE, DISTRICTS, DRAFTED, FILED, Ledger, Line, OFFICERS, REPEATED, SINGLE, SYSTEMS};
use super::{all, change, form, path, rivals};

/// Told once, however often it has to be sent: now and then twice at the same moment.
async fn submit(caller: &Caller, n: usize, form: &Value) -> Answer {
    let key = format!("busy-day-{n}");
    let headers = [("idempotency-key", key.as_str())];
    let send = || caller.send(Method::POST, "/v1/referrals", &headers, Some(form));
    let mut first = send().await;
    if n.is_multiple_of(8) {
        let (again, more) = futures::join!(send(), send());
        for answer in [again, more] {
            assert!(answer.status == 409 || answer.body["id"] == first.body["id"], "{} {}", answer.status, answer.body);
        }
        first = send().await;
    }
    first.expect(201)
}

/// What is told in the morning: by systems, from drafts, as a file, and about some children again.
pub async fn told(county: &County) -> Ledger {
    let mut systems = Vec::new();
    for (system, agency) in SYSTEMS {
        systems.push((county.as_(system).await, agency));
    }
    let line = |id: String, n: usize, agency, urgent, repeat| {
        (
            id.clone(),
            Line { id, agency, district: DISTRICTS[n % 5], urgent, repeat, status: "received", ..Line::default() },
        )
    };
    let first = stream::iter(0..SINGLE + DRAFTED).map(|n| {
        let (caller, agency) = &systems[n % 3];
        let urgent = n % 24 == 7;
        async move {
            if n < SINGLE {
                return line(submit(caller, n, &form(n, urgent)).await.id(), n, agency, urgent, false);
            }
            let draft = caller.post("/v1/referral-drafts", &json!({ "form": form(n, urgent) })).await.expect(201);
            let path = format!("/v1/referral-drafts/{}", draft.id());
            let sent = change(caller, &format!("{path}/submission"), &draft.etag(), &json!({})).await.expect(201);
            caller.get(&path).await.expect(404);
            line(sent.id(), n, agency, urgent, false)
        }
    });
    let file = {
        let rows = (0..FILED).flat_map(|n| {
            let head =
                format!("{n},child,Filed{n},Busyday,2015-01-02,Mr A Clerk (invented),clerk,{}", DISTRICTS[n % 5]);
            [format!("{head},good-education,Often absent.\n"), format!("{n},parent,Parent{n},Busyday,,,,,,\n")]
        });
        "referral_key,relation,given_name,family_name,birth_date,referrer_name,referrer_role,locality,concerns,worries\n".to_owned()
            + &rows.collect::<String>()
    };
    let hillside = &systems[1].0;
    let (singles, batch) = futures::join!(
        first.buffer_unordered(AT_ONCE).collect::<Vec<_>>(),
        hillside.post_file("/v1/referral-batches", "text/csv", &file)
    );
    let mut ledger: Ledger = singles.into_iter().collect();
    let batch = batch.expect(201);
    assert_eq!((&batch.body["referrals"], &batch.body["refused_rows"]), (&json!(FILED), &json!(0)), "{}", batch.body);
    let rows = all(hillside, &format!("/v1/referral-batches/{}/rows", batch.id())).await;
    for row in rows.iter().step_by(2) {
        let n = row["row"].as_u64().map(|row| usize::try_from(row).unwrap() / 2 - 1).expect("its number");
        ledger.extend([line(row["referral_id"].as_str().expect("taken").to_owned(), n, SYSTEMS[1].1, false, false)]);
    }
    // Another agency tells of a child that was told of before.
    let again = stream::iter(0..REPEATED).map(|n| {
        let (caller, agency) = &systems[(n + 1) % 3];
        async move { line(submit(caller, ALL + n, &form(n, false)).await.id(), n, agency, false, true) }
    });
    ledger.extend(again.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await);
    assert_eq!(ledger.len(), ALL, "each has an id of its own");
    ledger
}

/// Three officers go through the queue; some decide the same referral at the same moment. The manager
/// signs off, or gives back.
pub async fn screened(county: &County, ledger: &mut Ledger) {
    let mut officers = Vec::new();
    for who in OFFICERS {
        officers.push(county.as_(who).await);
    }
    let manager = county.as_("morgan.manager").await;
    let queue = all(&manager, "/v1/referrals/queue").await;
    let waiting: BTreeSet<&str> = queue.iter().filter_map(|line| line["id"].as_str()).collect();
    assert_eq!(waiting, ledger.keys().map(String::as_str).collect(), "all of them wait");
    let urgent = ledger.values().filter(|line| line.urgent).count();
    assert!(urgent > 5 && queue.iter().take(urgent).all(|line| line["urgent"] == true), "the urgent ones first");
    let decision =
        |level: u8, outcome: &str| json!({ "level_of_need": level, "outcome": outcome, "reason": "Invented." });
    let (officers, manager) = (&officers, &manager);
    let decided = stream::iter(queue.iter().enumerate()).map(|(n, line)| {
        let id = line["id"].as_str().unwrap().to_owned();
        async move {
            let (path, officer) = (path(&id), &officers[n % 3]);
            let decide = format!("{path}/decision");
            let body = match n % 20 {
                0..=13 => decision(3, "early_help_hub"),
                14 | 15 => decision(1, "information_and_advice"),
                16 => decision(2, "no_further_action"),
                17 => decision(3, "youth_justice_prevention"),
                18 => decision(4, "social_care"),
                _ => return (id, "received", false),
            };
            let etag = officer.get(&path).await.expect(200).etag();
            if n % 10 == 3 {
                let advice = decision(1, "information_and_advice");
                let winner = rivals((officer, &body), (&officers[(n + 1) % 3], &advice), &decide, &etag).await;
                return (id, ["listed_for_hub", "closed"][winner], true);
            }
            change(officer, &decide, &etag, &body).await.expect(200);
            let agreed = n % 40 != 36;
            if matches!(n % 20, 16 | 18) {
                let answer = json!({ "agreed": agreed, "reason": "Invented." });
                manager.step(&path, "sign-off", &answer).await.expect(200);
            }
            let status = match n % 20 {
                0..=13 => "listed_for_hub",
                14 | 15 => "closed",
                16 if agreed => "closed",
                16 => "screening",
                17 => "offered",
                _ => "with_social_care",
            };
            (id, status, status != "screening")
        }
    });
    for (id, status, decided) in decided.buffer_unordered(AT_ONCE).collect::<Vec<_>>().await {
        let line = ledger.get_mut(&id).unwrap();
        (line.status, line.decided) = (status, decided);
        if status == "offered" {
            line.asked.insert("youth-justice-prevention", "offered");
        }
    }
}
