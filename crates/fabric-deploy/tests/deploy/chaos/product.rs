//! What the versions of a product ask for.

use std::sync::{Arc, OnceLock};

use fabric_deploy::desired::{
    DesiredRole, DesiredState, DesiredWorkspace, PrincipalType, WorkspaceRole, WorkspaceSelector,
};
use fabric_deploy::secret::{SecretError, SecretFailure, SecretSource, SecretValue, Secrets};
use fabric_deploy::source::{self, SourceRequest};
use fabric_emulator::{ACTIVE_CAPACITY, GROUP, USER};
use futures::FutureExt;
use serde_json::Value;

use super::files::{self, OTHER_CAPACITY, SECRET_CANARY, WORKSPACE};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    First,
    Second,
    /// A few items of another product, and many more.
    Few,
    Many,
}

/// The same tenant before anybody made the workspace.
pub(super) fn seed_without_workspace() -> Value {
    let mut seed = files::seed();
    let ours = seed["workspaces"][0]["id"].clone();
    for (section, key) in [("workspaces", "id"), ("folders", "workspaceId"), ("items", "workspaceId")] {
        if let Some(rows) = seed[section].as_array_mut() {
            rows.retain(|row| row[key] != ours);
        }
    }
    seed
}

/// What a version asks for.
pub(super) fn desired(version: Version) -> Arc<DesiredState> {
    const VERSIONS: [Version; 4] = [Version::First, Version::Second, Version::Few, Version::Many];
    static STATES: [OnceLock<Arc<DesiredState>>; 4] = [const { OnceLock::new() }; 4];
    let place = VERSIONS.iter().position(|known| *known == version).unwrap();
    Arc::clone(STATES[place].get_or_init(|| match version {
        Version::First | Version::Second => Arc::new(load(version)),
        Version::Few | Version::Many => super::bulk::desired(version),
    }))
}

/// A store with one secret, which has versions.
#[derive(Debug)]
pub(super) struct OneSecret;

#[async_trait::async_trait]
impl SecretSource for OneSecret {
    async fn get(&self, name: &str) -> Result<SecretValue, SecretError> {
        match name {
            "password" | "password/1" => Ok(SecretValue::new(SECRET_CANARY.to_owned().into(), "password/1")),
            _ => Err(SecretError { failure: SecretFailure::Missing, message: format!("there is no {name}") }),
        }
    }
}

fn load(version: Version) -> DesiredState {
    let second = version == Version::Second;
    let folder = tempfile::tempdir().unwrap();
    files::write(folder.path(), second);
    let environment = files::environment(second);
    let (loaded, diagnostics) = source::load(&SourceRequest {
        root: folder.path(),
        parameters: None.into(),
        environment,
        lookup_env: &|_| None,
        looked_up: None,
        named_by: None,
    });
    assert!(!diagnostics.has_errors(), "{diagnostics:?}");
    let role =
        |principal, principal_type, role| DesiredRole { principal, principal_type, role, label: "somebody".to_owned() };
    let mut roles = vec![role(USER, PrincipalType::User, WorkspaceRole::Viewer)];
    if second {
        roles = vec![
            role(USER, PrincipalType::User, WorkspaceRole::Member),
            role(GROUP, PrincipalType::Group, WorkspaceRole::Contributor),
        ];
    }
    let mut desired = DesiredState {
        environment: environment.to_owned(),
        workspace: DesiredWorkspace {
            selector: WorkspaceSelector::Name(WORKSPACE.to_owned()),
            description: Some(files::description(second).to_owned()),
            capacity_id: Some(if second { OTHER_CAPACITY.parse().unwrap() } else { ACTIVE_CAPACITY }),
        },
        items: loaded.unwrap().items,
        extra_folders: Vec::new(),
        roles,
        scope: fabric_deploy::selection::Scope::default(),
        secrets: Secrets::default(),
        git: None,
    };
    let secrets = Secrets::read(Arc::new(OneSecret), &desired).now_or_never().expect("nothing waits");
    desired.secrets = secrets.expect("there is such a secret");
    desired
}
