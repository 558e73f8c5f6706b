//! The spans.

use super::{Field, field, same};
use crate::model::SpanKind;

/// A span.
#[derive(Debug, Clone, Copy)]
pub struct SpanDefinition {
    /// The `tracing` target under which it is emitted.
    pub target: &'static str,
    /// Its `tracing` name.
    pub source: &'static str,
    /// Its name outside; `{attribute}` stands for an attribute's value.
    pub name: &'static str,
    /// What it stands for.
    pub kind: SpanKind,
    /// What it covers.
    pub brief: &'static str,
    /// Attributes that are the same each time.
    pub constants: &'static [(&'static str, &'static str)],
    /// Attributes that the code gives.
    pub fields: &'static [Field],
    /// The attribute that says how it ended, if one does: anything but `success` is a failure.
    pub result: Option<&'static str>,
}

const RESULT: &str = "cicd.pipeline.task.run.result";

/// What every step says.
const STEP: &[Field] = &[
    field("step", "cicd.pipeline.task.name"),
    field("kind", "fabric.step.kind"),
    field("result", RESULT),
    field("error_type", "error.type"),
    field("error", "exception.message"),
];

const TASK: &[(&str, &str)] = &[("cicd.pipeline.task.type", "deploy")];

/// All of them.
pub static SPANS: &[SpanDefinition] = &[
    SpanDefinition {
        target: "fabric_cli",
        source: "command",
        name: "{cicd.pipeline.action.name} {cicd.pipeline.name}",
        kind: SpanKind::Server,
        brief: "One run of the command line, from its first look at the files to its exit code.",
        constants: &[("cicd.pipeline.action.name", "RUN")],
        fields: &[
            same("cicd.pipeline.name"),
            same("cicd.pipeline.run.id"),
            same("cicd.pipeline.run.url.full"),
            same("cicd.pipeline.result"),
            same("deployment.environment.name"),
            same("deployment.id"),
            same("deployment.name"),
            same("deployment.status"),
            same("error.type"),
            same("exception.message"),
            same("process.exit.code"),
            same("vcs.change.id"),
            same("vcs.ref.head.name"),
            same("vcs.ref.head.revision"),
            same("vcs.repository.url.full"),
        ],
        result: Some("cicd.pipeline.result"),
    },
    SpanDefinition {
        target: "fabric_deploy",
        source: "read_workspace",
        name: "read workspace",
        kind: SpanKind::Internal,
        brief: "The workspace is read, to be compared with the files.",
        constants: &[],
        fields: &[],
        result: None,
    },
    SpanDefinition {
        target: "fabric_deploy",
        source: "verify",
        name: "verify",
        kind: SpanKind::Internal,
        brief: "What was touched is read again.",
        constants: &[],
        fields: &[],
        result: None,
    },
    SpanDefinition {
        target: "fabric_deploy",
        source: "apply",
        name: "apply {cicd.pipeline.task.name}",
        kind: SpanKind::Internal,
        brief: "One step of a deployment without roll-back.",
        constants: TASK,
        fields: STEP,
        result: Some(RESULT),
    },
    SpanDefinition {
        target: "fabric_txn",
        source: "apply",
        name: "apply {cicd.pipeline.task.name}",
        kind: SpanKind::Internal,
        brief: "One step of a transaction, with all its tries.",
        constants: TASK,
        fields: STEP,
        result: Some(RESULT),
    },
    SpanDefinition {
        target: "fabric_txn",
        source: "undo",
        name: "undo {cicd.pipeline.task.name}",
        kind: SpanKind::Internal,
        brief: "One step of a transaction is taken back, with all tries.",
        constants: TASK,
        fields: STEP,
        result: Some(RESULT),
    },
    SpanDefinition {
        target: "fabric_cli",
        source: "attempt",
        name: "{http.request.method} {url.template}",
        kind: SpanKind::Client,
        brief: "One HTTP request to Fabric: each attempt of a call has its own.",
        constants: &[],
        fields: &[
            same("error.type"),
            same("fabric.api.class"),
            same("fabric.error.code"),
            same("fabric.operation.id"),
            same("fabric.operation.name"),
            same("fabric.request.id"),
            same("http.request.method"),
            same("http.request.resend_count"),
            same("http.response.status_code"),
            same("server.address"),
            same("server.port"),
            same("url.full"),
            same("url.template"),
        ],
        result: None,
    },
];
