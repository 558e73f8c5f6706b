//! How one item differs from what is there.

use std::collections::HashMap;

use fabric_client::ItemDefinition;

use super::{PartAction, PartChange};
use crate::canonical;
use crate::content::Reference;
use crate::desired::DesiredPart;

/// What `desired` changes in `actual`. References without a value yet appear in diffs as what they stand for.
pub(super) fn part_changes(
    item_type: &str,
    desired: &[DesiredPart],
    actual: &ItemDefinition,
    values: &HashMap<Reference, String>,
) -> Vec<PartChange> {
    let mut actual_parts: HashMap<&str, &[u8]> = actual
        .parts
        .iter()
        .filter(|part| part.path != ".platform")
        .map(|part| (part.path.as_str(), part.payload.as_ref()))
        .collect();
    let mut changes = Vec::new();
    for part in desired {
        let bytes = match part.content.resolve(|reference| values.get(reference).cloned()) {
            Ok(bytes) => bytes,
            Err(_) => part
                .content
                .resolve(|reference| Some(values.get(reference).cloned().unwrap_or_else(|| reference.to_string())))
                .unwrap_or_default(),
        };
        match actual_parts.remove(part.path.as_str()) {
            None => changes.push(PartChange {
                path: part.path.clone(),
                action: PartAction::Add,
                diff: canonical::unified_diff(&part.path, b"", &bytes),
            }),
            Some(before) if !canonical::same(item_type, &part.path, &bytes, before) => changes.push(PartChange {
                path: part.path.clone(),
                action: PartAction::Change,
                diff: canonical::unified_diff(&part.path, before, &bytes),
            }),
            Some(_) => {}
        }
    }
    let mut left: Vec<_> =
        actual_parts.into_iter().filter(|(path, _)| !canonical::added_by_server(item_type, path)).collect();
    left.sort_unstable_by_key(|(path, _)| *path);
    changes.extend(left.into_iter().map(|(path, before)| PartChange {
        path: path.to_owned(),
        action: PartAction::Remove,
        diff: canonical::unified_diff(path, before, b""),
    }));
    changes
}
