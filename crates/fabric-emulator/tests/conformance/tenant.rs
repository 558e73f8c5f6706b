//! A tenant that has one of everything, for walking over all operations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::catalogue::{Operation, is_parameter};
use crate::corpus::Corpus;
use crate::item_types;
use crate::seed::{CALLER, CAPACITY, Seed};

/// An id that the tenant does not contain.
pub(crate) const NOBODY: &str = "99999999-9999-4999-8999-999999999999";
pub(crate) const WORKSPACE: &str = "10000000-0000-4000-8000-000000000001";
pub(crate) const EMPTY_WORKSPACE: &str = "10000000-0000-4000-8000-000000000002";
pub(crate) const FOLDER: &str = "20000000-0000-4000-8000-000000000001";
pub(crate) const OTHER_FOLDER: &str = "20000000-0000-4000-8000-000000000002";
pub(crate) const CONNECTION: &str = "30000000-0000-4000-8000-000000000001";
pub(crate) const USER: &str = "40000000-0000-4000-8000-000000000001";
pub(crate) const OTHER_USER: &str = "40000000-0000-4000-8000-000000000002";

/// The id of the tenant's one item of a type.
pub(crate) fn id_of(item_type: &str) -> String {
    // Any injective number will do; the name's bytes summed by position are short enough.
    let number = item_type.bytes().fold(7_u64, |sum, byte| sum.wrapping_mul(131).wrapping_add(u64::from(byte)));
    format!("50000000-0000-4000-8000-{:012x}", number & 0xffff_ffff_ffff)
}

/// The tenant, with an item of every published type.
pub(crate) fn seed(corpus: &Corpus) -> Seed {
    let mut seed = Seed::new();
    let user = |id, name| {
        json!({"id": id, "type": "User", "displayName": name,
        "userPrincipalName": format!("{name}@example.com")})
    };
    for (id, name) in [(CALLER, "caller"), (USER, "user"), (OTHER_USER, "other")] {
        seed.put("principals", user(id, name));
    }
    let roles = json!([{"principalId": CALLER, "role": "Admin"}, {"principalId": USER, "role": "Viewer"}]);
    for (id, name) in [(WORKSPACE, "Full"), (EMPTY_WORKSPACE, "Empty")] {
        seed.put(
            "workspaces",
            json!({"id": id, "displayName": name, "capacityId": CAPACITY, "roleAssignments": roles}),
        );
    }
    for (id, name) in [(FOLDER, "First"), (OTHER_FOLDER, "Second")] {
        seed.put("folders", json!({"id": id, "workspaceId": WORKSPACE, "displayName": name}));
    }
    seed.put(
        "connections",
        json!({"id": CONNECTION, "displayName": "Connection", "connectivityType": "ShareableCloud",
        "connectionDetails": {"type": "SQL", "path": "server.example;sales"}, "owner": CALLER,
        "roleAssignments": [{"principalId": CALLER, "role": "Owner"}, {"principalId": USER, "role": "User"}],
        "credentialDetails": {"credentialType": "Anonymous", "singleSignOnType": "None",
                              "connectionEncryption": "NotEncrypted", "skipTestConnection": false}}),
    );
    for item_type in item_types::published(&corpus.schemas) {
        seed.put("items", item(&item_type));
    }
    seed
}

/// A branch of a repository at the Git provider.
pub(crate) fn repository(branch: &str) -> Value {
    json!({"gitProviderType": "AzureDevOps", "organizationName": "contoso", "projectName": "sales",
        "repositoryName": "fabric", "branchName": branch, "directoryName": "/"})
}

fn item(item_type: &str) -> Value {
    let mut item = json!({"id": id_of(item_type), "workspaceId": WORKSPACE, "type": item_type,
        "displayName": format!("A{item_type}"), "description": "Seeded"});
    match item_type {
        "KQLDatabase" => {
            item["creationPayload"] =
                json!({"databaseType": "ReadWrite", "parentEventhouseItemId": id_of("Eventhouse")});
            item["parent"] = json!(id_of("Eventhouse"));
        }
        // What it names is what connections can be bound to.
        "SemanticModel" => item["definition"] = definition(item_type),
        "WarehouseSnapshot" => item["creationPayload"] = json!({"parentWarehouseId": id_of("Warehouse")}),
        "DigitalTwinBuilderFlow" => {
            item["creationPayload"] = json!({"digitalTwinBuilderItemReference": {"referenceType": "ById",
                "workspaceId": WORKSPACE, "itemId": id_of("DigitalTwinBuilder")}});
        }
        _ => {}
    }
    item
}

/// The item type that a typed collection in the operation's path holds.
pub(crate) fn type_in(corpus: &Corpus, operation: &Operation) -> Option<String> {
    let collection = operation.path.split('/').nth(4)?;
    item_types::held_by(&corpus.schemas, collection)
}

