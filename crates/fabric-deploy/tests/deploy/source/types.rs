//! What is particular to an item type.

use fabric_deploy::desired::DesiredBody;
use serde_json::json;

use super::{Folder, id, item, notebook_text, parts, paths, text};

fn format(folder: &Folder, item_type: &str) -> Option<String> {
    match &item(&folder.items("dev"), item_type, "A").body {
        DesiredBody::Definition { format, .. } => format.clone(),
        DesiredBody::Shell { .. } => panic!("a shell"),
    }
}

fn payload(folder: &Folder, item_type: &str) -> Option<serde_json::Value> {
    match &item(&folder.items("dev"), item_type, "A").body {
        DesiredBody::Shell { creation_payload } => creation_payload.clone(),
        DesiredBody::Definition { .. } => panic!("a definition"),
    }
}

#[test]
fn formats() {
    for (item_type, file, expected) in [
        ("Notebook", "notebook-content.ipynb", Some("ipynb")),
        ("Notebook", "notebook-content.py", None),
        ("SparkJobDefinition", "SparkJobDefinitionV1.json", Some("SparkJobDefinitionV2")),
        ("CopyJob", "copyjob-content.json", None),
        ("SomethingNew", "anything.txt", None),
    ] {
        let folder = Folder::new();
        folder.item("a", item_type, "A", &id(1)).file(&format!("a/{file}"), "{}");
        assert_eq!(format(&folder, item_type).as_deref(), expected, "{item_type} {file}");
    }
}

#[test]
fn shells_and_what_creates_them() {
    for (item_type, files, expected) in [
        ("Lakehouse", vec![], None),
        ("Lakehouse", vec![("lakehouse.metadata.json", "{}")], None),
        (
            "Lakehouse",
            vec![("lakehouse.metadata.json", "{\"defaultSchema\": \"dbo\"}")],
            Some(json!({"enableSchemas": true})),
        ),
        ("MLModel", vec![], None),
        ("Eventhouse", vec![], None),
    ] {
        let folder = Folder::new();
        folder.item("a", item_type, "A", &id(1));
        for (path, content) in &files {
            folder.file(&format!("a/{path}"), content);
        }
        assert_eq!(payload(&folder, item_type), expected, "{item_type} {files:?}");
    }
}

#[test]
fn a_creation_payload_of_the_platform_file() {
    let payload_text = json!({"collationType": "Latin1_General_100_BIN2_UTF8"});
    let platform = |item_type: &str| {
        json!({
            "metadata": {"type": item_type, "displayName": "A", "description": "D", "creationPayload": payload_text},
            "config": {"version": "2.0", "logicalId": id(1)},
        })
        .to_string()
    };
    let folder = Folder::new();
    folder.file("a/.platform", platform("Warehouse"));
    assert_eq!(payload(&folder, "Warehouse"), Some(payload_text.clone()));
    assert_eq!(item(&folder.items("dev"), "Warehouse", "A").description.as_deref(), Some("D"));

    folder.file("a/.platform", platform("Environment")).file("a/x.txt", "x");
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_some());
    assert_eq!(folder.findings(&diagnostics), ["warning creation-payload-ignored a/.platform"]);
}

#[test]
fn content_that_is_not_deployed_is_never_passed_over_in_silence() {
    let folder = Folder::new();
    folder
        .item("a", "Lakehouse", "A", &id(1))
        .file("a/data-access-roles.json", "[{}]")
        .file("a/alm.settings.json", "{\"version\": \"1.0.1\"}")
        .item("b", "Lakehouse", "B", &id(2))
        .file("b/shortcuts.metadata.json", "[]")
        .item("c", "Warehouse", "C", &id(3))
        .file("c/dbo/Tables/t.sql", "CREATE TABLE t")
        .file("c/C.sqlproj", "<Project/>");
    let (items, diagnostics) = folder.load("dev");
    assert!(items.is_some());
    assert_eq!(
        folder.findings(&diagnostics),
        ["warning content-not-deployed a/data-access-roles.json", "warning content-not-deployed c",]
    );
}

const BY_PATH: &str = "{\r\n  \"$schema\": \"https://example.com/definitionProperties/1.0.0/schema.json\",\r\n  \
                       \"version\": \"4.0\",\r\n  \"datasetReference\": {\r\n    \"byPath\": {\r\n      \
                       \"path\": \"../Model.SemanticModel\"\r\n    }\r\n  }\r\n}\r\n";

