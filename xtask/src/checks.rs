//! The chores that are one call of cargo.

use crate::azurite;
use crate::process::{cargo, run};
use crate::stage::Outcome;
use crate::tools;
use crate::workspace::Workspace;

/// Formats the code, or only looks whether it is formatted.
pub(crate) fn format(workspace: &Workspace, check: bool) -> anyhow::Result<Outcome> {
    tools::need_component(workspace, "fmt", "rustfmt")?;
    let mut command = cargo(workspace.root());
    command.args(["fmt", "--all"]);
    if check {
        command.arg("--check");
    }
    run(&mut command)?;
    Ok(Outcome::Passed)
}

/// Clippy on everything, tests and benches included.
pub(crate) fn lint(workspace: &Workspace) -> anyhow::Result<Outcome> {
    tools::need_component(workspace, "clippy", "clippy")?;
    run(cargo(workspace.root()).args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    Ok(Outcome::Passed)
}

/// The binary, and everything that the tests need: the same targets as in `cargo test`, so that crates whose features
/// depend on dev-dependencies are compiled once.
pub(crate) fn build(workspace: &Workspace) -> anyhow::Result<Outcome> {
    run(cargo(workspace.root()).args(["build", "--workspace", "--bins", "--tests", "--examples", "--locked"]))?;
    Ok(Outcome::Passed)
}

/// All tests, doc tests too. The end-to-end tests are told which binary to run, so that they need not build one.
pub(crate) fn test(workspace: &Workspace, arguments: &[String]) -> anyhow::Result<Outcome> {
    build(workspace)?;
    let binary = workspace.metadata.target_directory.join("debug/fabric-cli");
    let mut command = cargo(workspace.root());
    command.args(["test", "--workspace", "--locked"]).args(arguments).env("FABRIC_CLI_BINARY", binary);
    if let Some(azurite) = azurite::azurite(workspace) {
        command.env("FABRIC_AZURITE", azurite);
    }
    tools::chromium();
    run(&mut command)?;
    Ok(Outcome::Passed)
}

/// The documentation: broken links and missing pages are errors.
pub(crate) fn doc(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let mut command = cargo(workspace.root());
    command.args(["doc", "--workspace", "--no-deps", "--locked"]).env("RUSTDOCFLAGS", "-D warnings");
    run(&mut command)?;
    Ok(Outcome::Passed)
}
