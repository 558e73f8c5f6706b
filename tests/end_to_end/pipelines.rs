//! The pipelines of the documents: every command in them is run, as the pipeline's shell would, against the emulator.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::binary::{self, Run, Stage};
use crate::example::copy_example;
use crate::sources;

/// How a pipeline signs in and where its journal lies: here a token and a folder do.
const REPLACED: [&str; 6] = [
    "FABRIC_USE_OIDC",
    "FABRIC_TENANT_ID",
    "FABRIC_CLIENT_ID",
    "FABRIC_AZURE_DEVOPS_SERVICE_CONNECTION_ID",
    "FABRIC_STATE",
    "SYSTEM_ACCESSTOKEN",
];

/// A command of a pipeline that calls this tool, with the variables of its file and of its step.
struct Step {
    script: String,
    variables: BTreeMap<String, String>,
}

fn read(path: &str) -> Value {
    let text = fs::read_to_string(binary::repository().join(path)).unwrap();
    serde_saphyr::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every step of a pipeline that calls `fabric-cli`, in order.
fn steps(pipeline: &Value) -> Vec<Step> {
    let mut common = variables(&pipeline["env"]);
    common.extend(variables(&pipeline["variables"]));
    let mut found = Vec::new();
    collect(pipeline, &common, &mut found);
    assert!(!found.is_empty(), "the pipeline calls fabric-cli");
    found
}

fn collect(value: &Value, common: &BTreeMap<String, String>, found: &mut Vec<Step>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, common, found)),
        Value::Object(members) => {
            let script = [&value["run"], &value["script"], &value["inputs"]["inlineScript"]];
            let script = script.into_iter().find_map(Value::as_str).filter(|script| script.contains("fabric-cli "));
            if let Some(script) = script.filter(|script| !script.contains("cargo")) {
                let mut step = Step { script: script.to_owned(), variables: common.clone() };
                step.variables.extend(variables(&value["env"]));
                found.push(step);
            } else {
                members.values().for_each(|value| collect(value, common, found));
            }
        }
        _ => {}
    }
}

/// The variables whose values the file itself tells.
fn variables(environment: &Value) -> BTreeMap<String, String> {
    let Some(members) = environment.as_object() else { return BTreeMap::new() };
    let told = members.iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
    told.filter(|(name, _)| !REPLACED.contains(&name.as_str()))
        .map(|(name, value)| match value.as_str() {
            "${{ parameters.config }}" => (name, "product_config.yaml".to_owned()),
            "${{ parameters.environment }}" => (name, "prod".to_owned()),
            "${{ parameters.transaction }}" => (name, "newest".to_owned()),
            _ => (name, value),
        })
        .filter(|(_, value)| !value.contains("${{") && !value.contains("$("))
        .collect()
}

fn run(stage: &Stage, step: &Step, platform: (&str, &str)) -> Run {
    let folder = binary::binary().parent().unwrap();
    let path = std::env::join_paths(
        [folder].into_iter().map(Path::to_owned).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap())),
    );
    let mut command = Command::new("bash");
    command.args(["--noprofile", "--norc", "-eo", "pipefail", "-c", &step.script]);
    command.current_dir(stage.directory.path()).envs(&step.variables).env("PATH", path.unwrap());
    command.env("FABRIC_ENDPOINT", stage.emulator.endpoint()).env("FABRIC_TOKEN", stage.emulator.token());
    command.env("FABRIC_STATE", stage.path("state")).env(platform.0, platform.1);
    for feature in ["FEATURE_USE_KEY_VAULT", "FEATURE_USE_TELEMETRY"] {
        command.env(feature, "off");
    }
    for (name, file) in [("GITHUB_OUTPUT", "outputs"), ("GITHUB_STEP_SUMMARY", "summary.md")] {
        command.env(name, stage.path(file));
    }
    command.env("PIPELINE_WORKSPACE", stage.directory.path()).env("AGENT_TEMPDIRECTORY", stage.directory.path());
    binary::run(&mut command)
}

