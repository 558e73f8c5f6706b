//! `git`: a workspace and its branch.

mod connect;
mod login;
mod step;

use fabric_client::{GitPreference, WorkspaceHandle};
use fabric_deploy::actual;
use fabric_deploy::error::DeployError;
use fabric_deploy::git;
use fabric_deploy::report::Status;

use super::Context;
use crate::arguments::git::{GitCommand, Prefer, StatusArguments, WorkspaceArgument};
use crate::connect::{self as service, Connection};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::inputs;
use crate::render::git::{GitDocument, Side};

pub(super) use connect::wanted;

pub(super) async fn run(command: &GitCommand, context: &Context) -> Result<Exit, Failure> {
    match command {
        GitCommand::Connect(arguments) => connect::run(arguments, context).await,
        GitCommand::Status(arguments) => status(arguments, context).await,
        GitCommand::Update(arguments) => step::update(arguments, context).await,
        GitCommand::Commit(arguments) => step::commit(arguments, context).await,
        GitCommand::Login(arguments) => login::login(arguments, context).await,
        GitCommand::Logout(arguments) => login::logout(arguments, context),
        GitCommand::Disconnect(arguments) => disconnect(arguments, context).await,
    }
}

/// What a git command is called in its result.
pub(super) fn name_of(command: &GitCommand) -> &'static str {
    match command {
        GitCommand::Connect(_) => "git connect",
        GitCommand::Status(_) => "git status",
        GitCommand::Update(_) => "git update",
        GitCommand::Commit(_) => "git commit",
        GitCommand::Login(_) => "git login",
        GitCommand::Logout(_) => "git logout",
        GitCommand::Disconnect(_) => "git disconnect",
    }
}

/// A service, and a workspace there.
pub(super) struct Place {
    pub(super) service: Connection,
    pub(super) workspace: WorkspaceHandle,
}

impl Place {
    /// Connects to the service and finds the workspace.
    pub(super) async fn find(workspace: &str, context: &Context) -> Result<Self, Failure> {
        let service = service::connect(context).await?;
        let selector = inputs::selector(workspace);
        let found = actual::find_workspace(&service.client, &selector).await?;
        let id = found.ok_or_else(|| DeployError::WorkspaceNotFound { selector: workspace.to_owned() })?;
        let workspace = service.client.workspace(id);
        Ok(Self { service, workspace })
    }

    /// The connection as it is now, as the result shows it.
    pub(super) async fn side(&self) -> Result<Side, Failure> {
        let connection = self.workspace.git().connection().await;
        let connection = connection.map_err(|source| Failure::workspace(self.workspace.id(), source))?;
        Ok(Side::of(&connection))
    }
}

/// A policy, as the client calls it.
pub(super) fn preference(prefer: Option<Prefer>) -> Option<GitPreference> {
    prefer.map(|prefer| match prefer {
        Prefer::Remote => GitPreference::PreferRemote,
        Prefer::Workspace => GitPreference::PreferWorkspace,
    })
}

async fn status(arguments: &StatusArguments, context: &Context) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.workspace.workspace, context).await?;
    let found = git::status(&place.workspace.git()).await?;
    let differs = !found.changes.is_empty();
    let mut side = place.side().await?;
    side.remote_head.clone_from(&found.remote_commit_hash);
    let status = if differs { Status::Planned } else { Status::Unchanged };
    GitDocument::new("git status", status, place.workspace.id(), side, context)
        .with_changes(&found.changes)
        .write(context)?;
    Ok(if differs && arguments.detailed_exitcode { Exit::Changes } else { Exit::Success })
}

async fn disconnect(arguments: &WorkspaceArgument, context: &Context) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.workspace, context).await?;
    let changed = git::disconnect(&place.workspace.git()).await?;
    let status = if changed { Status::Committed } else { Status::Unchanged };
    let side = place.side().await?;
    GitDocument::new("git disconnect", status, place.workspace.id(), side, context).write(context)?;
    Ok(Exit::Success)
}
