//! What the configuration of another tool comes to.

use std::fs;

use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::sources;

const CONFIG: &str = "\
core:
  workspace:
    dev: Sales dev
    prod: Sales
  repository_directory: ./workspace
  parameter: parameter.yml
publish:
  exclude_regex: ^draft
unpublish:
  exclude_regex: ^keep
features:
  - enable_shortcut_publish
  - enable_lakehouse_unpublish
  - continue_on_shortcut_failure
constants:
  DEFAULT_API_ROOT_URL: https://api.powerbi.com
";

fn stage(config: &str) -> Stage {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("workspace"), "Load", 1, "path = 'here'");
    fs::write(stage.path("parameter.yml"), "find_replace:\n  - find_value: here\n    replace_value: {prod: there}\n")
        .unwrap();
    fs::write(stage.path("config.yml"), config).unwrap();
    stage
}

/// The line of each difference in `file`.
fn lines(document: &Value, file: &str) -> Vec<u64> {
    let differences = document["differences"].as_array().unwrap().iter();
    differences.filter(|found| found["file"] == file).filter_map(|found| found["line"].as_u64()).collect()
}

#[test]
fn a_config_yml_comes_to_one_command_for_each_environment() {
    let stage = stage(CONFIG);
    let document = stage.json(0, &["migrate", "--from", "config.yml"]);
    assert_eq!(
        document["commands"],
        json!([
            { "environment": "dev", "line": "fabric-cli deploy --config config.yml --environment dev --prune --prune-data" },
            { "environment": "prod", "line": "fabric-cli deploy --config config.yml --environment prod --prune --prune-data" },
        ])
    );
    assert_eq!(document["schema_version"], "1");
    let told = lines(&document, "config.yml");
    for line in [2, 9, 12, 13, 14, 16] {
        assert!(told.contains(&line), "nothing is told of line {line}: {document:#}");
    }
    let parameter = lines(&document, "parameter.yml");
    assert!(!parameter.is_empty(), "dev has no value in parameter.yml: {document:#}");
    let text = stage.run(&["migrate", "--from", "config.yml", "--environment", "prod"]).exits(0).stdout;
    assert!(
        text.contains("  fabric-cli deploy --config config.yml --environment prod --prune --prune-data\n"),
        "{text}"
    );
    assert!(!text.contains("--environment dev") && text.contains("config.yml:9:1: fabric-cicd deletes"), "{text}");
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[test]
fn the_command_that_is_shown_does_what_it_says() {
    let stage = stage(&CONFIG.replace("unpublish:\n", "unpublish:\n  skip: true\n"));
    let document = stage.json(0, &["migrate", "--from", "config.yml", "--environment", "prod"]);
    let line = document["commands"][0]["line"].as_str().unwrap();
    assert_eq!(line, "fabric-cli deploy --config config.yml --environment prod");
    let words: Vec<&str> = line.split(' ').skip(1).chain(["--capacity", ACTIVE_CAPACITY]).collect();
    assert_eq!(stage.json(0, &words)["status"], "committed");
}

#[test]
fn a_product_configuration_comes_to_one_command_for_each_enabled_environment() {
    let stage = stage(CONFIG);
    let product = format!(
        "product:\n  name: Sales\nenvironments:\n  dev:\n    enabled: true\n    capacity_id: {ACTIVE_CAPACITY}\n    auto_deploy: true\n  old:\n    enabled: false\ndeployment:\n  rollback_on_error: true\nnaming:\n  validate: false\n"
    );
    fs::write(stage.path("product_config.yaml"), product).unwrap();
    let project = json!({
        "project": { "name": "sales", "prefix": "contoso" },
        "naming_patterns": { "workspace": "{prefix}-{name}-{environment}" },
        "environments": { "dev": { "description": "Development" } },
    });
    fs::write(stage.path("project.config.json"), project.to_string()).unwrap();
    let document = stage.json(0, &["migrate", "--from", "product_config.yaml"]);
    let command = "fabric-cli deploy --config product_config.yaml --environment dev --flag FEATURE_USE_ROLLBACK=on";
    assert_eq!(document["commands"], json!([{ "environment": "dev", "line": command }]));
    let told = lines(&document, "product_config.yaml");
    for line in [7, 8, 11] {
        assert!(told.contains(&line), "nothing is told of line {line}: {document:#}");
    }
}

#[test]
fn what_cannot_be_read_is_told_all_at_once() {
    let stage =
        stage(&CONFIG.replace("./workspace", "./elsewhere").replace("enable_shortcut_publish", "enable_shortcuts"));
    let run = stage.run(&["migrate", "--from", "config.yml"]).exits(7);
    for part in ["config.yml:5", "./elsewhere", "config.yml:12", "enable_shortcuts"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    fs::write(stage.path("other.yml"), "services: {}\n").unwrap();
    let run = stage.run(&["migrate", "--from", "other.yml"]).exits(7);
    assert!(run.stderr.contains("neither a config.yml of fabric-cicd"), "{}", run.stderr);
    stage.run(&["migrate", "--from", "missing.yml"]).exits(7);
}
