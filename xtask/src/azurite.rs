//! Azurite, a real implementation of Azure Blob Storage, for the tests of shared state.

use std::path::PathBuf;
use std::process::Command;

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

fn installed(folder: &std::path::Path) -> bool {
    let manifest = std::fs::read_to_string(folder.join("node_modules/azurite/package.json"));
    manifest.is_ok_and(|manifest| manifest.contains(&format!("\"version\": \"{AZURITE}\"")))
}
