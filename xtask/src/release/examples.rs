//! The examples of the crates that stand alone: built and run from the package, in a folder of their own.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

use super::{Planned, packages};
use crate::process::{cargo, run};
use crate::workspace::Workspace;

/// Each hardening crate, and the example that shows it alone.
const ALONE: [(&str, &str); 5] = [
    ("fabric-flags", "documents"),
    ("fabric-secrets", "service"),
    ("fabric-resilience", "survive"),
    ("fabric-txn", "publish_pages"),
    ("fabric-telemetry", "custom_events"),
];

/// Unpacks every package that has examples outside the tree, builds them, and runs those of the hardening crates. The
/// telemetry goes to the emulator in `program`.
///
/// # Errors
/// An example does not build or fails.
pub(super) fn run_all(
    workspace: &Workspace,
    planned: &[Planned<'_>],
    artifacts: &Path,
    program: &Path,
) -> anyhow::Result<()> {
    let room = tempfile::tempdir().context("there is no folder for unpacked packages")?;
    let emulator = Emulator::start(program)?;
    for one in planned.iter().filter(|one| one.package.targets.iter().any(cargo_metadata::Target::is_example)) {
        let package = artifacts.join(format!("{}.crate", one.stem()));
        run(Command::new("tar").arg("-xzf").arg(&package).arg("-C").arg(room.path()))?;
        let alone = |verb: &str| {
            let mut command = cargo(&room.path().join(one.stem()));
            packages::as_in_the_workspace(&mut command);
            command.args([verb, "--locked", "--target-dir"]).arg(workspace.metadata.target_directory.as_std_path());
            command
        };
        run(alone("build").arg("--examples"))?;
        for (_, example) in ALONE.into_iter().filter(|(name, _)| *name == one.package.name.as_str()) {
            let mut command = alone("run");
            command.args(["--quiet", "--example", example]);
            command.env("APPLICATIONINSIGHTS_CONNECTION_STRING", &emulator.connection_string);
            run(&mut command)?;
        }
    }
    Ok(())
}

/// The emulator, as a server, for as long as this value lives.
struct Emulator {
    server: Child,
    connection_string: String,
}

impl Emulator {
    fn start(program: &Path) -> anyhow::Result<Self> {
        let mut server = Command::new(program)
            .args(["emulator", "serve", "--listen", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let mut line = String::new();
        if let Some(stdout) = server.stdout.take() {
            BufReader::new(stdout).read_line(&mut line).context("the emulator does not say where it is")?;
        }
        let mut emulator = Self { server, connection_string: String::new() };
        emulator.connection_string = connection_string(&line)?;
        Ok(emulator)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn connection_string(line: &str) -> anyhow::Result<String> {
    let endpoints: serde_json::Value =
        serde_json::from_str(line).with_context(|| format!("the emulator says {line:?}"))?;
    let Some(ingestion) = endpoints.get("appinsights").and_then(serde_json::Value::as_str) else {
        bail!("the emulator has no Application Insights: {line:?}");
    };
    Ok(format!("InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint={ingestion}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telemetry_goes_where_the_emulator_listens() {
        let told =
            connection_string("{\"fabric\":\"http://127.0.0.1:1\",\"appinsights\":\"http://127.0.0.1:2\"}").unwrap();
        assert!(told.ends_with(";IngestionEndpoint=http://127.0.0.1:2/"), "{told}");
        assert!(connection_string("{}").is_err());
        assert!(connection_string("").is_err());
    }
}
