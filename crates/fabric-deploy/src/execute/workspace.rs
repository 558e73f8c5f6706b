//! Steps about the workspace, its folders and its role assignments.

use std::time::Duration;

use fabric_client::{CapacityAssignmentProgress, NewFolder, NewRoleAssignment, NewWorkspace, WorkspaceChange};
use uuid::Uuid;

use super::known::Known;
use super::{StepError, create};
use crate::desired::{FolderPath, PrincipalType, WorkspaceRole};

/// How often to ask whether a capacity assignment is complete, and for how long.
const ASSIGNMENT_PAUSE: Duration = Duration::from_secs(1);
const ASSIGNMENT_DEADLINE: Duration = Duration::from_secs(300);

pub(super) async fn create_workspace(
    known: &Known,
    name: &str,
    description: Option<&str>,
    capacity_id: Option<Uuid>,
) -> Result<Option<String>, StepError> {
    let new_workspace =
        NewWorkspace { display_name: name.to_owned(), description: description.map(str::to_owned), capacity_id };
    let send = || async { Ok(known.client.workspaces().create(&new_workspace).await?.id) };
    let look_up = || async {
        let listed = known.client.workspaces().list().await?;
        Ok(listed.iter().find(|workspace| workspace.display_name == name).map(|found| found.id))
    };
    let id = create::once(known.limits.creates, &["WorkspaceNameAlreadyExists"], send, look_up).await?;
    known.workspace_is(id);
    Ok(Some(id.to_string()))
}

pub(super) async fn describe(known: &Known, description: &str) -> Result<Option<String>, StepError> {
    let change = WorkspaceChange { display_name: None, description: Some(description.to_owned()) };
    let changed = known.workspace().update(&change).await?;
    Ok(Some(changed.id.to_string()))
}

/// Assigns the capacity and waits until the service says that it is done: items cannot be created before.
pub(crate) async fn assign_capacity(known: &Known, capacity: Option<Uuid>) -> Result<Option<String>, StepError> {
    let Some(capacity) = capacity else { return Ok(None) };
    let workspace = known.workspace();
    workspace.assign_to_capacity(capacity).await?;
    let mut waited = Duration::ZERO;
    loop {
        let found = workspace.get().await?;
        let state = found.capacity_assignment_progress.unwrap_or(CapacityAssignmentProgress::InProgress);
        if found.capacity_id == Some(capacity) && state == CapacityAssignmentProgress::Completed {
            return Ok(Some(capacity.to_string()));
        }
        if state == CapacityAssignmentProgress::Failed || waited >= ASSIGNMENT_DEADLINE {
            return Err(StepError::CapacityAssignment { waited, state });
        }
        tokio::time::sleep(ASSIGNMENT_PAUSE).await;
        waited += ASSIGNMENT_PAUSE;
    }
}

pub(crate) async fn create_folder(known: &Known, path: &FolderPath) -> Result<Option<String>, StepError> {
    let parent_folder_id = path.parent().map(|parent| known.folder(&parent)).transpose()?.flatten();
    let new_folder = NewFolder { display_name: path.name().unwrap_or_default().to_owned(), parent_folder_id };
    let send = || async { Ok(known.workspace().folders().create(&new_folder).await?.id) };
    let look_up = || async {
        let listed = known.workspace().folders().list().await?;
        let ours = listed.iter().find(|folder| {
            folder.display_name == new_folder.display_name && folder.parent_folder_id == parent_folder_id
        });
        Ok(ours.map(|found| found.id))
    };
    let id = create::once(known.limits.creates, &["FolderDisplayNameAlreadyInUse"], send, look_up).await?;
    known.folder_is(path.clone(), id);
    Ok(Some(id.to_string()))
}

pub(super) async fn delete_folder(known: &Known, id: Uuid) -> Result<Option<String>, StepError> {
    match known.workspace().folders().delete(id).await {
        Err(error) if error.error_code() == Some("FolderNotFound") => Ok(Some(id.to_string())),
        other => Ok(other.map(|()| Some(id.to_string()))?),
    }
}

pub(super) async fn add_role(
    known: &Known,
    principal: Uuid,
    principal_type: PrincipalType,
    role: WorkspaceRole,
) -> Result<Option<String>, StepError> {
    let assignment =
        NewRoleAssignment { principal_id: principal, principal_type: sent_type(principal_type), role: sent_role(role) };
    let send = || async { Ok(known.workspace().role_assignments().add(&assignment).await?.id) };
    let look_up = || async {
        let listed = known.workspace().role_assignments().list().await?;
        let ours = listed.iter().find(|found| found.principal.id == principal && found.role == assignment.role);
        Ok(ours.map(|found| found.id))
    };
    let taken = ["PrincipalAlreadyHasWorkspaceRolePermissions"];
    let id = create::once(known.limits.creates, &taken, send, look_up).await?;
    Ok(Some(id.to_string()))
}

pub(crate) async fn change_role(
    known: &Known,
    assignment: Uuid,
    role: Option<WorkspaceRole>,
) -> Result<Option<String>, StepError> {
    if let Some(role) = role {
        known.workspace().role_assignments().update(assignment, sent_role(role)).await?;
    }
    Ok(Some(assignment.to_string()))
}

fn sent_role(role: WorkspaceRole) -> fabric_client::WorkspaceRole {
    match role {
        WorkspaceRole::Viewer => fabric_client::WorkspaceRole::Viewer,
        WorkspaceRole::Contributor => fabric_client::WorkspaceRole::Contributor,
        WorkspaceRole::Member => fabric_client::WorkspaceRole::Member,
        WorkspaceRole::Admin => fabric_client::WorkspaceRole::Admin,
    }
}

fn sent_type(principal_type: PrincipalType) -> fabric_client::PrincipalType {
    match principal_type {
        PrincipalType::User => fabric_client::PrincipalType::User,
        PrincipalType::Group => fabric_client::PrincipalType::Group,
        PrincipalType::ServicePrincipal => fabric_client::PrincipalType::ServicePrincipal,
    }
}
