//! Git: what is refused and why, who may do what, and what a connection to a branch goes through.

use std::time::Duration;

use fabric_emulator::{ACTIVE_CAPACITY, Emulator, SERVICE_PRINCIPAL, USER};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::bench::{Bench, notebook};

const NOBODY: &str = "11111111-1111-4111-8111-111111111111";

fn github() -> Value {
    json!({"gitProviderType": "GitHub", "ownerName": "contoso", "repositoryName": "fabric", "branchName": "main",
        "directoryName": "items"})
}

fn azure_devops() -> Value {
    json!({"gitProviderType": "AzureDevOps", "organizationName": "contoso", "projectName": "Sales",
        "repositoryName": "fabric", "branchName": "main", "directoryName": "/items/"})
}

fn as_itself(provider: &Value) -> Value {
    json!({"gitProviderDetails": provider, "myGitCredentials": {"source": "Automatic"}})
}

fn with_connection(provider: &Value, id: &str) -> Value {
    let credentials = json!({"source": "ConfiguredConnection", "connectionId": id});
    json!({"gitProviderDetails": provider, "myGitCredentials": credentials})
}

/// Adds a connection to an address at GitHub.
async fn connection(bench: &Bench, url: &str) -> String {
    let wanted = json!({"displayName": url, "connectivityType": "ShareableCloud",
        "connectionDetails": {"type": "GitHubSourceControl", "creationMethod": "GitHubSourceControl.Contents",
            "parameters": [{"dataType": "Text", "name": "url", "value": url}]},
        "credentialDetails": {"credentials": {"credentialType": "Key", "key": "k"}}});
    bench.post("/v1/connections", &wanted).await.id()
}

/// Calls below the workspace's `git`.
struct Git(Bench);

impl Git {
    async fn new() -> Self {
        let bench = Bench::new().await;
        for provider in [github(), azure_devops()] {
            bench.emulator.host_repository(&provider).unwrap();
        }
        Self(bench)
    }

    async fn post(&self, call: &str, body: &Value) -> String {
        self.0.post(&self.0.at(&format!("/git/{call}")), body).await.verdict()
    }

    /// Sends it and waits for its operation.
    async fn done(&self, call: &str, body: &Value) {
        let answer = self.0.post(&self.0.at(&format!("/git/{call}")), body).await;
        self.0.finished(answer).await;
    }

    async fn get(&self, call: &str) -> String {
        self.0.get(&self.0.at(&format!("/git/{call}"))).await.verdict()
    }

    async fn state(&self) -> Value {
        self.0.get(&self.0.at("/git/connection")).await.json()["gitConnectionState"].clone()
    }

    /// Connects to Azure DevOps and initialises.
    async fn connected() -> Self {
        let git = Self::new().await;
        assert_eq!(git.post("connect", &as_itself(&azure_devops())).await, "200");
        assert_eq!(git.post("initializeConnection", &json!({})).await, "200");
        git
    }

    async fn head(&self) -> Value {
        self.0.get(&self.0.at("/git/status")).await.json()["workspaceHead"].clone()
    }
}

#[tokio::test]
async fn a_connection_goes_from_state_to_state_and_back() {
    let git = Git::new().await;
    assert_eq!(git.state().await, "NotConnected");
    for (call, refused) in [("commitToGit", json!({"mode": "All"})), ("initializeConnection", json!({}))] {
        assert_eq!(git.post(call, &refused).await, "400 WorkspaceNotConnectedToGit", "{call}");
    }
    assert_eq!(git.get("status").await, "400 WorkspaceNotConnectedToGit");
    assert_eq!(git.post("disconnect", &json!({})).await, "400 WorkspaceNotConnectedToGit");
    assert_eq!(git.post("connect", &as_itself(&azure_devops())).await, "200");
    assert_eq!(git.state().await, "Connected");
    assert_eq!(git.post("connect", &as_itself(&azure_devops())).await, "409 WorkspaceAlreadyConnectedToGit");
    assert_eq!(git.get("status").await, "400 WorkspaceGitConnectionNotInitialized");
    assert_eq!(git.post("initializeConnection", &json!({"initializationStrategy": "Guess"})).await, "400 BadRequest");
    assert_eq!(git.post("initializeConnection", &json!({"initializationStrategy": "None"})).await, "200");
    assert_eq!(git.state().await, "ConnectedAndInitialized");
    let again = git.post("initializeConnection", &json!({})).await;
    assert_eq!(again, "409 WorkspaceGitConnectionAlreadyInitialized");
    assert_eq!(git.post("disconnect", &json!({})).await, "200");
    assert_eq!(git.state().await, "NotConnected");
}

