//! A child who goes missing, and the pathway against exploitation.

use chrono::Days;
use e2e::Answer;
use serde_json::{Value, json};

use super::story::Story;

/// A missing episode.
pub struct Missing<'s> {
    story: &'s Story,
    path: String,
    /// Which it is of the child's in 90 days.
    pub repeat: i64,
}

impl<'s> Missing<'s> {
    /// The police report a child missing, gone for five hours.
    pub async fn reported(story: &'s Story, child: &Value, locality: &str, from: &str, risk: &str) -> Self {
        let report = json!({
            "person": child, "missing_since": story.now().await - chrono::TimeDelta::hours(5), "missing_from": from,
            "risk_level": risk, "circumstances": "Did not come back in the evening (invented).", "locality": locality,
            "reporter": { "name": "PC A Constable (invented)", "role": "constable" }
        });
        let made = story.as_("police-system").await.post("/v1/missing-episodes", &report).await.expect(201);
        let path = format!("/v1/missing-episodes/{}", made.id());
        let whole = story.as_("olive.officer").await.get(&path).await.expect(200);
        let repeat = whole.body["account"]["repeat_number"].as_i64().expect("which it is");
        Self { story, path, repeat }
    }

    /// Home again three hours later, and asked within 72 hours by somebody of a team how it was.
    pub async fn returned(&self, asked_by: &str, outcome: &str, theme: &str) {
        self.story.hours_pass(3).await;
        let back =
            json!({ "returned_at": self.story.now().await, "found_how": "came-back-alone", "harm": ["none-known"] });
        self.story.as_("police-system").await.step(&self.path, "return", &back).await.expect(200);
        self.story.hours_pass(24).await;
        let worker = self.story.as_(asked_by).await;
        let offer =
            json!({ "outcome": "offered", "at": self.story.now().await, "by": "Somebody independent (invented)" });
        worker.step(&self.path, "return-interview", &offer).await.expect(200);
        let mut answer =
            json!({ "outcome": outcome, "at": self.story.now().await, "by": "Somebody independent (invented)" });
        if outcome == "held" {
            answer["said"] = json!("What she said (invented).");
            answer["themes"] = json!([theme]);
        }
        let told = worker.step(&self.path, "return-interview", &answer).await.expect(200);
        assert_eq!(told.body["interview_clock"], "met", "{}", told.body);
    }

    /// What somebody sees of it.
    pub async fn as_seen_by(&self, who: &str) -> Answer {
        self.story.as_(who).await.get(&self.path).await
    }
}

/// A concern that a child is exploited.
pub struct Concern<'s> {
    story: &'s Story,
    pub path: String,
}

impl<'s> Concern<'s> {
    /// The police raise it; First Response is alerted, screens it within a day and gives it to teams.
    pub async fn raised(story: &'s Story, child: &Value, locality: &str, signs: &[&str], teams: &[&str]) -> Self {
        let form = json!({
            "person": child, "kind": "child-sexual-exploitation", "indicators": signs, "locality": locality,
            "account": "Out until the early hours with older males (invented).",
            "reporter": { "name": "PC A Constable (invented)", "role": "constable" }
        });
        let made = story.as_("police-system").await.post("/v1/exploitation-concerns", &form).await.expect(201);
        let concern = Self { story, path: format!("/v1/exploitation-concerns/{}", made.id()) };
        let alerts = story.as_("olive.officer").await.get("/v1/alerts?state=urgent&limit=100").await.expect(200);
        assert!(alerts.items().iter().any(|alert| alert["about"] == concern.path), "{}", alerts.body);
        let screening = json!({ "outcome": "significant", "reason": "Older associates, missing.", "screened_at": story.now().await });
        concern.step("olive.officer", "screening", &screening).await;
        for team in teams {
            concern.step("olive.officer", "teams", &json!({ "service": team })).await;
        }
        concern
    }

    async fn step(&self, who: &str, step: &str, body: &Value) -> Answer {
        self.story.as_(who).await.step(&self.path, step, body).await.expect(200)
    }

    /// The police send an alert of something that just happened.
    pub async fn alert(&self, kind: &str) {
        let alert = json!({ "kind": kind, "at": self.story.now().await });
        self.story.as_("police-system").await.post(&format!("{}/alerts", self.path), &alert).await.expect(201);
    }

    /// The agencies meet and make a safety plan, whose actions they do.
    pub async fn planned(&self, who: &str, agencies: &[&str]) {
        let attendance: Vec<Value> = agencies
            .iter()
            .map(|code| json!({ "agency": code, "name": format!("Someone of {code} (invented)"), "attendance": "attended" }))
            .collect();
        let meeting = json!({
            "held_at": self.story.now().await, "chair": "Who leads (invented)", "attendance": attendance,
            "level": "significant", "decisions": "One plan of all."
        });
        self.step(who, "risk-meetings", &meeting).await;
        let due = self.story.today().await + Days::new(28);
        let actions: Vec<Value> = agencies
            .iter()
            .map(|code| json!({ "what": "Its part of the plan.", "agency": code, "owner": "Someone (invented)", "due_on": due }))
            .collect();
        let plan = json!({
            "made_at": self.story.now().await, "actions": actions,
            "contingencies": [{ "if_this": "She is not home by ten.", "then_that": "Ring the police." }]
        });
        let planned = self.step(who, "safety-plan", &plan).await;
        for action in planned.body["actions"].as_array().expect("actions") {
            let done = json!({ "outcome": "done", "ended_on": self.story.today().await });
            self.step(who, &format!("actions/{}/ending", action["id"].as_str().expect("an id")), &done).await;
        }
    }

    /// A review of the plan.
    pub async fn reviewed(&self, who: &str, level: &str) {
        let review = json!({ "reviewed_at": self.story.now().await, "level": level, "progress": "Less (invented)." });
        self.step(who, "reviews", &review).await;
    }

    /// Its end.
    pub async fn closed(&self, who: &str, outcome: &str) {
        self.step(who, "closure", &json!({ "outcome": outcome, "summary": "As the study tells (invented words)." }))
            .await;
    }

    /// How many alerts came in each week.
    pub async fn alerts_by_week(&self, who: &str) -> Vec<i64> {
        let read = self.story.as_(who).await.get(&self.path).await.expect(200);
        let weeks = read.body["alerts"]["weeks"].as_array().expect("weeks");
        weeks.iter().map(|week| week["count"].as_i64().expect("how many")).collect()
    }
}
