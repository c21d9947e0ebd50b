//! `/v1/clients`.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse, get, post};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::actor::{Actor, Role, Word};
use shared::auth::{Jwk, Jwks, RevokedKind};
use shared::page::{Cursor, Page};
use shared::problem::{self, Problem};
use shared::query::Query;
use shared::request::Command;
use shared::service::{Done, Service, found};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::domain::judge_keys;
use super::store::{self, ClientRow};
use crate::identity::assignment::{self, Assignment};
use crate::identity::id_of;
use crate::{policy, revocation};

/// This slice's routes.
pub fn routes(config: &mut ServiceConfig) {
    config.service(list_clients).service(create_client).service(get_client).service(deactivate_client);
}

/// The kind of key that clients sign with.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum KeyType {
    /// RFC 8037.
    #[serde(rename = "OKP")]
    Okp,
}

/// The curve of the key.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum Curve {
    /// The only one.
    Ed25519,
}

/// What the key signs with.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
pub enum KeyAlgorithm {
    /// The only one.
    EdDSA,
}

/// What the key is for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeyUse {
    /// Signing.
    Sig,
}

/// A client's public key (RFC 7517, RFC 8037). Never send the private one.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientKey {
    /// `OKP`.
    kty: KeyType,
    /// `Ed25519`.
    crv: Curve,
    /// The public key's 32 bytes, base64url without padding.
    #[schema(min_length = 43, max_length = 43, example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    /// The key's id, which assertions name in their header.
    #[schema(min_length = 1, max_length = 128, example = "2026-11")]
    kid: String,
    /// `EdDSA`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alg: Option<KeyAlgorithm>,
    /// `sig`.
    #[serde(rename = "use", default, skip_serializing_if = "Option::is_none")]
    usage: Option<KeyUse>,
}

/// A client's public keys.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClientKeys {
    /// The keys: several while one takes over from another.
    #[schema(min_items = 1, max_items = 10)]
    keys: Vec<ClientKey>,
}

impl From<ClientKeys> for Jwks {
    fn from(keys: ClientKeys) -> Self {
        let key = |key: ClientKey| Jwk {
            kty: "OKP".to_owned(),
            crv: "Ed25519".to_owned(),
            x: key.x,
            kid: key.kid,
            alg: Some("EdDSA".to_owned()),
            usage: Some("sig".to_owned()),
        };
        Self { keys: keys.keys.into_iter().map(key).collect() }
    }
}

/// A partner's system to add.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "client_id": "greenfield-school-system", "name": "Greenfield Academy's pupil records",
    "agency": "greenfield-academy", "roles": ["referrer"], "localities": [], "teams": [],
    "jwks": { "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "2026-11", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] } }))]
pub struct NewClient {
    /// What it calls itself in assertions, and what access logs show. For good.
    #[schema(min_length = 2, max_length = 64, pattern = "^[a-z0-9]+([._-][a-z0-9]+)*$")]
    client_id: String,
    /// The name people know.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The code of its agency.
    agency: Word,
    /// What it does.
    #[schema(min_items = 1, max_items = 11)]
    roles: Vec<Role>,
    /// The districts whose hub it serves.
    #[serde(default)]
    #[schema(max_items = 50)]
    localities: Vec<Word>,
    /// The codes of the teams it serves.
    #[serde(default)]
    #[schema(max_items = 50)]
    teams: Vec<Word>,
    /// Its public keys.
    jwks: ClientKeys,
}

/// Nothing needs saying.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({}))]
pub struct DeactivateClient {}

/// A partner's system.
#[derive(Debug, Serialize, ToSchema)]
pub struct Client {
    /// Its id: `sub` of its tokens.
    id: Uuid,
    /// What it calls itself.
    client_id: String,
    /// The name people know.
    name: String,
    /// The code of its agency.
    agency: String,
    /// What it does.
    roles: Vec<String>,
    /// The districts whose hub it serves.
    localities: Vec<String>,
    /// The codes of the teams it serves.
    teams: Vec<String>,
    /// Its public keys.
    #[schema(value_type = Jwks)]
    jwks: serde_json::Value,
    /// Whether it may get tokens.
    active: bool,
    /// Since when it is here.
    created_at: DateTime<Utc>,
    /// Since when it may not get tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivated_at: Option<DateTime<Utc>>,
}

impl From<ClientRow> for Client {
    fn from(row: ClientRow) -> Self {
        Self {
            id: row.id,
            client_id: row.client_id,
            name: row.name,
            agency: row.agency,
            roles: row.roles,
            localities: row.localities,
            teams: row.teams,
            jwks: row.jwks,
            active: row.deactivated_at.is_none(),
            created_at: row.created_at,
            deactivated_at: row.deactivated_at,
        }
    }
}

/// List the clients
///
/// The partners' systems that you keep, newest first.
#[utoipa::path(operation_id = "list_clients", tag = "identity",
    params(("limit" = Option<i64>, Query, description = "How many, 1 to 100; 20 if absent"),
           ("cursor" = Option<String>, Query, description = "The `next` of the page before")),
    responses((status = 200, description = "A page of clients", body = Page<Client>)))]