#[tokio::test]
async fn what_cannot_be_connected_is_refused_for_the_documented_reasons() {
    let git = Git::new().await;
    let ours = connection(&git.0, "https://github.com/contoso/fabric").await;
    let similar = connection(&git.0, "https://github.com/contoso/fabric2").await;
    let other = |base: &Value, member: &str, value: Value| {
        let mut provider = base.clone();
        provider[member] = value;
        provider
    };
    let without_source =
        json!({"gitProviderDetails": github(), "myGitCredentials": {"source": "ConfiguredConnection"}});
    let odd_source = json!({"gitProviderDetails": github(), "myGitCredentials": {"source": "Telepathy"}});
    let cases = [
        (as_itself(&github()), "400 InvalidInput"),
        (json!({"gitProviderDetails": github()}), "400 InvalidInput"),
        (without_source, "400 BadRequest"),
        (odd_source, "400 BadRequest"),
        (with_connection(&github(), NOBODY), "404 ConnectionNotFound"),
        (with_connection(&github(), &similar), "400 ConnectionMismatch"),
        (with_connection(&azure_devops(), &ours), "400 ConnectionMismatch"),
        (with_connection(&other(&github(), "ownerName", json!("..")), &ours), "400 BadRequest"),
        (with_connection(&other(&github(), "branchName", json!("")), &ours), "400 BadRequest"),
        (with_connection(&other(&github(), "branchName", json!("nowhere")), &ours), "404 GitProviderResourceNotFound"),
        (
            with_connection(&other(&github(), "directoryName", json!("no/where")), &ours),
            "404 GitProviderResourceNotFound",
        ),
        (as_itself(&other(&azure_devops(), "repositoryName", json!("none"))), "404 GitProviderResourceNotFound"),
        (as_itself(&other(&azure_devops(), "projectName", Value::Null)), "400 BadRequest"),
    ];
    for (body, refusal) in cases {
        assert_eq!(git.post("connect", &body).await, refusal, "{body}");
    }
    assert_eq!(git.state().await, "NotConnected");
    assert_eq!(
        git.post("connect", &with_connection(&other(&github(), "ownerName", json!("CONTOSO")), &ours)).await,
        "200"
    );
}

#[tokio::test]
async fn a_workspace_without_a_capacity_has_no_git() {
    let git = Git::new().await;
    let bare = git.0.post("/v1/workspaces", &json!({"displayName": "Bare"})).await.id();
    let refused = git.0.post(&format!("/v1/workspaces/{bare}/git/connect"), &as_itself(&azure_devops())).await;
    assert_eq!(refused.verdict(), "400 WorkspaceHasNoCapacityAssigned");
}

#[tokio::test]
async fn each_principal_signs_in_to_the_provider_for_itself() {
    let git = Git::new().await;
    let url = "https://github.com/contoso/fabric";
    let ours = connection(&git.0, url).await;
    assert_eq!(git.post("connect", &with_connection(&github(), &ours)).await, "200");
    assert_eq!(git.post("initializeConnection", &json!({})).await, "200");
    let assign = async |bench: &Bench, id: Uuid, kind: &str| {
        let role = json!({"principal": {"id": id, "type": kind}, "role": "Admin"});
        assert_eq!(bench.post(&bench.at("/roleAssignments"), &role).await.status, 201);
    };
    assign(&git.0, USER, "User").await;
    assign(&git.0, SERVICE_PRINCIPAL, "ServicePrincipal").await;
    let Git(mut bench) = git;
    for (principal, refusal) in
        [(USER, "400 GitProviderOperationFailed"), (SERVICE_PRINCIPAL, "403 PrincipalTypeNotSupported")]
    {
        bench.token = bench.emulator.token_for(&principal.to_string());
        let mine = bench.at("/git/myGitCredentials");
        assert_eq!(bench.get(&mine).await.json(), json!({"source": "None"}));
        assert_eq!(bench.get(&bench.at("/git/status")).await.verdict(), refusal);
        let own = connection(&bench, url).await;
        // Somebody else's connection is as good as none.
        let wanted = json!({"source": "ConfiguredConnection", "connectionId": ours});
        assert_eq!(bench.patch(&mine, &wanted).await.verdict(), "404 ConnectionNotFound");
        let wanted = json!({"source": "ConfiguredConnection", "connectionId": own});
        assert_eq!(bench.patch(&mine, &wanted).await.json(), wanted);
        assert_eq!(bench.get(&bench.at("/git/status")).await.verdict(), "200");
    }
    let automatic = bench.patch(&bench.at("/git/myGitCredentials"), &json!({"source": "Automatic"})).await;
    assert_eq!(automatic.verdict(), "403 PrincipalTypeNotSupported");
}

