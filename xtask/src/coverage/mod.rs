//! How many lines the tests reach: each gated part by all tests, and the whole product by those that see it from outside.

mod gate;
mod instrument;
mod suite;
mod summary;

use std::path::Path;

use anyhow::{Context, ensure};

use crate::process::output;
use crate::stage::Outcome;
use crate::tools::{self, LlvmTools};
use crate::workspace::Workspace;
use gate::{GATES, INTEGRATION};
pub(crate) use instrument::{compile, is_asked_for};
use suite::{Kind, Suites};
use summary::File;

/// Runs the tests with counters compiled in, prints the table, and judges it.
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
    let suites = suite::build(workspace)?;
    let failed = suites.run(&llvm, &counts)?;

    let measured = |kinds: &[Kind]| measure(&llvm, &suites, &room, kinds, workspace.root());
    let by_all = measured(&[Kind::Unit, Kind::Integration])?;
    let from_outside = measured(&[Kind::Integration])?;
    let mut rows: Vec<_> = GATES.iter().map(|gate| gate.judge(&by_all)).collect::<Result<_, _>>()?;
    rows.push(INTEGRATION.judge(&from_outside)?);
    print!("\n{}", gate::table(&rows));
    ensure!(failed.is_empty(), "tests failed:\n{}", failed.join("\n"));
    let below: Vec<_> = rows.iter().filter(|row| !row.passes()).map(|row| row.name).collect();
    ensure!(below.is_empty(), "below its gate: {}", below.join(", "));
    Ok(Outcome::Passed)
}

/// How far tests of these kinds reached, file by file.
fn measure(llvm: &LlvmTools, suites: &Suites, room: &Path, kinds: &[Kind], root: &Path) -> anyhow::Result<Vec<File>> {
    let profile = room.join("counts.profdata");
    suite::add_up(llvm, &room.join("counts"), kinds, &profile)?;
    let mut export = llvm.program("llvm-cov");
    export.arg("export").arg("--summary-only").arg("--instr-profile").arg(&profile);
    for program in suites.programs(kinds) {
        export.arg("--object").arg(program);
    }
    summary::parse(&output(&mut export)?, root)
}
