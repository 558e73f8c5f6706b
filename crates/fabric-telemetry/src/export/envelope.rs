//! Records as Application Insights reads them: envelopes of its schema, version 2.

use serde_json::{Map, Value as Json, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use uuid::Uuid;

use crate::model::{Attributes, Event, Measurement, Record, Severity, Span, SpanContext, SpanKind, UnixNanos, Value};
use crate::registry::{EXCEPTION, Instrument};
use crate::telemetry::Resource;

/// The schema's limits; the ingestion cuts or refuses what is longer.
const LONGEST_NAME: usize = 512;
const LONGEST_KEY: usize = 150;
const LONGEST_VALUE: usize = 8192;
const LONGEST_MESSAGE: usize = 32_768;

/// Writes envelopes for one resource.
pub(super) struct Envelopes {
    key: String,
    tags: Map<String, Json>,
}

impl Envelopes {
    pub(super) fn new(key: Uuid, resource: &Resource) -> Self {
        let mut tags = Map::new();
        tags.insert("ai.cloud.role".to_owned(), resource.service_name.clone().into());
        tags.insert("ai.cloud.roleInstance".to_owned(), resource.host_name.clone().into());
        tags.insert("ai.application.ver".to_owned(), resource.service_version.clone().into());
        tags.insert("ai.internal.sdkVersion".to_owned(), format!("rust:{}", env!("CARGO_PKG_VERSION")).into());
        Self { key: key.to_string(), tags }
    }

    /// One line for each record.
    pub(super) fn lines(&self, batch: &[Record]) -> String {
        let mut lines = String::with_capacity(batch.len() * 900);
        for record in batch {
            let envelope = match record {
                Record::Span(span) => self.span(span),
                Record::Event(event) => self.event(event),
                Record::Measurement(measurement) => self.measurement(measurement),
            };
            lines.push_str(&envelope.to_string());
            lines.push('\n');
        }
        lines
    }

    fn envelope(&self, kind: &str, time: UnixNanos, tags: Map<String, Json>, data: Json) -> Json {
        let mut envelope = json!({
            "name": format!("Microsoft.ApplicationInsights.{}", kind.trim_end_matches("Data")),
            "time": rfc3339(time),
            "iKey": self.key,
            "sampleRate": 100.0,
            "data": { "baseType": kind },
        });
        envelope["tags"] = Json::Object(tags);
        envelope["data"]["baseData"] = data;
        envelope
    }

    fn tags(&self, trace: Option<String>, parent: Option<String>) -> Map<String, Json> {
        let mut tags = self.tags.clone();
        if let Some(trace) = trace {
            tags.insert("ai.operation.id".to_owned(), trace.into());
        }
        if let Some(parent) = parent {
            tags.insert("ai.operation.parentId".to_owned(), parent.into());
        }
        tags
    }

    fn span(&self, span: &Span) -> Json {
        let mut tags = self.tags(Some(span.context.trace.to_string()), span.parent.map(|parent| parent.to_string()));
        let duration = timespan(span.end.saturating_sub(span.start));
        let mut data = json!({
            "ver": 2,
            "id": span.context.span.to_string(),
            "name": short(&span.name, LONGEST_NAME),
            "duration": duration,
            "success": span.succeeded,
            "properties": properties(&span.attributes),
        });
        let text = |name: &str| span.attributes.get(name).map(ToString::to_string);
        let status = text("http.response.status_code").or_else(|| text("process.exit.code"));
        let code = status.or_else(|| text("error.type")).unwrap_or_else(|| "0".to_owned());
        let kind = match span.kind {
            SpanKind::Server => {
                tags.insert("ai.operation.name".to_owned(), short(&span.name, LONGEST_NAME).into());
                data["responseCode"] = code.into();
                "RequestData"
            }
            SpanKind::Client => {
                let port = text("server.port").map(|port| format!(":{port}")).unwrap_or_default();
                data["type"] = "HTTP".into();
                data["target"] = text("server.address").map(|host| format!("{host}{port}")).into();
                data["data"] = text("url.full").map(|url| short(&url, LONGEST_VALUE).to_owned()).into();
                data["resultCode"] = code.into();
                "RemoteDependencyData"
            }
            SpanKind::Internal => {
                data["type"] = "InProc".into();
                data["resultCode"] = code.into();
                "RemoteDependencyData"
            }
        };
        self.envelope(kind, span.start, tags, data)
    }

    fn event(&self, event: &Event) -> Json {
        let place = |pick: fn(&SpanContext) -> String| event.context.as_ref().map(pick);
        let tags = self.tags(place(|context| context.trace.to_string()), place(|context| context.span.to_string()));
        if event.name == EXCEPTION {
            let text = |name: &str| event.attributes.text(name).unwrap_or("unknown");
            let data = json!({
                "ver": 2,
                "severityLevel": severity(event.severity),
                "exceptions": [{
                    "typeName": short(text("exception.type"), LONGEST_NAME),
                    "message": short(text("exception.message"), LONGEST_MESSAGE),
                    "hasFullStack": false,
                }],
                "properties": properties(&event.attributes),
            });
            return self.envelope("ExceptionData", event.time, tags, data);
        }
        let data = json!({
            "ver": 2,
            "name": short(event.name, LONGEST_NAME),
            "properties": properties(&event.attributes),
        });
        self.envelope("EventData", event.time, tags, data)
    }

    fn measurement(&self, measurement: &Measurement) -> Json {
        let mut point = json!({ "name": measurement.name, "kind": "Aggregation", "value": measurement.sum });
        if measurement.instrument == Instrument::Gauge {
            point["kind"] = "Measurement".into();
        } else {
            point["count"] = measurement.count.into();
            point["min"] = measurement.min.into();
            point["max"] = measurement.max.into();
        }
        let data = json!({ "ver": 2, "metrics": [point], "properties": properties(&measurement.attributes) });
        self.envelope("MetricData", measurement.end, self.tags.clone(), data)
    }
}

fn properties(attributes: &Attributes) -> Json {
    let text = |value: &Value| short(&value.to_string(), LONGEST_VALUE).to_owned();
    attributes.iter().map(|(name, value)| (short(name, LONGEST_KEY).to_owned(), Json::from(text(value)))).collect()
}

fn severity(severity: Severity) -> u8 {
    match severity {
        Severity::Debug => 0,
        Severity::Information => 1,
        Severity::Warning => 2,
        Severity::Error => 3,
    }
}

/// At most this many bytes, whole characters only.
fn short(text: &str, most: usize) -> &str {
    if text.len() <= most {
        return text;
    }
    let end = (0..=most).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

/// `d.hh:mm:ss.fffffff`, as .NET writes a duration.
fn timespan(nanos: u64) -> String {
    let (ticks, seconds) = (nanos / 100 % 10_000_000, nanos / 1_000_000_000);
    let (days, hours, minutes) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60);
    format!("{days}.{hours:02}:{minutes:02}:{:02}.{ticks:07}", seconds % 60)
}

pub(super) fn rfc3339(time: UnixNanos) -> String {
    let time = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time)).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    time.format(&Rfc3339).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_written_as_dotnet_does() {
        assert_eq!(timespan(1_234_567_890), "0.00:00:01.2345678");
        assert_eq!(timespan(90_061_000_000_000), "1.01:01:01.0000000");
    }

    #[test]
    fn texts_are_cut_between_characters() {
        assert_eq!(short("äöü", 3), "ä");
        assert_eq!(short("abc", 3), "abc");
    }
}
