//! Documents that this workspace writes itself: written, or compared with what stands in the tree.

use anyhow::ensure;

use crate::process::{cargo, output};
use crate::stage::Outcome;
use crate::workspace::Workspace;

/// A document, and the test that compares it with what it should be, and writes it where `UPDATE_DOCS` is set.
struct Document {
    path: &'static str,
    /// The integration-test binary.
    binary: &'static str,
    test: &'static str,
}

/// Every generated document.
const DOCUMENTS: &[Document] =
    &[Document { path: "docs/emulator-coverage.md", binary: "conformance", test: "the_coverage_page_is_up_to_date" }];

/// Writes every document, or with `check` fails where one is out of date.
///
/// # Errors
/// A document is out of date or cannot be written, or its test is not there.
pub(crate) fn run(workspace: &Workspace, check: bool) -> anyhow::Result<Outcome> {
    for document in DOCUMENTS {
        let mut command = cargo(workspace.root());
        // The whole workspace, though one crate holds the test: other features would compile everything again.
        command.args(["test", "--workspace", "--locked", "--test", document.binary, document.test]);
        if !check {
            command.env("UPDATE_DOCS", "1");
        }
        let printed = output(&mut command)?;
        ensure!(ran(&printed, document.test), "no test `{}` looks at {}", document.test, document.path);
        println!("{} {}", document.path, if check { "is up to date" } else { "written" });
    }
    Ok(Outcome::Passed)
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