/// A small definition that suits a type.
pub(crate) fn definition(item_type: &str) -> Value {
    let part = |path: &str, content: &str| json!({"path": path, "payload": STANDARD.encode(content), "payloadType": "InlineBase64"});
    let parts = match item_type {
        "Notebook" => vec![part("notebook-content.py", "# Fabric notebook source\n")],
        "DataPipeline" => vec![part("pipeline-content.json", r#"{"properties":{"activities":[]}}"#)],
        "Report" => vec![
            part(
                "definition.pbir",
                r#"{"version":"4.0","datasetReference":{"byPath":{"path":"../Model.SemanticModel"}}}"#,
            ),
            part("report.json", "{}"),
        ],
        "SemanticModel" => vec![
            part("definition.pbism", r#"{"version":"4.0","settings":{}}"#),
            part(
                "model.bim",
                r#"{"compatibilityLevel":1604,"model":{"expressions":[{"expression":"Sql.Database(\"server.example\", \"sales\")"}]}}"#,
            ),
        ],
        "VariableLibrary" => {
            vec![part("variables.json", r#"{"variables":[]}"#), part("settings.json", r#"{"valueSetsOrder":[]}"#)]
        }
        "Dataflow" => vec![part("queryMetadata.json", "{}"), part("mashup.pq", "section Section1;")],
        other => vec![part(main_part(other), "{}")],
    };
    json!({ "parts": parts })
}

/// The part without which a definition of the type says nothing.
fn main_part(item_type: &str) -> &'static str {
    match item_type {
        "CopyJob" => "copyjob-content.json",
        "Eventstream" => "eventstream.json",
        "KQLDashboard" => "RealTimeDashboard.json",
        "KQLDatabase" => "DatabaseProperties.json",
        "KQLQueryset" => "RealTimeQueryset.json",
        "MirroredDatabase" => "mirroring.json",
        "MountedDataFactory" => "mountedDataFactory-content.json",
        "Reflex" => "ReflexEntities.json",
        "SparkJobDefinition" => "SparkJobDefinitionV1.json",
        _ => "definition.json",
    }
}

/// One notebook in the Git format.
pub(crate) fn import_parts() -> Value {
    let platform = json!({
        "$schema": "https://developer.microsoft.com/json-schemas/fabric/gitIntegration/platformProperties/2.0.0/schema.json",
        "metadata": {"type": "Notebook", "displayName": "Imported"},
        "config": {"version": "2.0", "logicalId": "60000000-0000-4000-8000-000000000001"}});
    json!([
        {"path": "Imported.Notebook/.platform", "payload": STANDARD.encode(platform.to_string()), "payloadType": "InlineBase64"},
        {"path": "Imported.Notebook/notebook-content.py", "payload": STANDARD.encode("# Fabric notebook source\n"),
         "payloadType": "InlineBase64"},
    ])
}

pub(crate) fn shortcut(name: &str) -> Value {
    json!({"name": name, "path": "Files", "target":
        {"oneLake": {"workspaceId": WORKSPACE, "itemId": id_of("Lakehouse"), "path": "Files"}}})
}

pub(crate) fn schedule() -> Value {
    json!({"enabled": true, "configuration": {"type": "Cron", "startDateTime": "2026-01-23T00:00:00",
        "endDateTime": "2026-10-07T23:59:00", "localTimeZoneId": "UTC", "interval": 10}})
}

pub(crate) fn pipeline() -> Value {
    let stage = |name: &str, public: bool| json!({"displayName": name, "description": "", "isPublic": public});
    json!({"displayName": "Pipeline", "stages": [stage("Development", false), stage("Production", true)]})
}

/// Values of path parameters that need nothing but the seed. `before` is the segment in front.
pub(crate) fn parameter(corpus: &Corpus, operation: &Operation, before: &str, name: &str) -> Option<String> {
    let fixed = match name {
        // A workspace with items that need a capacity keeps it.
        "{workspaceId}" if operation.path.ends_with("/unassignFromCapacity") => EMPTY_WORKSPACE,
        "{workspaceId}" => WORKSPACE,
        "{folderId}" => FOLDER,
        "{capacityId}" => CAPACITY,
        "{connectionId}" => CONNECTION,
        "{workspaceRoleAssignmentId}" => USER,
        "{connectionRoleAssignmentId}" => USER,
        "{shortcutPath}" => "Files",
        "{jobType}" => "RunNotebook",
        "{itemId}" => {
            let owner =
                ["shortcuts", "dataAccessRoles", "connections"].iter().any(|part| operation.path.contains(part));
            return Some(id_of(if owner { "Lakehouse" } else { "Notebook" }));
        }
        _ if is_parameter(name) => return item_types::held_by(&corpus.schemas, before).map(|held| id_of(&held)),
        _ => return None,
    };
    Some(fixed.to_owned())
}
