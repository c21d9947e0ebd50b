//! A stand-in for referral-service: its event feed, its people and its allocations.
//!
//! One server stands for the whole binary, because a service is told its owner's address once;
//! tests are kept apart by a world of their own for events and people, and by allocation id.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use actix_web::http::header::{AUTHORIZATION, ETAG, IF_MATCH};
use actix_web::web::{Bytes, Path, Query};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, ResponseError, web};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::Utc;
use serde_json::{Value, json};
use shared::auth::ServiceIdentity;
use shared::events::{CloudEvent, EventPage};
use shared::problem::{self, Problem};
use uuid::Uuid;

/// What one test has told.
struct World {
    epoch: Uuid,
    events: Vec<CloudEvent>,
    people: HashMap<Uuid, Value>,
    fetches: u32,
    identity: ServiceIdentity,
}

/// An allocation, and what goes wrong with it.
pub struct Allocation {
    pub status: &'static str,
    pub version: i64,
    pub outcome: Option<String>,
    /// The last thing said with a change.
    pub said: Value,
    /// How many changes were carried out.
    pub effects: u32,
    /// How many changes were asked for.
    pub asks: u32,
    /// So many next asks are carried out, but their answers are lost.
    pub lose_answers: u32,
    /// So many next asks never arrive.
    pub lose_asks: u32,
    /// It comes to stand there between being read and being asked for.
    pub meanwhile: Option<&'static str>,
    /// The caller is not shown it.
    pub hidden: bool,
    /// Idempotency: who, what, under which key, saying what.
    answered: HashMap<(String, String, String), Bytes>,
}

static WORLDS: LazyLock<Mutex<HashMap<String, World>>> = LazyLock::new(Mutex::default);
static ALLOCATIONS: LazyLock<Mutex<HashMap<Uuid, Allocation>>> = LazyLock::new(Mutex::default);

/// Where the server listens.
pub static URL: LazyLock<String> = LazyLock::new(|| {
    let (told, bound) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(|| {
                App::new()
                    .route("/{world}/internal/events", web::get().to(events))
                    .route("/{world}/internal/people/{id}", web::get().to(person))
                    .route("/v1/allocations/{id}", web::get().to(allocation))
                    .route("/v1/allocations/{id}/{change}", web::post().to(change))
            });
            let server = server.workers(1).bind("127.0.0.1:0").unwrap();
            told.send(format!("http://{}", server.addrs()[0])).unwrap();
            server.run().await.unwrap();
        });
    });
    bound.recv().unwrap()
});

/// One test's referral-service.
#[derive(Clone)]
pub struct Owner {
    world: Arc<str>,
}

impl Owner {
    /// A world without events, which believes service tokens as `identity` does.
    pub fn new(identity: ServiceIdentity) -> Self {
        let name = Uuid::now_v7().simple().to_string();
        let world = World { epoch: Uuid::now_v7(), events: Vec::new(), people: HashMap::new(), fetches: 0, identity };
        WORLDS.lock().unwrap().insert(name.clone(), world);
        Self { world: name.into() }
    }

    /// Where this world's internal addresses begin.
    pub fn url(&self) -> String {
        format!("{}/{}", *URL, self.world)
    }

    fn with<R>(&self, work: impl FnOnce(&mut World) -> R) -> R {
        work(WORLDS.lock().unwrap().get_mut(&*self.world).unwrap())
    }

    /// Tells an event about a referral.
    pub fn tell(&self, kind: &str, referral: Uuid, data: Value) {
        self.with(|world| {
            let event = CloudEvent {
                specversion: "1.0".to_owned(),
                id: Uuid::now_v7(),
                source: "/referral-service".to_owned(),
                kind: kind.to_owned(),
                subject: referral,
                time: Utc::now(),
                datacontenttype: "application/json".to_owned(),
                data,
                position: i64::try_from(world.events.len()).unwrap() + 1,
                epoch: world.epoch,
                trace: None,
            };
            world.events.push(event);
        });
    }

    /// Begins a new epoch, as after a restored backup: everything is told again.
    pub fn tell_everything_again(&self) {
        self.with(|world| {
            world.epoch = Uuid::now_v7();
            let epoch = world.epoch;
            world.events.iter_mut().for_each(|event| event.epoch = epoch);
        });
    }

    /// Says who someone is.
    pub fn knows(&self, person: Uuid, given_name: &str, version: i64) {
        let says = json!({ "id": person, "given_name": given_name, "family_name": "Mercer",
                           "birth_date": "2011-05-04", "version": version });
        self.with(|world| world.people.insert(person, says));
    }

    /// How often anyone was asked about.
    pub fn fetches(&self) -> u32 {
        self.with(|world| world.fetches)
    }
}

