//! Azurite, a real implementation of Azure Blob Storage, for the tests and measurements of shared state.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, ensure};

use crate::process::{run, succeeds};
use crate::workspace::Workspace;

/// The version that the tests were written for.
const AZURITE: &str = "3.35.0";

/// The folder that Azurite is installed in, by npm where it is absent; `None`, said loudly, where that cannot be.
pub(crate) fn azurite(workspace: &Workspace) -> Option<PathBuf> {
    let folder = workspace.tools().join("azurite");
    if installed(&folder) {
        return Some(folder);
    }
    if !succeeds(Command::new("node").arg("--version")) || !succeeds(Command::new("npm").arg("--version")) {
        eprintln!("SKIPPED: no Node.js on this machine: shared state is not tested on Azurite");
        return None;
    }
    let mut install = Command::new("npm");
    install.args(["install", "--no-fund", "--no-audit", "--loglevel", "error", "--prefix"]).arg(&folder);
    install.arg(format!("azurite@{AZURITE}"));
    if let Err(error) = run(&mut install) {
        eprintln!("SKIPPED: Azurite could not be installed, shared state is not tested on it: {error:#}");
        return None;
    }
    installed(&folder).then_some(folder)
}

/// A running Azurite with an empty container `deployments`. It ends with its owner.
pub(crate) struct Azurite {
    process: Child,
    address: String,
}

impl Azurite {
    /// Starts it with its data in `folder`; `None` where [`azurite`] gives none.
    ///
    /// # Errors
    /// It is there and does not start.
    pub(crate) fn start(workspace: &Workspace, folder: &Path) -> anyhow::Result<Option<Self>> {
        let Some(tools) = azurite(workspace) else { return Ok(None) };
        let mut process = Command::new("node")
            .arg(workspace.root().join("tests/azurite.mjs"))
            .arg(tools)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start node")?;
        let mut address = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut address)?;
        }
        let running = Self { process, address: address.trim().to_owned() };
        ensure!(running.address.starts_with("http://127.0.0.1:"), "Azurite did not start: {address:?}");
        Ok(Some(running))
    }

    /// Where its blobs are.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Azurite {
    fn drop(&mut self) {
        // The script ends when its standard input does.
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn installed(folder: &Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("node_modules/azurite/package.json"));
    manifest.is_ok_and(|manifest| manifest.contains(&format!("\"version\": \"{AZURITE}\"")))
}
