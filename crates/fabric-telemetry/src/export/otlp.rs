//! OTLP over HTTP, in its JSON form: any OpenTelemetry collector, and the back ends that take OTLP themselves.
//!
//! Written here because the SDK's exporters come with a second pipeline, batch threads and metric readers of their own:
//! this crate's bounded queue and its two seconds at the end would not hold for them. JSON is one of the two encodings
//! that receivers have to know.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value as Json;
use thiserror::Error;
use url::Url;

use super::otlp_json::Payloads;
use super::{Exporter, Outcome, gzip};
use crate::model::Record;
use crate::telemetry::Resource;
use crate::transport::{Answer, Post, Transport};

/// Settings of an OTLP receiver that cannot be used. No header's value is repeated: it may be a key.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum OtlpSettingsError {
    /// The address is none.
    #[error("the endpoint is not an http or https address: {0}")]
    Endpoint(String),
    /// A header is not `name=value`.
    #[error("header {0} is not of the form name=value")]
    Header(usize),
    /// Another encoding is asked for.
    #[error("the protocol is {0:?}: only OTLP over HTTP with JSON is spoken here")]
    Protocol(String),
}

/// Where an OTLP receiver is, and what it wants to see of who sends.
#[derive(Clone)]
pub struct OtlpSettings {
    pub(crate) endpoint: Url,
    pub(crate) headers: HeaderMap,
}

impl std::fmt::Debug for OtlpSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OtlpSettings").field("endpoint", &self.endpoint.host_str()).finish_non_exhaustive()
    }
}

impl OtlpSettings {
    /// From the values of `OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_HEADERS` (`name=value,name=value`, values
    /// percent-encoded) and `OTEL_EXPORTER_OTLP_PROTOCOL`. Of the protocols, `grpc` is refused, because such a receiver
    /// listens on another port; one for `http/protobuf` takes JSON at the same place.
    ///
    /// # Errors
    /// What cannot be used.
    pub fn parse(endpoint: &str, headers: &str, protocol: Option<&str>) -> Result<Self, OtlpSettingsError> {
        if let Some(other) = protocol.filter(|protocol| !matches!(*protocol, "http/json" | "http/protobuf")) {
            return Err(OtlpSettingsError::Protocol(other.to_owned()));
        }
        let endpoint = Url::parse(endpoint).map_err(|error| OtlpSettingsError::Endpoint(error.to_string()))?;
        if !matches!(endpoint.scheme(), "http" | "https") || endpoint.host().is_none() {
            return Err(OtlpSettingsError::Endpoint(format!("its scheme is {}", endpoint.scheme())));
        }
        let mut map = HeaderMap::new();
        for (position, pair) in headers.split(',').map(str::trim).filter(|pair| !pair.is_empty()).enumerate() {
            let invalid = || OtlpSettingsError::Header(position + 1);
            let (name, value) = pair.split_once('=').ok_or_else(invalid)?;
            // Blanks are `%20` here, never `+`, which the form rules would read as one.
            let encoded = format!("v={}", value.trim().replace('+', "%2B"));
            let (_, value) = url::form_urlencoded::parse(encoded.as_bytes()).next().ok_or_else(invalid)?;
            let name: HeaderName = name.trim().parse().map_err(|_| invalid())?;
            let mut value = HeaderValue::from_str(&value).map_err(|_| invalid())?;
            value.set_sensitive(true);
            map.insert(name, value);
        }
        Ok(Self { endpoint, headers: map })
    }
}

pub(crate) struct Otlp {
    settings: OtlpSettings,
    payloads: Payloads,
    transport: Arc<dyn Transport>,
}

/// One of the three kinds of things that OTLP knows.
struct Signal {
    path: &'static str,
    /// How its receiver names what it refused.
    rejected: &'static str,
}

const TRACES: Signal = Signal { path: "v1/traces", rejected: "rejectedSpans" };
const LOGS: Signal = Signal { path: "v1/logs", rejected: "rejectedLogRecords" };
const METRICS: Signal = Signal { path: "v1/metrics", rejected: "rejectedDataPoints" };

impl Otlp {
    pub(crate) fn new(settings: OtlpSettings, resource: &Resource, transport: Arc<dyn Transport>) -> Self {
        Self { settings, payloads: Payloads::new(resource), transport }
    }

    async fn send(&self, signal: &Signal, records: &[Record], payload: &Json) -> Outcome {
        let mut url = self.settings.endpoint.clone();
        url.set_path(&format!("{}/{}", url.path().trim_end_matches('/'), signal.path));
        let post = Post {
            url,
            content_type: "application/json",
            headers: self.settings.headers.clone(),
            body: gzip(payload.to_string().as_bytes()),
        };
        match self.transport.post(post).await {
            Ok(answer) => judge(signal, records, &answer),
            Err(error) => Outcome::again(records, None, error.to_string()),
        }
    }
}

