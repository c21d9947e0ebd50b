//! A worry that was told, at First Response and in the hub.

use chrono::TimeDelta;
use e2e::{Answer, Caller};
use serde_json::{Value, json};

use super::story::{Story, name_of};
use super::work::Work;

/// A service that a hub asks.
#[derive(Clone, Copy)]
pub struct Service(pub &'static str, pub &'static str);

impl Service {
    /// Intensive family support, to lead.
    pub const FAMILY_SUPPORT: Self = Self("intensive-family-support", "lead");

    /// A service that supports the one that leads.
    pub const fn supporting(service: &'static str) -> Self {
        Self(service, "supporting")
    }
}

/// A referral.
pub struct Told<'s> {
    pub story: &'s Story,
    pub path: String,
    by: String,
}

impl<'s> Told<'s> {
    /// As it was received.
    pub fn new(story: &'s Story, by: &str, made: &Answer) -> Self {
        Self { story, path: format!("/v1/referrals/{}", made.id()), by: by.to_owned() }
    }

    pub fn id(&self) -> &str {
        self.path.rsplit('/').next().expect("an id")
    }

    /// Somebody's step on it.
    pub async fn step(&self, who: &str, step: &str, body: &Value) -> Answer {
        self.story.as_(who).await.step(&self.path, step, body).await
    }

    /// First Response's manager signs off what an officer decided at level 4.
    pub async fn signed_off(&self, manager: &str) {
        let proposed = self.as_seen_by(manager).await.expect("it is theirs to sign off");
        assert_eq!(proposed["status"], "awaiting_sign_off", "{proposed}");
        self.step(manager, "sign-off", &json!({ "agreed": true })).await.expect(200);
    }

    /// First Response steps it down for social care, to the hub of the district.
    pub async fn stepped_down(&self, officer: &str, level: u8, did: &str) {
        let step = json!({
            "direction": "down", "level_of_need": level, "reason": "The plan of social care is met.",
            "social_care_did": did, "social_care_reference": "SC-INVENTED-1"
        });
        self.step(officer, "step", &step).await.expect(200);
    }

    /// An agency is asked what it holds of somebody, and answers by API.
    pub async fn agency_tells(&self, asker: &str, agency: (&str, &str), scope: &str, of: usize, holds: Value) {
        let people = self.as_seen_by(asker).await.expect("who asks sees it")["people"].clone();
        let ask = json!({
            "agency": agency.0, "scopes": [scope], "years_back": 2, "purpose": "hub-decision",
            "lawful_basis": "public-task", "people": [people[of]["person_id"]]
        });
        let path = format!("{}/information-requests", self.path);
        let asked = self.story.as_(asker).await.post(&path, &ask).await.expect(201);
        let request = format!("/v1/information-requests/{}", asked.id());
        let source = self.story.as_(agency.1).await;
        let read = source.get(&request).await.expect(200);
        assert_eq!(read.body["people"].as_array().map(Vec::len), Some(1), "whom to search for: {}", read.body);
        assert!(!read.body.to_string().contains("worries"), "{}", read.body);
        let answer = json!({ "found": "yes", "items": [holds] });
        source.post(&format!("{request}/answer"), &answer).await.expect(200);
        let gathered = self.story.as_(asker).await.get(&path).await.expect(200);
        assert!(gathered.body.to_string().contains(holds["words"].as_str().expect("words")), "{}", gathered.body);
    }

    /// It is found on First Response's queue, screened and decided within the day.
    pub async fn triaged(&self, who: &str, level: u8, outcome: &str, reason: &str) -> Answer {
        let officer = self.story.as_(who).await;
        let line = self.line(&officer, "/v1/referrals/queue?limit=100").await;
        assert_eq!(line["decision_clock"], "due", "{line}");
        self.step(who, "screening", &json!({})).await.expect(200);
        let decision = json!({ "level_of_need": level, "outcome": outcome, "reason": reason });
        self.step(who, "decision", &decision).await.expect(200)
    }

    /// Its line on a list.
    async fn line(&self, who: &Caller, list: &str) -> Value {
        let page = who.get(list).await.expect(200);
        page.items().iter().find(|line| line["id"] == self.id()).unwrap_or_else(|| panic!("on {list}")).clone()
    }

