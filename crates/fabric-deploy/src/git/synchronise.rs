//! Workspace and branch brought into step: what differs, updates, commits.

use fabric_client::{
    Git, GitChangeType, GitCommit, GitConflictType, GitConnection, GitConnectionState, GitItemChange, GitPreference,
    GitStatus, GitUpdate,
};

use super::error::GitError;
use super::pace::{Sent, alone, moment};

/// How often both sides may move, or an answer be lost, before it is given up.
const MOST_ROUNDS: usize = 8;

/// What an update or a commit moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    /// The changes, as they were seen before. Empty: there was nothing to do.
    pub changes: Vec<GitItemChange>,
    /// The commit that the workspace is in step with.
    pub head: Option<String>,
}

/// Whether a commit takes items away from the branch that the workspace does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deletions {
    /// It does.
    Commit,
    /// It leaves them.
    Keep,
}

impl Deletions {
    pub(crate) fn includes(self, change: &GitItemChange) -> bool {
        self == Self::Commit || change.workspace_change != Some(GitChangeType::Deleted)
    }
}

/// Changes that the branch has and the workspace lacks.
pub fn incoming(status: &GitStatus) -> Vec<GitItemChange> {
    status.changes.iter().filter(|change| change.remote_change.is_some()).cloned().collect()
}

/// Changes that the workspace has and the branch lacks.
pub fn outgoing(status: &GitStatus) -> Vec<GitItemChange> {
    status.changes.iter().filter(|change| change.workspace_change.is_some()).cloned().collect()
}

/// Where both sides stand.
///
/// # Errors
/// Where the workspace is not connected, or Fabric refuses.
pub async fn status(git: &Git) -> Result<GitStatus, GitError> {
    git.status().await.map_err(|source| match source.error_code() {
        Some("WorkspaceNotConnectedToGit" | "WorkspaceGitConnectionNotInitialized") => GitError::NotConnected,
        _ => GitError::Fabric { action: "compare the workspace with its branch", source },
    })
}

/// Finishes what a new connection asks for: the side that has to follow follows. Where both sides have been in step
/// before, nothing happens.
///
/// # Errors
/// Those of [`update`] and [`commit`].
pub async fn begin(
    git: &Git,
    connection: &GitConnection,
    preference: Option<GitPreference>,
    comment: &str,
) -> Result<Moved, GitError> {
    if connection.state != GitConnectionState::ConnectedAndInitialized {
        return Err(GitError::NotConnected);
    }
    let now = status(git).await?;
    if connection.sync.is_some() {
        return Ok(Moved { changes: Vec::new(), head: now.workspace_head });
    }
    if incoming(&now).is_empty() {
        commit(git, comment, Deletions::Commit).await
    } else {
        update(git, preference).await
    }
}

/// Brings the branch's changes into the workspace. `preference` says which side wins where both changed an item.
///
/// # Errors
/// Where there are conflicts and no side is preferred, or Fabric refuses.
pub async fn update(git: &Git, preference: Option<GitPreference>) -> Result<Moved, GitError> {
    let mut moved = Moved::default();
    for _ in 0..MOST_ROUNDS {
        let now = status(git).await?;
        let changes = incoming(&now);
        moved.head.clone_from(&now.workspace_head);
        let Some(commit) = now.remote_commit_hash.filter(|_| !changes.is_empty()) else { return Ok(moved) };
        let conflicts: Vec<String> =
            changes.iter().filter(|change| change.conflict_type == GitConflictType::Conflict).map(name_of).collect();
        if preference.is_none() && !conflicts.is_empty() {
            return Err(GitError::Conflicts { items: conflicts });
        }
        let request = GitUpdate {
            remote_commit_hash: commit,
            workspace_head: now.workspace_head,
            conflicts: preference,
            allow_override_items: true,
        };
        moved.changes = changes;
        if !settled(alone("update the workspace from Git", || git.update(&request)).await)? {
            moment().await;
        }
    }
    Err(GitError::Restless)
}

/// Commits the workspace's changes to the branch, and looks that they have arrived.
///
/// # Errors
/// Where the branch has changes that the workspace lacks, or Fabric refuses.
pub async fn commit(git: &Git, comment: &str, deletions: Deletions) -> Result<Moved, GitError> {
    let mut moved = Moved::default();
    for _ in 0..MOST_ROUNDS {
        let now = status(git).await?;
        let mut changes = outgoing(&now);
        let all = changes.len();
        changes.retain(|change| deletions.includes(change));
        moved.head.clone_from(&now.workspace_head);
        if changes.is_empty() {
            return Ok(moved);
        }
        let behind = incoming(&now);
        if !behind.is_empty() {
            return Err(GitError::Behind { items: behind.iter().map(name_of).collect() });
        }
        let items =
            (changes.len() < all).then(|| changes.iter().map(|change| change.item.identifier.clone()).collect());
        let request = GitCommit { workspace_head: now.workspace_head, comment: shortened(comment), items };
        moved.changes = changes;
        if !settled(alone("commit the workspace to Git", || git.commit(&request)).await)? {
            moment().await;
        }
    }
    Err(GitError::Restless)
}

/// Whether the call was answered. Where its answer was lost, or the heads have moved since they were read, the next
/// look tells.
fn settled(sent: Result<Sent<()>, GitError>) -> Result<bool, GitError> {
    match sent {
        Ok(Sent::Answered(())) => Ok(true),
        Ok(Sent::InDoubt(error)) => {
            tracing::info!(%error, "an answer was lost; looking what became of it");
            Ok(false)
        }
        Err(GitError::Fabric { source, .. })
            if matches!(source.error_code(), Some("WorkspaceHeadMismatch" | "NoChangesToCommit")) =>
        {
            Ok(false)
        }
        Err(other) => Err(other),
    }
}

pub(super) fn name_of(change: &GitItemChange) -> String {
    format!("{}.{}", change.item.display_name, change.item.item_type)
}

/// The service takes at most 300 characters.
fn shortened(comment: &str) -> String {
    comment.chars().take(300).collect()
}
