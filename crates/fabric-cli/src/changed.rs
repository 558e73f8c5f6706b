//! `--changed-since`: which items Git says have changed, come, gone or been renamed since a commit.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use fabric_deploy::desired::{DesiredState, ItemKey};
use fabric_deploy::source::Platform;
use thiserror::Error;

use crate::render;

/// Why Git does not tell what changed.
#[derive(Debug, Error)]
pub(crate) enum GitError {
    #[error("git could not be run: {0}")]
    Program(#[from] std::io::Error),
    #[error("{} is not in a Git repository: {reason}", folder.display())]
    NoRepository { folder: PathBuf, reason: String },
    #[error("the repository has no commit {reference:?}, because its history was cut off when it was cloned")]
    Shallow { reference: String },
    #[error("the repository has no commit {reference:?}: {reason}")]
    NoCommit { reference: String, reason: String },
    #[error("git {command} failed: {reason}")]
    Failed { command: &'static str, reason: String },
}

impl GitError {
    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::Program(_) => "install git, or select items by --item, --type or --folder",
            Self::NoRepository { .. } => "run it in a clone, or select items by --item, --type or --folder",
            Self::Shallow { .. } => {
                "fetch the whole history: `git fetch --unshallow`, `fetch-depth: 0` of actions/checkout, `fetchDepth: 0` of Azure DevOps"
            }
            Self::NoCommit { .. } => "name a branch, a tag or a commit that `git log` shows",
            Self::Failed { .. } => "see what `git status` says",
        }
    }
}

/// What changed below a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Items that are there and were touched.
    pub(crate) touched: BTreeSet<ItemKey>,
    /// Items that were there and are gone.
    pub(crate) deleted: BTreeSet<ItemKey>,
}

/// The commit that `reference` names, so that a saved plan means the same commit later.
pub(crate) fn commit(folder: &Path, reference: &str) -> Result<String, GitError> {
    let verify = format!("{reference}^{{commit}}");
    match git(folder, "rev-parse", &["rev-parse", "--verify", "--quiet", "--end-of-options", &verify]) {
        Ok(found) => Ok(found.trim().to_owned()),
        Err(GitError::Failed { reason, .. }) => {
            let shallow = git(folder, "rev-parse", &["rev-parse", "--is-shallow-repository"]);
            Err(match shallow {
                Err(GitError::Failed { reason, .. }) => GitError::NoRepository { folder: folder.to_owned(), reason },
                Ok(answer) if answer.trim() == "true" => GitError::Shallow { reference: reference.to_owned() },
                _ => GitError::NoCommit { reference: reference.to_owned(), reason },
            })
        }
        Err(error) => Err(error),
    }
}

/// Compares the folder as it is now, committed or not, with the commit.
///
/// A configuration file outside the items, such as a parameter file, may change any of them: then all count as touched.
pub(crate) fn since(folder: &Path, commit: &str, desired: &DesiredState) -> Result<Changes, GitError> {
    let diff = ["diff", "--name-only", "--no-renames", "--relative", "-z", "--end-of-options", commit, "--", "."];
    let differing = git(folder, "diff", &diff)?;
    let new = git(folder, "ls-files", &["ls-files", "--others", "--exclude-standard", "-z", "--", "."])?;
    let paths: BTreeSet<_> = differing.split('\0').chain(new.split('\0')).filter(|path| !path.is_empty()).collect();
    let paths: BTreeSet<_> = paths.into_iter().map(Path::new).collect();
    let items: BTreeMap<_, _> = desired
        .items
        .values()
        .map(|item| (item.source.strip_prefix(folder).unwrap_or(&item.source), &item.key))
        .collect();
    let mut touched = BTreeSet::new();
    for path in &paths {
        match path.ancestors().find_map(|above| items.get(above)) {
            Some(key) => {
                touched.insert((*key).clone());
            }
            None if configures(path) => {
                render::say_note(&format!("{} changed: every item is selected", folder.join(path).display()));
                touched = desired.items.keys().cloned().collect();
                break;
            }
            None => {}
        }
    }
    Ok(Changes { touched, deleted: deleted(folder, commit, &paths, desired)? })
}

/// Whether a file outside the items may say what they shall be. Folders such as `.github` are others' business.
fn configures(path: &Path) -> bool {
    let hidden = path.components().any(|part| part.as_os_str().to_str().is_some_and(|name| name.starts_with('.')));
    let extension = path.extension().and_then(|extension| extension.to_str());
    !hidden && extension.is_some_and(|extension| ["yml", "yaml", "json"].contains(&extension))
}

/// Items whose `.platform` was there and is not, unless another folder describes them now.
fn deleted(
    folder: &Path,
    commit: &str,
    paths: &BTreeSet<&Path>,
    desired: &DesiredState,
) -> Result<BTreeSet<ItemKey>, GitError> {
    let mut deleted = BTreeSet::new();
    for path in paths.iter().filter(|path| path.ends_with(".platform")) {
        let Ok(text) = git(folder, "show", &["show", "--end-of-options", &format!("{commit}:./{}", path.display())])
        else {
            continue;
        };
        let (platform, _) = Platform::parse(&text, &folder.join(path));
        deleted.extend(platform.map(|platform| platform.key).filter(|key| !desired.items.contains_key(key)));
    }
    Ok(deleted)
}

fn git(folder: &Path, command: &'static str, arguments: &[&str]) -> Result<String, GitError> {
    let output = Command::new("git").arg("-C").arg(folder).args(arguments).output()?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    Err(GitError::Failed { command, reason: reason.trim().trim_start_matches("fatal: ").to_owned() })
}
