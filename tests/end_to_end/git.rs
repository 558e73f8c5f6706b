//! Workspaces and branches: connected, compared, updated, committed, let go, twice, with both providers.

use std::path::Path;
use std::process::Command;

use fabric_emulator::{SERVICE_PRINCIPAL, SERVICE_PRINCIPAL_APPLICATION, TENANT};
use serde_json::{Value, json};

use crate::binary::{ACTIVE_CAPACITY, Run, Stage, fabric_cli, run};

const NOTEBOOK: &str = "# Fabric notebook source\n\nprint(1)\n";
const LOGICAL_ID: &str = "11111111-2222-4333-8444-555555555555";

pub(crate) fn github() -> Value {
    json!({"gitProviderType": "GitHub", "ownerName": "contoso", "repositoryName": "fabric", "branchName": "main",
        "directoryName": "items"})
}

fn azure_devops() -> Value {
    json!({"gitProviderType": "AzureDevOps", "organizationName": "contoso", "projectName": "Sales",
        "repositoryName": "fabric", "branchName": "main", "directoryName": "items"})
}

pub(crate) const TO_GITHUB: [&str; 8] =
    ["--provider", "github", "--organization", "contoso", "--repository", "fabric", "--directory", "items"];
const TO_AZURE_DEVOPS: [&str; 10] = [
    "--provider",
    "azure-devops",
    "--organization",
    "contoso",
    "--project",
    "Sales",
    "--repository",
    "fabric",
    "--directory",
    "items",
];

fn platform(name: &str) -> String {
    json!({"metadata": {"type": "Notebook", "displayName": name},
        "config": {"version": "2.0", "logicalId": LOGICAL_ID}})
    .to_string()
}

