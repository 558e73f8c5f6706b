//! The identity of the machine.

use std::sync::Arc;

use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use fabric_identity::{CredentialChain, FailureReason};

use crate::double::{Asked, CLIENT, Double, SCOPE, chain, lookup};

fn token(expires_on: &str) -> (u16, String) {
    (200, format!(r#"{{"access_token":"of-the-machine","expires_on":{expires_on},"token_type":"Bearer"}}"#))
}

#[tokio::test]
async fn an_announced_endpoint_is_asked_with_its_header() {
    let double = Double::start(|_: &Asked| token("\"4102444800\"")).await;
    let variables = [
        ("IDENTITY_ENDPOINT", "http://127.0.0.1:41000/msi/token"),
        ("IDENTITY_HEADER", "x"),
        ("AZURE_CLIENT_ID", CLIENT),
    ];
    let given = chain(&double, &variables).token(&[SCOPE]).await.unwrap();
    assert_eq!((given.token.secret(), given.expires_on.unix_timestamp()), ("of-the-machine", 4_102_444_800));
    let asked = double.asked();
    let [request] = asked.as_slice() else { panic!("{asked:?}") };
    let resource = "https%3A%2F%2Fapi.fabric.microsoft.com";
    assert_eq!(request.path, format!("/msi/token?api-version=2019-08-01&resource={resource}&client_id={CLIENT}"));
    assert_eq!(request.headers["x-identity-header"], "x");
}

#[tokio::test]
async fn the_metadata_service_is_looked_for_and_then_asked() {
    let double = Double::start(|asked: &Asked| match asked.headers.get("metadata") {
        Some(_) => token("4102444800"),
        None => (400, "{}".to_owned()),
    })
    .await;
    chain(&double, &[("FABRIC_USE_MSI", "true")]).token(&[SCOPE]).await.unwrap();
    let asked = double.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].host, "http://169.254.169.254");
    let resource = "https%3A%2F%2Fapi.fabric.microsoft.com";
    assert_eq!(asked[1].path, format!("/metadata/identity/oauth2/token?api-version=2018-02-01&resource={resource}"));
}

#[tokio::test]
async fn a_machine_without_an_identity_is_told_so() {
    let refusal = r#"{"error":"invalid_request","error_description":"Identity not found"}"#;
    let double = Double::start(move |_: &Asked| (400, refusal.to_owned())).await;
    let error = chain(&double, &[("FABRIC_USE_MSI", "true")]).token(&[SCOPE]).await.unwrap_err();
    assert!(error.to_string().contains("managed identity: refused with 400: Identity not found"), "{error}");
    assert!(error.remedy().contains("assign an identity"), "{}", error.remedy());
}

#[tokio::test(start_paused = true)]
async fn where_there_is_no_metadata_service_it_is_given_up_after_a_second() {
    let variables = [("FABRIC_AUTH", "managed-identity")];
    let lookup = lookup(&variables);
    let chain = CredentialChain::builder(&lookup).transport(Arc::new(Silence)).build().unwrap();
    let started = tokio::time::Instant::now();
    let error = chain.token(&[SCOPE]).await.unwrap_err();
    assert!(
        matches!(&error.reason, FailureReason::Unreachable(text) if text.contains("no metadata service")),
        "{error}"
    );
    assert_eq!(started.elapsed().as_secs(), 1);
}

/// A transport that nobody is behind.
#[derive(Debug)]
struct Silence;

#[async_trait::async_trait]
impl HttpClient for Silence {
    async fn execute_request(&self, _: &Request) -> azure_core::Result<AsyncRawResponse> {
        std::future::pending().await
    }
}
