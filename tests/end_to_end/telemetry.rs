//! `FEATURE_USE_TELEMETRY`: on, one command is one trace; off, nobody hears anything.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fabric_emulator::{Emulator, Fault, Service};
use serde_json::{Value, json};

use crate::binary::{self, ACTIVE_CAPACITY, Run, Stage, fabric_cli};
use crate::rollback::SETTLE;
use crate::sources;

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const PIPELINE: &str = "00f067aa0ba902b7";

const DEPLOY: [&str; 10] =
    ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev", "--capacity", ACTIVE_CAPACITY, SETTLE];

/// A stage with Application Insights and a notebook and a pipeline to deploy, the one before the other.
fn stage() -> Stage {
    let stage = Stage::of(Emulator::builder().service(Service::ApplicationInsights));
    let root = stage.directory.path().join("source");
    sources::notebook(&root, "One", 1, "print(1)");
    sources::pipeline(&root, "Two", 2, 1);
    stage
}

fn connection(stage: &Stage) -> String {
    let ingestion = stage.emulator.endpoint_of(Service::ApplicationInsights).unwrap();
    format!("InstrumentationKey=11111111-2222-4333-8444-555555555555;IngestionEndpoint={ingestion}/")
}

/// The command line in a pipeline that traces, with telemetry on.
fn traced(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = fabric_cli(stage.directory.path());
    command
        .args(arguments)
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token())
        .env("FEATURE_USE_TELEMETRY", "on")
        .env("APPLICATIONINSIGHTS_CONNECTION_STRING", connection(stage))
        .env("TRACEPARENT", format!("00-{TRACE}-{PIPELINE}-01"));
    command
}

fn run(command: &mut Command) -> Run {
    let run = binary::run(command);
    assert!(!run.stderr.contains("not in the registry"), "{}", run.stderr);
    run
}

fn faults(value: Value) -> Vec<Fault> {
    serde_json::from_value(value).unwrap()
}

fn of_types(stage: &Stage, types: &[&str]) -> Vec<Value> {
    let mut items = stage.emulator.telemetry();
    items.retain(|item| types.iter().any(|base_type| item["data"]["baseType"] == *base_type));
    items
}

fn spans(stage: &Stage) -> Vec<Value> {
    of_types(stage, &["RequestData", "RemoteDependencyData"])
}

fn data(item: &Value) -> &Value {
    &item["data"]["baseData"]
}

fn property<'a>(item: &'a Value, name: &str) -> Option<&'a str> {
    data(item)["properties"][name].as_str()
}

/// The spans below `parent`, as a tree of names and outcomes, with equal ones once.
fn tree(items: &[Value], parent: &str, depth: usize, text: &mut String) {
    let mut children: BTreeMap<String, Vec<&Value>> = BTreeMap::new();
    for item in items.iter().filter(|item| item["tags"]["ai.operation.parentId"] == parent) {
        let base_type = item["data"]["baseType"].as_str().unwrap();
        let outcome = match base_type {
            "RequestData" | "RemoteDependencyData" => data(item)["resultCode"]
                .as_str()
                .or(data(item)["responseCode"].as_str())
                .filter(|code| *code != "0")
                .unwrap_or("ok"),
            _ => "event",
        };
        let name = data(item)["name"].as_str().unwrap_or("exception");
        children.entry(format!("{name}: {outcome}")).or_default().push(item);
    }
    for (line, found) in children {
        writeln!(text, "{}{line}", "  ".repeat(depth)).unwrap();
        if let Some(id) = data(found[0])["id"].as_str() {
            tree(items, id, depth + 1, text);
        }
    }
}

/// What a pipeline sees of a deployment whose second item is refused.
const GOLDEN: &str = "\
RUN fabric-cli deploy: 5
  apply item/One.Notebook/create: ok
    GET /v1/operations/{operationId}/result: 200
    GET /v1/operations/{operationId}: 200
    POST /v1/workspaces/{workspaceId}/items: 202
  apply item/Two.DataPipeline/create: NotApplied
    POST /v1/workspaces/{workspaceId}/items: 400
  apply workspace/create: ok
    POST /v1/workspaces: 201
  deployment.finished: event
  deployment.started: event
  fabric.rollback.started: event
  fabric.transaction.begun: event
  feature_flag.evaluation: event
  read workspace: ok
    GET /v1/workspaces: 200
  undo item/One.Notebook/create: ok
    DELETE /v1/workspaces/{workspaceId}/items/{itemId}: 200
    GET /v1/workspaces/{workspaceId}/items/{itemId}: 404
  undo workspace/create: ok
    DELETE /v1/workspaces/{workspaceId}: 200
    GET /v1/workspaces/{workspaceId}/folders: 200
    GET /v1/workspaces/{workspaceId}/items: 200
    GET /v1/workspaces/{workspaceId}: 404
";

