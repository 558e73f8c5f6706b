//! The result of `workspace list`.

use std::io;

use fabric_deploy::report::Status;
use serde::Serialize;
use uuid::Uuid;

use crate::commands::Context;

/// A workspace that was made for a branch.
#[derive(Debug, Serialize)]
pub(crate) struct FeatureWorkspace {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) branch: String,
    /// The day after which it counts as stale.
    pub(crate) expires: String,
    pub(crate) stale: bool,
}

/// The result document.
#[derive(Debug, Serialize)]
pub(crate) struct WorkspacesDocument {
    schema_version: &'static str,
    command: &'static str,
    status: Status,
    workspaces: Vec<FeatureWorkspace>,
    duration_ms: u64,
}

impl WorkspacesDocument {
    /// The result of a listing.
    pub(crate) fn new(workspaces: Vec<FeatureWorkspace>, context: &Context) -> Self {
        Self {
            schema_version: super::document::SCHEMA_VERSION,
            command: "workspace list",
            status: Status::Unchanged,
            workspaces,
            duration_ms: context.elapsed_ms(),
        }
    }

    /// Writes it.
    pub(crate) fn write(&self, context: &Context) -> io::Result<()> {
        super::result(context.global.output, self, |out| {
            for workspace in &self.workspaces {
                let stale = if workspace.stale { " (stale)" } else { "" };
                let FeatureWorkspace { id, name, branch, expires, .. } = workspace;
                writeln!(out, "{name}  {id}  branch {branch}, expires {expires}{stale}")?;
            }
            Ok(())
        })
    }
}
