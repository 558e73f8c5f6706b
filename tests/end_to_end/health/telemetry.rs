//! The check `telemetry`: receivers that accept, refuse, hang, or are not there.

use std::net::TcpListener;

use fabric_emulator::{Emulator, Fault, FaultKind, FaultMatch, Service, StatusFault};
use serde_json::{Value, json};

use super::{check, only};
use crate::binary::{self, Stage, fabric_cli};
use crate::receiver::{Answer, Receiver};

fn stage() -> Stage {
    Stage::of(Emulator::builder().service(Service::ApplicationInsights))
}

fn connection(ingestion: &str) -> String {
    format!("InstrumentationKey=11111111-2222-4333-8444-555555555555;IngestionEndpoint={ingestion}/")
}

/// What `health` says with telemetry on and these variables.
#[track_caller]
fn health(stage: &Stage, code: i32, variables: &[(&str, &str)]) -> Value {
    let run = binary::run(
        fabric_cli(stage.directory.path())
            .args(["--output", "json", "health", "--only", "telemetry,fabric"])
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_TOKEN", stage.emulator.token())
            .env("FEATURE_USE_TELEMETRY", "on")
            .envs(variables.iter().copied()),
    );
    run.exits(code).document()
}

fn insights(stage: &Stage, code: i32) -> Value {
    let connection = connection(&stage.emulator.endpoint_of(Service::ApplicationInsights).unwrap());
    health(stage, code, &[("APPLICATIONINSIGHTS_CONNECTION_STRING", &connection)])
}

fn fault(stage: &Stage, kind: FaultKind) {
    let matching = FaultMatch {
        service: Service::ApplicationInsights,
        operation: Some("Track".to_owned()),
        ..FaultMatch::default()
    };
    stage.emulator.set_faults(vec![Fault { matching, kind }]);
}

#[test]
fn off_there_is_nothing_to_check() {
    let stage = stage();
    let document = stage.json(0, &["health", "--only", "telemetry"]);
    assert_eq!(check(&document, "telemetry")["status"], "disabled", "{document:#}");
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[test]
fn receivers_that_accept_are_asked_with_nothing_that_they_keep() {
    let stage = stage();
    let collector = Receiver::new(Answer::Status(200));
    let connection = connection(&stage.emulator.endpoint_of(Service::ApplicationInsights).unwrap());
    let file = stage.path("telemetry.jsonl");
    let variables = [
        ("APPLICATIONINSIGHTS_CONNECTION_STRING", connection.as_str()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &collector.endpoint),
        ("FABRIC_TELEMETRY_FILE", &file),
    ];
    let document = health(&stage, 0, &variables);
    let found = check(&document, "telemetry");
    assert_eq!((&found["status"], &found["advice"]), (&json!("healthy"), &Value::Null), "{document:#}");
    for exporter in ["application_insights", "file", "otlp"] {
        assert!(found["detail"].as_str().unwrap().contains(&format!("{exporter}: accepts (")), "{found}");
    }

    let track = stage.emulator.requests();
    let track = track.iter().filter(|request| request.operation.as_deref() == Some("Track"));
    let statuses: Vec<_> = track.map(|request| request.status).collect();
    let refused = statuses.iter().filter(|status| **status == Some(400)).count();
    assert_eq!((refused, statuses.len()), (1, 2), "the question is refused, what happened is not: {statuses:?}");
    let empty = |signal: &str, records: &str| {
        let posts = collector.posts();
        let of_signal = posts.iter().filter(|(path, _)| path == signal);
        let bodies = of_signal.map(|(_, body)| serde_json::from_str::<Value>(body).unwrap());
        let mut found = bodies.filter(|body| body.pointer(records) == Some(&json!([])));
        found.next().is_some() && found.next().is_none()
    };
    assert!(empty("/v1/traces", "/resourceSpans/0/scopeSpans/0/spans"));
    assert!(empty("/v1/logs", "/resourceLogs/0/scopeLogs/0/logRecords"));
    assert!(empty("/v1/metrics", "/resourceMetrics/0/scopeMetrics/0/metrics"));
}

#[test]
fn an_ingestion_that_refuses() {
    let stage = stage();
    for code in [403, 503] {
        fault(&stage, FaultKind::Status(StatusFault { code, applied: false, error_code: None, retry_after: None }));
        let document = insights(&stage, 0);
        only(&document, "telemetry", "degraded", &format!("application_insights: the ingestion answered {code}"));
        let advice = check(&document, "telemetry")["advice"].as_str().unwrap().to_owned();
        assert!(advice.contains("APPLICATIONINSIGHTS_CONNECTION_STRING"), "{advice}");
    }
}

#[test]
fn an_ingestion_that_hangs_or_is_not_there() {
    let stage = stage();
    fault(&stage, FaultKind::SlowMs(600_000));
    let document = insights(&stage, 0);
    only(&document, "telemetry", "degraded", "application_insights: no answer within 1500 ms");
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let connection = connection(&format!("http://{closed}"));
    let document = health(&stage, 0, &[("APPLICATIONINSIGHTS_CONNECTION_STRING", &connection)]);
    only(&document, "telemetry", "degraded", "application_insights: error sending request");
}

#[test]
fn one_receiver_that_hangs_does_not_hide_the_others() {
    let stage = stage();
    let hanging = Receiver::new(Answer::Never);
    let file = stage.path("telemetry.jsonl");
    let variables = [("OTEL_EXPORTER_OTLP_ENDPOINT", hanging.endpoint.as_str()), ("FABRIC_TELEMETRY_FILE", &file)];
    let document = health(&stage, 0, &variables);
    only(&document, "telemetry", "degraded", "otlp: no answer within 1500 ms");
    let found = check(&document, "telemetry");
    assert!(found["detail"].as_str().unwrap().starts_with("file: accepts ("), "{found}");
    let advice = found["advice"].as_str().unwrap();
    assert!(advice.contains("OTEL_EXPORTER_OTLP_ENDPOINT") && !advice.contains("FABRIC_TELEMETRY_FILE"), "{advice}");

    let refusing = Receiver::new(Answer::Status(404));
    let document = health(&stage, 0, &[("OTEL_EXPORTER_OTLP_ENDPOINT", &refusing.endpoint)]);
    only(&document, "telemetry", "degraded", "otlp: the receiver of v1/traces answered 404");
}