fn judge(signal: &Signal, records: &[Record], answer: &Answer) -> Outcome {
    let said = || format!("the receiver of {} answered {}", signal.path, answer.status);
    match answer.status {
        200..300 => {
            let body = serde_json::from_slice::<Json>(&answer.body).unwrap_or_default();
            let partial = &body["partialSuccess"];
            let count = &partial[signal.rejected];
            let count = count.as_u64().or_else(|| count.as_str()?.parse().ok()).unwrap_or_default();
            let rejected = usize::try_from(count).unwrap_or(records.len()).min(records.len());
            let reason = partial["errorMessage"].as_str().unwrap_or_default();
            let error = (rejected > 0).then(|| format!("{} and refused {rejected}: {reason}", said()));
            Outcome { delivered: records.len() - rejected, rejected, error, ..Outcome::default() }
        }
        429 | 502 | 503 | 504 => Outcome::again(records, answer.retry_after, said()),
        _ => Outcome::rejected(records.len(), said()),
    }
}

#[async_trait]
impl Exporter for Otlp {
    fn name(&self) -> &'static str {
        "otlp"
    }

    async fn export(&mut self, batch: &[Record]) -> Outcome {
        let (mut spans, mut events, mut measurements) = (Vec::new(), Vec::new(), Vec::new());
        for record in batch {
            match record {
                Record::Span(_) => spans.push(record.clone()),
                Record::Event(_) => events.push(record.clone()),
                Record::Measurement(_) => measurements.push(record.clone()),
            }
        }
        let mut outcome = Outcome::default();
        for (signal, records, payload) in [
            (TRACES, &spans, self.payloads.traces(&spans)),
            (LOGS, &events, self.payloads.logs(&events)),
            (METRICS, &measurements, self.payloads.metrics(&measurements)),
        ] {
            if records.is_empty() {
                continue;
            }
            let part = self.send(&signal, records, &payload).await;
            outcome.delivered += part.delivered;
            outcome.rejected += part.rejected;
            outcome.again.extend(part.again);
            outcome.wait = outcome.wait.max(part.wait);
            outcome.error = part.error.or(outcome.error);
        }
        outcome
    }

    async fn probe(&mut self) -> Result<(), String> {
        let (traces, logs, metrics) = (self.payloads.traces(&[]), self.payloads.logs(&[]), self.payloads.metrics(&[]));
        let (traces, logs, metrics) = tokio::join!(
            self.send(&TRACES, &[], &traces),
            self.send(&LOGS, &[], &logs),
            self.send(&METRICS, &[], &metrics),
        );
        [traces, logs, metrics].into_iter().find_map(|outcome| outcome.error).map_or(Ok(()), Err)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_decoded_and_kept_secret() {
        let settings =
            OtlpSettings::parse("https://otlp.example/base/", "api-key=a%20b+c, Authorization = Bearer%20x", None)
                .unwrap();
        assert_eq!(settings.headers["api-key"], "a b+c");
        assert_eq!(settings.headers["authorization"], "Bearer x");
        assert!(!format!("{settings:?} {:?}", settings.headers).contains("Bearer x"));
    }

    #[test]
    fn what_cannot_be_used_is_named_and_not_repeated() {
        let parse = |endpoint, headers, protocol| OtlpSettings::parse(endpoint, headers, protocol).unwrap_err();
        assert_eq!(parse("https://a/", "a=b,canary", None), OtlpSettingsError::Header(2));
        assert_eq!(parse("https://a/", "a b=canary", None), OtlpSettingsError::Header(1));
        assert!(matches!(parse("localhost:4318", "", None), OtlpSettingsError::Endpoint(_)));
        assert!(matches!(parse("here", "", None), OtlpSettingsError::Endpoint(_)));
        assert_eq!(parse("https://a/", "", Some("grpc")), OtlpSettingsError::Protocol("grpc".to_owned()));
        assert!(OtlpSettings::parse("http://a:4318", "", Some("http/protobuf")).is_ok());
    }

    #[test]
    fn a_partial_success_is_counted_and_not_sent_again() {
        let answer = |status, body: &str| Answer { status, retry_after: None, body: body.into() };
        let span = crate::model::Span {
            context: crate::parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01").unwrap(),
            parent: None,
            remote_parent: false,
            name: String::new(),
            kind: crate::model::SpanKind::Internal,
            start: 0,
            end: 0,
            succeeded: true,
            attributes: crate::model::Attributes::new(),
        };
        let records = vec![Record::Span(span.into()); 3];
        let outcome = |status, body: &str| {
            let outcome = judge(&TRACES, &records, &answer(status, body));
            (outcome.delivered, outcome.rejected, outcome.again.len(), outcome.error.is_some())
        };
        assert_eq!(outcome(200, "{}"), (3, 0, 0, false));
        assert_eq!(outcome(200, r#"{"partialSuccess":{"rejectedSpans":"2","errorMessage":"x"}}"#), (1, 2, 0, true));
        assert_eq!(outcome(200, r#"{"partialSuccess":{"rejectedSpans":1}}"#), (2, 1, 0, true));
        assert_eq!(outcome(503, ""), (0, 0, 3, true));
        assert_eq!(outcome(500, ""), (0, 3, 0, true));
    }
}
