//! How many lines of the hardening crates their own tests reach, and of the command line's watching parts the tests of
//! the built binary, and whether that is enough.

mod gate;
mod instrument;
mod summary;

use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};

use crate::process::{output, run as run_program};
use crate::stage::Outcome;
use crate::tools;
use crate::workspace::Workspace;
use gate::GATES;
pub(crate) use instrument::{compile, is_asked_for};

/// The crates whose own tests are run. They know nothing of each other.
const CRATES: [&str; 6] =
    ["fabric-resilience", "fabric-flags", "fabric-txn", "fabric-secrets", "fabric-identity", "fabric-telemetry"];

/// Runs the tests of the gated crates with counters compiled in, prints the table, and judges it.
///
/// Where LLVM's tools are missing and rustup cannot fetch them, nothing is measured, and the outcome says so.
///
/// # Errors
/// A test fails, a gate is not reached, or a gate's files were not found.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let Some(llvm) = tools::llvm_tools(workspace)? else {
        let why = "rustup cannot fetch the component llvm-tools";
        eprintln!("\n!! COVERAGE WAS NOT MEASURED !!\n{why}.\n!! COVERAGE WAS NOT MEASURED !!");
        return Ok(Outcome::PassedBut(format!("coverage NOT MEASURED: {why}")));
    };
    let room = workspace.metadata.target_directory.as_std_path().join("coverage");
    let counts = room.join("counts");
    if counts.exists() {
        std::fs::remove_dir_all(&counts).with_context(|| format!("cannot empty {}", counts.display()))?;
    }
    let mut binaries = executables(workspace, &with(arguments(), &["--no-run"]))?;
    let counted = counts.join("%p-%m.profraw");
    let mut tests = instrument::cargo(workspace)?;
    run_program(tests.args(arguments()).env("LLVM_PROFILE_FILE", &counted))?;

    let built = executables(workspace, &["build", "--locked", "--package", "fabric-cli"])?;
    let Some(binary) = built.first() else { bail!("cargo built no fabric-cli") };
    binaries.extend(executables(workspace, &with(of_command_line(), &["--no-run"]))?);
    let mut tests = instrument::cargo(workspace)?;
    tests.args(of_command_line()).arg("--").args(WATCHING);
    run_program(tests.env("LLVM_PROFILE_FILE", &counted).env("FABRIC_CLI_BINARY", binary))?;
    binaries.extend(built);

    let profile = room.join("counts.profdata");
    merge(&llvm, &counts, &profile)?;
    let mut export = llvm.program("llvm-cov");
    export.arg("export").arg("--summary-only").arg("--instr-profile").arg(&profile);
    for binary in &binaries {
        export.arg("--object").arg(binary);
    }
    let files = summary::parse(&output(&mut export)?, workspace.root())?;
    let rows: Vec<_> = GATES.iter().map(|gate| gate.judge(&files)).collect::<Result<_, _>>()?;
    print!("\n{}", gate::table(&rows));
    let below: Vec<_> = rows.iter().filter(|row| !row.passes()).map(|row| row.name).collect();
    ensure!(below.is_empty(), "below its gate: {}", below.join(", "));
    Ok(Outcome::Passed)
}

/// What cargo is asked to build and then to run.
fn arguments() -> Vec<&'static str> {
    let mut arguments = vec!["test", "--locked", "--all-features", "--tests"];
    arguments.extend(CRATES.iter().flat_map(|package| ["--package", package]));
    arguments
}

/// Which tests of the command line are run: those of what watches deployments. The others would take far longer, and
/// decide nothing here.
const WATCHING: [&str; 5] = ["health::", "audit::", "telemetry::", "traces::", "report::"];

/// The tests of the command line, from within and from without.
fn of_command_line() -> Vec<&'static str> {
    vec!["test", "--locked", "--package", "fabric-cli", "--package", "fabric-end-to-end", "--tests"]
}

fn with(mut arguments: Vec<&'static str>, more: &[&'static str]) -> Vec<&'static str> {
    arguments.extend(more);
    arguments
}

/// Has cargo build that; answers the executables.
fn executables(workspace: &Workspace, arguments: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut build = instrument::cargo(workspace)?;
    build.args(arguments).arg("--message-format=json-render-diagnostics");
    let messages = output(&mut build)?;
    let mut binaries = Vec::new();
    for message in cargo_metadata::Message::parse_stream(messages.as_bytes()) {
        if let cargo_metadata::Message::CompilerArtifact(artifact) = message? {
            binaries.extend(artifact.executable.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf));
        }
    }
    ensure!(!binaries.is_empty(), "cargo built nothing to run");
    Ok(binaries)
}

/// Adds up the counters of all processes. Those that a test killed left half a file, or none: they count for nothing.
fn merge(llvm: &tools::LlvmTools, counts: &Path, profile: &Path) -> anyhow::Result<()> {
    let mut merge = llvm.program("llvm-profdata");
    merge.args(["merge", "--sparse", "--failure-mode=all", "--output"]).arg(profile);
    let mut found = false;
    for entry in std::fs::read_dir(counts).with_context(|| format!("cannot read {}", counts.display()))? {
        merge.arg(entry?.path());
        found = true;
    }
    if !found {
        bail!("the tests left no counters in {}", counts.display());
    }
    output(&mut merge).map(|_| ())
}
