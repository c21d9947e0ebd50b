//! The reference: the document as pages that somebody can integrate a school's system from.
//! Rendered once at the start, from the document that is served; loads nothing from outside.

mod example;
mod markdown;
mod model;
mod schema;

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::web::Bytes;
use askama::Template;
use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use shared::problem::{KINDS, Kind};

use model::Part;

/// The pages, by address.
#[derive(Clone)]
pub struct Reference {
    pages: Arc<BTreeMap<String, Bytes>>,
    /// The ETag of every page and of the document.
    pub tag: String,
}

#[derive(Template)]
#[template(path = "reference/overview.html")]
struct Overview<'a> {
    parts: &'a [Part],
    here: &'a str,
    about: String,
    issuer: &'a str,
}

#[derive(Template)]
#[template(path = "reference/part.html")]
struct PartPage<'a> {
    parts: &'a [Part],
    here: &'a str,
    part: &'a Part,
}

#[derive(Template)]
#[template(path = "reference/problems.html")]
struct Problems<'a> {
    parts: &'a [Part],
    here: &'a str,
    kinds: &'a [Kind],
}

impl Problems<'_> {
    /// What a kind of problem means, as HTML.
    fn explained(&self, kind: &Kind) -> String {
        markdown::line(kind.explanation)
    }
}

impl Reference {
    /// The reference of a document, with addresses below `issuer` in its examples.
    ///
    /// # Errors
    /// If a page can't be rendered.
    pub fn of(document: &Value, issuer: &str) -> Result<Self, String> {
        let parts = model::parts(document);
        let about = document.pointer("/info/description").and_then(Value::as_str).unwrap_or_default();
        let overview = Overview { parts: &parts, here: "overview", about: markdown::blocks(about), issuer };
        let mut pages = BTreeMap::new();
        let mut add = |address: String, page: Result<String, askama::Error>| {
            page.map(|text| pages.insert(address, Bytes::from(text))).map_err(|error| error.to_string())
        };
        add("/docs".to_owned(), overview.render())?;
        add("/docs/problems".to_owned(), Problems { parts: &parts, here: "problems", kinds: KINDS }.render())?;
        for part in &parts {
            let page = PartPage { parts: &parts, here: &part.slug, part };
            add(format!("/docs/{}", part.slug), page.render())?;
        }
        let mut all = digest::Context::new(&digest::SHA256);
        all.update(super::DOCUMENT.as_bytes());
        pages.values().for_each(|page| all.update(page));
        let tag = format!("\"{}\"", URL_SAFE_NO_PAD.encode(all.finish()));
        Ok(Self { pages: Arc::new(pages), tag })
    }

    /// The page at an address.
    pub fn page(&self, address: &str) -> Option<Bytes> {
        self.pages.get(address).cloned()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use serde_json::json;

    fn document() -> Value {
        json!({
            "info": { "description": "About `it`." },
            "tags": [{ "name": "first part", "description": "What <it> is." }],
            "paths": { "/v1/things/{id}": { "post": {
                "tags": ["first part"], "operationId": "make_thing", "summary": "Make a thing.",
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
                               { "name": "Idempotency-Key", "in": "header", "required": true, "schema": { "type": "string" } }],
                "requestBody": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                "responses": { "201": { "description": "Made", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } } } },
                               "404": { "description": "No", "content": { "application/problem+json": {} } } } } } },
            "components": { "schemas": {
                "Thing": { "type": "object", "required": ["parts"], "properties": {
                    "parts": { "type": "array", "minItems": 1, "items": { "$ref": "#/components/schemas/Piece" } },
                    "finish": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Finish", "description": "How it ends." }] },
                    "other": { "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/Thing" }] } } },
                "Finish": { "type": "string", "minLength": 1, "maxLength": 9, "pattern": "\\S" },
                "Piece": { "type": "object", "required": ["colour"], "properties": {
                    "colour": { "type": "string", "enum": ["red", "green"], "description": "Its colour." } } } } },
        })
    }

    fn page(address: &str) -> String {
        let page = Reference::of(&document(), "https://t.example").unwrap().page(address).unwrap();
        String::from_utf8(page.to_vec()).unwrap()
    }

    #[test]
    fn an_operation_is_shown_with_everything_in_it() {
        let page = page("/docs/first-part");
        for wanted in [
            "id=\"make_thing\"",
            "Make a thing",
            "/v1/things/{id}",
            "Idempotency-Key",
            "colour",
            "red",
            "green",
            "Its colour.",
            "How it ends.",
            "more than spaces",
            "1 item",
            "What &lt;it&gt; is.",
            "/docs/problems#not-found",
            "$API/v1/things/$ID",
        ] {
            assert!(page.contains(wanted), "{wanted} is not in {page}");
        }
    }

    #[test]
    fn a_schema_that_holds_itself_comes_to_an_end() {
        assert!(page("/docs/first-part").len() < 200_000);
    }

    #[test]
    fn nothing_is_loaded_from_outside_and_nothing_runs() {
        for address in ["/docs", "/docs/problems", "/docs/first-part"] {
            let page = page(address);
            assert!(
                !page.contains("<script") && !page.contains("style=\"") && !page.contains("src=\"http"),
                "{address}"
            );
        }
    }

    #[test]
    fn every_kind_of_problem_has_its_place() {
        let page = page("/docs/problems");
        for kind in KINDS {
            assert!(page.contains(&format!("id=\"{}\"", kind.code)), "{}", kind.code);
        }
    }
}
