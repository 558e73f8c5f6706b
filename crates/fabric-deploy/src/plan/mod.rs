//! What has to change: a graph of steps from the actual to the desired state.

mod build;
mod compare;
mod connections;
mod fingerprint;
mod graph;
mod saved;
mod shortcuts;
mod strategy;

use fabric_client::{GitCredentials, GitProviderDetails};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

pub use build::build;
pub use fingerprint::desired_fingerprint;
pub use saved::{PlanInputs, SavedPlan};
pub(crate) use strategy::by_item;
pub use strategy::{ChosenStrategy, Import, Strategy};

use crate::actual::ActualWorkspace;
use crate::desired::{DataSource, FolderPath, ItemKey, PrincipalType, ShortcutKey, WorkspaceRole};
use crate::git::ReplacedGit;
use crate::item_type;

/// Limits on what a plan may delete, and how it writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlanOptions {
    /// Delete items and empty folders that the files do not have.
    pub prune: bool,
    /// Delete also those that hold data.
    pub prune_data: bool,
    /// How many items may be deleted.
    pub max_delete: usize,
    /// How items are written.
    pub strategy: Strategy,
}

impl Default for PlanOptions {
    fn default() -> Self {
        Self { prune: false, prune_data: false, max_delete: 10, strategy: Strategy::default() }
    }
}

/// What happens to a part of a definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PartAction {
    /// The workspace does not have it.
    Add,
    /// The files do not have it.
    Remove,
    /// Both have it, with different meaning.
    Change,
}

/// One part of a definition that differs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PartChange {
    /// Its path inside the item.
    pub path: String,
    /// What happens to it.
    pub action: PartAction,
    /// A unified diff, where the part is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub diff: Option<String>,
}

/// An old value and a new one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced<T> {
    /// What is there.
    pub from: T,
    /// What shall be there.
    pub to: T,
}

/// What a data source uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Binding {
    /// The connection; `None` where the source connects by itself, or not at all.
    pub connection: Option<Uuid>,
    /// How it connects, such as `ShareableCloud` or `Automatic`.
    pub connectivity_type: Option<String>,
}

