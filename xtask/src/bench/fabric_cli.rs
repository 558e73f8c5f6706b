//! One deployment by the release binary.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;

use super::emulator::Emulator;
use super::timed::{self, Timed};

/// A deployment that ended well.
pub(crate) struct Deployed {
    pub(crate) timed: Timed,
    /// How it ended in its own words, where the tool has words for it.
    pub(crate) status: Option<String>,
}

#[derive(Deserialize)]
struct Report {
    status: String,
}

/// Deploys a source folder.
///
/// # Errors
/// It cannot be started, fails, or prints no report.
pub(crate) fn deploy(binary: &Path, source: &Path, server: &Emulator, folder: &Path) -> anyhow::Result<Deployed> {
    let mut command = Command::new(binary);
    command
        .args(["--output", "json", "--endpoint", &server.endpoint])
        .args(["deploy", "--workspace", &server.workspace_id, "--environment", "dev", "--source"])
        .arg(source)
        .env("FABRIC_TOKEN", &server.token)
        .current_dir(folder);
    let (stdout, timed) = timed::run(&command, &folder.join("fabric-cli.log"))?;
    let report: Report = serde_json::from_str(&stdout).context("the report is not the promised JSON document")?;
    Ok(Deployed { timed, status: Some(report.status) })
}
