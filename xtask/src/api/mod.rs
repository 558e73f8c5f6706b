//! The public API of each published library, as a list in the tree: what changes in it is seen in the change.

mod rustdoc;

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};
use cargo_metadata::{Package, Target};

use crate::release;
use crate::stage::Outcome;
use crate::workspace::Workspace;
pub(crate) use rustdoc::{document, is_asked_for};

/// The list's name, beside the manifest.
const NAME: &str = "public-api.txt";

/// Writes every list, or with `check` fails where one is out of date.
///
/// Rustdoc's machine-readable form changes with the compiler. Where it is another than the one that can be read here,
/// nothing is compared, and the outcome says so.
///
/// # Errors
/// A list is out of date or cannot be written, or a crate cannot be documented.
pub(crate) fn run(workspace: &Workspace, check: bool) -> anyhow::Result<Outcome> {
    let libraries: Vec<&Package> = workspace
        .metadata
        .workspace_packages()
        .into_iter()
        .filter(|package| release::is_published(package) && package.targets.iter().any(Target::is_lib))
        .collect();
    let listed = rustdoc::list(workspace, &libraries)?;
    let lists = match listed {
        rustdoc::Listed::Lists(lists) => lists,
        rustdoc::Listed::UnknownFormat(why) => {
            eprintln!("\n!! THE PUBLIC API WAS NOT COMPARED !!\n{why}.");
            return Ok(Outcome::PassedBut(format!("public API NOT COMPARED: {why}")));
        }
    };
    let mut outdated = Vec::new();
    for (package, list) in libraries.into_iter().zip(lists) {
        let path = path(package);
        if check {
            let stands = std::fs::read_to_string(&path).unwrap_or_default();
            let differences = differences(&stands, &list);
            if !differences.is_empty() {
                println!("{}:\n{differences}", path.display());
                outdated.push(package.name.as_str());
            }
        } else {
            write(&path, &list)?;
            println!("{}: {} lines", path.display(), list.lines().count());
        }
    }
    ensure!(outdated.is_empty(), "the public API changed: {}; `cargo xtask api` lists it anew", outdated.join(", "));
    Ok(Outcome::Passed)
}

fn path(package: &Package) -> PathBuf {
    package.manifest_path.with_file_name(NAME).into_std_path_buf()
}

#[expect(clippy::disallowed_methods, reason = "these lists are this room's files")]
fn write(path: &PathBuf, list: &str) -> anyhow::Result<()> {
    std::fs::write(path, list).with_context(|| format!("cannot write {}", path.display()))
}

/// The lines that are in only one of two lists.
fn differences(stands: &str, is: &str) -> String {
    let only = |sign: char, lines: &str, others: &str| {
        let others: std::collections::BTreeSet<&str> = others.lines().collect();
        lines.lines().filter(|line| !others.contains(line)).map(|line| format!("  {sign} {line}\n")).collect::<String>()
    };
    only('-', stands, is) + &only('+', is, stands)
}

/// Refuses a release that does not know its API.
///
/// # Errors
/// A list is out of date, or could not be compared.
pub(crate) fn must_be_known(workspace: &Workspace) -> anyhow::Result<()> {
    match run(workspace, true)? {
        Outcome::Passed => Ok(()),
        Outcome::PassedBut(why) => bail!("a release must know its public API: {why}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_and_what_went_is_told() {
        assert_eq!(differences("a\nb\n", "a\nc\n"), "  - b\n  + c\n");
        assert_eq!(differences("a\n", "a\n"), "");
    }
}
