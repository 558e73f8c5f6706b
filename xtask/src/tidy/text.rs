//! Rules for every text file: white space, and no path of anybody's machine.

use super::finding::Finding;
use super::tree::{File, Kind};

/// Roots of paths that exist on one machine only. Written in two halves so that this file passes its own check.
const MACHINE_ROOTS: [(&str, Where); 4] = [
    (concat!("/wo", "rk/"), Where::Anywhere),
    (concat!("/ro", "ot/"), Where::Anywhere),
    (concat!("/ho", "me/"), Where::OutsideTests),
    (concat!("/t", "mp/"), Where::OutsideTests),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Anywhere,
    OutsideTests,
}

/// Checks one file.
pub(crate) fn check(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |line: usize, rule, message: String| findings.push(Finding::new(&file.path, line, rule, message));
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        report(file.text.lines().count(), "final-newline", "the last line has no line end".to_owned());
    }
    let tests = test_lines(file);
    for (number, line) in (1..).zip(file.text.lines()) {
        if line.ends_with([' ', '\t', '\r']) {
            report(number, "trailing-space", "white space at the end of the line".to_owned());
        }
        if matches!(file.kind, Kind::Rust | Kind::Markdown) && line.contains('\t') {
            report(number, "tab", "a tab: indent with spaces, write `\\t` in a string".to_owned());
        }
        let in_test = tests.get(number - 1).copied().unwrap_or_default();
        for (root, place) in MACHINE_ROOTS {
            if (place == Where::Anywhere || !in_test) && starts_a_path(line, root) {
                report(number, "machine-path", format!("`{root}…` is a path of one machine"));
            }
        }
    }
    findings
}

fn test_lines(file: &File) -> Vec<bool> {
    if file.kind == Kind::Rust {
        return super::lexer::lex(&file.text, file.is_test()).iter().map(|line| line.test).collect();
    }
    vec![file.is_test(); file.text.lines().count()]
}

/// Whether a path beginning with `root` stands in the line, and not only a piece of a longer path or address.
fn starts_a_path(line: &str, root: &str) -> bool {
    line.match_indices(root).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().last());
        before
            .is_none_or(|c| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '~' | '/' | '}' | ')' | '>' | '*')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        check(&File::new(path, text)).iter().map(|finding| (finding.line, finding.rule)).collect()
    }

    #[test]
    fn white_space_is_checked() {
        assert_eq!(rules("a.md", "a\nb \n\tc\nd"), [(4, "final-newline"), (2, "trailing-space"), (3, "tab")]);
        assert!(rules("a.yaml", "a: \"\tb\"\n").is_empty());
    }

    #[test]
    fn machine_paths_are_found() {
        let (tmp, work) = (MACHINE_ROOTS[3].0, MACHINE_ROOTS[0].0);
        assert_eq!(rules("docs/a.md", &format!("cat {tmp}plan.json\n")), [(1, "machine-path")]);
        assert!(rules("tests/a/b.rs", &format!("//! In \"{tmp}x\".\n")).is_empty());
        assert_eq!(rules("tests/a/b.rs", &format!("//! In \"{work}x\".\n")), [(1, "machine-path")]);
        assert!(rules("docs/a.md", &format!("https://example.org{tmp}x, target{tmp}x\n")).is_empty());
    }
}
