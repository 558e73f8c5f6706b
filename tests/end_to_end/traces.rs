//! One command is one trace, whatever it calls; and a receiver that knows OpenTelemetry reads it as it was meant.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use fabric_emulator::{Emulator, Service};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::binary::{self, ACTIVE_CAPACITY, Run, Stage, fabric_cli};
use crate::git::{Scene, TO_GITHUB, github};
use crate::receiver::{Answer, Receiver};
use crate::secrets::Tenant;
use crate::sources;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PIPELINE: &str = "00f067aa0ba902b7";
const TRACESTATE: &str = "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7";
const BAGGAGE: &str = "stage=production";

/// Telemetry on, to a file, in a pipeline that traces.
fn trace<'a>(command: &'a mut Command, file: &Path) -> &'a mut Command {
    command
        .env("FEATURE_USE_TELEMETRY", "on")
        .env("FABRIC_TELEMETRY_FILE", file)
        .env("TRACEPARENT", format!("00-{TRACE}-{PIPELINE}-01"))
        .env("TRACESTATE", TRACESTATE)
        .env("BAGGAGE", BAGGAGE)
}

/// Every request of these services was carried by a span of the one trace in `file`, which is a run of `command`.
#[track_caller]
fn is_one_trace(command: &str, run: &Run, file: &Path, emulator: &Emulator, services: &[Service]) {
    assert!(!run.stderr.contains("not in the registry"), "{}", run.stderr);
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let spans: Vec<&Value> = lines.iter().filter(|line| line["record"] == "span").collect();
    let roots: Vec<&&Value> = spans.iter().filter(|span| span["kind"] == "server").collect();
    assert_eq!(roots.len(), 1, "{command}");
    assert_eq!(roots[0]["attributes"]["cicd.pipeline.name"], format!("fabric-cli {command}"));
    assert_eq!(roots[0]["parent_span_id"], PIPELINE);
    assert!(spans.iter().all(|span| span["trace_id"] == TRACE), "{text}");
    let ids: BTreeSet<&str> = spans.iter().map(|span| span["span_id"].as_str().unwrap()).collect();
    assert!(
        spans.iter().all(|span| span["kind"] == "server" || ids.contains(span["parent_span_id"].as_str().unwrap())),
        "{text}"
    );

    let requests = emulator.requests();
    let asked: BTreeSet<String> = requests.iter().map(|request| format!("{:?}", request.service)).collect();
    assert_eq!(asked, services.iter().map(|service| format!("{service:?}")).collect(), "{command}");
    for request in requests {
        let traceparent = request.traceparent.unwrap_or_else(|| panic!("{command}: {} has no trace", request.path));
        let [_, trace, span, _] = traceparent.split('-').collect::<Vec<_>>().try_into().unwrap();
        assert!(trace == TRACE && ids.contains(span), "{command}: {traceparent} of {}", request.path);
        assert_eq!(request.tracestate.as_deref(), Some(TRACESTATE), "{command}: {}", request.path);
        assert_eq!(request.baggage.as_deref(), Some(BAGGAGE), "{command}: {}", request.path);
    }
    emulator.clear_requests();
    std::fs::remove_file(file).unwrap();
}

#[test]
fn health_and_secrets_are_traced_to_every_service() {
    let tenant = Tenant::new(None);
    let emulator = &tenant.stage.emulator;
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("telemetry.jsonl");
    let (fabric, signing_in, vault) = (Service::Fabric, Service::Entra, Service::KeyVault);
    for (name, code, arguments, services) in [
        ("health", 0, &["health", "--workspace", "Sales"][..], &[fabric, signing_in, vault][..]),
        ("secrets list", 0, &["secrets", "list"], &[signing_in, vault]),
    ] {
        let run = binary::run(trace(&mut tenant.command(arguments), &file)).exits(code);
        is_one_trace(name, &run, &file, emulator, services);
    }
}

#[test]
fn git_is_traced() {
    let scene = Scene::new(&github());
    let file = scene.stage.directory.path().join("telemetry.jsonl");
    scene.stage.emulator.clear_requests();
    let connect: Vec<_> = ["git", "connect", "--workspace", "Sales"].into_iter().chain(TO_GITHUB).collect();
    for (name, arguments) in [("git connect", &connect[..]), ("git status", &["git", "status", "--workspace", "Sales"])]
    {
        let mut command = fabric_cli(scene.stage.directory.path());
        command.args(arguments).env("GITHUB_TOKEN", "ghp_the-token-that-nobody-may-see");
        command.env("FABRIC_ENDPOINT", scene.stage.emulator.endpoint());
        command.env("FABRIC_TOKEN", scene.stage.emulator.token());
        let run = binary::run(trace(&mut command, &file)).exits(0);
        is_one_trace(name, &run, &file, &scene.stage.emulator, &[Service::Fabric]);
    }
}

fn plan(stage: &Stage) -> Command {
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let mut command = fabric_cli(stage.directory.path());
    command.args(["plan", "--source", "source", "--workspace", "W"]);
    command.env("FABRIC_ENDPOINT", stage.emulator.endpoint()).env("FABRIC_TOKEN", stage.emulator.token());
    trace(&mut command, &stage.directory.path().join("telemetry.jsonl"));
    command
}

