//! One span for each HTTP attempt, and the headers that carry it to the service.

use fabric_client::CallMetadata;
use fabric_resilience::{AttemptLog, ResilienceError};
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next};
use tracing::field::Empty;
use tracing::{Instrument, Span, info_span};

/// What a request is to carry that belongs to the span this runs in; nothing where telemetry is off.
pub(crate) fn trace_headers() -> Vec<(&'static str, String)> {
    fabric_telemetry::trace_headers(&Span::current())
}

/// Innermost: what it sees is sent.
pub(super) struct Trace;

#[async_trait::async_trait]
impl Middleware for Trace {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> Result<Response, Error> {
        let attempt = Attempt::begin(&request, extensions);
        for (name, value) in fabric_telemetry::trace_headers(&attempt.span) {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        let span = attempt.span.clone();
        let outcome = next.run(request, extensions).instrument(span).await;
        attempt.end(&outcome);
        outcome
    }
}

/// An attempt under way. Dropped before its end, it was cut off by a layer or by the end of the command.
struct Attempt {
    span: Span,
    ended: bool,
}

impl Attempt {
    fn begin(request: &Request, extensions: &Extensions) -> Self {
        let metadata = extensions.get::<CallMetadata>();
        let sent_before = extensions.get::<AttemptLog>().map_or(0, |log| log.sent().saturating_sub(1));
        let url = request.url();
        let mut address = url.clone();
        address.set_query(None);
        let span = info_span!(
            target: "fabric_cli", "attempt",
            "error.type" = Empty,
            "fabric.api.class" = metadata.map(|metadata| metadata.api_class),
            "fabric.error.code" = Empty,
            "fabric.operation.id" = Empty,
            "fabric.operation.name" = metadata.map(|metadata| metadata.operation),
            "fabric.request.id" = Empty,
            "http.request.method" = request.method().as_str(),
            "http.request.resend_count" = (sent_before > 0).then_some(sent_before as u64),
            "http.response.status_code" = Empty,
            "server.address" = url.host_str(),
            "server.port" = url.port_or_known_default(),
            "url.full" = address.as_str(),
            "url.template" = metadata.map(|metadata| metadata.url_template),
        );
        Self { span, ended: false }
    }

    fn end(mut self, outcome: &Result<Response, Error>) {
        self.ended = true;
        match outcome {
            Ok(response) => {
                let status = response.status().as_u16();
                self.span.record("http.response.status_code", status);
                if status >= 400 {
                    self.span.record("error.type", status.to_string());
                }
                let headers = response.headers();
                self.span.record("fabric.request.id", text(headers, super::REQUEST_ID.as_str()));
                self.span.record("fabric.operation.id", text(headers, "x-ms-operation-id"));
                self.span.record("fabric.error.code", text(headers, "x-ms-public-api-error-code"));
            }
            Err(error) => {
                self.span.record("error.type", class(error));
            }
        }
    }
}

impl Drop for Attempt {
    fn drop(&mut self) {
        if !self.ended {
            self.span.record("error.type", "cut_off");
        }
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Why there is no answer, in a word.
fn class(error: &Error) -> &'static str {
    match error {
        _ if ResilienceError::within(error).is_some() => "cut_off",
        Error::Reqwest(error) if error.is_connect() => "connect",
        Error::Reqwest(error) if error.is_timeout() => "timeout",
        Error::Reqwest(error) if error.is_body() || error.is_decode() => "body",
        _ => "transport",
    }
}
