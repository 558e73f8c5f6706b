//! What a command did, as the result document says it.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use uuid::Uuid;

use crate::desired::ItemKey;
use crate::error::DeployError;
use crate::plan::{Action, Change, ChosenStrategy, KeptItem, Kind, PartChange, Plan, PlannedStep};

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything asked for is true on the server: re-read and found so.
    Committed,
    /// It was true before; nothing was sent that changes anything.
    Unchanged,
    /// Nothing was sent; this is what would change.
    Planned,
    /// It failed, and what was done is undone.
    RolledBack,
    /// It failed; what was done is still there.
    Failed,
    /// It failed, and something could not be undone.
    Stuck,
    /// It was stopped.
    Interrupted,
    /// Nothing was sent, because the input or the state forbids it.
    Refused,
}

impl Status {
    /// The word of the result document.
    pub fn name(self) -> &'static str {
        match self {
            Self::Committed => "committed",
            Self::Unchanged => "unchanged",
            Self::Planned => "planned",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
            Self::Stuck => "stuck",
            Self::Interrupted => "interrupted",
            Self::Refused => "refused",
        }
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Done.
    Applied,
    /// Nothing to do.
    Unchanged,
    /// Done and undone.
    Undone,
    /// Not done.
    Failed,
    /// Done, and undoing it failed.
    UndoFailed,
    /// Not started.
    Skipped,
    /// Would be done.
    Planned,
}

/// Why a step failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepFailure {
    /// Fabric's error code, or this tool's own in kebab case.
    pub code: String,
    /// What happened.
    pub message: String,
    /// The HTTP status, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub http_status: Option<u16>,
    /// What to do about it, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<&'static str>,
    /// Whether the change may have happened all the same.
    pub outcome_unknown: bool,
    /// Whether it failed only for now: throttled, out of time, or a service that is not to be called for a while.
    pub try_later: bool,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StepReport {
    /// Unique in the report, and the same in every run that has this step.
    pub id: String,
    /// What it does.
    pub action: Action,
    /// What it is about.
    pub kind: Kind,
    /// The item type, for steps about items.
    #[serde(rename = "type")]
    pub item_type: Option<String>,
    /// What it is called.
    pub name: String,
    /// What of it: the place of a shortcut inside its item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The object id, where it is known.
    pub resource_id: Option<String>,
    /// How it ended.
    pub status: StepStatus,
    /// How many times its calls were sent at most; 0 where none was.
    pub attempts: u32,
    /// How long its calls waited between attempts, all together, in milliseconds.
    pub waited_ms: u64,
    /// How many attempts the service throttled.
    pub throttled: u32,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// Fabric's id of the last request.
    pub request_id: Option<String>,
    /// Why it failed.
    pub error: Option<StepFailure>,
    /// What differs in the definition, for a planned or applied update.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartChange>,
}

/// The code of a call for which the credential gave no token.
pub(crate) const NO_TOKEN: &str = "no-token";
/// The code of a step whose secret the store refuses.
pub(crate) const SECRET_DENIED: &str = "secret-denied";

impl StepFailure {
    /// Whether it is the caller that was refused: it has no token, or may not do this, or not read a secret.
    pub fn is_denied(&self) -> bool {
        matches!(self.http_status, Some(401 | 403)) || [NO_TOKEN, SECRET_DENIED].contains(&self.code.as_str())
    }
}

impl StepReport {
    /// The report of a step that was not run.
    pub(crate) fn not_run(step: &PlannedStep, status: StepStatus) -> Self {
        let change = &step.change;
        let (resource_id, parts) = match change {
            Change::UpdateDefinition { id, parts, .. } => (Some(*id), parts.clone()),
            Change::UpdateMetadata { id, .. }
            | Change::MoveItem { id, .. }
            | Change::DeleteItem { id, .. }
            | Change::DeleteFolder { id, .. } => (Some(*id), Vec::new()),
            _ => (None, Vec::new()),
        };
        Self {
            id: step.id.clone(),
            action: change.action(),
            kind: change.kind(),
            item_type: change.item().map(|key| key.item_type.clone()),
            name: change.subject(),
            place: change.place(),
            resource_id: resource_id.map(|id| id.to_string()),
            status,
            attempts: 0,
            waited_ms: 0,
            throttled: 0,
            duration_ms: 0,
            request_id: None,
            error: None,
            parts,
        }
    }

