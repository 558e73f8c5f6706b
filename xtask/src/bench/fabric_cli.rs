//! One deployment or plan by the release binary.

use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde::Deserialize;

use super::server::Server;
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
pub(crate) fn deploy(binary: &Path, source: &Path, server: &Server, folder: &Path) -> anyhow::Result<Deployed> {
    let command = command("deploy", binary, source, server, folder);
    let (stdout, timed) = timed::run(&command, &folder.join("fabric-cli.log"))?;
    let report: Report = serde_json::from_str(&stdout).context("the report is not the promised JSON document")?;
    Ok(Deployed { timed, status: Some(report.status) })
}

/// Plans the deployment of a source folder.
///
/// # Errors
/// It cannot be started, or fails.
pub(crate) fn plan(binary: &Path, source: &Path, server: &Server, folder: &Path) -> anyhow::Result<Timed> {
    let command = command("plan", binary, source, server, folder);
    Ok(timed::run(&command, &folder.join("fabric-cli.log"))?.1)
}

fn command(what: &str, binary: &Path, source: &Path, server: &Server, folder: &Path) -> Command {
    let mut command = Command::new(binary);
    command
        .args(["--output", "json", "--endpoint", &server.emulator.endpoint, what])
        .args(["--workspace", &server.workspace_id, "--environment", "dev", "--source"])
        .arg(source)
        .env("FABRIC_TOKEN", &server.emulator.token)
        .current_dir(folder);
    command
}
