//! The same deployment by fabric-cicd, Microsoft's Python library, for comparison in one run.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::emulator::Emulator;
use super::fabric_cli::Deployed;
use super::timed;
use crate::python;

/// The version that the budgets were set against.
const VERSION: &str = "1.4.0";
const SCRIPT: &str = include_str!("fabric_cicd.py");

/// A Python with fabric-cicd in it, in a virtual environment below the target directory. Answers its interpreter.
///
/// # Errors
/// There is no `python3` with `venv`, or the package cannot be installed.
pub(crate) fn prepare(target: &Path) -> anyhow::Result<PathBuf> {
    let folder = target.join(format!("fabric-cicd-{VERSION}"));
    python::environment(&folder, &[&format!("fabric-cicd=={VERSION}")], "fabric_cicd")
}

/// Publishes a source folder with the library's defaults.
///
/// # Errors
/// It fails; the message ends with what it printed last.
pub(crate) fn publish(python: &Path, source: &Path, server: &Emulator, folder: &Path) -> anyhow::Result<Deployed> {
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT, &server.endpoint, &server.workspace_id]).arg(source).arg(&server.token);
    let (_, timed) = timed::run(command.current_dir(folder), &folder.join("fabric-cicd.log"))?;
    Ok(Deployed { timed, status: None })
}
