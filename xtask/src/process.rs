//! Running other programs, visibly.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// The cargo that runs this chore, so that a chosen toolchain stays chosen.
#[expect(clippy::disallowed_methods, reason = "cargo names itself in the environment")]
pub(crate) fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.current_dir(root);
    command
}

/// Where this program is, for cargo to call it.
///
/// # Errors
/// The operating system does not say.
pub(crate) fn this_program() -> anyhow::Result<PathBuf> {
    let path = std::env::current_exe().context("where is this program?")?;
    Ok(rebuilt(&path).unwrap_or(path))
}

/// The path of a program that cargo built anew since it was started: Linux says so behind the path at which the new one
/// stands.
fn rebuilt(path: &Path) -> Option<PathBuf> {
    path.to_str()?.strip_suffix(" (deleted)").map(PathBuf::from)
}

/// Runs a command with its output on this terminal.
///
/// # Errors
/// It cannot be started, or ends with another status than 0.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = line(command);
    eprintln!("\n$ {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed: {status}");
    }
    Ok(())
}

/// What a command prints on stdout; its stderr stays on this terminal.
///
/// # Errors
/// It cannot be started, ends with another status than 0, or prints something that is not UTF-8.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let line = line(command);
    let output = command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        bail!("`{line}` failed: {}", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` printed something that is not UTF-8"))
}

/// Whether a command starts and ends with 0. Says nothing.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_was_built_anew_is_where_the_old_one_was() {
        assert_eq!(rebuilt(Path::new("/target/debug/xtask (deleted)")), Some(PathBuf::from("/target/debug/xtask")));
        assert_eq!(rebuilt(Path::new("/target/debug/xtask")), None);
    }
}
