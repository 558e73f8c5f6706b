//! Wall-clock and processor time of a child process.

use std::fs::File;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

/// What a process cost, in seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Timed {
    pub(crate) wall: f64,
    /// User and system time of the process and its children.
    pub(crate) processor: f64,
}

/// Bash's own `time`: the only way to a child's processor time that needs neither unsafe code nor another package.
const SCRIPT: &str = "TIMEFORMAT='%R %U %S'\ntime \"$@\" 2>\"$LOG\"";

/// Runs a command to its end; answers its stdout and what it cost. Its stderr goes to the file `log`.
///
/// # Errors
/// It cannot be started or ends with another status than 0; the message ends with the last lines of its stderr.
pub(crate) fn run(command: &Command, log: &Path) -> anyhow::Result<(String, Timed)> {
    let mut shell = Command::new("bash");
    shell.args(["-c", SCRIPT, "bash"]).arg(command.get_program()).args(command.get_args());
    shell.env("LOG", log).stdin(Stdio::null());
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            shell.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        shell.current_dir(folder);
    }
    File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    let output = shell.output().context("cannot start bash")?;
    let stdout = String::from_utf8(output.stdout).context("its output is not UTF-8")?;
    if !output.status.success() {
        let said = std::fs::read_to_string(log).unwrap_or_default();
        let last: Vec<&str> = said.lines().rev().take(12).collect();
        let last: Vec<&str> = last.into_iter().rev().collect();
        bail!("{:?} ended with {}\n{stdout}\n{}", command.get_program(), output.status, last.join("\n"));
    }
    let times = String::from_utf8_lossy(&output.stderr);
    let timed = parse(&times).with_context(|| format!("not the output of `time`: {times:?}"))?;
    Ok((stdout, timed))
}

fn parse(times: &str) -> Option<Timed> {
    let numbers: Vec<f64> = times.lines().last()?.split_whitespace().filter_map(|number| number.parse().ok()).collect();
    let [wall, user, system] = numbers.as_slice() else { return None };
    Some(Timed { wall: *wall, processor: user + system })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read() {
        assert_eq!(parse("1.500 0.250 0.250\n"), Some(Timed { wall: 1.5, processor: 0.5 }));
        assert_eq!(parse("real 0m1s\n"), None);
    }
}
