//! What must be true of any bytes that somebody puts where a file that people write should be.
//!
//! The fuzz targets, the properties and the test that reads the kept inputs again all call these.
// Each fuzz target needs one of them.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

use fabric_deploy::config_file::{self, ConfigFile, ConfigRequest};
use fabric_deploy::content::Content;
use fabric_deploy::desired::{DesiredBody, ItemKey};
use fabric_deploy::diagnostic::{Diagnostics, Severity};
use fabric_deploy::source::{self, LoadedItems, ParameterFile, Platform, SourceRequest};
use tempfile::TempDir;

/// A notebook into which parameters are put.
const NOTEBOOK: &str = "workspace = \"00000000-0000-0000-0000-000000000000\"\nlake = \"\
                        22222222-2222-4222-8222-222222222222\"\nserver = \"dev.example\" # a a b\n";
/// A pipeline into which parameters are put.
const PIPELINE: &str = "{\"properties\": {\"name\": \"a\", \"list\": [1, {\"name\": \"b\", \"x\": null}]}}\n";
/// The settings of an environment into which parameters are put.
const SETTINGS: &str = "instance_pool_id: 33333333-3333-4333-8333-333333333333\nspark: {a: [b, 'c']}\n";
/// Files in which nothing can be found, each of an item of its own.
const ITEMS: [(&str, &str, &str, &str, &str); 4] = [
    ("A", "Notebook", "1", "notebook-content.py", NOTEBOOK),
    ("L", "Lakehouse", "2", "lakehouse.metadata.json", "{}"),
    ("P", "DataPipeline", "4", "pipeline-content.json", PIPELINE),
    ("E", "Environment", "5", "Setting/Sparkcompute.yml", SETTINGS),
];

/// Reads `bytes` as a `.platform`.
pub(crate) fn platform(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (read, found) = Platform::parse(text, Path::new(".platform"));
    assert_eq!(read.is_none(), found.has_errors(), "{found}");
    places_are_in(bytes, ".platform", &found);
    let Some(platform) = read else { return };
    assert!(!platform.key.name.is_empty() && platform.key.name.chars().count() <= 256, "{platform:?}");
    assert!(!platform.key.item_type.is_empty(), "{platform:?}");
    assert!(platform.description.is_none_or(|text| text.chars().count() <= 256));
    assert!(platform.logical_id.is_none_or(|id| !id.is_nil()));
}

/// A folder with the items into which parameters are put.
fn items() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, item_type, digit, file, content) in ITEMS {
        let directory = folder.path().join(format!("{name}.{item_type}"));
        let run = |length| digit.repeat(length);
        let id = format!("{}-{}-4{}-8{}-{}", run(8), run(4), run(3), run(3), run(12));
        write(&directory.join(file), content.as_bytes());
        let platform = format!(
            r#"{{"metadata": {{"type": "{item_type}", "displayName": "{name}"}}, "config": {{"version": "2.0", "logicalId": "{id}"}}}}"#
        );
        write(&directory.join(".platform"), platform.as_bytes());
    }
    folder
}

/// A folder for a `config.yml`.
fn beside_config() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("workspace")).unwrap();
    write(&folder.path().join("parameter.yml"), b"");
    folder
}

thread_local! {
    // Written once by each thread: only the file that is read changes, so that a fuzz target spends its time reading.
    static ITEMS_FOLDER: TempDir = items();
    static CONFIG_FOLDER: TempDir = beside_config();
}

/// Reads `bytes` as a `parameter.yml` and puts its values into the files of a few items.
pub(crate) fn parameter(bytes: &[u8]) {
    ITEMS_FOLDER.with(|folder| parameter_in(folder.path(), bytes));
}

fn parameter_in(folder: &Path, bytes: &[u8]) {
    write(&folder.join("parameter.yml"), bytes);
    let load = |parameters| {
        source::load(&SourceRequest {
            root: folder,
            parameters,
            environment: "dev",
            lookup_env: &|name| (name == "SET").then(|| "set".to_owned()),
            looked_up: None,
            named_by: None,
        })
    };
    let (loaded, found) = load(ParameterFile::Default);
    assert_eq!(loaded.is_none(), found.has_errors(), "{found}");
    places_are_in(bytes, "parameter.yml", &found);
    let Some(loaded) = loaded else { return };
    assert_eq!(load(ParameterFile::Default), (Some(loaded.clone()), found), "the same file says the same");
    let (plain, _) = load(ParameterFile::None);
    let plain = plain.unwrap();
    assert!(loaded.items.keys().eq(plain.items.keys()), "no parameter brings an item or takes one away");
    for key in plain.items.keys() {
        let (before, after) = (contents(&plain, key), contents(&loaded, key));
        assert_eq!(before.len(), after.len(), "no parameter brings a file or takes one away");
    }
}

/// Reads `bytes` as a `config.yml`.
pub(crate) fn config(bytes: &[u8]) {
    CONFIG_FOLDER.with(|folder| config_in(folder.path(), bytes));
}

fn config_in(folder: &Path, bytes: &[u8]) {
    let file = folder.join("config.yml");
    write(&file, bytes);
    let overrides = r#"{"core": {"workspace": {"dev": "Mine"}}, "publish": {"skip": true}, "features": []}"#;
    for (environment, overrides) in [(Some("dev"), None), (None, None), (Some("dev"), Some(overrides))] {
        let load = || config_file::load(&ConfigRequest { file: &file, environment, overrides });
        let (read, found) = load();
        assert_eq!(read.is_none(), found.has_errors(), "{found}");
        assert_eq!(load(), (read.clone(), found.clone()), "the same file says the same");
        places_are_in(bytes, "config.yml", &found);
        let Some(ConfigFile { source, parameters, .. }) = read else { continue };
        assert!(source.is_dir() && parameters.is_none_or(|parameters| parameters.is_file()));
    }
}

/// Every finding about the file `name` tells a line that the file has, and what is wrong.
fn places_are_in(bytes: &[u8], name: &str, found: &Diagnostics) {
    // What counts as the end of a line differs: YAML also knows a lone carriage return.
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    for finding in found.iter() {
        assert!(!finding.message.is_empty(), "{finding}");
        assert!(matches!(finding.severity, Severity::Error | Severity::Warning));
        let Some(place) = finding.place.as_ref().filter(|place| place.file.ends_with(name)) else { continue };
        assert!(place.line.is_none_or(|line| (1..=lines).contains(&line)), "{lines} lines: {finding}");
    }
}

fn contents<'l>(loaded: &'l LoadedItems, key: &ItemKey) -> Vec<&'l Content> {
    match &loaded.items[key].body {
        DesiredBody::Definition { parts, .. } => parts.iter().map(|part| &part.content).collect(),
        DesiredBody::Shell { .. } => Vec::new(),
    }
}

fn write(path: &Path, content: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}
