//! A tenant, and two versions of a product in files: from one to the other, items of eight types in nested folders are
//! created, updated, moved and deleted. The end-to-end tests deploy them with the built binary.

use std::path::Path;

use fabric_emulator::{ACTIVE_CAPACITY, ADMINISTRATOR, PAUSED_CAPACITY, USER};
use serde_json::{Value, json};

/// The capacity that the workspace moves to.
pub(super) const OTHER_CAPACITY: &str = "c0000000-0000-4000-8000-000000000003";

/// The workspace that is deployed.
pub(super) const WORKSPACE: &str = "Sales";

/// Stands in what is sent and must stand nowhere else, before-images included.
pub(super) const SECRET_CANARY: &str = "canary \"of\" a secret";

/// Stands in the definitions and must stand nowhere else than in before-images.
pub(super) const CONTENT_CANARY: &str = "canary-in-a-definition";

/// The environment of the first version, or of the second one: each makes another value set active.
pub(super) fn environment(second: bool) -> &'static str {
    if second { "prod" } else { "test" }
}

/// How the workspace is described.
pub(super) fn description(second: bool) -> &'static str {
    if second { "the second version" } else { "the first version" }
}

/// What the second version deletes: it comes back under other ids.
pub(super) const DELETED: &[&str] = &[
    "Sales/Data/Bronze",
    "Sales/Data/Bronze/Stage.CopyJob",
    "Sales/Old/Old.Notebook",
    "Sales/Old/Stale.Report",
    "Sales/Old",
];

/// A tenant in which others live: namesakes of everything in another workspace, and in another folder of this one.
pub(super) fn seed() -> Value {
    let id = |number: u32| format!("e0000000-0000-4000-8000-{number:012}");
    let notebook = |number, workspace: &str, folder: Option<u32>, name: &str| {
        json!({
            "id": id(number), "workspaceId": workspace, "type": "Notebook", "displayName": name,
            "description": "somebody else's", "folderId": folder.map(id),
            "definition": { "parts": [{ "path": "notebook-content.py", "text": format!("# {name} of others\n") }] },
        })
    };
    let connections: Vec<Value> = [1, 2]
        .map(|number| {
            json!({
                "id": connection(number), "displayName": format!("Connection {number}"),
                "connectivityType": "ShareableCloud",
                "connectionDetails": { "type": "SQL", "path": "sql.example.net;Revenue" },
            })
        })
        .to_vec();
    let capacity = |id: &str, name: &str, state: &str| json!({ "id": id, "displayName": name, "state": state });
    let (ours, others) = (id(1), id(2));
    json!({
        "capacities": [
            capacity(&ACTIVE_CAPACITY.to_string(), "One", "Active"),
            capacity(OTHER_CAPACITY, "Two", "Active"),
            capacity(&PAUSED_CAPACITY.to_string(), "Three", "Inactive"),
        ],
        "workspaces": [
            { "id": ours, "displayName": WORKSPACE, "description": "not yet described", "capacityId": ACTIVE_CAPACITY,
              "roleAssignments": [{ "principalId": ADMINISTRATOR, "role": "Admin" }] },
            { "id": others, "displayName": "Sales of others", "description": "theirs", "capacityId": ACTIVE_CAPACITY,
              "roleAssignments": [
                  { "principalId": ADMINISTRATOR, "role": "Admin" }, { "principalId": USER, "role": "Viewer" }] },
        ],
        "connections": connections,
        "folders": [
            { "id": id(10), "workspaceId": ours, "displayName": "Archive" },
            { "id": id(11), "workspaceId": ours, "displayName": "Silver", "parentFolderId": id(10) },
            { "id": id(12), "workspaceId": others, "displayName": "Data" },
            { "id": id(13), "workspaceId": others, "displayName": "Bronze", "parentFolderId": id(12) },
            { "id": id(14), "workspaceId": others, "displayName": "Silver", "parentFolderId": id(12) },
        ],
        "items": [
            { "id": id(20), "workspaceId": ours, "type": "Eventhouse", "displayName": "Score", "folderId": id(11),
              "description": "data of people" },
            { "id": id(21), "workspaceId": ours, "type": "Lakehouse", "displayName": "Daily", "folderId": id(11) },
            notebook(22, &others, None, "Load"),
            notebook(23, &others, Some(14), "Score"),
            notebook(24, &others, Some(13), "Clean"),
            notebook(25, &others, None, "Old"),
            { "id": id(26), "workspaceId": others, "type": "Lakehouse", "displayName": "Refined", "folderId": id(14) },
        ],
    })
}

/// One of the connections that lead to the data source of the semantic model.
fn connection(number: u32) -> String {
    format!("c0000000-0000-4000-8000-{:012x}", 0x1000 + number)
}

fn logical_id(number: u32) -> String {
    format!("10000000-0000-4000-8000-{number:012}")
}

