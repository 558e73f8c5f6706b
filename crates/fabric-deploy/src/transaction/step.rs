//! How one step of a transaction is carried out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use fabric_client::Client;
use fabric_txn::{Failure, Finding, Outcome, Reversibility, State, Step, StepContext};
use serde_json::{Value, json};

use super::finding::failure;
use super::{change_of, id_of, image, probe, undo};
use crate::actual::ActualState;
use crate::desired::DesiredState;
use crate::execute::{self, ExecuteOptions, Known, Observer, StepError, Verification};
use crate::git::GitError;
use crate::plan::{Change, Plan, PlannedStep};
use crate::report::{LeftBehind, StepReport};
use crate::secret::Secrets;

/// How steps are carried out.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Limits.
    pub limits: ExecuteOptions,
    /// How much is re-read before success is reported.
    pub verification: Verification,
}

/// What the steps of one transaction share in this process.
pub struct Steps {
    known: Known,
    settings: Settings,
    /// The plan, for the verification; `None` when going backwards only.
    plan: Option<(Arc<DesiredState>, Plan)>,
    observer: Box<dyn Observer>,
    reports: Mutex<HashMap<String, StepReport>>,
    mismatches: Mutex<Vec<LeftBehind>>,
}

impl Steps {
    /// The steps of a transaction that goes forwards to `plan`.
    pub fn forwards(
        client: &Client,
        desired: &Arc<DesiredState>,
        actual: &Arc<ActualState>,
        plan: Plan,
        settings: Settings,
        observer: Box<dyn Observer>,
    ) -> Arc<Self> {
        let secrets = desired.secrets.clone();
        let known = Known::new(client.clone(), Some(Arc::clone(desired)), Arc::clone(actual), secrets, settings.limits);
        let known = known.importing(&plan.imports);
        Arc::new(Self {
            known,
            settings,
            plan: Some((Arc::clone(desired), plan)),
            observer,
            reports: Mutex::default(),
            mismatches: Mutex::default(),
        })
    }

    /// The steps of a transaction that goes backwards: the journal tells all that is needed, but for the values of
    /// secrets.
    pub fn backwards(client: &Client, secrets: Secrets, settings: Settings, observer: Box<dyn Observer>) -> Arc<Self> {
        let known = Known::new(client.clone(), None, Arc::default(), secrets, settings.limits);
        Arc::new(Self {
            known,
            settings,
            plan: None,
            observer,
            reports: Mutex::default(),
            mismatches: Mutex::default(),
        })
    }

    /// Takes note of what another process did, as the journal tells it.
    pub fn learn(&self, state: &State) {
        if let Some(workspace) =
            state.meta.pointer("/workspace/id").and_then(Value::as_str).and_then(|id| id.parse().ok())
        {
            self.known.workspace_is(workspace);
        }
        for step in state.steps.iter().filter(|step| !step.status.is_clear()) {
            if let Some(change) = change_of(&step.spec.payload) {
                self.known.learn(&change, id_of(&step.output));
                // What a process does itself it counts; what is only found may have been brought in part.
                if let Change::CreateItem { key, .. } = &change
                    && step.output.get(ATTEMPTS).is_none()
                {
                    self.known.doubt(key);
                }
            }
        }
    }

