//! A record of the county for every id that an address asks for.

use std::collections::BTreeMap;

use e2e::{County, until};
use serde_json::json;
use stack::system::Process;

/// The records the operations are tried on: a referral of Greenfield's that the Charnwood hub
/// offered to family support, and a prevention case.
pub async fn records(county: &County) -> BTreeMap<&'static str, String> {
    let school = county.as_("greenfield-school-system").await;
    let officer = county.as_("olive.officer").await;
    let form = json!({
        "referrer": { "name": "Ms A Teacher (invented)", "role": "teacher" },
        "people": [{ "relation": "child", "given_name": "Clover", "family_name": "Accesscase", "birth_date": "2016-05-06" }],
        "locality": "charnwood", "concerns": ["good-education"], "worries": "Often absent."
    });
    let referral = school.post("/v1/referrals", &form).await.expect(201).id();
    let path = format!("/v1/referrals/{referral}");
    let to_hub = json!({ "level_of_need": 2, "outcome": "early_help_hub", "reason": "x" });
    officer.step(&path, "decision", &to_hub).await.expect(200);
    let allocate = json!({ "outcome": "allocate", "service": "intensive-family-support", "reason": "x" });
    let decided = county.as_("harper.hub").await.step(&path, "hub-decision", &allocate).await.expect(200);
    let allocation = decided.body["allocations"][0]["id"].as_str().unwrap().to_owned();
    let person = decided.body["people"][0]["person_id"].as_str().unwrap().to_owned();
    let said = school.post(&format!("{path}/messages"), &json!({ "words": "x" })).await.expect(201).id();
    let ask = json!({
        "agency": "greenfield-academy", "scopes": ["school-attendance"], "years_back": 1, "purpose": "hub-decision",
        "lawful_basis": "public-task", "people": [person]
    });
    let information = officer.post(&format!("{path}/information-requests"), &ask).await.expect(201).id();
    let other = school.post("/v1/referrals", &form).await.expect(201).id();
    let to_justice = json!({ "level_of_need": 3, "outcome": "youth_justice_prevention", "reason": "x" });
    officer.step(&format!("/v1/referrals/{other}"), "decision", &to_justice).await.expect(200);
    let justice = county.as_("yusuf.justice").await;
    let cases = until(&justice, "/v1/prevention-cases?limit=100", |page| {
        page.items().iter().any(|case| case["referral_id"] == other.as_str())
    })
    .await;
    let case = cases.items().iter().find(|case| case["referral_id"] == other.as_str()).unwrap()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let felix = county.as_("felix.family").await;
    let family = json!({ "people": [{ "person_id": person, "role": "child" }], "locality": "charnwood" });
    let family = felix.post("/v1/families", &family).await.expect(201).id();
    let asked = json!({ "case_type": "outreach", "request_reason": "x" });
    let family_case = felix.post(&format!("/v1/families/{family}/cases"), &asked).await.expect(201).id();
    let work = format!("/v1/cases/{family_case}");
    let today = chrono::Utc::now().date_naive();
    felix.step(&work, "engagement", &json!({ "engaged_on": today })).await.expect(200);
    let assessment = felix.post(&format!("{work}/assessments"), &json!({})).await.expect(201).id();
    let onward = json!({ "started_on": today, "onward_service": "x" });
    let followed = felix.post(&format!("{work}/follow-ups"), &onward).await.expect(201);
    let file = format!("/v1/cases/{family_case}");
    felix.post(&format!("{file}/plan"), &json!({ "goals": [{ "goal": "x" }] })).await.expect(201);
    let action = json!({ "what": "x", "owner": { "agency": "greenfield-academy" }, "due_on": "2099-01-01" });
    let action = felix.post(&format!("{file}/actions"), &action).await.expect(201).id();
    let meeting = json!({ "starts_at": "2026-01-05T15:30:00Z", "chair": "x", "invited": [{ "person_id": person }] });
    let meeting = felix.post(&format!("{file}/team-around"), &meeting).await.expect(201).id();
    let note = json!({ "occurred_at": "2026-01-05T15:30:00Z", "kind": "call", "words": "x" });
    let note = felix.post(&format!("{file}/notes"), &note).await.expect(201).id();
    let voice = json!({ "said_on": today, "whose": "family", "about": "wish", "words": "x" });
    let voice = felix.post(&format!("{file}/voices"), &voice).await.expect(201).id();
    let consent =
        json!({ "person_id": person, "given_on": today, "scope": "anonymous", "how": "x", "voices": [voice] });
    let consent = felix.post(&format!("{file}/case-study-consents"), &consent).await.expect(201).id();
    let sam = county.as_("sam.senior").await;
    let sample = json!({ "basis": "open", "from": today, "to": today, "team": "intensive-family-support", "size": 1, "due_on": "2099-01-01" });
    let sample = sam.post("/v1/audit-samples", &sample).await.expect(201);
    let audit = sample.body["files"][0]["id"].as_str().unwrap().to_owned();
    let audit_path = format!("/v1/case-audits/{audit}");
    let morgan = county.as_("morgan.manager").await;
    let users = county.database(Process::Gateway).await;
    let user: String = users.one("SELECT id::text FROM user_account WHERE username = 'morgan.manager'").await;
    let auditor = json!({ "user_id": user, "name": "Morgan Manager (invented)" });
    sam.step(&audit_path, "auditor", &auditor).await.expect(200);
    let follows = json!({ "what": "x", "owner": { "user_id": user, "name": "Morgan Manager (invented)" }, "due_on": "2099-01-01" });
    let follows = morgan.post(&format!("{audit_path}/actions"), &follows).await.expect(201).id();
    let hub = county.as_("harper.hub").await;
    let listed = school.post("/v1/referrals", &form).await.expect(201).id();
    officer.step(&format!("/v1/referrals/{listed}"), "decision", &to_hub).await.expect(200);
    let hub_meeting = json!({
        "held_on": "2027-01-05T09:30:00Z", "chair": "Harper Hub (invented)",
        "members": [{ "name": "Harper Hub (invented)", "agency": "district-charnwood" }]
    });
    let hub_meeting = hub.post("/v1/hubs/charnwood/meetings", &hub_meeting).await.expect(201).id();
    let line = json!({ "referral_id": listed, "reason": "x" });
    let line = hub.post(&format!("/v1/hubs/charnwood/meetings/{hub_meeting}/agenda"), &line).await.expect(201).id();
    let admin = county.as_("admin").await;
    let first = async |list: &str| admin.get(list).await.expect(200).items()[0]["id"].as_str().unwrap().to_owned();
    let council =
        json!({ "name": "The council of the access test (invented)", "description": "x", "agency": "county-council" });
    let council = admin.post("/v1/organisations", &council).await.expect(201).id();
    let offered = json!({
        "organisation_id": council, "name": "A service of the access test (invented)", "kind": "substance-misuse", "description": "x",
        "eligibility": { "minimum_age": 18, "needs": ["substance-use"], "levels": [2, 3, 4] },
        "capacity": { "places": 3, "taken": 2, "waiting_days": 7 }
    });
    let offered = admin.post("/v1/services", &offered).await.expect(201).id();
    let elsewhere = json!({ "origin": "https://access-test.example", "services": [{
        "id": "one", "name": "A service of the access test (invented)", "status": "inactive",
        "organization": { "id": "one", "name": "An organisation of the access test (invented)" } }] });
    let imported = admin.post("/v1/services/imports", &elsewhere).await.expect(201).id();
    let offer = json!({
        "organisation_id": admin.post("/v1/organisations", &json!({ "name": "A charity of the access test (invented)", "description": "x" })).await.expect(201).id(),
        "name": "Advice of the access test (invented)", "kind": "debt-advice", "description": "x"
    });
    let advice = admin.post("/v1/services", &offer).await.expect(201).id();
    let passed_on = json!({
        "referral_id": referral, "service_id": advice, "purpose": "x", "share": ["relations"], "reply_to": "x",
        "basis": { "basis": "public-task" }
    });
    let passed_on = felix.post("/v1/onward-referrals", &passed_on).await.expect(201).id();
    let governance = county.as_("ines.governance").await;
    let agreement = json!({
        "agency": "greenfield-academy", "title": "The access test (invented)", "purpose": "x", "lawful_basis": "public-task",
        "reasons": ["persistent-absence"], "fields": ["birth_date"], "starts_on": "2026-01-01", "review_on": "2099-01-01",
        "retention_days": 30
    });
    let agreement = governance.post("/v1/partner-agreements", &agreement).await.expect(201).id();
    let absent = json!({
        "relation": "child", "given_name": "Clover", "family_name": "Accesslist", "birth_date": "2016-05-06",
        "reason": "persistent-absence", "reason_on": "2026-01-05"
    });
    let list = json!({ "agreement_id": agreement, "drawn_on": today, "rows": [absent] });
    let list = school.post("/v1/partner-lists", &list).await.expect(201).id();
    let found = officer.get(&format!("/v1/partner-families?list_id={list}")).await.expect(200);
    let found = found.items()[0]["id"].as_str().unwrap().to_owned();
    let short_break = json!({
        "person": { "given_name": "Clover", "family_name": "Accessbreak", "birth_date": "2016-05-06" },
        "asker": { "name": "x", "is": "mother" }, "needs": ["autism"], "words": "x"
    });
    let short_break = school.post("/v1/short-breaks", &short_break).await.expect(201).id();
    let nothing = "0198c0de-0000-7000-8000-000000000001".to_owned();
    let analyst = county.as_("ana.analyst").await;
    let indicator = json!({
        "code": "access_test_rate", "title": "A rate of the access test (invented)", "numerator": "Things",
        "denominator": "People, in thousands", "unit": "rate_per_1000", "decimals": 2, "polarity": "lower_is_better",
        "tolerance": 5, "source": "the access test (invented)", "verified": false
    });
    analyst.post("/v1/indicators", &indicator).await.expect(201);
    let observation = json!({
        "indicator": "access_test_rate", "period": { "from": "2016-04-01", "to": "2017-03-31", "label": "2016/17" },
        "geography": "county", "value": 1.25, "unit": "rate_per_1000", "source": "the access test (invented)", "provisional": false
    });
    let observed = analyst.post("/v1/observations", &observation).await.expect(201);
    let draft = school.post("/v1/referral-drafts", &json!({ "form": {} })).await.expect(201).id();
    let file = "relation,given_name,family_name,referrer_name,referrer_role,concerns,worries\n\
                child,Clover,Accesscase,Ms A Teacher (invented),teacher,good-education,Often absent.\n";
    let batch = school.post_file("/v1/referral-batches", "text/csv", file).await.expect(201).id();
    let mut urgent = form.clone();
    urgent["urgency"] = json!({ "kind": "immediate_safeguarding", "why": "x" });
    school.post("/v1/referrals", &urgent).await.expect(201);
    let alerts = officer.get("/v1/alerts?state=urgent").await.expect(200);
    let raised = alerts.items().iter().find(|alert| alert["kind"] == "urgent_safeguarding").unwrap()["id"].clone();
    let mut records = safeguarding_records(county).await;
    records.extend(group_records(county, &person).await);
    records.extend([
        ("/v1/alerts/{id}", raised.as_str().unwrap().to_owned()),
        ("/v1/referral-drafts/{id}", draft),
        ("/v1/referral-batches/{id}", batch),
        ("/v1/referrals/{id}/messages/{message}", format!("{referral}/messages/{said}")),
        ("/v1/referrals/{id}", referral),
        ("/v1/information-requests/{id}", information),
        ("/v1/allocations/{id}", allocation),
        ("/v1/people/{id}", person),
        ("/v1/families/{id}", family),
        ("/v1/cases/{id}/team-around/{meeting}", format!("{family_case}/team-around/{meeting}")),
        ("/v1/cases/{id}/voices/{voice}", format!("{family_case}/voices/{voice}")),
        ("/v1/audit-samples/{id}", sample.id()),
        ("/v1/case-audits/{id}", audit),
        ("/v1/audit-actions/{id}", follows),
        ("/v1/case-study-consents/{id}", consent.clone()),
        ("/v1/case-studies/{id}", consent),
        ("/v1/cases/{id}/notes/{note}", format!("{family_case}/notes/{note}")),
        ("/v1/cases/{id}", family_case),
        ("/v1/assessments/{id}", assessment),
        ("/v1/follow-ups/{id}", followed.body[0]["id"].as_str().unwrap_or_default().to_owned()),
        ("/v1/actions/{id}", action),
        ("/v1/prevention-cases/{id}", case),
        ("/v1/hubs/{locality}", "charnwood".to_owned()),
        ("/v1/hubs/{locality}/meetings/{meeting}", format!("charnwood/meetings/{hub_meeting}")),
        (
            "/v1/hubs/{locality}/meetings/{meeting}/agenda/{item}",
            format!("charnwood/meetings/{hub_meeting}/agenda/{line}"),
        ),
        ("/v1/panels/{panel}", "channel".to_owned()),
        ("/v1/panel-cases/{id}", "01a20158-d2bb-77a5-a866-0a226963a91e".to_owned()),
        ("/v1/codes/{set}", "concern".to_owned()),
        ("/v1/dashboards/{id}", "partnership".to_owned()),
        ("/v1/indicators/{code}", "referrals_received".to_owned()),
        ("/v1/observations/{id}", observed.body["id"].as_str().unwrap_or_default().to_owned()),
        ("/v1/onward-referrals/{id}/follow-ups/{months}", format!("{passed_on}/follow-ups/3")),
        ("/v1/onward-referrals/{id}", passed_on),
        ("/onward/{secret}", "A".repeat(43)),
        ("/v1/partner-agreements/{id}", agreement),
        ("/v1/partner-lists/{id}", list),
        ("/v1/partner-families/{id}", found),
        ("/v1/short-breaks/{id}", short_break),
        ("/v1/organisations/{id}", council),
        ("/v1/services/{id}", offered),
        ("/v1/services/imports/{id}", imported),
        ("/open-referral/services/{id}", nothing.clone()),
        ("/open-referral/service_at_locations/{id}", nothing.clone()),
        ("/open-referral/taxonomies/{id}", nothing.clone()),
        ("/open-referral/taxonomy_terms/{id}", nothing),
        ("/v1/agencies/{id}", first("/v1/agencies").await),
        ("/v1/teams/{id}", first("/v1/teams").await),
        ("/v1/users/{id}", first("/v1/users").await),
        ("/v1/clients/{id}", first("/v1/clients").await),
    ]);
    records
}

