//! `/onward/{secret}`: what the service sees and answers by its link, without signing in.
//!
//! Whoever has the secret acts as the link, under rights of its own: the database shows a link where its onward
//! referral stands and what is shared by it, and nothing else. Every look stands in the access logs of the
//! people it is about. A secret that is wrong, has ended or was taken back is answered alike.

use actix_web::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, REFERRER_POLICY,
};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use askama::Template;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::access::Action;
use shared::actor::Actor;
use shared::calendar::LocalDay;
use shared::db::from_jsonb;
use shared::problem::{self, FieldError, Problem, ProblemDocument};
use shared::service::{Read, Service};
use shared::{deadline, events, payload, telemetry};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::onward::domain::{OnwardId, OnwardOutcome, OnwardStatus, Step};
use crate::onward::event::{self, BY_LINK};
use crate::onward::follow_up;
use crate::onward::page::{OnwardPage, choices};
use crate::onward::share::SharedContent;
use crate::onward::store::{self, Row};
use crate::onward::view::ANSWER;

/// What a link may do is not a role's to say, but the link's.
const BY_ITS_LINK: Action = Action { name: "onward.by_link", roles: &[] };
/// The largest answer, in bytes.
const LARGEST: usize = 32 * 1024;
/// The policy of the page: our own style sheet, and its form goes nowhere else.
const PAGE: &str = "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
/// How many lines of the history a service can write by its link.
const MOST_LINES: i64 = 20;
/// Whom the history calls so.
const THE_SERVICE: &str = "the service";

/// What a service reads by its link.
#[derive(Debug, Serialize, ToSchema)]
pub struct OnwardLinkView {
    /// The service that is asked.
    pub service: String,
    /// Who offers it.
    pub organisation: String,
    /// Where it stands.
    pub status: OnwardStatus,
    /// Until when the link opens.
    pub expires_at: DateTime<Utc>,
    /// What came of it, as it was last said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outcome: Option<OnwardOutcome>,
    /// What is shared.
    pub content: SharedContent,
    /// What can be answered now.
    pub answers: Vec<String>,
}

/// What a service answers by its link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum LinkAnswer {
    /// It takes the family on.
    Accepted,
    /// It does not.
    Declined,
    /// The family takes part; once accepted.
    Engaged,
    /// The family took part as long as it was needed; once accepted.
    Sustained,
    /// The family did not come; once accepted.
    DidNotEngage,
}

/// An answer by a link: as JSON, or as the page's form sends it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "answer": "accepted", "note": "First appointment in the week of 7 December." }))]
pub struct OnwardLinkAnswer {
    /// What is answered.
    pub answer: LinkAnswer,
    /// Anything else.
    #[schema(max_length = 4000)]
    pub note: Option<String>,
}

/// Who acts by a link, and on what.
struct Holder {
    actor: Actor,
    id: OnwardId,
}

/// The holder of a secret that opens something now.
async fn holder(service: &Service, secret: &str, request: &HttpRequest) -> Result<Holder, Problem> {
    let mut connection = service.pool().get().await.map_err(|error| {
        tracing::warn!(cause = %error, "no database connection");
        Problem::new(problem::UNAVAILABLE)
    })?;
    let opened = store::opened(&mut connection, secret, service.now()).await?.ok_or_else(Problem::not_found)?;
    let actor = Actor {
        user: shared::id::UserId(opened.link_id),
        name: "onward-link".to_owned(),
        agency: "onward-link".parse().map_err(|error| Problem::internal(&error))?,
        roles: Vec::new(),
        localities: Vec::new(),
        teams: Vec::new(),
        session: Uuid::nil(),
        token: Uuid::nil(),
        token_made_at: 0,
        on_behalf_of: None,
        bearer: String::new(),
        trace: telemetry::trace_id(request),
    };
    Ok(Holder { actor, id: OnwardId(opened.onward_id) })
}

/// Whether the caller is a program rather than a browser.
fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("html")
}

fn is_json(request: &HttpRequest) -> bool {
    let media = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media.split(';').next().is_some_and(|media| media.trim().eq_ignore_ascii_case("application/json"))
}