/// One change to the workspace. It serialises without the content of definitions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Change {
    /// Create the workspace, on the capacity if one is named.
    CreateWorkspace {
        /// Its display name.
        name: String,
        /// Its description.
        description: Option<String>,
        /// Its capacity.
        capacity_id: Option<Uuid>,
    },
    /// Give the workspace another description.
    DescribeWorkspace {
        /// The descriptions.
        description: Replaced<String>,
    },
    /// Assign the workspace to a capacity.
    AssignCapacity {
        /// The capacities.
        capacity_id: Replaced<Option<Uuid>>,
    },
    /// Create a folder.
    CreateFolder {
        /// The folder.
        path: FolderPath,
    },
    /// Delete an empty folder.
    DeleteFolder {
        /// The folder.
        path: FolderPath,
        /// Its id.
        id: Uuid,
    },
    /// Create an item with its content.
    CreateItem {
        /// The item.
        key: ItemKey,
        /// The folder it is created in.
        folder: FolderPath,
        /// The id by which the files know it, so that a later deployment recognises it under another name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        logical_id: Option<Uuid>,
    },
    /// Replace an item's definition.
    UpdateDefinition {
        /// The item.
        key: ItemKey,
        /// Its id.
        id: Uuid,
        /// What differs. Empty where the definition could not be read for comparison.
        #[serde(skip)]
        parts: Vec<PartChange>,
    },
    /// Give an item another name or description.
    UpdateMetadata {
        /// The item.
        key: ItemKey,
        /// Its id.
        id: Uuid,
        /// The names, if they differ (in letter case).
        name: Option<Replaced<String>>,
        /// The descriptions, if they differ.
        description: Option<Replaced<String>>,
    },
    /// Move an item to another folder.
    MoveItem {
        /// The item.
        key: ItemKey,
        /// Its id.
        id: Uuid,
        /// The folders.
        folder: Replaced<FolderPath>,
    },
    /// Delete an item.
    DeleteItem {
        /// The item.
        key: ItemKey,
        /// Its id.
        id: Uuid,
        /// Its description.
        description: String,
        /// The folder it is in.
        folder: FolderPath,
    },
    /// Give a principal a role.
    AddRole {
        /// The principal.
        principal: Uuid,
        /// What it is.
        principal_type: PrincipalType,
        /// Who it is, for people.
        label: String,
        /// The role.
        role: WorkspaceRole,
    },
    /// Give a principal another role.
    ChangeRole {
        /// The principal.
        principal: Uuid,
        /// Its assignment.
        assignment_id: Uuid,
        /// Who it is, for people.
        label: String,
        /// The roles.
        role: Replaced<Option<WorkspaceRole>>,
    },
    /// Publish the staged libraries and settings of an environment.
    PublishEnvironment {
        /// The environment.
        key: ItemKey,
    },
    /// Make the connection that signs in to the Git provider.
    CreateGitConnection {
        /// What it is called.
        name: String,
        /// The repository that it leads to, with branch and folder.
        provider: GitProviderDetails,
    },
    /// Connect the workspace to a branch.
    ConnectGit {
        /// What to connect to.
        provider: GitProviderDetails,
        /// How to sign in there; `None`: with the connection that a step before this one makes.
        credentials: Option<GitCredentials>,
        /// What the workspace is connected to instead.
        from: Option<ReplacedGit>,
    },
    /// Commit what the workspace holds to its branch.
    CommitToGit {
        /// What the commit says.
        comment: String,
        /// Whether items that the workspace does not have go from the branch.
        deletions: bool,
    },
    /// Make a value set of a variable library the active one.
    SetActiveValueSet {
        /// The variable library.
        key: ItemKey,
        /// The value sets.
        value_set: Replaced<Option<String>>,
    },
    /// Let a data source of an item use a connection.
    BindConnection {
        /// The item.
        key: ItemKey,
        /// The connection.
        connection: Uuid,
        /// The data source that leads where the connection does.
        source: DataSource,
        /// What the data source uses so far; `None` where it is not known because the item or its content is new.
        from: Option<Binding>,
        /// Whether it is an error if the item has no such source.
        required: bool,
    },
    /// Create a shortcut inside an item, or point it elsewhere.
    WriteShortcut {
        /// The item that holds it.
        key: ItemKey,
        /// The shortcut.
        shortcut: ShortcutKey,
        /// What it points to so far, if it is there.
        from: Option<Value>,
    },
    /// Delete a shortcut; what it points to stays.
    DeleteShortcut {
        /// The item that holds it.
        key: ItemKey,
        /// The shortcut.
        shortcut: ShortcutKey,
        /// What it points to.
        from: Value,
    },
}

/// What a change does, in the words of the result document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Something new.
    Create,
    /// Something else than before.
    Update,
    /// Somewhere else than before.
    Move,
    /// No longer there.
    Delete,
    /// As it was.
    Unchanged,
}

/// What a change is about, in the words of the result document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The workspace itself.
    Workspace,
    /// The workspace's capacity.
    Capacity,
    /// A folder.
    Folder,
    /// An item.
    Item,
    /// A role assignment.
    RoleAssignment,
    /// The published state of an environment.
    EnvironmentPublish,
    /// The active value set of a variable library.
    ActiveValueSet,
    /// The connection that a data source of an item uses.
    Connection,
    /// A shortcut inside an item.
    Shortcut,
    /// The connection that signs in to a Git provider.
    GitCredentials,
    /// The workspace's connection to Git.
    GitConnection,
    /// A commit of the workspace.
    GitCommit,
}

impl Change {
    /// What it does.
    pub fn action(&self) -> Action {
        match self {
            Self::CreateWorkspace { .. }
            | Self::CreateFolder { .. }
            | Self::CreateItem { .. }
            | Self::AddRole { .. }
            | Self::WriteShortcut { from: None, .. }
            | Self::CreateGitConnection { .. }
            | Self::ConnectGit { from: None, .. }
            | Self::CommitToGit { .. } => Action::Create,
            Self::MoveItem { .. } => Action::Move,
            Self::DeleteFolder { .. } | Self::DeleteItem { .. } | Self::DeleteShortcut { .. } => Action::Delete,
            Self::DescribeWorkspace { .. }
            | Self::AssignCapacity { .. }
            | Self::UpdateDefinition { .. }
            | Self::UpdateMetadata { .. }
            | Self::ChangeRole { .. }
            | Self::PublishEnvironment { .. }
            | Self::SetActiveValueSet { .. }
            | Self::BindConnection { .. }
            | Self::WriteShortcut { from: Some(_), .. }
            | Self::ConnectGit { .. } => Action::Update,
        }
    }

