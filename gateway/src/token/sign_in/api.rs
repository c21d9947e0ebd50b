//! The pages of the sign-in.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HOST, LOCATION, ORIGIN, RETRY_AFTER};
use actix_web::web::{self, Data, Payload};
use actix_web::{HttpRequest, HttpResponse, ResponseError};
use askama::Template;
use aws_lc_rs::{digest, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{TimeDelta, Utc};
use shared::audit::{self, Entry, Outcome};
use shared::problem::Problem;
use shared::telemetry::trace_id;
use uuid::Uuid;

use super::super::form::Form;
use super::super::issue::{Issuer, Occasion, claims};
use super::super::store::{CodeRow, add_code, find_user};
use super::domain::{self, Asked};
use super::store;
use crate::limit::{Kind, Limiter};
use crate::{body, headers, page, password, worker};

/// How long a code is good.
const CODE_LIVES: TimeDelta = TimeDelta::seconds(60);

/// The pages. They are for browsers and stand in the reference's text, not among its operations.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        .service(
            web::resource("/oauth/authorize")
                .route(web::get().to(show_form))
                .route(web::post().to(take_form))
                .default_service(web::to(page::wrong_method)),
        )
        .service(
            web::resource("/signed-in").route(web::get().to(signed_in)).default_service(web::to(page::wrong_method)),
        );
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage<'a> {
    request: &'a str,
    username: &'a str,
    error: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage<'a> {
    title: &'a str,
    text: &'a str,
}

/// A page that says one thing.
fn message(status: StatusCode, title: &str, text: &str) -> HttpResponse {
    page::html(status, &MessagePage { title, text })
}

/// Over TLS the name itself says that no other host, and no plain connection, set it.
fn cookie_name(issuer: &Issuer) -> &'static str {
    if issuer.address.starts_with("https://") { "__Host-threshold-sign-in" } else { "threshold-sign-in" }
}

