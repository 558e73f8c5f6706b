//! A release: what is published in which order, proved to build from its packages, and put into one folder.
//!
//! Without `--publish` nothing leaves this machine.

mod bill_of_materials;
mod binary;
mod changelog;
mod checksums;
mod compatibility;
mod examples;
mod history;
mod options;
mod order;
mod packages;
mod refusal;
mod static_elf;

use std::path::{Path, PathBuf};

use anyhow::Context;
use cargo_metadata::Package;
use cargo_metadata::semver::Version;

use crate::api;
use crate::process::{cargo, run as run_program};
use crate::stage::Outcome;
use crate::workspace::Workspace;
pub(crate) use options::Options;
pub(crate) use order::is_published;

/// A crate that this release publishes.
struct Planned<'a> {
    package: &'a Package,
    /// The version that was released before, if there was one.
    last: Option<Version>,
    /// What its changelog says of the version that is released now.
    changes: String,
}

impl Planned<'_> {
    /// Its name and version as a file of cargo's has them.
    fn stem(&self) -> String {
        format!("{}-{}", self.package.name, self.package.version)
    }
}

/// Prepares the release, and publishes it if that was asked for.
///
/// # Errors
/// Something that a release must not have, all of it at once; a package, an example or the binary that does not build;
/// a tool that is missing and cannot be fetched.
pub(crate) fn run(workspace: &Workspace, options: Options) -> anyhow::Result<Outcome> {
    let planned = plan(workspace)?;
    print!("{}", order::table(&planned));
    api::must_be_known(workspace)?;
    compatibility::check(workspace, &planned)?;

    let artifacts = artifacts(workspace)?;
    packages::make(workspace, &planned, &artifacts)?;
    let program = binary::build(workspace, options.check_reproducible)?;
    binary::copy(&program, &artifacts)?;
    examples::run_all(workspace, &planned, &artifacts, &program)?;
    bill_of_materials::write(workspace, &artifacts)?;
    changelog::write_notes(&planned, &artifacts)?;
    checksums::write(&artifacts)?;

    println!("\nEverything is in {}.", artifacts.display());
    if !options.publish {
        println!("Nothing was published: `--publish` does it, and tags each version.");
    } else if !planned.is_empty() {
        // What is in the packages was built already. Cargo waits for each crate before it uploads the next.
        let mut publish = cargo(workspace.root());
        publish.args(["publish", "--locked", "--no-verify"]).args(order::package_arguments(&planned));
        run_program(&mut publish)?;
        history::tag(workspace, &planned)?;
    }
    Ok(Outcome::Passed)
}

/// What is to be released, every objection at once.
fn plan(workspace: &Workspace) -> anyhow::Result<Vec<Planned<'_>>> {
    let mut refusals = refusal::Refusals::default();
    refusals.extend(history::unfit_checkout(workspace)?);
    let mut planned = Vec::new();
    for package in order::published(&workspace.metadata)? {
        let changes = refusals.keep(changelog::entry_of(package)).unwrap_or_default();
        let last = match history::standing(workspace, package)? {
            history::Standing::New => None,
            history::Standing::Next { last } => Some(last),
            history::Standing::Released => {
                println!("{} {} is released and unchanged", package.name, package.version);
                continue;
            }
            history::Standing::Refused(why) => {
                refusals.add(why);
                continue;
            }
        };
        planned.push(Planned { package, last, changes });
    }
    refusals.into_result()?;
    Ok(planned)
}

/// An empty folder for what a release consists of.
fn artifacts(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let folder = workspace.metadata.target_directory.as_std_path().join("release-artifacts");
    empty(&folder)?;
    Ok(folder)
}

/// Makes a folder, or empties it.
fn empty(folder: &Path) -> anyhow::Result<()> {
    if folder.exists() {
        std::fs::remove_dir_all(folder).with_context(|| format!("cannot empty {}", folder.display()))?;
    }
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))
}
