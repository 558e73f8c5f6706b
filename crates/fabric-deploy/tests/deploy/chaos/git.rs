//! Every fault at every call on the way to Git and back, with both providers: a second run always finishes it, and
//! nothing is committed, created or connected twice.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use fabric_client::{Client, Git, RepositoryAccess};
use fabric_client::{GitConnectionState, GitCredentials, GitPreference, GitProviderDetails, GitRepository};
use fabric_deploy::git::{self, Access, Credentials, GitError, Wanted};
use fabric_emulator::{ACTIVE_CAPACITY, Emulator, Fault, FaultKind, FaultMatch};
use serde_json::{Value, json};
use uuid::Uuid;

use super::faults::kinds;
use super::life::Life;
use super::scenario::{is_full, none, run};
use super::wire;

const WORKSPACE: Uuid = Uuid::from_u128(0x1000);
const LOGICAL_ID: &str = "11111111-2222-4333-8444-555555555555";

/// Which side begins with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Holder {
    Workspace,
    Branch,
}

struct Scene {
    emulator: Arc<Emulator>,
    client: Client,
    details: GitProviderDetails,
    repository: PathBuf,
}

impl Scene {
    async fn new(repository: GitRepository, holder: Holder) -> Self {
        let items = match holder {
            Holder::Workspace => json!([{"workspaceId": WORKSPACE, "type": "Notebook", "displayName": "Mine",
                "definition": {"parts": [{"path": "notebook-content.py", "text": "print(1)"}]}}]),
            Holder::Branch => json!([]),
        };
        let world = json!({
            "workspaces": [{"id": WORKSPACE, "displayName": "W", "capacityId": ACTIVE_CAPACITY}],
            "items": items,
        });
        let emulator = Emulator::builder()
            .tokio_time()
            .operation_duration(Duration::from_millis(1_200))
            .seed(world)
            .start()
            .await
            .unwrap();
        let details = GitProviderDetails { repository, branch: "main".to_owned(), directory: "items".to_owned() };
        let mut wanted = serde_json::to_value(&details).unwrap();
        if holder == Holder::Branch {
            let platform = json!({"metadata": {"type": "Notebook", "displayName": "Theirs"},
                "config": {"version": "2.0", "logicalId": LOGICAL_ID}});
            wanted["files"] = json!({"items/Theirs.Notebook/.platform": platform.to_string(),
                "items/Theirs.Notebook/notebook-content.py": "print(2)"});
        }
        let repository = emulator.host_repository(&wanted).unwrap();
        let emulator = Arc::new(emulator);
        let client = wire::client(&emulator, &Life::long(), None);
        Self { emulator, client, details, repository }
    }

    fn git(&self) -> Git {
        self.client.workspace(WORKSPACE).git()
    }

    /// From whatever is there to a workspace that is in step.
    async fn connect(&self) -> Result<(), GitError> {
        let secret = match self.details.repository {
            GitRepository::GitHub { .. } => RepositoryAccess::Token("token".to_owned()),
            _ => RepositoryAccess::ServicePrincipal {
                tenant_id: Uuid::nil(),
                client_id: Uuid::nil(),
                client_secret: "secret".to_owned(),
            },
        };
        let repository = &self.details.repository;
        let access = Access { connection: None, secret: Some(secret.clone()) };
        let credentials = match git::choose(&self.client, repository, &access).await? {
            Credentials::Ready(credentials) => credentials,
            Credentials::New { .. } => GitCredentials::ConfiguredConnection {
                connection_id: git::create_connection(&self.client, repository, &secret).await?,
            },
        };
        let preference = Some(GitPreference::PreferWorkspace);
        let wanted = Wanted { provider: self.details.clone(), credentials, preference };
        let connected = git::connect(&self.git(), &wanted).await?;
        git::begin(&self.git(), &connected.connection, None, "Begin with the workspace").await.map(drop)
    }

    /// What is not as it shall be once it is connected.
    async fn wrong(&self, holder: Holder) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut expect = |what: &str, found: Value, expected: Value| {
            if found != expected {
                wrong.push(format!("{what} is {found}, not {expected}"));
            }
        };
        let status = git::status(&self.git()).await.unwrap();
        expect("the number of changes", json!(status.changes.len()), json!(0));
        expect("the head", json!(status.workspace_head), json!(status.remote_commit_hash));
        let (name, commits) = if holder == Holder::Workspace { ("Mine", 2) } else { ("Theirs", 1) };
        let world = self.emulator.world();
        let names: Vec<_> = world["items"].as_array().unwrap().iter().map(|item| &item["displayName"]).collect();
        expect("the content", json!(names), json!([name]));
        expect("the number of connections", json!(world["connections"].as_array().unwrap().len()), json!(1));
        expect("the number of commits", json!(commits_of(&self.repository)), json!(commits));
        wrong
    }
}

