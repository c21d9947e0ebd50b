//! The county in which the stories happen, and its clock.

use std::time::Duration;

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use e2e::{Caller, County, until};
use serde_json::{Value, json};
use stack::demonstration::PASSWORD;
use stack::system::SystemOptions;
use tokio::sync::{Mutex, MutexGuard, OnceCell};

use super::figures::{Count, Figures, Ladder, count};
use super::told::Told;

/// A county whose clock the stories move, and how far it is ahead.
struct Place {
    county: County,
    began: NaiveDate,
    ahead: Mutex<i64>,
}

static PLACE: OnceCell<Place> = OnceCell::const_new();
/// One story at a time: each moves the clock, and holds the figures to itself.
static TELLING: Mutex<()> = Mutex::const_new(());

/// A story, while it is told.
pub struct Story {
    place: &'static Place,
    figures: Figures,
    _alone: MutexGuard<'static, ()>,
}

impl Story {
    /// Waits for the story before to end.
    pub async fn begins() -> Self {
        let alone = TELLING.lock().await;
        let place = PLACE
            .get_or_init(|| async {
                let county = County::start(SystemOptions::test().expect("options")).await;
                Place { county, began: Utc::now().date_naive(), ahead: Mutex::const_new(0) }
            })
            .await;
        all_was_counted(place).await;
        let analyst = place.county.as_("ana.analyst").await;
        Self { place, figures: Figures::now(analyst, place.began).await, _alone: alone }
    }

    /// Someone, signed in.
    pub async fn as_(&self, who: &str) -> Caller {
        self.place.county.as_(who).await
    }

    /// The business time.
    pub async fn now(&self) -> DateTime<Utc> {
        Utc::now() + TimeDelta::seconds(*self.place.ahead.lock().await)
    }

    /// The day.
    pub async fn today(&self) -> NaiveDate {
        self.now().await.date_naive()
    }

    /// The birth date of somebody who is so old.
    pub async fn born(&self, years: u32) -> NaiveDate {
        self.today().await - Months::new(12 * years) - Days::new(100)
    }

    /// Weeks go by: moves the clock, and waits until it is noticed.
    pub async fn weeks_pass(&self, weeks: i64) {
        self.time_passes(TimeDelta::weeks(weeks)).await;
    }

    /// Hours go by.
    pub async fn hours_pass(&self, hours: i64) {
        self.time_passes(TimeDelta::hours(hours)).await;
    }

    async fn time_passes(&self, by: TimeDelta) {
        let before = self.now().await;
        let seconds = u64::try_from(by.num_seconds()).expect("time goes on");
        let ahead = self.place.county.system.advance_clock(Duration::from_secs(seconds)).expect("the clock moves");
        *self.place.ahead.lock().await = ahead;
        // A draft says when it was begun.
        let officer = self.as_("olive.officer").await;
        for _ in 0..100 {
            let draft = officer.post("/v1/referral-drafts", &json!({ "form": {} })).await.expect(201);
            let path = format!("/v1/referral-drafts/{}", draft.id());
            let key = uuid::Uuid::now_v7().to_string();
            let headers = [("idempotency-key", key.as_str()), ("if-match", &draft.etag())];
            let removed = officer.send(reqwest::Method::DELETE, &path, &headers, None).await;
            // It may be older than drafts get, by the clock that has moved meanwhile.
            assert!(matches!(removed.status, 204 | 404), "{} {}", removed.status, removed.body);
            let begun: DateTime<Utc> = draft.body["created_at"].as_str().expect("a time").parse().expect("a time");
            if begun >= before + by {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("the services don't notice the clock");
    }

    /// An agency that joins the partnership, and may be asked for what it holds.
    pub async fn agency(&self, code: &str, name: &str, kind: &str) {
        let agency = json!({ "code": code, "name": name, "kind": kind });
        made(&self.as_("admin").await, "/v1/agencies", &agency).await;
        // The services ask every second which agencies there are.
        tokio::time::sleep(Duration::from_millis(2500)).await;
    }

    /// A team of the county's.
    pub async fn team(&self, code: &str, name: &str) {
        let team = json!({ "code": code, "name": name, "agency": "county-council" });
        made(&self.as_("admin").await, "/v1/teams", &team).await;
    }

    /// Somebody who works for an agency, in teams if there are any.
    pub async fn works(&self, username: &str, agency: &str, role: &str, teams: &[&str]) {
        let user = json!({
            "username": username, "display_name": name_of(username), "agency": agency, "roles": [role],
            "localities": [], "teams": teams, "password": PASSWORD
        });
        made(&self.as_("admin").await, "/v1/users", &user).await;
    }

    /// Somebody who sits on a district's hub.
    pub async fn sits_on_hub(&self, username: &str, agency: &str, locality: &str) {
        let user = json!({
            "username": username, "display_name": name_of(username), "agency": agency, "roles": ["hub_member"],
            "localities": [locality], "teams": [], "password": PASSWORD
        });
        made(&self.as_("admin").await, "/v1/users", &user).await;
    }

    /// A family support worker of the county's, as each study has one.
    pub async fn family_support_worker(&self, username: &str) {
        self.works(username, "county-council", "service_worker", &["intensive-family-support"]).await;
    }

    /// How colleagues name somebody.
    pub async fn worker(&self, username: &str) -> Value {
        let users = self.as_("admin").await.get("/v1/users?limit=100").await.expect(200);
        let user = users.items().iter().find(|user| user["username"] == username).expect("is a user").clone();
        json!({ "user_id": user["id"], "name": name_of(username), "reached_by": "01632 960100" })
    }

    /// Somebody tells the front door of a worry.
    pub async fn tells<'s>(&'s self, who: &str, form: &Value) -> Told<'s> {
        let made = self.as_(who).await.post("/v1/referrals", form).await.expect(201);
        Told::new(self, who, &made)
    }

