//! A day of four hundred early-help referrals, with two hubs meeting at once: told by systems, drafts
//! and a file, some of them twice; screened by several officers, some of them the same one at the same
//! moment; decided and answered likewise. Nothing is lost, nothing is there twice, nobody is
//! overwritten, nothing is allocated to nobody, and the figures are what the test itself counts.

mod count;
mod hubs;
mod morning;

use std::collections::{BTreeMap, BTreeSet};

use e2e::{Answer, Caller, County, until};
use reqwest::Method;
use serde_json::{Value, json};
use stack::demonstration::PASSWORD;
use stack::system::SystemOptions;

use count::{counted, figure_is, stored};
use hubs::{answered, desk, meeting};
use morning::{screened, told};

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
