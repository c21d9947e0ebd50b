//! A team's work with a family, from acceptance to what is heard a year later.

use std::collections::BTreeMap;

use chrono::Days;
use e2e::{Answer as Reply, Caller};
use serde_json::{Value, json};

use super::answer::Answer;
use super::figures::{AREAS, Ladder, began_low, progress};
use super::story::{Story, name_of};
use super::told::Told;

/// A case.
pub struct Work<'s> {
    pub story: &'s Story,
    pub case: String,
    pub family: String,
    pub worker: String,
    /// By given name: id, and whether a child.
    people: BTreeMap<String, (String, bool)>,
}

impl<'s> Work<'s> {
    /// Accepted, the family formed, the evidence of its problems noted, the case opened and led.
    pub async fn begins(story: &'s Story, told: &Told<'s>, worker: &str, case_type: &str) -> Self {
        let caller = story.as_(worker).await;
        let allocation = told.allocation(worker).await;
        let mut lead = story.worker(worker).await;
        lead.as_object_mut().expect("a worker").remove("reached_by");
        caller.step(&allocation, "acceptance", &json!({ "lead_worker": lead })).await.expect(200);
        let id = allocation.rsplit('/').next().expect("an id");
        let formed = caller.post("/v1/families", &json!({ "allocation_id": id })).await.expect(201);
        let family = format!("/v1/families/{}", formed.id());
        let concerns = caller.get(&told.path).await.expect(200).body["contact"]["concerns"].clone();
        for code in concerns.as_array().expect("concerns") {
            let problem = json!({ "code": code, "evidence": "As told and as found (invented).", "source": "referral" });
            caller.step(&family, "problems", &problem).await.expect(200);
        }
        let case = json!({ "allocation_id": id, "case_type": case_type });
        let opened = caller.post(&format!("{family}/cases"), &case).await.expect(201);
        assert_eq!(opened.body["attachment"]["eligible"], true, "{}", opened.body);
        let case = format!("/v1/cases/{}", opened.id());
        assert_eq!(opened.body["lead_worker"]["name"], name_of(worker), "who leads the allocation leads the case");
        let mut work = Self { story, case, family, worker: worker.to_owned(), people: BTreeMap::new() };
        work.know(&formed);
        work
    }

    fn know(&mut self, family: &Reply) {
        for member in family.body["members"].as_array().expect("members") {
            let text = |name: &str| member[name].as_str().unwrap_or_default().to_owned();
            self.people.insert(text("given_name"), (text("person_id"), member["role"] == "child"));
        }
    }

    /// A member's id, by given name.
    #[track_caller]
    pub fn person(&self, given_name: &str) -> &str {
        &self.people.get(given_name).unwrap_or_else(|| panic!("{given_name} is of the family: {:?}", self.people)).0
    }

    /// The worker, signed in.
    pub async fn caller(&self) -> Caller {
        self.story.as_(&self.worker).await
    }

    /// A step of the worker's on the case.
    pub async fn step(&self, step: &str, body: &Value) -> Reply {
        self.caller().await.step(&self.case, step, body).await
    }

    /// The family begins to work with the service.
    pub async fn engaged(&self) {
        let engaged = self.step("engagement", &json!({ "engaged_on": self.story.today().await })).await.expect(200);
        let due =
            engaged.body["clocks"].as_array().expect("clocks").iter().any(|one| one["code"] == "family_assessment");
        assert!(due, "{}", engaged.body);
    }

    /// A new main address, from today on; the one before ends.
    pub async fn moves_to(&self, address: &str, tenure: &str) {
        let home = json!({ "address": address, "tenure": tenure });
        self.caller().await.step(&self.family, "addresses", &home).await.expect(200);
    }

    /// Where the family lived, in order.
    pub async fn homes(&self) -> Vec<String> {
        let family = self.caller().await.get(&format!("{}?past=true", self.family)).await.expect(200);
        let mut homes = family.body["addresses"].as_array().expect("addresses").clone();
        homes.sort_by_key(|home| home["from_date"].as_str().map(str::to_owned));
        homes.iter().map(|home| home["address"].as_str().expect("an address").to_owned()).collect()
    }

    /// Somebody no longer belongs to the family.
    pub async fn leaves(&self, given_name: &str, because: &str) {
        let end = json!({ "to_date": self.story.today().await, "ended_because": because });
        let member = format!("members/{}/end", self.person(given_name));
        self.caller().await.step(&self.family, &member, &end).await.expect(200);
    }

    /// What is measured: scores and answers of today.
    async fn measurement(&self, ladder: &Ladder, answers: &[Answer]) -> Value {
        let today = self.story.today().await;
        let scores: Vec<Value> =
            AREAS.iter().zip(ladder).map(|(area, score)| json!({ "area": area, "score": score })).collect();
        let answers: Vec<Value> =
            answers.iter().map(|answer| answer.said(answer.of.map(|name| self.person(name)), today)).collect();
        json!({ "measured_on": today, "scores": scores, "answers": answers })
    }

