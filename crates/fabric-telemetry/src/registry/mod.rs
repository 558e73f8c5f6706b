//! Every name that may leave the process: spans, events, attributes and metrics, in one place.
//!
//! Libraries emit `tracing` with field names of their own; a definition here says under which target and name a span or
//! event is emitted, and what each of its fields is called outside. What is not here never leaves the process, except
//! under [`CUSTOM`](crate::CUSTOM), where names belong to those who emit them.

mod attributes;
mod events;
mod metrics;
mod spans;

pub use attributes::{ATTRIBUTES, Attribute, Origin};
pub use events::{EVENTS, EXCEPTION, EventDefinition};
pub use metrics::{Amount, Emitter, Instrument, METRICS, MetricDefinition};
pub use spans::{SPANS, SpanDefinition};

/// A field of a span or event, and the attribute that it becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// Its name in the code that emits it.
    pub source: &'static str,
    /// Its name outside.
    pub attribute: &'static str,
}

/// A field whose name is the attribute's already.
const fn same(attribute: &'static str) -> Field {
    Field { source: attribute, attribute }
}

/// A field that is called otherwise in the code.
const fn field(source: &'static str, attribute: &'static str) -> Field {
    Field { source, attribute }
}

/// The attribute of this name.
pub fn attribute(name: &str) -> Option<&'static Attribute> {
    ATTRIBUTES.iter().find(|attribute| attribute.name == name)
}

/// The span that is emitted under this target and name.
pub fn span(target: &str, source: &str) -> Option<&'static SpanDefinition> {
    SPANS.iter().find(|span| span.source == source && span.target == target)
}

/// The event that is emitted under this target and name.
pub fn event(target: &str, source: &str) -> Option<&'static EventDefinition> {
    EVENTS.iter().find(|event| event.source == source && event.target == target)
}

/// The metric of this name.
pub fn metric(name: &str) -> Option<&'static MetricDefinition> {
    METRICS.iter().find(|metric| metric.name == name)
}
