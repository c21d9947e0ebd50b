//! One family's year, told by those who work with it; and what the ledger keeps of it.

use chrono::{Days, Months, NaiveDate, TimeDelta};
use serde_json::{Value, json};

use super::Week;
use super::ledger::{Answered, Gone, Ledger, Offered, Referred, Worked};
use super::plan::{Asked, Interview, Plan};

/// Problems that families have, of the ten outcomes.
pub const OUTCOMES: [&str; 4] = ["good-education", "family-relationships", "secure-housing", "financial-stability"];

/// A family, and where it is in the system.
pub struct Family {
    pub plan: Plan,
    pub(super) number: usize,
    pub(super) born: Vec<NaiveDate>,
    pub(super) referral: String,
    request: Option<String>,
    pub(super) family: String,
    pub(super) case: String,
    pub(super) child: String,
    pub(super) assessment: Option<(String, NaiveDate)>,
    episode: Option<String>,
    pub(super) told: Ledger,
}

impl Family {
    pub fn new(number: usize, plan: Plan, year: NaiveDate) -> Self {
        let born = plan.children.iter().map(|age| year - Months::new(12 * age) - Days::new(200)).collect();
        let none = String::new;
        Self {
            plan,
            number,
            born,
            referral: none(),
            request: None,
            family: none(),
            case: none(),
            child: none(),
            assessment: None,
            episode: None,
            told: Ledger::default(),
        }
    }

    /// What it adds to the ledger.
    pub fn into_ledger(self, ledger: &mut Ledger) {
        ledger.referred.extend(self.told.referred);
        ledger.offered.extend(self.told.offered);
        ledger.worked.extend(self.told.worked);
        ledger.gone.extend(self.told.gone);
    }

    /// Everything that happens to it in a week.
    pub async fn live(&mut self, week: &Week) {
        let plan = self.plan.clone();
        let now = week.number;
        if now == plan.start {
            self.is_referred(week).await;
        }
        if now == plan.start + 2 && plan.asked == Some(Asked::TwoWeeksLater) && plan.to_hub {
            self.police_answer(week, Answered::Late).await;
        }
        if plan.again == Some(now) {
            self.is_referred_again(week).await;
        }
        if now == plan.decide {
            self.is_decided(week).await;
        }
        if let Some((missing, risk, interview)) = plan.missing {
            if now == missing {
                self.goes_missing(week, risk, interview).await;
            } else if now == missing + 1 && interview == Interview::Late {
                self.is_interviewed(week, "held").await;
            }
        }
        if plan.to_hub {
            self.is_worked_with(week, &plan).await;
        }
    }

    async fn is_worked_with(&mut self, week: &Week, plan: &Plan) {
        let now = week.number;
        if now == plan.open() {
            self.is_answered(week).await;
        }
        if plan.declined {
            return;
        }
        if let Some(beside) = plan.beside
            && now == plan.open() + 2
        {
            self.case_opens(week, beside).await;
        }
        let worker = week.as_(plan.kind.worker);
        if now == plan.engage {
            let engaged = json!({ "engaged_on": week.now.date_naive() });
            worker.step(&self.case, "engagement", &engaged).await.expect(200);
            self.worked().engaged = Some(now);
        }
        if let Some((at, measured)) = &plan.assess {
            if now == *at {
                self.is_assessed(week, measured).await;
            } else if now == at + 1
                && let Some(correction) = &plan.correct
            {
                self.is_corrected(week, correction).await;
            }
        }
        if let Some((at, measured)) = &plan.review
            && now == *at
        {
            let body = json!({ "content": self.measurement(measured, week.now.date_naive()) });
            let begun = worker.post(&format!("{}/reviews", self.case), &body).await.expect(201);
            worker.step(&format!("/v1/assessments/{}", begun.id()), "completion", &json!({})).await.expect(200);
            let before = plan.assess.as_ref().map_or(0, |assess| assess.0);
            let worked = self.worked();
            worked.reviewed.push((now, now - before <= plan.kind.review));
            worked.last = Some(measured.clone());
        }
        if let Some((at, ending)) = &plan.close
            && now == *at
        {
            self.case_closes(week, ending).await;
        }
        if plan.followed() == Some(now) {
            self.is_asked_again(week).await;
        }
    }

    /// The case of the service that leads.
    pub(super) fn worked(&mut self) -> &mut Worked {
        &mut self.told.worked[0]
    }

    fn form(&self, urgent: bool) -> Value {
        let mut people: Vec<Value> = Vec::new();
        for (n, born) in self.born.iter().enumerate() {
            people.push(json!({ "relation": "child", "given_name": format!("Child{n}of{}", self.number), "family_name": "Yearcase", "birth_date": born }));
        }
        for n in 0..self.plan.adults {
            people.push(json!({ "relation": "parent", "given_name": format!("Parent{n}of{}", self.number), "family_name": "Yearcase" }));
        }
        let mut form = json!({
            "referrer": { "name": "Ms A Referrer (invented)", "role": "teacher" }, "people": people,
            "locality": self.plan.district.0, "concerns": ["family-relationships"], "worries": "Invented."
        });
        if urgent {
            form["urgency"] = json!({ "kind": "immediate_safeguarding", "why": "Invented." });
        }
        form
    }

    fn referrers(&self) -> [(&'static str, &'static str); 2] {
        let (school, police) = (("greenfield-school-system", "greenfield-academy"), ("police-system", "police"));
        if self.plan.by_police { [police, school] } else { [school, police] }
    }

