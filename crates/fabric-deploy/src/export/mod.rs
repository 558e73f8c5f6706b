//! Writes a workspace as a folder in Fabric's Git format.
//!
//! What the folder holds can be deployed into another workspace: ids of the exported items are written as their
//! logical ids, and the workspace's own id in the members that hold one as zeros, so that the deployment puts in the
//! ids of the workspace it goes to.

mod rewrite;
mod write;

use std::collections::HashMap;
use std::path::Path;

use fabric_client::{Client, ItemDefinition};
use serde::Serialize;
use uuid::Uuid;

use crate::actual::{ActualItem, WantedDefinition, find_workspace, list, read_definitions};
use crate::desired::{ItemKey, WorkspaceSelector};
use crate::error::{DeployError, WhileTrying};
use crate::logical_id;

/// An item that was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExportedItem {
    /// The item.
    #[serde(flatten)]
    pub key: ItemKey,
    /// Its object id.
    pub id: Uuid,
    /// Its directory, below the folder that was asked for.
    pub directory: String,
    /// How many parts were written, `.platform` among them.
    pub parts: usize,
    /// Whether the service gives a definition for this type. Where it does not, only `.platform` was written.
    pub has_definition: bool,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// The workspace.
    pub workspace_id: Uuid,
    /// The items, by directory.
    pub items: Vec<ExportedItem>,
}

/// Writes the workspace that `selector` means below `directory`, which must be empty or not exist yet.
pub async fn export(
    client: &Client,
    selector: &WorkspaceSelector,
    directory: &Path,
    concurrency: usize,
) -> Result<Exported, DeployError> {
    write::require_empty(directory)?;
    let Some(workspace_id) = find_workspace(client, selector).await? else {
        let selector = match selector {
            WorkspaceSelector::Id(id) => id.to_string(),
            WorkspaceSelector::Name(name) => format!("\"{name}\""),
        };
        return Err(DeployError::WorkspaceNotFound { selector });
    };
    let handle = client.workspace(workspace_id);
    let items = list(&handle).await.while_trying(|| "list the items of the workspace".to_owned())?;
    let own: Vec<&ActualItem> = items.iter().filter(|item| !items.is_child(item)).collect();
    let wanted: Vec<_> = own.iter().map(|item| WantedDefinition { id: item.id, format: None }).collect();
    let mut definitions = read_definitions(&handle, &wanted, concurrency).await?;
    let logical_ids: HashMap<Uuid, Uuid> = own.iter().map(|item| (item.id, logical_id::of_object(item.id))).collect();
    let rewrite = rewrite::Rewrite::new(workspace_id, &logical_ids)?;
    let mut taken = HashMap::new();
    let mut exported = Vec::with_capacity(own.len());
    for item in own {
        let definition = definitions.remove(&item.id);
        let has_definition = definition.is_some();
        let parts = parts_of(item, definition, &rewrite);
        let relative = write::directory_of(item, &mut taken);
        write::item(&directory.join(&relative), &parts)?;
        exported.push(ExportedItem {
            key: item.key.clone(),
            id: item.id,
            directory: relative,
            parts: parts.len(),
            has_definition,
        });
    }
    exported.sort_by(|a, b| a.directory.cmp(&b.directory));
    Ok(Exported { workspace_id, items: exported })
}

fn parts_of(
    item: &ActualItem,
    definition: Option<ItemDefinition>,
    rewrite: &rewrite::Rewrite,
) -> Vec<(String, Vec<u8>)> {
    let mut parts = vec![(".platform".to_owned(), write::platform(item, logical_id::of_object(item.id)))];
    for part in definition.into_iter().flat_map(|definition| definition.parts) {
        if part.path != ".platform" {
            let bytes = rewrite.apply(&part.payload);
            parts.push((part.path, bytes));
        }
    }
    parts
}
