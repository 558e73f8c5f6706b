//! Any folder of a few items that refer to each other, as the state that it describes.

use std::collections::BTreeSet;

use fabric_deploy::desired::{DesiredState, DesiredWorkspace, WorkspaceSelector};
use fabric_deploy::secret::Secrets;
use fabric_deploy::selection::Scope;
use fabric_emulator::ACTIVE_CAPACITY;
use proptest::prelude::*;
use serde_json::json;

use crate::source::{Folder, id};

const TYPES: [&str; 5] = ["Notebook", "Lakehouse", "DataPipeline", "Environment", "VariableLibrary"];
const FOLDERS: [&str; 4] = ["", "One/", "One/Deep er/", "Two/"];
/// As many as there are different ids.
const MOST: usize = 12;

/// An item of this type, in this folder, that refers to these of the items before it.
#[derive(Debug, Clone)]
pub(super) struct Written {
    item_type: &'static str,
    folder: &'static str,
    text: String,
    refers_to: BTreeSet<usize>,
}

/// A few items; the numbers by which they are written down are in no order that their references know.
pub(super) fn items() -> impl Strategy<Value = Vec<Written>> {
    let item = (
        prop::sample::select(&TYPES[..]),
        prop::sample::select(&FOLDERS[..]),
        "[ -~é\\r\\n]{0,40}",
        prop::collection::btree_set(0..MOST, 0..4),
    );
    prop::collection::vec(item, 1..MOST).prop_shuffle().prop_map(|items| {
        let written = items.into_iter().enumerate().map(|(position, (item_type, folder, text, refers_to))| {
            let refers_to = refers_to.into_iter().filter(|other| *other < position).collect();
            Written { item_type, folder, text, refers_to }
        });
        written.collect()
    })
}

/// What an item is called, so that names sort differently from positions.
fn name(position: usize) -> String {
    format!("{}_item_{position}", ["m", "c", "x", "a"][position % 4])
}

/// The items as files, read again.
pub(super) fn described(items: &[Written]) -> DesiredState {
    let folder = Folder::new();
    for (position, written) in items.iter().enumerate() {
        let Written { item_type, folder: place, text, refers_to } = written;
        let (name, own) = (name(position), id(u32::try_from(position).unwrap() + 1));
        let directory = format!("{place}{name}.{item_type}");
        folder.item(&directory, item_type, &name, &own);
        let ids: Vec<_> = refers_to.iter().map(|other| id(u32::try_from(*other).unwrap() + 1)).collect();
        let file = |path: &str, content: String| {
            folder.file(&format!("{directory}/{path}"), content);
        };
        match *item_type {
            "Notebook" => {
                file("notebook-content.py", format!("# Fabric notebook source\n{text}\n# {}\n", ids.join(" ")));
            }
            "Lakehouse" => file("lakehouse.metadata.json", "{}".to_owned()),
            "DataPipeline" => {
                let content = json!({ "properties": { "description": text, "activities": [], "annotations": ids } });
                file("pipeline-content.json", serde_json::to_string_pretty(&content).unwrap());
            }
            "Environment" => file("Setting/Sparkcompute.yml", format!("driver_cores: 4\n# {}\n", ids.join(" "))),
            _ => {
                let variable = |(number, id): (usize, &String)| {
                    let name = format!("v{number}");
                    json!({ "name": name, "type": "String", "value": id, "note": "" })
                };
                let variables: Vec<_> = ids.iter().enumerate().map(variable).collect();
                file("variables.json", json!({ "variables": variables }).to_string());
                file("settings.json", json!({ "valueSetsOrder": [] }).to_string());
            }
        }
    }
    DesiredState {
        environment: "dev".to_owned(),
        workspace: DesiredWorkspace {
            selector: WorkspaceSelector::Name("Sales".to_owned()),
            description: None,
            capacity_id: Some(ACTIVE_CAPACITY),
        },
        items: folder.items("dev").items,
        extra_folders: Vec::new(),
        roles: Vec::new(),
        scope: Scope::default(),
        secrets: Secrets::default(),
        git: None,
    }
}
