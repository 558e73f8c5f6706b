//! Documents that a program of this workspace writes: written, or compared with what stands in the tree.

use std::path::Path;

use anyhow::{Context, bail};

use crate::process::{cargo, output};
use crate::stage::Outcome;
use crate::workspace::Workspace;

/// A document, and the cargo command that prints it on stdout.
struct Document {
    path: &'static str,
    cargo: &'static [&'static str],
}

/// Every generated document.
const DOCUMENTS: &[Document] = &[];

/// Writes every document, or with `check` fails where one differs from what its program prints.
///
/// # Errors
/// A program fails, a file cannot be read or written, or, with `check`, a document is out of date.
pub(crate) fn run(workspace: &Workspace, check: bool) -> anyhow::Result<Outcome> {
    let mut stale = Vec::new();
    for document in DOCUMENTS {
        let wanted = output(cargo(workspace.root()).args(document.cargo))?;
        let path = workspace.root().join(document.path);
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        match first_difference(&found, &wanted) {
            None => println!("{} is up to date", document.path),
            Some(line) if check => {
                stale.push(format!("{}:{line}: differs from what its program prints", document.path));
            }
            Some(_) => {
                write(&path, &wanted)?;
                println!("{} written", document.path);
            }
        }
    }
    if !stale.is_empty() {
        bail!("{}\nrun `cargo xtask codegen`", stale.join("\n"));
    }
    Ok(Outcome::Passed)
}

/// The first line, counted from 1, in which two texts differ.
fn first_difference(found: &str, wanted: &str) -> Option<usize> {
    if found == wanted {
        return None;
    }
    let same = found.lines().zip(wanted.lines()).take_while(|(found, wanted)| found == wanted).count();
    Some(same + 1)
}

#[expect(clippy::disallowed_methods, reason = "generated documents are this room's files")]
fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_found_on_its_line() {
        assert_eq!(first_difference("a\nb\n", "a\nb\n"), None);
        assert_eq!(first_difference("a\nb\n", "a\nc\n"), Some(2));
        assert_eq!(first_difference("a\n", "a\nb\n"), Some(2));
        assert_eq!(first_difference("", "a\n"), Some(1));
        assert_eq!(first_difference("a", "a\n"), Some(2));
    }
}
