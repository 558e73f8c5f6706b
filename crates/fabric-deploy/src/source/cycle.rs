//! Items that refer to each other in a ring cannot be deployed: none of them could come first.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::desired::{DesiredBody, DesiredItem, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

type Edges<'a> = BTreeMap<&'a ItemKey, BTreeMap<&'a ItemKey, &'a PathBuf>>;

/// Reports every ring of references among `items`, and every item that refers to itself: the id of a new item is not
/// known while its definition is written, and no definition that is known needs it.
pub(super) fn check(items: &BTreeMap<ItemKey, DesiredItem>, diagnostics: &mut Diagnostics) {
    let edges = edges(items);
    let mut finished = BTreeSet::new();
    for start in edges.keys() {
        // The path from `start` to where the search is, each item with the neighbours it has not visited yet.
        let mut path = Vec::new();
        let mut on_path = BTreeSet::new();
        let mut next = Some(*start).filter(|start| !finished.contains(start));
        while let Some(item) = next.take().or_else(|| path.last().map(|(item, _)| *item)) {
            if on_path.insert(item) {
                let neighbours: Vec<_> = edges.get(item).map(|to| to.keys().copied().collect()).unwrap_or_default();
                path.push((item, neighbours.into_iter()));
            }
            let Some((_, neighbours)) = path.last_mut() else { break };
            match neighbours.next() {
                Some(neighbour) if on_path.contains(neighbour) => {
                    let ring: Vec<_> = path.iter().map(|(item, _)| *item).skip_while(|on| *on != neighbour).collect();
                    diagnostics.push(finding(&ring, &edges));
                }
                Some(neighbour) if !finished.contains(neighbour) => next = Some(neighbour),
                Some(_) => {}
                None => {
                    path.pop();
                    on_path.remove(item);
                    finished.insert(item);
                }
            }
        }
    }
}

/// Which item needs which, and the file that says so.
fn edges(items: &BTreeMap<ItemKey, DesiredItem>) -> Edges<'_> {
    let mut edges = Edges::new();
    for item in items.values() {
        let needed = edges.entry(&item.key).or_default();
        for parent in &item.parents {
            needed.insert(parent, &item.source);
        }
        if let DesiredBody::Definition { parts, .. } = &item.body {
            for part in parts {
                for key in part.content.references().into_iter().filter_map(|reference| reference.target_item()) {
                    needed.entry(key).or_insert(&part.source);
                }
            }
        }
    }
    edges
}

fn finding(ring: &[&ItemKey], edges: &Edges<'_>) -> Diagnostic {
    let following = ring.iter().cycle().skip(1);
    let mut files = Vec::new();
    for (item, next) in ring.iter().zip(following) {
        files.extend(edges.get(item).and_then(|to| to.get(next)).copied());
    }
    let place = files.first().map(Place::file).unwrap_or_else(|| Place::file(PathBuf::new()));
    let finding = if let [item] = ring {
        Diagnostic::error(
            "self-reference",
            format!("{item} refers to itself, and its id is not known before it exists"),
        )
    } else {
        let names: Vec<_> = ring.iter().chain(ring.first()).map(ToString::to_string).collect();
        let files: Vec<_> = files.iter().map(|file| file.display().to_string()).collect();
        let message = format!("items refer to each other in a ring: {} (in {})", names.join(" → "), files.join(", "));
        Diagnostic::error("reference-cycle", message)
    };
    finding.at(place).remedy("Remove one of the references, or replace it by a parameter with a fixed id.")
}
