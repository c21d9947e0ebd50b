//! The document, the reference, and the headers of pages.

use reqwest::Method;
use serde_json::Value;

use crate::app::{Gateway, Options, Reply};

async fn get(gateway: &Gateway, path: &str) -> Reply {
    gateway.send(Method::GET, path, &[], None).await
}

#[actix_web::test]
async fn the_document_is_served_as_it_is_checked_in() {
    let gateway = Gateway::start().await;
    let reply = get(&gateway, "/openapi.json").await.expect(200);
    let checked_in = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/openapi.json"));
    assert_eq!(reply.text, checked_in);
    assert_eq!(reply.body["openapi"], "3.1.0");
    let known = [("if-none-match", reply.header("etag").unwrap())];
    gateway.send(Method::GET, "/openapi.json", &known, None).await.expect(304);
}

#[actix_web::test]
async fn every_operation_of_the_document_is_in_the_reference_and_answered_by_someone() {
    let gateway = Gateway::start().await;
    let document = get(&gateway, "/openapi.json").await.body;
    let overview = get(&gateway, "/docs").await.expect(200).text;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let id = operation["operationId"].as_str().unwrap();
            let link = overview.split('"').find(|text| text.ends_with(&format!("#{id}")));
            let link = link.unwrap_or_else(|| panic!("{id} is not in the reference"));
            let page = get(&gateway, link.split('#').next().unwrap()).await.expect(200).text;
            assert!(
                page.contains(&format!("<article id=\"{id}\">")) && page.contains(path.as_str()),
                "{method} {path}"
            );
            for (status, response) in operation["responses"].as_object().unwrap() {
                assert!(
                    response["description"].as_str().is_some_and(|text| !text.is_empty()),
                    "{method} {path} {status}"
                );
            }
        }
        // Nobody is behind the gateway: what is routed is 503, what isn't would be 404.
        let address = path.replace(['{', '}'], "");
        if path.starts_with("/v1/") {
            let method = item.as_object().unwrap().keys().next().unwrap().to_uppercase();
            let status = gateway.send(method.parse().unwrap(), &address, &[], None).await.status;
            assert!([401, 503].contains(&status), "{method} {address}: {status}");
        }
    }
}

#[actix_web::test]
async fn pages_load_nothing_from_outside_and_run_nothing() {
    let gateway = Gateway::start().await;
    let overview = get(&gateway, "/docs").await.expect(200);
    for path in ["/docs", "/docs/problems", "/docs/tokens", "/docs/identity", "/signed-in"] {
        let page = get(&gateway, path).await;
        if page.status == 404 && overview.text.contains(path) {
            panic!("{path} is linked and not there");
        }
        assert!(!page.text.contains("<script") && !page.text.contains(" style="), "{path}");
        for address in page.text.split("href=\"").skip(1).chain(page.text.split("src=\"").skip(1)) {
            assert!(address.starts_with('/') || address.starts_with('#'), "{path}: {}", &address[..40]);
        }
    }
    let policy = overview.header("content-security-policy").unwrap();
    for rule in ["default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
        assert!(policy.contains(rule), "{policy}");
    }
    assert!(!policy.contains("unsafe"));
    let style = get(&gateway, "/assets/style.css").await.expect(200);
    assert_eq!(style.header("content-type"), Some("text/css; charset=utf-8"));
    assert!(!style.text.contains("url(") && !style.text.contains("@import"));
    get(&gateway, "/docs/nonsense").await.expect(404);
    assert_eq!(get(&gateway, "/").await.expect(303).header("location"), Some("/docs"));
}

#[actix_web::test]
async fn the_metadata_names_the_endpoints() {
    let gateway = Gateway::start().await;
    let metadata = get(&gateway, "/.well-known/oauth-authorization-server").await.expect(200).body;
    assert_eq!(metadata["issuer"], "http://threshold.test");
    assert_eq!(metadata["token_endpoint"], "http://threshold.test/oauth/token");
    assert_eq!(metadata["code_challenge_methods_supported"], Value::from(vec!["S256"]));
}

#[actix_web::test]
async fn over_tls_browsers_shall_remember_it() {
    let gateway = Gateway::with(Options { issuer: "https://threshold.test", ..Options::default() }).await;
    let reply = get(&gateway, "/docs").await.expect(200);
    assert!(reply.header("strict-transport-security").unwrap().starts_with("max-age="));
    let challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
    let question = format!(
        "/oauth/authorize?response_type=code&client_id=console&redirect_uri=https://threshold.test/signed-in&code_challenge={challenge}&code_challenge_method=S256"
    );
    let cookie = get(&gateway, &question).await.expect(200).header("set-cookie").unwrap().to_owned();
    assert!(cookie.starts_with("__Host-") && cookie.contains("Secure") && cookie.contains("Path=/"), "{cookie}");
}
