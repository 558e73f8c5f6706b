//! Compiling our own crates with counters, and the crates they depend on without.
//!
//! Cargo calls this very program in rustc's place for members of the workspace. So dependencies are compiled as always,
//! and are shared with the other builds in the same target directory.

use std::process::{Command, ExitCode};

use crate::process;
use crate::workspace::Workspace;

/// Set while this program stands in for rustc.
const STANDS_IN: &str = "XTASK_INSTRUMENTS";

/// Cargo, with this program in rustc's place.
///
/// # Errors
/// The operating system does not say where this program is.
pub(super) fn cargo(workspace: &Workspace) -> anyhow::Result<Command> {
    let this = process::this_program()?;
    let mut command = process::cargo(workspace.root());
    command.env("RUSTC_WORKSPACE_WRAPPER", this).env(STANDS_IN, "1");
    Ok(command)
}

/// Whether cargo called this program in rustc's place.
#[expect(clippy::disallowed_methods, reason = "cargo's own words leave no room for another sign")]
pub(crate) fn is_asked_for() -> bool {
    std::env::var_os(STANDS_IN).is_some()
}

/// Calls rustc with the words that cargo gave, and with counters.
pub(crate) fn compile(mut words: impl Iterator<Item = String>) -> ExitCode {
    let Some(rustc) = words.next() else { return ExitCode::FAILURE };
    match Command::new(rustc).args(words).args(["-C", "instrument-coverage"]).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