    /// The whole-family assessment, within its time.
    pub async fn assessed(&self, ladder: &Ladder, answers: &[Answer]) {
        self.measured("assessments", &self.measurement(ladder, answers).await).await;
    }

    /// A review, within its time.
    pub async fn reviewed(&self, ladder: &Ladder, answers: &[Answer]) {
        let content = self.measurement(ladder, answers).await;
        self.measured("reviews", &json!({ "content": content })).await;
    }

    async fn measured(&self, what: &str, body: &Value) {
        let caller = self.caller().await;
        let begun = caller.post(&format!("{}/{what}", self.case), body).await.expect(201);
        let path = format!("/v1/assessments/{}", begun.id());
        let completed = caller.step(&path, "completion", &json!({})).await.expect(200);
        assert_eq!((&completed.body["status"], &completed.body["in_time"]), (&json!("completed"), &json!(true)));
    }

    /// The plan, which somebody of the family signs.
    pub async fn plans(&self, goals: &[(&str, &str)], signed_by: &str) {
        let caller = self.caller().await;
        let goals: Vec<Value> = goals.iter().map(|(goal, need)| json!({ "goal": goal, "need": need })).collect();
        caller.post(&format!("{}/plan", self.case), &json!({ "goals": goals })).await.expect(201);
        let signature = json!({ "person_id": self.person(signed_by) });
        let signed = caller.step(&format!("{}/plan", self.case), "signatures", &signature).await.expect(200);
        assert_eq!(signed.body["signed"], true, "{}", signed.body);
    }

    /// Another agency is asked to do something; somebody of it says yes by the API and does it. They see
    /// the action, and neither case nor family.
    pub async fn agency_does(&self, agency: &str, by: &str, what: &str, about: Option<&str>) {
        let due = self.story.today().await + Days::new(28);
        let mut action = json!({ "what": what, "owner": { "agency": agency }, "due_on": due });
        if let Some(name) = about {
            action["concerns"] = json!({ "person_id": self.person(name) });
        }
        let asked = self.caller().await.post(&format!("{}/actions", self.case), &action).await.expect(201);
        assert_eq!(asked.body["status"], "proposed");
        let path = format!("/v1/actions/{}", asked.id());
        let agency = self.story.as_(by).await;
        let read = agency.get(&path).await.expect(200);
        assert!(read.body.get("case_id").is_none(), "the agency sees the action alone: {}", read.body);
        self.story.hidden_from(&[by], &self.case).await;
        agency.step(&path, "acceptance", &json!({})).await.expect(200);
        let done = agency.step(&path, "completion", &json!({ "note": "Done (invented)." })).await.expect(200);
        assert_eq!(done.body["status"], "completed");
    }

    /// Something that the worker or one of the family does.
    pub async fn member_does(&self, given_name: &str, what: &str) {
        let due = self.story.today().await + Days::new(28);
        let action = json!({ "what": what, "owner": { "person_id": self.person(given_name) }, "due_on": due });
        let caller = self.caller().await;
        let asked = caller.post(&format!("{}/actions", self.case), &action).await.expect(201);
        assert_eq!(asked.body["status"], "accepted", "what the family takes on is accepted");
        caller.step(&format!("/v1/actions/{}", asked.id()), "completion", &json!({})).await.expect(200);
    }

    /// A note of what was done just now, and whom the worker saw.
    pub async fn notes(&self, kind: &str, saw: &[&str], words: &str) {
        let seen: Vec<&str> = saw.iter().map(|name| self.person(name)).collect();
        let at = self.story.now().await;
        let child = saw.iter().any(|name| self.people.get(*name).is_some_and(|person| person.1));
        let note = json!({ "occurred_at": at, "kind": kind, "seen": seen, "child_seen": child, "words": words });
        self.caller().await.post(&format!("{}/notes", self.case), &note).await.expect(201);
    }

    /// The team around the family meets: everyone who was asked comes.
    pub async fn team_around(&self, family: &[&str], agencies: &[(&str, &str)], decided: &str) {
        let caller = self.caller().await;
        let mut seats: Vec<Value> = family.iter().map(|name| json!({ "person_id": self.person(name) })).collect();
        seats.extend(agencies.iter().map(|(agency, role)| {
            json!({ "agency": agency, "name": format!("Someone of {agency} (invented)"), "role": role })
        }));
        let at = self.story.now().await;
        let planned = json!({ "starts_at": at, "chair": name_of(&self.worker), "invited": seats });
        let planned = caller.post(&format!("{}/team-around", self.case), &planned).await.expect(201);
        let came: Vec<&Value> =
            planned.body["people"].as_array().expect("people").iter().map(|one| &one["id"]).collect();
        let record = json!({ "attended": came, "discussed": "How it goes (invented).", "decisions": [decided] });
        let path = format!("{}/team-around/{}", self.case, planned.id());
        let held = caller.step(&path, "record", &record).await.expect(200);
        assert_eq!(held.body["status"], "held");
    }

