//! Deployments that connect their workspace to Git and commit there, as transactions: every fault at every call, and an
//! end at every point. Git is as it was before, or as the files want it; never half of either.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use fabric_client::{GitConnectRequest, GitCredentials, GitProviderDetails, GitRepository, RepositoryAccess};
use fabric_deploy::desired::{DesiredState, DesiredWorkspace, WorkspaceSelector};
use fabric_deploy::git::{Access, DesiredGit};
use fabric_deploy::secret::Secrets;
use fabric_deploy::source::{self, SourceRequest};
use fabric_emulator::ACTIVE_CAPACITY;
use fabric_txn::JournalStore;
use fabric_txn::store::MemoryStore;
use serde_json::{Value, json};
use uuid::Uuid;

use super::faults::{at, kinds};
use super::life::Life;
use super::scenario::{is_full, none, run, sample};
use super::session::{Ended, Stage};
use super::wire;

const WORKSPACE: Uuid = Uuid::from_u128(0x1000);
const NAME: &str = "Sales";
const TOKEN: &str = "canary of a token";

/// What is there before the deployment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before {
    /// Nothing: workspace, connection to GitHub and commit are made.
    Nothing,
    /// The workspace, connected to another repository of Azure DevOps.
    AnotherRepository,
}

fn details(before: Before, repository: &str) -> GitProviderDetails {
    let repository = repository.to_owned();
    let repository = match before {
        Before::Nothing => GitRepository::GitHub { owner: "contoso".to_owned(), repository },
        Before::AnotherRepository => {
            GitRepository::AzureDevOps { organization: "contoso".to_owned(), project: "Sales".to_owned(), repository }
        }
    };
    GitProviderDetails { repository, branch: "main".to_owned(), directory: "items".to_owned() }
}

/// A notebook, and the branch that it is committed to.
fn desired(before: Before) -> Arc<DesiredState> {
    let folder = tempfile::tempdir().unwrap();
    let notebook = folder.path().join("Load.Notebook");
    std::fs::create_dir_all(&notebook).unwrap();
    let platform = json!({"metadata": {"type": "Notebook", "displayName": "Load"},
        "config": {"version": "2.0", "logicalId": "11111111-2222-4333-8444-555555555555"}});
    std::fs::write(notebook.join(".platform"), platform.to_string()).unwrap();
    std::fs::write(notebook.join("notebook-content.py"), "# Fabric notebook source\n\nprint(1)\n").unwrap();
    let (loaded, diagnostics) = source::load(&SourceRequest {
        root: folder.path(),
        parameters: None.into(),
        environment: "test",
        lookup_env: &|_| None,
        looked_up: None,
        named_by: None,
    });
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let secret = (before == Before::Nothing).then(|| RepositoryAccess::Token(TOKEN.to_owned()));
    Arc::new(DesiredState {
        environment: "test".to_owned(),
        workspace: DesiredWorkspace {
            selector: WorkspaceSelector::Name(NAME.to_owned()),
            description: None,
            capacity_id: Some(ACTIVE_CAPACITY),
        },
        items: loaded.unwrap().items,
        extra_folders: Vec::new(),
        roles: Vec::new(),
        scope: fabric_deploy::selection::Scope::default(),
        secrets: Secrets::default(),
        git: Some(DesiredGit {
            provider: details(before, "fabric"),
            access: Access { connection: None, secret },
            commit: Some("Automated deployment".to_owned()),
        }),
    })
}

struct Scene {
    stage: Stage,
    before: Before,
    repository: PathBuf,
}

impl Scene {
    async fn new(before: Before) -> Self {
        let workspaces = match before {
            Before::Nothing => json!([]),
            Before::AnotherRepository => {
                json!([{"id": WORKSPACE, "displayName": NAME, "capacityId": ACTIVE_CAPACITY}])
            }
        };
        let stage = Stage::new(json!({ "workspaces": workspaces })).await;
        let hosted = |name| stage.emulator.host_repository(&serde_json::to_value(details(before, name)).unwrap());
        let repository = hosted("fabric").unwrap();
        if before == Before::AnotherRepository {
            hosted("other").unwrap();
            let git = wire::client(&stage.emulator, &Life::long(), None).workspace(WORKSPACE).git();
            let provider = details(before, "other");
            let request = GitConnectRequest { provider, credentials: Some(GitCredentials::Automatic) };
            git.connect(&request).await.unwrap();
            git.initialize(None).await.unwrap();
        }
        stage.emulator.clear_requests();
        Self { stage, before, repository }
    }

    /// What is there now: what Git is connected to, how many connections, items and commits there are.
    fn found(&self) -> Value {
        let world = self.stage.emulator.world();
        let count = |section: &str| world[section].as_array().map_or(0, Vec::len);
        let links = world["gitLinks"].as_array().unwrap().iter();
        let links: Vec<_> =
            links.map(|link| json!([link["provider"]["repositoryName"], link["initialized"]])).collect();
        json!({"links": links, "connections": count("connections"), "items": count("items"),
            "workspaces": count("workspaces"), "commits": commits_of(&self.repository)})
    }

    /// What has to be there after such an end.
    fn expected(&self, ended: &Ended) -> Value {
        let fresh = self.before == Before::Nothing;
        match ended {
            Ended::Committed => json!({"links": [["fabric", true]], "connections": usize::from(fresh), "items": 1,
                "workspaces": 1, "commits": 2}),
            Ended::RolledBack | Ended::NotBegun(_) if fresh => {
                json!({"links": [], "connections": 0, "items": 0, "workspaces": 0, "commits": 1})
            }
            Ended::RolledBack | Ended::NotBegun(_) => {
                json!({"links": [["other", true]], "connections": 0, "items": 0, "workspaces": 1, "commits": 1})
            }
            Ended::Stuck(_) | Ended::Broken(_) => Value::Null,
        }
    }

