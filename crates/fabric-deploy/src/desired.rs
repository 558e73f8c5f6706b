//! The state that the files describe, whichever front door they came through.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::content::{Content, Reference};
use crate::git::DesiredGit;
use crate::secret::{SecretReference, Secrets};
use crate::selection::Scope;

/// What an item is called inside its workspace: (type, display name).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ItemKey {
    /// The item type, such as `Notebook`. Unknown types are fine.
    #[serde(rename = "type")]
    pub item_type: String,
    /// The display name.
    pub name: String,
}

impl ItemKey {
    /// The item of this type and name.
    pub fn new(item_type: impl Into<String>, name: impl Into<String>) -> Self {
        Self { item_type: item_type.into(), name: name.into() }
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.name, self.item_type)
    }
}

/// A folder as the names from the workspace's root down to it. The root is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FolderPath(pub Vec<String>);

impl FolderPath {
    /// The root of the workspace.
    pub fn root() -> Self {
        Self::default()
    }

    /// Whether this is the root.
    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The folder that holds this one.
    pub fn parent(&self) -> Option<Self> {
        let (_, above) = self.0.split_last()?;
        Some(Self(above.to_vec()))
    }

    /// This folder's own name.
    pub fn name(&self) -> Option<&str> {
        self.0.last().map(String::as_str)
    }

    /// How many folders deep this is; the root is 0.
    pub fn depth(&self) -> usize {
        self.0.len()
    }
}

impl fmt::Display for FolderPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}", self.0.join("/"))
    }
}

/// Which workspace is deployed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceSelector {
    /// The workspace with this object id. It must exist.
    Id(uuid::Uuid),
    /// The workspace with this display name. It is created where it does not exist.
    Name(String),
}

/// The workspace itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredWorkspace {
    /// Which one.
    pub selector: WorkspaceSelector,
    /// Its description; `None` leaves what is there.
    pub description: Option<String>,
    /// The capacity it is assigned to; `None` leaves what is there.
    pub capacity_id: Option<uuid::Uuid>,
}

/// One file of an item's definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredPart {
    /// Its path inside the item, with `/`.
    pub path: String,
    /// Its content.
    pub content: Content,
    /// The file it was read from.
    pub source: PathBuf,
}

/// How an item's content is described.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredBody {
    /// Only the item's name and description: content is left alone. Lakehouses, warehouses, items of a product
    /// configuration without a source folder.
    Shell {
        /// What the create call carries beside the name, such as `{"enableSchemas": true}`.
        creation_payload: Option<serde_json::Value>,
    },
    /// A definition, without its `.platform` part.
    Definition {
        /// The definition format to name to the server, where it needs one.
        format: Option<String>,
        /// The parts, sorted by path.
        parts: Vec<DesiredPart>,
    },
}

/// Which shortcut of an item: the folder that holds it, without slashes around, and its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ShortcutKey {
    /// The folder that holds it, such as `Files/landing`.
    pub path: String,
    /// Its name.
    pub name: String,
}

impl ShortcutKey {
    /// The shortcut of this name in the folder at `path`.
    pub fn new(path: &str, name: impl Into<String>) -> Self {
        Self { path: path.trim_matches('/').to_owned(), name: name.into() }
    }
}

impl fmt::Display for ShortcutKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.path, self.name)
    }
}

/// A OneLake shortcut inside an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredShortcut {
    /// What it points to: a JSON object with `target`, and `transform` where there is one.
    pub content: Content,
    /// The file it was read from.
    pub source: PathBuf,
}

/// One item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredItem {
    /// Type and display name.
    pub key: ItemKey,
    /// Its description; `None` leaves what is there.
    pub description: Option<String>,
    /// The folder it lives in; `None` leaves it where it is (a new item goes to the root).
    pub folder: Option<FolderPath>,
    /// The id by which other files refer to it. Never sent to a workspace as an object id.
    pub logical_id: Option<uuid::Uuid>,
    /// Its content.
    pub body: DesiredBody,
    /// Items that must exist before this one, beside those its content refers to, such as the eventhouse of a
    /// KQL database.
    pub parents: Vec<ItemKey>,
    /// For a variable library: the value set to make active.
    pub active_value_set: Option<String>,
    /// The shortcuts inside it; `None` leaves those that are there alone.
    pub shortcuts: Option<BTreeMap<ShortcutKey, DesiredShortcut>>,
    /// Connections that its data sources shall use, once its definition is there.
    pub connections: Vec<DesiredConnection>,
    /// The objects that records say it was deployed as, in any workspace and under any name.
    pub deployed_as: Vec<uuid::Uuid>,
    /// The directory or configuration file that describes it, for messages.
    pub source: PathBuf,
}

