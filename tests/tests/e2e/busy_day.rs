//! A day of four hundred early-help referrals, with two hubs meeting at once: told by systems, drafts
//! and a file, some of them twice; screened by several officers, some of them the same one at the same
//! moment; decided and answered likewise. Nothing is lost, nothing is there twice, nobody is
//! overwritten, nothing is allocated to nobody, and the figures are what the test itself counts.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, TimeDelta, Utc};
use e2e::{Answer, Caller, County, until};
use futures::{StreamExt, stream};
use reqwest::Method;
use serde_json::{Value, json};
use stack::demonstration::PASSWORD;
use stack::system::{Process, SystemOptions};

/// How many requests are under way at once.
const AT_ONCE: usize = 12;
const SINGLE: usize = 290;
const DRAFTED: usize = 20;
const FILED: usize = 60;
const REPEATED: usize = 30;
const ALL: usize = SINGLE + DRAFTED + FILED + REPEATED;

const SYSTEMS: [(&str, &str); 3] = [
    ("greenfield-school-system", "greenfield-academy"),
    ("hillside-school-system", "hillside-primary"),
    ("police-system", "police"),
];
const DISTRICTS: [&str; 5] = ["charnwood", "melton", "charnwood", "melton", "hinckley-and-bosworth"];
const OFFICERS: [&str; 3] = ["olive.officer", "pat.officer", "quinn.officer"];
const TEAMS: [(&str, &str); 3] =
    [("intensive-family-support", "felix.family"), ("childrens-centre", "chloe.centre"), ("youth-work", "yara.youth")];

/// One referral, as the test knows it from what it told and was answered.
#[derive(Clone, Debug, Default)]
struct Line {
    id: String,
    agency: &'static str,
    district: &'static str,
    urgent: bool,
    repeat: bool,
    status: &'static str,
    /// Whether the front door's decision stands.
    decided: bool,
    /// Who was asked: the service, and where that stands.
    asked: BTreeMap<&'static str, &'static str>,
}

type Ledger = BTreeMap<String, Line>;

fn path(id: &str) -> String {
    format!("/v1/referrals/{id}")
}

fn form(child: usize, urgent: bool) -> Value {
    let mut form = json!({
        "referrer": { "name": "Ms A Referrer (invented)", "role": "teacher" }, "family_knows": true,
        "people": [{ "relation": "child", "given_name": format!("Child{child}"), "family_name": "Busyday", "birth_date": "2014-05-06" },
            { "relation": "parent", "given_name": format!("Parent{child}"), "family_name": "Busyday" }],
        "locality": DISTRICTS[child % 5], "concerns": ["good-education"], "worries": "Often absent (invented)."
    });
    if urgent {
        form["urgency"] = json!({ "kind": "immediate_safeguarding", "why": "Invented." });
    }
    form
}

/// A change under this version and a key of its own.
async fn change(caller: &Caller, path: &str, etag: &str, body: &Value) -> Answer {
    let key = uuid::Uuid::now_v7().to_string();
    caller.send(Method::POST, path, &[("idempotency-key", &key), ("if-match", etag)], Some(body)).await
}

/// Two people do something on the same version at once: exactly one of them does, and which.
async fn rivals(one: (&Caller, &Value), other: (&Caller, &Value), path: &str, etag: &str) -> usize {
    let (first, second) = futures::join!(change(one.0, path, etag, one.1), change(other.0, path, etag, other.1));
    let told = [first.status, second.status];
    let one_of_each = told.contains(&200) && told.iter().any(|status| matches!(status, 409 | 412));
    assert!(one_of_each, "one does it and the other is told: {told:?} {} {}", first.body, second.body);
    usize::from(second.status == 200)
}