    /// To these people there is no such thing.
    pub async fn hidden_from(&self, people: &[&str], path: &str) {
        for who in people {
            let answer = self.as_(who).await.get(path).await;
            assert_eq!(answer.status, 404, "{who} at {path}: {}", answer.body);
        }
    }

    /// Holds a figure, by its parts, to have moved by so much since the story began.
    pub async fn moved(&self, indicator: &str, part: &str, count: Count) {
        self.figures.moved(indicator, "part", part, count).await;
    }

    /// Holds a figure, by district or service.
    pub async fn moved_by(&self, indicator: &str, by: &str, code: &str, count: Count) {
        self.figures.moved(indicator, by, code, count).await;
    }

    /// Holds the issues that were resolved: the question, of how many it was one, of how many no longer.
    pub async fn resolved(&self, issues: &[(&str, i64, i64)]) {
        for (question, was, no_longer) in issues {
            self.moved("issues_resolved", question, (*no_longer, *was)).await;
        }
    }

    /// Holds the ladder's figures to the family's way.
    pub async fn climbed(&self, first: &Ladder, last: &Ladder) {
        self.figures.climbed(first, last).await;
    }
}

/// `robin.teasel` as people say it.
pub fn name_of(username: &str) -> String {
    let capital = |word: &str| word[..1].to_uppercase() + &word[1..];
    username.split('.').map(capital).collect::<Vec<_>>().join(" ") + " (invented)"
}

/// Makes what another story may have made before.
async fn made(admin: &Caller, list: &str, body: &Value) {
    let made = admin.post(list, body).await;
    assert!(matches!(made.status, 201 | 409), "{list}: {} {}", made.status, made.body);
}

/// What stories before have told is counted once a later referral is: the log is read in order.
async fn all_was_counted(place: &Place) {
    let analyst = place.county.as_("ana.analyst").await;
    let school = place.county.as_("hillside-school-system").await;
    let far = place.began + Months::new(12 * 20);
    let figure = format!("/v1/indicators/referrals_received/figure?from={}&to={far}", place.began);
    let before = count(&analyst.get(&figure).await.expect(200).body["figure"]);
    let marker = json!({
        "referrer": { "name": "A Marker (invented)", "role": "teacher" }, "concerns": ["good-education"], "worries": "None.",
        "people": [{ "relation": "child", "given_name": "A", "family_name": "Marker" }], "locality": "blaby"
    });
    let id = school.post("/v1/referrals", &marker).await.expect(201).id();
    school.step(&format!("/v1/referrals/{id}"), "withdrawal", &json!({ "reason": "A marker." })).await.expect(200);
    until(&analyst, &figure, |answer| count(&answer.body["figure"]) > before).await;
}
