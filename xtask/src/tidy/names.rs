//! Names of modules and types say what a thing is.

use super::finding::Finding;
use super::lexer::Line;
use super::tree::File;

/// Words that name nothing.
const VAGUE: [&str; 7] = ["manager", "helper", "helpers", "util", "utils", "misc", "stuff"];

/// Checks the file's own name and every name it gives.
pub(crate) fn check(file: &File, lines: &[Line]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in file.path.trim_end_matches(".rs").split('/') {
        findings.extend(vague(name).map(|word| finding(file, 0, name, word)));
    }
    for (number, line) in (1..).zip(lines) {
        for name in declared(&line.code) {
            findings.extend(vague(name).map(|word| finding(file, number, name, word)));
        }
    }
    findings
}

fn finding(file: &File, line: usize, name: &str, word: &str) -> Finding {
    let message = format!("`{name}`: `{word}` does not say what it is: name the thing or the job");
    Finding::new(&file.path, line, "vague-name", message)
}

/// Names of modules and types declared on this line.
fn declared(code: &str) -> Vec<&str> {
    let words: Vec<&str> =
        code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty()).collect();
    words
        .iter()
        .zip(words.iter().skip(1))
        .filter(|(keyword, _)| matches!(**keyword, "mod" | "struct" | "enum" | "trait" | "type" | "union"))
        .map(|(_, name)| *name)
        .collect()
}

fn vague(name: &str) -> Option<&'static str> {
    let words = words(name);
    VAGUE.into_iter().find(|vague| words.iter().any(|word| word == vague))
}

/// The words of a `snake_case`, `kebab-case` or `CamelCase` name, in lower case.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in name.chars() {
        if matches!(c, '_' | '-' | '.') || c.is_uppercase() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (c.is_alphanumeric(), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::lexer::lex;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&File::new(path, text), &lex(text, false)).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn vague_modules_and_types_are_found() {
        assert_eq!(found("src/string_utils.rs", ""), [0]);
        assert_eq!(found("src/helpers/a.rs", ""), [0]);
        assert_eq!(found("src/a.rs", "pub(crate) struct TokenManager {\nmod misc;\n"), [1, 2]);
    }

    #[test]
    fn other_names_pass() {
        assert!(found("src/utility_bill.rs", "struct Managed;\nlet manager = 1;\n// struct FooHelper\n").is_empty());
    }
}
