//! Source folders for tests, written and read.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::json;

/// A logical id that is the same in every run.
pub(crate) fn logical_id(number: usize) -> String {
    format!("10000000-0000-4000-8000-{number:012}")
}

pub(crate) fn platform(directory: &Path, item_type: &str, name: &str, number: usize) {
    fs::create_dir_all(directory).unwrap();
    let platform = json!({
        "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
        "metadata": { "type": item_type, "displayName": name, "description": format!("{name}, for a test") },
        "config": { "version": "2.0", "logicalId": logical_id(number) },
    });
    fs::write(directory.join(".platform"), serde_json::to_string_pretty(&platform).unwrap()).unwrap();
}

pub(crate) fn notebook(root: &Path, name: &str, number: usize, text: &str) {
    let directory = root.join(format!("{name}.Notebook"));
    platform(&directory, "Notebook", name, number);
    fs::write(directory.join("notebook-content.py"), format!("# Fabric notebook source\n\n{text}\n")).unwrap();
}

/// A pipeline that runs the notebook with the logical id of `notebook`.
pub(crate) fn pipeline(root: &Path, name: &str, number: usize, notebook: usize) {
    let directory = root.join(format!("{name}.DataPipeline"));
    platform(&directory, "DataPipeline", name, number);
    let content = json!({ "properties": { "activities": [{
        "name": "Run",
        "type": "TridentNotebook",
        "typeProperties": {
            "notebookId": logical_id(notebook),
            "workspaceId": "00000000-0000-0000-0000-000000000000",
        },
    }]}});
    fs::write(directory.join("pipeline-content.json"), serde_json::to_string_pretty(&content).unwrap()).unwrap();
}

pub(crate) fn lakehouse(root: &Path, name: &str, number: usize) {
    let directory = root.join(format!("{name}.Lakehouse"));
    platform(&directory, "Lakehouse", name, number);
    fs::write(directory.join("lakehouse.metadata.json"), "{}").unwrap();
}

/// Every file below `root`, with the ids of its own items replaced by their names.
pub(crate) fn files(root: &Path) -> BTreeMap<String, String> {
    fn read(root: &Path, directory: &Path, files: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                read(root, &path, files);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    read(root, root, &mut found);
    let names: Vec<(String, String)> = found
        .iter()
        .filter(|(path, _)| path.ends_with(".platform"))
        .map(|(path, text)| {
            let platform: serde_json::Value = serde_json::from_str(text).unwrap();
            (platform["config"]["logicalId"].as_str().unwrap().to_owned(), format!("<{path}>"))
        })
        .collect();
    for text in found.values_mut() {
        for (id, name) in &names {
            *text = text.replace(id, name);
        }
    }
    found
}