/// Plan on a pull request, deploy, look for drift, find it, roll back: with the files of one platform.
fn the_life_of_a_workspace(files: [&str; 4], platform: (&str, &str)) {
    let [pull_request, deploy, drift, rollback] = files.map(read);
    let stage = Stage::new();
    copy_example(stage.directory.path());
    let all = |pipeline: &Value, code: i32| {
        for step in steps(pipeline) {
            run(&stage, &step, platform).exits(code);
            if stage.directory.path().join("fabric.plan").exists() {
                fs::create_dir_all(stage.path("plan")).unwrap();
                fs::copy(stage.path("fabric.plan"), stage.path("plan/fabric.plan")).unwrap();
            }
        }
    };
    all(&pull_request, 0);
    assert_eq!(stage.mutations(), [] as [String; 0], "a plan changes nothing");
    all(&deploy, 0);
    let outputs = fs::read_to_string(stage.path("outputs"));
    assert_eq!(outputs.is_ok(), platform.0 == "GITHUB_ACTIONS");
    all(&drift, 0);
    let workspaces = stage.list("/v1/workspaces");
    let workspace = workspaces.iter().find(|found| found["displayName"] == "contoso-sales-analytics-prod").unwrap();
    let workspace = format!("/v1/workspaces/{}", workspace["id"].as_str().unwrap());
    let renamed = stage.fabric("PATCH", &workspace, Some(serde_json::json!({ "description": "somebody's own" })));
    assert_eq!(renamed.0, 200);
    all(&drift, 2);
    let restored = serde_json::json!({ "description": "Sales Analytics, as the business sees it" });
    assert_eq!(stage.fabric("PATCH", &workspace, Some(restored)).0, 200);
    all(&rollback, 0);
    let left = stage.list("/v1/workspaces");
    assert!(left.iter().all(|found| found["displayName"] != "contoso-sales-analytics-prod"), "{left:?}");
}

#[test]
fn the_workflows_of_github_do_what_they_say() {
    let file = |name: &str| format!("docs/pipelines/github/{name}.yml");
    let files = [file("pull-request"), file("deploy"), file("drift"), file("rollback")];
    the_life_of_a_workspace(files.each_ref().map(String::as_str), ("GITHUB_ACTIONS", "true"));
}

#[test]
fn the_pipelines_of_azure_devops_do_what_they_say() {
    let file = |name: &str| format!("docs/pipelines/azure-devops/{name}.yml");
    let extending = read(&file("deploy"));
    let parameters = extending["extends"]["parameters"].as_object().unwrap();
    let template = read("azure-pipelines/fabric-deploy.yml");
    for parameter in template["parameters"].as_array().unwrap() {
        let name = parameter["name"].as_str().unwrap();
        assert!(parameters.contains_key(name) || parameter.get("default").is_some(), "{name} is given");
    }
    assert!(parameters.keys().all(|given| {
        template["parameters"].as_array().unwrap().iter().any(|parameter| parameter["name"] == given.as_str())
    }));
    let files = [file("pull-request"), "azure-pipelines/fabric-deploy.yml".to_owned(), file("drift"), file("rollback")];
    the_life_of_a_workspace(files.each_ref().map(String::as_str), ("TF_BUILD", "True"));
}

#[test]
fn a_plan_of_one_job_is_applied_by_another_on_another_machine() {
    let stage = Stage::new();
    let source = stage.directory.path().join("first/source");
    sources::notebook(&source, "One", 1, "print(1)");
    let plan = ["plan", "--source", "source", "--workspace", "W", "--out", "w.plan"];
    let first = |directory: &str, arguments: &[&str]| {
        let mut command = binary::fabric_cli(&stage.directory.path().join(directory));
        command.env("FABRIC_ENDPOINT", stage.emulator.endpoint()).env("FABRIC_TOKEN", stage.emulator.token());
        binary::run(command.args(arguments))
    };
    first("first", &[&plan[..], &["--capacity", binary::ACTIVE_CAPACITY]].concat()).exits(0);
    let second = stage.directory.path().join("second");
    sources::notebook(&second.join("source"), "One", 1, "print(1)");
    fs::copy(stage.path("first/w.plan"), second.join("w.plan")).unwrap();
    first("second", &["deploy", "--plan", "w.plan"]).exits(0);
}