/// The same child, reported missing by the school while a team works with her; and a concern the
/// school raised, which First Response gave to that team.
async fn safeguarding_records(county: &County) -> BTreeMap<&'static str, String> {
    let school = county.as_("greenfield-school-system").await;
    let officer = county.as_("olive.officer").await;
    let clover = json!({ "given_name": "Clover", "family_name": "Accesscase", "birth_date": "2016-05-06" });
    let teacher = json!({ "name": "Ms A Teacher (invented)", "role": "teacher" });
    let missing = json!({
        "person": clover, "missing_since": "2026-01-05T15:30:00Z", "missing_from": "school", "risk_level": "low",
        "circumstances": "x", "reporter": teacher, "locality": "charnwood"
    });
    let episode = school.post("/v1/missing-episodes", &missing).await.expect(201).id();
    let episode_path = format!("/v1/missing-episodes/{episode}");
    for team in ["intensive-family-support", "youth-justice-prevention"] {
        officer.step(&episode_path, "teams", &json!({ "service": team })).await.expect(200);
    }
    let concern = json!({
        "person": clover, "kind": "other", "account": "x", "reporter": teacher, "locality": "charnwood"
    });
    let concern = school.post("/v1/exploitation-concerns", &concern).await.expect(201).id();
    let path = format!("/v1/exploitation-concerns/{concern}");
    officer.step(&path, "teams", &json!({ "service": "intensive-family-support" })).await.expect(200);
    BTreeMap::from([("/v1/missing-episodes/{id}", episode), ("/v1/exploitation-concerns/{id}", concern)])
}

