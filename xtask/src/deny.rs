//! Licences, banned crates, sources and security advisories of everything we depend on.

use std::path::Path;
use std::process::Command;

use crate::process::{self, succeeds};
use crate::stage::Outcome;
use crate::tools;
use crate::workspace::Workspace;

/// Checks the dependency tree against `deny.toml`.
///
/// Advisories need the RustSec database, which lives on another host than the crates. Where it cannot be fetched the
/// other checks still decide, and the outcome says that advisories were not checked.
///
/// # Errors
/// A finding, or cargo-deny cannot be installed.
fn check(program: &Path, root: &Path) -> anyhow::Result<Outcome> {
    process::run(deny(program, root).args(["check", "--hide-inclusion-graph", "bans", "licenses", "sources"]))?;
    eprintln!("\nFetching the RustSec advisory database…");
    if succeeds(deny(program, root).args(["fetch", "db"])) {
        process::run(deny(program, root).args(["check", "--disable-fetch", "advisories"]))?;
        return Ok(Outcome::Passed);
    }
    eprintln!("\n{}\nThe RustSec database could not be fetched.\n{0}", "!! ADVISORIES WERE NOT CHECKED !!");
    Ok(Outcome::PassedBut("advisories NOT CHECKED: the RustSec database could not be fetched".to_owned()))
}

/// Installs cargo-deny where it is absent, then checks.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let program = tools::cargo_deny(workspace)?;
    check(&program, workspace.root())
}

fn deny(program: &Path, root: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root).arg("--locked");
    command
}