    /// The report of an item that needs no step.
    pub fn unchanged(key: &ItemKey, id: Uuid) -> Self {
        Self {
            id: format!("item/{key}"),
            action: Action::Unchanged,
            kind: Kind::Item,
            item_type: Some(key.item_type.clone()),
            name: key.name.clone(),
            place: None,
            resource_id: Some(id.to_string()),
            status: StepStatus::Unchanged,
            attempts: 0,
            waited_ms: 0,
            throttled: 0,
            duration_ms: 0,
            request_id: None,
            error: None,
            parts: Vec::new(),
        }
    }
}

/// How many items are created, updated, …: items, not steps. An item that is both moved and updated counts as updated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Created.
    pub create: usize,
    /// Changed in content, name or description, published, or given another value set.
    pub update: usize,
    /// Moved, and not changed otherwise.
    #[serde(rename = "move")]
    pub moved: usize,
    /// Deleted.
    pub delete: usize,
    /// As they were.
    pub unchanged: usize,
    /// Not what they shall be, because a step failed. Such an item is not counted above.
    pub failed: usize,
}

impl Summary {
    /// Counts the items of these steps.
    pub fn of(steps: &[StepReport]) -> Self {
        let mut by_item: BTreeMap<(&str, &str, Option<&str>), BTreeSet<Effect>> = BTreeMap::new();
        for step in steps {
            let Some(item_type) = &step.item_type else { continue };
            let whole = step.place.is_none();
            let copy = (whole && step.action == Action::Delete).then_some(step.id.as_str());
            let effects = by_item.entry((item_type, &step.name, copy)).or_default();
            match step.status {
                StepStatus::Failed | StepStatus::UndoFailed => {
                    effects.insert(Effect::Failed);
                }
                StepStatus::Applied | StepStatus::Planned | StepStatus::Unchanged => {
                    effects.insert(if whole { Effect::of(step.action) } else { Effect::Update });
                }
                StepStatus::Skipped | StepStatus::Undone => {}
            }
        }
        let mut summary = Self::default();
        for effects in by_item.values() {
            match effects.first() {
                Some(Effect::Failed) => summary.failed += 1,
                Some(Effect::Create) => summary.create += 1,
                Some(Effect::Delete) => summary.delete += 1,
                Some(Effect::Update) => summary.update += 1,
                Some(Effect::Move) => summary.moved += 1,
                Some(Effect::Unchanged) => summary.unchanged += 1,
                None => {}
            }
        }
        summary
    }
}

/// What happened to an item, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Effect {
    Failed,
    Create,
    Delete,
    Update,
    Move,
    Unchanged,
}

impl Effect {
    fn of(action: Action) -> Self {
        match action {
            Action::Create => Self::Create,
            Action::Update => Self::Update,
            Action::Move => Self::Move,
            Action::Delete => Self::Delete,
            Action::Unchanged => Self::Unchanged,
        }
    }
}

/// Something that is there and should not be, or the reverse, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftBehind {
    /// The step it comes from.
    pub step: String,
    /// What is left.
    pub what: String,
    /// What to do.
    pub remedy: String,
}

/// The workspace of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportedWorkspace {
    /// Its object id; `None` where it does not exist.
    pub id: Option<Uuid>,
    /// Its display name.
    pub name: String,
}

/// What a deployment did or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How it ended.
    pub status: Status,
    /// The transaction, where there was one.
    pub transaction_id: Option<String>,
    /// Why it was rolled back or stopped.
    pub reason: Option<String>,
    /// The environment.
    pub environment: String,
    /// The workspace.
    pub workspace: ReportedWorkspace,
    /// How its items are written.
    pub strategy: Option<ChosenStrategy>,
    /// How many items.
    pub summary: Summary,
    /// Every step, in plan order, and every item that needs none.
    pub steps: Vec<StepReport>,
    /// Items that the files do not have and that stay.
    pub kept: Vec<KeptItem>,
    /// What is not as it should be after a failure.
    pub left_behind: Vec<LeftBehind>,
    /// Why what was done could not be read again.
    #[serde(skip)]
    pub unverified: Option<StepFailure>,
}

