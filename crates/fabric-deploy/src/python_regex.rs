//! Regular expressions as Python's `re` reads them: the files that fabric-cicd's users have are written for it.
//!
//! What both syntaxes have is matched in linear time. Look-around and back-references are left to an engine that tries,
//! and gives up where trying takes too long.

use std::ops::Range;

use regex::{Regex, RegexBuilder};

/// A compiled expression.
#[derive(Debug, Clone)]
pub(crate) enum PythonRegex {
    Linear(Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

/// Matching takes more steps than any expression that is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooSlow;

impl PythonRegex {
    /// Compiles `pattern`; what is wrong with it otherwise.
    pub(crate) fn new(pattern: &str, ignore_case: bool) -> Result<Self, String> {
        let translated = translate(pattern);
        let error = match RegexBuilder::new(&translated).case_insensitive(ignore_case).build() {
            Ok(regex) => return Ok(Self::Linear(regex)),
            Err(error) => error,
        };
        let backtracking = fancy_regex::RegexBuilder::new(&translated).case_insensitive(ignore_case).build();
        // Where neither engine takes it, the first one says in plainer words why.
        backtracking.map(|regex| Self::Backtracking(Box::new(regex))).map_err(|_| last_line(&error))
    }

    /// How many capturing groups it has.
    pub(crate) fn groups(&self) -> usize {
        match self {
            Self::Linear(regex) => regex.captures_len() - 1,
            Self::Backtracking(regex) => regex.captures_len() - 1,
        }
    }

    /// Where the first group of every match is; `None` where it took no part in a match.
    pub(crate) fn first_groups(&self, text: &str) -> Result<Vec<Option<Range<usize>>>, TooSlow> {
        match self {
            Self::Linear(regex) => {
                Ok(regex.captures_iter(text).map(|found| found.get(1).map(|group| group.range())).collect())
            }
            Self::Backtracking(regex) => regex
                .captures_iter(text)
                .map(|found| found.map(|found| found.get(1).map(|group| group.range())).map_err(|_| TooSlow))
                .collect(),
        }
    }

    /// Whether it matches somewhere in `text`.
    pub(crate) fn is_match(&self, text: &str) -> Result<bool, TooSlow> {
        match self {
            Self::Linear(regex) => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => regex.is_match(text).map_err(|_| TooSlow),
        }
    }
}

/// The parser draws the text and a marker over several lines and says what is wrong on the last.
fn last_line(error: &regex::Error) -> String {
    let text = error.to_string();
    text.lines().last().map(|line| line.trim_start_matches("error: ").to_owned()).unwrap_or_default()
}

/// `pattern` with what Python reads otherwise written as the engines read it.
fn translate(pattern: &str) -> String {
    let by_line = has_inline_flag(pattern, 'm');
    let mut translated = String::with_capacity(pattern.len() + 8);
    let mut rest = pattern;
    let mut in_class = false;
    while let Some(character) = rest.chars().next() {
        let after = rest.get(character.len_utf8()..).unwrap_or_default();
        rest = after;
        match character {
            '\\' => {
                let Some(escaped) = after.chars().next() else {
                    translated.push('\\');
                    break;
                };
                rest = after.get(escaped.len_utf8()..).unwrap_or_default();
                match escaped {
                    'Z' => translated.push_str(r"\z"),
                    // Python's escapes of these mean themselves, the engines' are ends of words.
                    '<' | '>' => translated.push(escaped),
                    _ => translated.extend(['\\', escaped]),
                }
            }
            '[' if !in_class => {
                in_class = true;
                translated.push('[');
                for first in ['^', ']'] {
                    if let Some(after) = rest.strip_prefix(first) {
                        translated.extend((first == ']').then_some('\\'));
                        translated.push(first);
                        rest = after;
                    }
                }
            }
            // Classes do not nest in Python, and have no operators.
            '[' | '&' | '~' if in_class => translated.extend(['\\', character]),
            ']' if in_class => {
                in_class = false;
                translated.push(']');
            }
            '$' if !in_class && !by_line => translated.push_str(r"(?=\n?\z)"),
            '{' if !in_class => match repetition(after) {
                Some((bounds, after)) => {
                    translated.push_str(&bounds);
                    rest = after;
                }
                None => translated.push_str(r"\{"),
            },
            other => translated.push(other),
        }
    }
    translated
}

/// The bounds of a repetition whose `{` was just read, with what follows; `None` where the brace stands for itself.
fn repetition(after: &str) -> Option<(String, &str)> {
    let (inside, rest) = after.split_once('}')?;
    let (least, most) = inside.split_once(',').map_or((inside, None), |(least, most)| (least, Some(most)));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if inside.is_empty() || !is_number(least) || !most.is_none_or(is_number) {
        return None;
    }
    let least = if least.is_empty() { "0" } else { least };
    Some((most.map_or(format!("{{{least}}}"), |most| format!("{{{least},{most}}}")), rest))
}

/// Whether a group such as `(?im)` turns this flag on.
fn has_inline_flag(pattern: &str, flag: char) -> bool {
    pattern.split("(?").skip(1).any(|group| {
        let flags = group.split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or_default();
        flags.contains(flag) && !group.starts_with('P')
    })
}

#[cfg(test)]
mod tests {
    use super::{PythonRegex, TooSlow, translate};

    /// The texts of the first group of every match.
    fn groups<'t>(pattern: &str, text: &'t str) -> Vec<&'t str> {
        let regex = PythonRegex::new(pattern, false).unwrap_or_else(|error| panic!("{pattern}: {error}"));
        regex.first_groups(text).unwrap().into_iter().flatten().map(|range| &text[range]).collect()
    }