#[tokio::test]
async fn a_connection_that_is_gone_opens_the_branch_no_more() {
    let git = Git::new().await;
    let ours = connection(&git.0, "https://github.com/contoso/fabric").await;
    assert_eq!(git.post("connect", &with_connection(&github(), &ours)).await, "200");
    assert_eq!(git.0.delete(&format!("/v1/connections/{ours}")).await.status, 200);
    assert_eq!(git.post("initializeConnection", &json!({})).await, "404 ConnectionNotFound");
}

#[tokio::test]
async fn to_azure_devops_a_user_needs_no_introduction_and_a_service_principal_does() {
    let git = Git::connected().await;
    for (id, kind) in [(USER, "User"), (SERVICE_PRINCIPAL, "ServicePrincipal")] {
        let role = json!({"principal": {"id": id, "type": kind}, "role": "Admin"});
        assert_eq!(git.0.post(&git.0.at("/roleAssignments"), &role).await.status, 201);
    }
    let Git(mut bench) = git;
    for (principal, verdict) in [(USER, "200"), (SERVICE_PRINCIPAL, "403 PrincipalTypeNotSupported")] {
        bench.token = bench.emulator.token_for(&principal.to_string());
        assert_eq!(bench.get(&bench.at("/git/status")).await.verdict(), verdict);
    }
}

#[tokio::test]
async fn a_commit_takes_what_it_names_and_is_refused_where_it_cannot() {
    let git = Git::connected().await;
    let first = git.0.make("/items", &notebook("First", "print(1)")).await;
    git.0.make("/items", &notebook("Second", "print(2)")).await;
    let head = git.head().await;
    let commit = |mode: &str, head: &Value, items: Value| json!({"mode": mode, "workspaceHead": head, "items": items});
    let one = json!([{"objectId": first}]);
    let cases = [
        (commit("Some", &head, json!([])), "400 BadRequest"),
        (commit("Selective", &head, json!([])), "400 NoItemsSelected"),
        (commit("All", &json!("0123456789"), json!([])), "400 WorkspaceHeadMismatch"),
        (commit("Selective", &head, json!([{"objectId": NOBODY}])), "400 NoChangesToCommit"),
        (json!({"mode": "All", "workspaceHead": head, "comment": "x".repeat(301)}), "400 InvalidInput"),
    ];
    for (body, refusal) in cases {
        assert_eq!(git.post("commitToGit", &body).await, refusal, "{body}");
    }
    git.done("commitToGit", &commit("Selective", &head, one)).await;
    let left = git.0.get(&git.0.at("/git/status")).await.json();
    let names: Vec<_> =
        left["changes"].as_array().unwrap().iter().map(|change| &change["itemMetadata"]["displayName"]).collect();
    assert_eq!(names, ["Second"]);
    assert_eq!(git.post("commitToGit", &commit("All", &left["workspaceHead"], Value::Null)).await, "400 BadRequest");
    git.done("commitToGit", &commit("All", &left["workspaceHead"], json!([]))).await;
    let head = git.head().await;
    assert_eq!(git.post("commitToGit", &commit("All", &head, json!([]))).await, "400 NoChangesToCommit");
}

