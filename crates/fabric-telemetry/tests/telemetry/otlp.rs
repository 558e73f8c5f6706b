//! OTLP, read by OpenTelemetry's own types: `opentelemetry-proto` is the receiver library.

use std::sync::Arc;
use std::time::Duration;

use fabric_telemetry::{OtlpSettings, Transport, custom_metric, parse_traceparent};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{KeyValue, KeyValueList};
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::metrics::v1::number_data_point;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use serde::de::DeserializeOwned;
use tracing::subscriber::with_default;
use tracing::{Level, event, info_span};
use tracing_subscriber::layer::SubscriberExt;

use crate::receiver::{Receiver, builder};

fn received<T: DeserializeOwned>(receiver: &Receiver, path: &str) -> T {
    let posts = receiver.posts();
    let found: Vec<_> = posts.iter().filter(|(at, _)| at == path).collect();
    assert_eq!(found.len(), 1, "{path}");
    serde_json::from_str(&found[0].1).unwrap()
}

fn value(attributes: &[KeyValue], key: &str) -> Option<Value> {
    let list = KeyValueList { values: attributes.to_vec() };
    list.values.into_iter().find(|pair| pair.key == key)?.value?.value
}

fn text(value: &str) -> Option<Value> {
    Some(Value::StringValue(value.to_owned()))
}

#[test]
fn a_receiver_reads_what_was_meant() {
    let receiver = Receiver::replying([]);
    let settings = OtlpSettings::parse("http://localhost:4318/base/", "api-key=k", None).unwrap();
    let parent = parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap();
    let telemetry =
        builder().parent(Some(parent)).otlp(settings, Arc::clone(&receiver) as Arc<dyn Transport>).start().unwrap();
    with_default(tracing_subscriber::registry().with(telemetry.layer()), || {
        let step = info_span!(
            target: "fabric_txn", "apply", step = "s", kind = "change", result = "failure", error_type = "500",
            error = "the server failed"
        );
        let _step = step.enter();
        info_span!(
            target: "fabric_cli", "attempt", http.request.method = "GET", url.template = "/v1/x",
            http.response.status_code = 200
        )
        .in_scope(|| {});
        event!(
            name: "resilience.retry", target: "fabric_resilience", Level::WARN, attempt = 1_u32, wait_ms = 40_u64,
            throttled = false, class = "items"
        );
        event!(
            name: "resilience.breaker.transition", target: "fabric_resilience", Level::WARN, breaker = "h", to = "open"
        );
        custom_metric!("ratio", 0.5);
    });
    assert_eq!(telemetry.shutdown(Duration::from_secs(60)).lost(), 0);

    let traces: ExportTraceServiceRequest = received(&receiver, "/base/v1/traces");
    let resource = traces.resource_spans[0].resource.as_ref().unwrap();
    assert_eq!(value(&resource.attributes, "service.name"), text("test"));
    let [attempt, step] = traces.resource_spans[0].scope_spans[0].spans.clone().try_into().unwrap();
    assert_eq!((attempt.name.as_str(), attempt.kind()), ("GET /v1/x", SpanKind::Client));
    assert_eq!((step.name.as_str(), step.kind()), ("apply s", SpanKind::Internal));
    assert_eq!(attempt.parent_span_id, step.span_id);
    assert_eq!((step.trace_id.as_slice(), step.parent_span_id.as_slice()), (&parent.trace.0[..], &parent.span.0[..]));
    assert_eq!((attempt.flags, step.flags), (0x101, 0x301));
    assert!(step.start_time_unix_nano <= attempt.start_time_unix_nano);
    assert!(attempt.end_time_unix_nano <= step.end_time_unix_nano);
    let status = step.status.as_ref().unwrap();
    assert_eq!((status.code(), status.message.as_str()), (StatusCode::Error, "the server failed"));
    assert_eq!(attempt.status.as_ref().map(|status| status.code()), Some(StatusCode::Unset));
    assert_eq!(value(&attempt.attributes, "http.response.status_code"), Some(Value::IntValue(200)));

    let logs: ExportLogsServiceRequest = received(&receiver, "/base/v1/logs");
    let [retry, breaker] = logs.resource_logs[0].scope_logs[0].log_records.clone().try_into().unwrap();
    assert_eq!((retry.event_name.as_str(), breaker.event_name.as_str()), ("fabric.retry", "fabric.breaker.transition"));
    assert_eq!((&retry.span_id, retry.severity_number), (&step.span_id, 13));
    assert_eq!(value(&retry.attributes, "fabric.retry.throttled"), Some(Value::BoolValue(false)));

    let metrics: ExportMetricsServiceRequest = received(&receiver, "/base/v1/metrics");
    let metrics = &metrics.resource_metrics[0].scope_metrics[0].metrics;
    let data = |name: &str| metrics.iter().find(|metric| metric.name == name).and_then(|metric| metric.data.clone());
    let Some(Data::Sum(steps)) = data("fabric.deployment.steps") else { panic!("{metrics:?}") };
    assert!(steps.is_monotonic && steps.aggregation_temporality == 1);
    assert_eq!(steps.data_points[0].value, Some(number_data_point::Value::AsDouble(1.0)));
    let Some(Data::Gauge(state)) = data("fabric.breaker.state") else { panic!("{metrics:?}") };
    assert_eq!(state.data_points[0].value, Some(number_data_point::Value::AsDouble(2.0)));
    let Some(Data::Histogram(waits)) = data("fabric.retry.wait") else { panic!("{metrics:?}") };
    let point = &waits.data_points[0];
    assert_eq!((point.count, point.sum, point.min, point.max), (1, Some(0.04), Some(0.04), Some(0.04)));
    assert_eq!(point.bucket_counts.len(), point.explicit_bounds.len() + 1);
    // 0.04 is above 0.025 and at most 0.05.
    assert_eq!(point.bucket_counts[..4], [0, 0, 0, 1]);
    assert!(point.start_time_unix_nano < point.time_unix_nano);
}
