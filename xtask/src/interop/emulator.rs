//! `emulator serve --tls`, as a process that ends with its owner.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, ensure};

/// A running emulator.
pub(super) struct Emulator {
    process: Child,
    /// The line that it prints when it is ready.
    pub(super) ready: String,
}

impl Emulator {
    /// Starts it, with its certificates in `tls`.
    ///
    /// # Errors
    /// It does not start.
    pub(super) fn start(binary: &Path, tls: &Path) -> anyhow::Result<Self> {
        let process = Command::new(binary)
            .args(["emulator", "serve", "--tls"])
            .arg(tls)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut emulator = Self { process, ready: String::new() };
        if let Some(stdout) = emulator.process.stdout.take() {
            BufReader::new(stdout).read_line(&mut emulator.ready)?;
        }
        ensure!(emulator.ready.starts_with('{'), "not the line of a ready emulator: {:?}", emulator.ready);
        Ok(emulator)
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
