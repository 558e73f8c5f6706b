//! The metrics: each is counted from spans and events, so that nothing is emitted twice.

/// How measurements add up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instrument {
    /// A sum that only grows.
    Counter,
    /// A distribution.
    Histogram,
    /// The last value.
    Gauge,
}

/// What a metric is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Emitter {
    /// Ends of these spans, as `(target, source)`.
    Spans(&'static [(&'static str, &'static str)]),
    /// The event of this name outside.
    Event(&'static str),
    /// The exporters themselves.
    Exporters,
}

/// How much one record counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// One.
    One,
    /// One if it failed, else nothing.
    Failure,
    /// How long the span took, in seconds.
    Duration,
    /// An attribute in milliseconds, taken as seconds.
    Milliseconds(&'static str),
    /// A circuit breaker's state in an attribute: 0 closed, 1 half open, 2 open.
    State(&'static str),
    /// An attribute as it is.
    Value(&'static str),
}

/// A metric.
#[derive(Debug, Clone, Copy)]
pub struct MetricDefinition {
    /// Its name.
    pub name: &'static str,
    /// Its unit, as UCUM writes it.
    pub unit: &'static str,
    /// How it adds up.
    pub instrument: Instrument,
    /// What it says.
    pub brief: &'static str,
    /// What it is taken from.
    pub emitter: Emitter,
    /// How much a record counts.
    pub amount: Amount,
    /// The attributes of the record by which it is told apart.
    pub attributes: &'static [&'static str],
}

const COMMAND: Emitter = Emitter::Spans(&[("fabric_cli", "command")]);
const APPLY: Emitter = Emitter::Spans(&[("fabric_deploy", "apply"), ("fabric_txn", "apply")]);

/// All of them.
pub static METRICS: &[MetricDefinition] = &[
    MetricDefinition {
        name: "cicd.pipeline.run.duration",
        unit: "s",
        instrument: Instrument::Histogram,
        brief: "How long commands took.",
        emitter: COMMAND,
        amount: Amount::Duration,
        attributes: &["cicd.pipeline.name", "cicd.pipeline.result", "error.type"],
    },
    MetricDefinition {
        name: "cicd.pipeline.run.errors",
        unit: "{error}",
        instrument: Instrument::Counter,
        brief: "Commands that failed.",
        emitter: COMMAND,
        amount: Amount::Failure,
        attributes: &["cicd.pipeline.name", "error.type"],
    },
    MetricDefinition {
        name: "http.client.request.duration",
        unit: "s",
        instrument: Instrument::Histogram,
        brief: "How long requests took, each attempt by itself, until the head of the answer.",
        emitter: Emitter::Spans(&[("fabric_cli", "attempt")]),
        amount: Amount::Duration,
        attributes: &[
            "http.request.method",
            "server.address",
            "url.template",
            "http.response.status_code",
            "error.type",
        ],
    },
    MetricDefinition {
        name: "fabric.deployment.steps",
        unit: "{step}",
        instrument: Instrument::Counter,
        brief: "Steps that were applied, or not.",
        emitter: APPLY,
        amount: Amount::One,
        attributes: &["cicd.pipeline.task.run.result"],
    },
    MetricDefinition {
        name: "fabric.deployment.step.duration",
        unit: "s",
        instrument: Instrument::Histogram,
        brief: "How long steps took, with all tries and waits.",
        emitter: APPLY,
        amount: Amount::Duration,
        attributes: &["cicd.pipeline.task.run.result"],
    },
    MetricDefinition {
        name: "fabric.deployment.rollbacks",
        unit: "{rollback}",
        instrument: Instrument::Counter,
        brief: "Deployments that were taken back.",
        emitter: Emitter::Event("fabric.rollback.started"),
        amount: Amount::One,
        attributes: &[],
    },
    MetricDefinition {
        name: "fabric.deployment.undone_steps",
        unit: "{step}",
        instrument: Instrument::Counter,
        brief: "Steps that were taken back, or not.",
        emitter: Emitter::Spans(&[("fabric_txn", "undo")]),
        amount: Amount::One,
        attributes: &["cicd.pipeline.task.run.result"],
    },
    MetricDefinition {
        name: "fabric.retry.retries",
        unit: "{retry}",
        instrument: Instrument::Counter,
        brief: "Calls that were sent again.",
        emitter: Emitter::Event("fabric.retry"),
        amount: Amount::One,
        attributes: &["fabric.api.class", "fabric.retry.throttled"],
    },
    MetricDefinition {
        name: "fabric.retry.wait",
        unit: "s",
        instrument: Instrument::Histogram,
        brief: "How long calls waited before they were sent again.",
        emitter: Emitter::Event("fabric.retry"),
        amount: Amount::Milliseconds("fabric.wait"),
        attributes: &["fabric.api.class", "fabric.retry.throttled"],
    },
    MetricDefinition {
        name: "fabric.retry.failures",
        unit: "{call}",
        instrument: Instrument::Counter,
        brief: "Calls that were given up.",
        emitter: Emitter::Event("fabric.retry.gave_up"),
        amount: Amount::One,
        attributes: &["fabric.api.class"],
    },
    MetricDefinition {
        name: "fabric.throttle.wait",
        unit: "s",
        instrument: Instrument::Histogram,
        brief: "How long calls waited for their turn because an API was throttled.",
        emitter: Emitter::Event("fabric.throttle.wait"),
        amount: Amount::Milliseconds("fabric.wait"),
        attributes: &["fabric.api.class"],
    },
    MetricDefinition {
        name: "fabric.throttle.parked",
        unit: "{throttle}",
        instrument: Instrument::Counter,
        brief: "Times that Fabric asked all callers of an API to wait.",
        emitter: Emitter::Event("fabric.throttle.parked"),
        amount: Amount::One,
        attributes: &["fabric.api.class"],
    },
    MetricDefinition {
        name: "fabric.breaker.state",
        unit: "1",
        instrument: Instrument::Gauge,
        brief: "The state of a circuit breaker: 0 closed, 1 half open, 2 open.",
        emitter: Emitter::Event("fabric.breaker.transition"),
        amount: Amount::State("fabric.breaker.state"),
        attributes: &["fabric.breaker.name"],
    },
    MetricDefinition {
        name: "fabric.concurrency.limit",
        unit: "{call}",
        instrument: Instrument::Gauge,
        brief: "How many calls may be under way.",
        emitter: Emitter::Event("fabric.concurrency.limit"),
        amount: Amount::Value("fabric.concurrency.limit"),
        attributes: &[],
    },
    MetricDefinition {
        name: "fabric.telemetry.lost",
        unit: "{record}",
        instrument: Instrument::Counter,
        brief: "Records that an exporter lost: deployments never wait for telemetry.",
        emitter: Emitter::Exporters,
        amount: Amount::One,
        attributes: &["fabric.telemetry.exporter", "fabric.telemetry.loss"],
    },
];
