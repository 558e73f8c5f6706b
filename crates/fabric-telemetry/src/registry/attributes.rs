//! The attributes.

/// Whose name it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// OpenTelemetry's semantic conventions, version 1.44.
    OpenTelemetry,
    /// This project's own.
    Own,
}

/// A property of spans, events, metrics or of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: &'static str,
    /// What it says.
    pub brief: &'static str,
    /// Whose name it is.
    pub origin: Origin,
}

macro_rules! attributes {
    ($($origin:ident { $($name:literal: $brief:literal;)+ })+) => {
        /// All of them.
        pub static ATTRIBUTES: &[Attribute] =
            &[$($(Attribute { name: $name, brief: $brief, origin: Origin::$origin },)+)+];
    };
}

attributes! {
    OpenTelemetry {
        "cicd.pipeline.action.name": "What a run does: `RUN`.";
        "cicd.pipeline.name": "The command, such as `fabric-cli deploy`.";
        "cicd.pipeline.result": "How a run ended: `success`, `failure`, `error`, `timeout`, `cancellation`, `skip`.";
        "cicd.pipeline.run.id": "The run of the pipeline that started the command, where it says so; else of the command.";
        "cicd.pipeline.run.url.full": "Where that run is shown.";
        "cicd.pipeline.task.name": "The step, as reports and journals name it.";
        "cicd.pipeline.task.run.result": "How the step ended, as `cicd.pipeline.result`.";
        "cicd.pipeline.task.type": "`deploy`.";
        "deployment.environment.name": "The environment that is deployed to.";
        "deployment.id": "The transaction.";
        "deployment.name": "The workspace that is deployed to.";
        "deployment.status": "How the deployment ended: `succeeded` or `failed`.";
        "error.type": "Why it failed: an HTTP status, an error code or the class of an error. Absent where it did not.";
        "exception.message": "What an error says, secrets removed.";
        "exception.type": "The class of an error.";
        "feature_flag.key": "The feature, by the name of its variable.";
        "feature_flag.provider.name": "Who decided.";
        "feature_flag.result.reason": "Why: `default`, `static`, `targeting_match`…";
        "feature_flag.result.variant": "`on` or `off`.";
        "host.name": "The machine.";
        "http.request.method": "The method.";
        "http.request.resend_count": "How often this call was sent before. Absent at the first time.";
        "http.response.status_code": "The status.";
        "process.exit.code": "The exit code of the command.";
        "server.address": "The host that is called.";
        "server.port": "Its port.";
        "service.name": "`fabric-cli`, or what `OTEL_SERVICE_NAME` says.";
        "service.version": "Its version.";
        "telemetry.sdk.language": "`rust`.";
        "telemetry.sdk.name": "`fabric-telemetry`.";
        "telemetry.sdk.version": "Its version.";
        "url.full": "The address without credentials and signatures.";
        "url.template": "The path with its parameters' names.";
        "vcs.change.id": "The pull request.";
        "vcs.ref.head.name": "The branch.";
        "vcs.ref.head.revision": "The commit.";
        "vcs.repository.url.full": "The repository.";
    }
    Own {
        "fabric.api.class": "Which limit a call counts against: Fabric throttles one API for one caller.";
        "fabric.breaker.name": "What the circuit breaker guards.";
        "fabric.breaker.previous_state": "Its state before.";
        "fabric.breaker.state": "Its state: `closed`, `open`, `half_open`, `forced_open`, `forced_closed`.";
        "fabric.concurrency.limit": "How many calls may be under way.";
        "fabric.error.code": "Fabric's error code, from `x-ms-public-api-error-code`.";
        "fabric.operation.id": "Fabric's long-running operation, from `x-ms-operation-id`.";
        "fabric.operation.name": "The call's name in Microsoft's published API documents.";
        "fabric.request.id": "Fabric's name for the request, from `RequestId`: what its support asks for.";
        "fabric.retry.attempt": "Which attempt failed, from 1.";
        "fabric.retry.attempts": "How many attempts were made.";
        "fabric.retry.reason": "Why there is no further attempt.";
        "fabric.retry.throttled": "Whether the server asked to wait.";
        "fabric.rollback.reason": "Why a deployment is rolled back.";
        "fabric.step.kind": "What kind of step it is.";
        "fabric.telemetry.exporter": "`application_insights`, `otlp` or `file`.";
        "fabric.telemetry.loss": "Why records were lost: `queue_full`, `rejected` or `undelivered`.";
        "fabric.wait": "A wait, in milliseconds.";
        "fabric.wait.retry_in": "How long until the next attempt is let through, in milliseconds.";
    }
}
