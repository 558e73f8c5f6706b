//! From `tracing` to finished spans, events and measurements.

mod callsite;
mod fields;
mod open;

use std::sync::Arc;

use tracing::span::{Attributes as NewSpan, Id, Record as NewValues};
use tracing::{Event as Emitted, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, Registry, SpanRef};

use crate::hub::Hub;
use crate::ids::Ids;
use crate::model::{Event, Severity, SpanContext, Value};
use crate::registry::EXCEPTION;
use callsite::{EventCallsite, SpanCallsite};
use fields::Fields;
use open::Open;

/// Turns what the registry knows into records. What it does not know is never looked at again.
pub(crate) struct TelemetryLayer {
    hub: Arc<Hub>,
}

/// The layer, which asks only for what the registry knows.
pub(crate) fn layer<S>(hub: &Arc<Hub>) -> impl Layer<S> + Send + Sync + use<S>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let known = Arc::clone(hub);
    TelemetryLayer { hub: Arc::clone(hub) }.with_filter(filter_fn(move |metadata| is_wanted(&known, metadata)))
}

/// Whether a callsite is exported; asked once for each. Names of this project that are missing are noted.
fn is_wanted(hub: &Hub, metadata: &Metadata<'_>) -> bool {
    let is_known = callsite::is_known(metadata);
    if !is_known && callsite::should_be_known(metadata) {
        let kind = if metadata.is_span() { "span" } else { "event" };
        hub.not_registered(format!("{kind} `{}` of {}", metadata.name(), metadata.target()));
    }
    is_known
}

/// Where in a trace this span is; `None` where it is not exported, or nothing is.
pub fn context_of(span: &tracing::Span) -> Option<SpanContext> {
    span.with_subscriber(|(id, dispatch)| {
        let span = dispatch.downcast_ref::<Registry>()?.span(id)?;
        span.scope().find_map(|span| span.extensions().get::<Open>().map(|open| open.context))
    })?
}

/// What a request that belongs to this span is to carry: its `traceparent`, and what this process was given to pass on
/// beside it, unless a secret is in that. Empty where the span is not exported, or nothing is.
pub fn trace_headers(span: &tracing::Span) -> Vec<(&'static str, String)> {
    let Some(context) = context_of(span) else { return Vec::new() };
    let mut headers = vec![("traceparent", crate::traceparent(context))];
    span.with_subscriber(|(_, dispatch)| {
        if let Some(layer) = dispatch.downcast_ref::<TelemetryLayer>() {
            let Hub { carried, redactor, .. } = &*layer.hub;
            headers.extend(carried.0.iter().filter(|(_, text)| redactor.redact(text).is_none()).cloned());
        }
    });
    headers
}

/// Takes this value out of everything that leaves the process from now on, where telemetry is on.
pub fn register_secret(secret: &str) {
    tracing::dispatcher::get_default(|dispatch| {
        if let Some(layer) = dispatch.downcast_ref::<TelemetryLayer>() {
            layer.hub.redactor.register(secret);
        }
    });
}

/// Ends a span now, although somebody still has it: for the last words of a process.
pub fn end_now(span: &tracing::Span) {
    let found = span.with_subscriber(|(id, dispatch)| {
        let open = dispatch.downcast_ref::<Registry>()?.span(id)?.extensions_mut().remove::<Open>()?;
        Some((open, Arc::clone(&dispatch.downcast_ref::<TelemetryLayer>()?.hub)))
    });
    if let Some(Some((open, hub))) = found {
        let emitted = open.callsite.emitted();
        hub.span(open.finish(hub.clock.now()), emitted);
    }
}

impl<S> Layer<S> for TelemetryLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, new: &NewSpan<'_>, id: &Id, context: Context<'_, S>) {
        let Some(callsite) = SpanCallsite::of(new.metadata()) else { return };
        let Some(span) = context.span(id) else { return };
        let around = span.scope().skip(1).find_map(|span| place(&span));
        let remote = around.is_none();
        let parent = around.or(self.hub.parent);
        let here =
            SpanContext { trace: parent.map_or_else(Ids::trace, |parent| parent.trace), span: self.hub.ids.span() };
        let mut open = Open::new(callsite, here, parent.map(|parent| parent.span), remote, self.hub.clock.now());
        new.record(&mut Fields::new(&self.hub, &callsite, &mut open.attributes));
        span.extensions_mut().insert(open);
    }

    fn on_record(&self, id: &Id, values: &NewValues<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(open) = span.extensions_mut().get_mut::<Open>() {
            let callsite = open.callsite;
            values.record(&mut Fields::new(&self.hub, &callsite, &mut open.attributes));
        }
    }

    fn on_event(&self, emitted: &Emitted<'_>, context: Context<'_, S>) {
        let metadata = emitted.metadata();
        let Some(callsite) = EventCallsite::of(metadata) else { return };
        let mut attributes = crate::model::Attributes::new();
        emitted.record(&mut Fields::new(&self.hub, &callsite, &mut attributes));
        if let EventCallsite::Metric(name) = callsite {
            let value = match attributes.take(callsite::VALUE) {
                Some(Value::Number(number)) => number,
                #[expect(clippy::cast_precision_loss, reason = "a measurement is a number of 52 bits at most")]
                Some(Value::Integer(number)) => number as f64,
                _ => return,
            };
            return self.hub.measured(name, attributes, value);
        }
        let place = context.event_span(emitted).and_then(|span| span.scope().find_map(|span| place(&span)));
        let severity = match callsite.name() {
            EXCEPTION => Severity::Error,
            _ => severity(*metadata.level()),
        };
        let time = self.hub.clock.now();
        self.hub.event(Event { context: place, name: callsite.name(), time, severity, attributes });
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else { return };
        let open = span.extensions_mut().remove::<Open>();
        if let Some(open) = open {
            let emitted = open.callsite.emitted();
            self.hub.span(open.finish(self.hub.clock.now()), emitted);
        }
    }
}

fn place<'a, R: LookupSpan<'a>>(span: &SpanRef<'a, R>) -> Option<SpanContext> {
    span.extensions().get::<Open>().map(|open| open.context)
}

fn severity(level: tracing::Level) -> Severity {
    match level {
        tracing::Level::ERROR => Severity::Error,
        tracing::Level::WARN => Severity::Warning,
        tracing::Level::INFO => Severity::Information,
        _ => Severity::Debug,
    }
}
