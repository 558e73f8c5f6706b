//! The same deployment by fabric-cicd, Microsoft's Python library, for comparison in one run.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Serialize;

use crate::emulator::Emulator;
use crate::python;

/// The version that the budgets were set against, and whose conventions are followed.
pub(crate) const VERSION: &str = "1.4.0";
const SCRIPT: &str = include_str!("fabric_cicd.py");

/// What it is asked to deploy.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Request<'a> {
    /// The folder in Git format; not looked at where there is a `config`.
    pub(crate) source: PathBuf,
    /// A `config.yml`.
    pub(crate) config: Option<PathBuf>,
    /// The id of the workspace.
    pub(crate) workspace: &'a str,
    pub(crate) environment: &'a str,
    /// The item types in scope; all where there is none.
    pub(crate) types: &'a [String],
    /// Its own feature flags.
    pub(crate) features: &'a [String],
    /// Whether items that the folder does not have are deleted.
    pub(crate) prune: bool,
}

#[derive(Serialize)]
struct Asked<'a> {
    #[serde(flatten)]
    request: &'a Request<'a>,
    endpoint: &'a str,
    token: &'a str,
}

/// A Python with fabric-cicd in it, in a virtual environment below the target directory. Answers its interpreter.
///
/// # Errors
/// There is no `python3` with `venv`, or the package cannot be installed.
pub(crate) fn prepare(target: &Path) -> anyhow::Result<PathBuf> {
    let folder = target.join(format!("fabric-cicd-{VERSION}"));
    python::environment(&folder, &[&format!("fabric-cicd=={VERSION}")], "fabric_cicd")
}

/// The command that deploys with the library's defaults.
///
/// # Errors
/// A path is not UTF-8.
pub(crate) fn command(python: &Path, request: &Request<'_>, server: &Emulator) -> anyhow::Result<Command> {
    let asked = Asked { request, endpoint: &server.endpoint, token: &server.token };
    let mut command = Command::new(python);
    command.args(["-c", SCRIPT, &serde_json::to_string(&asked)?]);
    Ok(command)
}
