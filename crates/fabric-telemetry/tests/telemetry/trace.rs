//! Spans and events become a trace, under the names of the registry.

use std::time::Duration;

use fabric_telemetry::{context_of, end_now, parse_traceparent, traceparent};
use serde_json::{Value, json};
use tracing::subscriber::with_default;
use tracing::{Level, Span, event, info, info_span};
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{Receiver, insights, unregistered};

const PIPELINE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn properties(envelope: &Value) -> &Value {
    &envelope["data"]["baseData"]["properties"]
}

#[test]
fn from_the_pipeline_down_to_each_attempt() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).parent(parse_traceparent(PIPELINE).ok()).start().unwrap();
    let mut sent = String::new();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let command = info_span!(
            target: "fabric_cli", "command", cicd.pipeline.name = "fabric-cli deploy",
            cicd.pipeline.result = tracing::field::Empty, process.exit.code = tracing::field::Empty
        );
        let _command = command.enter();
        // A span that the registry does not have, of a stranger: what is within belongs to the one around it.
        let _stranger = info_span!(target: "stranger", "between").entered();
        let step = info_span!(
            target: "fabric_txn::execute::forward", "apply", step = "item/Notebook/N", kind = "change",
            result = tracing::field::Empty
        );
        let _step = step.enter();
        info_span!(
            target: "fabric_cli", "attempt", http.request.method = "POST", url.template = "/v1/x", server.address = "h",
            http.response.status_code = 429, error.r#type = "429"
        )
        .in_scope(|| sent = traceparent(context_of(&Span::current()).unwrap()));
        event!(
            name: "resilience.retry", target: "fabric_resilience", Level::WARN, attempt = 1_u32, wait_ms = 2_000_u64,
            throttled = true, class = "items", "retrying"
        );
        info!("a log line stays here");
        step.record("result", "success");
        command.record("cicd.pipeline.result", "failure");
        command.record("process.exit.code", 75);
    });
    let delivery = telemetry.shutdown(Duration::from_secs(60));
    assert_eq!(delivery.lost(), 0);
    assert_eq!(unregistered(&telemetry), Vec::<String>::new());
    assert_eq!(receiver.posts()[0].0, "/v2.1/track");

    let [request] = receiver.of_type("RequestData").try_into().unwrap();
    assert_eq!(request["name"], "Microsoft.ApplicationInsights.Request");
    assert_eq!(request["tags"]["ai.operation.id"], "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(request["tags"]["ai.operation.parentId"], "00f067aa0ba902b7");
    assert_eq!((&request["tags"]["ai.cloud.role"], &request["iKey"]), (&json!("test"), &json!(crate::receiver::KEY)));
    let data = &request["data"]["baseData"];
    assert_eq!((&data["name"], &data["success"]), (&json!("RUN fabric-cli deploy"), &json!(false)));
    assert_eq!(data["responseCode"], "75");

    let [attempt, step] = receiver.of_type("RemoteDependencyData").try_into().unwrap();
    assert_eq!(step["tags"]["ai.operation.parentId"], data["id"]);
    assert_eq!(step["data"]["baseData"]["name"], "apply item/Notebook/N");
    assert_eq!(step["data"]["baseData"]["success"], true);
    assert_eq!(properties(&step)["cicd.pipeline.task.type"], "deploy");
    let http = &attempt["data"]["baseData"];
    assert_eq!(attempt["tags"]["ai.operation.parentId"], step["data"]["baseData"]["id"]);
    assert_eq!((&http["name"], &http["type"], &http["target"]), (&json!("POST /v1/x"), &json!("HTTP"), &json!("h")));
    assert_eq!((&http["resultCode"], &http["success"]), (&json!("429"), &json!(false)));
    assert_eq!(sent, format!("00-4bf92f3577b34da6a3ce929d0e0e4736-{}-01", http["id"].as_str().unwrap()));

    let [retry] = receiver.of_type("EventData").try_into().unwrap();
    assert_eq!(retry["tags"]["ai.operation.parentId"], step["data"]["baseData"]["id"]);
    let expected = json!({
        "fabric.retry.attempt": "1", "fabric.wait": "2000", "fabric.retry.throttled": "true", "fabric.api.class": "items",
    });
    assert_eq!((&retry["data"]["baseData"]["name"], properties(&retry)), (&json!("fabric.retry"), &expected));

    let metrics: Vec<_> = receiver
        .of_type("MetricData")
        .iter()
        .map(|envelope| envelope["data"]["baseData"]["metrics"][0]["name"].as_str().unwrap().to_owned())
        .collect();
    let expected = [
        "cicd.pipeline.run.duration",
        "cicd.pipeline.run.errors",
        "fabric.deployment.step.duration",
        "fabric.deployment.steps",
        "fabric.retry.retries",
        "fabric.retry.wait",
        "http.client.request.duration",
    ];
    assert_eq!(metrics, expected);
}

