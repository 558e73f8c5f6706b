//! An example of every item type that fabric-cicd 1.4 deploys.

use std::fs;
use std::path::Path;

use serde_json::json;

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::rollback::deploy;
use crate::sources::{self, logical_id};

const EVENTHOUSE: usize = 9;
const DATABASE: usize = 17;
const NOTEBOOK: usize = 11;

/// The types in fabric-cicd's order of publishing, each with files that make a definition; none for those of which only
/// the name is deployed.
fn examples() -> Vec<(&'static str, Vec<(&'static str, String)>)> {
    let zero = "00000000-0000-0000-0000-000000000000";
    let source = json!({ "id": "s", "clusterUri": "", "databaseItemId": logical_id(DATABASE) });
    let activity = json!({ "name": "Run", "type": "TridentNotebook",
        "typeProperties": { "notebookId": logical_id(NOTEBOOK), "workspaceId": zero } });
    let empty = || "{}".to_owned();
    vec![
        (
            "VariableLibrary",
            vec![
                ("variables.json", json!({ "variables": [] }).to_string()),
                ("settings.json", json!({ "valueSetsOrder": ["dev"] }).to_string()),
                ("valueSets/dev.json", json!({ "name": "dev", "variableOverrides": [] }).to_string()),
            ],
        ),
        ("Warehouse", vec![]),
        ("MirroredDatabase", vec![("mirroring.json", json!({ "properties": {} }).to_string())]),
        ("Lakehouse", vec![("lakehouse.metadata.json", json!({ "defaultSchema": "dbo" }).to_string())]),
        ("SQLDatabase", vec![]),
        ("CosmosDBDatabase", vec![("definition.json", empty())]),
        ("Environment", vec![("Setting/Sparkcompute.yml", "runtime_version: 1.3\n".to_owned())]),
        ("UserDataFunction", vec![("function_app.py", "import fabric\n".to_owned()), ("definition.json", empty())]),
        ("Eventhouse", vec![("EventhouseProperties.json", empty())]),
        ("SparkJobDefinition", vec![("SparkJobDefinitionV1.json", json!({ "language": "Python" }).to_string())]),
        ("Notebook", vec![("notebook-content.py", "# Fabric notebook source\n\nprint(1)\n".to_owned())]),
        (
            "SemanticModel",
            vec![
                ("definition.pbism", json!({ "version": "4.2", "settings": {} }).to_string()),
                ("definition/model.tmdl", "model Model\n".to_owned()),
                (".pbi/cache.abf", "local state".to_owned()),
            ],
        ),
        (
            "Report",
            vec![
                (
                    "definition.pbir",
                    json!({ "version": "4.0",
                "datasetReference": { "byPath": { "path": "../The_SemanticModel.SemanticModel" } } })
                    .to_string(),
                ),
                ("report.json", empty()),
            ],
        ),
        ("PaginatedReport", vec![("report.rdl", "<Report/>".to_owned())]),
        ("CopyJob", vec![("copyjob-content.json", empty())]),
        ("DataBuildToolJob", vec![("dbt-content.json", empty())]),
        (
            "KQLDatabase",
            vec![
                (
                    "DatabaseProperties.json",
                    json!({ "databaseType": "ReadWrite",
                "parentEventhouseItemId": logical_id(EVENTHOUSE) })
                    .to_string(),
                ),
                ("DatabaseSchema.kql", ".create table T (a: int)\n".to_owned()),
            ],
        ),
        (
            "KQLQueryset",
            vec![("RealTimeQueryset.json", json!({ "queryset": { "dataSources": [source] } }).to_string())],
        ),
        ("Dataflow", vec![("mashup.pq", "section Section1;".to_owned()), ("queryMetadata.json", empty())]),
        (
            "DataPipeline",
            vec![("pipeline-content.json", json!({ "properties": { "activities": [activity] } }).to_string())],
        ),
        ("Reflex", vec![("ReflexEntities.json", "[]".to_owned())]),
        ("Eventstream", vec![("eventstream.json", json!({ "sources": [] }).to_string())]),
        (
            "KQLDashboard",
            vec![(
                "RealTimeDashboard.json",
                json!({ "dataSources": [
            { "id": "s", "name": "The_KQLDatabase", "clusterUri": "", "kind": "manual-kusto" }] })
                .to_string(),
            )],
        ),
        ("GraphQLApi", vec![("graphql-definition.json", json!({ "datasources": [] }).to_string())]),
        ("ApacheAirflowJob", vec![("apacheairflowjob-content.json", empty())]),
        ("MountedDataFactory", vec![("mountedDataFactory-content.json", empty())]),
        ("Ontology", vec![("definition.json", empty())]),
        ("DataAgent", vec![("Files/Config/data_agent.json", empty())]),
        ("MLExperiment", vec![]),
        ("Map", vec![("map.json", empty())]),
        ("GraphModel", vec![("graphModel.json", empty())]),
    ]
}

fn write(root: &Path) -> usize {
    let examples = examples();
    for (position, (item_type, files)) in examples.iter().enumerate() {
        let name = format!("The_{item_type}");
        // A KQL database lies in the directory of its eventhouse.
        let above =
            if *item_type == "KQLDatabase" { root.join("The_Eventhouse.Eventhouse/.children") } else { root.into() };
        let directory = above.join(format!("{name}.{item_type}"));
        sources::platform(&directory, item_type, &name, position + 1);
        for (path, text) in files {
            let path = directory.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
    }
    examples.len()
}

#[test]
fn each_type_is_deployed_and_found_as_it_was_deployed() {
    let stage = Stage::new();
    let count = write(&stage.directory.path().join("source"));
    assert_eq!(count, 31);
    let document = stage.json(0, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    assert_eq!((&document["status"], &document["summary"]["create"]), (&json!("committed"), &json!(31)), "{document}");
    let again = stage.json(0, &deploy(&[]));
    assert_eq!((&again["status"], &again["summary"]["unchanged"]), (&json!("unchanged"), &json!(31)), "{again}");
    let out = stage.path("exported");
    stage.json(0, &["export", "--workspace", "W", "--out", &out]);
    let files = sources::files(Path::new(&out));
    let text = |ending: &str| files.iter().find(|(path, _)| path.ends_with(ending)).unwrap().1.clone();
    assert!(!files.keys().any(|path| path.contains(".pbi/")), "local state is not deployed");
    for part in ["RealTimeQueryset.json", "RealTimeDashboard.json"] {
        assert!(text(part).contains("\"clusterUri\":\"https://"), "{}", text(part));
    }
    let model = &files.iter().find(|(path, _)| path.ends_with("The_SemanticModel.SemanticModel/.platform")).unwrap().0;
    assert!(
        text("definition.pbir").contains(&format!("\"pbiModelDatabaseName\": \"<{model}>\"")),
        "{}",
        text("definition.pbir")
    );
}

#[test]
fn a_type_that_nobody_knows_is_left_to_the_service() {
    let stage = Stage::new();
    let directory = stage.directory.path().join("source/New.BrandNewType");
    sources::platform(&directory, "BrandNewType", "New", 1);
    fs::write(directory.join("content.txt"), "text").unwrap();
    let document = stage.json(5, &deploy(&["--capacity", ACTIVE_CAPACITY]));
    let step = document["steps"].as_array().unwrap().iter().find(|step| step["type"] == "BrandNewType").unwrap();
    assert_eq!(step["error"]["code"], "InvalidItemType", "the service decides: {document}");
}
