//! A deployment that connects its workspace to Git and commits what it deployed: twice, and undone.

use std::fs;
use std::path::Path;

use fabric_emulator::{Emulator, Fault};
use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Run, Stage, fabric_cli, run};
use crate::sources;

const WORKSPACE: &str = "c-sales-dev";

/// A project whose product asks for Git, and a repository for it.
fn project(provider: &str) -> (Stage, std::path::PathBuf) {
    let stage = Stage::new();
    let root = stage.directory.path();
    write(
        root,
        "project.config.json",
        &json!({
            "project": {"name": "p", "prefix": "c"},
            "naming_patterns": {"workspace": "{prefix}-{name}-{environment}"},
            "environments": {"dev": {"description": "d"}},
        })
        .to_string(),
    );
    write(
        root,
        "product_config.yaml",
        &format!(
            "product:\n  name: \"Sales\"\nsource: \"workspace\"\nenvironments:\n  dev:\n    capacity_id: \"{ACTIVE_CAPACITY}\"\n    \
             name: \"Development\"\ngit:\n  enabled: true\n  provider: \"{provider}\"\n  organization: \"contoso\"\n  \
             project: \"Sales\"\n  repository: \"fabric\"\n  branch: \"main\"\n  directory: \"items\"\n  auto_commit: true\n\
             naming:\n  validate: false\naudit:\n  enabled: true\n"
        ),
    );
    write(root, "config/principals/sales_dev_principals.txt", "# nobody\n");
    sources::notebook(&root.join("workspace"), "One", 1, "print(1)");
    let hosted = stage.emulator.host_repository(&details(provider, "fabric")).unwrap();
    (stage, hosted)
}

fn details(provider: &str, repository: &str) -> Value {
    json!({"gitProviderType": provider, "ownerName": "contoso", "organizationName": "contoso", "projectName": "Sales",
        "repositoryName": repository, "branchName": "main", "directoryName": "items"})
}

fn write(root: &Path, path: &str, text: &str) {
    let file = root.join(path);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(file, text).unwrap();
}

fn deploy(stage: &Stage, more: &[&str]) -> Run {
    run(fabric_cli(stage.directory.path())
        .args(["--output", "json", "deploy", "--config", "product_config.yaml", "--environment", "dev"])
        .args(more)
        .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
        .env("FABRIC_TOKEN", stage.emulator.token())
        .env("GITHUB_TOKEN", "ghp_nobody-may-see"))
}

const ROLLBACK: [&str; 3] = ["--flag", "FEATURE_USE_ROLLBACK=on", "--settle=100ms"];