    async fn is_referred(&mut self, week: &Week) {
        let (who, agency) = self.referrers()[0];
        let made = week.as_(who).post("/v1/referrals", &self.form(self.plan.urgent)).await.expect(201);
        self.referral = format!("/v1/referrals/{}", made.id());
        let locality = self.plan.district.0;
        let asked = self.plan.asked.map(|asked| match asked {
            Asked::AtOnce => Answered::InTime,
            _ if !self.plan.to_hub => Answered::TakenBack,
            // The referral goes on for weeks, and so its time passes.
            _ => Answered::Silent,
        });
        if asked.is_some() {
            let officer = week.as_("olive.officer");
            let people = officer.get(&self.referral).await.expect(200).body["people"].clone();
            let ask = json!({
                "agency": "police", "scopes": ["police-incidents"], "years_back": 2, "purpose": "front-door-decision",
                "lawful_basis": "public-task", "people": [people[0]["person_id"]]
            });
            let path = format!("{}/information-requests", self.referral);
            let request = officer.post(&path, &ask).await.expect(201).id();
            self.request = Some(format!("/v1/information-requests/{request}"));
        }
        let (urgent, decided) = (self.plan.urgent, self.plan.decide);
        self.told.referred.push(Referred {
            week: week.number,
            locality,
            agency,
            urgent,
            repeat: false,
            decided,
            asked,
        });
        if self.plan.asked == Some(Asked::AtOnce) {
            self.police_answer(week, Answered::InTime).await;
        }
    }

    async fn police_answer(&mut self, week: &Week, answered: Answered) {
        let request = self.request.as_ref().expect("they were asked");
        let answer = json!({ "found": "nothing_held" });
        week.as_("police-system").post(&format!("{request}/answer"), &answer).await.expect(200);
        self.told.referred[0].asked = Some(answered);
    }

    async fn is_referred_again(&mut self, week: &Week) {
        let (who, agency) = self.referrers()[1];
        let made = week.as_(who).post("/v1/referrals", &self.form(false)).await.expect(201);
        let path = format!("/v1/referrals/{}", made.id());
        let advice = json!({ "level_of_need": 1, "outcome": "information_and_advice", "reason": "Invented." });
        week.as_("olive.officer").step(&path, "decision", &advice).await.expect(200);
        let (locality, now) = (self.plan.district.0, week.number);
        let again = Referred { week: now, locality, agency, urgent: false, repeat: true, decided: now, asked: None };
        self.told.referred.push(again);
    }

    async fn is_decided(&mut self, week: &Week) {
        let outcome = if self.plan.to_hub { "early_help_hub" } else { "information_and_advice" };
        let decision = json!({ "level_of_need": 3, "outcome": outcome, "reason": "Invented." });
        week.as_("olive.officer").step(&self.referral, "decision", &decision).await.expect(200);
        if !self.plan.to_hub {
            return;
        }
        let kinds = [Some(self.plan.kind), self.plan.beside];
        let asked: Vec<Value> = kinds
            .iter()
            .flatten()
            .zip(["lead", "supporting"])
            .map(|(kind, part)| json!({ "service": kind.service, "part": part, "case_type": kind.case_type }))
            .collect();
        let allocate = json!({ "outcome": "allocate", "allocations": asked, "reason": "Invented." });
        week.as_(self.plan.district.1).step(&self.referral, "hub-decision", &allocate).await.expect(200);
        for kind in kinds.into_iter().flatten() {
            let (locality, service, declined) = (self.plan.district.0, kind.service, self.plan.declined);
            self.told.offered.push(Offered { week: week.number, locality, service, declined });
        }
    }

    async fn goes_missing(&mut self, week: &Week, risk: &'static str, interview: Interview) {
        let police = week.as_("police-system");
        let child = json!({ "given_name": format!("Child0of{}", self.number), "family_name": "Yearcase", "birth_date": self.born[0] });
        let report = json!({
            "person": child, "missing_since": week.now - TimeDelta::hours(5), "missing_from": "home", "risk_level": risk,
            "circumstances": "Invented.", "locality": self.plan.district.0,
            "reporter": { "name": "PC A Constable (invented)", "role": "constable" }
        });
        let path =
            format!("/v1/missing-episodes/{}", police.post("/v1/missing-episodes", &report).await.expect(201).id());
        let back = json!({ "returned_at": week.now, "found_how": "came-back-alone", "harm": ["none-known"] });
        police.step(&path, "return", &back).await.expect(200);
        self.episode = Some(path);
        self.is_interviewed(week, "offered").await;
        match interview {
            Interview::InTime => self.is_interviewed(week, "held").await,
            Interview::Declined => self.is_interviewed(week, "declined").await,
            Interview::Late => {}
        }
        let locality = self.plan.district.0;
        self.told.gone.push(Gone { week: week.number, locality, risk, interview });
    }

    async fn is_interviewed(&mut self, week: &Week, outcome: &str) {
        let path = self.episode.as_ref().expect("an episode");
        let mut told = json!({ "outcome": outcome, "at": week.now, "by": "Somebody (invented)" });
        if outcome == "held" {
            told["said"] = json!("Invented.");
            told["themes"] = json!(["boundaries"]);
            if self.plan.missing.is_some_and(|missing| missing.2 == Interview::Late) {
                told["late_reason"] = json!("Invented.");
            }
        }
        week.as_("olive.officer").step(path, "return-interview", &told).await.expect(200);
    }
}