#[tokio::test]
async fn an_update_is_refused_where_it_would_surprise() {
    let git = Git::connected().await;
    let item = git.0.make("/items", &notebook("First", "print(1)")).await;
    let begin = git.head().await;
    git.done("commitToGit", &json!({"mode": "All", "workspaceHead": begin})).await;
    // Another workspace takes the item away from the branch.
    let wanted = json!({"displayName": "Other", "capacityId": ACTIVE_CAPACITY});
    let other = git.0.post("/v1/workspaces", &wanted).await.id();
    let there = |call: &str| format!("/v1/workspaces/{other}/git/{call}");
    assert_eq!(git.0.post(&there("connect"), &as_itself(&azure_devops())).await.status, 200);
    assert_eq!(git.0.post(&there("initializeConnection"), &json!({})).await.status, 200);
    let seen = git.0.get(&there("status")).await.json();
    let update = |commit: &Value, head: &Value| json!({"remoteCommitHash": commit, "workspaceHead": head});
    let updated = git.0.post(&there("updateFromGit"), &update(&seen["remoteCommitHash"], &json!(""))).await;
    git.0.finished(updated).await;
    let copy = git.0.get(&format!("/v1/workspaces/{other}/items")).await.json()["value"][0]["id"].clone();
    assert_eq!(git.0.delete(&format!("/v1/workspaces/{other}/items/{}", copy.as_str().unwrap())).await.status, 200);
    let head = git.0.get(&there("status")).await.json()["workspaceHead"].clone();
    let committed = git.0.post(&there("commitToGit"), &json!({"mode": "All", "workspaceHead": head})).await;
    git.0.finished(committed).await;

    let now = git.0.get(&git.0.at("/git/status")).await.json();
    assert_eq!(now["changes"][0]["remoteChange"], "Deleted", "{now}");
    let (commit, head) = (&now["remoteCommitHash"], &now["workspaceHead"]);
    let resolved = |kind: &str, policy: &str| {
        let resolution = json!({"conflictResolutionType": kind, "conflictResolutionPolicy": policy});
        json!({"remoteCommitHash": commit, "workspaceHead": head, "conflictResolution": resolution})
    };
    let cases = [
        (update(&json!("0123abcd"), head), "404 GitProviderResourceNotFound"),
        (update(&json!("--help"), head), "404 GitProviderResourceNotFound"),
        (update(commit, &json!("0123abcd")), "400 WorkspaceHeadMismatch"),
        (resolved("Portal", "PreferRemote"), "400 BadRequest"),
        (resolved("Workspace", "PreferNobody"), "400 BadRequest"),
        (update(commit, head), "400 OverrideItemsNotAllowed"),
    ];
    for (body, refusal) in cases {
        assert_eq!(git.post("updateFromGit", &body).await, refusal, "{body}");
    }
    let behind = git.post("commitToGit", &json!({"mode": "All", "workspaceHead": head})).await;
    assert_eq!(behind, "400 WorkspaceHeadMismatch");
    // Both change it: somebody has to say who wins.
    let renamed = json!({"displayName": "Renamed"});
    assert_eq!(git.0.patch(&git.0.at(&format!("/items/{item}")), &renamed).await.status, 200);
    assert_eq!(git.post("updateFromGit", &update(commit, head)).await, "400 MissingWorkspaceConflictResolution");
    let mut remote = resolved("Workspace", "PreferRemote");
    remote["options"] = json!({"allowOverrideItems": true});
    git.done("updateFromGit", &remote).await;
    assert_eq!(git.0.names(&git.0.at("/items")).await, [""; 0]);
}

#[tokio::test]
async fn two_sides_with_items_are_not_brought_together_by_chance() {
    let git = Git::new().await;
    let mut provider = azure_devops();
    provider["repositoryName"] = json!("full");
    let platform = json!({"metadata": {"type": "Notebook", "displayName": "Theirs"},
        "config": {"version": "2.0", "logicalId": NOBODY}});
    provider["files"] = json!({"items/Theirs.Notebook/.platform": platform.to_string(),
        "items/Theirs.Notebook/notebook-content.py": "print(2)"});
    git.0.emulator.host_repository(&provider).unwrap();
    git.0.make("/items", &notebook("Ours", "print(1)")).await;
    provider.as_object_mut().unwrap().remove("files");
    assert_eq!(git.post("connect", &as_itself(&provider)).await, "200");
    assert_eq!(git.post("initializeConnection", &json!({})).await, "400 MissingInitializationPolicy");
    assert_eq!(git.state().await, "Connected");
    let prefer = json!({"initializationStrategy": "PreferRemote"});
    let found = git.0.post(&git.0.at("/git/initializeConnection"), &prefer).await.json();
    assert_eq!(found["requiredAction"], "UpdateFromGit", "{found}");
}

#[tokio::test]
async fn one_operation_at_a_time() {
    let bench = Bench::with(Emulator::builder().virtual_time(true).operation_duration(Duration::from_secs(10))).await;
    bench.emulator.host_repository(&azure_devops()).unwrap();
    let git = |call: &str| bench.at(&format!("/git/{call}"));
    assert_eq!(bench.post(&git("connect"), &as_itself(&azure_devops())).await.status, 200);
    let initialised = bench.post(&git("initializeConnection"), &json!({})).await;
    bench.finished(initialised).await;
    bench.make("/items", &notebook("First", "print(1)")).await;
    let status = bench.get(&git("status")).await;
    let head = bench.finished(status).await.json()["workspaceHead"].clone();
    let commit = json!({"mode": "All", "workspaceHead": head});
    let started = bench.post(&git("commitToGit"), &commit).await;
    assert_eq!(started.status, 202);
    for call in ["commitToGit", "disconnect"] {
        let refused = bench.post(&git(call), &commit).await;
        assert_eq!(refused.verdict(), "400 WorkspacePreviousOperationInProgress", "{call}");
        assert_eq!(refused.json()["isRetriable"], true, "{call}");
    }
    bench.finished(started).await;
    assert_eq!(bench.post(&git("disconnect"), &json!({})).await.status, 200);
}

#[tokio::test]
async fn a_branch_that_is_taken_away_is_missed() {
    let git = Git::connected().await;
    let place = git.0.emulator.host_repository(&azure_devops()).unwrap();
    std::fs::remove_dir_all(&place).unwrap();
    assert_eq!(git.get("status").await, "404 GitProviderResourceNotFound");
}
