//! The items that a folder of a commit holds.

use uuid::Uuid;

use crate::api::definitions::{self, PLATFORM};
use crate::refusal::Refusal;
use crate::types::{self, ItemType};
use crate::world::blobs::Digest;
use crate::world::operation::Metadata;

/// An item as a commit holds it.
#[derive(Debug, Clone)]
pub(crate) struct RemoteItem {
    pub(crate) logical_id: Uuid,
    pub(crate) item_type: &'static ItemType,
    pub(crate) metadata: Metadata,
    /// The folders above the item, outermost first.
    pub(crate) folders: Vec<String>,
    /// Its folder in the repository.
    pub(crate) root: String,
    /// Path and content of each part, as the service stores them.
    pub(crate) parts: Vec<(String, Vec<u8>)>,
}

impl RemoteItem {
    /// What makes one version of an item differ from another.
    pub(crate) fn fingerprint(&self) -> Digest {
        let parts = self.parts.iter().map(|(path, content)| (path.clone(), Digest::of(content)));
        let description = self.metadata.description.as_deref().unwrap_or_default();
        fingerprint(self.item_type.name, &self.metadata.display_name, description, &self.folders, parts.collect())
    }
}

/// What makes one version of an item differ from another: its names, where it is, and its parts in any order.
pub(crate) fn fingerprint(
    item_type: &str,
    name: &str,
    description: &str,
    folders: &[String],
    mut parts: Vec<(String, Digest)>,
) -> Digest {
    parts.sort();
    let mut text = format!("{item_type}\0{name}\0{description}\0{}", folders.join("/"));
    for (path, digest) in parts {
        text.push('\0');
        text.push_str(&path);
        text.push('\0');
        text.push_str(&digest.0);
    }
    Digest::of(text.as_bytes())
}

/// Reads the items among the files below a folder.
pub(crate) fn read(files: &[(String, Vec<u8>)], folder: &str, normalised: bool) -> Result<Vec<RemoteItem>, Refusal> {
    let mut items: Vec<RemoteItem> = Vec::new();
    for (path, content) in files {
        let Some(root) = path.strip_suffix(PLATFORM).and_then(|root| root.strip_suffix('/')) else { continue };
        let platform = definitions::read_platform(content)?;
        let item_type = types::find(&platform.item_type)
            .ok_or_else(|| Refusal::bad("InvalidSystemFiles", format!("'{path}' names an unknown item type")))?;
        if items.iter().any(|item| item.logical_id == platform.logical_id) {
            return Err(Refusal::bad("DuplicateLogicalId", format!("The logical id of '{path}' is used twice")));
        }
        let inside = root.strip_prefix(folder).unwrap_or(root).trim_start_matches('/');
        let mut folders: Vec<String> = inside.split('/').map(str::to_owned).collect();
        folders.pop();
        let parts = files
            .iter()
            .filter_map(|(path, content)| {
                let part = path.strip_prefix(root)?.strip_prefix('/').filter(|part| *part != PLATFORM)?;
                Some((part.to_owned(), content.clone()))
            })
            .collect();
        items.push(RemoteItem {
            logical_id: platform.logical_id,
            item_type,
            metadata: platform.metadata,
            folders,
            root: root.to_owned(),
            parts: definitions::stored_form(parts, item_type, normalised),
        });
    }
    Ok(items)
}
