//! The files of an exported workspace.

use std::collections::HashMap;
use std::path::{Component, Path};

use serde_json::json;
use uuid::Uuid;

use crate::actual::ActualItem;
use crate::error::DeployError;

/// An export never mixes with what is there.
pub(super) fn require_empty(directory: &Path) -> Result<(), DeployError> {
    let file_error = |source| DeployError::File { path: directory.to_owned(), source };
    match std::fs::read_dir(directory) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(file_error(std::io::Error::other("the directory is not empty: name a new one"))),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(file_error(error)),
    }
}

/// `Folder/Name.Type`, made unique where two items would share it.
pub(super) fn directory_of(item: &ActualItem, taken: &mut HashMap<String, usize>) -> String {
    let mut names: Vec<String> = item.folder.0.iter().map(|name| file_name(name)).collect();
    names.push(format!("{}.{}", file_name(&item.key.name), item.key.item_type));
    let path = names.join("/");
    let count = taken.entry(path.to_lowercase()).or_insert(0);
    *count += 1;
    if *count == 1 {
        path
    } else {
        format!("{}/{} ({count}).{}", parent(&path), file_name(&item.key.name), item.key.item_type)
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(parent, _)| parent)
}

/// Characters that some file system refuses become `_`: the item's name is in `.platform`.
fn file_name(name: &str) -> String {
    let safe: String = name
        .chars()
        .map(|character| if character.is_control() || "/\\:*?\"<>|".contains(character) { '_' } else { character })
        .collect();
    if safe.chars().all(|character| character == '.') { "_".repeat(safe.len().max(1)) } else { safe }
}

/// The `.platform` file of an item.
pub(super) fn platform(item: &ActualItem, logical_id: Uuid) -> Vec<u8> {
    let mut metadata = json!({ "type": item.key.item_type, "displayName": item.key.name });
    if !item.description.is_empty() {
        metadata["description"] = json!(item.description);
    }
    let platform = json!({
        "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
        "metadata": metadata,
        "config": { "version": "2.0", "logicalId": logical_id },
    });
    let mut bytes = serde_json::to_vec_pretty(&platform).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Writes the parts of an item below `directory`. A part whose path would leave it is refused.
#[expect(clippy::disallowed_methods, reason = "this room owns the exported files")]
pub(super) fn item(directory: &Path, parts: &[(String, Vec<u8>)]) -> Result<(), DeployError> {
    for (path, bytes) in parts {
        let relative = Path::new(path);
        let file = directory.join(relative);
        let file_error = |source| DeployError::File { path: file.clone(), source };
        if !relative.components().all(|component| matches!(component, Component::Normal(_))) {
            return Err(file_error(std::io::Error::other("the service named a part outside of the item's directory")));
        }
        if let Some(parent) = file.parent() {
            std::fs::create_dir_all(parent).map_err(file_error)?;
        }
        std::fs::write(&file, bytes).map_err(file_error)?;
    }
    Ok(())
}
