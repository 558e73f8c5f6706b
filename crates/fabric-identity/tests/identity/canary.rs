//! No secret in anything that is shown.

use std::io::Write;
use std::sync::{Arc, Mutex};

use fabric_identity::CredentialChain;
use tracing_subscriber::fmt::MakeWriter;

use crate::double::{CLIENT, Double, SCOPE, TENANT, lookup};

/// A secret with characters that a form encodes.
const CANARY: &str = "canary-7c/4e+1b";

/// Everything that was logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[track_caller]
fn shows_no_canary(text: &str) {
    assert!(!text.contains("7c/4e") && !text.contains("7c%2F4e"), "{text}");
}

#[tokio::test]
async fn a_service_that_repeats_the_secret_does_not_spread_it() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing_subscriber::filter::LevelFilter::TRACE);
    subscriber.with_writer(log.clone()).init();
    let application = [("FABRIC_CLIENT_ID", CLIENT), ("FABRIC_TENANT_ID", TENANT)];
    let ways: [&[(&str, &str)]; 5] = [
        &[("FABRIC_CLIENT_SECRET", CANARY)],
        &[("FAB_SPN_FEDERATED_TOKEN", CANARY)],
        &[
            ("ACTIONS_ID_TOKEN_REQUEST_URL", "https://pipelines.example/token?x=1"),
            ("ACTIONS_ID_TOKEN_REQUEST_TOKEN", CANARY),
        ],
        &[
            ("SYSTEM_OIDCREQUESTURI", "https://pipelines.example/oidc"),
            ("SYSTEM_ACCESSTOKEN", CANARY),
            ("FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID", "connection"),
        ],
        &[("IDENTITY_ENDPOINT", "http://127.0.0.1:1/msi/token"), ("IDENTITY_HEADER", CANARY)],
    ];
    for way in ways {
        for answer in [echo as fn(&crate::double::Asked) -> (u16, String), |asked| (500, asked.body.clone())] {
            let double = Double::start(answer).await;
            let variables: Vec<_> = application.iter().chain(way).copied().collect();
            let lookup = lookup(&variables);
            let chain = CredentialChain::builder(&lookup).transport(double.transport()).build().unwrap();
            let error = chain.token(&[SCOPE]).await.unwrap_err();
            let outer: azure_core::Error = error.clone().into();
            shows_no_canary(&format!("{chain:?} {error} {error:?} {} {outer} {outer:?}", error.remedy()));
            assert_eq!(double.asked().len(), 1);
        }
    }
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(text.contains("signing in"), "{text}");
    shows_no_canary(&text);
}

/// Entra's error with everything that it was sent in its description.
fn echo(asked: &crate::double::Asked) -> (u16, String) {
    let plain: Vec<_> = asked.form().into_values().chain(asked.headers.clone().into_values()).collect();
    let description = format!("AADSTS7000215: {} {}", plain.join(" "), asked.body).replace('"', "'");
    (401, format!(r#"{{"error":"invalid_client","error_description":"{description}"}}"#))
}