    /// The end: outcome, planned exit, the closing review, and what somebody of the family says would
    /// have come of it without the service.
    pub async fn closed(&self, outcome: &str, ladder: &Ladder, answers: &[Answer], (who, words): (&str, &str)) {
        let measurement = self.measurement(ladder, answers).await;
        let closing = json!({
            "outcome": outcome, "summary": "As the study tells (invented words).", "measurement": measurement,
            "exit_plan": { "continuing_help": "Those who help already.", "asking_again": "By telephone to the worker, or to First Response." },
            "without_the_service": { "whose": "parent", "person_id": self.person(who), "words": words, "case_study_consent": true }
        });
        let closed = self.step("closure", &closing).await.expect(200);
        let all = closed.body["follow_ups"].as_array().expect("follow-ups");
        let after = all.iter().filter(|one| one["after"] == "closure");
        let months: Vec<i64> = after.filter_map(|one| one["months"].as_i64()).collect();
        assert_eq!(months, [3, 6, 9, 12], "{}", closed.body);
        let case = self.caller().await.get(&self.case).await.expect(200);
        assert_eq!((&case.body["status"], &case.body["ending"]["planned_exit"]), (&json!("closed"), &json!(true)));
    }

    /// Three months later: the worker asks how they are.
    pub async fn asked_after_three_months(&self, destination: &str, words: &str) {
        self.story.weeks_pass(13).await;
        let caller = self.caller().await;
        let list = caller.get(&format!("{}/follow-ups", self.case)).await.expect(200).body;
        let due: Vec<&Value> = list
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one["months"] == 3 && one["status"] == "due")
            .collect();
        assert!(!due.is_empty(), "{list}");
        let answer = json!({
            "asked_on": self.story.today().await, "reached": true, "engaged": true, "sustained": true,
            "destination": destination, "words": words
        });
        for one in due {
            let path = format!("/v1/follow-ups/{}", one["id"].as_str().expect("an id"));
            let answered = caller.step(&path, "answer", &answer).await.expect(200);
            assert_eq!(answered.body["status"], "answered");
        }
    }

    /// Holds the journey of change to the scores that were told: each area, and both bases.
    pub async fn journey(&self, first: &Ladder, last: &Ladder) -> Value {
        let journey = self.caller().await.get(&format!("{}/journey", self.case)).await.expect(200).body;
        let (mut positive, mut low, mut low_positive) = (0, 0, 0);
        for ((area, first), last) in AREAS.iter().zip(first).zip(last) {
            let line =
                journey["areas"].as_array().expect("areas").iter().find(|line| line["area"] == *area).expect("an area");
            let rose = progress(*first, *last);
            let told = (&line["first_score"], &line["last_score"], &line["positive_progress"], &line["began_low"]);
            assert_eq!(told, (&json!(first), &json!(last), &json!(rose), &json!(began_low(*first))), "{line}");
            positive += i64::from(rose);
            low += i64::from(began_low(*first));
            low_positive += i64::from(began_low(*first) && rose);
        }
        assert_eq!(journey["of_all"], json!({ "areas": 10, "positive": positive }));
        assert_eq!(journey["of_those_who_began_low"], json!({ "areas": low, "positive": low_positive }));
        journey
    }

    /// Holds an issue to be gone, or to be there still.
    #[track_caller]
    pub fn issue(&self, journey: &Value, question: &str, of: Option<&str>, gone: bool) -> Value {
        let person = of.map(|name| json!(self.person(name)));
        let issues = journey["issues"].as_array().expect("issues");
        let same = |line: &&Value| line["question"] == question && line.get("person_id") == person.as_ref();
        let line = issues.iter().find(same).unwrap_or_else(|| panic!("{question}: {journey}"));
        assert_eq!((&line["was_issue"], &line["resolved"]), (&json!(true), &json!(gone)), "{line}");
        line.clone()
    }

    /// What the case's team alone reads is nothing to anybody else; the district's hub sees who is helping.
    pub async fn seen_by_its_team_alone(&self, hub: &str, others: &[&str]) {
        self.story.hidden_from(others, &self.case).await;
        self.story.hidden_from(others, &self.family).await;
        let hub = self.story.as_(hub).await;
        assert_eq!(hub.get(&self.case).await.expect(200).body["view"], "involvement");
        for part in ["plan", "notes", "journey", "assessments"] {
            hub.get(&format!("{}/{part}", self.case)).await.expect(403);
        }
    }
}