fn random() -> Result<String, Problem> {
    let mut bytes = [0u8; 32];
    rand::fill(&mut bytes).map_err(|_| Problem::internal(&"no randomness"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

async fn signed_in() -> HttpResponse {
    message(StatusCode::OK, "You are signed in", "You can close this page and go back to where you came from.")
}

/// Shows the form to someone whom a program sent here.
async fn show_form(request: HttpRequest, issuer: Data<Issuer>) -> HttpResponse {
    match asked(&request, &issuer).await {
        Ok(asked) => form(&request, &issuer, asked, StatusCode::OK, "", None).unwrap_or_else(|p| p.error_response()),
        Err(answer) => answer,
    }
}

/// What the program asks, or what to answer instead.
async fn asked(request: &HttpRequest, issuer: &Issuer) -> Result<Asked, HttpResponse> {
    let unknown = || {
        message(
            StatusCode::BAD_REQUEST,
            "This link does not work",
            "The program that sent you here is not registered, or asked for the answer to go to an address that is \
             not its own. Go back to it and tell whoever keeps it.",
        )
    };
    let query = Form::read(request.query_string().as_bytes()).ok_or_else(unknown)?;
    let (Some(client_id), Some(redirect_uri)) = (query.get("client_id"), query.get("redirect_uri")) else {
        return Err(unknown());
    };
    let registered =
        worker::transaction(&issuer.pool, async |connection| Ok(store::redirect_uris(connection, client_id).await?))
            .await
            .map_err(|problem| failed(&problem))?;
    if !registered.is_some_and(|registered| domain::is_registered(redirect_uri, &registered, &issuer.address)) {
        return Err(unknown());
    }
    Asked::read(&query, client_id, redirect_uri).map_err(|wrong| {
        let mut parameters =
            vec![("error", wrong.error), ("error_description", wrong.description), ("iss", issuer.address.as_str())];
        parameters.extend(query.get("state").map(|state| ("state", state)));
        domain::redirection(redirect_uri, &parameters).map_or_else(unknown, |to| see_other(&to))
    })
}

fn see_other(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((LOCATION, to)).finish()
}

fn failed(problem: &Problem) -> HttpResponse {
    let status = problem.status_code();
    let text = "Try again in a moment. If it goes on, tell whoever looks after Threshold for you.";
    message(status, "Not available just now", text)
}

fn form(
    request: &HttpRequest,
    issuer: &Issuer,
    asked: Asked,
    status: StatusCode,
    username: &str,
    error: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let name = cookie_name(issuer);
    let kept = request.cookie(name).map(|cookie| cookie.value().to_owned()).filter(|value| value.len() == 43);
    let value = kept.map_or_else(random, Ok)?;
    // Browsers hold the redirection after the form to the same rule as the form.
    let origin = domain::origin(&asked.redirect_uri).filter(|origin| *origin != issuer.address).unwrap_or_default();
    let carried = domain::carry(asked, &value, &issuer.keys.current(), Utc::now());
    let carried = carried.map_err(|cause| Problem::internal(&cause))?;
    let mut response = page::html(status, &SignInPage { request: &carried, username, error });
    let policy = format!("{} {origin}", headers::PAGE);
    if let Ok(policy) = policy.trim_end().parse() {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    let cookie = Cookie::build(name, value)
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .secure(name.starts_with("__Host-"))
        .finish();
    response.add_cookie(&cookie).map_err(|error| Problem::internal(&error))?;
    Ok(response)
}

/// Whether a browser says that another site sent this form. Absent headers say nothing.
fn is_from_elsewhere(request: &HttpRequest) -> bool {
    let text = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
    let site = text("sec-fetch-site").is_some_and(|site| !matches!(site, "same-origin" | "none"));
    let origin = text(ORIGIN.as_str()).is_some_and(|origin| {
        let host = origin.split_once("://").map(|(_, host)| host);
        host != text(HOST.as_str())
    });
    site || origin
}

/// Looks at the password, and sends the browser on with a code if it is right.
async fn take_form(
    request: HttpRequest,
    payload: Payload,
    issuer: Data<Issuer>,
    limiter: Data<Limiter>,
) -> HttpResponse {
    let read = body::read(&request, payload).await;
    let fields = match read.map(|body| Form::read(&body)) {
        Ok(Some(fields)) => fields,
        Ok(None) => return message(StatusCode::BAD_REQUEST, "This form could not be read", "Go back and start again."),
        Err(problem) => return failed(&problem),
    };
    let cookie = request.cookie(cookie_name(&issuer)).map(|cookie| cookie.value().to_owned());
    let asked = fields
        .get("request")
        .zip(cookie)
        .filter(|_| !is_from_elsewhere(&request))
        .and_then(|(carried, cookie)| domain::carried(carried, &cookie, &issuer.keys.current(), Utc::now()));
    let Some(asked) = asked else {
        return message(
            StatusCode::BAD_REQUEST,
            "This page is too old",
            "It was open for more than half an hour, or your browser keeps no cookies. Go back to where you came from \
             and start again.",
        );
    };
    let source = limiter.source(&request);
    let username = fields.get("username").unwrap_or_default().trim().to_lowercase();
    let again = |status, error: &str| {
        form(&request, &issuer, asked.clone(), status, &username, Some(error)).unwrap_or_else(|p| p.error_response())
    };
    if limiter.peek(Kind::FailedSignIns, &source).await.is_err() {
        return again(
            StatusCode::TOO_MANY_REQUESTS,
            "Too many attempts from where you are. Wait a minute, then try again.",
        );
    }
    let password = fields.get("password").unwrap_or_default();
    let outcome = sign_in(&issuer, &asked, &username, password, &source, trace_id(&request).as_deref()).await;
    match outcome {
        Ok(SignIn::Done(to)) => see_other(&to),
        Ok(SignIn::Wrong) => {
            limiter.count(Kind::FailedSignIns, &source).await;
            again(StatusCode::UNPROCESSABLE_ENTITY, "The user name or the password is not right.")
        }
        Ok(SignIn::TooSoon(wait)) => {
            let seconds = wait.num_seconds().max(0) + 1;
            let text = format!("Too many wrong passwords. Wait {seconds} seconds, then try again.");
            let mut response = again(StatusCode::TOO_MANY_REQUESTS, &text);
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
            response
        }
        Err(problem) => failed(&problem),
    }
}

enum SignIn {
    /// On to this address.
    Done(String),
    /// Wrong name or password, or no longer allowed: the same answer for each.
    Wrong,
    /// The next attempt is not due yet.
    TooSoon(TimeDelta),
}

async fn sign_in(
    issuer: &Issuer,
    asked: &Asked,
    username: &str,
    password: &str,
    source: &str,
    trace: Option<&str>,
) -> Result<SignIn, Problem> {
    let digest = digest::digest(&digest::SHA256, username.as_bytes());
    let name = digest.as_ref();
    let begun = worker::transaction(&issuer.pool, async |connection| {
        if let Some(wait) = store::attempt(connection, name, source, Utc::now()).await? {
            return Ok(Err(wait));
        }
        Ok(Ok(store::find(connection, username).await?))
    })
    .await?;
    let found = match begun {
        Ok(found) => found,
        Err(wait) => return Ok(SignIn::TooSoon(wait)),
    };
    // The same work whether there is such a user or not, and no transaction open meanwhile.
    let hash = found.as_ref().and_then(|(_, _, hash)| hash.clone());
    let right = password::verify_elsewhere(password.to_owned(), hash).await?;
    let Some((user, active, _)) = found else {
        return Ok(SignIn::Wrong);
    };
    let code = random()?;
    let session = Uuid::now_v7();
    let right = worker::transaction(&issuer.pool, async |connection| {
        let now = Utc::now();
        let holder = find_user(connection, user).await?.ok_or_else(|| Problem::internal(&"a user is gone"))?;
        let good = right && active && holder.deactivated_at.is_none();
        let occasion = Occasion { client_id: &asked.client_id, session, on_behalf_of: None, trace, now };
        let actor =
            claims(&issuer.address, holder, &occasion, now.timestamp())?.actor(String::new(), trace.map(str::to_owned));
        let (outcome, status) = if good { (Outcome::Done, 303) } else { (Outcome::Refused, 422) };
        let entry = Entry { record: Some(user), ..Entry::default() };
        audit::write(connection, &actor, trace, "user.sign_in", outcome, status, &entry).await?;
        if good {
            store::succeed(connection, name, source).await?;
            let row = CodeRow {
                code: digest::digest(&digest::SHA256, code.as_bytes()).as_ref().to_vec(),
                client_id: asked.client_id.clone(),
                redirect_uri: asked.redirect_uri.clone(),
                challenge: asked.challenge.clone(),
                user_id: user,
                session_id: session,
                expires_at: now + CODE_LIVES,
            };
            add_code(connection, &row).await?;
        }
        Ok(good)
    })
    .await?;
    if !right {
        return Ok(SignIn::Wrong);
    }
    let mut parameters = vec![("code", code.as_str()), ("iss", issuer.address.as_str())];
    parameters.extend(asked.state.as_deref().map(|state| ("state", state)));
    domain::redirection(&asked.redirect_uri, &parameters)
        .map(SignIn::Done)
        .ok_or_else(|| Problem::internal(&"a registered redirection is no address"))
}
