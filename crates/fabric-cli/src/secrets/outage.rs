//! The store of this process in an outage of its vault, and in none, over as many hours as it takes.

use std::sync::Arc;
use std::time::Duration;

use fabric_emulator::{
    Emulator, Fault, FaultKind, FaultMatch, IDENTITY_HEADER, SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION, Service,
    StatusFault,
};
use fabric_flags::{FlagSet, Sources};
use fabric_secrets::{Error, ManualClock};
use serde_json::json;

use super::{ReferenceError, Secrets};
use crate::connect;
use crate::delivery::Masks;
use crate::environment::Environment;
use crate::layers::CallSettings;

const HOUR: Duration = Duration::from_secs(3600);

/// A vault with one secret, and the store that the binary would open for it.
async fn stage(variables: &[(&str, &str)]) -> (Emulator, Arc<ManualClock>, Secrets) {
    let world = json!({
        "principals": [{
            "id": SERVICE_PRINCIPAL, "type": "ServicePrincipal", "displayName": "Deployer",
            "appId": SERVICE_PRINCIPAL_APPLICATION, "credentials": { "managedIdentity": true },
        }],
        "secrets": [{ "name": "sales-db-password", "value": "of the vault" }],
    });
    let builder = Emulator::builder().service(Service::Entra).service(Service::KeyVault).seed(world);
    let emulator = builder.start().await.unwrap();
    let vault = emulator.endpoint_of(Service::KeyVault).unwrap();
    let identity = format!("{}/msi/token", emulator.endpoint_of(Service::Entra).unwrap());
    let own = [
        ("KEY_VAULT_URL", vault.as_str()),
        ("KEY_VAULT_AUTH", "managed-identity"),
        ("IDENTITY_ENDPOINT", &identity),
        ("IDENTITY_HEADER", IDENTITY_HEADER),
    ];
    let environment = Environment::of(&[&own[..], variables].concat());
    let flags = FlagSet::resolve(&Sources::new().command_line(["FEATURE_USE_KEY_VAULT=on"])).unwrap();
    let calls = CallSettings { concurrency: 8, max_attempts: 4, timeout: HOUR, settle: HOUR };
    let clock = Arc::new(ManualClock::new());
    let secrets =
        Secrets::open(&environment, &flags, calls, Arc::clone(&clock) as _, Masks::default(), connect::transport)
            .unwrap();
    (emulator, clock, secrets)
}

fn is_down(emulator: &Emulator) {
    let matching =
        FaultMatch { service: Service::KeyVault, operation: Some("GetSecret".to_owned()), ..FaultMatch::default() };
    let kind = FaultKind::Status(StatusFault { code: 503, applied: false, error_code: None, retry_after: None });
    emulator.set_faults(vec![Fault { matching, kind }]);
}

#[tokio::test]
async fn a_secret_is_stale_and_marked_so_and_then_refused() {
    let (emulator, clock, secrets) = stage(&[]).await;
    let first = secrets.get("SALES_DB_PASSWORD").await.unwrap();
    assert!(!first.is_stale());
    is_down(&emulator);

    clock.advance(HOUR);
    let stale = secrets.get("sales-db-password").await.unwrap();
    assert!(stale.is_stale());
    assert_eq!(stale.value().expose(), "of the vault");

    clock.advance(HOUR);
    let refused = secrets.get("sales-db-password").await.unwrap_err();
    assert!(matches!(refused, ReferenceError::Store(Error::Unreachable { .. })), "{refused:?}");

    emulator.set_faults(Vec::new());
    clock.advance(HOUR);
    assert!(!secrets.get("sales-db-password").await.unwrap().is_stale());
}

#[tokio::test]
async fn the_environment_is_asked_only_when_the_stale_value_has_gone() {
    let (emulator, clock, secrets) = stage(&[("SALES_DB_PASSWORD", "of the environment")]).await;
    secrets.get("sales-db-password").await.unwrap();
    is_down(&emulator);
    clock.advance(HOUR);
    assert_eq!(secrets.get("sales-db-password").await.unwrap().value().expose(), "of the vault");
    clock.advance(HOUR);
    assert_eq!(secrets.get("sales-db-password").await.unwrap().value().expose(), "of the environment");
}

#[tokio::test]
async fn a_version_that_is_named_is_never_rejected() {
    let (_emulator, _clock, secrets) = stage(&[]).await;
    let secret = secrets.get("sales-db-password").await.unwrap();
    let version = secret.properties().version.clone().unwrap().to_string();
    assert!(!secrets.reject(&format!("sales-db-password/{version}"), &secret).await);
    assert!(!secrets.reject("no.name", &secret).await);
    assert!(secrets.reject("sales-db-password", &secret).await);
}
