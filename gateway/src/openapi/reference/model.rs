//! The document, taken apart into what the pages show.

use serde_json::Value;
use shared::openapi::is_open;

use super::super::merge::kinds;
use super::example::example;
use super::markdown;
use super::schema::{Field, Schemas, limits, values};

/// A part of the API, on a page of its own.
pub struct Part {
    /// Its name.
    pub name: String,
    /// Its address below `/docs/`.
    pub slug: String,
    /// What it is, as HTML.
    pub description: String,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// Something one can ask.
pub struct Operation {
    /// Its name for programs, and its place on the page.
    pub id: String,
    /// `GET`, `POST`.
    pub method: String,
    /// The address, with names in braces.
    pub path: String,
    /// In a few words.
    pub summary: String,
    /// In more, as HTML.
    pub description: String,
    /// Whether it needs a token.
    pub needs_token: bool,
    /// What stands in the address, the query and the headers.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub request: Option<Body>,
    /// What comes back when it works.
    pub answers: Vec<Answer>,
    /// What comes back when it doesn't.
    pub refusals: Vec<Refusal>,
    /// How to ask, for a terminal.
    pub curl: String,
}

/// Something in the address, the query or the headers.
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `path`, `query` or `header`.
    pub place: String,
    /// What it holds, in words.
    pub kind: String,
    /// Whether it must be there.
    pub required: bool,
    /// Limits and words, in words.
    pub limits: Vec<String>,
    /// What it means, as HTML.
    pub description: String,
}

/// A body, sent or received.
pub struct Body {
    /// Its media type.
    pub media: String,
    /// What it is, as HTML.
    pub description: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// An example, as JSON; empty if there is none worth showing.
    pub example: String,
}

/// An answer to something that worked.
pub struct Answer {
    /// The status.
    pub status: String,
    /// What it means, as HTML.
    pub description: String,
    /// Headers that come with it, each with what it means.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<Body>,
}

/// A status of a refusal, with the kinds of problem it comes with.
pub struct Refusal {
    /// The status.
    pub status: String,
    /// What it means, as HTML.
    pub description: String,
    /// Codes and titles of the kinds.
    pub kinds: Vec<(&'static str, &'static str)>,
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// A name as a part of an address.
fn slug(name: &str) -> String {
    name.to_lowercase().split_whitespace().collect::<Vec<_>>().join("-")
}

/// The parts in the order of the document's tags; others after them.
pub fn parts(document: &Value) -> Vec<Part> {
    let schemas = Schemas(document.pointer("/components/schemas").and_then(Value::as_object));
    let mut parts: Vec<Part> = Vec::new();
    for tag in document.get("tags").and_then(Value::as_array).into_iter().flatten() {
        let name = text(tag, "name");
        let description = markdown::blocks(&text(tag, "description"));
        parts.push(Part { slug: slug(&name), name, description, operations: Vec::new() });
    }
    for (path, item) in document.get("paths").and_then(Value::as_object).into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let tag = operation.pointer("/tags/0").and_then(Value::as_str).unwrap_or("other");
            let shown = show(schemas, path, method, operation);
            match parts.iter_mut().find(|part| part.name == tag) {
                Some(part) => part.operations.push(shown),
                None => parts.push(Part {
                    name: tag.to_owned(),
                    slug: slug(tag),
                    description: String::new(),
                    operations: vec![shown],
                }),
            }
        }
    }
    parts.retain(|part| !part.operations.is_empty());
    for part in &mut parts {
        // What an integrator needs first comes first: the token, then each address before what lies
        // below it, and sending before reading.
        part.operations.sort_by_key(|operation| {
            let path = &operation.path;
            let late = path.starts_with("/.well-known/");
            (late, path != "/oauth/token", path.matches('/').count(), path.clone(), operation.method != "POST")
        });
    }
    parts
}

