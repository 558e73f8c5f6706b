//! `FEATURE_USE_TELEMETRY`: one command is one trace. Off, nothing in here runs.

mod outcome;
mod pipeline;
mod settings;

pub(crate) use settings::receivers;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use fabric_deploy::plan::Plan;
use fabric_deploy::report::{Report, Status};
use fabric_flags::{Feature, Snapshot};
use fabric_telemetry::Telemetry;
use tracing::field::Empty;
use tracing::{Level, Span, event, info_span};

use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{interrupt, render};

/// How long the end of the process may take for telemetry, whatever happens.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Telemetry of one command. Dropped, also by a panic, it sends what is left.
pub(crate) struct Session {
    telemetry: Arc<Telemetry>,
    root: Root,
}

/// The span of the command; there from its beginning to the end of the session. Who ends the process from elsewhere, by
/// a signal or a panic, finds it here.
#[derive(Clone, Default)]
struct Root(Arc<Mutex<Option<Span>>>);

impl Root {
    fn set(&self, span: Option<Span>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = span;
    }

    fn get(&self) -> Option<Span> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Starts it where the feature is on.
pub(crate) fn start(flags: &Snapshot, environment: &Environment) -> Result<Option<Session>, Failure> {
    if !flags.is_on(Feature::Telemetry) {
        return Ok(None);
    }
    let telemetry = settings::builder(environment)?.start()?;
    Ok(Some(Session { telemetry: Arc::new(telemetry), root: Root::default() }))
}

impl Session {
    /// The layer for the process's subscriber.
    pub(crate) fn telemetry(&self) -> &Telemetry {
        &self.telemetry
    }

    /// Runs a command as the root of the trace.
    pub(crate) fn run(
        self,
        command: &'static str,
        flags: &Snapshot,
        environment: &Environment,
        work: impl FnOnce() -> Result<Exit, Failure>,
    ) -> Result<Exit, Failure> {
        let run = pipeline::Run::of(environment);
        let root = info_span!(
            target: "fabric_cli", "command",
            "cicd.pipeline.name" = format!("fabric-cli {command}"),
            "cicd.pipeline.run.id" = run.id,
            "cicd.pipeline.run.url.full" = run.url,
            "cicd.pipeline.result" = Empty,
            "deployment.environment.name" = Empty,
            "deployment.id" = Empty,
            "deployment.name" = Empty,
            "deployment.status" = Empty,
            "error.type" = Empty,
            "exception.message" = Empty,
            "process.exit.code" = Empty,
            "vcs.change.id" = run.change,
            "vcs.ref.head.name" = run.branch,
            "vcs.ref.head.revision" = run.commit,
            "vcs.repository.url.full" = run.repository,
        );
        self.root.set(Some(root.clone()));
        self.survive_signals();
        report_panics(self.root.clone());
        root.in_scope(|| {
            say_flags(flags);
            let result = work();
            outcome::record(&root, &result);
            result
        })
    }

    /// A signal that the command does not handle ends the process, and one too many does so in any command: what is known
    /// until then is sent before.
    fn survive_signals(&self) {
        let (telemetry, root) = (Arc::clone(&self.telemetry), self.root.clone());
        interrupt::before_end(move || {
            if let Some(root) = root.get() {
                outcome::record(&root, &Ok(Exit::Interrupted));
                fabric_telemetry::end_now(&root);
            }
            say_delivery(&telemetry);
        });
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // The last handle of the span: it ends here.
        self.root.set(None);
        say_delivery(&self.telemetry);
    }
}

/// Sends what is left, and says what could not be sent.
fn say_delivery(telemetry: &Telemetry) {
    let delivery = telemetry.shutdown(LAST_WORDS);
    for (exporter, tally) in delivery.0.iter().filter(|(_, tally)| tally.lost() > 0) {
        let reason = tally.last_error.as_deref().unwrap_or("there was no time left");
        render::say_warning(&format_args!(
            "{} of {} telemetry records were not delivered ({exporter}): {reason}",
            tally.lost(),
            tally.lost() + tally.delivered
        ));
    }
    if cfg!(debug_assertions) {
        for name in telemetry.unregistered() {
            render::say_error(&format_args!("{name} is emitted and not in the registry of names"));
        }
    }
}

/// A panic is an event of its own, whoever catches it.
fn report_panics(root: Root) {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        if let Some(root) = root.get() {
            let message = panic.payload_as_str().unwrap_or("a value that is no text");
            outcome::exception(&root, "panic", message);
            root.record("error.type", "panic");
            root.record("cicd.pipeline.result", "error");
        }
    }));
}

/// Which features this run has, and why.
fn say_flags(flags: &Snapshot) {
    for evaluation in flags.explain() {
        let on = if evaluation.value { "on" } else { "off" };
        event!(
            name: "feature_flag.evaluation", target: "fabric_cli", Level::INFO,
            "feature_flag.key" = %evaluation.feature,
            "feature_flag.provider.name" = %evaluation.source,
            "feature_flag.result.reason" = evaluation.reason.name().to_ascii_lowercase(),
            "feature_flag.result.variant" = evaluation.variant.as_deref().unwrap_or(on),
        );
    }
}

/// Says that the first change is about to be sent.
pub(crate) fn deployment_started(plan: &Plan) {
    event!(
        name: "deployment.started", target: "fabric_cli", Level::INFO,
        "deployment.environment.name" = plan.environment, "deployment.name" = plan.workspace_name,
    );
}

/// Says under which id the deployment is in the journal.
pub(crate) fn transaction_begun(transaction: &impl std::fmt::Display) {
    event!(name: "transaction.begun", target: "fabric_cli", Level::INFO, "deployment.id" = %transaction);
}

/// Says what became of a deployment.
pub(crate) fn deployment_finished(report: &Report) {
    let (result, status) = match report.status {
        Status::Committed | Status::Unchanged => ("success", "succeeded"),
        Status::Planned => ("skip", "succeeded"),
        Status::Interrupted => ("cancellation", "failed"),
        Status::Stuck | Status::Refused => ("error", "failed"),
        Status::RolledBack | Status::Failed => ("failure", "failed"),
    };
    event!(
        name: "deployment.finished", target: "fabric_cli", Level::INFO,
        "cicd.pipeline.result" = result,
        "deployment.environment.name" = report.environment,
        "deployment.id" = report.transaction_id,
        "deployment.name" = report.workspace.name,
        "deployment.status" = status,
    );
    let command = Span::current();
    command.record("deployment.environment.name", &report.environment);
    command.record("deployment.id", report.transaction_id.as_deref());
    command.record("deployment.name", &report.workspace.name);
    command.record("deployment.status", status);
}

#[cfg(test)]
mod tests;
