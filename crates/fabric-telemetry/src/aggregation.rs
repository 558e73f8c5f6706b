//! Adds measurements up between two collections.

use std::collections::HashMap;
use std::fmt::Write;

use crate::model::{Attributes, BOUNDS, Measurement, Record, UnixNanos, Value};
use crate::registry::{Amount, Emitter, Instrument, METRICS, MetricDefinition};

/// The most series of one metric: a label with too many values must not fill the memory of whoever reads it.
const MOST_SERIES: usize = 500;

/// What stands for the labels of all further series, as OpenTelemetry names it.
const OVERFLOW: &str = "otel.metric.overflow";

/// What one measurement belongs to.
pub(crate) struct Series<'a> {
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) instrument: Instrument,
    pub(crate) attributes: &'a Attributes,
}

/// Sums since the last collection.
#[derive(Debug, Default)]
pub(crate) struct Aggregation {
    series: HashMap<(&'static str, String), Measurement>,
    counts: HashMap<&'static str, usize>,
    since: UnixNanos,
}

impl Aggregation {
    pub(crate) fn since(now: UnixNanos) -> Self {
        Self { since: now, ..Self::default() }
    }

    pub(crate) fn add(&mut self, series: &Series<'_>, value: f64) {
        let mut labels = String::new();
        for (name, value) in series.attributes.iter() {
            let _ = writeln!(labels, "{name}={value}");
        }
        let key = (series.name, labels);
        if let Some(known) = self.series.get_mut(&key) {
            return known.add(value);
        }
        let count = self.counts.entry(series.name).or_default();
        let (key, attributes) = if *count < MOST_SERIES {
            *count += 1;
            (key, series.attributes.clone())
        } else {
            let mut attributes = Attributes::new();
            attributes.set(OVERFLOW, Value::Flag(true));
            ((series.name, OVERFLOW.to_owned()), attributes)
        };
        let since = self.since;
        self.series.entry(key).or_insert_with(|| Measurement::new(series, attributes, since)).add(value);
    }

    /// What a span or an event adds to the metrics of the registry.
    pub(crate) fn count(&mut self, seen: &Seen<'_>) {
        for metric in METRICS.iter().filter(|metric| seen.is_of(metric)) {
            let Some(value) = seen.amount(metric.amount) else { continue };
            let mut attributes = Attributes::new();
            for name in metric.attributes {
                if let Some(value) = seen.attributes.get(name) {
                    attributes.set(name, value.clone());
                }
            }
            let MetricDefinition { name, unit, instrument, .. } = *metric;
            self.add(&Series { name, unit, instrument, attributes: &attributes }, value);
        }
    }

    /// All sums. They begin again at nothing.
    pub(crate) fn collect(&mut self, now: UnixNanos) -> Vec<Measurement> {
        let collected = std::mem::replace(self, Self::since(now));
        let mut measurements: Vec<_> = collected.series.into_iter().collect();
        measurements.sort_by(|(left, _), (right, _)| left.cmp(right));
        let ended = |mut measurement: Measurement| {
            measurement.end = now;
            measurement
        };
        measurements.into_iter().map(|(_, measurement)| ended(measurement)).collect()
    }
}

/// A span that ended or an event, as far as metrics look at it.
pub(crate) struct Seen<'a> {
    /// `(target, source)` of a span.
    pub(crate) span: Option<(&'static str, &'static str)>,
    /// The name of an event outside.
    pub(crate) event: Option<&'static str>,
    pub(crate) seconds: f64,
    pub(crate) succeeded: bool,
    pub(crate) attributes: &'a Attributes,
}

impl Seen<'_> {
    fn is_of(&self, metric: &MetricDefinition) -> bool {
        match metric.emitter {
            Emitter::Spans(spans) => self.span.is_some_and(|span| spans.contains(&span)),
            Emitter::Event(event) => self.event == Some(event),
            Emitter::Exporters => false,
        }
    }

    fn amount(&self, amount: Amount) -> Option<f64> {
        match amount {
            Amount::One => Some(1.0),
            Amount::Failure => (!self.succeeded).then_some(1.0),
            Amount::Duration => Some(self.seconds),
            Amount::Milliseconds(name) => self.number(name).map(|milliseconds| milliseconds / 1000.0),
            Amount::Value(name) => self.number(name),
            Amount::State(name) => Some(match self.attributes.text(name)? {
                "closed" | "forced_closed" => 0.0,
                "half_open" => 1.0,
                _ => 2.0,
            }),
        }
    }

    fn number(&self, name: &str) -> Option<f64> {
        match self.attributes.get(name)? {
            #[expect(clippy::cast_precision_loss, reason = "waits and limits are far below 2^52")]
            Value::Integer(number) => Some(*number as f64),
            Value::Number(number) => Some(*number),
            _ => None,
        }
    }
}

impl Measurement {
    fn new(series: &Series<'_>, attributes: Attributes, start: UnixNanos) -> Self {
        Self {
            name: series.name,
            unit: series.unit,
            instrument: series.instrument,
            start,
            end: start,
            count: 0,
            sum: 0.0,
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
            buckets: [0; BOUNDS.len() + 1],
            attributes,
        }
    }

    fn add(&mut self, value: f64) {
        if !value.is_finite() {
            return;
        }
        self.count += 1;
        self.sum = if self.instrument == Instrument::Gauge { value } else { self.sum + value };
        self.min = self.min.min(value);
        self.max = self.max.max(value);
        let bucket = BOUNDS.iter().position(|bound| value <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket] += 1;
    }
}

/// Measurements as records.
pub(crate) fn records(measurements: Vec<Measurement>) -> impl Iterator<Item = Record> {
    let counted = measurements.into_iter().filter(|measurement| measurement.count > 0);
    counted.map(|measurement| Record::Measurement(measurement.into()))
}
