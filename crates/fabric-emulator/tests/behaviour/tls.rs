//! https: only who trusts the authority connects, and the authority stays when the emulator starts again.

use fabric_emulator::{Emulator, ServeOptions, Service, TENANT, serve};
use reqwest::{Certificate, Client};
use serde_json::Value;

fn trusting(pem: &[u8]) -> Client {
    Client::builder().tls_certs_merge([Certificate::from_pem(pem).unwrap()]).build().unwrap()
}

#[tokio::test]
async fn every_service_is_served_over_https_to_who_trusts_the_authority() {
    let folder = tempfile::tempdir().unwrap();
    let options = || ServeOptions { tls: Some(folder.path().join("tls")), ..ServeOptions::default() };
    let (emulator, places) = serve(options()).await.unwrap();
    let authority = std::fs::read(places.certificate_authority.as_ref().unwrap()).unwrap();
    let entra = &places.services[&Service::Entra];
    assert!(places.fabric.starts_with("https://127.0.0.1:") && entra.starts_with("https://127.0.0.1:"));
    let line = serde_json::to_value(&places).unwrap();
    assert_eq!(line["entra"], entra.as_str());
    let url = format!("{entra}/{TENANT}/v2.0/.well-known/openid-configuration");
    let published: Value = trusting(&authority).get(&url).send().await.unwrap().json().await.unwrap();
    assert_eq!(published["token_endpoint"], format!("{entra}/{TENANT}/oauth2/v2.0/token"));
    assert!(Client::new().get(&url).send().await.is_err(), "nobody else trusts it");
    let named = format!("https://localhost:{}/v1/workspaces", places.fabric.rsplit(':').next().unwrap());
    let answer = trusting(&authority).get(named).bearer_auth(&places.token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    emulator.stop().await;

    let (_emulator, places) = serve(options()).await.unwrap();
    let url = format!("{}/_emulator/clock", places.fabric);
    assert_eq!(trusting(&authority).get(url).send().await.unwrap().status(), 200, "the authority is the same");
}

#[tokio::test]
async fn an_authority_that_is_none_is_an_error_that_names_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("ca-key.pem"), "nonsense").unwrap();
    let error = Emulator::builder().tls(folder.path()).start().await.unwrap_err();
    assert!(error.to_string().contains(folder.path().to_str().unwrap()), "{error}");
}
