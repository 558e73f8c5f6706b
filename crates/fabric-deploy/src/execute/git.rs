//! Steps about the workspace's connection to Git.

use fabric_client::{GitCredentials, GitPreference, GitProviderDetails};

use super::StepError;
use super::known::Known;
use crate::git::{self, Deletions, GitError, ReplacedGit, Wanted};

pub(super) async fn create_connection(
    known: &Known,
    provider: &GitProviderDetails,
) -> Result<Option<String>, StepError> {
    let lacking = || GitError::NoConnection { repository: provider.repository.url() };
    let secret = known.git_secret().ok_or_else(lacking)?;
    let id = git::create_connection(&known.client, &provider.repository, secret).await?;
    known.git_connection_is(id);
    Ok(Some(id.to_string()))
}

/// Connects the workspace, after letting go of what it was connected to. Nothing moves: the workspace is what the files
/// describe, so it is the side that wins.
pub(crate) async fn connect(
    known: &Known,
    provider: &GitProviderDetails,
    credentials: Option<&GitCredentials>,
    from: Option<&ReplacedGit>,
) -> Result<Option<String>, StepError> {
    let git = known.workspace().git();
    if let Some(from) = from {
        let is_there = git.connection().await?.provider.is_some_and(|found| found.is(&from.provider));
        if is_there {
            git::disconnect(&git).await?;
        }
    }
    let lacking = || GitError::NoConnection { repository: provider.repository.url() };
    let made = || known.git_connection().map(|connection_id| GitCredentials::ConfiguredConnection { connection_id });
    let credentials = credentials.cloned().or_else(made).ok_or_else(lacking)?;
    let preference = Some(GitPreference::PreferWorkspace);
    git::connect(&git, &Wanted { provider: provider.clone(), credentials, preference }).await?;
    Ok(known.workspace_id().map(|id| id.to_string()))
}

pub(super) async fn commit(known: &Known, comment: &str, deletions: bool) -> Result<Option<String>, StepError> {
    let deletions = if deletions { Deletions::Commit } else { Deletions::Keep };
    let moved = git::commit(&known.workspace().git(), comment, deletions).await?;
    Ok(moved.head)
}