/// Puts an allocation on offer.
pub fn offer(id: Uuid) {
    let allocation = Allocation {
        status: "offered",
        version: 1,
        outcome: None,
        said: Value::Null,
        effects: 0,
        asks: 0,
        lose_answers: 0,
        lose_asks: 0,
        meanwhile: None,
        hidden: false,
        answered: HashMap::new(),
    };
    ALLOCATIONS.lock().unwrap().insert(id, allocation);
}

/// Looks at an allocation, or spoils it.
pub fn at<R>(id: Uuid, work: impl FnOnce(&mut Allocation) -> R) -> R {
    work(ALLOCATIONS.lock().unwrap().get_mut(&id).unwrap())
}

fn bearer(request: &HttpRequest) -> String {
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    header.trim_start_matches("Bearer ").to_owned()
}

/// The user of a token, unverified: this server is a stand-in.
fn user(request: &HttpRequest) -> String {
    let claims = URL_SAFE_NO_PAD.decode(bearer(request).split('.').nth(1).unwrap()).unwrap();
    serde_json::from_slice::<Value>(&claims).unwrap()["sub"].as_str().unwrap().to_owned()
}

async fn events(request: HttpRequest, world: Path<String>, query: Query<HashMap<String, i64>>) -> HttpResponse {
    let mut worlds = WORLDS.lock().unwrap();
    let world = worlds.get_mut(&*world).unwrap();
    if let Err(refusal) = world.identity.verify(&bearer(&request)) {
        return refusal.error_response();
    }
    let after = query["after"];
    let events = world.events.iter().filter(|event| event.position > after).take(3).cloned().collect();
    let head = i64::try_from(world.events.len()).unwrap();
    HttpResponse::Ok().json(EventPage { epoch: world.epoch, head, events })
}

async fn person(request: HttpRequest, path: Path<(String, Uuid)>) -> HttpResponse {
    let mut worlds = WORLDS.lock().unwrap();
    let world = worlds.get_mut(&path.0).unwrap();
    if let Err(refusal) = world.identity.verify(&bearer(&request)) {
        return refusal.error_response();
    }
    world.fetches += 1;
    match world.people.get(&path.1) {
        Some(says) => HttpResponse::Ok().json(says),
        None => Problem::new(problem::UNAVAILABLE).error_response(),
    }
}

async fn allocation(id: Path<Uuid>) -> HttpResponse {
    let allocations = ALLOCATIONS.lock().unwrap();
    match allocations.get(&id).filter(|allocation| !allocation.hidden) {
        None => Problem::not_found().error_response(),
        Some(it) => HttpResponse::Ok()
            .insert_header((ETAG, format!("\"{}-full\"", it.version)))
            .json(json!({ "id": *id, "status": it.status, "outcome": it.outcome, "unheard_of": 1 })),
    }
}

async fn change(request: HttpRequest, path: Path<(Uuid, String)>, body: Bytes) -> HttpResponse {
    let mut allocations = ALLOCATIONS.lock().unwrap();
    let it = allocations.get_mut(&path.0).unwrap();
    it.asks += 1;
    if it.lose_asks > 0 {
        it.lose_asks -= 1;
        return HttpResponse::BadGateway().finish();
    }
    if let Some(status) = it.meanwhile.take() {
        it.status = status;
        it.version += 1;
    }
    let answer = carry_out(it, &request, &path.1, body).unwrap_or_else(|refusal| refusal.error_response());
    if it.lose_answers > 0 {
        it.lose_answers -= 1;
        return HttpResponse::BadGateway().finish();
    }
    answer
}

/// In the order every service checks: replay, version, state.
fn carry_out(it: &mut Allocation, request: &HttpRequest, change: &str, body: Bytes) -> Result<HttpResponse, Problem> {
    let header = |name: &str| request.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let key = header("idempotency-key").ok_or_else(|| Problem::parameter("Idempotency-Key", "required", ""))?;
    let asked = (user(request), request.path().to_owned(), key);
    match it.answered.get(&asked) {
        Some(same) if *same == body => return Ok(HttpResponse::Ok().finish()),
        Some(_) => return Err(Problem::new(problem::KEY_REUSED)),
        None => {}
    }
    let read = header(IF_MATCH.as_str()).ok_or_else(|| Problem::new(problem::VERSION_REQUIRED))?;
    if read != format!("\"{}-full\"", it.version) {
        return Err(Problem::new(problem::STALE));
    }
    let said: Value = serde_json::from_slice(&body).unwrap();
    let target = match (change, it.status) {
        ("acceptance", "offered") => "accepted",
        ("decline", "offered") => "declined",
        ("closure", "accepted") => "closed",
        _ => return Err(Problem::conflict(format!("the allocation is {}", it.status))),
    };
    it.status = target;
    it.version += 1;
    it.effects += 1;
    it.outcome = said["outcome"].as_str().map(str::to_owned);
    it.said = said;
    it.answered.insert(asked, body);
    Ok(HttpResponse::Ok().finish())
}