    /// What is wrong with this end, and with that of a second deployment that nothing disturbs.
    async fn wrong(self, ended: &Ended) -> Vec<String> {
        let mut wrong = Vec::new();
        let (found, expected) = (self.found(), self.expected(ended));
        if found != expected {
            wrong.push(format!("{ended:?}: {found}, not {expected}"));
        }
        for journal in self.stage.store.journals().await.unwrap() {
            let journal = self.stage.store.read(journal).await.unwrap().unwrap_or_default();
            if String::from_utf8_lossy(&journal).contains(TOKEN) {
                wrong.push("the journal holds the token".to_owned());
            }
        }
        self.stage.emulator.set_faults(Vec::new());
        self.stage.emulator.clear_requests();
        let stage = Stage { store: Arc::new(MemoryStore::new()), ..self.stage };
        let again = stage.process(&Life::long()).deploy_to(&desired(self.before)).await.unwrap();
        if again != Ended::Committed {
            wrong.push(format!("{ended:?}, and again: {again:?}"));
        }
        if *ended == Ended::Committed && stage.emulator.requests().iter().any(|request| request.mutating) {
            wrong.push("a second deployment does it again".to_owned());
        }
        wrong
    }
}

fn commits_of(repository: &Path) -> u32 {
    let output = Command::new("git").current_dir(repository).args(["rev-list", "--count", "main"]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}

fn every_fault(before: Before) {
    let calls = run(async {
        let scene = Scene::new(before).await;
        let ended = scene.stage.process(&Life::long()).deploy_to(&desired(before)).await.unwrap();
        assert_eq!(ended, Ended::Committed);
        let calls = scene.stage.emulator.requests();
        assert_eq!(scene.wrong(&ended).await, Vec::<String>::new());
        calls
    });
    let mut wrong = Vec::new();
    for (index, (name, kind)) in kinds().into_iter().enumerate() {
        // In the short form every third call, beginning elsewhere for each fault, and every commit.
        let befalls = |number: usize| {
            let is_commit = calls[number - 1].operation.as_deref() == Some("CommitToGit");
            is_full() || is_commit || number % 3 == index % 3
        };
        for number in (1..=calls.len()).filter(|number| befalls(*number)) {
            let found = run(async {
                let scene = Scene::new(before).await;
                scene.stage.emulator.set_faults(at(number, &kind));
                let ended = scene.stage.process(&Life::long()).deploy_to(&desired(before)).await.unwrap();
                scene.wrong(&ended).await
            });
            let call = calls[number - 1].operation.as_deref().unwrap_or_default();
            wrong.extend(found.into_iter().map(|found| format!("{name} at {number} ({call}): {found}")));
        }
    }
    none(&wrong);
}

fn every_end(before: Before) {
    let points = run(async {
        let (scene, life) = (Scene::new(before).await, Life::long());
        assert_eq!(scene.stage.process(&life).deploy_to(&desired(before)).await, Some(Ended::Committed));
        life.passed().len()
    });
    let mut wrong = Vec::new();
    for point in sample(points, 40) {
        for forwards in [true, false] {
            let found = run(async {
                let scene = Scene::new(before).await;
                let desired = desired(before);
                assert_eq!(scene.stage.process(&Life::until(point + 1)).deploy_to(&desired).await, None);
                scene.stage.outlive().await;
                let (life, has_begun) = (Life::long(), scene.stage.transaction().await.is_some());
                let process = scene.stage.process(&life);
                let ended = match (has_begun, forwards) {
                    (false, _) => Ended::NotBegun(String::new()),
                    (true, true) => match process.resume_to(&desired).await.unwrap() {
                        // It died before all of its steps were on record: then there is one way only.
                        Ended::Broken(why) if why.contains("can only be rolled back") => {
                            process.rollback().await.unwrap()
                        }
                        // It died once its end was on record: there is nothing to resume.
                        Ended::Broken(why) if why.ends_with("has ended: committed") => Ended::Committed,
                        ended => ended,
                    },
                    (true, false) => process.rollback().await.unwrap(),
                };
                // Once the commit is there, nothing takes it back.
                let is_committed = commits_of(&scene.repository) == 2;
                if is_committed && !forwards && matches!(ended, Ended::Stuck(_)) {
                    return Vec::new();
                }
                scene.wrong(&ended).await
            });
            let way = if forwards { "resumed" } else { "rolled back" };
            wrong.extend(found.into_iter().map(|found| format!("{way} after point {point}: {found}")));
        }
    }
    none(&wrong);
}

#[test]
fn every_fault_of_a_deployment_that_connects_a_new_workspace_to_github() {
    every_fault(Before::Nothing);
}

#[test]
fn every_fault_of_a_deployment_that_moves_a_workspace_to_another_repository() {
    every_fault(Before::AnotherRepository);
}

#[test]
fn an_end_anywhere_of_a_deployment_that_connects_a_new_workspace_to_github() {
    every_end(Before::Nothing);
}

#[test]
fn an_end_anywhere_of_a_deployment_that_moves_a_workspace_to_another_repository() {
    every_end(Before::AnotherRepository);
}
