//! The state that the workspace is in.

mod attributes;
mod connections;
mod definitions;
mod items;
mod read;
mod shortcuts;

use std::collections::{BTreeMap, HashMap};

use fabric_client::{Connection, ItemConnection, ItemDefinition, PublishState};
use serde_json::Value;
use uuid::Uuid;

pub(crate) use attributes::{AttributeWait, read_attribute, spark_pool};
pub(crate) use connections::source_of;
pub(crate) use definitions::{WantedDefinition, read_definitions};
pub use items::Items;
pub use read::{ReadOptions, find_workspace, list, look_up, read};
pub(crate) use read::{folders, role};
pub(crate) use shortcuts::content as shortcut_content;

use crate::content::Reference;
use crate::desired::{FolderPath, ItemKey, ShortcutKey, WorkspaceRole};
use crate::git::ActualGit;

/// The workspace as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualWorkspace {
    /// Its object id.
    pub id: Uuid,
    /// Its display name.
    pub name: String,
    /// Its description; empty where it has none.
    pub description: String,
    /// The capacity it is assigned to.
    pub capacity_id: Option<Uuid>,
}

/// An item as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualItem {
    /// Its object id.
    pub id: Uuid,
    /// Type and display name.
    pub key: ItemKey,
    /// Its description; empty where it has none.
    pub description: String,
    /// The folder it is in.
    pub folder: FolderPath,
}

/// A role that a principal has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActualRole {
    /// The assignment's id.
    pub assignment_id: Uuid,
    /// The principal.
    pub principal: Uuid,
    /// Its role; `None` for a role that this version does not know.
    pub role: Option<WorkspaceRole>,
}

/// Everything that was read.
#[derive(Debug, Clone, Default)]
pub struct ActualState {
    /// The workspace; `None` where it does not exist yet.
    pub workspace: Option<ActualWorkspace>,
    /// Its folders.
    pub folders: BTreeMap<FolderPath, Uuid>,
    /// Its items, child items among them.
    pub items: Items,
    /// Its role assignments; empty where none were asked for.
    pub roles: Vec<ActualRole>,
    /// The definitions that were asked for and could be read.
    pub definitions: HashMap<Uuid, ItemDefinition>,
    /// The active value set of each variable library that was asked for.
    pub value_sets: HashMap<Uuid, String>,
    /// The publish state of each environment that was asked for.
    pub environments: HashMap<Uuid, PublishState>,
    /// The shortcuts inside each item whose shortcuts were asked for, and what they point to.
    pub shortcuts: HashMap<Uuid, BTreeMap<ShortcutKey, Value>>,
    /// The connection to Git, where the files ask for one.
    pub git: Option<ActualGit>,
    /// The data sources of each item whose connections were asked for, and the connections they use.
    pub sources: HashMap<Uuid, Vec<ItemConnection>>,
    /// Where the connections that were asked for lead.
    pub connections: HashMap<Uuid, Connection>,
    /// Values of references that could be read: ids and attributes of things that exist.
    pub values: HashMap<Reference, String>,
}