/// A group of intensive family support with one session, and the same child enrolled in it; a brief
/// intervention with feedback on it; and a small child who joined the pathway and whose development was checked.
async fn group_records(county: &County, person: &str) -> BTreeMap<&'static str, String> {
    let felix = county.as_("felix.family").await;
    let group = json!({
        "title": "A group of the access test (invented)", "programme": "youth-group", "service": "intensive-family-support",
        "locality": "charnwood", "capacity": 5, "first_day": "2026-01-05",
        "facilitators": [{ "user_id": "01a20158-d2bb-77a5-a866-0a226963a91e", "name": "x" }]
    });
    let group = felix.post("/v1/groups", &group).await.expect(201).id();
    let path = format!("/v1/groups/{group}");
    let session = felix.post(&format!("{path}/sessions"), &json!({ "held_on": "2026-01-05" })).await.expect(201).id();
    let enrolled = json!({ "person": { "person_id": person } });
    let enrolment = felix.post(&format!("{path}/enrolments"), &enrolled).await.expect(201).id();
    let brief = json!({
        "kind": "other", "service": "intensive-family-support", "people": [{ "person_id": person }], "aim": "x"
    });
    let brief = felix.post("/v1/brief-interventions", &brief).await.expect(201).id();
    let brief_path = format!("/v1/brief-interventions/{brief}");
    let ending = json!({ "outcome": "did-not-engage", "destination": "unknown", "summary": "x" });
    felix.step(&brief_path, "closure", &ending).await.expect(200);
    let said = json!({
        "giver": "child", "person_id": person, "via": "worker",
        "answers": [{ "question": "positive-difference", "yes": true }]
    });
    let said = felix.post(&format!("{brief_path}/feedback"), &said).await.expect(201).id();
    let born = chrono::Utc::now().date_naive() - chrono::Days::new(200);
    let baby = json!({ "given_name": "Nettle", "family_name": "Accesscase", "birth_date": born });
    let baby = felix.post("/v1/people", &baby).await.expect(201).id();
    let checked = json!({
        "service": "intensive-family-support", "checked_on": chrono::Utc::now().date_naive(),
        "judgements": [{ "area": "physical", "judgement": "meeting" }]
    });
    let checked = felix.post(&format!("/v1/people/{baby}/development-checks"), &checked).await.expect(201).id();
    let joins = json!({
        "service": "intensive-family-support", "joined_on": chrono::Utc::now().date_naive(),
        "told_by": { "name": "x", "is": "mother" }
    });
    let joined = felix.post(&format!("/v1/people/{baby}/pathway-memberships"), &joins).await.expect(201).id();
    BTreeMap::from([
        ("/v1/people/{id}/pathway-memberships/{membership}", format!("{baby}/pathway-memberships/{joined}")),
        ("/v1/brief-interventions/{id}", brief),
        ("/v1/feedback/{id}", said),
        ("/v1/people/{id}/development-checks/{check}", format!("{baby}/development-checks/{checked}")),
        ("/v1/groups/{id}/sessions/{session}", format!("{group}/sessions/{session}")),
        ("/v1/groups/{id}", group),
        ("/v1/group-enrolments/{id}", enrolment),
    ])
}

/// The template with its record in place.
pub fn filled(template: &str, records: &BTreeMap<&'static str, String>) -> String {
    if !template.contains('{') {
        return template.to_owned();
    }
    // The longest one: a message is a record of its own under a referral.
    let (prefix, id) = records
        .iter()
        .filter(|(prefix, _)| template.starts_with(*prefix))
        .max_by_key(|(prefix, _)| prefix.len())
        .unwrap_or_else(|| panic!("no record for {template}: add one to records()"));
    let base = prefix.split('{').next().unwrap();
    // What is below the record (a member of the family) is asked for after who may: anything will do.
    let below: Vec<&str> = template
        .strip_prefix(prefix)
        .unwrap()
        .split('/')
        .map(|part| if part.starts_with('{') { "01a20158-d2bb-77a5-a866-0a226963a91e" } else { part })
        .collect();
    format!("{base}{id}{}", below.join("/"))
}
