//! Events, metrics and operations of other teams, one line each.
//!
//! Their names are theirs: they are not in the registry. Everything else holds for them, too: a place in the trace,
//! redaction, and nothing at all where telemetry is off.

use std::fmt::Display;

use tracing::{Instrument, Span};

/// The `tracing` target of custom events and operations.
pub const TARGET: &str = "fabric_telemetry::custom";
/// The `tracing` target of custom metrics.
pub const METRIC_TARGET: &str = "fabric_telemetry::custom::metric";
/// The attribute that says how an operation ended.
pub(crate) const RESULT: &str = "operation.result";

/// Says that something happened: `custom_event!("OrderShipped", orders = 3, carrier = "post")`.
#[macro_export]
macro_rules! custom_event {
    ($name:expr $(, $($fields:tt)+)?) => {
        $crate::tracing::event!(
            name: $name, target: $crate::CUSTOM, $crate::tracing::Level::INFO, { $($($fields)+)? }
        )
    };
}

/// Adds a measurement to a distribution: `custom_metric!("orders.value", 12.5, currency = "EUR")`.
#[macro_export]
macro_rules! custom_metric {
    ($name:expr, $value:expr $(, $($fields:tt)+)?) => {
        $crate::tracing::event!(
            name: $name, target: $crate::CUSTOM_METRIC, $crate::tracing::Level::INFO,
            { value = $value as f64 $(, $($fields)+)? }
        )
    };
}

/// An operation, to be followed: `custom_operation!("import", file = name).run(async { … }).await`. What is called
/// within belongs to it.
#[macro_export]
macro_rules! custom_operation {
    ($name:expr $(, $($fields:tt)+)?) => {
        $crate::Operation::new($crate::tracing::span!(
            target: $crate::CUSTOM, $crate::tracing::Level::INFO, $name,
            "operation.result" = $crate::tracing::field::Empty,
            "error.type" = $crate::tracing::field::Empty,
            "exception.message" = $crate::tracing::field::Empty $(, $($fields)+)?
        ))
    };
}

/// A span that ends with the work it is about, and says how.
#[derive(Debug)]
#[must_use = "an operation that is not run says that it was cancelled"]
pub struct Operation(Span);

impl Operation {
    /// Follows work in this span: [`custom_operation!`](crate::custom_operation) makes one.
    pub fn new(span: Span) -> Self {
        Self(span)
    }

    /// Runs a future. An error is noted and handed on; a future that is dropped counts as cancelled.
    ///
    /// # Errors
    /// Those of the future.
    pub async fn run<T, E: Display>(self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let outcome = work.instrument(self.0.clone()).await;
        self.end(outcome)
    }

    /// Runs a closure. An error is noted and handed on.
    ///
    /// # Errors
    /// Those of the closure.
    pub fn within<T, E: Display>(self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        let outcome = self.0.in_scope(work);
        self.end(outcome)
    }

    fn end<T, E: Display>(&self, outcome: Result<T, E>) -> Result<T, E> {
        match &outcome {
            Ok(_) => {
                self.0.record(RESULT, "success");
            }
            Err(error) => {
                self.0.record(RESULT, "failure");
                self.0.record("error.type", std::any::type_name::<E>());
                self.0.record("exception.message", error.to_string());
            }
        }
        outcome
    }
}
