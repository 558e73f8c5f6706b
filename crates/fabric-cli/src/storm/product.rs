//! What is deployed: two hundred items of eight types that refer to each other, written down once, for the files and for
//! the comparison with what the emulator holds in the end.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use fabric_deploy::desired::{
    DesiredRole, DesiredState, DesiredWorkspace, FolderPath, PrincipalType, WorkspaceRole, WorkspaceSelector,
};
use fabric_deploy::source::{self, SourceRequest};
use fabric_emulator::{ACTIVE_CAPACITY, GROUP, SERVICE_PRINCIPAL, USER};
use serde_json::json;

/// The name of the workspace.
pub(super) const WORKSPACE: &str = "Storm";

/// The product as it was, or as it shall be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Old,
    New,
}

/// One item as it shall be.
pub(super) struct Item {
    pub(super) item_type: &'static str,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) folder: &'static str,
    pub(super) parts: Vec<(&'static str, String)>,
    /// Items whose ids the parts must contain in the workspace.
    pub(super) refers_to: Vec<(&'static str, String)>,
    /// Whether the parts arrive as they were written; otherwise their references were replaced.
    pub(super) verbatim: bool,
    /// What the content says where it is not verbatim.
    pub(super) edition: String,
    /// Its number among all items.
    number: usize,
}

/// The folders that hold items, and one that holds none.
const FOLDERS: [&str; 5] = ["Store", "Transform/Bronze", "Transform/Silver", "Serve", "Run"];
pub(super) const EMPTY_FOLDER: &str = "Spare/Later";
/// The folder that only the old version has.
const OLD_FOLDER: &str = "Transform/Old";

pub(super) fn logical_id(item_type: &str, name: &str) -> String {
    // FNV-1a: the same in every run, and another for every item.
    let hash = item_type
        .bytes()
        .chain(name.bytes())
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("10000000-0000-4000-8000-{:012x}", hash & 0xffff_ffff_ffff)
}

/// Every item of the product in this version.
pub(super) fn items(version: Version) -> Vec<Item> {
    let mut items = Items { version, all: Vec::new() };
    items.many("Lakehouse", 10, |_| Some("Store"), |_, _| (vec![("lakehouse.metadata.json", "{}".to_owned())], vec![]));
    items.many(
        "Environment",
        4,
        |_| None,
        |number, edition| {
            let settings = format!("runtime_version: 1.3\nspark_conf:\n  - spark.edition: {edition}{number}\n");
            (vec![("Setting/Sparkcompute.yml", settings)], vec![])
        },
    );
    items.many(
        "VariableLibrary",
        4,
        |_| None,
        |number, edition| {
            let variables =
                json!({"variables": [{"name": "edition", "type": "String", "value": format!("{edition}{number}")}]});
            let parts = vec![
                ("settings.json", json!({"valueSetsOrder": ["dev"]}).to_string()),
                ("valueSets/dev.json", json!({"name": "dev", "variableOverrides": []}).to_string()),
                ("variables.json", variables.to_string()),
            ];
            (parts, vec![])
        },
    );
    items.many(
        "Notebook",
        120,
        |number| Some(FOLDERS[1 + number % 2]),
        |number, edition| {
            let lakehouse = format!("Lakehouse_{}", number % 10);
            let refers = number % 5 != 0;
            let id = if refers { logical_id("Lakehouse", &lakehouse) } else { "none".to_owned() };
            let text = format!("# Fabric notebook source\n\nlakehouse = \"{id}\"\nprint(\"{edition}{number}\")\n");
            (vec![("notebook-content.py", text)], if refers { vec![("Lakehouse", lakehouse)] } else { vec![] })
        },
    );
    items.many("DataPipeline", 46, |_| Some("Run"), |number, edition| {
        let notebooks = [number * 2 % 120, (number * 7 + 3) % 120].map(|number| format!("Notebook_{number}"));
        let mut refers: Vec<_> = notebooks.iter().map(|name| ("Notebook", name.clone())).collect();
        let mut activities: Vec<_> = notebooks
            .iter()
            .map(|name| json!({"name": name, "type": "TridentNotebook", "typeProperties": {
                "notebookId": logical_id("Notebook", name), "workspaceId": "00000000-0000-0000-0000-000000000000"}}))
            .collect();
        if number % 3 == 2 {
            let earlier = format!("DataPipeline_{}", number - 1);
            activities.push(json!({"name": "Before", "type": "InvokePipeline", "typeProperties": {
                "pipelineId": logical_id("DataPipeline", &earlier), "workspaceId": "00000000-0000-0000-0000-000000000000"}}));
            refers.push(("DataPipeline", earlier));
        }
        let content = json!({"properties": {"description": format!("{edition}{number}"), "activities": activities}});
        (vec![("pipeline-content.json", format!("{content:#}"))], refers)
    });
    items.many(
        "SemanticModel",
        8,
        |_| Some("Serve"),
        |number, edition| {
            let parts = vec![
                ("definition.pbism", json!({"version": "4.2", "settings": {}}).to_string()),
                ("definition/database.tmdl", "database\n\tcompatibilityLevel: 1604\n".to_owned()),
                (
                    "definition/model.tmdl",
                    format!("model Model\n\tculture: en-US\n\nannotation Edition = {edition}{number}\n"),
                ),
            ];
            (parts, vec![])
        },
    );
    items.many(
        "Report",
        8,
        |_| Some("Serve"),
        |number, edition| {
            let model = format!("SemanticModel_{number}");
            let path = format!("../{model}.SemanticModel");
            let pbir = json!({"version": "4.0", "datasetReference": {"byPath": {"path": path}}});
            let parts = vec![
                ("definition.pbir", pbir.to_string()),
                ("definition/report.json", json!({"layoutOptimization": format!("{edition}{number}")}).to_string()),
                ("definition/version.json", json!({"version": "2.0.0"}).to_string()),
            ];
            (parts, vec![("SemanticModel", model)])
        },
    );
    if version == Version::Old {
        // The old version lacks what is new, and has what is gone: one of seven, and ten notebooks in a folder of old.
        items
            .all
            .retain(|item| item.number % 7 != 3 || item.item_type == "Lakehouse" || item.item_type == "SemanticModel");
        items.many(
            "Notebook",
            10,
            |_| Some(OLD_FOLDER),
            |number, _| {
                (
                    vec![("notebook-content.py", format!("# Fabric notebook source\n\nprint(\"gone {number}\")\n"))],
                    vec![],
                )
            },
        );
        let gone = items.all.len() - 10;
        for item in &mut items.all[gone..] {
            item.name = format!("Gone_{}", item.name);
        }
        let names: Vec<_> = items.all.iter().map(|item| (item.item_type, item.name.clone())).collect();
        items.all.retain(|item| item.refers_to.iter().all(|other| names.contains(other)));
        let names: Vec<_> = items.all.iter().map(|item| (item.item_type, item.name.clone())).collect();
        items.all.retain(|item| item.refers_to.iter().all(|other| names.contains(other)));
    }
    items.all
}

struct Items {
    version: Version,
    all: Vec<Item>,
}

impl Items {
    fn many(
        &mut self,
        item_type: &'static str,
        count: usize,
        folder: impl Fn(usize) -> Option<&'static str>,
        content: impl Fn(usize, &str) -> (Vec<(&'static str, String)>, Vec<(&'static str, String)>),
    ) {
        for number in 0..count {
            let is_old = self.version == Version::Old;
            // A third was described otherwise, another third had another content, a fifth lived elsewhere.
            let edition = if is_old && number % 3 == 1 { "old" } else { "new" };
            let described = if is_old && number % 3 == 2 { "before" } else { "in the storm" };
            let moved = is_old && number % 5 == 4 && folder(number).is_some();
            let (parts, refers_to) = content(number, edition);
            self.all.push(Item {
                item_type,
                name: format!("{item_type}_{number}"),
                description: format!("{item_type} {number} {described}"),
                folder: if moved { OLD_FOLDER } else { folder(number).unwrap_or_default() },
                verbatim: refers_to.is_empty() && item_type != "Lakehouse",
                parts,
                refers_to,
                edition: format!("{edition}{number}"),
                number: self.all.len(),
            });
        }
    }
}

/// The roles beside the one of who deploys.
pub(super) fn roles(version: Version) -> BTreeMap<String, &'static str> {
    match version {
        Version::Old => BTreeMap::from([(USER.to_string(), "Viewer")]),
        Version::New => BTreeMap::from([
            (USER.to_string(), "Contributor"),
            (GROUP.to_string(), "Viewer"),
            (SERVICE_PRINCIPAL.to_string(), "Member"),
        ]),
    }
}

/// The state that the files of this version describe.
pub(super) fn desired(version: Version) -> DesiredState {
    let root = tempfile::tempdir().unwrap();
    for item in items(version) {
        write(root.path(), &item);
    }
    let (loaded, diagnostics) = source::load(&SourceRequest {
        root: root.path(),
        parameters: None.into(),
        environment: "dev",
        lookup_env: &|_| None,
        looked_up: None,
        named_by: None,
    });
    let loaded = loaded.unwrap_or_else(|| panic!("{diagnostics}"));
    let desired_role = |(principal, role): (String, &str)| DesiredRole {
        principal: principal.parse().unwrap(),
        principal_type: match principal {
            id if id == GROUP.to_string() => PrincipalType::Group,
            id if id == SERVICE_PRINCIPAL.to_string() => PrincipalType::ServicePrincipal,
            _ => PrincipalType::User,
        },
        role: match role {
            "Viewer" => WorkspaceRole::Viewer,
            "Contributor" => WorkspaceRole::Contributor,
            _ => WorkspaceRole::Member,
        },
        label: role.to_owned(),
    };
    DesiredState {
        environment: "dev".to_owned(),
        workspace: DesiredWorkspace {
            selector: WorkspaceSelector::Name(WORKSPACE.to_owned()),
            description: Some(format!("{version:?}")),
            capacity_id: Some(ACTIVE_CAPACITY),
        },
        items: loaded.items,
        extra_folders: vec![FolderPath(EMPTY_FOLDER.split('/').map(str::to_owned).collect())],
        roles: roles(version).into_iter().map(desired_role).collect(),
        scope: fabric_deploy::selection::Scope::default(),
        secrets: Default::default(),
        git: None,
    }
}

fn write(root: &Path, item: &Item) {
    // A report names its model by a path, so that both lie side by side whatever folder they are deployed to.
    let directory = root.join(item.folder).join(format!("{}.{}", item.name, item.item_type));
    let platform = json!({
        "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
        "metadata": {"type": item.item_type, "displayName": item.name, "description": item.description},
        "config": {"version": "2.0", "logicalId": logical_id(item.item_type, &item.name)},
    });
    for (path, text) in
        item.parts.iter().map(|(path, text)| (*path, text.clone())).chain([(".platform", platform.to_string())])
    {
        let file = directory.join(path);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
}
