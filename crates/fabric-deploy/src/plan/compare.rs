//! How one item differs from what is there.

use std::collections::HashMap;

use fabric_client::ItemDefinition;

use super::{PartAction, PartChange};
use crate::actual::ActualState;
use crate::canonical;
use crate::content::Reference;
use crate::desired::DesiredPart;
use crate::secret::{Secrets, Veil};

/// What `desired` changes in `definition`. References without a value yet appear in diffs as what they stand for, and
/// secrets always do.
pub(super) fn part_changes(
    item_type: &str,
    desired: &[DesiredPart],
    definition: &ItemDefinition,
    actual: &ActualState,
    secrets: &Secrets,
) -> Vec<PartChange> {
    let mut actual_parts: HashMap<&str, &[u8]> = definition
        .parts
        .iter()
        .filter(|part| part.path != ".platform")
        .map(|part| (part.path.as_str(), part.payload.as_ref()))
        .collect();
    let veil = secrets.shown();
    let mut changes = Vec::new();
    for part in desired {
        let action = match actual_parts.remove(part.path.as_str()) {
            None => PartAction::Add,
            Some(before) if is_same(item_type, part, before, actual, secrets) => continue,
            Some(before) => {
                let diff = change_shown(part, before, actual, &veil);
                changes.push(PartChange { path: part.path.clone(), action: PartAction::Change, diff });
                continue;
            }
        };
        let diff = canonical::unified_diff(&part.path, b"", &shown(part, actual));
        changes.push(PartChange { path: part.path.clone(), action, diff });
    }
    let mut left: Vec<_> =
        actual_parts.into_iter().filter(|(path, _)| !canonical::added_by_server(item_type, path)).collect();
    left.sort_unstable_by_key(|(path, _)| *path);
    changes.extend(left.into_iter().map(|(path, before)| PartChange {
        path: path.to_owned(),
        action: PartAction::Remove,
        diff: canonical::unified_diff(path, &veil.shown(before), b""),
    }));
    changes
}

/// Whether `part` means the same as `found`, secrets included.
pub(super) fn is_same(
    item_type: &str,
    part: &DesiredPart,
    found: &[u8],
    actual: &ActualState,
    secrets: &Secrets,
) -> bool {
    let value = |reference: &Reference| match reference {
        Reference::Secret(secret) => secrets.planned(secret),
        _ => actual.values.get(reference).cloned(),
    };
    match part.content.resolve(value) {
        Ok(bytes) => canonical::same(item_type, &part.path, &bytes, found),
        // What has no value yet is not there yet.
        Err(_) => canonical::same(item_type, &part.path, &shown(part, actual), found),
    }
}

/// The diff of a part. Where it has a secret, what is there may have an older value of it, which nobody can tell from
/// other text: so that diff is not shown.
fn change_shown(part: &DesiredPart, before: &[u8], actual: &ActualState, veil: &Veil) -> Option<String> {
    let secrets = part.content.secrets();
    if secrets.is_empty() {
        return canonical::unified_diff(&part.path, &veil.shown(before), &shown(part, actual));
    }
    let mut names: Vec<_> = secrets.into_iter().map(ToString::to_string).collect();
    names.dedup();
    Some(format!("not shown, because this part has {}\n", names.join(", ")))
}

/// The part for people: values where they are known and no secret, references elsewhere.
fn shown(part: &DesiredPart, actual: &ActualState) -> Vec<u8> {
    let value =
        |reference: &Reference| Some(actual.values.get(reference).cloned().unwrap_or_else(|| reference.to_string()));
    part.content.resolve(value).unwrap_or_default().into_owned()
}
