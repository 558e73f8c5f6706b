//! What `FEATURE_USE_ROLLBACK` costs: the same deployment without and with it, by turns, and recovery from a long journal.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use serde_json::Value;

use super::case::Case;
use super::options::{LOCAL, REMOTE};
use super::server::Server;
use super::{Room, source, timed};
use crate::azurite::Azurite;

/// Deployments per place; odd, so that one is in the middle.
const ROUNDS: usize = 3;
/// The deployment that is measured.
const DEPLOYED: Case = Case::Notebooks(200);
/// The deployment whose journal is recovered: a step an item, and the verification.
const RECOVERED: Case = Case::Notebooks(2_000);
/// Recoveries; odd.
const RECOVERIES: usize = 5;

/// Where transactions are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Nowhere,
    Folder,
    Azurite,
}

impl Place {
    fn name(self) -> &'static str {
        match self {
            Self::Nowhere => "off",
            Self::Folder => "on, local folder",
            Self::Azurite => "on, Azurite",
        }
    }
}

/// Answers the tables. Without Azurite, its row is missing.
///
/// # Errors
/// A deployment or a recovery does not end as it must.
pub(super) fn measure(room: &Room<'_>, azurite: Option<&Azurite>) -> anyhow::Result<String> {
    let folder = write_source(room, DEPLOYED)?;
    let mut walls: BTreeMap<Place, Vec<f64>> = BTreeMap::new();
    for round in 0..ROUNDS {
        for place in [Place::Nowhere, Place::Folder, Place::Azurite] {
            if place == Place::Azurite && azurite.is_none() {
                continue;
            }
            eprintln!("{} · {}, round {}…", DEPLOYED.name(), place.name(), round + 1);
            let server = Server::start(room.binary, REMOTE, &room.folder)?;
            let state = room.folder.join("journal-state");
            remove(&state)?;
            let mut command = deployment(room, &server, &folder, place, &state);
            if let Some(azurite) = azurite.filter(|_| place == Place::Azurite) {
                command.env("AZURE_STORAGE_USE_EMULATOR", "true").env("AZURITE_BLOB_STORAGE_URL", azurite.address());
                command.arg("--state").arg(format!("az://deployments/bench-{}-{round}", std::process::id()));
            }
            let (printed, timed) = timed::run(&command, &room.folder.join("fabric-cli.log"))?;
            ensure!(status(&printed)? == "committed", "{} did not commit", place.name());
            walls.entry(place).or_default().push(timed.wall);
        }
    }
    Ok(format!("{}\n{}", costs(&mut walls), recovery(room)?))
}

fn costs(walls: &mut BTreeMap<Place, Vec<f64>>) -> String {
    let middles: BTreeMap<Place, f64> = walls.iter_mut().map(|(place, walls)| (*place, middle(walls))).collect();
    let plain = middles.get(&Place::Nowhere).copied().unwrap_or(f64::NAN);
    let mut text =
        format!("| {}, {REMOTE} | wall s, middle of {ROUNDS} | against off |\n|---|---|---|\n", DEPLOYED.name());
    for (place, wall) in &middles {
        let _ = writeln!(text, "| FEATURE_USE_ROLLBACK {} | {wall:.2} | {:.3} |", place.name(), wall / plain);
    }
    text
}

/// Everything that a command does with the journal of a long deployment before it would send its first request: it is
/// asked to resume what has ended, which it says after it has taken the transaction over.
#[expect(clippy::disallowed_methods, reason = "a benchmark measures time")]
fn recovery(room: &Room<'_>) -> anyhow::Result<String> {
    eprintln!("recovery of {}…", RECOVERED.name());
    let folder = write_source(room, RECOVERED)?;
    let server = Server::start(room.binary, LOCAL, &room.folder)?;
    let state = room.folder.join("journal-state");
    remove(&state)?;
    let command = deployment(room, &server, &folder, Place::Folder, &state);
    let (printed, _) = timed::run(&command, &room.folder.join("fabric-cli.log"))?;
    let report: Value = serde_json::from_str(&printed)?;
    let transaction = report["transaction_id"].as_str().context("the deployment was no transaction")?;
    let journal = state.join("journals").join(format!("{transaction}.jsonl"));
    let records = std::fs::read(&journal)?.iter().filter(|byte| **byte == b'\n').count();
    let before = server.emulator.traffic()?;
    let mut times = Vec::new();
    for _ in 0..RECOVERIES {
        let begin = Instant::now();
        let ended = Command::new(room.binary)
            .args(["resume", transaction, "--endpoint", &server.emulator.endpoint, "--state"])
            .arg(&state)
            .env("FABRIC_TOKEN", &server.emulator.token)
            .current_dir(&room.folder)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()?;
        times.push(begin.elapsed().as_secs_f64() * 1_000.0);
        ensure!(ended.code() == Some(7), "resuming what has ended is refused, but it ended with {ended}");
    }
    ensure!(server.emulator.traffic()? == before, "a request was sent");
    Ok(format!(
        "| recovery | records | ms, middle of {RECOVERIES} | most |\n|---|---|---|---|\n| {} | {records} | {:.0} | {:.0} |\n",
        RECOVERED.name(),
        middle(&mut times),
        times[RECOVERIES - 1],
    ))
}

fn deployment(room: &Room<'_>, server: &Server, source: &Path, place: Place, state: &Path) -> Command {
    let mut command = Command::new(room.binary);
    command
        .args(["--output", "json", "--endpoint", &server.emulator.endpoint, "deploy"])
        .args(["--workspace", "benchmark", "--environment", "dev", "--source"])
        .arg(source)
        .env("FABRIC_TOKEN", &server.emulator.token)
        .current_dir(&room.folder);
    if place != Place::Nowhere {
        command.args(["--flag", "FEATURE_USE_ROLLBACK=on"]);
    }
    if place == Place::Folder {
        command.arg("--state").arg(state);
    }
    command
}

fn write_source(room: &Room<'_>, case: Case) -> anyhow::Result<std::path::PathBuf> {
    let folder = room.folder.join("sources").join(case.name());
    source::write(&case, 0, &folder).with_context(|| format!("cannot write {}", folder.display()))?;
    Ok(folder)
}

fn remove(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    Ok(())
}

fn status(printed: &str) -> anyhow::Result<String> {
    let report: Value = serde_json::from_str(printed).context("the report is not the promised JSON document")?;
    Ok(report["status"].as_str().unwrap_or_default().to_owned())
}

/// Sorts, and answers the one in the middle.
fn middle(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_against_off() {
        let mut walls = BTreeMap::from([(Place::Nowhere, vec![2.0, 9.0, 1.0]), (Place::Folder, vec![2.1, 2.2, 2.0])]);
        let text = costs(&mut walls);
        assert!(text.contains("| FEATURE_USE_ROLLBACK off | 2.00 | 1.000 |"), "{text}");
        assert!(text.ends_with("| FEATURE_USE_ROLLBACK on, local folder | 2.10 | 1.050 |\n"), "{text}");
    }
}