fn log(repository: &Path) -> Vec<String> {
    let output = std::process::Command::new("git")
        .current_dir(repository)
        .args(["log", "--format=%s", "main"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn count(emulator: &Emulator, section: &str) -> usize {
    emulator.world()[section].as_array().unwrap().len()
}

fn connects_and_commits(provider: &str, flags: &[&str]) {
    let (stage, repository) = project(provider);
    let first = deploy(&stage, flags).exits(0);
    assert!(!first.stdout.contains("nobody-may-see") && !first.stderr.contains("nobody-may-see"));
    let first = first.document();
    assert_eq!(first["status"], "committed", "{first}");
    assert_eq!(log(&repository), ["Automated deployment: Sales [Development]", "Begin"]);
    let again = deploy(&stage, flags).exits(0).document();
    assert_eq!(again["status"], "unchanged", "{again}");
    assert_eq!(log(&repository).len(), 2);

    sources::notebook(&stage.directory.path().join("workspace"), "One", 1, "print('second')");
    let steps = deploy(&stage, flags).exits(0).document();
    let kinds: Vec<_> = steps["steps"].as_array().unwrap().iter().map(|step| step["kind"].clone()).collect();
    assert!(kinds.contains(&json!("git_commit")) && !kinds.contains(&json!("git_connection")), "{kinds:?}");
    assert_eq!(log(&repository).len(), 3);
    let trail = fs::read_to_string(stage.directory.path().join("audit/audit_trail.jsonl")).unwrap();
    let connected = trail.lines().find(|line| line.contains("\"git_connected\"")).expect("the trail names it");
    let connected: Value = serde_json::from_str(connected).unwrap();
    assert_eq!(connected["git_repository"], "fabric", "{connected}");
    assert!(trail.contains("\"git_committed\""));
}

#[test]
fn a_product_is_connected_and_committed_to_github() {
    connects_and_commits("GitHub", &ROLLBACK);
}

#[test]
fn a_product_is_connected_and_committed_to_azure_devops_without_roll_back() {
    connects_and_commits("AzureDevOps", &[]);
}

#[test]
fn the_token_may_be_a_secret_of_the_store() {
    let (stage, _) = project("GitHub");
    let command = |arguments: &[&str]| {
        let mut command = fabric_cli(stage.directory.path());
        command.args(["--output", "json"]).args(arguments);
        command.env("FABRIC_ENDPOINT", stage.emulator.endpoint()).env("FABRIC_TOKEN", stage.emulator.token());
        command.env("GITHUB_TOKEN", "${secret:sales-github-token}").env_remove("FABRIC_GIT_CONNECTION_ID");
        command
    };
    let deploy = ["deploy", "--config", "product_config.yaml", "--environment", "dev"];
    let refused = run(command(&deploy).env_remove("SALES_GITHUB_TOKEN"));
    assert_ne!(refused.code, 0);
    assert!(refused.stdout.contains("GITHUB_TOKEN"), "{}", refused.stdout);
    assert!(refused.stdout.contains("sales-github-token"), "{}", refused.stdout);
    assert_eq!(stage.mutations(), [""; 0]);
    let checked = run(command(&["secrets", "check"]).env("SALES_GITHUB_TOKEN", "ghp_nobody-may-see")).exits(0);
    assert!(checked.stdout.contains("\"GITHUB_TOKEN\""), "{}", checked.stdout);
    let deployed = run(command(&deploy).env("SALES_GITHUB_TOKEN", "ghp_nobody-may-see")).exits(0);
    assert_eq!(deployed.document()["status"], "committed");
    for said in [refused, checked, deployed] {
        assert!(!said.stdout.contains("nobody-may-see") && !said.stderr.contains("nobody-may-see"));
    }
    assert_eq!(count(&stage.emulator, "connections"), 1);
}

fn faults(value: Value) -> Vec<Fault> {
    serde_json::from_value(value).unwrap()
}

fn refusal(operation: &str) -> Vec<Fault> {
    let kind = json!({"status": {"code": 400, "applied": false, "error_code": "InvalidInput"}});
    faults(json!([{"match": {"operation": operation, "nth": 1}, "kind": kind}]))
}

#[test]
fn a_deployment_that_fails_is_disconnected_and_its_connection_goes() {
    for operation in ["CreateConnection", "ConnectGit", "InitializeGitConnection", "CommitToGit"] {
        let (stage, repository) = project("GitHub");
        stage.emulator.set_faults(refusal(operation));
        let failed = deploy(&stage, &ROLLBACK).exits(5).document();
        assert_eq!(failed["status"], "rolled_back", "{operation}: {failed}");
        for section in ["workspaces", "gitLinks", "connections", "items"] {
            assert_eq!(count(&stage.emulator, section), 0, "{operation}: {section}");
        }
        assert_eq!(log(&repository), ["Begin"], "{operation}");
        stage.emulator.set_faults(Vec::new());
        assert_eq!(deploy(&stage, &ROLLBACK).exits(0).document()["status"], "committed", "{operation}");
    }
}

#[test]
fn what_was_connected_before_is_connected_again() {
    let (stage, _) = project("AzureDevOps");
    let created = json!({"displayName": WORKSPACE, "capacityId": ACTIVE_CAPACITY});
    let (_, workspace) = stage.fabric("POST", "/v1/workspaces", Some(created));
    let git = format!("/v1/workspaces/{}/git", workspace["id"].as_str().unwrap());
    let other = details("AzureDevOps", "other");
    stage.emulator.host_repository(&other).unwrap();
    let connect = json!({"gitProviderDetails": other, "myGitCredentials": {"source": "Automatic"}});
    assert_eq!(stage.fabric("POST", &format!("{git}/connect"), Some(connect)).0, 200);
    assert_eq!(stage.fabric("POST", &format!("{git}/initializeConnection"), Some(json!({}))).0, 200);
    let repository = |stage: &Stage| {
        let (_, connection) = stage.fabric("GET", &format!("{git}/connection"), None);
        (connection["gitProviderDetails"]["repositoryName"].clone(), connection["gitConnectionState"].clone())
    };

    stage.emulator.set_faults(refusal("CommitToGit"));
    deploy(&stage, &ROLLBACK).exits(5);
    assert_eq!(repository(&stage), (json!("other"), json!("ConnectedAndInitialized")));
    stage.emulator.set_faults(Vec::new());
    let plan = deploy(&stage, &["--dry-run"]).exits(0);
    assert!(plan.stdout.contains("git_connection"), "{}", plan.stdout);
    deploy(&stage, &ROLLBACK).exits(0);
    assert_eq!(repository(&stage), (json!("fabric"), json!("ConnectedAndInitialized")));
}

#[test]
fn a_branch_that_is_ahead_stops_the_deployment_before_it_begins() {
    let (stage, _) = project("AzureDevOps");
    deploy(&stage, &[]).exits(0);
    let workspace = stage.list("/v1/workspaces")[0]["id"].as_str().unwrap().to_owned();
    // Another workspace on the same branch commits.
    let (_, second) =
        stage.fabric("POST", "/v1/workspaces", Some(json!({"displayName": "B", "capacityId": ACTIVE_CAPACITY})));
    let second = format!("/v1/workspaces/{}", second["id"].as_str().unwrap());
    let connect = json!({"gitProviderDetails": details("AzureDevOps", "fabric")});
    stage.fabric("POST", &format!("{second}/git/connect"), Some(connect));
    stage.fabric("POST", &format!("{second}/items"), Some(json!({"displayName": "New", "type": "Notebook"})));
    let initialize = json!({"initializationStrategy": "PreferWorkspace"});
    stage.fabric("POST", &format!("{second}/git/initializeConnection"), Some(initialize));
    stage.fabric("POST", &format!("{second}/git/commitToGit"), Some(json!({"mode": "All"})));
    stage.emulator.clear_requests();
    let refused = deploy(&stage, &[]).exits(1).document();
    assert_eq!(refused["error"]["code"], "git-behind", "{refused}");
    assert_eq!(stage.mutations(), [""; 0], "{workspace}");
}
