//! The result of `git` commands.

use std::io::{self, Write};

use fabric_client::{GitConflictType, GitConnection, GitItemChange, GitProviderDetails};
use fabric_deploy::report::Status;
use serde::Serialize;
use uuid::Uuid;

use crate::commands::Context;

/// What a workspace is connected to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Side {
    state: String,
    provider: Option<String>,
    repository: Option<String>,
    branch: Option<String>,
    directory: Option<String>,
    /// The commit that the workspace is in step with.
    pub(crate) head: Option<String>,
    /// The commit that the branch is at, where it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remote_head: Option<String>,
}

impl Side {
    /// What the service says of the connection.
    pub(crate) fn of(connection: &GitConnection) -> Self {
        let details = connection.provider.as_ref();
        let text = |of: fn(&GitProviderDetails) -> String| details.map(of);
        Self {
            state: connection.state.to_string(),
            provider: text(|details| details.repository.provider().to_owned()),
            repository: text(|details| details.repository.url()),
            branch: text(|details| details.branch.clone()),
            directory: text(|details| details.directory.clone()),
            head: connection.sync.as_ref().map(|sync| sync.head.clone()),
            remote_head: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Change {
    #[serde(rename = "type")]
    item_type: String,
    name: String,
    workspace_change: Option<String>,
    remote_change: Option<String>,
    conflict: bool,
}

/// The result document of a `git` command.
#[derive(Debug, Serialize)]
pub(crate) struct GitDocument {
    schema_version: &'static str,
    command: &'static str,
    status: Status,
    workspace: Identity,
    git: Side,
    changes: Vec<Change>,
    duration_ms: u64,
}

#[derive(Debug, Serialize)]
struct Identity {
    id: Uuid,
}

impl GitDocument {
    /// The result of a command about a workspace.
    pub(crate) fn new(command: &'static str, status: Status, workspace: Uuid, git: Side, context: &Context) -> Self {
        Self {
            schema_version: super::document::SCHEMA_VERSION,
            command,
            status,
            workspace: Identity { id: workspace },
            git,
            changes: Vec::new(),
            duration_ms: context.elapsed_ms(),
        }
    }

    /// The same with items that differ, or did.
    #[must_use]
    pub(crate) fn with_changes(mut self, changes: &[GitItemChange]) -> Self {
        self.changes = changes
            .iter()
            .map(|change| Change {
                item_type: change.item.item_type.clone(),
                name: change.item.display_name.clone(),
                workspace_change: change.workspace_change.as_ref().map(ToString::to_string),
                remote_change: change.remote_change.as_ref().map(ToString::to_string),
                conflict: change.conflict_type == GitConflictType::Conflict,
            })
            .collect();
        self
    }

    /// Writes it.
    pub(crate) fn write(&self, context: &Context) -> io::Result<()> {
        super::result(context.global.output, self, |out| self.text(out))
    }

    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        for change in &self.changes {
            let side = |name: &str, change: &Option<String>| {
                change.as_ref().map(|change| format!("{name}: {}", change.to_lowercase()))
            };
            let sides: Vec<_> = [side("workspace", &change.workspace_change), side("branch", &change.remote_change)]
                .into_iter()
                .flatten()
                .collect();
            let conflict = if change.conflict { " (conflict)" } else { "" };
            writeln!(out, "  {} {}: {}{conflict}", change.item_type, change.name, sides.join(", "))?;
        }
        let verdict = match (self.status, self.changes.len()) {
            (Status::Unchanged, _) => "Nothing to do".to_owned(),
            (Status::Planned, count) => format!("{count} differ"),
            (_, 0) => "Done".to_owned(),
            (_, count) => format!("Done: {count} moved"),
        };
        match (&self.git.repository, &self.git.branch) {
            (Some(repository), Some(branch)) => {
                let head = self.git.head.as_deref().map(|head| format!(" at {head}")).unwrap_or_default();
                writeln!(out, "{verdict}. {}: {repository}, branch {branch}{head}", self.git.state)
            }
            _ => writeln!(out, "{verdict}. {}", self.git.state),
        }
    }
}
