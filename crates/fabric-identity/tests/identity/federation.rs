//! Assertions that somebody else makes.

use fabric_identity::FailureReason;

use crate::double::{Asked, CLIENT, Double, SCOPE, TENANT, chain, token};

const APPLICATION: [(&str, &str); 2] = [("AZURE_CLIENT_ID", CLIENT), ("AZURE_TENANT_ID", TENANT)];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    [&APPLICATION, more].concat()
}

/// Entra, and a pipeline service that gives assertions.
fn answer(asked: &Asked) -> (u16, String) {
    match asked.host.as_str() {
        "https://github.example" => (200, r#"{"count":1,"value":"assertion-of-github"}"#.to_owned()),
        "https://azuredevops.example" => (200, r#"{"oidcToken":"assertion-of-azure-devops"}"#.to_owned()),
        _ => (200, token(1)),
    }
}

fn exchanged(asked: &Asked) -> String {
    let form = asked.form();
    assert_eq!(form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert_eq!((form["client_id"].as_str(), form["scope"].as_str()), (CLIENT, SCOPE));
    assert!(!form.contains_key("client_secret"));
    form["client_assertion"].clone()
}

#[tokio::test]
async fn github_is_asked_for_an_assertion() {
    let double = Double::start(answer).await;
    let variables = with(&[
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://github.example/token?api-version=2.0"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "of-the-job"),
    ]);
    chain(&double, &variables).token(&[SCOPE]).await.unwrap();
    let asked = double.asked();
    assert_eq!(asked[0].path, "/token?api-version=2.0&audience=api%3A%2F%2FAzureADTokenExchange");
    assert_eq!((asked[0].method.as_str(), asked[0].headers["authorization"].as_str()), ("GET", "Bearer of-the-job"));
    assert_eq!(asked[1].host, "https://login.microsoftonline.com");
    assert!(!asked[1].headers.contains_key("authorization"), "the job's token goes to GitHub only");
    assert_eq!(exchanged(&asked[1]), "assertion-of-github");
}

#[tokio::test]
async fn azure_devops_is_asked_for_an_assertion() {
    let double = Double::start(answer).await;
    let variables = with(&[
        ("SYSTEM_OIDCREQUESTURI", "https://azuredevops.example/org/_apis/oidctoken"),
        ("SYSTEM_ACCESSTOKEN", "of-the-job"),
        ("FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID", "connection"),
    ]);
    chain(&double, &variables).token(&[SCOPE]).await.unwrap();
    let asked = double.asked();
    assert_eq!(asked[0].path, "/org/_apis/oidctoken?api-version=7.1&serviceConnectionId=connection");
    assert_eq!((asked[0].method.as_str(), asked[0].headers["authorization"].as_str()), ("POST", "Bearer of-the-job"));
    assert_eq!(asked[0].headers["x-tfs-fedauthredirect"], "Suppress");
    assert_eq!(exchanged(&asked[1]), "assertion-of-azure-devops");
}

#[tokio::test]
async fn the_file_is_read_for_every_sign_in() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("assertion");
    let double = Double::start(answer).await;
    let variables = with(&[("AZURE_FEDERATED_TOKEN_FILE", file.to_str().unwrap())]);
    let chain = chain(&double, &variables);
    let missing = chain.token(&[SCOPE]).await.unwrap_err();
    assert!(matches!(&missing.reason, FailureReason::Unusable(reason) if reason.contains("assertion")), "{missing}");
    for (number, text) in ["first\n", "second\n"].into_iter().enumerate() {
        std::fs::write(&file, text).unwrap();
        chain.token(&[SCOPE]).await.unwrap();
        chain.forget(|_| true);
        assert_eq!(exchanged(&double.asked()[number]), text.trim());
    }
}

#[tokio::test]
async fn an_assertion_that_entra_does_not_know_says_what_to_configure() {
    let refusal = r#"{"error":"invalid_client","error_description":"AADSTS700213: No matching federated identity record found for assertion of-the-job.\r\nTrace ID: 1"}"#;
    let double = Double::start(move |_| (401, refusal.to_owned())).await;
    let chain = chain(&double, &with(&[("FAB_SPN_FEDERATED_TOKEN", "of-the-job")]));
    let error = chain.token(&[SCOPE]).await.unwrap_err();
    assert!(error.remedy().contains("federated credential"), "{}", error.remedy());
    assert!(error.to_string().contains("for assertion (redacted)"), "{error}");
}

#[tokio::test]
async fn a_pipeline_service_that_refuses_is_told_apart_from_entra() {
    let double = Double::start(|_| (403, "no".to_owned())).await;
    let variables = with(&[
        ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://github.example/token"),
        ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "x"),
    ]);
    let error = chain(&double, &variables).token(&[SCOPE]).await.unwrap_err();
    assert!(error.to_string().contains("refused with 403: no assertion"), "{error}");
    assert_eq!(double.asked().len(), 1);
}
