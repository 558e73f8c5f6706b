//! Runs the `git` executable on one bare repository.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use thiserror::Error;

/// Why `git` did not do what it was asked.
#[derive(Debug, Error)]
pub enum GitError {
    /// The executable cannot be run.
    #[error("git cannot be run: {0}")]
    Run(#[from] io::Error),
    /// It ran and refused.
    #[error("git {command}: {message}")]
    Refused {
        /// Its first argument.
        command: String,
        /// What it wrote to standard error.
        message: String,
    },
    /// It answered something that cannot be understood.
    #[error("git answered something unexpected: {0}")]
    Unexpected(&'static str),
}

/// Runs `git` on the repository and gives its standard output.
pub(super) fn run(repository: &Path, arguments: &[&str], input: Vec<u8>) -> Result<Vec<u8>, GitError> {
    let mut command = Command::new("git");
    command.arg("--git-dir").arg(repository).args(arguments);
    // Neither the user's settings nor an enclosing repository may show in what the provider does.
    command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", if cfg!(windows) { "NUL" } else { "/dev/null" });
    for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_NAMESPACE"] {
        command.env_remove(inherited);
    }
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let stdin = child.stdin.take();
    // Written beside the reading: a pipe holds little, and both ends may be full at once.
    let writer = std::thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(&input)));
    let output = child.wait_with_output()?;
    let written = writer.join();
    if !output.status.success() {
        return Err(GitError::Refused {
            command: arguments.first().copied().unwrap_or_default().to_owned(),
            message: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        });
    }
    match written {
        Ok(result) => result?,
        Err(_) => return Err(GitError::Unexpected("its input could not be written")),
    }
    Ok(output.stdout)
}
