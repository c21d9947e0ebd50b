//! What a service does with a family: from acceptance to what is heard of it three months later.

use chrono::{Months, NaiveDate};
use e2e::Caller;
use serde_json::{Value, json};

use super::Week;
use super::family::{Family, OUTCOMES};
use super::ledger::{AREAS, Worked};
use super::plan::{Ending, Kind, Measured, QUESTIONS};

/// How many of the ten outcomes make a family eligible.
const THRESHOLD: usize = 3;

impl Family {
    /// What a service was asked.
    async fn allocation(&self, worker: &Caller) -> String {
        let mut next = Some(String::new());
        while let Some(cursor) = next {
            let after = if cursor.is_empty() { String::new() } else { format!("&cursor={cursor}") };
            let page = worker.get(&format!("/v1/allocations?status=offered&limit=100{after}")).await.expect(200);
            let mine = |one: &&Value| self.referral.ends_with(one["referral_id"].as_str().expect("an id"));
            if let Some(one) = page.items().iter().find(mine) {
                return format!("/v1/allocations/{}", one["id"].as_str().expect("an id"));
            }
            next = page.body["next"].as_str().map(str::to_owned);
        }
        panic!("it was asked for {}", self.referral);
    }

    pub(super) async fn is_answered(&mut self, week: &Week) {
        if self.plan.declined {
            let worker = week.as_(self.plan.kind.worker);
            let allocation = self.allocation(worker).await;
            worker.step(&allocation, "decline", &json!({ "reason": "Invented." })).await.expect(200);
        } else {
            self.case_opens(week, self.plan.kind).await;
        }
    }

    /// A service takes the family on: the first that does notes its problems.
    pub(super) async fn case_opens(&mut self, week: &Week, kind: Kind) {
        let worker = week.as_(kind.worker);
        let allocation = self.allocation(worker).await;
        worker.step(&allocation, "acceptance", &json!({})).await.expect(200);
        let id = allocation.rsplit('/').next().expect("an id");
        let formed = worker.post("/v1/families", &json!({ "allocation_id": id })).await.expect(201);
        let first = self.family.is_empty();
        self.family = format!("/v1/families/{}", formed.id());
        if first {
            for code in OUTCOMES.iter().take(self.plan.problems) {
                let problem = json!({ "code": code, "evidence": "Invented.", "source": "referral" });
                worker.step(&self.family, "problems", &problem).await.expect(200);
            }
        }
        let eligible = self.plan.problems >= THRESHOLD;
        let mut form = json!({ "allocation_id": id, "case_type": kind.case_type });
        if !eligible && kind.case_type == "intensive-family-support" {
            form["regardless_reason"] = json!("Invented.");
        }
        let opened = worker.post(&format!("{}/cases", self.family), &form).await.expect(201);
        if first {
            self.case = format!("/v1/cases/{}", opened.id());
            let members = formed.body["members"].as_array().expect("members");
            let child = members.iter().find(|one| one["given_name"] == format!("Child0of{}", self.number));
            self.child = child.expect("the first child")["person_id"].as_str().expect("an id").to_owned();
        }
        let today = week.now.date_naive();
        let small = self.born.iter().filter(|born| today < **born + Months::new(60)).count();
        let count = |n: usize| i64::try_from(n).expect("a number");
        let people = [count(small), count(self.born.len() - small), count(self.plan.adults)];
        self.told.worked.push(Worked {
            family: self.number,
            locality: self.plan.district.0,
            service: kind.service,
            case_type: kind.case_type,
            opened: week.number,
            eligible,
            people,
            first: None,
            assessed: None,
            reviewed: Vec::new(),
            engaged: None,
            limits: (kind.assessment, kind.review),
            last: None,
            closed: None,
            followed: None,
        });
    }