#[test]
fn a_deployment_with_a_roll_back_is_one_trace() {
    let stage = stage();
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateItem", "nth": 2 }, "kind": { "status": { "code": 400, "error_code": "CorruptedPayload" } } }
    ])));
    let flags = ["--flag", "FEATURE_USE_ROLLBACK=on"];
    run(&mut traced(&stage, &[&DEPLOY[..], &flags].concat())).exits(5);

    let items = stage.emulator.telemetry();
    assert!(
        of_types(&stage, &["RequestData", "RemoteDependencyData", "EventData", "ExceptionData"])
            .iter()
            .all(|item| item["tags"]["ai.operation.id"] == TRACE)
    );
    let mut found = String::new();
    tree(&items, PIPELINE, 0, &mut found);
    assert_eq!(found, GOLDEN);

    // Fabric was told the place of each attempt in the trace.
    let attempts: Vec<_> =
        spans(&stage).iter().filter(|span| data(span)["type"] == "HTTP").map(|span| data(span)["id"].clone()).collect();
    let requests = stage.emulator.requests();
    let fabric: Vec<_> = requests.iter().filter(|request| request.service == Service::Fabric).collect();
    assert_eq!(attempts.len(), fabric.len());
    for request in fabric {
        let traceparent = request.traceparent.as_deref().expect("every request carries it");
        let [_, trace, span, _] = traceparent.split('-').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(trace, TRACE);
        assert!(attempts.contains(&json!(span)), "{traceparent}");
    }
    let metrics: Vec<_> =
        of_types(&stage, &["MetricData"]).iter().map(|item| data(item)["metrics"][0]["name"].clone()).collect();
    assert!(metrics.contains(&json!("fabric.deployment.rollbacks")), "{metrics:?}");
}

#[test]
fn off_nobody_hears_anything() {
    let stage = stage();
    let file = stage.path("telemetry.jsonl");
    run(traced(&stage, &DEPLOY).env("FEATURE_USE_TELEMETRY", "off").env("FABRIC_TELEMETRY_FILE", &file)).exits(0);
    assert_eq!(stage.emulator.telemetry(), Vec::<Value>::new());
    assert!(!std::path::Path::new(&file).exists());
    let requests = stage.emulator.requests();
    assert!(requests.iter().all(|request| request.service == Service::Fabric && request.traceparent.is_none()));
}

#[test]
fn each_attempt_is_a_span_of_its_own_and_throttling_is_told() {
    let stage = stage();
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateWorkspace", "nth": 1 }, "kind": { "throttled": { "seconds": 1 } } },
        { "match": { "operation": "ListWorkspaces", "nth": 1 }, "kind": { "throttled": { "seconds": 1 } } }
    ])));
    run(&mut traced(&stage, &[&DEPLOY[..], &["--flag", "FEATURE_USE_RETRY_LOGIC=on"]].concat()));
    let spans = spans(&stage);
    let lists: Vec<_> = spans.iter().filter(|span| data(span)["name"] == "GET /v1/workspaces").collect();
    let codes: Vec<_> = lists
        .iter()
        .map(|span| (data(span)["resultCode"].as_str().unwrap(), property(span, "http.request.resend_count")))
        .collect();
    assert_eq!(codes[..2], [("429", None), ("200", Some("1"))]);
    assert!(property(lists[1], "fabric.request.id").is_some());
    let events = of_types(&stage, &["EventData"]);
    let retry = events.iter().find(|event| data(event)["name"] == "fabric.retry").expect("a retry is told");
    assert_eq!(
        (property(retry, "fabric.retry.attempt"), property(retry, "fabric.retry.throttled")),
        (Some("1"), Some("true"))
    );
    assert_eq!(retry["tags"]["ai.operation.parentId"], lists[0]["tags"]["ai.operation.parentId"]);
}

#[test]
fn every_name_that_leaves_is_on_the_page() {
    let stage = stage();
    let page = std::fs::read_to_string(binary::repository().join("docs/telemetry.md")).unwrap();
    let file = stage.path("deep/telemetry.jsonl");
    stage.emulator.set_faults(faults(json!([
        { "match": { "operation": "CreateItem", "nth": 2 }, "kind": { "status": { "code": 400, "error_code": "CorruptedPayload" } } }
    ])));
    let mut command = traced(&stage, &[&DEPLOY[..], &["--flag", "FEATURE_USE_ROLLBACK=on"]].concat());
    command.env("FABRIC_TELEMETRY_FILE", &file).env_remove("APPLICATIONINSIGHTS_CONNECTION_STRING");
    command.env("ANOTHER_SECRET", "canary-canary-canary").env("GITHUB_REPOSITORY", "canary-canary-canary");
    command
        .env("GITHUB_RUN_ID", "7")
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("GITHUB_REF", "refs/pull/3/merge");
    run(&mut command).exits(5);
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.contains("canary") && text.contains("https://github.com/[redacted]/actions/runs/7"), "{text}");
    assert!(!text.contains(&stage.emulator.token()));
    let known = |name: &str| page.contains(&format!("`{name}`"));
    for line in text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()) {
        let name = line["name"].as_str().unwrap();
        assert!(line["record"] == "span" || known(name), "{name}");
        for attribute in line["attributes"].as_object().unwrap().keys() {
            assert!(known(attribute), "{attribute} of {name}");
        }
    }
}