impl Report {
    /// What `plan` would do.
    pub fn planned(plan: &Plan) -> Self {
        let steps = plan.steps.iter().map(|step| StepReport::not_run(step, StepStatus::Planned)).collect();
        let status = if plan.is_empty() { Status::Unchanged } else { Status::Planned };
        Self::assemble(plan, status, plan.workspace.as_ref().map(|workspace| workspace.id), steps, Vec::new())
    }

    /// What became of `plan`.
    pub(crate) fn assemble(
        plan: &Plan,
        status: Status,
        workspace: Option<Uuid>,
        mut steps: Vec<StepReport>,
        left_behind: Vec<LeftBehind>,
    ) -> Self {
        steps.extend(plan.unchanged.iter().map(|(key, id)| StepReport::unchanged(key, *id)));
        Self {
            status,
            transaction_id: None,
            reason: None,
            environment: plan.environment.clone(),
            workspace: ReportedWorkspace { id: workspace, name: plan.workspace_name.clone() },
            strategy: plan.chosen_strategy(),
            summary: Summary::of(&steps),
            steps,
            kept: plan.kept.clone(),
            left_behind,
            unverified: None,
        }
    }
}

/// What to do about an error of Fabric, by its code.
pub fn remedy(error_code: &str) -> Option<&'static str> {
    Some(match error_code {
        "WorkspaceHasNoCapacityAssigned" => {
            "assign the workspace to a capacity: set `capacity_id` in the configuration, or pass --capacity"
        }
        "CapacityNotInActiveState" => "resume the capacity in the Azure portal, or name an active one",
        "UnsupportedCapacitySKU" | "UnsupportedSku" => {
            "use a capacity of a SKU that supports Fabric items (F, P or trial)"
        }
        "InsufficientPrivileges" | "InsufficientWorkspaceRole" => {
            "give this identity a higher role in the workspace (deploying needs Contributor; roles and capacity need Admin)"
        }
        "InsufficientPermissionsOverCapacity" => "make this identity a contributor or administrator of the capacity",
        "Unauthorized" | "InvalidToken" => {
            "the token was refused: sign in to the tenant of this workspace, or give FABRIC_TOKEN one for this endpoint"
        }
        "TokenExpired" => {
            "sign in again: the token has expired and there was no newer one. A token in FABRIC_TOKEN cannot be renewed: \
             set it to a new one"
        }
        NO_TOKEN => "mend the credential: `fabric-cli health --only identity` says what it lacks",
        "PrincipalTypeNotSupported" => "this call does not accept a service principal: run it as a user",
        "PrincipalNotFound" => "check the object id in the principals file: the directory does not have it",
        "ItemDisplayNameAlreadyInUse" => {
            "another item of this type has the name: rename one, or let the tool take it over by its exact name"
        }
        "ItemDisplayNameNotAvailableYet" => "the name of a deleted item is still held: try again in some minutes",
        "WorkspaceNameAlreadyExists" => {
            "a workspace of this name exists and is not shared with this identity: ask its administrator for a role"
        }
        "WorkspaceItemsLimitExceeded" => "the workspace is full: delete items, or deploy to another workspace",
        "RequestBlocked" | "TooManyRequests" => {
            "the service throttles this identity: try again after the time it names"
        }
        _ => return None,
    })
}

/// Fabric's code, or this tool's own where there was no answer.
pub(crate) fn code_of(error: &fabric_client::Error) -> &str {
    error.error_code().unwrap_or(if error.is_without_token() { NO_TOKEN } else { "no-answer" })
}

/// The step failure that stands for `error`.
pub(crate) fn failure_of(error: &fabric_client::Error) -> StepFailure {
    let code = code_of(error);
    StepFailure {
        remedy: remedy(code),
        code: code.to_owned(),
        message: error_text(error),
        http_status: error.status(),
        outcome_unknown: error.is_ambiguous(),
        try_later: error.is_try_later(),
    }
}

/// The error and what caused it, in one line.
pub fn error_text(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        next = cause.source();
    }
    text
}

impl DeployError {
    /// Fabric's error, where this is one.
    pub fn fabric(&self) -> Option<&fabric_client::Error> {
        match self {
            Self::Fabric { source, .. } => Some(source),
            Self::Git(error) => error.fabric(),
            _ => None,
        }
    }
}
