//! Git: workspaces connected to a branch, compared with it, committed to it, updated from it.

pub(crate) mod commit;
pub(crate) mod connection;
pub(crate) mod credentials;
pub(crate) mod initialize;
pub(crate) mod status;
pub(crate) mod update;

use uuid::Uuid;

use crate::call::Call;
use crate::git::command::GitError;
use crate::git::remote::{self, RemoteItem};
use crate::git::repository::Repository;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::types;
use crate::world::World;
use crate::world::entities::PrincipalKind;
use crate::world::git::{GitCredentials, GitLink};
use credentials::{check_connection, principal_not_supported};

/// Seconds that `Retry-After` advises for operations of Git.
const GIT_RETRY: u32 = 30;

/// The branch as it is now.
struct Branch {
    repository: Repository,
    head: String,
}

pub(super) fn not_connected() -> Refusal {
    Refusal::bad("WorkspaceNotConnectedToGit", "The workspace is not connected to Git")
}

pub(super) fn resource_not_found() -> Refusal {
    Refusal::not_found("GitProviderResourceNotFound", "The Git provider resource could not be found")
}

fn sync_failed(error: &GitError) -> Refusal {
    Refusal::bad("GitProviderOperationFailed", error.to_string())
}

fn link(world: &World, workspace: Uuid) -> Result<&GitLink, Refusal> {
    world.git_links.get(workspace).ok_or_else(not_connected)
}

/// The workspace's connection, for something that goes to the provider: the workspace has a capacity, the caller can
/// sign in there, and nothing else is under way.
fn ready_link<'w>(call: &'w Call<'_>) -> Result<&'w GitLink, Refusal> {
    let link = link(call.world, call.workspace_id())?;
    check_capacity(call)?;
    match link.credentials_of(call.caller.id) {
        Some(GitCredentials::ConfiguredConnection { connection_id }) => {
            check_connection(call, &link.provider, *connection_id)?;
        }
        Some(GitCredentials::Automatic) => {}
        Some(GitCredentials::None) | None if call.caller.kind == PrincipalKind::ServicePrincipal => {
            return Err(principal_not_supported());
        }
        // Azure DevOps knows the tenant's users; to GitHub everybody must be introduced.
        Some(GitCredentials::None) | None
            if link.provider.git_provider_type == crate::git::provider::ProviderType::AzureDevOps => {}
        Some(GitCredentials::None) | None => {
            return Err(Refusal::bad(
                "GitProviderOperationFailed",
                "The caller has no Git credentials for the workspace; configure them with My Git Credentials",
            ));
        }
    }
    Ok(link)
}

fn initialized_link<'w>(call: &'w Call<'_>) -> Result<&'w GitLink, Refusal> {
    let link = ready_link(call)?;
    if link.initialized {
        Ok(link)
    } else {
        Err(Refusal::bad("WorkspaceGitConnectionNotInitialized", "The connection to Git is not initialized"))
    }
}

fn check_capacity(call: &Call<'_>) -> Result<(), Refusal> {
    if call.workspace()?.capacity_id.is_some() {
        return Ok(());
    }
    Err(Refusal::bad(
        "WorkspaceHasNoCapacityAssigned",
        "A workspace with a capacity assigned is required for the operation",
    ))
}

/// One operation of Git at a time.
fn check_idle(call: &Call<'_>) -> Result<(), Refusal> {
    if call.world.is_git_busy(call.workspace_id()) {
        return Err(Refusal::bad(
            "WorkspacePreviousOperationInProgress",
            "A previous operation on the workspace is still in progress",
        )
        .retriable());
    }
    Ok(())
}

/// The head a caller names must be the one the workspace is at; right after initialisation it may be absent.
fn check_head(link: &GitLink, named: Option<&str>) -> Result<(), Refusal> {
    let named = named.filter(|head| !head.is_empty());
    if named.is_none() && link.last_sync == 0 || named == link.head.as_deref() {
        return Ok(());
    }
    Err(Refusal::bad("WorkspaceHeadMismatch", "The given workspace head is not the head of the workspace"))
}

fn branch(settings: &Settings, link: &GitLink) -> Result<Branch, Refusal> {
    let repository = link.provider.open(settings.repositories.as_deref()).ok_or_else(resource_not_found)?;
    let head = repository.head(&link.provider.branch_name).ok_or_else(resource_not_found)?;
    Ok(Branch { repository, head })
}

fn remote_items(
    settings: &Settings,
    link: &GitLink,
    repository: &Repository,
    commit: &str,
) -> Result<Vec<RemoteItem>, Refusal> {
    let folder = link.provider.folder();
    let files = repository.files(commit, folder).map_err(|error| sync_failed(&error))?;
    remote::read(&files, folder, settings.normalise_definitions)
}

/// Refuses service principals where an item's type does.
fn check_types<'a>(call: &Call<'_>, names: impl Iterator<Item = &'a str>) -> Result<(), Refusal> {
    for item_type in names.filter_map(types::find) {
        super::items::check_caller(call, item_type)?;
    }
    Ok(())
}
