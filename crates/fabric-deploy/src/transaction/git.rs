//! Whether the workspace's connection to Git is there, and how it is taken back.

use fabric_client::{GitConnectionState, GitProviderDetails};
use fabric_txn::{Failure, Finding, StepContext};
use serde_json::Value;

use super::finding::{applied, failure, of_fabric};
use super::id_of;
use super::probe::Probed;
use super::step::in_flight;
use super::undo::Undone;
use crate::execute::{self, Known, settle};
use crate::git::{self, Deletions, GitError, ReplacedGit};

/// What Fabric said, or a finding for what it did not say.
fn split(error: GitError) -> Probed {
    match error {
        GitError::Fabric { source, .. } => Err(source),
        other => Ok(Finding::Unknown(Failure::new(other.to_string()))),
    }
}

pub(super) async fn created_connection(
    context: &StepContext<'_>,
    known: &Known,
    provider: &GitProviderDetails,
) -> Probed {
    if let Some(id) = id_of(&context.output()) {
        return match known.client.connections().get(id).await {
            Ok(_) => Ok(applied(id)),
            Err(error) if error.error_code() == Some("EntityNotFound") => Ok(Finding::NotApplied),
            Err(error) => Err(error),
        };
    }
    let look_up = || async {
        match git::find_made(&known.client, &provider.repository).await {
            Ok(found) => Ok(found),
            Err(GitError::Fabric { source, .. }) => Err(source),
            Err(_) => Ok(None),
        }
    };
    let found = settle(in_flight(context, known.limits.settle), &look_up).await?;
    if let Some(id) = found {
        known.git_connection_is(id);
    }
    Ok(found.map_or(Finding::NotApplied, applied))
}

/// Half of the way counts as gone: going back must take it back.
pub(super) async fn connected(known: &Known, provider: &GitProviderDetails, from: Option<&ReplacedGit>) -> Probed {
    let connection = match known.workspace().git().connection().await {
        Err(error) if error.error_code() == Some("WorkspaceNotFound") => return Ok(Finding::NotApplied),
        other => other?,
    };
    Ok(match (&connection.provider, from) {
        (Some(found), _) if found.is(provider) => applied(known.workspace_id()),
        (Some(found), Some(from)) if found.is(&from.provider) => Finding::NotApplied,
        (Some(found), _) => {
            Finding::Unknown(Failure::new(format!("the workspace is connected to {found}: somebody changed it")))
        }
        (None, Some(_)) => applied(known.workspace_id()),
        (None, None) => Finding::NotApplied,
    })
}

pub(super) async fn committed(known: &Known, deletions: bool) -> Probed {
    let status = match git::status(&known.workspace().git()).await {
        Ok(status) => status,
        Err(GitError::NotConnected) => return Ok(Finding::NotApplied),
        Err(error) => return split(error),
    };
    let deletions = if deletions { Deletions::Commit } else { Deletions::Keep };
    let is_left = git::outgoing(&status).iter().any(|change| deletions.includes(change));
    Ok(if is_left { Finding::NotApplied } else { applied(None) })
}

/// Disconnects only from what this transaction connected to, and puts back what was there before.
pub(super) async fn restore(known: &Known, provider: &GitProviderDetails, from: Option<&ReplacedGit>) -> Undone {
    let git = known.workspace().git();
    let connection = match git.connection().await {
        Err(error) if error.error_code() == Some("WorkspaceNotFound") => return Ok(Value::Null),
        other => other.map_err(|error| of_fabric(&error))?,
    };
    let is_ours = connection.provider.as_ref().is_some_and(|found| found.is(provider));
    if is_ours {
        git::disconnect(&git).await.map_err(|error| failure(&error.into()))?;
    } else if connection.state != GitConnectionState::NotConnected {
        return Ok(Value::Null);
    }
    if let Some(from) = from {
        let restored = execute::connect_git(known, &from.provider, Some(&from.credentials), None).await;
        restored.map_err(|error| failure(&error))?;
    }
    Ok(Value::Null)
}