/// A connection that a data source of an item shall use: the source that leads where the connection does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DesiredConnection {
    /// The connection's id.
    pub id: uuid::Uuid,
    /// Whether it is an error if the item has no such source. A default for many items is not required of each.
    pub required: bool,
}

/// A data source, as its item and the connections that lead there name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DataSource {
    /// Its kind, such as `SQL`.
    pub kind: String,
    /// Where it is.
    pub path: String,
}

impl DataSource {
    /// Whether both mean the same: kinds and paths are compared without regard to letter case and a slash at the end.
    pub fn is(&self, other: &Self) -> bool {
        let path = |source: &Self| source.path.trim_end_matches('/').to_lowercase();
        self.kind.eq_ignore_ascii_case(&other.kind) && path(self) == path(other)
    }
}

impl fmt::Display for DataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind, self.path)
    }
}

impl DesiredItem {
    /// The parts of its definition; none for an item that has only a name.
    pub fn parts(&self) -> &[DesiredPart] {
        match &self.body {
            DesiredBody::Definition { parts, .. } => parts,
            DesiredBody::Shell { .. } => &[],
        }
    }

    /// Everything of it that may refer to other items, each with the file that it was read from.
    pub fn contents(&self) -> impl Iterator<Item = (&Content, &PathBuf)> {
        let shortcuts = self.shortcuts.iter().flat_map(BTreeMap::values);
        let of_parts = self.parts().iter().map(|part| (&part.content, &part.source));
        of_parts.chain(shortcuts.map(|shortcut| (&shortcut.content, &shortcut.source)))
    }

    /// The other items of the same workspace that its content refers to.
    pub(crate) fn references_to_items(&self) -> impl Iterator<Item = &ItemKey> {
        let references = self.contents().flat_map(|(content, _)| content.references());
        references.filter_map(Reference::target_item).filter(|key| **key != self.key)
    }
}

/// What a principal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PrincipalType {
    /// A person.
    User,
    /// A security group.
    Group,
    /// An application.
    ServicePrincipal,
}

/// A workspace role, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum WorkspaceRole {
    /// May read.
    Viewer,
    /// May change items.
    Contributor,
    /// May change items and add members.
    Member,
    /// May do everything.
    Admin,
}

/// A role that a principal shall have in the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredRole {
    /// The principal's object id.
    pub principal: uuid::Uuid,
    /// What the principal is.
    pub principal_type: PrincipalType,
    /// The role it shall have.
    pub role: WorkspaceRole,
    /// Who that is, for messages.
    pub label: String,
}

/// Everything that the files ask for, free of errors, before anything is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DesiredState {
    /// The environment that parameters and configuration were read for.
    pub environment: String,
    /// The workspace.
    pub workspace: DesiredWorkspace,
    /// The items, by type and name.
    pub items: BTreeMap<ItemKey, DesiredItem>,
    /// Folders to have even where no item lives in them.
    pub extra_folders: Vec<FolderPath>,
    /// Roles to give. Principals that are not listed keep what they have.
    pub roles: Vec<DesiredRole>,
    /// What the deployment is not about.
    pub scope: Scope,
    /// Who gives the values of the secrets that content refers to.
    pub secrets: Secrets,
    /// The connection to Git; `None` leaves what is there.
    pub git: Option<DesiredGit>,
}

impl DesiredState {
    /// Every secret that content refers to, each once for every place where a file asks for it.
    pub fn secret_references(&self) -> BTreeSet<&SecretReference> {
        self.items.values().flat_map(DesiredItem::parts).flat_map(|part| part.content.secrets()).collect()
    }

    /// Every folder that holds an item or is asked for by itself, and every folder above it, parents first.
    pub fn folders(&self) -> Vec<FolderPath> {
        let mut folders = BTreeSet::new();
        let of_items = self.items.values().filter_map(|item| item.folder.as_ref());
        for folder in of_items.chain(&self.extra_folders) {
            let mut next = Some(folder.clone());
            while let Some(folder) = next {
                if folder.is_root() || !folders.insert(folder.clone()) {
                    break;
                }
                next = folder.parent();
            }
        }
        let mut folders: Vec<_> = folders.into_iter().collect();
        folders.sort_by_key(FolderPath::depth);
        folders
    }
}
