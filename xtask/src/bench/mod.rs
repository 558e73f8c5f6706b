//! Measures the built tool as a user would run it.

mod case;
mod critical_path;
mod emulator;
mod fabric_cicd;
mod fabric_cli;
mod http;
mod journal;
mod options;
mod plan;
mod report;
mod source;
mod start;
mod timed;

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::azurite::Azurite;
use crate::process::{cargo, run as run_program};
use crate::stage::Outcome;
use crate::workspace::Workspace;
use case::Case;
use emulator::Emulator;
pub(crate) use options::{Options, only_binary};
use options::{Peer, Profile};
use report::{Run, Tool, What};

/// Deploys synthetic workspaces twice, once onto nothing and once onto what is already there, and prints the table that
/// `docs/performance.md` shows.
///
/// # Errors
/// Something does not build or start, or a deployment does not end as it must.
pub(crate) fn deploy(workspace: &Workspace, options: &Options) -> anyhow::Result<Outcome> {
    let target = workspace.metadata.target_directory.as_std_path();
    let binary = binary(workspace, options.binary.as_deref())?;
    let room = Room::new(&binary, target)?;
    let python = match options.against {
        Some(Peer::FabricCicd) => Some(fabric_cicd::prepare(target)?),
        None => None,
    };
    let mut runs = Vec::new();
    for case in &options.cases {
        let source = room.folder.join("sources").join(case.name());
        source::write(case, &source).with_context(|| format!("cannot write {}", source.display()))?;
        for profile in &options.profiles {
            runs.extend(room.measure(*case, *profile, &source, Tool::FabricCli, |server| {
                fabric_cli::deploy(room.binary, &source, server, &room.folder)
            })?);
            if let Some(python) = &python {
                runs.extend(room.measure(*case, *profile, &source, Tool::FabricCicd, |server| {
                    fabric_cicd::publish(python, &source, server, &room.folder)
                })?);
            }
        }
    }
    print!("\n{}", report::markdown(&runs));
    Ok(Outcome::Passed)
}

/// Measures what planning costs the client, and prints a table.
///
/// # Errors
/// Something does not build or start, or a plan fails.
pub(crate) fn plan(workspace: &Workspace, given: Option<&Path>) -> anyhow::Result<Outcome> {
    let binary = binary(workspace, given)?;
    let room = Room::new(&binary, workspace.metadata.target_directory.as_std_path())?;
    print!("\n{}", plan::measure(&room)?);
    Ok(Outcome::Passed)
}

/// Measures what `FEATURE_USE_ROLLBACK` costs, and prints tables.
///
/// # Errors
/// Something does not build or start, or a deployment does not end as it must.
pub(crate) fn journal(workspace: &Workspace, given: Option<&Path>) -> anyhow::Result<Outcome> {
    let binary = binary(workspace, given)?;
    let room = Room::new(&binary, workspace.metadata.target_directory.as_std_path())?;
    let azurite = Azurite::start(workspace, &room.folder.join("azurite"))?;
    print!("\n{}", journal::measure(&room, azurite.as_ref())?);
    Ok(Outcome::Passed)
}

/// Measures how long the program and its emulator take to start, and prints a table.
///
/// # Errors
/// Something does not build or start.
pub(crate) fn start(workspace: &Workspace, given: Option<&Path>) -> anyhow::Result<Outcome> {
    let binary = binary(workspace, given)?;
    let room = Room::new(&binary, workspace.metadata.target_directory.as_std_path())?;
    print!("\n{}", start::measure(&room)?);
    Ok(Outcome::Passed)
}

/// The program to measure: the one given, or a release build.
fn binary(workspace: &Workspace, given: Option<&Path>) -> anyhow::Result<PathBuf> {
    if let Some(binary) = given {
        return Ok(std::path::absolute(binary)?);
    }
    run_program(cargo(workspace.root()).args(["build", "--release", "--locked", "--package", "fabric-cli"]))?;
    Ok(workspace.metadata.target_directory.as_std_path().join("release/fabric-cli"))
}

/// Where the pieces of a measurement are.
struct Room<'a> {
    binary: &'a Path,
    folder: PathBuf,
}

impl<'a> Room<'a> {
    fn new(binary: &'a Path, target: &Path) -> anyhow::Result<Self> {
        let folder = target.join("bench");
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
        Ok(Self { binary, folder })
    }

    /// A fresh emulator with one empty workspace, and two runs of one tool against it.
    fn measure(
        &self,
        case: Case,
        profile: Profile,
        source: &Path,
        tool: Tool,
        mut deploy: impl FnMut(&Emulator) -> anyhow::Result<fabric_cli::Deployed>,
    ) -> anyhow::Result<Vec<Run>> {
        let server = Emulator::start(self.binary, profile, &self.folder)?;
        let mut runs = Vec::new();
        for what in [What::Create, What::Again] {
            let label = format!("{} · {profile} · {} · {}", case.name(), tool.name(), what.name());
            eprintln!("{label}…");
            let before = server.traffic()?;
            let deployed = deploy(&server).with_context(|| format!("{label}, from {}", source.display()))?;
            if let Some(status) = &deployed.status {
                let expected = if what == What::Create { "committed" } else { "unchanged" };
                anyhow::ensure!(status == expected, "{label}: ended as `{status}`, not `{expected}`");
            }
            let traffic = server.traffic()?.since(&before);
            runs.push(Run { case, profile, tool, what, timed: deployed.timed, traffic });
        }
        Ok(runs)
    }
}
