//! No two items of a folder share an id or a name.

use std::collections::BTreeMap;

use super::tree::SourceItem;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::item_type;

/// Reports items that share a `logicalId`, or a type and display name, at every place where it occurs.
pub(super) fn check(items: &[SourceItem], diagnostics: &mut Diagnostics) {
    let mut by_id: BTreeMap<_, Vec<&SourceItem>> = BTreeMap::new();
    let mut by_name: BTreeMap<_, Vec<&SourceItem>> = BTreeMap::new();
    for item in items {
        if let Some(id) = item.platform.logical_id {
            by_id.entry(id).or_default().push(item);
        }
        let key = &item.platform.key;
        // The service tells names of its own types apart without regard to case; Power BI's types keep it.
        let name =
            if item_type::allows_equal_names(&key.item_type) { key.name.clone() } else { key.name.to_lowercase() };
        by_name.entry((key.item_type.clone(), name)).or_default().push(item);
    }
    for (id, sharing) in by_id.into_iter().filter(|(_, sharing)| sharing.len() > 1) {
        for item in &sharing {
            let message = format!("the logicalId {id} is also used by {}", others(item, &sharing));
            let place = Place::line(item.platform_path(), item.platform.logical_id_line);
            diagnostics.push(
                Diagnostic::error("duplicate-logical-id", message)
                    .at(place)
                    .remedy("Give the copied item a new GUID, and change the files that shall refer to it."),
            );
        }
    }
    for sharing in by_name.into_values().filter(|sharing| sharing.len() > 1) {
        for item in &sharing {
            let message = format!("{} is also described by {}", item.platform.key, others(item, &sharing));
            diagnostics.push(
                Diagnostic::error("duplicate-item", message)
                    .at(Place::file(item.platform_path()))
                    .remedy("Rename one of them: type and display name identify an item, whatever its folder."),
            );
        }
    }
}

fn others(item: &SourceItem, sharing: &[&SourceItem]) -> String {
    let others = sharing.iter().filter(|other| other.path != item.path);
    others.map(|other| other.platform_path().display().to_string()).collect::<Vec<_>>().join(", ")
}