fn commits_of(repository: &Path) -> u32 {
    let output = Command::new("git").current_dir(repository).args(["rev-list", "--count", "main"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn github() -> GitRepository {
    GitRepository::GitHub { owner: "contoso".to_owned(), repository: "fabric".to_owned() }
}

fn azure_devops() -> GitRepository {
    GitRepository::AzureDevOps {
        organization: "contoso".to_owned(),
        project: "Sales".to_owned(),
        repository: "fabric".to_owned(),
    }
}

/// Connects under every fault of every call, again without one, and lets go under the same fault.
fn each(repository: &GitRepository, holder: Holder) {
    let calls = run(async {
        let scene = Scene::new(repository.clone(), holder).await;
        scene.connect().await.unwrap();
        assert_eq!(scene.wrong(holder).await, Vec::<String>::new());
        scene.emulator.clear_requests();
        scene.connect().await.unwrap();
        assert!(scene.emulator.requests().iter().all(|request| !request.mutating), "the second run does nothing");
        let fresh = Scene::new(repository.clone(), holder).await;
        fresh.connect().await.unwrap();
        fresh.emulator.requests().len()
    });
    let mut wrong = Vec::new();
    for (index, (name, kind)) in kinds().into_iter().enumerate() {
        // In the short form every third call, beginning elsewhere for each fault.
        let numbers = (1..=calls).filter(|number| is_full() || number % 3 == index % 3);
        for number in numbers {
            let found = run(befallen(repository, holder, number, &kind));
            wrong.extend(found.into_iter().map(|found| format!("{name} at {number}: {found}")));
        }
    }
    none(&wrong);
}

async fn befallen(repository: &GitRepository, holder: Holder, number: usize, kind: &FaultKind) -> Vec<String> {
    let fault = |number: usize| {
        let matching = FaultMatch { nth: Some(number as u64), ..FaultMatch::default() };
        vec![Fault { matching, kind: kind.clone() }]
    };
    let scene = Scene::new(repository.clone(), holder).await;
    scene.emulator.set_faults(fault(number));
    let first = scene.connect().await;
    scene.emulator.set_faults(Vec::new());
    let mut wrong = Vec::new();
    if let Err(error) = scene.connect().await {
        return vec![format!("the second run fails: {error:?}; the first: {first:?}")];
    }
    wrong.extend(scene.wrong(holder).await);
    scene.emulator.set_faults(fault(1 + number % 2));
    let let_go = git::disconnect(&scene.git()).await;
    scene.emulator.set_faults(Vec::new());
    if let Err(error) = git::disconnect(&scene.git()).await {
        wrong.push(format!("letting go fails twice: {let_go:?}, {error:?}"));
    }
    if scene.git().connection().await.unwrap().state != GitConnectionState::NotConnected {
        wrong.push("it is still connected".to_owned());
    }
    wrong
}

#[test]
fn every_fault_on_the_way_of_a_workspace_to_github() {
    each(&github(), Holder::Workspace);
}

#[test]
fn every_fault_on_the_way_of_a_workspace_from_github() {
    each(&github(), Holder::Branch);
}

#[test]
fn every_fault_on_the_way_of_a_workspace_to_azure_devops() {
    each(&azure_devops(), Holder::Workspace);
}

#[test]
fn every_fault_on_the_way_of_a_workspace_from_azure_devops() {
    each(&azure_devops(), Holder::Branch);
}

#[test]
fn what_fabric_refuses_comes_with_what_to_do_about_it() {
    let cases = [
        (404, "GitProviderResourceNotFound", "directory"),
        (400, "WorkspaceHasNoCapacityAssigned", "capacity"),
        (403, "InsufficientPrivileges", "admin role"),
        (403, "InsufficientWorkspaceRole", "admin role"),
        (400, "IncorrectCredentials", "GitHub token"),
        (400, "InvalidCredentialDetails", "GitHub token"),
    ];
    run(async {
        let scene = Scene::new(github(), Holder::Branch).await;
        let refused = async |code: u16, error_code: &str| {
            let kind = json!({"status": {"code": code, "applied": false, "error_code": error_code}});
            let faults = json!([{"match": {"operation": "ConnectGit"}, "kind": kind}]);
            scene.emulator.set_faults(serde_json::from_value(faults).unwrap());
            scene.connect().await.unwrap_err()
        };
        for (code, error_code, remedy) in cases {
            let error = refused(code, error_code).await;
            assert_eq!(error.code(), error_code, "{error}");
            assert!(error.remedy().is_some_and(|said| said.contains(remedy)), "{error_code}: {:?}", error.remedy());
            assert_eq!(error.fabric().and_then(fabric_client::Error::error_code), Some(error_code));
            assert_eq!(error.to_string(), "could not connect the workspace to Git");
        }
        assert_eq!(refused(400, "NobodyKnowsThis").await.remedy(), None);
        // Of a connection's credentials it says something else than of automatic ones.
        let error = refused(403, "PrincipalTypeNotSupported").await;
        assert!(error.remedy().is_some_and(|said| said.contains("as a user")), "{:?}", error.remedy());
    });
}