    /// Whether nothing can undo it: data is deleted with the item, or others may have seen the commit.
    pub fn is_irreversible(&self) -> bool {
        matches!(self, Self::CommitToGit { .. })
            || matches!(self, Self::DeleteItem { key, .. } if item_type::holds_data(&key.item_type))
    }

    /// What it is about.
    pub fn kind(&self) -> Kind {
        match self {
            Self::CreateWorkspace { .. } | Self::DescribeWorkspace { .. } => Kind::Workspace,
            Self::AssignCapacity { .. } => Kind::Capacity,
            Self::CreateFolder { .. } | Self::DeleteFolder { .. } => Kind::Folder,
            Self::CreateItem { .. }
            | Self::UpdateDefinition { .. }
            | Self::UpdateMetadata { .. }
            | Self::MoveItem { .. }
            | Self::DeleteItem { .. } => Kind::Item,
            Self::AddRole { .. } | Self::ChangeRole { .. } => Kind::RoleAssignment,
            Self::PublishEnvironment { .. } => Kind::EnvironmentPublish,
            Self::SetActiveValueSet { .. } => Kind::ActiveValueSet,
            Self::BindConnection { .. } => Kind::Connection,
            Self::WriteShortcut { .. } | Self::DeleteShortcut { .. } => Kind::Shortcut,
            Self::CreateGitConnection { .. } => Kind::GitCredentials,
            Self::ConnectGit { .. } => Kind::GitConnection,
            Self::CommitToGit { .. } => Kind::GitCommit,
        }
    }

    /// The item it is about.
    pub fn item(&self) -> Option<&ItemKey> {
        match self {
            Self::CreateItem { key, .. }
            | Self::UpdateDefinition { key, .. }
            | Self::UpdateMetadata { key, .. }
            | Self::MoveItem { key, .. }
            | Self::DeleteItem { key, .. }
            | Self::PublishEnvironment { key }
            | Self::SetActiveValueSet { key, .. }
            | Self::BindConnection { key, .. }
            | Self::WriteShortcut { key, .. }
            | Self::DeleteShortcut { key, .. } => Some(key),
            _ => None,
        }
    }

    /// What of the item it is about, where it is not about the item as a whole.
    pub fn place(&self) -> Option<String> {
        match self {
            Self::WriteShortcut { shortcut, .. } | Self::DeleteShortcut { shortcut, .. } => Some(shortcut.to_string()),
            Self::BindConnection { source, .. } => Some(source.to_string()),
            _ => None,
        }
    }

    /// A name that is unique in a plan and the same in every plan that has this change.
    pub(crate) fn step_id(&self) -> String {
        match self {
            Self::CreateWorkspace { .. } => "workspace/create".to_owned(),
            Self::DescribeWorkspace { .. } => "workspace/describe".to_owned(),
            Self::AssignCapacity { .. } => "workspace/assign-capacity".to_owned(),
            Self::CreateFolder { path } => format!("folder{path}/create"),
            Self::DeleteFolder { path, .. } => format!("folder{path}/delete"),
            Self::CreateItem { key, .. } => format!("item/{key}/create"),
            Self::UpdateDefinition { key, .. } => format!("item/{key}/definition"),
            Self::UpdateMetadata { key, .. } => format!("item/{key}/metadata"),
            Self::MoveItem { key, .. } => format!("item/{key}/move"),
            Self::DeleteItem { key, id, .. } => format!("item/{key}/{id}/delete"),
            Self::AddRole { principal, .. } => format!("role/{principal}/add"),
            Self::ChangeRole { principal, .. } => format!("role/{principal}/change"),
            Self::PublishEnvironment { key } => format!("item/{key}/publish"),
            Self::SetActiveValueSet { key, .. } => format!("item/{key}/value-set"),
            Self::BindConnection { key, connection, .. } => format!("item/{key}/connection/{connection}"),
            Self::WriteShortcut { key, shortcut, .. } => format!("item/{key}/shortcut/{shortcut}/write"),
            Self::DeleteShortcut { key, shortcut, .. } => format!("item/{key}/shortcut/{shortcut}/delete"),
            Self::CreateGitConnection { .. } => "git/credentials".to_owned(),
            Self::ConnectGit { .. } => "git/connect".to_owned(),
            Self::CommitToGit { .. } => "git/commit".to_owned(),
        }
    }