fn show(schemas: Schemas<'_>, path: &str, method: &str, operation: &Value) -> Operation {
    let method = method.to_uppercase();
    let listed = operation.get("parameters").and_then(Value::as_array).into_iter().flatten();
    let parameters: Vec<Parameter> = listed.map(|parameter| show_parameter(schemas, parameter)).collect();
    let request = operation.pointer("/requestBody/content").and_then(|content| body(schemas, content, false));
    let needs_token = !operation.as_object().is_some_and(is_open);
    let (mut answers, mut refusals) = (Vec::new(), Vec::new());
    for (status, response) in operation.get("responses").and_then(Value::as_object).into_iter().flatten() {
        let description = markdown::line(&text(response, "description"));
        if status.starts_with('2') || status.starts_with('3') {
            let headers = response.get("headers").and_then(Value::as_object).into_iter().flatten();
            let headers = headers.map(|(name, header)| (name.clone(), markdown::line(&text(header, "description"))));
            let body = response.get("content").and_then(|content| body(schemas, content, true));
            answers.push(Answer { status: status.clone(), description, headers: headers.collect(), body });
        } else {
            let is_problem = response.pointer("/content/application~1problem+json").is_some();
            let kinds =
                if is_problem { kinds(status).map(|kind| (kind.code, kind.title)).collect() } else { Vec::new() };
            refusals.push(Refusal { status: status.clone(), description, kinds });
        }
    }
    Operation {
        id: text(operation, "operationId"),
        curl: curl(path, &method, &parameters, request.as_ref(), needs_token),
        path: path.to_owned(),
        summary: text(operation, "summary").trim_end_matches('.').to_owned(),
        description: markdown::blocks(&text(operation, "description")),
        method,
        needs_token,
        parameters,
        request,
        answers,
        refusals,
    }
}

fn show_parameter(schemas: Schemas<'_>, parameter: &Value) -> Parameter {
    let nothing = Value::Null;
    let schema = schemas.resolve(parameter.get("schema").unwrap_or(&nothing)).0;
    let mut limits = limits(schema);
    let values = values(schema);
    if !values.is_empty() {
        limits.push(format!("one of: {}", values.join(", ")));
    }
    Parameter {
        name: text(parameter, "name"),
        place: match text(parameter, "in").as_str() {
            "path" => "address".to_owned(),
            other => other.to_owned(),
        },
        kind: schemas.kind(schema),
        required: parameter.get("required").and_then(Value::as_bool).unwrap_or(false),
        limits,
        description: markdown::line(&text(parameter, "description").replace('\n', " ")),
    }
}

fn body(schemas: Schemas<'_>, content: &Value, whole: bool) -> Option<Body> {
    let (media, content) = content.as_object()?.iter().next()?;
    let schema = content.get("schema")?;
    let resolved = schemas.resolve(schema).0;
    let example = content.get("example").cloned().unwrap_or_else(|| example(schemas, schema, whole));
    Some(Body {
        media: media.clone(),
        description: markdown::line(&text(resolved, "description").replace('\n', " ")),
        fields: schemas.fields(schema),
        example: if media.contains("json") {
            serde_json::to_string_pretty(&example).unwrap_or_default()
        } else {
            String::new()
        },
    })
}

/// How to ask, for a terminal in which `$API` and `$TOKEN` are set.
fn curl(path: &str, method: &str, parameters: &[Parameter], request: Option<&Body>, needs_token: bool) -> String {
    let mut lines = Vec::new();
    let mut address = path.to_owned();
    for name in parameters.iter().filter(|parameter| parameter.place == "address").map(|parameter| &parameter.name) {
        let value = match name.as_str() {
            "locality" => "charnwood".to_owned(),
            other => format!("${}", other.to_uppercase().replace('-', "_")),
        };
        address = address.replace(&format!("{{{name}}}"), &value);
    }
    let verb = if method == "GET" { String::new() } else { format!(" -X {method}") };
    lines.push(format!("curl{verb} \"$API{address}\""));
    if needs_token {
        lines.push("-H \"Authorization: Bearer $TOKEN\"".to_owned());
    }
    for parameter in parameters.iter().filter(|parameter| parameter.place == "header" && parameter.required) {
        let value = match parameter.name.as_str() {
            "Idempotency-Key" => "$(uuidgen)",
            "If-Match" => "$ETAG",
            _ => "…",
        };
        lines.push(format!("-H \"{}: {value}\"", parameter.name));
    }
    match request {
        Some(body) if body.media.contains("json") => {
            lines.push("-H \"Content-Type: application/json\"".to_owned());
            lines.push(format!("-d @- <<'JSON'\n{}\nJSON", body.example));
        }
        Some(body) if body.media == "text/csv" => {
            lines.push("-H \"Content-Type: text/csv\"".to_owned());
            lines.push("--data-binary @referrals.csv".to_owned());
        }
        Some(_) => lines.push("-d grant_type=client_credentials -d … # see “Get a token”".to_owned()),
        None => {}
    }
    lines.join(" \\\n  ")
}
