//! How long the program takes to do nothing, and what an idle emulator holds.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::Context;

use super::Room;
use super::options::LOCAL;
use super::timed;
use crate::emulator::Emulator;

/// Starts of the program, in one loop.
const STARTS: u32 = 200;
/// Starts of the emulator; odd, so that one is in the middle.
const EMULATORS: usize = 21;

/// Answers the table.
///
/// # Errors
/// The program does not start, or the operating system does not tell its memory as Linux does.
pub(super) fn measure(room: &Room<'_>) -> anyhow::Result<String> {
    let mut versions = Command::new("bash");
    let program = "for ((i = 0; i < $1; i++)); do \"$0\" --version >/dev/null; done";
    versions.args(["-c", program]).arg(room.binary).arg(STARTS.to_string()).current_dir(&room.folder);
    let (_, all) = timed::run(&versions, &room.folder.join("version.log"))?;
    let mut starts = Vec::new();
    let mut memory = Vec::new();
    for _ in 0..EMULATORS {
        let (milliseconds, megabytes) = emulator(room)?;
        starts.push(milliseconds);
        memory.push(megabytes);
    }
    Ok(format!(
        "| what | median | most |\n|---|---|---|\n\
         | `fabric-cli --version`, {STARTS} times | {:.1} ms on average | |\n\
         | `emulator serve` until it is ready, with a first workspace, {EMULATORS} times | {:.1} ms | {:.1} ms |\n\
         | its resident memory then | {:.1} MB | {:.1} MB |\n",
        all.wall * 1_000.0 / f64::from(STARTS),
        middle(&mut starts),
        starts[EMULATORS - 1],
        middle(&mut memory),
        memory[EMULATORS - 1],
    ))
}

/// Milliseconds until it was ready and had answered, and megabytes that it held then.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn emulator(room: &Room<'_>) -> anyhow::Result<(f64, f64)> {
    let begin = Instant::now();
    let server = Emulator::start(room.binary, LOCAL, &room.folder)?;
    let ready = begin.elapsed().as_secs_f64() * 1_000.0;
    let status = Path::new("/proc").join(server.process_id().to_string()).join("status");
    let status = std::fs::read_to_string(&status).with_context(|| format!("cannot read {}", status.display()))?;
    let memory = resident(&status).with_context(|| format!("no resident memory in {status:?}"))?;
    Ok((ready, memory))
}

/// Megabytes.
fn resident(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1_024.0 / 1e6)
}

/// Sorts, and answers the one in the middle.
fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_in_megabytes() {
        assert_eq!(resident("Name:\tfabric-cli\nVmRSS:\t   12500 kB\n"), Some(12.8));
        assert_eq!(resident("Name:\tfabric-cli\n"), None);
    }

    #[test]
    fn the_middle_is_found_in_any_order() {
        assert_eq!(middle(&mut [3.0, 1.0, 2.0]), 2.0);
    }
}
