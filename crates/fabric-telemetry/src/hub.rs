//! The one way out: every record is cleaned here, then handed to every exporter's queue.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::aggregation::{Aggregation, Seen, Series, records};
use crate::carried::Carried;
use crate::clock::Clock;
use crate::ids::Ids;
use crate::model::{Attributes, Event, Record, Span, SpanContext, Value};
use crate::queue::Queue;
use crate::redaction::Redactor;
use crate::registry::Instrument;

/// What layer and exporters share.
pub(crate) struct Hub {
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) ids: Ids,
    /// Where spans belong that have none around them in this process.
    pub(crate) parent: Option<SpanContext>,
    /// What requests carry beside their own place in the trace.
    pub(crate) carried: Carried,
    pub(crate) redactor: Redactor,
    pub(crate) queues: Vec<(&'static str, Arc<Queue>)>,
    sums: Mutex<Aggregation>,
    unregistered: Mutex<BTreeSet<String>>,
}

impl Hub {
    pub(crate) fn new(
        clock: Box<dyn Clock>,
        (parent, carried): (Option<SpanContext>, Carried),
        redactor: Redactor,
        queues: Vec<(&'static str, Arc<Queue>)>,
    ) -> Self {
        let sums = Mutex::new(Aggregation::since(clock.now()));
        Self { clock, ids: Ids::new(), parent, carried, redactor, queues, sums, unregistered: Mutex::default() }
    }

    fn sums(&self) -> MutexGuard<'_, Aggregation> {
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A span has ended. `emitted` is its target and source.
    #[expect(clippy::cast_precision_loss, reason = "durations are far below 2^52 ns")]
    pub(crate) fn span(&self, mut span: Span, emitted: (&'static str, &'static str)) {
        self.redactor.clean(&mut span.attributes);
        if let Some(clean) = self.redactor.redact(&span.name) {
            span.name = clean;
        }
        let seconds = span.end.saturating_sub(span.start) as f64 / 1e9;
        let (succeeded, attributes) = (span.succeeded, &span.attributes);
        self.sums().count(&Seen { span: Some(emitted), event: None, seconds, succeeded, attributes });
        self.send(&Record::Span(span.into()));
    }

    /// Something happened.
    pub(crate) fn event(&self, mut event: Event) {
        self.redactor.clean(&mut event.attributes);
        let attributes = &event.attributes;
        self.sums().count(&Seen { span: None, event: Some(event.name), seconds: 0.0, succeeded: true, attributes });
        self.send(&Record::Event(event.into()));
    }

    /// Something was measured by somebody else's metric.
    pub(crate) fn measured(&self, name: &'static str, mut attributes: Attributes, value: f64) {
        self.redactor.clean(&mut attributes);
        let series = Series { name, unit: "1", instrument: Instrument::Histogram, attributes: &attributes };
        self.sums().add(&series, value);
    }

    /// Hands the sums of all metrics over, and what the exporters have lost since the last time.
    pub(crate) fn collect(&self) {
        let measurements = self.sums().collect(self.clock.now());
        for record in records(measurements) {
            self.send(&record);
        }
    }

    /// Records that an exporter lost, as a metric of the others and of its own.
    pub(crate) fn lost(&self, exporter: &'static str, loss: &'static str, count: u64) {
        let mut attributes = Attributes::new();
        attributes.set("fabric.telemetry.exporter", Value::Text(exporter.to_owned()));
        attributes.set("fabric.telemetry.loss", Value::Text(loss.to_owned()));
        let series = Series {
            name: "fabric.telemetry.lost",
            unit: "{record}",
            instrument: Instrument::Counter,
            attributes: &attributes,
        };
        #[expect(clippy::cast_precision_loss, reason = "nobody loses 2^52 records")]
        self.sums().add(&series, count as f64);
    }

    fn send(&self, record: &Record) {
        for (_, queue) in &self.queues {
            queue.push(record.clone());
        }
    }

    /// Takes note of a name that the registry does not have. It does not leave the process.
    pub(crate) fn not_registered(&self, what: String) {
        self.unregistered.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    }

    pub(crate) fn unregistered(&self) -> Vec<String> {
        self.unregistered.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}
