//! What was released before: the tags `<crate>-v<version>`.

use std::process::Command;

use anyhow::Context;
use cargo_metadata::Package;
use cargo_metadata::semver::Version;

use super::Planned;
use crate::process::{output, run, succeeds};
use crate::workspace::Workspace;

/// Where a crate stands, compared with its last release.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// It was never released.
    New,
    /// Its version is newer than the last one released.
    Next { last: Version },
    /// This version is released, and nothing changed since.
    Released,
    /// Why it cannot be released.
    Refused(String),
}

/// The tag of a released version.
pub(super) fn tag_name(name: &str, version: &Version) -> String {
    format!("{name}-v{version}")
}

/// Compares a package with its tags.
///
/// # Errors
/// Git cannot be asked.
pub(super) fn standing(workspace: &Workspace, package: &Package) -> anyhow::Result<Standing> {
    let pattern = format!("{}-v*", package.name);
    let tags = output(git(workspace).args(["tag", "--list", &pattern]))?;
    let last = newest(&package.name, &tags);
    let changed = match &last {
        Some(last) if *last == package.version => {
            let tag = tag_name(&package.name, last);
            let folder = package.manifest_path.parent().map(ToString::to_string).unwrap_or_default();
            !succeeds(git(workspace).args(["diff", "--quiet", &tag, "--", &folder]))
        }
        _ => true,
    };
    Ok(judge(&package.name, &package.version, last, changed))
}

fn judge(name: &str, version: &Version, last: Option<Version>, changed: bool) -> Standing {
    match last {
        None => Standing::New,
        Some(last) if last < *version => Standing::Next { last },
        Some(last) if last == *version && !changed => Standing::Released,
        Some(last) if last == *version => Standing::Refused(format!(
            "{name}: it changed since {version} was released: give it a newer version and a changelog entry"
        )),
        Some(last) => Standing::Refused(format!("{name}: {version} is older than {last}, which is released")),
    }
}

/// The newest version among tags, one a line; names that go on differently are another crate's.
fn newest(name: &str, tags: &str) -> Option<Version> {
    let prefix = format!("{name}-v");
    tags.lines().filter_map(|tag| Version::parse(tag.strip_prefix(&prefix)?).ok()).max()
}

/// What is wrong with the checkout itself.
///
/// # Errors
/// Git cannot be asked.
pub(super) fn unfit_checkout(workspace: &Workspace) -> anyhow::Result<Vec<String>> {
    let mut reasons = Vec::new();
    if !output(git(workspace).args(["status", "--porcelain"]))?.trim().is_empty() {
        reasons.push("the checkout has changes that are not committed: `git status` lists them".to_owned());
    }
    if output(git(workspace).args(["rev-parse", "--is-shallow-repository"]))?.trim() == "true" {
        reasons.push("the clone is shallow, so tags may be missing: `git fetch --unshallow --tags`".to_owned());
    }
    Ok(reasons)
}

/// The time of the last commit, in seconds since 1970: the only time that a release knows.
///
/// # Errors
/// Git cannot be asked.
pub(super) fn commit_time(workspace: &Workspace) -> anyhow::Result<String> {
    let printed = output(git(workspace).args(["log", "-1", "--format=%ct"]))?;
    let seconds = printed.trim();
    seconds.parse::<u64>().with_context(|| format!("git names no time of the last commit: {seconds:?}"))?;
    Ok(seconds.to_owned())
}

/// The last commit, by its hash.
///
/// # Errors
/// Git cannot be asked.
pub(super) fn commit(workspace: &Workspace) -> anyhow::Result<String> {
    Ok(output(git(workspace).args(["rev-parse", "HEAD"]))?.trim().to_owned())
}

/// The same time as a date in UTC, in the form of RFC 3339.
///
/// # Errors
/// Git cannot be asked.
pub(super) fn commit_date(workspace: &Workspace) -> anyhow::Result<String> {
    let mut ask = git(workspace);
    ask.env("TZ", "UTC").args(["log", "-1", "--date=format-local:%Y-%m-%dT%H:%M:%SZ", "--format=%cd"]);
    Ok(output(&mut ask)?.trim().to_owned())
}

/// Tags what was published.
///
/// # Errors
/// Git refuses.
pub(super) fn tag(workspace: &Workspace, planned: &[Planned<'_>]) -> anyhow::Result<()> {
    planned
        .iter()
        .try_for_each(|one| run(git(workspace).args(["tag", &tag_name(&one.package.name, &one.package.version)])))
}

fn git(workspace: &Workspace) -> Command {
    let mut command = Command::new("git");
    command.current_dir(workspace.root());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap()
    }

    #[test]
    fn the_newest_tag_counts_by_version_and_not_by_letters() {
        let tags = "a-v0.10.0\na-v0.9.0\na-value\na-v0.9.0-old.note\n";
        assert_eq!(newest("a", tags), Some(version("0.10.0")));
        assert_eq!(newest("b", tags), None);
    }

    #[test]
    fn a_crate_is_released_once_a_version() {
        let judge = |now: &str, last: Option<&str>, changed| judge("a", &version(now), last.map(version), changed);
        assert_eq!(judge("0.1.0", None, true), Standing::New);
        assert_eq!(judge("0.1.1", Some("0.1.0"), true), Standing::Next { last: version("0.1.0") });
        assert_eq!(judge("0.1.0", Some("0.1.0"), false), Standing::Released);
        assert!(
            matches!(judge("0.1.0", Some("0.1.0"), true), Standing::Refused(why) if why.contains("changed since 0.1.0"))
        );
        assert!(
            matches!(judge("0.1.0", Some("0.2.0"), true), Standing::Refused(why) if why.contains("older than 0.2.0"))
        );
    }
}