    /// What it is called, for people.
    pub fn subject(&self) -> String {
        match self {
            Self::CreateWorkspace { name, .. } => name.clone(),
            Self::DescribeWorkspace { .. } => "description".to_owned(),
            Self::AssignCapacity { capacity_id } => {
                capacity_id.to.map_or_else(|| "none".to_owned(), |id| id.to_string())
            }
            Self::CreateFolder { path } | Self::DeleteFolder { path, .. } => path.to_string(),
            Self::AddRole { label, .. } | Self::ChangeRole { label, .. } => label.clone(),
            Self::CreateGitConnection { name, .. } => name.clone(),
            Self::ConnectGit { provider, .. } => provider.to_string(),
            Self::CommitToGit { comment, .. } => comment.clone(),
            Self::CreateItem { key, .. }
            | Self::UpdateDefinition { key, .. }
            | Self::UpdateMetadata { key, .. }
            | Self::MoveItem { key, .. }
            | Self::DeleteItem { key, .. }
            | Self::PublishEnvironment { key }
            | Self::SetActiveValueSet { key, .. }
            | Self::BindConnection { key, .. }
            | Self::WriteShortcut { key, .. }
            | Self::DeleteShortcut { key, .. } => key.name.clone(),
        }
    }
}

/// A change and what must be done before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedStep {
    /// What the change does and to what: unique in its plan, and the same whenever that change is planned.
    pub id: String,
    /// The change.
    pub change: Change,
    /// Positions in [`Plan::steps`] of the steps that must be done first; all are smaller than this step's own.
    pub after: Vec<usize>,
}

/// An item, or a shortcut inside one, that the files do not have and that stays all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KeptItem {
    /// The item.
    pub key: ItemKey,
    /// Its id.
    pub id: Uuid,
    /// The shortcut inside it, where that is what stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shortcut: Option<ShortcutKey>,
    /// Why it stays.
    pub reason: KeepReason,
}

/// Why an item that the files do not have stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeepReason {
    /// The deployment is not about it.
    NotSelected,
    /// `--prune` was not given.
    NotPruned,
    /// It holds data, and `--prune-data` was not given.
    HoldsData,
}

/// The whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// The environment it was made for.
    pub environment: String,
    /// The workspace as it is; `None` where it will be created.
    pub workspace: Option<ActualWorkspace>,
    /// The name of the workspace, existing or to be created.
    pub workspace_name: String,
    /// The changes, each after everything it depends on.
    pub steps: Vec<PlannedStep>,
    /// Items that are as they shall be.
    pub unchanged: Vec<(ItemKey, Uuid)>,
    /// Items that the files do not have and that stay.
    pub kept: Vec<KeptItem>,
    /// How items shall be written.
    pub strategy: Strategy,
    /// Which of them go in bulk imports.
    pub imports: Vec<Import>,
}

impl Plan {
    /// Whether an item is created while one of its type is there that the files do not have: that may be the same item
    /// under an earlier name.
    pub fn may_rename(&self) -> bool {
        let left_over = |item_type: &str| {
            let kept = self.kept.iter().map(|kept| &kept.key);
            let deleted = self.steps.iter().filter_map(|step| match &step.change {
                Change::DeleteItem { key, .. } => Some(key),
                _ => None,
            });
            kept.chain(deleted).any(|key| key.item_type == item_type)
        };
        self.steps.iter().any(|step| {
            matches!(&step.change, Change::CreateItem { key, logical_id: Some(_), .. } if left_over(&key.item_type))
        })
    }

    /// Whether nothing has to change.
    pub fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }
}
