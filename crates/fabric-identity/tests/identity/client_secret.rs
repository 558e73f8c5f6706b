//! A service principal with a secret.

use fabric_identity::FailureReason;

use crate::double::{CLIENT, Double, SCOPE, TENANT, chain};

const VARIABLES: [(&str, &str); 3] =
    [("FABRIC_CLIENT_ID", CLIENT), ("FABRIC_TENANT_ID", TENANT), ("FABRIC_CLIENT_SECRET", "s3cr3t & more")];

#[tokio::test]
async fn the_secret_goes_to_the_tenant_s_token_endpoint() {
    let double = Double::entra().await;
    let token = chain(&double, &VARIABLES).token(&[SCOPE]).await.unwrap();
    assert_eq!(token.token.secret(), "token-1");
    let asked = double.asked();
    let [request] = asked.as_slice() else { panic!("{asked:?}") };
    assert_eq!(request.host, "https://login.microsoftonline.com");
    assert_eq!(
        (request.method.as_str(), request.path.as_str()),
        ("POST", format!("/{TENANT}/oauth2/v2.0/token").as_str())
    );
    let form = request.form();
    assert_eq!(form["client_id"], CLIENT);
    assert_eq!(form["client_secret"], "s3cr3t & more");
    assert_eq!(form["scope"], SCOPE);
    assert_eq!(form["grant_type"], "client_credentials");
}

#[tokio::test]
async fn a_secret_can_stand_in_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("secret");
    std::fs::write(&file, "from-a-file\n").unwrap();
    let double = Double::entra().await;
    let variables = [VARIABLES[0], VARIABLES[1], ("FABRIC_CLIENT_SECRET_FILE_PATH", file.to_str().unwrap())];
    chain(&double, &variables).token(&[SCOPE]).await.unwrap();
    assert_eq!(double.asked()[0].form()["client_secret"], "from-a-file");
}

#[tokio::test]
async fn a_refusal_is_told_with_its_remedy_and_tried_once() {
    let double = Double::start(|_| {
        let answer = r#"{"error":"invalid_client","error_description":"AADSTS7000222: The provided client secret keys are expired.\r\nTrace ID: 1","error_codes":[7000222]}"#;
        (401, answer.to_owned())
    })
    .await;
    let error = chain(&double, &VARIABLES).token(&[SCOPE]).await.unwrap_err();
    let FailureReason::Refused { status: 401, code: Some(code), message } = &error.reason else { panic!("{error:?}") };
    assert_eq!(code, "AADSTS7000222");
    assert!(message.contains("AADSTS7000222: The provided client secret keys are expired"), "{message}");
    assert!(!message.contains('\n') && !message.contains("Trace ID"), "{message}");
    assert!(error.remedy().contains("expired: add a new one"), "{}", error.remedy());
    assert_eq!(double.asked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_entra_that_never_answers_is_given_up() {
    let lookup = crate::double::lookup(&VARIABLES);
    let builder = fabric_identity::CredentialChain::builder(&lookup);
    let chain = builder.transport(std::sync::Arc::new(Silence)).build().unwrap();
    let error = chain.token(&[SCOPE]).await.unwrap_err();
    assert!(matches!(error.reason, FailureReason::TimedOut(after) if after.as_secs() == 30), "{error}");
    assert!(error.remedy().contains("network"), "{}", error.remedy());
}

/// A transport that nobody is behind.
#[derive(Debug)]
struct Silence;

#[async_trait::async_trait]
impl azure_core::http::HttpClient for Silence {
    async fn execute_request(
        &self,
        _: &azure_core::http::Request,
    ) -> azure_core::Result<azure_core::http::AsyncRawResponse> {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_proxy_s_page_is_no_token_and_is_not_repeated() {
    for status in [200, 502] {
        let double = Double::start(move |_| (status, "<html>proxy</html>".to_owned())).await;
        let error = chain(&double, &VARIABLES).token(&[SCOPE]).await.unwrap_err();
        let message = "the answer is not the one of a token service".to_owned();
        assert_eq!(error.reason, FailureReason::Refused { status, code: None, message });
    }
}
