//! Rules for source files that clippy does not know.

use std::collections::BTreeSet;

use super::MAX_LINES;
use super::finding::Finding;
use super::lexer::Line;
use super::tree::File;

/// What a runtime is built with whose clock stands still: tests that share it need not say so again.
const PAUSED_RUNTIME: &str = "start_paused(true)";

/// The folders in which a file builds such a runtime for the tests beside it.
pub(crate) fn paused_folders(files: &[File]) -> BTreeSet<&str> {
    files.iter().filter(|file| file.text.contains(PAUSED_RUNTIME)).filter_map(folder).collect()
}

fn folder(file: &File) -> Option<&str> {
    Some(file.path.rsplit_once('/')?.0)
}

/// Checks one source file.
pub(crate) fn check(file: &File, lines: &[Line], paused: &BTreeSet<&str>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut report = |line: usize, rule, message: String| findings.push(Finding::new(&file.path, line, rule, message));
    if lines.len() > MAX_LINES {
        report(0, "file-length", format!("{} lines, more than {MAX_LINES}: a room with two jobs?", lines.len()));
    }
    if !has_module_docs(&file.text) {
        report(1, "module-docs", "the file does not start with a `//!` line that says its one job".to_owned());
    }
    let clock_is_paused = folder(file).is_some_and(|folder| paused.contains(folder))
        || lines.iter().any(|line| line.code.contains("start_paused = true") || line.code.contains("time::pause("));
    for (index, line) in lines.iter().enumerate() {
        let number = index + 1;
        if line.code.contains("#[ignore") {
            report(number, "ignored-test", "an ignored test tells nothing: make it run or remove it".to_owned());
        }
        if line.test && sleeps(&line.code, clock_is_paused) {
            report(
                number,
                "sleep-in-test",
                "a test waits for a condition or a paused clock, never for time".to_owned(),
            );
        }
        if !line.test && lifts_a_lint(&line.code) && !gives_reason(lines, index) {
            report(number, "lint-without-reason", "say why: `reason = \"…\"`".to_owned());
        }
    }
    findings
}

/// Inner attributes may stand above the documentation; a crate's README may be its documentation.
fn has_module_docs(text: &str) -> bool {
    let mut in_attribute = false;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if line.starts_with("#![doc = include_str!(") {
            return true;
        }
        if in_attribute || line.starts_with("#![") {
            in_attribute = !line.ends_with(']');
            continue;
        }
        return line.starts_with("//!") && line.len() > 3;
    }
    false
}

fn sleeps(code: &str, clock_is_paused: bool) -> bool {
    if code.contains("thread::sleep(") {
        return true;
    }
    !clock_is_paused && (code.contains("time::sleep(") || starts_call(code, "sleep("))
}

/// Whether a bare function of this name is called, not a method or a longer name.
fn starts_call(code: &str, call: &str) -> bool {
    code.match_indices(call).any(|(at, _)| {
        let before = code.get(..at).unwrap_or_default();
        let last = before.chars().last();
        !last.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | ':')) && !before.ends_with("fn ")
    })
}

fn lifts_a_lint(code: &str) -> bool {
    ["#[allow(", "#![allow(", "#[expect(", "#![expect("].iter().any(|start| code.contains(start))
}

/// Whether the attribute that begins on this line names a reason before it ends.
fn gives_reason(lines: &[Line], start: usize) -> bool {
    for line in lines.iter().skip(start) {
        if line.code.contains("reason =") {
            return true;
        }
        if line.code.trim_end().ends_with(']') {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::lexer::lex;

    fn rules(path: &str, text: &str) -> Vec<(usize, &'static str)> {
        let file = File::new(path, text);
        check(&file, &lex(text, file.is_test()), &BTreeSet::new())
            .iter()
            .map(|finding| (finding.line, finding.rule))
            .collect()
    }

    #[test]
    fn a_long_file_is_found() {
        let text = format!("//! Long.\n{}", "fn a() {}\n".repeat(MAX_LINES));
        assert_eq!(rules("a.rs", &text), [(0, "file-length")]);
        assert!(rules("a.rs", text.strip_suffix("fn a() {}\n").unwrap()).is_empty());
    }

    #[test]
    fn missing_module_docs_are_found() {
        assert_eq!(rules("a.rs", "fn a() {}\n"), [(1, "module-docs")]);
        assert_eq!(rules("a.rs", "//!\nfn a() {}\n"), [(1, "module-docs")]);
        assert_eq!(rules("a.rs", ""), [(1, "module-docs")]);
        assert!(rules("a.rs", "#![forbid(unsafe_code)]\n\n//! One job.\n").is_empty());
        assert!(rules("a.rs", "#![doc = include_str!(\"../README.md\")]\n\nmod a;\n").is_empty());
    }

    #[test]
    fn an_ignored_test_is_found() {
        assert_eq!(rules("tests/a.rs", "//! T.\n#[test]\n#[ignore = \"slow\"]\nfn a() {}\n"), [(3, "ignored-test")]);
    }

    #[test]
    fn sleep_in_a_test_is_found() {
        assert_eq!(rules("tests/a.rs", "//! T.\nfn a() { std::thread::sleep(d); }\n"), [(2, "sleep-in-test")]);
        assert_eq!(rules("tests/a.rs", "//! T.\nasync fn a() { sleep(d).await; }\n"), [(2, "sleep-in-test")]);
        assert!(rules("src/a.rs", "//! T.\nfn a() { clock.sleep(d); }\n").is_empty());
        let paused = "//! T.\n#[tokio::test(start_paused = true)]\nasync fn a() { tokio::time::sleep(d).await; }\n";
        assert!(rules("tests/a.rs", paused).is_empty());
    }

    #[test]
    fn a_paused_runtime_is_paused_for_the_files_beside_it() {
        let runtime = File::new("tests/a/runtime.rs", "//! T.\nfn b() { Builder::new().start_paused(true); }\n");
        let found = |path: &str| {
            let file = File::new(path, "//! T.\nasync fn a() { tokio::time::sleep(d).await; }\n");
            check(&file, &lex(&file.text, true), &paused_folders(std::slice::from_ref(&runtime))).len()
        };
        assert_eq!((found("tests/a/user.rs"), found("tests/b/stranger.rs")), (0, 1));
    }

    #[test]
    fn a_lifted_lint_needs_a_reason() {
        assert_eq!(rules("src/a.rs", "//! A.\n#[allow(dead_code)]\nfn a() {}\n"), [(2, "lint-without-reason")]);
        assert!(rules("src/a.rs", "//! A.\n#[expect(\n    dead_code,\n    reason = \"b\"\n)]\nfn a() {}\n").is_empty());
        assert!(rules("tests/a.rs", "//! A.\n#![allow(missing_docs)]\n").is_empty());
    }
}