fn report(pbir: &str) -> Folder {
    let folder = Folder::new();
    folder
        .item("x/R.Report", "Report", "R", &id(1))
        .file("x/R.Report/definition.pbir", pbir)
        .file("x/R.Report/report.json", "{}")
        .file("x/R.Report/.pbi/localSettings.json", "{}")
        .item("x/Model.SemanticModel", "SemanticModel", "Sales model", &id(2))
        .file("x/Model.SemanticModel/definition.pbism", "{}")
        .file("x/Model.SemanticModel/model.bim", "{}");
    folder
}

#[test]
fn a_report_refers_to_its_model_by_id() {
    let items = report(BY_PATH).items("dev");
    let report = item(&items, "Report", "R");
    assert_eq!(paths(report), ["definition.pbir", "report.json"]);
    let pbir = text(&parts(report)[0].content);
    assert!(pbir.starts_with("{\r\n  \"$schema\": \"https://developer.microsoft.com/") && pbir.ends_with("\r\n}\r\n"));
    let pbir: serde_json::Value = serde_json::from_str(&pbir).unwrap();
    assert_eq!(pbir["version"], "4.0");
    assert_eq!(
        pbir["datasetReference"],
        json!({"byConnection": {
            "connectionString": null,
            "pbiServiceModelId": null,
            "pbiModelVirtualServerName": "sobe_wowvirtualserver",
            "pbiModelDatabaseName": "<Sales model.SemanticModel>",
            "name": "EntityDataSource",
            "connectionType": "pbiServiceXmlaStyleLive",
        }})
    );
    assert!(pbir["$schema"].as_str().unwrap().ends_with("/definitionProperties/1.0.0/schema.json"));
}

#[test]
fn a_report_with_a_connection_is_left_alone() {
    for pbir in ["{\"datasetReference\":{\"byPath\":null,\"byConnection\":{\"connectionString\":\"x\"}}}", "{}", "[]"] {
        let items = report(pbir).items("dev");
        assert_eq!(text(&parts(item(&items, "Report", "R"))[0].content), pbir);
    }
}

#[test]
fn a_report_whose_model_is_nowhere() {
    for path in ["../Other.SemanticModel", "../../../../out", ".", "../R.Report"] {
        let folder = report(&BY_PATH.replace("../Model.SemanticModel", path));
        let (items, diagnostics) = folder.load("dev");
        assert!(items.is_none());
        let errors: Vec<_> =
            folder.findings(&diagnostics).into_iter().filter(|finding| finding.starts_with("error")).collect();
        assert_eq!(errors, ["error report-model-not-found x/R.Report/definition.pbir:6"]);
    }
}

#[test]
fn the_active_value_set_follows_the_environment() {
    for (files, environment, expected) in [
        (vec![("settings.json", "{\"valueSetsOrder\": [\"test\", \"prod\"]}")], "prod", "prod"),
        (vec![("settings.json", "{\"valueSetsOrder\": [\"test\"]}")], "prod", "Default value set"),
        (vec![("settings.json", "{}"), ("valueSets/prod.json", "{}")], "prod", "prod"),
        (vec![], "prod", "Default value set"),
    ] {
        let folder = Folder::new();
        folder.item("a", "VariableLibrary", "A", &id(1)).file("a/variables.json", "{}");
        for (path, content) in &files {
            folder.file(&format!("a/{path}"), content);
        }
        let items = folder.items(environment);
        assert_eq!(item(&items, "VariableLibrary", "A").active_value_set.as_deref(), Some(expected), "{files:?}");
    }
    let folder = Folder::new();
    folder.notebook("A", &id(1), "x");
    assert_eq!(item(&folder.items("dev"), "Notebook", "A").active_value_set, None);
}

#[test]
fn a_variable_library_keeps_ids_and_says_so() {
    let folder = Folder::new();
    let variables = format!("{{\"value\":\n\"{}\", \"workspaceId\": \"00000000-0000-0000-0000-000000000000\"}}", id(2));
    folder.item("a", "VariableLibrary", "A", &id(1)).file("a/variables.json", &variables).notebook("B", &id(2), "x");
    let (items, diagnostics) = folder.load("dev");
    let items = items.unwrap();
    assert_eq!(text(&parts(item(&items, "VariableLibrary", "A"))[0].content), variables);
    assert_eq!(folder.findings(&diagnostics), ["warning id-not-replaced a/variables.json:2"]);
    assert_eq!(notebook_text(&items, "B"), "x");
}
