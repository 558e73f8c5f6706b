//! The events.

use super::{Field, field, same};

/// An event.
#[derive(Debug, Clone, Copy)]
pub struct EventDefinition {
    /// The `tracing` target under which it is emitted.
    pub target: &'static str,
    /// Its `tracing` name.
    pub source: &'static str,
    /// Its name outside.
    pub name: &'static str,
    /// What it says.
    pub brief: &'static str,
    /// Its attributes.
    pub fields: &'static [Field],
}

/// The name of events that tell of an error: Application Insights has a table of its own for them.
pub const EXCEPTION: &str = "exception";

const BREAKER: &[Field] = &[
    field("breaker", "fabric.breaker.name"),
    field("from", "fabric.breaker.previous_state"),
    field("to", "fabric.breaker.state"),
    field("retry_in_ms", "fabric.wait.retry_in"),
];

/// All of them.
pub static EVENTS: &[EventDefinition] = &[
    EventDefinition {
        target: "fabric_cli",
        source: "feature_flag.evaluation",
        name: "feature_flag.evaluation",
        brief: "A feature is on or off in this run, and why. One for each, when they are frozen.",
        fields: &[
            same("feature_flag.key"),
            same("feature_flag.provider.name"),
            same("feature_flag.result.reason"),
            same("feature_flag.result.variant"),
        ],
    },
    EventDefinition {
        target: "fabric_cli",
        source: "deployment.started",
        name: "deployment.started",
        brief: "The first change is about to be sent.",
        fields: &[same("deployment.environment.name"), same("deployment.id"), same("deployment.name")],
    },
    EventDefinition {
        target: "fabric_cli",
        source: "deployment.finished",
        name: "deployment.finished",
        brief: "A deployment has its report.",
        fields: &[
            same("cicd.pipeline.result"),
            same("deployment.environment.name"),
            same("deployment.id"),
            same("deployment.name"),
            same("deployment.status"),
        ],
    },
    EventDefinition {
        target: "fabric_cli",
        source: EXCEPTION,
        name: EXCEPTION,
        brief: "A command ended with an error, or the program panicked.",
        fields: &[same("exception.message"), same("exception.type")],
    },
    EventDefinition {
        target: "fabric_client",
        source: "fabric.token.renewed",
        name: "fabric.token.renewed",
        brief: "Fabric said that the token has expired; the call is sent again with a new one.",
        fields: &[field("operation", "fabric.operation.name")],
    },
    EventDefinition {
        target: "fabric_resilience",
        source: "resilience.retry",
        name: "fabric.retry",
        brief: "A call failed and will be sent again.",
        fields: &[
            field("attempt", "fabric.retry.attempt"),
            field("class", "fabric.api.class"),
            field("throttled", "fabric.retry.throttled"),
            field("wait_ms", "fabric.wait"),
        ],
    },
    EventDefinition {
        target: "fabric_resilience",
        source: "resilience.give_up",
        name: "fabric.retry.gave_up",
        brief: "A call failed and is not sent again.",
        fields: &[
            field("attempts", "fabric.retry.attempts"),
            field("class", "fabric.api.class"),
            field("reason", "fabric.retry.reason"),
        ],
    },
    EventDefinition {
        target: "fabric_resilience",
        source: "resilience.throttle.parked",
        name: "fabric.throttle.parked",
        brief: "Fabric asked all callers of an API to wait.",
        fields: &[field("class", "fabric.api.class"), field("wait_ms", "fabric.wait")],
    },
    EventDefinition {
        target: "fabric_resilience",
        source: "resilience.throttle.wait",
        name: "fabric.throttle.wait",
        brief: "A call waits for its turn because an API is throttled.",
        fields: &[field("class", "fabric.api.class"), field("wait_ms", "fabric.wait")],
    },
    EventDefinition {
        target: "fabric_resilience",
        source: "resilience.breaker.transition",
        name: "fabric.breaker.transition",
        brief: "A circuit breaker changed its state.",
        fields: BREAKER,
    },
    EventDefinition {
        target: "fabric_resilience",
        source: "resilience.concurrency.limit",
        name: "fabric.concurrency.limit",
        brief: "The number of calls that may be under way has changed.",
        fields: &[field("limit", "fabric.concurrency.limit")],
    },
    EventDefinition {
        target: "fabric_cli",
        source: "transaction.begun",
        name: "fabric.transaction.begun",
        brief: "A transaction is in the journal.",
        fields: &[same("deployment.id")],
    },
    EventDefinition {
        target: "fabric_txn",
        source: "transaction.rollback",
        name: "fabric.rollback.started",
        brief: "A transaction is being taken back.",
        fields: &[field("reason", "fabric.rollback.reason")],
    },
];
