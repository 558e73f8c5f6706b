//! The program as one file that needs nothing of the machine it runs on, the same bytes wherever it is built.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail, ensure};

use super::{checksums, history, static_elf};
use crate::process::{cargo, output, run, succeeds};
use crate::workspace::Workspace;

/// The target: musl's C library is linked into the program.
pub(super) const TARGET: &str = "x86_64-unknown-linux-musl";

/// Builds the program, and with `twice` once more from a clone in another folder, which must give the same bytes.
///
/// # Errors
/// The target or its C compiler is missing and cannot be fetched, the build fails, the file needs a shared library, or
/// the second build differs.
pub(super) fn build(workspace: &Workspace, twice: bool) -> anyhow::Result<PathBuf> {
    need_target(workspace)?;
    need_compiler()?;
    let time = history::commit_time(workspace)?;
    let target = workspace.metadata.target_directory.as_std_path();
    let program = build_in(workspace.root(), target, &time)?;
    let bytes = std::fs::read(&program).with_context(|| format!("cannot read {}", program.display()))?;
    static_elf::check(&bytes).with_context(|| format!("{} is not static", program.display()))?;
    let version = output(Command::new(&program).arg("--version"))?;
    println!("{}: {} bytes, static, says `{}`", program.display(), bytes.len(), version.trim());
    if twice {
        let second = build_elsewhere(workspace, &time)?;
        let (one, other) = (checksums::digest(&program)?, checksums::digest(&second)?);
        ensure!(one == other, "two builds differ: {} has {one}, {} has {other}", program.display(), second.display());
        println!("Built in two folders, the same bytes: {one}");
    }
    Ok(program)
}

/// Puts the program under the name by which it is downloaded.
///
/// # Errors
/// It cannot be copied.
pub(super) fn copy(program: &Path, artifacts: &Path) -> anyhow::Result<()> {
    let to = artifacts.join(format!("fabric-cli-{TARGET}"));
    std::fs::copy(program, &to).with_context(|| format!("cannot write {}", to.display()))?;
    Ok(())
}

fn need_target(workspace: &Workspace) -> anyhow::Result<()> {
    let mut ask = Command::new("rustc");
    let libraries = output(ask.current_dir(workspace.root()).args(["--target", TARGET, "--print", "target-libdir"]))?;
    if Path::new(libraries.trim()).is_dir() {
        return Ok(());
    }
    run(Command::new("rustup").current_dir(workspace.root()).args(["target", "add", TARGET]))
        .with_context(|| format!("the target {TARGET} is missing: add it to the toolchain, or install rustup"))
}

fn need_compiler() -> anyhow::Result<()> {
    if succeeds(Command::new("musl-gcc").arg("--version")) {
        return Ok(());
    }
    bail!(
        "musl-gcc is missing: the cryptography is C. Install it: `apt-get install musl-tools`, or your system's package of it"
    )
}

/// A clone of the last commit in another folder, built into another target directory.
fn build_elsewhere(workspace: &Workspace, time: &str) -> anyhow::Result<PathBuf> {
    let room = workspace.metadata.target_directory.as_std_path().join("reproduced");
    super::empty(&room)?;
    let clone = room.join("a-clone");
    run(Command::new("git").args(["clone", "--quiet", "--no-tags"]).arg(workspace.root()).arg(&clone))?;
    build_in(&clone, &room.join("built"), time)
}

fn build_in(root: &Path, target: &Path, time: &str) -> anyhow::Result<PathBuf> {
    let replaced = replaced(root, target)?;
    let rust = replaced.iter().map(|(from, to)| format!("--remap-path-prefix={from}={to}")).collect::<Vec<_>>();
    let c = replaced.iter().map(|(from, to)| format!("-ffile-prefix-map={from}={to}")).collect::<Vec<_>>();
    let mut command = cargo(root);
    command.args(["build", "--release", "--locked", "--package", "fabric-cli", "--target", TARGET]);
    command.arg("--target-dir").arg(target);
    // Cargo separates these words by this character, so that paths may hold blanks.
    command.env("CARGO_ENCODED_RUSTFLAGS", rust.join("\x1f")).env_remove("RUSTFLAGS");
    command.env(format!("CFLAGS_{}", TARGET.replace('-', "_")), c.join(" "));
    run(command.env("SOURCE_DATE_EPOCH", time).env("CARGO_INCREMENTAL", "0"))?;
    Ok(target.join(TARGET).join("release/fabric-cli"))
}

/// The folders of this machine, and what the program names in their place. The last that fits counts.
fn replaced(root: &Path, target: &Path) -> anyhow::Result<Vec<(String, &'static str)>> {
    let sources = cargo_home()?.join("registry/src");
    let mut replaced = vec![(root.display().to_string(), "/source")];
    for registry in std::fs::read_dir(&sources).with_context(|| format!("cannot read {}", sources.display()))? {
        replaced.push((registry?.path().display().to_string(), "/registry"));
    }
    replaced.push((target.display().to_string(), "/target"));
    Ok(replaced)
}

/// Where cargo keeps the sources of other crates.
#[expect(clippy::disallowed_methods, reason = "cargo's own rule: this variable, or a folder at home")]
fn cargo_home() -> anyhow::Result<PathBuf> {
    if let Some(home) = std::env::var_os("CARGO_HOME") {
        return Ok(PathBuf::from(home));
    }
    let home = std::env::home_dir().context("there is no home folder, and no CARGO_HOME")?;
    Ok(home.join(".cargo"))
}
