//! Patterns that match whole names.

use regex::{Regex, RegexBuilder};

use crate::diagnostic::Diagnostic;
use crate::document::{Located, Reader};

/// `pattern`, made to match from a name's first character to its last: a line feed at the end is a character too.
pub(super) fn whole_name(reader: &Reader<'_>, pattern: &Located<String>, case_sensitive: bool) -> Option<Regex> {
    compile(reader, &format!(r"\A(?:{})\z", pattern.value), case_sensitive, pattern)
}

/// One or more of the characters that a class such as `A-Za-z0-9_-` lists.
pub(super) fn only_characters(reader: &Reader<'_>, class: &Located<String>) -> Option<Regex> {
    compile(reader, &format!(r"\A[{}]+\z", class.value), true, class)
}

/// The expression, or none after its finding is reported.
fn compile(reader: &Reader<'_>, expression: &str, case_sensitive: bool, written: &Located<String>) -> Option<Regex> {
    // The written form first: closing brackets of its own must not pair with those that are put around it.
    let alone = RegexBuilder::new(&written.value).size_limit(1 << 20).build();
    let whole = RegexBuilder::new(expression).size_limit(1 << 20).case_insensitive(!case_sensitive).build();
    let error = match alone.and(whole) {
        Ok(regex) => return Some(regex),
        Err(error) => error.to_string(),
    };
    let reason = error.lines().last().unwrap_or_default().trim_start_matches("error: ");
    let message = format!("`{}` is not a pattern that can be used: {reason}", written.value);
    reader.report(
        Diagnostic::error("naming-pattern", message)
            .at(written.place.clone())
            .remedy("write a regular expression without look-around and without back-references"),
    );
    None
}
