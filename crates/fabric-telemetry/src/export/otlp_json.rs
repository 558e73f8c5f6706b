//! Records in OTLP's JSON form: 64-bit numbers are texts, ids are hexadecimal, enumerations are numbers.

use serde_json::{Value as Json, json};

use crate::model::{Attributes, BOUNDS, Event, Measurement, Record, Severity, Span, SpanKind, Value};
use crate::registry::Instrument;
use crate::telemetry::Resource;

/// The values of `AggregationTemporality`: each collection counts from the one before.
const DELTA: u8 = 1;

/// Writes the payloads of one process.
pub(super) struct Payloads {
    resource: Json,
    scope: Json,
}

impl Payloads {
    pub(super) fn new(resource: &Resource) -> Self {
        let text = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
        let version = env!("CARGO_PKG_VERSION");
        Self {
            resource: json!({ "attributes": [
                text("service.name", &resource.service_name),
                text("service.version", &resource.service_version),
                text("host.name", &resource.host_name),
                text("telemetry.sdk.language", "rust"),
                text("telemetry.sdk.name", "fabric-telemetry"),
                text("telemetry.sdk.version", version),
            ]}),
            scope: json!({ "name": "fabric-telemetry", "version": version }),
        }
    }

    fn payload(&self, resources: &str, scopes: &str, name: &str, records: &[Json]) -> Json {
        json!({ resources: [{ "resource": self.resource, scopes: [{ "scope": self.scope, name: records }] }] })
    }

    pub(super) fn traces(&self, batch: &[Record]) -> Json {
        let spans = batch.iter().filter_map(|record| match record {
            Record::Span(found) => Some(span(found)),
            _ => None,
        });
        self.payload("resourceSpans", "scopeSpans", "spans", &spans.collect::<Vec<_>>())
    }

    pub(super) fn logs(&self, batch: &[Record]) -> Json {
        let events = batch.iter().filter_map(|record| match record {
            Record::Event(found) => Some(event(found)),
            _ => None,
        });
        self.payload("resourceLogs", "scopeLogs", "logRecords", &events.collect::<Vec<_>>())
    }

    pub(super) fn metrics(&self, batch: &[Record]) -> Json {
        let metrics = batch.iter().filter_map(|record| match record {
            Record::Measurement(found) => Some(metric(found)),
            _ => None,
        });
        self.payload("resourceMetrics", "scopeMetrics", "metrics", &metrics.collect::<Vec<_>>())
    }
}

fn attributes(attributes: &Attributes) -> Json {
    let value = |value: &Value| match value {
        Value::Text(text) => json!({ "stringValue": text }),
        Value::Integer(number) => json!({ "intValue": number.to_string() }),
        Value::Number(number) => json!({ "doubleValue": number }),
        Value::Flag(flag) => json!({ "boolValue": flag }),
    };
    attributes.iter().map(|(name, found)| json!({ "key": name, "value": value(found) })).collect()
}

fn span(span: &Span) -> Json {
    let kind = match span.kind {
        SpanKind::Internal => 1,
        SpanKind::Server => 2,
        SpanKind::Client => 3,
    };
    // Of `SpanFlags`: sampled; whether the parent is remote is known; and whether it is.
    let flags = 0x1 | 0x100 | if span.remote_parent { 0x200 } else { 0 };
    let status = match (span.succeeded, span.attributes.text("exception.message")) {
        (true, _) => json!({}),
        (false, Some(message)) => json!({ "code": 2, "message": message }),
        (false, None) => json!({ "code": 2 }),
    };
    let mut written = json!({
        "traceId": span.context.trace.to_string(),
        "spanId": span.context.span.to_string(),
        "flags": flags,
        "name": span.name,
        "kind": kind,
        "startTimeUnixNano": span.start.to_string(),
        "endTimeUnixNano": span.end.to_string(),
        "attributes": attributes(&span.attributes),
        "status": status,
    });
    if let Some(parent) = span.parent {
        written["parentSpanId"] = parent.to_string().into();
    }
    written
}

fn event(event: &Event) -> Json {
    let (number, text) = match event.severity {
        Severity::Debug => (5, "DEBUG"),
        Severity::Information => (9, "INFO"),
        Severity::Warning => (13, "WARN"),
        Severity::Error => (17, "ERROR"),
    };
    let mut written = json!({
        "timeUnixNano": event.time.to_string(),
        "observedTimeUnixNano": event.time.to_string(),
        "severityNumber": number,
        "severityText": text,
        "eventName": event.name,
        "body": { "stringValue": event.name },
        "attributes": attributes(&event.attributes),
    });
    if let Some(context) = event.context {
        written["traceId"] = context.trace.to_string().into();
        written["spanId"] = context.span.to_string().into();
        written["flags"] = 1.into();
    }
    written
}

fn metric(measurement: &Measurement) -> Json {
    let mut point = json!({
        "startTimeUnixNano": measurement.start.to_string(),
        "timeUnixNano": measurement.end.to_string(),
        "attributes": attributes(&measurement.attributes),
    });
    let data = match measurement.instrument {
        Instrument::Counter => {
            point["asDouble"] = measurement.sum.into();
            json!({ "dataPoints": [point], "aggregationTemporality": DELTA, "isMonotonic": true })
        }
        Instrument::Gauge => {
            point["asDouble"] = measurement.sum.into();
            json!({ "dataPoints": [point] })
        }
        Instrument::Histogram => {
            point["count"] = measurement.count.to_string().into();
            point["sum"] = measurement.sum.into();
            point["min"] = measurement.min.into();
            point["max"] = measurement.max.into();
            point["bucketCounts"] = measurement.buckets.iter().map(ToString::to_string).collect();
            point["explicitBounds"] = BOUNDS.iter().copied().collect();
            json!({ "dataPoints": [point], "aggregationTemporality": DELTA })
        }
    };
    let kind = match measurement.instrument {
        Instrument::Counter => "sum",
        Instrument::Gauge => "gauge",
        Instrument::Histogram => "histogram",
    };
    json!({ "name": measurement.name, "unit": measurement.unit, kind: data })
}