#[test]
fn without_a_pipeline_each_root_begins_a_trace() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        for _ in 0..2 {
            info_span!(target: "fabric_deploy", "verify").in_scope(|| {});
        }
        assert_eq!(context_of(&Span::none()), None);
        assert_eq!(context_of(&info_span!(target: "stranger", "alone")), None);
    });
    telemetry.shutdown(Duration::from_secs(60));
    let spans = receiver.of_type("RemoteDependencyData");
    assert_ne!(spans[0]["tags"]["ai.operation.id"], spans[1]["tags"]["ai.operation.id"]);
    assert_eq!(spans[0]["tags"]["ai.operation.parentId"], json!(null));
}

#[test]
fn a_name_that_is_not_in_the_registry_does_not_leave_and_is_reported() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        info_span!(target: "fabric_txn", "no_such_span").in_scope(|| {});
        event!(name: "no.such.event", target: "fabric_txn", Level::INFO, "something");
        event!(name: "transaction.rollback", target: "fabric_txn", Level::INFO, reason = "r", canary = "c");
    });
    telemetry.shutdown(Duration::from_secs(60));
    let expected = [
        "event `no.such.event` of fabric_txn",
        "field `canary` of event `fabric.rollback.started`",
        "span `no_such_span` of fabric_txn",
    ];
    assert_eq!(telemetry.unregistered(), expected);
    let [event] = receiver.of_type("EventData").try_into().unwrap();
    assert_eq!(properties(&event), &json!({ "fabric.rollback.reason": "r" }));
    assert_eq!(receiver.of_type("RemoteDependencyData"), Vec::<Value>::new());
}

#[test]
fn a_step_that_is_dropped_was_cancelled() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        drop(info_span!(target: "fabric_txn", "undo", step = "s", kind = "change"));
        event!(
            name: "exception", target: "fabric_cli", Level::ERROR, exception.r#type = "Panic", exception.message = "boom"
        );
    });
    telemetry.shutdown(Duration::from_secs(60));
    let [step] = receiver.of_type("RemoteDependencyData").try_into().unwrap();
    assert_eq!(properties(&step)["cicd.pipeline.task.run.result"], "cancellation");
    assert_eq!(step["data"]["baseData"]["success"], false);
    let [exception] = receiver.of_type("ExceptionData").try_into().unwrap();
    let thrown = &exception["data"]["baseData"]["exceptions"][0];
    assert_eq!((&thrown["typeName"], &thrown["message"]), (&json!("Panic"), &json!("boom")));
}

#[test]
fn the_state_of_a_breaker_is_a_number() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        for (from, to) in [("closed", "open"), ("open", "half_open")] {
            event!(
                name: "resilience.breaker.transition", target: "fabric_resilience", Level::WARN, breaker = "h", %from, %to
            );
        }
        event!(name: "resilience.concurrency.limit", target: "fabric_resilience", Level::INFO, limit = 12_u64);
    });
    telemetry.shutdown(Duration::from_secs(60));
    let points: Vec<_> = receiver
        .of_type("MetricData")
        .iter()
        .map(|envelope| envelope["data"]["baseData"]["metrics"][0].clone())
        .collect();
    let gauge = |name, value: f64| json!({ "name": name, "kind": "Measurement", "value": value });
    assert_eq!(points, [gauge("fabric.breaker.state", 1.0), gauge("fabric.concurrency.limit", 12.0)]);
}

#[test]
fn a_span_that_somebody_still_has_can_be_ended_once() {
    let receiver = Receiver::replying([]);
    let telemetry = insights(&receiver).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let span =
            info_span!(target: "fabric_cli", "command", cicd.pipeline.name = "c", cicd.pipeline.result = "success");
        span.in_scope(|| end_now(&span));
        end_now(&span);
    });
    telemetry.shutdown(Duration::from_secs(60));
    assert_eq!(receiver.of_type("RequestData").len(), 1);
}