async fn shown(tx: &mut Read, row: &Row) -> Result<OnwardLinkView, Problem> {
    let status = row.standing()?;
    // Whoever can't help needs to know no more of the family.
    let content = if status == OnwardStatus::Declined {
        SharedContent::default()
    } else {
        let content = store::content(tx, row.id).await?;
        from_jsonb(content)?
    };
    let outcome = row.outcome.as_deref().map(str::parse).transpose();
    Ok(OnwardLinkView {
        service: row.service_name.clone(),
        organisation: row.organisation.clone(),
        status,
        expires_at: row.expires_at,
        outcome: outcome.map_err(|()| Problem::internal(&"unknown outcome"))?,
        content,
        answers: choices(status).iter().map(|(value, _)| (*value).to_owned()).collect(),
    })
}

fn answer(request: &HttpRequest, view: &OnwardLinkView, said: Option<&str>) -> Result<HttpResponse, Problem> {
    let mut response = HttpResponse::Ok();
    // The address is the key: nothing keeps the page, and nothing that leads from it tells where it was.
    response.insert_header((HeaderName::from_static("x-robots-tag"), "noindex, nofollow"));
    response.insert_header((CACHE_CONTROL, "no-store"));
    response.insert_header((REFERRER_POLICY, "no-referrer"));
    if wants_json(request) {
        return Ok(response.json(view));
    }
    let service = (view.service.as_str(), view.organisation.as_str());
    let page = OnwardPage::of(service, view.status, view.expires_at, &view.content, request.path(), said);
    let text = page.render().map_err(|error| Problem::internal(&error))?;
    Ok(response.insert_header((CONTENT_SECURITY_POLICY, PAGE)).content_type("text/html; charset=utf-8").body(text))
}

/// Read what is shared by a link
///
/// For a service that is no user: a page with a form, or JSON if that is asked for. What was to be shared, and nothing else.
/// A link that is wrong, has ended or was taken back does not exist.
#[utoipa::path(operation_id = "open_onward_link", tag = "onward referrals", security(()),
    params(("secret" = String, Path, description = "The last part of the link")),
    responses((status = 200, body = OnwardLinkView), (status = 404, body = ProblemDocument)))]
#[get("/onward/{secret}")]
pub async fn open_onward_link(
    service: Data<Service>,
    request: HttpRequest,
    secret: Path<String>,
) -> Result<HttpResponse, Problem> {
    let holder = holder(&service, &secret, &request).await?;
    let view = service
        .read(&holder.actor, &BY_ITS_LINK, async |tx| {
            tx.entry.record = Some(holder.id.0);
            tx.entry.records.push(holder.id.0);
            let mut row = store::for_change(tx, holder.id).await?;
            if row.standing()? == OnwardStatus::Sent {
                let now = tx.now();
                row.step(tx, Step::View, BY_LINK, now).await?;
                store::note(tx, row.id, THE_SERVICE, "viewed", None, now).await?;
            }
            shown(tx, &row).await
        })
        .await?;
    answer(&request, &view, None)
}

/// Answer by a link
///
/// Accept or decline; once accepted, say what came of it. The same answer again changes nothing; another
/// one, once it is answered, is refused with 409: then ring whoever asked.
#[utoipa::path(operation_id = "answer_onward_link", tag = "onward referrals", security(()), request_body = OnwardLinkAnswer,
    params(("secret" = String, Path, description = "The last part of the link")),
    responses((status = 200, body = OnwardLinkView), (status = 400, body = ProblemDocument), (status = 404, body = ProblemDocument),
        (status = 409, body = ProblemDocument), (status = 422, body = ProblemDocument)))]
#[post("/onward/{secret}")]
pub async fn answer_onward_link(
    service: Data<Service>,
    request: HttpRequest,
    secret: Path<String>,
    body: Bytes,
) -> Result<HttpResponse, Problem> {
    let holder = holder(&service, &secret, &request).await?;
    let said = read_answer(&request, &body)?;
    let rules = service.rules();
    let view = service
        .read(&holder.actor, &BY_ITS_LINK, async |tx| {
            tx.entry.record = Some(holder.id.0);
            tx.entry.records.push(holder.id.0);
            let mut row = store::for_change(tx, holder.id).await?;
            let now = tx.now();
            let told = match said.answer {
                LinkAnswer::Accepted | LinkAnswer::Declined => take_answer(tx, &mut row, &said, &rules, now).await?,
                LinkAnswer::Engaged => take_outcome(tx, &mut row, OnwardOutcome::Engaged, &said, now).await?,
                LinkAnswer::Sustained => take_outcome(tx, &mut row, OnwardOutcome::Sustained, &said, now).await?,
                LinkAnswer::DidNotEngage => take_outcome(tx, &mut row, OnwardOutcome::DidNotEngage, &said, now).await?,
            };
            events::append(tx, &told, now, holder.actor.trace.as_deref()).await?;
            shown(tx, &row).await
        })
        .await?;
    answer(&request, &view, Some("We have your answer."))
}

