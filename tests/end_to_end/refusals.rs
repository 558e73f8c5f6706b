//! What Fabric refuses reaches the user with its code, its request id and a remedy.

use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Stage};
use crate::sources;

const DEPLOY: [&str; 7] = ["deploy", "--source", "source", "--workspace", "W", "--environment", "dev"];

fn with_source() -> Stage {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    stage
}

#[track_caller]
fn failed_step(document: &Value, code: &str) {
    let step = document["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["status"] == "failed")
        .unwrap_or_else(|| panic!("no failed step: {document}"));
    assert_eq!(step["error"]["code"], code, "{step}");
    assert!(step["error"]["remedy"].is_string(), "{step}");
    assert!(step["request_id"].is_string(), "{step}");
}

#[test]
fn a_workspace_without_capacity() {
    let stage = with_source();
    let document = stage.json(1, &DEPLOY);
    assert_eq!(document["status"], "failed");
    failed_step(&document, "WorkspaceHasNoCapacityAssigned");
    assert_eq!(document["left_behind"][0]["step"], "workspace/create", "{document}");
}

#[test]
fn a_capacity_that_is_paused() {
    let stage = with_source();
    let paused = fabric_emulator::PAUSED_CAPACITY.to_string();
    let arguments: Vec<_> = DEPLOY.iter().copied().chain(["--capacity", &paused]).collect();
    let document = stage.json(1, &arguments);
    failed_step(&document, "CapacityNotInActiveState");
}

#[test]
fn a_role_that_is_too_low() {
    let stage = with_source();
    let (_, workspace) =
        stage.fabric("POST", "/v1/workspaces", Some(json!({ "displayName": "W", "capacityId": ACTIVE_CAPACITY })));
    let path = format!("/v1/workspaces/{}/roleAssignments", workspace["id"].as_str().unwrap());
    let viewer = json!({ "principal": { "id": fabric_emulator::SERVICE_PRINCIPAL, "type": "ServicePrincipal" }, "role": "Viewer" });
    assert_eq!(stage.fabric("POST", &path, Some(viewer)).0, 201);
    let token = stage.emulator.token_for(&fabric_emulator::SERVICE_PRINCIPAL.to_string());
    let arguments: Vec<_> = ["--output", "json"].iter().chain(&DEPLOY).copied().collect();
    let document = stage.run_as(&token, &arguments).exits(4).document();
    failed_step(&document, "InsufficientPrivileges");
    let text = stage.run_as(&token, &DEPLOY).exits(4);
    assert!(text.stdout.contains("InsufficientPrivileges") && text.stdout.contains("request id"), "{}", text.stdout);
}

#[test]
fn a_token_that_is_not_one() {
    let stage = with_source();
    let arguments: Vec<_> = ["--output", "json"].iter().chain(&DEPLOY).copied().collect();
    let document = stage.run_as("canary-8c21-not-a-token", &arguments).exits(4).document();
    assert_eq!(document["status"], "failed", "{document}");
    assert!(document["error"]["remedy"].is_string(), "{document}");
    assert!(!document.to_string().contains("canary"));
}