/// All items of a list, page by page.
async fn all(caller: &Caller, list: &str) -> Vec<Value> {
    let (mut items, mut next) = (Vec::new(), Some(String::new()));
    let joint = if list.contains('?') { '&' } else { '?' };
    while let Some(cursor) = next {
        let after = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
        let page = caller.get(&format!("{list}{joint}limit=100{after}")).await.expect(200);
        items.extend(page.items().iter().cloned());
        next = page.body["next"].as_str().map(str::to_owned);
    }
    items
}

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
async fn told(county: &County) -> Ledger {
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
async fn screened(county: &County, ledger: &mut Ledger) {
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

/// Asks services; the first leads.
fn asking(services: &[&'static str]) -> Value {
    let parts = ["lead", "supporting"];
    let asked: Vec<Value> =
        services.iter().zip(parts).map(|(service, part)| json!({ "service": service, "part": part })).collect();
    json!({ "outcome": "allocate", "allocations": asked, "reason": "Invented." })
}

/// What came of a referral at a hub: its status, and who was asked.
type AtHub = (String, &'static str, Vec<&'static str>);

/// A district's hub meets; three members decide at once, some of them the same line.
async fn meeting(county: &County, district: &str, members: [&str; 3], listed: BTreeSet<String>) -> Vec<AtHub> {
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
async fn desk(county: &County, listed: BTreeSet<String>) -> Vec<AtHub> {
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
async fn answered(county: &County, ledger: &mut Ledger) {
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

/// Numerator and denominator by part; a number, and 0.
type Counts = BTreeMap<&'static str, (i64, i64)>;
/// A referral's piece of a figure: the part, what it adds to the numerator and to the denominator.
type Piece = (&'static str, i64, i64);

/// What the figures should be, by the ledger: which, by what, and how much.
fn counted(ledger: &Ledger) -> Vec<(&'static str, &'static str, Counts)> {
    let tally = |of: &dyn Fn(&Line) -> Vec<Piece>| {
        let mut counts = Counts::new();
        for (part, numerator, denominator) in ledger.values().flat_map(of) {
            let count = counts.entry(part).or_default();
            (count.0, count.1) = (count.0 + numerator, count.1 + denominator);
        }
        counts
    };
    let stands = |line: &Line| -> Vec<Piece> {
        line.asked.iter().filter(|asked| *asked.1 != "declined").map(|asked| (*asked.0, 1, 0)).collect()
    };
    let some = |yes: bool, of: &'static str, by: i64| if yes { vec![(of, 1, by)] } else { vec![] };
    vec![
        ("referrals_received", "locality", tally(&|line| vec![(line.district, 1, 0)])),
        ("referrals_by_kind", "part", tally(&|_| vec![("professional", 1, 0)])),
        ("urgent_referrals", "locality", tally(&|line| some(line.urgent, line.district, 0))),
        ("repeat_referrals", "locality", tally(&|line| vec![(line.district, i64::from(line.repeat), 1)])),
        ("decided_in_time", "locality", tally(&|line| some(line.decided, line.district, 1))),
        ("referrer_told_in_time", "part", tally(&|line| some(line.decided, line.agency, 1))),
        ("allocated_by_service", "service", tally(&stands)),
    ]
}

/// Holds a figure to the test's own count, as soon as the events have come.
async fn figure_is(analyst: &Caller, code: &str, by: &str, counts: &Counts) {
    let today = Utc::now().date_naive();
    let days = format!("from={}&to={}", today - Days::new(1), today + Days::new(1));
    let parts = |answer: &Answer| -> BTreeMap<String, (i64, i64)> {
        let parts = answer.body["parts"].as_array().into_iter().flatten();
        let number = |figure: &Value| match figure["denominator"].as_i64() {
            Some(denominator) => (figure["numerator"].as_i64().unwrap_or_default(), denominator),
            None => (figure["value"].as_i64().unwrap_or_default(), 0),
        };
        parts
            .map(|part| (part["code"].as_str().unwrap().to_owned(), number(&part["figure"])))
            .filter(|part| part.1 != (0, 0))
            .collect()
    };
    let wanted: BTreeMap<String, (i64, i64)> =
        counts.iter().map(|(part, count)| ((*part).to_owned(), *count)).collect();
    assert!(!wanted.is_empty(), "{code}: nothing to count");
    println!("{code} by {by}: {wanted:?}");
    until(analyst, &format!("/v1/indicators/{code}/figure?{days}&by={by}"), |answer| parts(answer) == wanted).await;
}

/// What the database holds, beside what the API says: every row, every clock, every trace.
async fn stored(county: &County, ledger: &Ledger) {
    let database = county.database(Process::Referral).await;
    let referrals: Vec<String> = database.all("SELECT id::text FROM referral ORDER BY id").await;
    assert_eq!(referrals, ledger.keys().cloned().collect::<Vec<_>>(), "none lost, none twice");
    let unseen: i64 = database
        .one(
            "SELECT count(*) FROM referral r WHERE status IN ('offered', 'in_service') AND NOT EXISTS (SELECT 1 FROM allocation a \
             WHERE a.referral_id = r.id AND a.status IN ('offered', 'waiting', 'accepted'))",
        )
        .await;
    assert_eq!(unseen, 0, "offered to somebody");
    let unclocked: i64 = database
        .one(
            "SELECT count(*) FROM allocation a WHERE status = 'offered' AND NOT EXISTS (SELECT 1 FROM deadline d \
             WHERE d.record_id = a.id AND d.code = 'allocation_answer' AND d.met_at IS NULL)",
        )
        .await;
    assert_eq!(unclocked, 0, "what waits for an answer is chased");
    let traced = async |actions: &str| -> BTreeMap<String, i64> {
        let rows: Vec<String> = database
            .all(&format!("SELECT record_id::text FROM audit_entry WHERE outcome = 'done' AND action IN ({actions}) AND record_id IS NOT NULL"))
            .await;
        rows.into_iter().fold(BTreeMap::new(), |mut counts, id| {
            *counts.entry(id).or_default() += 1;
            counts
        })
    };
    let decided = traced("'referral.decide'").await;
    let proposed = ledger.values().filter(|line| line.status != "received");
    for line in proposed {
        assert_eq!(decided.get(&line.id), Some(&1), "{line:?} was decided once");
    }
    let acceptances: i64 =
        database.one("SELECT count(*) FROM audit_entry WHERE outcome = 'done' AND action = 'allocation.answer'").await;
    let answers = ledger.values().flat_map(|line| line.asked.values()).filter(|status| **status != "offered").count();
    assert_eq!(acceptances, i64::try_from(answers).unwrap(), "each answer once");
    let told = traced("'referral.submit', 'draft.submit'").await;
    let directly = ledger.keys().filter(|id| told.contains_key(*id)).count();
    assert_eq!(directly, ALL - FILED, "each that was told singly has its trace; {told:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn four_hundred_referrals_and_two_hubs_at_once() {
    let county = County::start(SystemOptions::test().expect("options")).await;
    let admin = county.as_("admin").await;
    let people = [
        ("pat.officer", "county-council", "first_response_officer", "", "first-response"),
        ("quinn.officer", "county-council", "first_response_officer", "", "first-response"),
        ("yara.youth", "county-council", "service_worker", "", "youth-work"),
        ("hana.hub", "district-charnwood", "hub_member", "charnwood", ""),
        ("hugo.hub", "district-charnwood", "hub_member", "charnwood", ""),
        ("mira.hub", "district-melton", "hub_member", "melton", ""),
        ("milo.hub", "district-melton", "hub_member", "melton", ""),
        ("hedy.hub", "district-hinckley-and-bosworth", "hub_member", "hinckley-and-bosworth", ""),
    ];
    for (username, agency, role, district, team) in people {
        let some = |one: &str| if one.is_empty() { json!([]) } else { json!([one]) };
        let user = json!({ "username": username, "display_name": username, "agency": agency, "roles": [role],
            "localities": some(district), "teams": some(team), "password": PASSWORD });
        admin.post("/v1/users", &user).await.expect(201);
    }
    let began = std::time::Instant::now();
    let mut ledger = told(&county).await;
    println!("told after {:?}", began.elapsed());
    screened(&county, &mut ledger).await;
    println!("screened after {:?}", began.elapsed());
    let listed = |district: &str| -> BTreeSet<String> {
        let there = |line: &&Line| line.district == district && line.status == "listed_for_hub";
        ledger.values().filter(there).map(|line| line.id.clone()).collect()
    };
    let (charnwood, melton, hinckley) = futures::join!(
        meeting(&county, "charnwood", ["harper.hub", "hana.hub", "hugo.hub"], listed("charnwood")),
        meeting(&county, "melton", ["mel.hub", "mira.hub", "milo.hub"], listed("melton")),
        desk(&county, listed("hinckley-and-bosworth")),
    );
    for (id, status, asked) in charnwood.into_iter().chain(melton).chain(hinckley) {
        let line = ledger.get_mut(&id).unwrap();
        line.status = status;
        line.asked.extend(asked.into_iter().map(|service| (service, "offered")));
    }
    println!("met after {:?}", began.elapsed());
    answered(&county, &mut ledger).await;
    println!("answered after {:?}", began.elapsed());

    let officer = county.as_("olive.officer").await;
    let listed = all(&officer, "/v1/referrals").await;
    let stand: BTreeMap<&str, &str> =
        listed.iter().map(|line| (line["id"].as_str().unwrap(), line["status"].as_str().unwrap())).collect();
    let by_ledger: BTreeMap<&str, &str> = ledger.values().map(|line| (line.id.as_str(), line.status)).collect();
    assert_eq!((listed.len(), &stand), (ALL, &by_ledger), "each stands where the test left it");
    for (district, member) in
        [("charnwood", "harper.hub"), ("melton", "mel.hub"), ("hinckley-and-bosworth", "hinnah.hub")]
    {
        let waits = all(&county.as_(member).await, &format!("/v1/hubs/{district}/referrals")).await;
        let by_ledger =
            ledger.values().filter(|line| line.district == district && line.status == "listed_for_hub").count();
        assert_eq!(waits.len(), by_ledger, "what was deferred or declined waits at the hub of {district}");
    }
    let justice = county.as_("yusuf.justice").await;
    let offered = ledger.values().filter(|line| line.asked.contains_key("youth-justice-prevention")).count();
    until(&justice, "/v1/prevention-cases?limit=100", |page| page.items().len() == offered).await;
    stored(&county, &ledger).await;
    let analyst = county.as_("ana.analyst").await;
    for (code, by, counts) in counted(&ledger) {
        figure_is(&analyst, code, by, &counts).await;
    }
    println!("counted after {:?}", began.elapsed());
    county.system.stop().await.expect("it stops");
}
