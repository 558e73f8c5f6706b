//! Definitions: what comes back of what was given.

use fabric_emulator::{Emulator, Settings};
use serde_json::{Value, json};

use crate::bench::{Bench, definition, notebook, part, parts, platform};

const NO_LOGICAL_ID: &str = "\"logicalId\": \"00000000-0000-0000-0000-000000000000\"";

#[tokio::test]
async fn a_notebook_comes_back_byte_for_byte_with_its_platform_file_last() {
    let bench = Bench::new().await;
    let text = "# Fabric notebook source\r\n\n# ünï\n";
    let id = bench.make("/items", &notebook("n", text)).await;
    let read = bench.definition(&id).await;
    assert_eq!(read[0], ("notebook-content.py".to_owned(), text.to_owned()));
    assert_eq!((read.len(), read[1].0.as_str()), (2, ".platform"));
    assert!(read[1].1.contains(NO_LOGICAL_ID) && read[1].1.contains("\"displayName\": \"n\""), "{}", read[1].1);
    assert!(!read[1].1.contains("description"));
}

#[tokio::test]
async fn definitions_come_back_as_the_service_rewrites_them() {
    let bench = Bench::new().await;
    let cases: [(&str, &str, &str, &str); 4] = [
        ("mirroredDatabases", "mirroring.json", r#"{"a":{"b":""}}"#, "{\r\n  \"a\": {\r\n    \"b\": null\r\n  }\r\n}"),
        ("sparkJobDefinitions", "SparkJobDefinitionV1.json", r#"{"a":""}"#, "{\r\n  \"a\": null\r\n}"),
        ("mountedDataFactories", "mountedDataFactory-content.json", "{}", "{}\n"),
        ("dataPipelines", "pipeline-content.json", r#"{ "a":1}"#, r#"{ "a":1}"#),
    ];
    for (collection, path, sent, stored) in cases {
        let body = json!({"displayName": collection, "definition": definition(&[(path, sent)])});
        let id = bench.make(&format!("/{collection}"), &body).await;
        assert_eq!(bench.definition(&id).await[0], (path.to_owned(), stored.to_owned()));
    }
}

#[tokio::test]
async fn normalisation_can_be_turned_off() {
    let exact = |settings: &mut Settings| settings.normalise_definitions = false;
    let bench = Bench::with(Emulator::builder().configure(exact)).await;
    let body = json!({"displayName": "m", "definition": definition(&[("mirroring.json", r#"{"a":""}"#)])});
    let id = bench.make("/mirroredDatabases", &body).await;
    assert_eq!(bench.definition(&id).await[0].1, r#"{"a":""}"#);
}

#[tokio::test]
async fn an_item_created_bare_has_the_default_definition_of_its_type() {
    let bench = Bench::new().await;
    let lakehouse = bench.make("/lakehouses", &json!({"displayName": "l"})).await;
    let paths: Vec<String> = bench.definition(&lakehouse).await.into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["lakehouse.metadata.json", "shortcuts.metadata.json", "alm.settings.json", ".platform"]);
    let job = bench.make("/sparkJobDefinitions", &json!({"displayName": "s"})).await;
    assert!(bench.definition(&job).await[0].1.starts_with("{\r\n  \"executableFile\": null,\r\n"));
}

#[tokio::test]
async fn formats_are_shown_only_by_the_types_that_do() {
    let bench = Bench::new().await;
    let model = |parts: &[(&str, &str)]| json!({"displayName": "m", "definition": definition(parts)});
    let tmdl =
        bench.make("/semanticModels", &model(&[("definition.pbism", "{}"), ("definition/model.tmdl", "model")])).await;
    let tmsl = bench.make("/semanticModels", &model(&[("definition.pbism", "{}"), ("model.bim", "{}")])).await;
    let pipeline = bench.make("/dataPipelines", &json!({"displayName": "p"})).await;
    for (id, query, expected) in
        [(&tmdl, "", json!("TMDL")), (&tmsl, "?format=TMSL", json!("TMSL")), (&pipeline, "", Value::Null)]
    {
        let read = bench.post(&bench.at(&format!("/items/{id}/getDefinition{query}")), &Value::Null).await;
        assert_eq!(bench.finished(read).await.json()["definition"]["format"], expected);
    }
    let wrong = bench.post(&bench.at(&format!("/items/{tmdl}/getDefinition?format=TMSL")), &Value::Null).await;
    assert_eq!(wrong.verdict(), "400 InvalidDefinitionFormat");
}

#[tokio::test]
async fn updates_replace_the_whole_definition() {
    let bench = Bench::new().await;
    let body = json!({"displayName": "s", "definition": definition(&[("SparkJobDefinitionV1.json", "{}"), ("Main/main.py", "1")])});
    let id = bench.make("/sparkJobDefinitions", &body).await;
    let new = json!({"definition": definition(&[("SparkJobDefinitionV1.json", "{}"), ("Libs/a.py", "2")])});
    let updated = bench.post(&bench.at(&format!("/items/{id}/updateDefinition")), &new).await;
    assert_eq!((updated.status, updated.bytes.len()), (200, 0));
    assert_eq!(updated.header("content-type"), Some("application/octet-stream"));
    let paths: Vec<String> = bench.definition(&id).await.into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["SparkJobDefinitionV1.json", "Libs/a.py", ".platform"]);
}

#[tokio::test]
async fn metadata_is_updated_only_on_request() {
    let bench = Bench::new().await;
    let id = bench.make("/items", &notebook("old", "x")).await;
    bench.make("/items", &notebook("taken", "x")).await;
    let with = |name: &str| json!({"definition": {"parts": [part("notebook-content.py", "y"), part(".platform", &platform("Notebook", name))]}});
    let update = |query: &str| bench.at(&format!("/notebooks/{id}/updateDefinition{query}"));
    let shown = async || bench.get(&bench.at(&format!("/items/{id}"))).await.json()["displayName"].clone();

    let first = bench.post(&update(""), &with("new")).await;
    let result = bench.finished(first).await.json();
    assert_eq!((&result["id"], &result["displayName"]), (&json!(id), &json!("old")), "the result is the item");
    let second = bench.post(&update("?updateMetadata=True"), &with("new")).await;
    bench.finished(second).await;
    assert_eq!(shown().await, "new");
    let taken = bench.post(&update("?updateMetadata=true"), &with("taken")).await;
    assert_eq!(taken.verdict(), "409 ItemDisplayNameAlreadyInUse");
    let bare = json!({"definition": definition(&[("notebook-content.py", "z")])});
    assert_eq!(bench.post(&update("?updateMetadata=true"), &bare).await.verdict(), "400 InvalidPlatformFile");
    let other = json!({"definition": {"parts": [part("notebook-content.py", "y"), part(".platform", &platform("Report", "n"))]}});
    assert_eq!(bench.post(&update(""), &other).await.verdict(), "400 InvalidPlatformFile");
}

#[tokio::test]
async fn types_without_definitions_say_so() {
    let bench = Bench::new().await;
    let id = bench.make("/warehouses", &json!({"displayName": "w"})).await;
    for action in ["getDefinition", "updateDefinition"] {
        let path = bench.at(&format!("/items/{id}/{action}"));
        let body = json!({"definition": {"parts": []}});
        assert_eq!(bench.post(&path, &body).await.verdict(), "400 OperationNotSupportedForItem");
        let typed = bench.at(&format!("/warehouses/{id}/{action}"));
        assert_eq!(bench.post(&typed, &body).await.verdict(), "404 EndpointNotFound");
    }
}

#[tokio::test]
async fn an_export_has_real_logical_ids_and_platform_files_first() {
    let bench = Bench::new().await;
    let folder = bench.make("/folders", &json!({"displayName": "f"})).await;
    let mut body = notebook("n", "x");
    body["folderId"] = json!(folder);
    let id = bench.make("/items", &body).await;
    bench.make("/warehouses", &json!({"displayName": "w"})).await;
    let path = bench.at("/items/bulkExportDefinitions");
    let all = json!({"mode": "All"});
    assert_eq!(bench.post(&path, &all).await.verdict(), "400 InvalidParameter", "beta is required");
    let answer = bench.post(&format!("{path}?beta=true"), &all).await;
    let exported = bench.finished(answer).await.json();
    assert_eq!(exported["itemDefinitionsIndex"], json!([{"id": id, "rootPath": "/f/n.Notebook"}]));
    let read = parts(&exported["definitionParts"]);
    assert_eq!(
        (read[0].0.as_str(), read[1].0.as_str()),
        ("/f/n.Notebook/.platform", "/f/n.Notebook/notebook-content.py")
    );
    let platform: Value = serde_json::from_str(&read[0].1).unwrap();
    let words: Vec<&str> = id.split('-').collect();
    let logical = platform["config"]["logicalId"].as_str().unwrap();
    assert!(logical.starts_with(&words[4][4..]) && logical.ends_with(words[0]), "{logical} of {id}");
    let twice = json!({"mode": "Selective", "items": [{"id": id}, {"id": id}]});
    assert_eq!(bench.post(&format!("{path}?beta=true"), &twice).await.verdict(), "400 ItemReferencedMoreThanOnce");
}
