//! What all services beside Fabric have in common: listeners of their own, faults, the record.

use fabric_emulator::{Emulator, Fault, FaultKind, FaultMatch, Service, StatusFault, TENANT};
use serde_json::Value;

const CONFIGURATION: &str = "OpenIdConfiguration";

fn configuration(place: &str) -> String {
    format!("{place}/{TENANT}/v2.0/.well-known/openid-configuration")
}

#[tokio::test]
async fn a_service_is_there_only_where_it_was_asked_for() {
    let alone = Emulator::builder().start().await.unwrap();
    assert_eq!(alone.endpoint_of(Service::Entra), None);
    let both = Emulator::builder().service(Service::Entra).start().await.unwrap();
    let place = both.endpoint_of(Service::Entra).unwrap();
    assert_ne!(place, both.endpoint());
    let published: Value = reqwest::get(configuration(&place)).await.unwrap().json().await.unwrap();
    assert_eq!(published["token_endpoint"], format!("{place}/{TENANT}/oauth2/v2.0/token"));
    both.stop().await;
    assert!(reqwest::get(configuration(&place)).await.is_err(), "it stops with the emulator");
}

#[tokio::test]
async fn requests_of_services_are_on_record_and_suffer_faults_of_their_own() {
    let emulator = Emulator::builder().service(Service::Entra).start().await.unwrap();
    let place = emulator.endpoint_of(Service::Entra).unwrap();
    let fault = |nth, kind| Fault {
        matching: FaultMatch {
            service: Service::Entra,
            operation: Some(CONFIGURATION.to_owned()),
            nth: Some(nth),
            ..FaultMatch::default()
        },
        kind,
    };
    let unwell = StatusFault { code: 503, applied: false, error_code: None, retry_after: Some(3) };
    emulator.set_faults(vec![fault(1, FaultKind::Status(unwell)), fault(2, FaultKind::LostBefore)]);
    let busy = reqwest::get(configuration(&place)).await.unwrap();
    assert_eq!((busy.status().as_u16(), busy.headers()["retry-after"].to_str().unwrap()), (503, "3"));
    assert!(reqwest::get(configuration(&place)).await.is_err());
    assert_eq!(reqwest::get(configuration(&place)).await.unwrap().status(), 200);
    assert_eq!(reqwest::get(format!("{place}/nowhere")).await.unwrap().status(), 404);
    let seen: Vec<_> = emulator
        .requests()
        .into_iter()
        .map(|request| (request.service, request.operation, request.status, request.fault.is_some()))
        .collect();
    let known = |status, faulty| (Service::Entra, Some(CONFIGURATION.to_owned()), status, faulty);
    let unknown = (Service::Entra, None, Some(404), false);
    assert_eq!(seen, [known(Some(503), true), known(None, true), known(Some(200), false), unknown]);
}
