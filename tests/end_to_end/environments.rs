//! Two environments of one product differ by their parameters and by nothing else.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::binary::Stage;
use crate::example::copy_example;

/// The definition parts of a workspace, with every id of its own replaced by what it stands for.
fn parts(stage: &Stage, workspace: &str) -> BTreeMap<String, String> {
    let items = stage.list(&format!("/v1/workspaces/{workspace}/items"));
    let mut names = vec![(workspace.to_owned(), "<workspace>".to_owned())];
    for item in &items {
        let name = format!("<{}.{}>", item["displayName"].as_str().unwrap(), item["type"].as_str().unwrap());
        names.push((item["id"].as_str().unwrap().to_owned(), name));
    }
    let mut found = BTreeMap::new();
    for item in &items {
        let path = format!("/v1/workspaces/{workspace}/items/{}/getDefinition", item["id"].as_str().unwrap());
        let (200, definition) = stage.fabric("POST", &path, None) else { continue };
        for part in definition["definition"]["parts"].as_array().unwrap() {
            let mut text = String::from_utf8(STANDARD.decode(part["payload"].as_str().unwrap()).unwrap()).unwrap();
            for (id, name) in &names {
                text = text.replace(id, name);
            }
            let key = format!(
                "{}.{}/{}",
                item["displayName"].as_str().unwrap(),
                item["type"].as_str().unwrap(),
                part["path"].as_str().unwrap()
            );
            found.insert(key, text);
        }
    }
    found
}

#[test]
fn they_differ_exactly_by_their_parameters() {
    let stage = Stage::new();
    copy_example(&stage.directory.path().join("product"));
    let deploy = |environment: &str| {
        let document =
            stage.json(0, &["deploy", "--config", "product/product_config.yaml", "--environment", environment]);
        assert_eq!(document["status"], "committed", "{document}");
        document["workspace"]["id"].as_str().unwrap().to_owned()
    };
    let (dev, test) = (deploy("dev"), deploy("test"));
    let (dev_parts, test_parts) = (parts(&stage, &dev), parts(&stage, &test));
    assert_eq!(dev_parts.keys().collect::<Vec<_>>(), test_parts.keys().collect::<Vec<_>>());
    let mut differing: Vec<(String, Vec<(String, String)>)> = Vec::new();
    for (path, dev_text) in &dev_parts {
        let test_text = &test_parts[path];
        let lines: Vec<_> = dev_text
            .lines()
            .zip(test_text.lines())
            .filter(|(dev, test)| dev != test)
            .map(|(dev, test)| (dev.trim().to_owned(), test.trim().to_owned()))
            .collect();
        assert_eq!(dev_text.lines().count(), test_text.lines().count(), "{path}");
        if !lines.is_empty() {
            differing.push((path.clone(), lines));
        }
    }
    let paths: Vec<_> = differing.iter().map(|(path, _)| path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "SalesDaily_Pipeline.DataPipeline/pipeline-content.json",
            "SalesSpark_Environment.Environment/Setting/Sparkcompute.yml",
            "Sales_SemanticModel.SemanticModel/definition/expressions.tmdl",
        ],
        "{differing:#?}"
    );
    assert_eq!(differing[0].1.len(), 1, "days_back: {differing:#?}");
    assert_eq!(differing[1].1, [("max_executors: 2".to_owned(), "max_executors: 4".to_owned())]);
    for (dev_line, test_line) in &differing[2].1 {
        assert!(dev_line.contains("Sql.Database(") && test_line.contains("Sql.Database("), "{dev_line} | {test_line}");
    }
    let value_set = |workspace: &str| {
        let libraries = stage.list(&format!("/v1/workspaces/{workspace}/variableLibraries"));
        libraries[0]["properties"]["activeValueSetName"].as_str().unwrap().to_owned()
    };
    assert_eq!((value_set(&dev), value_set(&test)), ("Default value set".to_owned(), "test".to_owned()));
}