    /// What this process did, by step.
    pub fn reports(&self) -> HashMap<String, StepReport> {
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the verification found not to be as it shall be.
    pub(crate) fn mismatches(&self) -> Vec<LeftBehind> {
        self.mismatches.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The workspace, once it exists.
    pub fn workspace_id(&self) -> Option<uuid::Uuid> {
        self.known.workspace_id()
    }

    fn keep(&self, report: StepReport) {
        self.observer.finished(&report);
        self.reports.lock().unwrap_or_else(PoisonError::into_inner).insert(report.id.clone(), report);
    }
}

/// What a step notes when the service answered that it did nothing.
const REFUSED: &str = "refused";
/// What a step notes when the operation that it started has ended without success: nothing is under way any more.
const ENDED: &str = "ended";

/// Under which key a step's output says how often its change was sent.
const ATTEMPTS: &str = "attempts";

/// What a step notes when a part of what it sends was taken: what is there then is neither before nor after.
const IN_PART: &str = "in part";

/// Under which key a step notes the operation that it started and that had not ended.
const OPERATION: &str = "operation";

/// What a later look-up needs to know of the operation that a step started.
fn note_of(error: &StepError) -> Option<Value> {
    if let StepError::InPart(_) = error {
        return Some(Value::from(IN_PART));
    }
    match fabric_error(error)? {
        fabric_client::Error::OperationFailed { .. } => Some(Value::from(ENDED)),
        error => error.operation_id().map(|id| json!({ OPERATION: id.to_string() })),
    }
}

/// What Fabric answered to the change itself.
pub(super) fn fabric_error(error: &StepError) -> Option<&fabric_client::Error> {
    match error {
        StepError::Fabric(error) => Some(error),
        StepError::Shared(error) => Some(error),
        _ => None,
    }
}

/// The operation that the last attempt of a step left under way.
pub(super) fn left_under_way(context: &StepContext<'_>) -> Option<String> {
    if !context.output().is_null() {
        return None;
    }
    context.notes().last()?.get(OPERATION)?.as_str().map(str::to_owned)
}

/// Whether the service refused every attempt of this step: what is there, if anything, somebody else did.
pub(super) fn refused(context: &StepContext<'_>) -> bool {
    let refusals = context.notes().iter().filter(|note| *note == REFUSED).count();
    refusals > 0 && refusals == context.attempt() as usize
}

/// Whether a part of what this step sends may be there.
pub(super) fn in_part(context: &StepContext<'_>) -> bool {
    context.notes().iter().any(|note| note == IN_PART)
}

/// How long an effect may still take to show that was neither confirmed nor refused.
pub(super) fn in_flight(context: &StepContext<'_>, limit: Duration) -> Duration {
    let ended = context.notes().last().is_some_and(|note| note == ENDED || note == REFUSED);
    if ended || !context.output().is_null() { Duration::ZERO } else { limit }
}

/// A change of the workspace.
pub(super) struct ChangeStep(pub(super) Arc<Steps>);

#[async_trait]
impl Step for ChangeStep {
    fn reversibility(&self, payload: &Value) -> Reversibility {
        match change_of(payload) {
            Some(change) if change.is_irreversible() => Reversibility::Irreversible,
            Some(Change::DeleteItem { .. } | Change::DeleteFolder { .. }) => Reversibility::ReversibleWithNewId,
            Some(_) => Reversibility::Reversible,
            None => Reversibility::Irreversible,
        }
    }

    async fn apply(&self, context: &StepContext<'_>) -> Outcome {
        let Some(change) = change_of(context.payload()) else {
            return Outcome::NotApplied(Failure::new("the journal's payload is not a change that this version knows"));
        };
        if let Err(failure) = image::save(context, &self.0.known, &change).await {
            return Outcome::NotApplied(failure);
        }
        // Reading what is there may have taken long.
        if let Err(lost) = context.ensure_leased().await {
            return Outcome::NotApplied(Failure::from(lost));
        }
        let step = PlannedStep { id: context.name().to_owned(), change, after: Vec::new() };
        self.0.observer.started(&step);
        let (outcome, report) = execute::attempt(&step, &self.0.known).await;
        // How often it was sent, and under which id Microsoft finds it, for whoever reads the journal later.
        let output = |id| {
            json!({
                "id": id,
                ATTEMPTS: report.attempts,
                "waited_ms": report.waited_ms,
                "throttled": report.throttled,
                "request_id": report.request_id,
            })
        };
        let applied = outcome.map(output);
        let was_sent_again = report.attempts > 1;
        self.0.keep(report);
        match applied {
            Ok(output) => Outcome::Applied(output),
            Err(error) if in_doubt(&step.change, &error) || (was_sent_again && may_be_sent_again(&step.change)) => {
                if let Some(note) = note_of(&error)
                    && let Err(broken) = context.note(note).await
                {
                    return Outcome::Unknown(Failure::from(broken));
                }
                Outcome::Unknown(failure(&error))
            }
            Err(error) => match context.note(Value::from(REFUSED)).await {
                Ok(()) => Outcome::NotApplied(failure(&error)),
                Err(broken) => Outcome::Unknown(Failure::from(broken)),
            },
        }
    }

    async fn probe(&self, context: &StepContext<'_>) -> Finding {
        match change_of(context.payload()) {
            Some(change) => probe::probe(context, &self.0.known, &change).await,
            None => Finding::Unknown(Failure::new("the journal's payload is not a change that this version knows")),
        }
    }

    async fn undo(&self, context: &StepContext<'_>) -> Result<Value, Failure> {
        let change = change_of(context.payload())
            .ok_or_else(|| Failure::new("the journal's payload is not a change that this version knows"))?;
        let undone = undo::undo(context, &self.0.known, &change).await;
        tracing::info!(step = context.name(), succeeded = undone.is_ok(), "undo");
        undone
    }
}

/// Whether the layers below send the change again without knowing what became of it: then the answer that refused it at
/// last says nothing of the attempts before. A create they send again only when it had no effect.
fn may_be_sent_again(change: &Change) -> bool {
    !matches!(
        change,
        Change::CreateWorkspace { .. }
            | Change::CreateFolder { .. }
            | Change::CreateItem { .. }
            | Change::AddRole { .. }
    )
}

/// Whether the change may have happened although the step failed. Most failures are answers that say that nothing was
/// done; the rest are looked up.
fn in_doubt(change: &Change, error: &StepError) -> bool {
    // These go on after their first call: a refusal may be that of a later one.
    let many_calls = matches!(
        change,
        Change::AssignCapacity { .. }
            | Change::PublishEnvironment { .. }
            | Change::ConnectGit { .. }
            | Change::CommitToGit { .. }
    );
    match error {
        StepError::Fabric(error) => many_calls || error.is_ambiguous() || error.operation_id().is_some(),
        StepError::Git(error) => {
            many_calls
                || matches!(error, GitError::Busy { .. } | GitError::Restless)
                || error.fabric().is_some_and(|error| error.is_ambiguous() || error.operation_id().is_some())
        }
        StepError::Unresolved { .. }
        | StepError::InDoubt(_)
        | StepError::InPart(_)
        | StepError::CapacityAssignment { .. }
        | StepError::Publish { .. } => true,
        StepError::Shared(error) => error.is_ambiguous() || error.operation_id().is_some(),
        StepError::ShortcutLost(_) | StepError::ImportLost(_) => true,
        StepError::Secret(_)
        | StepError::NoValue { .. }
        | StepError::NoFolder(_)
        | StepError::NoItem(_)
        | StepError::NoSource(_)
        | StepError::Shortcut { .. } => false,
    }
}

/// The verification: a step that changes nothing and fails where something is not as it shall be.
pub(super) struct VerifyStep(pub(super) Arc<Steps>);

#[async_trait]
impl Step for VerifyStep {
    fn reversibility(&self, _: &Value) -> Reversibility {
        Reversibility::Reversible
    }

    async fn apply(&self, _: &StepContext<'_>) -> Outcome {
        let steps = &self.0;
        let Some((desired, plan)) = &steps.plan else {
            return Outcome::NotApplied(Failure::new("there is nothing to compare with: the files were not read"));
        };
        steps.observer.verifying();
        let workspace = steps.known.workspace_id();
        let (client, doubted) = (&steps.known.client, steps.known.doubted());
        match execute::verify_with(client, desired, workspace, plan, steps.settings.verification, &doubted).await {
            Ok(left) if left.is_empty() => Outcome::Applied(Value::Null),
            Ok(left) => {
                let what: Vec<_> = left.iter().map(|left| left.what.clone()).collect();
                *steps.mismatches.lock().unwrap_or_else(PoisonError::into_inner) = left;
                Outcome::NotApplied(Failure::new(what.join("; ")))
            }
            Err(error) => Outcome::NotApplied(Failure::from(error)),
        }
    }

    async fn probe(&self, _: &StepContext<'_>) -> Finding {
        Finding::NotApplied
    }

    async fn undo(&self, _: &StepContext<'_>) -> Result<Value, Failure> {
        Ok(Value::Null)
    }
}
