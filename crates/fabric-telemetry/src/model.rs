//! What happened, as every exporter sees it: finished spans, events, and measurements that were added up.

use std::fmt;
use std::sync::Arc;

/// A trace: 16 bytes, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceId(pub [u8; 16]);

/// A span: 8 bytes, never all zero.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(pub [u8; 8]);

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A place in a trace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpanContext {
    /// The trace.
    pub trace: TraceId,
    /// The span.
    pub span: SpanId,
}

/// What a span stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpanKind {
    /// Work that somebody asked this process for.
    Server,
    /// A call to another process.
    Client,
    /// Work within.
    Internal,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number.
    Number(f64),
    /// Yes or no.
    Flag(bool),
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Flag(flag) => write!(f, "{flag}"),
        }
    }
}

/// Names and values, in the order in which they were given; a name occurs once.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Attributes(Vec<(&'static str, Value)>);

impl Attributes {
    /// None.
    pub(crate) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Sets one; a later value replaces an earlier one.
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.0.push((name, value)),
        }
    }

    /// The value of one.
    pub(crate) fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The text of one.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.get(name)? {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Value)> {
        self.0.iter().map(|(name, value)| (*name, value))
    }

    /// Takes one out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        let position = self.0.iter().position(|(known, _)| *known == name)?;
        Some(self.0.remove(position).1)
    }

    /// All values, to be changed.
    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut Value> {
        self.0.iter_mut().map(|(_, value)| value)
    }
}

/// Nanoseconds since 1970-01-01 UTC.
pub type UnixNanos = u64;

/// A span that has ended.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Span {
    /// Where it is.
    pub context: SpanContext,
    /// The span around it.
    pub parent: Option<SpanId>,
    /// Whether the span around it is another process's.
    pub remote_parent: bool,
    /// What it is called.
    pub name: String,
    /// What it stands for.
    pub kind: SpanKind,
    /// When it began.
    pub start: UnixNanos,
    /// When it ended, not before it began.
    pub end: UnixNanos,
    /// Whether what it stands for was done.
    pub succeeded: bool,
    /// What is known of it.
    pub attributes: Attributes,
}

/// Something that happened at one moment.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// In which span.
    pub context: Option<SpanContext>,
    /// What it is called.
    pub name: &'static str,
    /// When.
    pub time: UnixNanos,
    /// How grave it is.
    pub severity: Severity,
    /// What is known of it.
    pub attributes: Attributes,
}

/// How grave an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Severity {
    /// For those who look closely.
    Debug,
    /// Worth knowing.
    Information,
    /// Worth a look.
    Warning,
    /// Something failed.
    Error,
}

/// Measurements of one metric with the same attributes, since the last time they were collected.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measurement {
    /// The metric.
    pub name: &'static str,
    /// Its unit, as UCUM writes it.
    pub unit: &'static str,
    /// How they add up.
    pub instrument: crate::registry::Instrument,
    /// From when.
    pub start: UnixNanos,
    /// Until when.
    pub end: UnixNanos,
    /// How many there were.
    pub count: u64,
    /// Their sum; the last one where the instrument is a gauge.
    pub sum: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
    /// How many were at most each of [`BOUNDS`], and how many were larger; each counted once.
    pub buckets: [u64; BOUNDS.len() + 1],
    /// By what they are told apart.
    pub attributes: Attributes,
}

/// The upper bounds of histogram buckets in seconds: those that OpenTelemetry's conventions advise for HTTP calls, and
/// some above for whole deployments.
pub(crate) const BOUNDS: [f64; 18] =
    [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 300.0, 1800.0];

/// One thing to export. Clones share it.
#[derive(Debug, Clone)]
pub(crate) enum Record {
    /// A span.
    Span(Arc<Span>),
    /// An event.
    Event(Arc<Event>),
    /// Measurements.
    Measurement(Arc<Measurement>),
}
