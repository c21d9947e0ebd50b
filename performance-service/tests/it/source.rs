//! A stand-in for referral-service: an event log that answers `GET /internal/events`.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::web::{Data, Query};
use actix_web::{App, HttpResponse, HttpServer, web};
use chrono::{DateTime, Utc};
use performance_service::projection::Projection;
use serde_json::{Value, json};
use shared::client::Peer;
use shared::events::{CloudEvent, EventPage, run_consumer};
use shared::testing::TestApp;
use uuid::Uuid;

/// The log and where it is served.
pub struct Source {
    log: Arc<Mutex<EventPage>>,
    url: String,
}

#[derive(serde::Deserialize)]
struct After {
    after: i64,
}

async fn answer(log: Data<Mutex<EventPage>>, wanted: Query<After>) -> HttpResponse {
    let log = log.lock().unwrap();
    let events = log.events.iter().filter(|event| event.position > wanted.after).take(500).cloned().collect();
    HttpResponse::Ok().json(EventPage { epoch: log.epoch, head: log.head, events })
}

impl Source {
    /// An empty log, served.
    pub fn start() -> Self {
        let log = Arc::new(Mutex::new(EventPage { epoch: Uuid::now_v7(), head: 0, events: Vec::new() }));
        let shared = log.clone();
        let server = HttpServer::new(move || {
            App::new().app_data(Data::from(shared.clone())).route("/internal/events", web::get().to(answer))
        })
        .workers(1)
        .bind("127.0.0.1:0")
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        actix_web::rt::spawn(server.run());
        Self { log, url }
    }

    /// Adds an event.
    pub fn tell(&self, kind: &str, subject: Uuid, data: Value) {
        let mut log = self.log.lock().unwrap();
        log.head += 1;
        let event = CloudEvent { position: log.head, epoch: log.epoch, ..event(kind, subject, data) };
        log.events.push(event);
    }

    /// As a log restored from a backup: another epoch, in which the same events and their repetitions
    /// stand at other positions.
    pub fn restore_with_everything_twice(&self) {
        let mut log = self.log.lock().unwrap();
        log.epoch = Uuid::now_v7();
        let before = std::mem::take(&mut log.events);
        for event in before.iter().chain(&before) {
            log.head = log.events.len() as i64 + 1;
            let event = CloudEvent { position: log.head, epoch: log.epoch, ..event.clone() };
            log.events.push(event);
        }
    }

    /// Starts the service's consumer on this log.
    pub fn consume(&self, app: &TestApp) {
        let peer = Peer::new("referral-service", &self.url, app.peer.clone()).unwrap();
        actix_web::rt::spawn(run_consumer(app.background.clone(), peer, Projection));
    }

    /// How many events it has told.
    pub fn head(&self) -> i64 {
        self.log.lock().unwrap().head
    }

    /// Waits until the consumer has read to the head of this epoch.
    pub async fn settled(&self, app: &TestApp) {
        let mut connection = app.database.all_seeing().await;
        let epoch = self.log.lock().unwrap().epoch;
        let sql = format!("SELECT coalesce(max(position), -1) FROM consumer_position WHERE epoch = '{epoch}'");
        for _ in 0..400 {
            if crate::number(&mut connection, &sql).await == self.head() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(25)).await;
        }
        panic!("the consumer did not reach {}", self.head());
    }
}

/// An event outside any log.
pub fn event(kind: &str, subject: Uuid, data: Value) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".to_owned(),
        id: Uuid::now_v7(),
        source: "/referral-service".to_owned(),
        kind: kind.to_owned(),
        subject,
        time: Utc::now(),
        datacontenttype: "application/json".to_owned(),
        data,
        position: 0,
        epoch: Uuid::nil(),
        trace: None,
    }
}

/// The data of `referral.received.v1`, due a day later.
pub fn received(referral: Uuid, at: DateTime<Utc>, locality: Option<&str>) -> Value {
    json!({ "referral_id": referral, "received_at": at, "decision_due_at": at + chrono::TimeDelta::days(1),
            "locality": locality, "agency": "greenfield-academy", "person_ids": [Uuid::now_v7()] })
}

/// The data of `referral.decided.v1`.
pub fn decided(referral: Uuid, at: DateTime<Utc>, in_time: bool, locality: Option<&str>) -> Value {
    json!({ "referral_id": referral, "outcome": "early_help_hub", "level_of_need": 2, "decided_at": at,
            "due_at": at, "in_time": in_time, "locality": locality })
}

/// The data of `allocation.offered.v1`.
pub fn offered(allocation: Uuid, referral: Uuid, service: &str, at: DateTime<Utc>) -> Value {
    json!({ "allocation_id": allocation, "referral_id": referral, "service": service, "locality": "charnwood",
            "offered_at": at, "person_ids": [Uuid::now_v7()] })
}

/// The data of a later step of an allocation.
pub fn step(allocation: Uuid, referral: Uuid, service: &str, what: &str, at: DateTime<Utc>) -> Value {
    json!({ "allocation_id": allocation, "referral_id": referral, "service": service, what: at, "outcome":
            if what == "closed_at" { Some("needs_met") } else { None } })
}
