//! What comments and documents say.

use super::finding::Finding;
use super::lexer::Line;
use super::tree::File;

/// Notes to oneself: do it, or write an issue.
const MARKERS: [&str; 4] = ["TODO", "FIXME", "XXX", "HACK"];

/// Phrases that belittle the reader's question or praise instead of saying what is so.
const PHRASES: [&str; 8] =
    ["simply", "just works", "obviously", "needless to say", "blazing", "seamless", "best-in-class", "world-class"];

/// Checks the comments of a source file.
pub(crate) fn check_comments(file: &File, lines: &[Line]) -> Vec<Finding> {
    (1..).zip(lines).flat_map(|(number, line)| check_line(&file.path, number, &line.comment)).collect()
}

/// Checks a document, code blocks left out.
pub(crate) fn check_markdown(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in outside_code_blocks(&file.text) {
        let without_code: String = line.split('`').step_by(2).collect::<Vec<_>>().join(" ");
        findings.extend(check_line(&file.path, number, &without_code));
    }
    findings
}

/// The numbered lines of a document that are not in a fenced code block.
pub(crate) fn outside_code_blocks(text: &str) -> Vec<(usize, &str)> {
    let mut inside = false;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim_start().starts_with("```") {
            inside = !inside;
        } else if !inside {
            lines.push((number, line));
        }
    }
    lines
}

fn check_line(path: &str, number: usize, text: &str) -> Vec<Finding> {
    let markers = MARKERS
        .into_iter()
        .filter(|marker| has_word(text, marker))
        .map(|marker| Finding::new(path, number, "marker", format!("`{marker}`: do it, or leave it out")));
    let lower = text.to_lowercase();
    let phrases = PHRASES
        .into_iter()
        .filter(|phrase| has_word(&lower, phrase))
        .map(|phrase| Finding::new(path, number, "phrase", format!("`{phrase}`: say what is so")));
    markers.chain(phrases).collect()
}

fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let before = text.get(..at).and_then(|text| text.chars().last());
        let after = text.get(at + word.len()..).and_then(|text| text.chars().next());
        !before.is_some_and(char::is_alphanumeric) && !after.is_some_and(char::is_alphanumeric)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::lexer::lex;

    fn in_comments(text: &str) -> Vec<(usize, &'static str)> {
        check_comments(&File::new("a.rs", text), &lex(text, false)).iter().map(|f| (f.line, f.rule)).collect()
    }

    #[test]
    fn markers_are_found_in_comments_only() {
        let word = MARKERS[0];
        assert_eq!(in_comments(&format!("//! A.\n// {word}: later\n")), [(2, "marker")]);
        assert!(in_comments(&format!("let a = \"{word}\";\n")).is_empty());
        assert!(in_comments("// a PROXXXY\n").is_empty());
    }

    #[test]
    fn phrases_are_found_outside_of_code() {
        let phrase = PHRASES[0];
        assert_eq!(in_comments(&format!("/// You {phrase} call it.\n")), [(1, "phrase")]);
        let text = format!("It {phrase} runs.\n`{phrase}`\n```\n{phrase}\n```\n");
        let found: Vec<_> = check_markdown(&File::new("a.md", &text)).iter().map(|f| (f.line, f.rule)).collect();
        assert_eq!(found, [(1, "phrase")]);
    }
}
