//! The oldest Rust that is promised: it is written where people look, and the crates compile with it.

use std::process::Command;

use anyhow::{Context, bail, ensure};
use cargo_metadata::semver::Version;

use crate::process::{output, run, succeeds};
use crate::release;
use crate::stage::Outcome;
use crate::workspace::Workspace;

/// The documents that say which Rust is needed.
const DOCUMENTS: [&str; 2] = ["README.md", "CONTRIBUTING.md"];

/// Checks the promise. Where the compiler at work is that version, the other stages are the check; otherwise rustup
/// fetches it, and where it cannot, the outcome says that nothing was checked.
///
/// # Errors
/// The manifests or documents promise different versions, or something does not compile.
pub(crate) fn run_all(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let promised = promised(workspace)?;
    for document in DOCUMENTS {
        let text = std::fs::read_to_string(workspace.root().join(document))
            .with_context(|| format!("cannot read {document}"))?;
        ensure!(text.contains(&format!("{promised} or later")), "{document} does not say `{promised} or later`");
    }
    let present = output(Command::new("rustc").current_dir(workspace.root()).arg("--version"))?;
    if minor(&present).as_ref() == Some(&promised) {
        println!("Rust {promised} is promised, and this is it: every other stage checks the promise.");
        return Ok(Outcome::Passed);
    }
    let with = |program: &str| {
        let mut command = Command::new("rustup");
        command.current_dir(workspace.root()).args(["run", &promised, program]);
        command
    };
    if !succeeds(with("rustc").arg("--version")) {
        let mut install = Command::new("rustup");
        install.args(["toolchain", "install", &promised, "--profile", "minimal"]);
        if let Err(error) = run(&mut install) {
            eprintln!("\n!! RUST {promised} WAS NOT CHECKED !!\n{error:#}");
            return Ok(Outcome::PassedBut(format!("Rust {promised} NOT CHECKED: rustup cannot fetch it")));
        }
    }
    let mut check = with("cargo");
    check.args(["check", "--locked", "--all-features", "--lib", "--bins", "--target-dir"]);
    check.arg(workspace.metadata.target_directory.join("msrv"));
    for package in workspace.metadata.workspace_packages().into_iter().filter(|package| release::is_published(package))
    {
        check.args(["--package", package.name.as_str()]);
    }
    run(&mut check)?;
    Ok(Outcome::Passed)
}

/// The version that every manifest promises, as `1.95`.
fn promised(workspace: &Workspace) -> anyhow::Result<String> {
    let mut versions: Vec<Option<&Version>> =
        workspace.metadata.workspace_packages().into_iter().map(|package| package.rust_version.as_ref()).collect();
    versions.dedup();
    match versions.as_slice() {
        [Some(version)] => Ok(format!("{}.{}", version.major, version.minor)),
        _ => bail!("the manifests promise different versions of Rust: {versions:?}"),
    }
}

/// `1.95` of `rustc 1.95.0 (…)`.
fn minor(printed: &str) -> Option<String> {
    let version = Version::parse(printed.split_whitespace().nth(1)?).ok()?;
    Some(format!("{}.{}", version.major, version.minor))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compiler_says_its_version() {
        assert_eq!(minor("rustc 1.95.0 (59807616e 2026-04-14)\n").as_deref(), Some("1.95"));
        assert_eq!(minor("rustc 1.97.0-nightly (e50aa6fba 2026-05-19)\n").as_deref(), Some("1.97"));
        assert_eq!(minor(""), None);
    }
}