#[test]
fn what_cannot_be_passed_on_is_said_and_no_secret_is() {
    let stage = Stage::new();
    // Without the trace that it belongs to, a trace state says nothing; what is none is said.
    let run = binary::run(plan(&stage).env_remove("TRACEPARENT").env("BAGGAGE", "canary")).exits(0);
    assert!(run.stderr.contains("BAGGAGE is ignored: entry 1") && !run.stderr.contains("canary"), "{}", run.stderr);
    let run = binary::run(
        plan(&stage)
            .env("TRACESTATE", "canary")
            .env("BAGGAGE", "user=a-secret-of-somebody")
            .env("MY_SECRET", "a-secret-of-somebody"),
    );
    assert!(run.stderr.contains("TRACESTATE is ignored: entry 1") && !run.stderr.contains("canary"), "{}", run.stderr);
    binary::run(plan(&stage).env("FEATURE_USE_TELEMETRY", "off")).exits(0);
    let requests = stage.emulator.requests();
    assert!(!requests.is_empty());
    assert!(requests.iter().all(|request| request.tracestate.is_none() && request.baggage.is_none()), "{requests:?}");
}

/// What came to this path, decoded by OpenTelemetry's own types.
fn decoded<T: DeserializeOwned>(receiver: &Receiver, path: &str) -> Vec<T> {
    let posts = receiver.posts();
    let of_path = posts.iter().filter(|(at, _)| at == path);
    of_path.map(|(_, body)| serde_json::from_str(body).unwrap()).collect()
}

#[test]
fn a_roll_back_as_a_receiver_of_opentelemetry_reads_it() {
    let stage = Stage::new();
    let receiver = Receiver::new(Answer::Status(200));
    let faults = json!([{
        "match": { "operation": "CreateItem", "nth": 2 },
        "kind": { "status": { "code": 400, "error_code": "CorruptedPayload" } }
    }]);
    stage.emulator.set_faults(serde_json::from_value(faults).unwrap());
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    sources::pipeline(&root, "Two", 2, 1);
    let mut command = fabric_cli(stage.directory.path());
    command
        .args(["deploy", "--source", "source", "--workspace", "W", "--capacity", ACTIVE_CAPACITY])
        .args(["--flag", "FEATURE_USE_ROLLBACK=on"])
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token())
        .env("FEATURE_USE_TELEMETRY", "on")
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &receiver.endpoint)
        .env("TRACEPARENT", format!("00-{TRACE}-{PIPELINE}-01"));
    let run = binary::run(&mut command).exits(5);
    assert!(!run.stderr.contains("not delivered"), "{}", run.stderr);

    let traces: Vec<ExportTraceServiceRequest> = decoded(&receiver, "/v1/traces");
    let resources = traces.into_iter().flat_map(|request| request.resource_spans);
    let spans: Vec<_> = resources.flat_map(|spans| spans.scope_spans).flat_map(|scope| scope.spans).collect();
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE && span.span_id.len() == 8));
    let root = spans.iter().find(|span| span.kind() == SpanKind::Server).expect("the command");
    assert_eq!((root.name.as_str(), hex(&root.parent_span_id).as_str()), ("RUN fabric-cli deploy", PIPELINE));
    let under = |parent: &[u8], name: &str| {
        let found = spans.iter().filter(|span| span.parent_span_id == parent && span.name == name);
        found.map(|span| span.span_id.clone()).collect::<Vec<_>>()
    };
    let steps = under(&root.span_id, "apply item/Two.DataPipeline/create");
    assert_eq!(steps.len(), 1);
    assert_eq!(under(&steps[0], "POST /v1/workspaces/{workspaceId}/items").len(), 1);
    let undo = under(&root.span_id, "undo item/One.Notebook/create");
    assert_eq!(under(&undo[0], "DELETE /v1/workspaces/{workspaceId}/items/{itemId}").len(), 1);
    let ids: BTreeSet<_> = spans.iter().map(|span| hex(&span.span_id)).collect();
    let sent = stage.emulator.requests();
    let spans_of_requests: BTreeSet<_> =
        sent.iter().map(|request| request.traceparent.as_deref().unwrap()[36..52].to_owned()).collect();
    assert!(spans_of_requests.len() == sent.len() && spans_of_requests.is_subset(&ids), "each attempt is a span");

    let logs: Vec<ExportLogsServiceRequest> = decoded(&receiver, "/v1/logs");
    let scopes = logs.into_iter().flat_map(|request| request.resource_logs).flat_map(|logs| logs.scope_logs);
    let logs: Vec<_> = scopes.flat_map(|scope| scope.log_records).collect();
    for name in ["deployment.started", "fabric.transaction.begun", "fabric.rollback.started", "deployment.finished"] {
        let found: Vec<_> = logs.iter().filter(|record| record.event_name == name).collect();
        assert!(found.len() == 1 && hex(&found[0].trace_id) == TRACE && found[0].span_id == root.span_id, "{name}");
    }

    let metrics: Vec<ExportMetricsServiceRequest> = decoded(&receiver, "/v1/metrics");
    let scopes = metrics.into_iter().flat_map(|request| request.resource_metrics);
    let metrics: Vec<_> = scopes.flat_map(|metrics| metrics.scope_metrics).flat_map(|scope| scope.metrics).collect();
    let rollbacks = metrics.iter().find(|metric| metric.name == "fabric.deployment.rollbacks").unwrap();
    assert!(matches!(&rollbacks.data, Some(Data::Sum(sum)) if sum.is_monotonic && sum.data_points.len() == 1));
}