    pub(super) fn measurement(&self, measured: &Measured, on: NaiveDate) -> Value {
        let scores: Vec<Value> =
            AREAS.iter().zip(measured.scores).map(|(area, score)| json!({ "area": area, "score": score })).collect();
        let answers: Vec<Value> = QUESTIONS
            .iter()
            .zip(measured.issues)
            .filter_map(|((question, of_child), issue)| {
                let mut answer = json!({ "question": question, "yes": issue? });
                if *of_child {
                    answer["person_id"] = json!(self.child);
                }
                Some(answer)
            })
            .collect();
        json!({ "measured_on": on, "scores": scores, "answers": answers })
    }

    pub(super) async fn is_assessed(&mut self, week: &Week, measured: &Measured) {
        let worker = week.as_(self.plan.kind.worker);
        let day = week.now.date_naive();
        let begun =
            worker.post(&format!("{}/assessments", self.case), &self.measurement(measured, day)).await.expect(201);
        let path = format!("/v1/assessments/{}", begun.id());
        worker.step(&path, "completion", &json!({})).await.expect(200);
        self.assessment = Some((path, day));
        let in_time = week.number - self.plan.engage <= self.plan.kind.assessment;
        let (now, measured) = (week.number, measured.clone());
        let worked = self.worked();
        worked.assessed = Some((now, in_time));
        worked.first = Some((now, measured));
    }

    pub(super) async fn is_corrected(&mut self, week: &Week, measured: &Measured) {
        let worker = week.as_(self.plan.kind.worker);
        let (wrong, day) = self.assessment.clone().expect("an assessment");
        let begun = worker.post(&format!("{wrong}/corrections"), &json!({ "reason": "Invented." })).await.expect(201);
        let path = format!("/v1/assessments/{}", begun.id());
        worker.step(&path, "content", &self.measurement(measured, day)).await.expect(200);
        worker.step(&path, "completion", &json!({})).await.expect(200);
        let (now, measured) = (week.number, measured.clone());
        self.worked().first = Some((now, measured));
    }

    pub(super) async fn case_closes(&mut self, week: &Week, ending: &Ending) {
        let now = week.number;
        let mut closing = json!({ "summary": "Invented." });
        let outcome = match ending {
            Ending::Measured(outcome, measured) => {
                closing["measurement"] = self.measurement(measured, week.now.date_naive());
                closing["exit_plan"] = json!({ "continuing_help": "Invented.", "asking_again": "Invented." });
                let before = self.plan.review.as_ref().or(self.plan.assess.as_ref()).map_or(0, |one| one.0);
                let in_time = now - before <= self.plan.kind.review;
                let worked = self.worked();
                worked.reviewed.push((now, in_time));
                worked.last = Some(measured.clone());
                *outcome
            }
            Ending::Disengaged => {
                let assessed = self.assessment.is_some();
                closing["not_measured_because"] =
                    json!(if assessed { "disengaged-after-assessment" } else { "disengaged-before-assessment" });
                "family_disengaged"
            }
        };
        closing["outcome"] = json!(outcome);
        week.as_(self.plan.kind.worker).step(&self.case, "closure", &closing).await.expect(200);
        self.worked().closed = Some((now, outcome));
    }

    pub(super) async fn is_asked_again(&mut self, week: &Week) {
        let worker = week.as_(self.plan.kind.worker);
        let (reached, sustained) = self.plan.follow_up.expect("it is asked");
        let list = worker.get(&format!("{}/follow-ups", self.case)).await.expect(200).body;
        let first = list.as_array().expect("a list").iter().find(|one| one["months"] == 3).expect("one").clone();
        let mut answer = json!({ "asked_on": week.now.date_naive(), "reached": reached });
        if reached {
            answer["engaged"] = json!(true);
            answer["sustained"] = json!(sustained);
            answer["destination"] = json!("universal-services");
        }
        let path = format!("/v1/follow-ups/{}", first["id"].as_str().expect("an id"));
        worker.step(&path, "answer", &answer).await.expect(200);
        self.worked().followed = Some((reached, sustained));
    }
}
