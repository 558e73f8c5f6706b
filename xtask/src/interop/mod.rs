//! Clients that nobody here wrote, against the emulator over https: it must satisfy them as the services do.

mod emulator;

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::process::{cargo, run};
use crate::python;
use crate::stage::Outcome;
use crate::workspace::Workspace;
use emulator::Emulator;

/// A program that uses Microsoft's packages as their documentation says.
struct Program {
    name: &'static str,
    /// What it needs, in the versions that it was written for.
    packages: &'static [&'static str],
    import: &'static str,
    script: &'static str,
}

const PROGRAMS: [Program; 2] = [
    Program {
        name: "identity-and-secrets",
        packages: &["azure-identity==1.27.0", "azure-keyvault-secrets==4.12.0"],
        import: "azure.identity, azure.keyvault.secrets",
        script: include_str!("identity_and_secrets.py"),
    },
    Program {
        name: "application-insights",
        packages: &["azure-monitor-opentelemetry-exporter==1.0.0b58"],
        import: "azure.monitor.opentelemetry.exporter",
        script: include_str!("application_insights.py"),
    },
];

/// Runs every program, each against an emulator of its own.
///
/// # Errors
/// The binary does not build, the emulator does not start, or a client is not satisfied.
pub(crate) fn run_all(workspace: &Workspace) -> anyhow::Result<Outcome> {
    run(cargo(workspace.root()).args(["build", "--package", "fabric-cli", "--locked"]))?;
    let binary = workspace.metadata.target_directory.join("debug/fabric-cli");
    for program in &PROGRAMS {
        let folder = workspace.tools().join("interop").join(program.name);
        let python = match python::environment(&folder.join("python"), program.packages, program.import) {
            Ok(python) => python,
            Err(error) => {
                eprintln!("SKIPPED: {} is not run against the emulator: {error:#}", program.packages.join(", "));
                return Ok(Outcome::PassedBut("not every foreign client was run against the emulator".to_owned()));
            }
        };
        satisfy(program, &python, binary.as_std_path(), &folder)?;
    }
    Ok(Outcome::Passed)
}

fn satisfy(program: &Program, python: &Path, binary: &Path, folder: &Path) -> anyhow::Result<()> {
    let emulator = Emulator::start(binary, &folder.join("tls"))?;
    let mut client = Command::new(python);
    // The line of the emulator is not shown: it holds a token, and whoever reads logs need not know that it is none.
    client.args(["-W", "error::DeprecationWarning:__main__", "-c", program.script]).arg(&emulator.ready).arg(folder);
    eprintln!("\n$ {} with {}", program.name, program.packages.join(", "));
    let status = client.status().with_context(|| format!("cannot start {}", python.display()))?;
    anyhow::ensure!(status.success(), "{} is not satisfied: {status}", program.name);
    Ok(())
}