    /// Each as Python 3.11 finds it: `[found.group(1) for found in re.finditer(pattern, text)]`.
    #[test]
    fn what_python_finds_is_found() {
        for (pattern, text, expected) in [
            (r#"(?<=id=")([^"]+)"#, r#"id="a" name="b" id="c""#, vec!["a", "c"]),
            (r"(a)(?!b)", "ab ac", vec!["a"]),
            (r"(\w)\1", "aab cc", vec!["a", "c"]),
            (r"(?P<quote>['\x22])x(?P=quote)", "'x' \"x'", vec!["'"]),
            (r"(b)$", "b\nb\n", vec!["b"]),
            (r"(?m)(b)$", "b\nb\n", vec!["b", "b"]),
            (r"(b$)", "b\n", vec!["b"]),
            (r"(b)\Z", "b\n", vec![]),
            (r"\<(\w+)\>", "<tag> tag", vec!["tag"]),
            (r#"{"id": "(\d+)"}"#, r#"{"id": "12"}"#, vec!["12"]),
            (r"(a{2})b{,1}", "aaaab", vec!["aa", "aa"]),
            (r"([[a&&])", "[b&", vec!["[", "&"]),
            (r"([]x]+)", "a]x[", vec!["]x"]),
            (r"([^]]+)]", "ab]", vec!["ab"]),
            (r"cost \$(\d+)", "cost $5", vec!["5"]),
        ] {
            assert_eq!(groups(pattern, text), expected, "{pattern}");
        }
    }

    #[test]
    fn what_both_syntaxes_have_stays_as_it_is() {
        for pattern in [r"server\s*=\s*\x22([^\x22]+)\x22", r"(?i)(a|b){1,3}?", r"[\w.-]+@(\w+)", "é(ü)", r"a\{(b)\}"]
        {
            assert_eq!(translate(pattern), pattern);
            assert!(matches!(PythonRegex::new(pattern, false), Ok(PythonRegex::Linear(_))), "{pattern}");
        }
    }

    #[test]
    fn what_takes_too_long_is_given_up() {
        let regex = PythonRegex::new(r"^(?:(a)\1?)+c", false).unwrap();
        let text = format!("{}bc", "a".repeat(64));
        assert_eq!(regex.first_groups(&text), Err(TooSlow));
        assert_eq!(regex.is_match(&text), Err(TooSlow));
    }

    #[test]
    fn what_neither_engine_takes_is_said_in_plain_words() {
        assert_eq!(PythonRegex::new("(", false).unwrap_err(), "unclosed group");
    }
}
