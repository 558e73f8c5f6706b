//! Measures the built tool as a user would run it.

mod case;
mod critical_path;
mod fabric_cli;
mod journal;
mod options;
mod plan;
mod report;
mod server;
mod source;
mod start;
mod timed;

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::azurite::Azurite;
use crate::fabric_cicd;
use crate::process::{cargo, run as run_program};
use crate::stage::Outcome;
use crate::workspace::Workspace;
use case::Case;
use options::{LOCAL, Peer, REMOTE};
pub(crate) use options::{Options, Profile, only_binary};
use report::{Run, Tool, What};
use server::Server;

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
        for profile in &options.profiles {
            runs.extend(room.compare(*case, *profile, &[What::Create, What::Again], python.as_deref())?);
        }
    }
    print!("\n{}", report::markdown(&runs));
    Ok(Outcome::Passed)
}

/// Lets fabric-cicd do the same in the same run, for everything that the budgets of the client's own work name, and
/// prints the table.
///
/// # Errors
/// As [`deploy`], or there is no fabric-cicd.
pub(crate) fn peers(workspace: &Workspace, given: Option<&Path>) -> anyhow::Result<Outcome> {
    let target = workspace.metadata.target_directory.as_std_path();
    let binary = binary(workspace, given)?;
    let room = Room::new(&binary, target)?;
    let python = fabric_cicd::prepare(target)?;
    let mut runs = Vec::new();
    for (case, profile) in [(Case::Notebooks(2_000), LOCAL), (Case::Mixed, REMOTE)] {
        runs.extend(room.compare(case, profile, &[What::Create, What::Update, What::Again], Some(&python))?);
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

    /// What each tool needs for the same.
    fn compare(&self, case: Case, profile: Profile, whats: &[What], python: Option<&Path>) -> anyhow::Result<Vec<Run>> {
        let mut runs = self.measure(case, profile, whats, Tool::FabricCli, |source, server| {
            fabric_cli::deploy(self.binary, source, server, &self.folder)
        })?;
        if let Some(python) = python {
            runs.extend(self.measure(case, profile, whats, Tool::FabricCicd, |source, server| {
                self.publish(python, source, server)
            })?);
        }
        Ok(runs)
    }

    /// Publishes a source folder with fabric-cicd.
    fn publish(&self, python: &Path, source: &Path, server: &Server) -> anyhow::Result<fabric_cli::Deployed> {
        let types = ["Notebook", "DataPipeline", "CopyJob", "Reflex"].map(str::to_owned);
        let request = fabric_cicd::Request {
            source: source.to_owned(),
            workspace: &server.workspace_id,
            environment: "dev",
            types: &types,
            ..fabric_cicd::Request::default()
        };
        let mut command = fabric_cicd::command(python, &request, &server.emulator)?;
        let (_, timed) = timed::run(command.current_dir(&self.folder), &self.folder.join("fabric-cicd.log"))?;
        Ok(fabric_cli::Deployed { timed, status: None })
    }

    /// A fresh emulator with one empty workspace, and one run after another of one tool against it.
    fn measure(
        &self,
        case: Case,
        profile: Profile,
        whats: &[What],
        tool: Tool,
        mut deploy: impl FnMut(&Path, &Server) -> anyhow::Result<fabric_cli::Deployed>,
    ) -> anyhow::Result<Vec<Run>> {
        let server = Server::start(self.binary, profile, &self.folder)?;
        let source = self.folder.join("sources").join(case.name());
        let write = |revision| {
            source::write(&case, revision, &source).with_context(|| format!("cannot write {}", source.display()))
        };
        write(0)?;
        let mut runs = Vec::new();
        for what in whats {
            let label = format!("{} · {profile} · {} · {}", case.name(), tool.name(), what.name());
            eprintln!("{label}…");
            if *what == What::Update {
                write(1)?;
            }
            let before = server.emulator.traffic()?;
            let deployed = deploy(&source, &server).with_context(|| format!("{label}, from {}", source.display()))?;
            if let Some(status) = &deployed.status {
                let expected = if *what == What::Again { "unchanged" } else { "committed" };
                anyhow::ensure!(status == expected, "{label}: ended as `{status}`, not `{expected}`");
            }
            let traffic = server.emulator.traffic()?.since(&before);
            runs.push(Run { case, profile, tool, what: *what, timed: deployed.timed, traffic });
        }
        Ok(runs)
    }
}
