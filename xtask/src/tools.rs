//! What the chores need beside cargo itself, fetched where it is missing.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::bail;

use crate::process::{cargo, output, run, succeeds};
use crate::workspace::Workspace;

/// The version whose output and configuration `deny.toml` was written for. It builds with Rust 1.88 and later.
const CARGO_DENY: &str = "0.20.2";

/// The version that reads the documentation of Rust 1.95; it builds with Rust 1.93 and later.
const CARGO_SEMVER_CHECKS: &str = "0.51.0";

/// Makes sure that `cargo <subcommand>` works, by adding the toolchain component it comes from.
///
/// # Errors
/// The component is missing and rustup cannot add it, or there is no rustup.
pub(crate) fn need_component(workspace: &Workspace, subcommand: &str, component: &str) -> anyhow::Result<()> {
    if succeeds(cargo(workspace.root()).args([subcommand, "--version"])) {
        return Ok(());
    }
    if !succeeds(Command::new("rustup").arg("--version")) {
        bail!("`cargo {subcommand}` is missing and there is no rustup to add it: install the toolchain's {component}");
    }
    run(Command::new("rustup").current_dir(workspace.root()).args(["component", "add", component]))
}

/// The path of cargo-deny in exactly the version wanted, installed where it is absent.
///
/// # Errors
/// It cannot be installed.
pub(crate) fn cargo_deny(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-deny", CARGO_DENY)
}

/// The path of cargo-semver-checks in exactly the version wanted, installed where it is absent.
///
/// # Errors
/// It cannot be installed.
pub(crate) fn cargo_semver_checks(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    installed(workspace, "cargo-semver-checks", CARGO_SEMVER_CHECKS)
}

fn installed(workspace: &Workspace, name: &str, wanted: &str) -> anyhow::Result<PathBuf> {
    let program = workspace.tools().join("bin").join(name);
    if version(&program).as_deref() != Some(wanted) {
        let package = format!("{name}@{wanted}");
        let mut install = cargo(workspace.root());
        install.args(["install", "--locked", "--force", "--root"]).arg(workspace.tools()).arg(package);
        run(&mut install)?;
    }
    Ok(program)
}

/// The folder with LLVM's own programs for this toolchain.
pub(crate) struct LlvmTools {
    folder: PathBuf,
}

impl LlvmTools {
    /// One of them, such as `llvm-cov`.
    pub(crate) fn program(&self, name: &str) -> Command {
        Command::new(self.folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
    }
}

/// LLVM's tools of the toolchain that runs this chore, added by rustup where they are absent; `None` where they cannot
/// be had. They must fit the compiler: those of another LLVM may not read its counters.
///
/// # Errors
/// Rustc does not say where its libraries are.
pub(crate) fn llvm_tools(workspace: &Workspace) -> anyhow::Result<Option<LlvmTools>> {
    let libraries = output(Command::new("rustc").current_dir(workspace.root()).args(["--print", "target-libdir"]))?;
    let Some(folder) = Path::new(libraries.trim()).parent().map(|rustlib| rustlib.join("bin")) else {
        bail!("rustc names no folder of libraries: {libraries:?}");
    };
    let tools = LlvmTools { folder };
    let present = |tools: &LlvmTools| {
        ["llvm-cov", "llvm-profdata"].iter().all(|name| succeeds(tools.program(name).arg("--version")))
    };
    if !present(&tools) {
        let mut add = Command::new("rustup");
        add.current_dir(workspace.root()).args(["component", "add", "llvm-tools"]);
        if let Err(error) = run(&mut add) {
            eprintln!("{error:#}");
        }
    }
    Ok(present(&tools).then_some(tools))
}

/// Names under which Chromium is installed.
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Makes sure that there is a Chromium, in which a test opens the page of a deployment: in a pipeline it is installed by
/// Debian's packages where it is absent. A person's machine is left as it is. Where there is none, that is said loudly.
#[expect(clippy::disallowed_methods, reason = "pipelines say so in the environment")]
pub(crate) fn chromium() {
    let present = || CHROMIUM.iter().any(|name| succeeds(Command::new(name).arg("--version")));
    if present() {
        return;
    }
    if std::env::var_os("CI").is_some() && succeeds(Command::new("apt-get").arg("--version")) {
        let debian = |words: &[&str]| {
            let mut command = Command::new("apt-get");
            command.args(["-qq", "-o", "DPkg::Lock::Timeout=300"]).args(words);
            run(command.env("DEBIAN_FRONTEND", "noninteractive"))
        };
        let installed = debian(&["update"])
            .and_then(|()| debian(&["install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"]));
        if let Err(error) = installed {
            eprintln!("{error:#}");
        }
    }
    if !present() {
        eprintln!("SKIPPED: no Chromium on this machine: the page of a deployment is not opened in a browser");
    }
}

fn version(program: &PathBuf) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}
