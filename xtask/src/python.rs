//! Packages of the Python Package Index, each set in a virtual environment of its own.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{run, succeeds};

/// The interpreter of a virtual environment in `folder` that can `import` a module of `packages`, made where it is absent.
///
/// # Errors
/// There is no `python3` with `venv`, or a package cannot be installed.
pub(crate) fn environment(folder: &Path, packages: &[&str], import: &str) -> anyhow::Result<PathBuf> {
    let python = folder.join("bin/python");
    if !succeeds(Command::new(&python).args(["-c", &format!("import {import}")])) {
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(Command::new(&python).args(install).args(packages))?;
    }
    Ok(python)
}
