//! The generated part of `docs/compare.md`.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, ensure};

use super::case::Case;

const BEGIN: &str = "<!-- cases: begin -->\n";
const END: &str = "<!-- cases: end -->\n";

/// Puts the cases between their marks, or with `check` fails where something else stands there.
///
/// # Errors
/// The page has no marks, cannot be written, or is out of date.
pub(super) fn write(page: &Path, cases: &[Case], check: bool) -> anyhow::Result<()> {
    let before = std::fs::read_to_string(page).with_context(|| format!("cannot read {}", page.display()))?;
    let after = with_cases(&before, cases).with_context(|| format!("{} has no marks", page.display()))?;
    if check {
        ensure!(before == after, "{} is out of date: run `cargo xtask parity`", page.display());
        return Ok(());
    }
    save(page, &after)
}

fn with_cases(page: &str, cases: &[Case]) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}{}{END}{after}", text(cases)))
}

fn text(cases: &[Case]) -> String {
    let (same, different): (Vec<&Case>, Vec<&Case>) = cases.iter().partition(|case| case.differs.is_empty());
    let mut text = format!("\n### The same, byte for byte: {} of {} cases\n\n", same.len(), cases.len());
    for case in same {
        let _ = writeln!(text, "* {} (`{}`)", case.title, case.name);
    }
    text.push_str("\n### Different\n\n| case | what differs | why |\n|---|---|---|\n");
    for case in different {
        let what: Vec<String> = case.differs.iter().map(|difference| format!("`{difference}`")).collect();
        let _ = writeln!(text, "| {} (`{}`) | {} | {} |", case.title, case.name, what.join("<br>"), case.because);
    }
    text.push('\n');
    text
}

#[expect(clippy::disallowed_methods, reason = "a generated document is written here")]
fn save(page: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(page, text).with_context(|| format!("cannot write {}", page.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_stand_between_the_marks() {
        let one = Case::parse("one", "title: First").unwrap();
        let two = Case::parse("two", "title: Second\ndiffers: a: layout\nbecause: it is so\n").unwrap();
        let page = with_cases(&format!("Head\n{BEGIN}old\n{END}Tail\n"), &[one, two]).unwrap();
        assert!(page.starts_with("Head\n") && page.ends_with("Tail\n") && !page.contains("old"), "{page}");
        assert!(page.contains("1 of 2 cases\n\n* First (`one`)\n"), "{page}");
        assert!(page.contains("| Second (`two`) | `a: layout` | it is so |\n"), "{page}");
        assert!(with_cases("Head\n", &[]).is_none());
    }
}
