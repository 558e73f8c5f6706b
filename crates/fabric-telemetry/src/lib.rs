#![doc = include_str!("../README.md")]

mod aggregation;
mod audit;
mod carried;
mod clock;
mod custom;
mod export;
mod hub;
mod ids;
mod layer;
mod model;
mod propagation;
mod queue;
mod redaction;
pub mod registry;
mod telemetry;
mod transport;
mod worker;

#[doc(hidden)]
pub use tracing;

pub use audit::{AuditError, AuditEvent, AuditHead, AuditTrail, Break, Broken, Verification};
pub use carried::{Carried, CarriedError};
pub use clock::{Clock, SystemClock};
pub use custom::{METRIC_TARGET as CUSTOM_METRIC, Operation, TARGET as CUSTOM};
pub use export::connection_string::{ConnectionString, ConnectionStringError};
pub use export::file::FileError;
pub use export::otlp::{OtlpSettings, OtlpSettingsError};
pub use layer::{context_of, end_now, register_secret, trace_headers};
pub use model::{SpanContext, SpanId, SpanKind, TraceId, UnixNanos};
pub use propagation::{TraceparentError, parse_traceparent, traceparent};
pub use queue::Tally;
pub use redaction::Redactor;
pub use telemetry::{Delivery, Probe, Pump, Resource, StartError, Telemetry, TelemetryBuilder};
pub use transport::{Answer, HttpTransport, Post, Transport, TransportError};
