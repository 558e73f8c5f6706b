//! `workspace`: workspaces for branches, made and taken away.

mod label;

use std::time::SystemTime;

use fabric_client::{GitPreference, GitProviderDetails, NewWorkspace, Workspace};
use fabric_deploy::git::{self, GitError, Wanted};
use fabric_deploy::report::Status;
use time::{Date, Duration, OffsetDateTime};

use super::Context;
use super::git::{Place, wanted};
use crate::arguments::git::{
    CreateWorkspaceArguments, DeleteWorkspaceArguments, ListWorkspacesArguments, WorkspaceCommand,
};
use crate::connect;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::git::GitDocument;
use crate::render::workspaces::{FeatureWorkspace, WorkspacesDocument};
use label::Label;

pub(super) async fn run(command: &WorkspaceCommand, context: &Context) -> Result<Exit, Failure> {
    match command {
        WorkspaceCommand::Create(arguments) => create(arguments, context).await,
        WorkspaceCommand::Delete(arguments) => delete(arguments, context).await,
        WorkspaceCommand::List(arguments) => list(arguments, context).await,
    }
}

/// What a workspace command is called in its result.
pub(super) fn name_of(command: &WorkspaceCommand) -> &'static str {
    match command {
        WorkspaceCommand::Create(_) => "workspace create",
        WorkspaceCommand::Delete(_) => "workspace delete",
        WorkspaceCommand::List(_) => "workspace list",
    }
}

#[expect(clippy::disallowed_methods, reason = "a workspace expires on a day of the calendar")]
fn today() -> Date {
    OffsetDateTime::from(SystemTime::now()).date()
}

async fn create(arguments: &CreateWorkspaceArguments, context: &Context) -> Result<Exit, Failure> {
    let base = Place::find(&arguments.base, context).await?;
    let client = &base.service.client;
    let unread = |source| Failure::workspace(base.workspace.id(), source);
    let (about, connection) =
        (base.workspace.get().await.map_err(unread)?, base.workspace.git().connection().await.map_err(unread)?);
    let provider = connection.provider.ok_or(GitError::NotConnected)?;
    let provider = GitProviderDetails { branch: arguments.from_branch.clone(), ..provider };
    let name = arguments.name.clone().unwrap_or_else(|| format!("{} [{}]", about.display_name, arguments.from_branch));
    let expires = today().saturating_add(Duration::days(i64::from(arguments.expires_in)));
    let label = Label { branch: arguments.from_branch.clone(), expires };
    // Before anything is made: without credentials nothing could be connected.
    let wanted =
        wanted(client, provider, Some(GitPreference::PreferRemote), arguments.connection, None, context).await?;
    let (workspace, is_new) = found_or_made(client, &name, &label, about.capacity_id).await?;
    let place = Place { workspace: client.workspace(workspace.id), service: base.service };
    let brought = bring(&place, &wanted).await;
    if let (Err(_), true) = (&brought, is_new) {
        // What could not be connected is of no use to anybody; it holds nothing that was not in the branch.
        place.workspace.delete().await.map_err(|source| Failure::workspace(workspace.id, source))?;
    }
    let moved = brought?;
    let changed = is_new || !moved.changes.is_empty();
    let status = if changed { Status::Committed } else { Status::Unchanged };
    let side = place.side().await?;
    GitDocument::new("workspace create", status, workspace.id, side, context)
        .with_changes(&moved.changes)
        .write(context)?;
    Ok(Exit::Success)
}

async fn bring(place: &Place, wanted: &Wanted) -> Result<git::Moved, GitError> {
    let git = place.workspace.git();
    git::connect(&git, wanted).await?;
    git::update(&git, wanted.preference).await
}

/// The workspace of this name, if an earlier run made it for this branch, or else a new one.
async fn found_or_made(
    client: &fabric_client::Client,
    name: &str,
    label: &Label,
    capacity_id: Option<uuid::Uuid>,
) -> Result<(Workspace, bool), Failure> {
    let find = async || -> Result<Option<Workspace>, Failure> {
        let listed = client.workspaces().list().await.map_err(Failure::workspaces)?;
        let found = listed.into_iter().find(|workspace| workspace.display_name == name);
        match found {
            Some(found) if Label::read(&found.description).is_some_and(|known| known.branch == label.branch) => {
                Ok(Some(found))
            }
            Some(_) => Err(Failure::NotOfBranch { name: name.to_owned() }),
            None => Ok(None),
        }
    };
    if let Some(found) = find().await? {
        return Ok((found, false));
    }
    let wanted = NewWorkspace { display_name: name.to_owned(), description: Some(label.to_string()), capacity_id };
    match client.workspaces().create(&wanted).await {
        Ok(made) => Ok((made, true)),
        // Its answer may have been lost: the label tells that it is this one.
        Err(error) if error.is_ambiguous() => match find().await? {
            Some(found) => Ok((found, true)),
            None => Err(Failure::workspaces(error)),
        },
        Err(error) => Err(Failure::workspaces(error)),
    }
}

/// Only what `workspace create` made, and only where no change would be lost.
async fn delete(arguments: &DeleteWorkspaceArguments, context: &Context) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.workspace.workspace, context).await?;
    let id = place.workspace.id();
    let about = place.workspace.get().await.map_err(|source| Failure::workspace(id, source))?;
    if Label::read(&about.description).is_none() {
        return Err(Failure::NotOfBranch { name: about.display_name });
    }
    let side = place.side().await?;
    if !arguments.force {
        let status = git::status(&place.workspace.git()).await?;
        let uncommitted = git::outgoing(&status).len();
        if uncommitted > 0 {
            return Err(Failure::Uncommitted { name: about.display_name, count: uncommitted });
        }
    }
    place.workspace.delete().await.map_err(|source| Failure::workspace(id, source))?;
    GitDocument::new("workspace delete", Status::Committed, id, side, context).write(context)?;
    Ok(Exit::Success)
}

async fn list(arguments: &ListWorkspacesArguments, context: &Context) -> Result<Exit, Failure> {
    let service = connect::connect(context).await?;
    let listed = service.client.workspaces().list().await.map_err(Failure::workspaces)?;
    let today = today();
    let found = listed.into_iter().filter_map(|workspace| {
        let label = Label::read(&workspace.description)?;
        let is_stale = label.expires < today;
        (is_stale || !arguments.stale).then(|| FeatureWorkspace {
            id: workspace.id,
            name: workspace.display_name,
            branch: label.branch.clone(),
            expires: label.expires.to_string(),
            stale: is_stale,
        })
    });
    WorkspacesDocument::new(found.collect(), context).write(context)?;
    Ok(Exit::Success)
}
