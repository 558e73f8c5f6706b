//! The long forms of the tests that disturb deployments everywhere, and the figures that they stand for.

use crate::azurite;
use crate::checks;
use crate::codegen;
use crate::process::{cargo, run};
use crate::stage::Outcome;
use crate::workspace::Workspace;

/// What asks for the long form. Without it, an evenly spread part runs, as in `cargo xtask ci`.
const FULL: (&str, &str) = ("FABRIC_CHAOS", "full");

/// Disturbs deployments at every point in virtual time, kills real processes after every request, and when all of that
/// ended well writes the figures into `docs/transactions.md`.
///
/// # Errors
/// A test failed: then the page stays as it is.
pub(crate) fn run_all(workspace: &Workspace) -> anyhow::Result<Outcome> {
    checks::build(workspace)?;
    let binary = workspace.metadata.target_directory.join("debug/fabric-cli");
    let azurite = azurite::azurite(workspace);
    for (target, filter) in
        [("txn", "crash"), ("deploy", "chaos"), ("end_to_end", "chaos"), ("end_to_end", "shared_state")]
    {
        let mut command = cargo(workspace.root());
        // The whole workspace, though one crate holds the test: other features would compile everything again.
        command.args(["test", "--workspace", "--locked", "--test", target, filter]);
        command.env(FULL.0, FULL.1).env("FABRIC_CLI_BINARY", &binary);
        if let Some(azurite) = &azurite {
            command.env("FABRIC_AZURITE", azurite);
        }
        run(&mut command)?;
    }
    codegen::write_figures(workspace)?;
    Ok(Outcome::Passed)
}