#[get("/v1/clients")]
async fn list_clients(service: Data<Service>, actor: Actor, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut query = Query::of(&request);
    let (limit, cursor) = (query.limit(), query.cursor());
    query.finish()?;
    let page = service
        .read(&actor, &policy::CLIENT_READ, async |tx| {
            policy::CLIENT_READ.require(&actor)?;
            let rows = store::list(tx, &actor.scopes(), cursor, limit).await?;
            Ok(Page::from_rows(rows, limit, |row| Cursor { sort_at: row.created_at, id: row.id }, Client::from))
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

/// Read a client
#[utoipa::path(operation_id = "get_client", tag = "identity",
    params(("id" = Uuid, Path, description = "The client's id (not its `client_id`)")),
    responses((status = 200, description = "The client", body = Client, headers(("ETag" = String, description = "Its version")))))]
#[get("/v1/clients/{id}")]
async fn get_client(service: Data<Service>, actor: Actor, id: Path<String>) -> Result<HttpResponse, Problem> {
    let row = show(&service, &actor, id_of(&id)?).await?;
    Ok(found(row.version, "client", &Client::from(row)))
}

async fn show(service: &Service, actor: &Actor, id: Uuid) -> Result<ClientRow, Problem> {
    service
        .read(actor, &policy::CLIENT_READ, async |tx| {
            let row = store::find(tx, id).await?;
            policy::CLIENT_READ.require(actor).map(|()| row)
        })
        .await
}

/// Add a client
///
/// A partner's system, which gets tokens by assertions signed with the private half of one of these keys. The
/// partner makes the key pair and sends you the public half; the private one never leaves the partner.
#[utoipa::path(operation_id = "create_client", tag = "identity", request_body = NewClient,
    params(("Idempotency-Key" = String, Header, description = "A new random key for each new request")),
    responses((status = 201, description = "The client", body = Client,
            headers(("Location" = String, description = "Its address"), ("ETag" = String, description = "Its version")))))]
#[post("/v1/clients")]
async fn create_client(service: Data<Service>, command: Command<NewClient>) -> Result<HttpResponse, Problem> {
    let written = service
        .write(&command, &policy::CLIENT_CREATE, async |tx| {
            tx.proceed(None).await?;
            let new = command.body()?;
            let wanted = Assignment {
                agency: new.agency.as_str(),
                roles: &new.roles,
                localities: &new.localities,
                teams: &new.teams,
            };
            let jwks = Jwks::from(new.jwks);
            assignment::check(tx, &wanted, None, &service.rules(), &command.actor, judge_keys(&jwks)).await?;
            let now = tx.now();
            let row = ClientRow {
                id: Uuid::now_v7(),
                client_id: new.client_id,
                name: new.name,
                agency: new.agency.to_string(),
                roles: assignment::role_codes(&new.roles),
                localities: assignment::codes(&new.localities),
                teams: assignment::codes(&new.teams),
                jwks: serde_json::to_value(jwks).map_err(|error| Problem::internal(&error))?,
                created_at: now,
                deactivated_at: None,
                version: 1,
            };
            // First, because adding with ON CONFLICT asks whether the adder sees the row.
            assignment::grant(tx, row.id, "client", &row.agency, now).await?;
            if !store::add(tx, &row).await? {
                return Err(Problem::new(problem::DUPLICATE).detail("this client_id is taken").into());
            }
            tx.entry.record = Some(row.id);
            Ok(Done::created(format!("/v1/clients/{}", row.id), 1, Client::from(row)))
        })
        .await?;
    written.respond("client", async |stored| show(&service, &command.actor, stored.id()?).await.map(Client::from)).await
}

/// Deactivate a client
///
/// It gets no more tokens, and those it has are refused within five seconds. Do this at once if its private key
/// may have been seen by others.
#[utoipa::path(operation_id = "deactivate_client", tag = "identity", request_body = DeactivateClient,
    params(("id" = Uuid, Path, description = "The client's id (not its `client_id`)"),
           ("Idempotency-Key" = String, Header, description = "A new random key for each new request"),
           ("If-Match" = String, Header, description = "The ETag you read")),
    responses((status = 200, description = "The client as it is now", body = Client, headers(("ETag" = String, description = "Its version")))))]
#[post("/v1/clients/{id}/deactivation")]
async fn deactivate_client(
    service: Data<Service>,
    command: Command<DeactivateClient>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = id_of(&id)?;
    let written = service
        .write(&command, &policy::CLIENT_DEACTIVATE, async |tx| {
            tx.entry.record = Some(id);
            let mut row = store::find_for_change(tx, id).await?;
            tx.proceed(Some(row.version)).await?;
            command.body()?;
            if row.deactivated_at.is_some() {
                return Err(Problem::conflict("this client is deactivated already").into());
            }
            row.deactivated_at = Some(tx.now());
            row.version += 1;
            store::deactivate(tx, &row).await?;
            revocation::revoke(tx, RevokedKind::Subject, id).await?;
            Ok(Done::changed(row.version, Client::from(row)))
        })
        .await?;
    written.respond("client", async |_| show(&service, &command.actor, id).await.map(Client::from)).await
}
