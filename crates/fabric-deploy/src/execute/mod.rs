//! Carries out a plan: everything that is ready runs at once, nothing new starts after a failure.

mod apply;
mod calls;
mod connections;
mod create;
mod git;
mod imports;
mod item;
mod known;
mod settings;
mod shortcuts;
mod verify;
mod workspace;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use fabric_client::{CapacityAssignmentProgress, Client, PublishState};
use futures::StreamExt;
use futures::stream::FuturesUnordered;
use thiserror::Error;
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

pub use calls::{StepCalls, current_calls};
pub use create::CreatePolicy;
pub(crate) use verify::verify_with;
pub use verify::{Verification, verify};

use crate::actual::ActualState;
use crate::content::Reference;
use crate::desired::{DataSource, DesiredState, FolderPath, ItemKey, ShortcutKey};
use crate::git::GitError;
use crate::plan::{Plan, PlannedStep};
use crate::report::{self, LeftBehind, Report, Status, StepFailure, StepReport, StepStatus};
use crate::secret::{SecretError, SecretFailure};
pub(crate) use apply::attempt;
pub(crate) use connections::{of_source as connection_of, set as set_connection};
pub(crate) use create::{patience, settle};
pub(crate) use git::connect as connect_git;
pub(crate) use item::send_create;
pub(crate) use known::Known;
pub(crate) use settings::{publish, publish_under_way};
pub(crate) use shortcuts::{delete as delete_shortcut, is_gone, put as put_shortcut, wanted as wanted_shortcut};
pub(crate) use workspace::{assign_capacity, change_role, create_folder};

/// Limits of an execution.
#[derive(Debug, Clone, Copy)]
pub struct ExecuteOptions {
    /// How many steps may be under way. The HTTP layer limits requests; this bounds the memory that content takes.
    pub steps_under_way: usize,
    /// How long to wait for something that the service fills in later, such as a SQL endpoint.
    pub late_properties: Duration,
    /// How long to wait for a name that a deleted item still holds.
    pub held_names: Duration,
    /// What is done about a create whose outcome is unknown.
    pub creates: CreatePolicy,
    /// How long a create that a crash or a lost answer left in doubt is looked for before it counts as not done: it may
    /// still be under way, and shows only when it is done.
    pub settle: Duration,
}

impl Default for ExecuteOptions {
    fn default() -> Self {
        Self {
            steps_under_way: 256,
            late_properties: Duration::from_secs(15 * 60),
            held_names: Duration::from_secs(10 * 60),
            creates: CreatePolicy::default(),
            settle: Duration::from_secs(20),
        }
    }
}

/// Tells others what happens while it happens.
pub trait Observer: Send + Sync {
    /// A step starts.
    fn started(&self, step: &PlannedStep);
    /// A step has ended.
    fn finished(&self, step: &StepReport);
    /// The touched resources are being read again.
    fn verifying(&self) {}
}

/// Observes nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unobserved;

impl Observer for Unobserved {
    fn started(&self, _: &PlannedStep) {}
    fn finished(&self, _: &StepReport) {}
}

