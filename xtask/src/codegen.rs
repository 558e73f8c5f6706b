//! Documents that this workspace writes itself: written, or compared with what stands in the tree.

use anyhow::ensure;

use crate::process::{cargo, output};
use crate::stage::Outcome;
use crate::workspace::Workspace;

/// Documents, and the test that compares them with what they should be, and writes them where `UPDATE_DOCS` is set.
struct Documents {
    paths: &'static [&'static str],
    /// Where the test is: an integration-test binary, or the unit tests of a program.
    target: [&'static str; 2],
    test: &'static str,
}

/// The tests of the figures that `cargo xtask chaos` writes.
const FIGURES: [&str; 2] = ["the_transactions_page_is_up_to_date", "the_page_says_how_many_processes_were_killed"];

/// Every generated document.
const DOCUMENTS: &[Documents] = &[
    Documents {
        paths: &["docs/emulator-coverage.md"],
        target: ["--test", "conformance"],
        test: "the_coverage_page_is_up_to_date",
    },
    Documents { paths: &["the figures in docs/transactions.md"], target: ["--test", "deploy"], test: FIGURES[0] },
    Documents {
        paths: &["the processes that were killed in docs/transactions.md"],
        target: ["--test", "end_to_end"],
        test: FIGURES[1],
    },
    Documents {
        paths: &["docs/item-types.md"],
        target: ["--test", "deploy"],
        test: "the_item_types_page_is_up_to_date",
    },
    Documents {
        paths: &["docs/telemetry.md"],
        target: ["--test", "telemetry"],
        test: "the_telemetry_page_is_up_to_date",
    },
    Documents {
        paths: &[".env.example", "the table of flags in README.md", "docs/feature-flags.schema.json"],
        target: ["--bin", "fabric-cli"],
        test: "the_documents_name_every_variable_flag_and_exit_code",
    },
];

/// Writes every document, or with `check` fails where one is out of date.
///
/// # Errors
/// A document is out of date or cannot be written, or its test is not there.
pub(crate) fn run(workspace: &Workspace, check: bool) -> anyhow::Result<Outcome> {
    DOCUMENTS.iter().try_for_each(|documents| one(workspace, documents, check))?;
    Ok(Outcome::Passed)
}

/// Writes the figures in `docs/transactions.md`.
///
/// # Errors
/// As [`run`].
pub(crate) fn write_figures(workspace: &Workspace) -> anyhow::Result<()> {
    let figures = DOCUMENTS.iter().filter(|documents| FIGURES.contains(&documents.test));
    figures.into_iter().try_for_each(|documents| one(workspace, documents, false))
}

fn one(workspace: &Workspace, documents: &Documents, check: bool) -> anyhow::Result<()> {
    let mut command = cargo(workspace.root());
    // The whole workspace, though one crate holds the test: other features would compile everything again.
    command.args(["test", "--workspace", "--locked"]).args(documents.target).arg(documents.test);
    if !check {
        command.env("UPDATE_DOCS", "1");
    }
    let printed = output(&mut command)?;
    let paths = documents.paths.join(", ");
    ensure!(ran(&printed, documents.test), "no test `{}` looks at {paths}", documents.test);
    println!("{}: {paths}", if check { "up to date" } else { "written" });
    Ok(())
}

/// Whether a test of this name ran and passed: a filter that matches nothing passes, too.
fn ran(printed: &str, test: &str) -> bool {
    printed.lines().any(|line| line.starts_with("test ") && line.ends_with(&format!("{test} ... ok")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_that_did_not_run_is_noticed() {
        assert!(ran("running 1 test\ntest page::the_page ... ok\n", "the_page"));
        assert!(!ran("running 0 tests\n\ntest result: ok. 0 passed\n", "the_page"));
        assert!(!ran("test page::the_page ... FAILED\n", "the_page"));
    }
}
