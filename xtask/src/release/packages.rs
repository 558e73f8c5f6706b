//! The packages that are uploaded: each is built from what is in it and nothing else.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

use super::{Planned, history, order};
use crate::process::{cargo, output, run};
use crate::workspace::Workspace;

/// What every package carries beside its source.
const DOCUMENTS: [&str; 3] = ["README.md", "CHANGELOG.md", "LICENSE"];

/// Packages the crates, lets cargo build each from its package, with the others of this release as the registry's, and
/// copies them to the artifacts.
///
/// # Errors
/// A package misses a document or does not build.
pub(super) fn make(workspace: &Workspace, planned: &[Planned<'_>], artifacts: &Path) -> anyhow::Result<()> {
    if planned.is_empty() {
        return Ok(());
    }
    for one in planned {
        let mut list = cargo(workspace.root());
        let files = output(list.args(["package", "--list", "--locked", "--package", one.package.name.as_str()]))?;
        let missing = missing(&files);
        ensure!(missing.is_empty(), "the package of {} has no {}", one.package.name, missing.join(", "));
    }
    let room = room(workspace)?;
    let mut package = cargo(workspace.root());
    package.args(["package", "--locked", "--target-dir"]).arg(&room).args(order::package_arguments(planned));
    run(as_in_the_workspace(&mut package))?;
    for one in planned {
        let file = format!("{}.crate", one.stem());
        let from = room.join("package").join(&file);
        std::fs::copy(&from, artifacts.join(&file)).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}

/// Where the packages of this commit, and of no other, are built. Cargo takes a package of a version that it has unpacked or
/// compiled before for the same package, whatever is in it now; it only tells registries apart, which is to say folders.
fn room(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let rooms = workspace.metadata.target_directory.as_std_path().join("release-packages");
    let room = rooms.join(history::commit(workspace)?);
    if !room.exists() {
        super::empty(&rooms)?;
    }
    Ok(room)
}

/// Lets a package outside the workspace be compiled with the workspace's profile, so that what was compiled for the
/// workspace serves here, too.
pub(super) fn as_in_the_workspace(command: &mut Command) -> &mut Command {
    command.env("CARGO_PROFILE_DEV_DEBUG", "line-tables-only")
}

fn missing(files: &str) -> Vec<&'static str> {
    DOCUMENTS.into_iter().filter(|document| !files.lines().any(|file| file == *document)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_without_its_licence_is_found() {
        assert_eq!(missing("Cargo.toml\nREADME.md\nCHANGELOG.md\nsrc/LICENSE\n"), ["LICENSE"]);
        assert!(missing("CHANGELOG.md\nLICENSE\nREADME.md\n").is_empty());
    }
}