async fn take_answer(
    tx: &mut Read,
    row: &mut Row,
    said: &OnwardLinkAnswer,
    rules: &shared::code::Rules,
    now: DateTime<Utc>,
) -> Result<Vec<events::Event>, Problem> {
    let (step, wanted) = match said.answer {
        LinkAnswer::Accepted => (Step::Accept, OnwardStatus::Accepted),
        _ => (Step::Decline, OnwardStatus::Declined),
    };
    if row.standing()? == wanted {
        return Ok(Vec::new());
    }
    if step == Step::Accept {
        row.expires_at = rules.due("onward_outcome", now).map_or(row.expires_at, |until| until.max(row.expires_at));
    }
    row.step(tx, step, BY_LINK, now).await?;
    deadline::meet(tx, row.id.0, ANSWER, now).await?;
    store::note(tx, row.id, THE_SERVICE, wanted.as_str(), said.note.as_deref(), now).await?;
    let due = deadline::due(tx, row.id.0, ANSWER).await?;
    let mut told = vec![event::answered(row, now, due)];
    if step == Step::Accept {
        told.extend(follow_up::begin(tx, rules, row, now).await?);
    }
    Ok(told)
}

async fn take_outcome(
    tx: &mut Read,
    row: &mut Row,
    outcome: OnwardOutcome,
    said: &OnwardLinkAnswer,
    now: DateTime<Utc>,
) -> Result<Vec<events::Event>, Problem> {
    let status = row.standing()?;
    if status != OnwardStatus::Accepted {
        return Err(Problem::conflict(format!("the onward referral {}", status.in_words())));
    }
    let today = now.local_day();
    let same = row.outcome.as_deref() == Some(outcome.as_str());
    if (!same || said.note.is_some()) && store::lines_by_link(tx, row.id).await? >= MOST_LINES {
        return Err(Problem::conflict("we have many answers from you already: please ring whoever asked"));
    }
    if same {
        // A word more changes nothing of the record, so that nobody who is changing it is held up.
        if let Some(note) = &said.note {
            store::note(tx, row.id, THE_SERVICE, outcome.as_str(), Some(note), now).await?;
        }
        return Ok(Vec::new());
    }
    row.outcome = Some(outcome.as_str().to_owned());
    row.outcome_on = Some(today);
    row.save(tx).await?;
    store::note(tx, row.id, THE_SERVICE, outcome.as_str(), said.note.as_deref(), now).await?;
    Ok(vec![event::outcome(row, BY_LINK)])
}

/// The answer, from JSON or from the page's form.
fn read_answer(request: &HttpRequest, body: &Bytes) -> Result<OnwardLinkAnswer, Problem> {
    if body.len() > LARGEST {
        return Err(Problem::new(problem::TOO_LARGE));
    }
    if is_json(request) {
        return payload::read(body);
    }
    let text = std::str::from_utf8(body).map_err(|_| Problem::new(problem::MALFORMED))?;
    let fields = actix_web::web::Query::<Vec<(String, String)>>::from_query(text)
        .map_err(|_| Problem::new(problem::MALFORMED).detail("the form could not be read"))?
        .into_inner();
    let mut form = serde_json::Map::new();
    for (name, value) in fields {
        // A form sends what was left empty.
        if !(name == "note" && value.trim().is_empty()) && form.insert(name.clone(), value.into()).is_some() {
            return Err(Problem::invalid(vec![FieldError::at(format!("/{name}"), "repeated", "give it once")]));
        }
    }
    payload::read(serde_json::Value::Object(form).to_string().as_bytes())
}