/// Writes the first version, or the second one, into a folder in Git format.
pub(super) fn write(root: &Path, second: bool) {
    let which = if second { "second" } else { "first" };
    let item = |folder: &str, item_type: &str, name: &str, number: u32, parts: &[(&str, String)]| {
        let folder = root.join(folder).join(format!("{name}.{item_type}"));
        let described = if name == "Load" || name == "Settings" { which } else { "a description" };
        let platform = json!({
            "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
            "metadata": { "type": item_type, "displayName": name, "description": described },
            "config": { "version": "2.0", "logicalId": logical_id(number) },
        });
        let platform = (".platform", platform.to_string());
        for (path, text) in [&platform].into_iter().chain(parts) {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
    };
    let notebook = |folder: &str, name: &str, number: u32, text: &str| {
        let text = format!("# Fabric notebook source\n\nprint('{text} {CONTENT_CANARY}', 'PASSWORD')\n");
        item(folder, "Notebook", name, number, &[("notebook-content.py", text)]);
    };
    let model = json!({ "semantic_model_name": "Revenue",
        "connection_id": { "_ALL_": connection(if second { 2 } else { 1 }) } });
    let parameters = json!({
        "find_replace": [{ "find_value": "PASSWORD", "replace_value": { "_ALL_": "p=${secret:password};" } }],
        "semantic_model_binding": { "models": [model] },
    });
    std::fs::write(root.join("parameter.yml"), parameters.to_string()).unwrap();
    notebook("", "Load", 1, which);
    notebook(if second { "Data/Silver" } else { "Data/Bronze" }, "Clean", 2, "clean");
    let shortcut = |name: &str, number: u32, path: &str| {
        json!({ "path": "/Files", "name": name, "target": { "type": "OneLake", "oneLake": {
            "itemId": logical_id(number), "workspaceId": "00000000-0000-0000-0000-000000000000", "path": path } } })
    };
    let shortcuts = if second {
        json!([shortcut("same", 3, "Tables/a"), shortcut("other", 3, "Tables/second"), shortcut("new", 8, "Tables/c")])
    } else {
        json!([shortcut("same", 3, "Tables/a"), shortcut("other", 3, "Tables/first"), shortcut("gone", 3, "Tables/b")])
    };
    let parts = [("lakehouse.metadata.json", "{}".to_owned()), ("shortcuts.metadata.json", shortcuts.to_string())];
    item("Data", "Lakehouse", "Base", 3, &parts);
    let executors = if second { 4 } else { 2 };
    let compute =
        format!("driver_cores: 4\ndynamic_executor_allocation:\n  enabled: true\n  max_executors: {executors}\n");
    item("", "Environment", "Spark", 4, &[("Setting/Sparkcompute.yml", compute)]);
    let value_set =
        |name: &str| (format!("valueSets/{name}.json"), json!({ "name": name, "variableOverrides": [] }).to_string());
    let variables = json!({ "variables": [
        { "name": "version", "type": "String", "value": which },
        { "name": "connection", "type": "String", "value": "PASSWORD" },
    ] })
    .to_string();
    let sets = [value_set("test"), value_set("prod")];
    let mut parts = vec![
        ("variables.json", variables),
        ("settings.json", json!({ "valueSetsOrder": ["test", "prod"] }).to_string()),
    ];
    parts.extend(sets.iter().map(|(path, text)| (path.as_str(), text.clone())));
    item("", "VariableLibrary", "Settings", 5, &parts);
    let source = "Sql.Database(\"sql.example.net\", \"Revenue\")";
    let model = format!("model Model\n\tculture: en-US\n\tdescription: {which}\n\nexpression Source = {source}\n");
    let parts = [
        ("definition.pbism", json!({ "version": "4.2", "settings": {} }).to_string()),
        ("definition/model.tmdl", model),
    ];
    item("Model", "SemanticModel", "Revenue", 6, &parts);
    let report = |folder: &str, name: &str, number: u32| {
        let pbir = json!({ "version": "4.0", "datasetReference": { "byConnection": { "connectionString": "semanticmodelid=00000000-0000-4000-8000-00000000000a" } } });
        let parts = [("definition.pbir", pbir.to_string()), ("report.json", "{}".to_owned())];
        item(folder, "Report", name, number, &parts);
    };
    report(if second { "Reports/Monthly" } else { "Model" }, "Revenue", 7);
    if second {
        report("Reports/Monthly", "Fresh", 13);
    } else {
        report("Old", "Stale", 14);
    }
    if second {
        item("Data/Silver", "Lakehouse", "Refined", 8, &[("lakehouse.metadata.json", "{}".to_owned())]);
        notebook("Data/Silver/Gold", "Score", 9, "score");
        let activity = json!({ "properties": { "activities": [{ "name": "Run", "type": "TridentNotebook", "typeProperties": {
            "notebookId": logical_id(9), "workspaceId": "00000000-0000-0000-0000-000000000000" } }] } });
        item("Flows", "DataPipeline", "Daily", 10, &[("pipeline-content.json", activity.to_string())]);
    } else {
        item(
            "Data/Bronze",
            "CopyJob",
            "Stage",
            11,
            &[("copyjob-content.json", json!({ "properties": { "jobMode": "Batch" }, "activities": [] }).to_string())],
        );
        notebook("Old", "Old", 12, "old");
    }
}