/// A request to start nothing new.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// Not requested.
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Requests it.
    pub fn request(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was requested.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Why a step could not be done.
#[derive(Debug, Error)]
pub(crate) enum StepError {
    #[error(transparent)]
    Fabric(#[from] fabric_client::Error),
    #[error(transparent)]
    Secret(#[from] SecretError),
    #[error("{reference} has no value")]
    NoValue { reference: Reference },
    #[error("the folder {0} was not created")]
    NoFolder(FolderPath),
    #[error("{0} was not created")]
    NoItem(ItemKey),
    #[error("the capacity assignment did not complete within {} s (state: {state})", waited.as_secs())]
    CapacityAssignment { waited: Duration, state: CapacityAssignmentProgress },
    #[error(transparent)]
    Git(#[from] GitError),
    #[error("the environment's publish ended as {state}")]
    Publish { state: PublishState },
    /// A call that several steps share.
    #[error(transparent)]
    Shared(Arc<fabric_client::Error>),
    #[error("the item has no data source {0}")]
    NoSource(DataSource),
    #[error("the shortcut {shortcut} was not written: {message}")]
    Shortcut { shortcut: ShortcutKey, code: String, message: String },
    #[error("the answer does not say whether the shortcut {0} was written")]
    ShortcutLost(ShortcutKey),
    #[error("the bulk import that {0} was in was stopped")]
    ImportLost(ItemKey),
    #[error("whether an earlier attempt of the create was carried out is unknown; the last one ended so: {0}")]
    InDoubt(#[source] fabric_client::Error),
    #[error("a part of the definition was taken, and sending all of it again ended so: {0}")]
    InPart(#[source] fabric_client::Error),
    #[error("the outcome of the create is unknown, and looking it up failed as well: {}", report::error_text(lookup.as_ref()))]
    Unresolved {
        #[source]
        create: Box<fabric_client::Error>,
        lookup: Box<fabric_client::Error>,
    },
}

impl StepError {
    pub(crate) fn failure(&self) -> StepFailure {
        let own = |code: &str| StepFailure {
            code: code.to_owned(),
            message: report::error_text(self),
            http_status: None,
            remedy: None,
            outcome_unknown: false,
            try_later: false,
        };
        match self {
            Self::Fabric(error) => report::failure_of(error),
            Self::Shared(error) => report::failure_of(error),
            Self::Shortcut { code, .. } => StepFailure {
                remedy: Some(
                    "check that what the shortcut points to exists and may be read: a table must be there first",
                ),
                ..own(code)
            },
            Self::NoSource(_) => StepFailure {
                remedy: Some("name a connection that leads to a data source of the item"),
                ..own("no-data-source")
            },
            Self::ShortcutLost(_) | Self::ImportLost(_) => StepFailure { outcome_unknown: true, ..own("no-answer") },
            Self::NoValue { .. } => {
                let remedy = Some("the service has not filled it in yet: deploy again");
                StepFailure { remedy, try_later: true, ..own("no-value") }
            }
            Self::Secret(error) => StepFailure {
                remedy: Some("`fabric-cli secrets check` says where each secret would come from"),
                ..own(if error.failure == SecretFailure::Denied { report::SECRET_DENIED } else { "secret" })
            },
            Self::NoFolder(_) | Self::NoItem(_) => own("missing-dependency"),
            Self::Git(error) => StepFailure {
                http_status: error.fabric().and_then(fabric_client::Error::status),
                remedy: error.remedy(),
                ..own(error.code())
            },
            Self::CapacityAssignment { state, .. } => StepFailure {
                try_later: *state == CapacityAssignmentProgress::InProgress,
                ..own("capacity-assignment")
            },
            Self::Publish { .. } => StepFailure {
                remedy: Some("open the environment in the portal to see which library or setting failed"),
                ..own("environment-publish")
            },
            Self::InDoubt(error) | Self::InPart(error) => {
                StepFailure { message: report::error_text(self), outcome_unknown: true, ..report::failure_of(error) }
            }
            Self::Unresolved { create, .. } => {
                StepFailure { message: report::error_text(self), outcome_unknown: true, ..report::failure_of(create) }
            }
        }
    }

    fn request_id(&self) -> Option<String> {
        match self {
            Self::Fabric(error) | Self::InDoubt(error) | Self::InPart(error) => error.request_id().map(str::to_owned),
            Self::Git(error) => error.fabric()?.request_id().map(str::to_owned),
            Self::Unresolved { create, .. } => create.request_id().map(str::to_owned),
            Self::Shared(error) => error.request_id().map(str::to_owned),
            _ => None,
        }
    }
}

/// Carries out `plan` and says what became of it. `Committed` is only said after verification.
pub async fn execute(
    client: &Client,
    desired: &Arc<DesiredState>,
    actual: &Arc<ActualState>,
    plan: &Plan,
    options: Execution<'_>,
) -> Report {
    let workspace = actual.workspace.as_ref().map(|workspace| workspace.id);
    if plan.is_empty() {
        return Report::assemble(plan, Status::Unchanged, workspace, Vec::new(), Vec::new());
    }
    let secrets = desired.secrets.clone();
    let known = Known::new(client.clone(), Some(Arc::clone(desired)), Arc::clone(actual), secrets, options.limits);
    let known = known.importing(&plan.imports);
    let steps = run(plan, &known, &options).await;
    let workspace = known.workspace_id();
    if steps.iter().any(|step| step.status != StepStatus::Applied) {
        return unfinished(plan, workspace, steps, options.stop.is_requested());
    }
    options.observer.verifying();
    match verify_with(client, desired, workspace, plan, options.verification, &known.doubted()).await {
        Ok(mismatches) if mismatches.is_empty() => {
            Report::assemble(plan, Status::Committed, workspace, steps, Vec::new())
        }
        Ok(mismatches) => Report::assemble(plan, Status::Failed, workspace, steps, mismatches),
        Err(error) => {
            let left = LeftBehind {
                step: "verify".to_owned(),
                what: format!("every step was applied, but re-reading failed: {}", report::error_text(&error)),
                remedy: "run the same `fabric-cli deploy` again: what is there is kept".to_owned(),
            };
            let unverified = error.fabric().map(report::failure_of);
            Report { unverified, ..Report::assemble(plan, Status::Failed, workspace, steps, vec![left]) }
        }
    }
}

/// How a plan is carried out.
#[derive(Clone, Copy)]
pub struct Execution<'a> {
    /// Limits.
    pub limits: ExecuteOptions,
    /// How much is re-read before success is reported.
    pub verification: Verification,
    /// Who is told.
    pub observer: &'a dyn Observer,
    /// Whether to stop.
    pub stop: &'a Stop,
}

async fn run(plan: &Plan, known: &Known, options: &Execution<'_>) -> Vec<StepReport> {
    let mut reports: Vec<StepReport> =
        plan.steps.iter().map(|step| StepReport::not_run(step, StepStatus::Skipped)).collect();
    let mut waiting_for: Vec<usize> = plan.steps.iter().map(|step| step.after.len()).collect();
    let mut dependents = vec![Vec::new(); plan.steps.len()];
    for (position, step) in plan.steps.iter().enumerate() {
        for dependency in &step.after {
            dependents[*dependency].push(position);
        }
    }
    let mut ready: std::collections::BTreeSet<usize> =
        (0..plan.steps.len()).filter(|position| waiting_for[*position] == 0).collect();
    let mut under_way = FuturesUnordered::new();
    let mut failed = false;
    loop {
        while !failed && !options.stop.is_requested() && under_way.len() < options.limits.steps_under_way {
            let Some(position) = ready.pop_first() else { break };
            let step = &plan.steps[position];
            options.observer.started(step);
            under_way.push(async move { (position, followed(step, known).await) });
        }
        let Some((position, report)) = under_way.next().await else { break };
        options.observer.finished(&report);
        if report.status == StepStatus::Applied {
            for dependent in &dependents[position] {
                waiting_for[*dependent] -= 1;
                if waiting_for[*dependent] == 0 {
                    ready.insert(*dependent);
                }
            }
        } else {
            failed = true;
        }
        reports[position] = report;
    }
    reports
}

/// One step, in a span that says how it ended.
async fn followed(step: &PlannedStep, known: &Known) -> StepReport {
    let span = tracing::info_span!(
        "apply",
        step = step.id,
        kind = "change",
        result = Empty,
        error_type = Empty,
        error = Empty
    );
    let (_, report) = attempt(step, known).instrument(span.clone()).await;
    match &report.error {
        None => {
            span.record("result", "success");
        }
        Some(error) => {
            span.record("result", if error.outcome_unknown { "error" } else { "failure" });
            span.record("error_type", error.code.as_str());
            span.record("error", error.message.as_str());
        }
    }
    report
}

fn unfinished(plan: &Plan, workspace: Option<Uuid>, steps: Vec<StepReport>, stopped: bool) -> Report {
    let failed = steps.iter().any(|step| step.status == StepStatus::Failed);
    let status = if stopped && !failed { Status::Interrupted } else { Status::Failed };
    let left = steps
        .iter()
        .filter(|step| {
            step.status == StepStatus::Applied || step.error.as_ref().is_some_and(|error| error.outcome_unknown)
        })
        .map(|step| LeftBehind {
            step: step.id.clone(),
            what: match step.status {
                StepStatus::Applied => format!("{} was applied and is not rolled back", step.name),
                _ => format!("whether {} was applied is unknown", step.name),
            },
            remedy: "mend the cause and run the same `fabric-cli deploy` again: what is already right is kept"
                .to_owned(),
        })
        .collect();
    Report::assemble(plan, status, workspace, steps, left)
}
