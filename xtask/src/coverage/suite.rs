//! The programs that hold the tests, compiled with counters, and running them.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};
use cargo_metadata::{Message, TargetKind};

use super::instrument;
use crate::process::{output, run};
use crate::tools::LlvmTools;
use crate::workspace::Workspace;

/// Whether tests see a crate from within or as its users do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Tests beside the code, compiled into it.
    Unit,
    /// Programs under `tests/`: against a crate's public API, or the built binary end to end.
    Integration,
}

/// One program with tests.
pub(super) struct Suite {
    pub(super) program: PathBuf,
    pub(super) kind: Kind,
    /// The folder of its package, in which cargo would run it.
    directory: PathBuf,
}

/// Everything that runs.
pub(super) struct Suites {
    pub(super) suites: Vec<Suite>,
    /// The built `fabric-cli`, which end-to-end tests start.
    pub(super) command_line: PathBuf,
}

/// What takes minutes, and repeats what other tests do: each fault at each call, an hour of bad weather in virtual time, and
/// hundreds of items. `cargo xtask ci` runs it.
const LEFT_OUT: [&str; 3] = ["chaos::", "storm::", "scale::"];

/// Has cargo build all tests and the binary.
///
/// The packages are those of the build that `cargo xtask ci` makes, so that crates from elsewhere are compiled once for
/// both. Of the binaries it is only the one: this program, which stands in for rustc meanwhile, must stay as it is.
///
/// # Errors
/// It does not build.
pub(super) fn build(workspace: &Workspace) -> anyhow::Result<Suites> {
    let mut build = instrument::cargo(workspace)?;
    build.args(["build", "--locked", "--workspace", "--all-features", "--tests", "--bin", "fabric-cli"]);
    build.arg("--message-format=json-render-diagnostics");
    let messages = output(&mut build)?;
    let (mut suites, mut command_line) = (Vec::new(), None);
    for message in Message::parse_stream(messages.as_bytes()) {
        let Message::CompilerArtifact(artifact) = message? else { continue };
        let Some(program) = artifact.executable.map(cargo_metadata::camino::Utf8PathBuf::into_std_path_buf) else {
            continue;
        };
        let Some(directory) = artifact.manifest_path.parent() else { continue };
        let directory = directory.as_std_path().to_owned();
        if directory.ends_with("xtask") {
            continue;
        }
        if artifact.profile.test {
            let is_outside = artifact.target.kind.contains(&TargetKind::Test);
            let kind = if is_outside { Kind::Integration } else { Kind::Unit };
            suites.push(Suite { program, kind, directory });
        } else if artifact.target.name == "fabric-cli" {
            command_line = Some(program);
        }
    }
    ensure!(!suites.is_empty(), "cargo built no tests");
    let Some(command_line) = command_line else { bail!("cargo built no fabric-cli") };
    Ok(Suites { suites, command_line })
}

impl Suites {
    /// Runs all of them, and adds the counters of each program's processes up in `counts`. Answers what failed: a figure
    /// that is known in spite of it is worth its wait.
    ///
    /// # Errors
    /// Counters cannot be added up.
    pub(super) fn run(&self, llvm: &LlvmTools, counts: &Path) -> anyhow::Result<Vec<String>> {
        let mut failed = Vec::new();
        for (number, suite) in self.suites.iter().enumerate() {
            let processes = counts.join("processes");
            let mut tests = Command::new(&suite.program);
            tests.current_dir(&suite.directory).arg("--quiet");
            for name in LEFT_OUT {
                tests.args(["--skip", name]);
            }
            tests.env("LLVM_PROFILE_FILE", processes.join("%p-%m.profraw"));
            tests.env("FABRIC_CLI_BINARY", &self.command_line);
            if let Err(error) = run(&mut tests) {
                failed.push(error.to_string());
            }
            merge(llvm, &files(&processes)?, &folder(counts, suite.kind).join(format!("{number}.profdata")))?;
            std::fs::remove_dir_all(&processes).with_context(|| format!("cannot remove {}", processes.display()))?;
        }
        Ok(failed)
    }

    /// The programs in which the lines are that tests of these kinds reach.
    pub(super) fn programs(&self, kinds: &[Kind]) -> impl Iterator<Item = &Path> {
        let suites = self.suites.iter().filter(|suite| kinds.contains(&suite.kind));
        suites.map(|suite| suite.program.as_path()).chain([self.command_line.as_path()])
    }
}

/// Adds up, in `into`, what tests of these kinds counted.
///
/// # Errors
/// They counted nothing.
pub(super) fn add_up(llvm: &LlvmTools, counts: &Path, kinds: &[Kind], into: &Path) -> anyhow::Result<()> {
    let mut found = Vec::new();
    for kind in kinds {
        found.extend(files(&folder(counts, *kind))?);
    }
    merge(llvm, &found, into)
}

/// Processes that a test killed left half a file, or none: they count for nothing.
fn merge(llvm: &LlvmTools, counters: &[PathBuf], into: &Path) -> anyhow::Result<()> {
    let mut merge = llvm.program("llvm-profdata");
    merge.args(["merge", "--sparse", "--failure-mode=all", "--output"]).arg(into);
    if let Some(folder) = into.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    output(merge.args(counters)).map(|_| ())
}

/// Where counters of that kind of tests are kept.
fn folder(counts: &Path, kind: Kind) -> PathBuf {
    counts.join(match kind {
        Kind::Unit => "unit",
        Kind::Integration => "integration",
    })
}

fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("the tests left no counters: {}", folder.display()))?;
    entries.map(|entry| Ok(entry?.path())).collect()
}
