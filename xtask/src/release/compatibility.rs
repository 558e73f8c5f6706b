//! Whether each version keeps the promise that its number makes to the users of the last one.

use super::{Planned, history};
use crate::process::run;
use crate::tools;
use crate::workspace::Workspace;

/// Compares every library with its last release, by cargo-semver-checks: it reads the documentation that rustdoc makes of
/// both, and knows which of the differences break a user. What is released for the first time promises nothing yet.
///
/// # Errors
/// A change that needs a greater version, or the tool cannot be installed.
pub(super) fn check(workspace: &Workspace, planned: &[Planned<'_>]) -> anyhow::Result<()> {
    for one in planned {
        let name = one.package.name.as_str();
        let Some(last) = &one.last else {
            println!("{name} {}: the first version, nothing to compare it with", one.package.version);
            continue;
        };
        if !one.package.targets.iter().any(cargo_metadata::Target::is_lib) {
            println!("{name} {}: a program, its API is its command line", one.package.version);
            continue;
        }
        let mut command = std::process::Command::new(tools::cargo_semver_checks(workspace)?);
        command.current_dir(workspace.root()).args(["semver-checks", "check-release", "--package", name]);
        run(command.args(["--baseline-rev", &history::tag_name(name, last)]))?;
    }
    Ok(())
}