#[test]
fn variables_that_cannot_be_used_are_invalid_input() {
    let stage = stage();
    let cases: [(&[(&str, &str)], &str); 6] = [
        (&[], "APPLICATIONINSIGHTS_CONNECTION_STRING, OTEL_EXPORTER_OTLP_ENDPOINT or FABRIC_TELEMETRY_FILE"),
        (
            &[("APPLICATIONINSIGHTS_CONNECTION_STRING", "InstrumentationKey=canary")],
            "`InstrumentationKey` is not a GUID",
        ),
        (&[("APPINSIGHTS_INSTRUMENTATIONKEY", "canary")], "APPINSIGHTS_INSTRUMENTATIONKEY"),
        (&[("OTEL_EXPORTER_OTLP_ENDPOINT", "localhost:4318")], "OTEL_EXPORTER_OTLP_ENDPOINT"),
        (
            &[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")],
            "OTEL_EXPORTER_OTLP_PROTOCOL",
        ),
        (&[("FABRIC_TELEMETRY_FILE", "source")], "source cannot be written"),
    ];
    for (variables, expected) in cases {
        let mut command = traced(&stage, &DEPLOY);
        command.env_remove("APPLICATIONINSIGHTS_CONNECTION_STRING").envs(variables.iter().copied());
        let run = run(&mut command).exits(7);
        assert!(run.stderr.contains(expected) && !run.stderr.contains("canary"), "{}", run.stderr);
    }
    assert!(stage.emulator.requests().is_empty());
}

#[test]
fn a_bare_key_is_accepted_with_the_date_its_support_ended() {
    let stage = stage();
    let file = stage.path("telemetry.jsonl");
    let mut command = traced(&stage, &["plan", "--source", "source", "--workspace", "W"]);
    command.env_remove("APPLICATIONINSIGHTS_CONNECTION_STRING").env("FABRIC_TELEMETRY_FILE", file);
    // A proxy that refuses stands for the public ingestion, which no test may call.
    command.env("HTTPS_PROXY", "http://127.0.0.1:9").env("NO_PROXY", "127.0.0.1");
    command.env("APPINSIGHTS_INSTRUMENTATIONKEY", "11111111-2222-4333-8444-555555555555");
    let run = run(&mut command).exits(0);
    assert_eq!(run.stderr.matches("2025-03-31").count(), 1, "{}", run.stderr);
    assert!(run.stderr.contains("were not delivered (application_insights)"), "{}", run.stderr);
}

#[test]
fn an_ingestion_that_hangs_or_refuses_changes_nothing() {
    for kind in [json!({ "slow_ms": 3_600_000 }), json!("reset"), json!({ "status": { "code": 439 } })] {
        let stage = stage();
        stage.emulator.set_faults(faults(json!([{ "match": { "service": "appinsights" }, "kind": kind }])));
        let began = Instant::now();
        let run = run(&mut traced(&stage, &DEPLOY)).exits(0);
        // An hour, if it were waited for.
        assert!(began.elapsed() < Duration::from_secs(600));
        assert!(run.stderr.contains("were not delivered (application_insights)"), "{}", run.stderr);
        assert_eq!(stage.list("/v1/workspaces").len(), 1);
    }
}

#[test]
fn a_batch_that_is_accepted_in_part_is_completed() {
    let stage = stage();
    stage.emulator.set_faults(faults(json!([
        { "match": { "service": "appinsights", "nth": 1 }, "kind": { "items_refused": { "every": 2, "code": 500 } } }
    ])));
    let run = run(&mut traced(&stage, &DEPLOY)).exits(0);
    assert!(!run.stderr.contains("not delivered"), "{}", run.stderr);
    let mut ids: Vec<_> = spans(&stage).iter().map(|span| data(span)["id"].to_string()).collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    let attempts = stage.emulator.requests().iter().filter(|request| request.service == Service::Fabric).count();
    assert_eq!(ids.len(), all, "no span came twice");
    assert_eq!(spans(&stage).iter().filter(|span| data(span)["type"] == "HTTP").count(), attempts);
}

#[cfg(unix)]
#[test]
fn a_signal_that_nobody_waits_for_loses_nothing() {
    let stage = stage();
    stage.emulator.configure(|settings| settings.latency = Duration::from_secs(3_600));
    let mut command = traced(&stage, &["plan", "--source", "source", "--workspace", "W"]);
    let file = stage.path("telemetry.jsonl");
    command.env("FABRIC_TELEMETRY_FILE", &file).env_remove("APPLICATIONINSIGHTS_CONNECTION_STRING");
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    // The first events are in the file once it waits for Fabric.
    while !std::fs::read_to_string(&file).is_ok_and(|text| text.contains("feature_flag.evaluation")) {
        std::thread::yield_now();
    }
    assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let text = std::fs::read_to_string(file).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let root = lines.iter().find(|line| line["kind"] == "server").expect("the command is told of");
    assert_eq!(
        (&root["attributes"]["cicd.pipeline.result"], &root["parent_span_id"]),
        (&json!("cancellation"), &json!(PIPELINE))
    );
}
