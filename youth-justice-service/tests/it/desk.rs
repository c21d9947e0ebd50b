//! The service, a referral-service for it, and someone who works there.

use std::sync::LazyLock;
use std::time::Duration;

use actix_web::web::{Data, ServiceConfig};
use serde_json::{Value, json};
use shared::actor::Role;
use shared::background::Background;
use shared::client::OnBehalf;
use shared::clock::Clock;
use shared::server::Program;
use shared::testing::{Person, Reply, TestApp, TokenMaker};
use uuid::Uuid;
use youth_justice_service::{OWNER, PROGRAM, start_against};

use crate::owner::{self, Owner};

/// The program as it is, asking the stand-in.
static UNDER_TEST: LazyLock<Program> = LazyLock::new(|| Program {
    name: PROGRAM.name,
    roles: PROGRAM.roles,
    description: PROGRAM.description,
    migrations: PROGRAM.migrations,
    routes: PROGRAM.routes,
    internal: |cfg: &mut ServiceConfig| {
        youth_justice_service::work::part(cfg);
        cfg.app_data(Data::new(OnBehalf::new(OWNER, &owner::URL).unwrap()));
    },
    actions: PROGRAM.actions,
    start: PROGRAM.start,
});

pub struct Desk {
    pub app: TestApp,
    pub owner: Owner,
    pub yusuf: Person,
}

/// An allocation that was offered.
#[derive(Clone)]
pub struct Offer {
    pub allocation: Uuid,
    pub referral: Uuid,
    pub people: Vec<Uuid>,
}

pub fn worker(name: &str) -> Person {
    Person::new(name, "county-council", Role::YouthJusticeWorker).team("youth-justice-prevention")
}

impl Desk {
    /// A service that takes in events and copies names.
    pub async fn open() -> Self {
        let desk = Self::without_events().await;
        let (own, owner) = TokenMaker::services(PROGRAM.name, OWNER);
        let owner = Owner::new(owner);
        // Without Redis: the stream of one referral-service would be every test's.
        let worker = desk.database.worker();
        let background = Background::new(PROGRAM.name, &worker, None, Clock::default()).unwrap();
        start_against(&background, &own, &owner.url()).unwrap();
        Self { app: desk, owner, yusuf: worker_of_the_team() }
    }

    /// A service that nobody tells anything.
    pub async fn without_events() -> TestApp {
        TestApp::start(&UNDER_TEST).await
    }

    /// Offers an allocation to a service: told, and open to be asked for.
    pub fn offer_to(&self, service: &str, locality: Option<&str>) -> Offer {
        let offer = Offer { allocation: Uuid::now_v7(), referral: Uuid::now_v7(), people: vec![Uuid::now_v7()] };
        owner::offer(offer.allocation);
        self.tell_offer(&offer, service, locality);
        offer
    }

    pub fn tell_offer(&self, offer: &Offer, service: &str, locality: Option<&str>) {
        self.owner.tell(
            "allocation.offered.v1",
            offer.referral,
            json!({ "allocation_id": offer.allocation, "referral_id": offer.referral, "service": service,
                    "locality": locality, "offered_at": chrono::Utc::now(), "person_ids": offer.people }),
        );
    }

    /// Offers an allocation to this service and waits for its case.
    pub async fn case(&self) -> (Offer, Value) {
        let offer = self.offer_to("youth-justice-prevention", Some("charnwood"));
        let case = self.case_of(&offer, |_| true).await;
        (offer, case)
    }

    /// Tells what became of an offer.
    pub fn tell(&self, offer: &Offer, what: &str, more: Value) {
        let mut data = json!({ "allocation_id": offer.allocation, "referral_id": offer.referral,
                               "service": "youth-justice-prevention" });
        data.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.owner.tell(&format!("allocation.{what}.v1"), offer.referral, data);
    }

    /// Waits until the list shows the offer's case so.
    pub async fn case_of(&self, offer: &Offer, so: impl Fn(&Value) -> bool) -> Value {
        for _ in 0..200 {
            let list = self.app.get(&self.yusuf, "/v1/prevention-cases?limit=100").await.expect(200);
            let items = list.body["items"].as_array().unwrap();
            let case = items.iter().find(|case| case["allocation_id"] == json!(offer.allocation));
            if let Some(case) = case.filter(|case| so(case)) {
                return case.clone();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the case never came to stand so");
    }

    /// Waits until the offer's case has this status.
    pub async fn comes_to(&self, offer: &Offer, status: &str) -> Value {
        self.case_of(offer, |case| case["status"] == status).await
    }

    pub async fn read(&self, case: &Value) -> Reply {
        self.app.get(&self.yusuf, &path(case)).await.expect(200)
    }

    pub async fn etag(&self, case: &Value) -> String {
        self.read(case).await.etag()
    }

    /// The history as (status, by, reason).
    pub async fn history(&self, case: &Value) -> Vec<(String, Value, Value)> {
        let reply = self.app.get(&self.yusuf, &format!("{}/history", path(case))).await.expect(200);
        let items = reply.body["items"].as_array().unwrap().clone();
        items
            .into_iter()
            .map(|step| (step["status"].as_str().unwrap().to_owned(), step["by"].clone(), step["reason"].clone()))
            .collect()
    }

    /// The kinds of the events this service has published, in order.
    pub async fn published(&self) -> Vec<String> {
        crate::database::texts(
            &mut self.app.database.all_seeing().await,
            "SELECT kind AS text FROM event_log ORDER BY seq",
        )
        .await
    }
}

fn worker_of_the_team() -> Person {
    worker("yusuf.justice")
}

pub fn path(case: &Value) -> String {
    format!("/v1/prevention-cases/{}", case["id"].as_str().unwrap())
}