    /// A meeting of the district's hub discusses it and asks services; some may see it otherwise.
    pub async fn meeting_asks(&self, member: &str, hub: &str, services: &[Service], reason: &str, dissent: Value) {
        let caller = self.story.as_(member).await;
        let list = format!("/v1/hubs/{hub}/meetings");
        let meeting = json!({
            "held_on": self.story.now().await + TimeDelta::hours(1), "chair": name_of(member),
            "members": [{ "name": name_of(member), "agency": format!("district-{hub}") },
                { "name": "PC A Constable (invented)", "agency": "police" },
                { "name": "Ms A Teacher (invented)", "agency": "greenfield-academy" }]
        });
        let meeting = format!("{list}/{}", caller.post(&list, &meeting).await.expect(201).id());
        let opened = caller.step(&meeting, "opening", &json!({})).await.expect(200);
        let agenda = caller.get(&format!("{meeting}/agenda?limit=100")).await.expect(200);
        let about = |item: &&Value| item["referral"]["id"] == self.id() && item["kind"] == "decision";
        let item = agenda.items().iter().find(about).expect("on the agenda");
        assert!(item["known"]["told"]["worries"].is_string(), "what was told is at hand: {item}");
        let asked: Vec<Value> = services.iter().map(|one| json!({ "service": one.0, "part": one.1 })).collect();
        let decision = json!({ "outcome": "allocate", "allocations": asked, "reason": reason, "dissent": dissent });
        let line = format!("{meeting}/agenda/{}", item["id"].as_str().expect("an id"));
        caller.step(&line, "decision", &decision).await.expect(200);
        let came: Vec<Value> = opened.body["members"]
            .as_array()
            .expect("members")
            .iter()
            .map(|one| json!({ "id": one["id"], "attendance": "attended" }))
            .collect();
        caller.step(&meeting, "attendance", &json!({ "members": came })).await.expect(200);
        caller.step(&meeting, "closure", &json!({ "minutes": "One family." })).await.expect(200);
    }

    /// The hub's desk asks a service to lead.
    pub async fn desk_asks(&self, member: &str, service: &str, reason: &str) {
        let decision = json!({ "outcome": "allocate", "service": service, "reason": reason });
        self.step(member, "hub-decision", &decision).await.expect(200);
    }

    /// The address of what a service was asked.
    pub async fn allocation(&self, worker: &str) -> String {
        let line = {
            let page = self.story.as_(worker).await.get("/v1/allocations?status=offered&limit=100").await.expect(200);
            page.items().iter().find(|one| one["referral_id"] == self.id()).expect("it was asked").clone()
        };
        format!("/v1/allocations/{}", line["id"].as_str().expect("an id"))
    }

    /// A worker of the service takes the family on.
    pub async fn accepted_by(&self, worker: &str, case_type: &str) -> Work<'s> {
        Work::begins(self.story, self, worker, case_type).await
    }

    /// What one sees of it: `full`, `status`, or nothing.
    pub async fn as_seen_by(&self, who: &str) -> Option<Value> {
        let answer = self.story.as_(who).await.get(&self.path).await;
        match answer.status {
            200 => Some(answer.body),
            404 => None,
            other => panic!("{who}: {other} {}", answer.body),
        }
    }

    /// Whoever told it follows where it stands, and reads nothing of the family; the last thing they
    /// were told is about this.
    pub async fn told_back(&self, about: &str) {
        let seen = self.as_seen_by(&self.by).await.expect("their own");
        assert_eq!(seen["view"], "status", "{seen}");
        for absent in ["contact", "people", "allocations"] {
            assert!(seen.get(absent).is_none(), "{absent}: {seen}");
        }
        let told = self.story.as_(&self.by).await.get(&format!("{}/feedback", self.path)).await.expect(200);
        assert_eq!(told.body.as_array().expect("a list").last().expect("something")["about"], about, "{}", told.body);
    }

    /// One history without a gap: each step begins where the one before ended.
    pub async fn went(&self, way: &[&str]) {
        let history = self.story.as_("olive.officer").await.get(&format!("{}/history", self.path)).await.expect(200);
        let steps = history.body.as_array().expect("a history");
        let stood: Vec<&str> = steps.iter().map(|step| step["to"].as_str().expect("a status")).collect();
        for (before, after) in steps.iter().zip(steps.iter().skip(1)) {
            assert_eq!(after["from"], before["to"], "{}", history.body);
            assert!(after["at"].as_str() >= before["at"].as_str(), "{}", history.body);
        }
        let mut changes = stood.clone();
        changes.dedup();
        assert_eq!(changes, way, "{}", history.body);
    }
}