/// Runs `git` and gives what it prints.
fn git(directory: &Path, arguments: &[&str]) -> String {
    let identity = ["-c", "user.name=Test", "-c", "user.email=test@example.com"];
    let output = Command::new("git").current_dir(directory).args(identity).args(arguments).output().unwrap();
    assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A stage with a workspace, and a repository at the emulated provider.
pub(crate) struct Scene {
    pub(crate) stage: Stage,
    pub(crate) workspace: String,
    repository: std::path::PathBuf,
}

impl Scene {
    pub(crate) fn new(provider: &Value) -> Self {
        let stage = Stage::new();
        let (status, created) = stage.fabric(
            "POST",
            "/v1/workspaces",
            Some(json!({"displayName": "Sales", "capacityId": ACTIVE_CAPACITY})),
        );
        assert_eq!(status, 201, "{created}");
        let workspace = created["id"].as_str().unwrap().to_owned();
        let repository = stage.emulator.host_repository(provider).unwrap();
        Self { stage, workspace, repository }
    }

    fn items(&self) -> Vec<String> {
        let listed = self.stage.list(&format!("/v1/workspaces/{}/items", self.workspace));
        let mut names: Vec<_> = listed.iter().map(|item| item["displayName"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    fn create_notebook(&self, name: &str) -> String {
        let body = json!({"displayName": name, "type": "Notebook"});
        let (status, item) = self.stage.fabric("POST", &format!("/v1/workspaces/{}/items", self.workspace), Some(body));
        assert!(status < 300, "{item}");
        item["id"].as_str().unwrap().to_owned()
    }

    fn rename(&self, id: &str, name: &str) {
        let path = format!("/v1/workspaces/{}/items/{id}", self.workspace);
        let (status, item) = self.stage.fabric("PATCH", &path, Some(json!({"displayName": name})));
        assert_eq!(status, 200, "{item}");
    }

    /// Commits to the branch from a clone, as a colleague would.
    fn push(&self, change: impl Fn(&Path)) {
        let clone = tempfile::tempdir().unwrap();
        git(clone.path(), &["clone", "--quiet", self.repository.to_str().unwrap(), "."]);
        change(clone.path());
        git(clone.path(), &["add", "--all"]);
        git(clone.path(), &["commit", "--quiet", "--message", "A colleague's work"]);
        git(clone.path(), &["push", "--quiet", "origin", "HEAD"]);
    }

    fn push_notebook(&self, name: &str, text: &str) {
        self.push(|clone| {
            let folder = clone.join("items/Ingest.Notebook");
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(".platform"), platform(name)).unwrap();
            std::fs::write(folder.join("notebook-content.py"), text).unwrap();
        });
    }

    /// `fabric-cli --output json …`, as the administrator with a GitHub token at hand.
    fn run(&self, arguments: &[&str]) -> Run {
        let json = if arguments.contains(&"--output") { &[][..] } else { &["--output", "json"] };
        run(fabric_cli(self.stage.directory.path())
            .args(json)
            .args(arguments)
            .env("FABRIC_ENDPOINT", self.stage.emulator.endpoint())
            .env("FABRIC_TOKEN", self.stage.emulator.token())
            .env("GITHUB_TOKEN", "ghp_the-token-that-nobody-may-see"))
    }

    fn git(&self, code: i32, arguments: &[&str]) -> Value {
        let arguments: Vec<_> = ["git"].iter().chain(arguments).copied().collect();
        let ran = self.run(&arguments).exits(code);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("nobody-may-see"));
        ran.document()
    }

    /// The same as people read it.
    fn say(&self, code: i32, arguments: &[&str]) -> String {
        let arguments: Vec<_> = ["--output", "text", "git"].iter().chain(arguments).copied().collect();
        self.run(&arguments).exits(code).stdout
    }

    pub(crate) fn connect(&self, code: i32, to: &[&str], more: &[&str]) -> Value {
        let arguments: Vec<_> = ["connect", "--workspace", "Sales"].iter().chain(to).chain(more).copied().collect();
        self.git(code, &arguments)
    }
}

/// The whole life of a connection, each command twice.
fn whole_life(provider: &Value, to: &[&str]) {
    let scene = Scene::new(provider);
    scene.push_notebook("Ingest", NOTEBOOK);
    let first = scene.connect(0, to, &[]);
    assert_eq!(first["status"], "committed", "{first}");
    assert_eq!(first["git"]["state"], "ConnectedAndInitialized");
    assert_eq!(first["changes"][0]["remote_change"], "Added");
    assert_eq!(scene.items(), ["Ingest"]);
    assert_eq!(scene.connect(0, to, &[])["status"], "unchanged");

    let id = scene.create_notebook("Clean");
    let status = scene.git(2, &["status", "--workspace", "Sales", "--detailed-exitcode"]);
    assert_eq!(status["changes"][0]["name"], "Clean", "{status}");
    let message = "Add the cleaning notebook";
    let committed = scene.git(0, &["commit", "--workspace", "Sales", "--message", message]);
    assert_eq!(committed["status"], "committed", "{committed}");
    let log = git(&scene.repository, &["log", "-1", "--format=%H %s", "main"]);
    assert_eq!(log, format!("{} {message}", committed["git"]["head"].as_str().unwrap()));
    assert_eq!(scene.git(0, &["commit", "--workspace", "Sales", "--message", message])["status"], "unchanged");
    assert_eq!(git(&scene.repository, &["rev-list", "--count", "main"]), "3");

    scene.push_notebook("Ingest", "# Fabric notebook source\n\nprint(2)\n");
    assert_eq!(scene.git(0, &["update", "--workspace", "Sales"])["status"], "committed");
    assert_eq!(scene.git(0, &["update", "--workspace", "Sales"])["status"], "unchanged");
    assert_eq!(scene.git(0, &["status", "--workspace", "Sales"])["changes"], json!([]));

    scene.rename(&id, "Cleaned");
    assert_eq!(scene.git(0, &["disconnect", "--workspace", "Sales"])["git"]["state"], "NotConnected");
    assert_eq!(scene.git(0, &["disconnect", "--workspace", "Sales"])["status"], "unchanged");
    assert_eq!(scene.items(), ["Cleaned", "Ingest"]);
    scene.git(1, &["status", "--workspace", "Sales"]);
}

#[test]
fn a_workspace_lives_with_github() {
    whole_life(&github(), &TO_GITHUB);
}

#[test]
fn a_workspace_lives_with_azure_devops() {
    whole_life(&azure_devops(), &TO_AZURE_DEVOPS);
}

#[test]
fn what_was_committed_deploys_again_from_a_clone() {
    let scene = Scene::new(&github());
    scene.create_notebook("Ingest");
    let connected = scene.connect(0, &TO_GITHUB, &[]);
    assert_eq!(connected["changes"][0]["workspace_change"], "Added", "{connected}");
    let clone = scene.stage.path("clone");
    git(scene.stage.directory.path(), &["clone", "--quiet", scene.repository.to_str().unwrap(), &clone]);
    let source = format!("{clone}/items");
    let arguments =
        ["deploy", "--source", &source, "--workspace", "Copy", "--environment", "dev", "--capacity", ACTIVE_CAPACITY];
    assert_eq!(scene.run(&arguments).exits(0).document()["summary"]["create"], 1);
    let again = ["deploy", "--source", &source, "--workspace", "Sales", "--environment", "dev"];
    assert_eq!(scene.run(&again).exits(0).document()["status"], "unchanged");
}

/// Both sides changed `Ingest`: the workspace renamed it, the branch rewrote it.
fn conflict() -> Scene {
    let scene = Scene::new(&azure_devops());
    scene.push_notebook("Ingest", NOTEBOOK);
    scene.connect(0, &TO_AZURE_DEVOPS, &[]);
    let listed = scene.stage.list(&format!("/v1/workspaces/{}/items", scene.workspace));
    scene.rename(listed[0]["id"].as_str().unwrap(), "Ours");
    scene.push_notebook("Theirs", NOTEBOOK);
    let refused = scene.git(1, &["update", "--workspace", "Sales"]);
    assert_eq!(refused["error"]["code"], "git-conflicts", "{refused}");
    assert!(refused["error"]["remedy"].as_str().unwrap().contains("--prefer"), "{refused}");
    assert_eq!(scene.git(1, &["commit", "--workspace", "Sales", "-m", "x"])["error"]["code"], "git-behind");
    scene
}

#[test]
fn a_conflict_ends_as_the_branch_has_it() {
    let scene = conflict();
    assert_eq!(scene.git(0, &["update", "--workspace", "Sales", "--prefer", "remote"])["status"], "committed");
    assert_eq!(scene.items(), ["Theirs"]);
    assert_eq!(scene.git(0, &["commit", "--workspace", "Sales", "-m", "x"])["status"], "unchanged");
}

#[test]
fn a_conflict_ends_as_the_workspace_has_it() {
    let scene = conflict();
    assert_eq!(scene.git(0, &["update", "--workspace", "Sales", "--prefer", "workspace"])["status"], "committed");
    assert_eq!(scene.items(), ["Ours"]);
    assert_eq!(scene.git(0, &["commit", "--workspace", "Sales", "-m", "Ours it is"])["status"], "committed");
    let shown = git(&scene.repository, &["show", "main:items/Ours.Notebook/.platform"]);
    assert!(shown.contains("\"Ours\"") && shown.contains(LOGICAL_ID), "{shown}");
}

#[test]
fn people_read_what_differs_and_where() {
    let scene = Scene::new(&azure_devops());
    scene.push_notebook("Ingest", NOTEBOOK);
    assert_eq!(scene.say(0, &["disconnect", "--workspace", "Sales"]), "Nothing to do. NotConnected\n");
    let connect: Vec<_> = ["connect", "--workspace", "Sales"].into_iter().chain(TO_AZURE_DEVOPS).collect();
    let head = || git(&scene.repository, &["rev-parse", "main"]);
    let place = "ConnectedAndInitialized: https://dev.azure.com/contoso/Sales/_git/fabric, branch main";
    let connected = format!("  Notebook Ingest: branch: added\nDone: 1 moved. {place} at {}\n", head());
    assert_eq!(scene.say(0, &connect), connected);
    let status = ["status", "--workspace", "Sales"];
    let before = head();
    assert_eq!(scene.say(0, &status), format!("Nothing to do. {place} at {before}\n"));

    let listed = scene.stage.list(&format!("/v1/workspaces/{}/items", scene.workspace));
    scene.rename(listed[0]["id"].as_str().unwrap(), "Ours");
    scene.push_notebook("Theirs", NOTEBOOK);
    let said = scene.say(0, &status);
    let (change, verdict) = said.split_once('\n').unwrap();
    assert!(
        change.starts_with("  Notebook ") && change.ends_with(": workspace: modified, branch: modified (conflict)"),
        "{said}"
    );
    assert_eq!(verdict, format!("1 differ. {place} at {before}\n"));
    assert_eq!(scene.say(0, &["disconnect", "--workspace", "Sales"]), "Done. NotConnected\n");
}

#[test]
fn two_sides_with_items_need_a_preference() {
    for (prefer, items) in [("remote", vec!["Ingest"]), ("workspace", vec!["Mine"])] {
        let scene = Scene::new(&github());
        scene.push_notebook("Ingest", NOTEBOOK);
        scene.create_notebook("Mine");
        let refused = scene.connect(1, &TO_GITHUB, &[]);
        assert_eq!(refused["error"]["code"], "git-both-sides-hold-items", "{refused}");
        assert_eq!(scene.connect(0, &TO_GITHUB, &["--prefer", prefer])["status"], "committed");
        assert_eq!(scene.items(), items, "{prefer}");
        assert_eq!(scene.git(0, &["status", "--workspace", "Sales"])["changes"], json!([]), "{prefer}");
    }
}

#[test]
fn a_service_principal_connects_with_a_connection_of_its_own() {
    let scene = Scene::new(&azure_devops());
    let roles = format!("/v1/workspaces/{}/roleAssignments", scene.workspace);
    let role = json!({"principal": {"id": SERVICE_PRINCIPAL, "type": "ServicePrincipal"}, "role": "Admin"});
    assert_eq!(scene.stage.fabric("POST", &roles, Some(role)).0, 201);
    let arguments: Vec<_> =
        ["--output", "json", "git", "connect", "--workspace", "Sales"].into_iter().chain(TO_AZURE_DEVOPS).collect();
    let command = |secret: &str| {
        let mut command = fabric_cli(scene.stage.directory.path());
        command
            .args(&arguments)
            .env("FABRIC_ENDPOINT", scene.stage.emulator.endpoint())
            .env("FABRIC_AUTH", "token")
            .env("FABRIC_TOKEN", scene.stage.emulator.token_for(&SERVICE_PRINCIPAL.to_string()))
            .env("AZURE_TENANT_ID", TENANT.to_string())
            .env("AZURE_CLIENT_ID", SERVICE_PRINCIPAL_APPLICATION.to_string())
            .env("AZURE_CLIENT_SECRET", secret);
        command
    };
    let refused = run(&mut command("")).exits(4);
    let refused = refused.document();
    assert_eq!(refused["error"]["code"], "git-automatic-refused", "{refused}");
    assert!(refused["error"]["remedy"].as_str().unwrap().contains("AZURE_CLIENT_SECRET"), "{refused}");
    let connected = run(&mut command("nobody-may-see")).exits(0);
    assert!(!connected.stdout.contains("nobody-may-see") && !connected.stderr.contains("nobody-may-see"));
    assert_eq!(connected.document()["git"]["state"], "ConnectedAndInitialized");
    run(&mut command("nobody-may-see")).exits(0);
    let made = scene.stage.emulator.world()["connections"].as_array().unwrap().len();
    assert_eq!(made, 1, "the second run found the connection of the first");
}

#[test]
fn a_connection_to_a_repository_of_a_similar_name_is_not_used() {
    let scene = Scene::new(&github());
    let other = json!({"displayName": "Another team's", "connectivityType": "ShareableCloud",
        "connectionDetails": {"type": "GitHubSourceControl", "creationMethod": "GitHubSourceControl.Contents",
            "parameters": [{"dataType": "Text", "name": "url", "value": "https://github.com/contoso/fabric2"}]},
        "credentialDetails": {"credentials": {"credentialType": "Key", "key": "k"}}});
    assert_eq!(scene.stage.fabric("POST", "/v1/connections", Some(other)).0, 201);
    scene.connect(0, &TO_GITHUB, &[]);
    let credentials = format!("/v1/workspaces/{}/git/myGitCredentials", scene.workspace);
    let (_, used) = scene.stage.fabric("GET", &credentials, None);
    let (_, connection) =
        scene.stage.fabric("GET", &format!("/v1/connections/{}", used["connectionId"].as_str().unwrap()), None);
    assert_eq!(connection["connectionDetails"]["path"], "https://github.com/contoso/fabric");
}

#[test]
fn a_workspace_for_a_branch_comes_and_goes() {
    let scene = Scene::new(&github());
    scene.push_notebook("Ingest", NOTEBOOK);
    scene.connect(0, &TO_GITHUB, &[]);
    let mut branch = github();
    branch["branchName"] = json!("feature/returns");
    scene.stage.emulator.host_repository(&branch).unwrap();
    let create = ["workspace", "create", "--base", "Sales", "--from-branch", "feature/returns"];
    let created = scene.run(&create).exits(0).document();
    assert_eq!(created["git"]["branch"], "feature/returns", "{created}");
    assert_eq!(created["changes"][0]["name"], "Ingest");
    assert_eq!(scene.run(&create).exits(0).document()["status"], "unchanged");
    let name = "Sales [feature/returns]";

    let listed = scene.run(&["workspace", "list"]).exits(0).document();
    assert_eq!(listed["workspaces"][0]["name"], name, "{listed}");
    assert_eq!(scene.run(&["workspace", "list", "--stale"]).exits(0).document()["workspaces"], json!([]));
    let id = listed["workspaces"][0]["id"].as_str().unwrap().to_owned();
    let old = json!({"description": "Made by fabric-cli for branch feature/returns, expires 2020-01-01."});
    assert_eq!(scene.stage.fabric("PATCH", &format!("/v1/workspaces/{id}"), Some(old)).0, 200);
    let stale = scene.run(&["workspace", "list", "--stale"]).exits(0).document();
    assert_eq!(stale["workspaces"][0]["stale"], true, "{stale}");

    scene.run(&["workspace", "delete", "--workspace", "Sales"]).exits(1);
    let body = json!({"displayName": "Draft", "type": "Notebook"});
    assert!(scene.stage.fabric("POST", &format!("/v1/workspaces/{id}/items"), Some(body)).0 < 300);
    scene.run(&["workspace", "delete", "--workspace", name]).exits(1);
    scene.run(&["workspace", "delete", "--workspace", name, "--force"]).exits(0);
    assert_eq!(scene.stage.list("/v1/workspaces").len(), 1);
}

#[test]
fn a_workspace_for_a_branch_that_does_not_exist_leaves_nothing() {
    let scene = Scene::new(&github());
    scene.connect(0, &TO_GITHUB, &[]);
    let failed = scene.run(&["workspace", "create", "--base", "Sales", "--from-branch", "nowhere"]).exits(1).document();
    assert_eq!(failed["error"]["code"], "GitProviderResourceNotFound", "{failed}");
    assert_eq!(scene.stage.list("/v1/workspaces").len(), 1);
}
