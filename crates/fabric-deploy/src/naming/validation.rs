//! Names held against the standards.

use super::standards::Standards;
use super::suggestion::suggest;
use crate::desired::ItemKey;
use crate::diagnostic::{Diagnostic, Diagnostics, Place, Severity};

/// Why a name does not conform.
pub(super) struct Deviation {
    pub(super) code: &'static str,
    pub(super) message: String,
    pub(super) examples: Vec<String>,
}

/// Every name that does not conform, at the place where the item is described.
///
/// Deviations are errors where the standards are strict and warnings otherwise (or nothing, if the file turns
/// `warn_on_deviation` off). A type that the standards do not list is a deviation like any other. `environment` is
/// where the items go; a suffix in a name must not name another one.
pub fn validate<'a>(
    standards: &Standards,
    environment: &str,
    items: impl IntoIterator<Item = (&'a ItemKey, Place)>,
) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for (key, place) in items {
        for deviation in deviations(standards, environment, key) {
            let exempt = standards.allows_legacy_names && deviation.code == "name-pattern";
            let severity = if standards.strict && !exempt { Severity::Error } else { Severity::Warning };
            if severity == Severity::Warning && !standards.warns {
                continue;
            }
            let mut finding = Diagnostic::error(deviation.code, deviation.message).at(place.clone());
            finding.severity = severity;
            finding.remedy = remedy(standards, environment, key, deviation.code, &deviation.examples);
            finding.on_record = standards.records.then(|| key.clone());
            diagnostics.push(finding);
        }
    }
    diagnostics
}

fn remedy(standards: &Standards, environment: &str, key: &ItemKey, code: &str, examples: &[String]) -> Option<String> {
    if code == "no-naming-rule" {
        let file = standards.file.display();
        return Some(format!("add `item_types.{}` to {file}, or set `strict_mode: false`", key.item_type));
    }
    if !standards.suggests {
        return None;
    }
    if let Some(name) = suggest(standards, environment, key) {
        return Some(format!("call it `{name}`"));
    }
    let examples: Vec<_> = examples.iter().take(3).map(|example| format!("`{example}`")).collect();
    (!examples.is_empty()).then(|| format!("choose a name like {}", examples.join(", ")))
}

/// What is wrong with one name.
pub(super) fn deviations(standards: &Standards, environment: &str, key: &ItemKey) -> Vec<Deviation> {
    let ItemKey { item_type, name } = key;
    let shown = name.escape_debug();
    let mut found = Vec::new();
    let mut add = |code, message: String, examples: &[String]| {
        found.push(Deviation { code, message, examples: examples.to_vec() });
    };
    if name.trim().is_empty() {
        add("empty-name", format!("a {item_type} has no name"), &[]);
        return found;
    }
    let rule = standards.types.get(item_type);
    if rule.is_none() {
        let message = format!("the naming standards say nothing about the type `{item_type}` of `{shown}`");
        add("no-naming-rule", message, &[]);
    }

    let global = &standards.global;
    let length = name.chars().count();
    if length > global.max_length {
        add("name-too-long", format!("`{shown}` has {length} characters, {} are allowed", global.max_length), &[]);
    }
    if let Some((class, allowed)) = &global.allowed
        && !allowed.is_match(name)
    {
        add("name-characters", format!("`{shown}` has characters other than `{class}`"), &[]);
    }
    if global.refuses_leading_digit && name.starts_with(char::is_numeric) {
        add("name-leading-digit", format!("`{shown}` begins with a digit"), &[]);
    }
    if global.refuses_leading_special && name.starts_with(['_', '-']) {
        add("name-leading-special", format!("`{shown}` begins with `_` or `-`"), &[]);
    }
    if global.reserved_words.iter().any(|word| word.to_lowercase() == name.to_lowercase()) {
        add("reserved-name", format!("`{shown}` is a reserved word"), &[]);
    }

    let mut base = name.as_str();
    if let Some(suffixes) = &standards.suffixes {
        match name.rsplit_once("--") {
            Some((before, suffix)) if suffixes.pattern.is_match(name) => {
                base = before;
                if !suffix.eq_ignore_ascii_case(environment) {
                    let message = format!("`{shown}` is deployed to `{environment}`, but is named for `{suffix}`");
                    add("environment-suffix", message, &suffixes.examples);
                }
            }
            _ => {
                let message = format!("`{shown}` does not end as `{}` demands", suffixes.written);
                add("environment-suffix", message, &suffixes.examples);
            }
        }
    }
    if let Some(tickets) = &standards.tickets
        && tickets.begins.is_match(base)
    {
        if !tickets.pattern.is_match(base) {
            let message = format!("`{shown}` begins with a ticket, but does not match `{}`", tickets.written);
            add("ticket-pattern", message, &tickets.examples);
        }
    } else if let Some(rule) = rule
        && !rule.pattern.is_match(base)
    {
        let place = &rule.place;
        let message = format!("the {item_type} `{shown}` does not match `{}` ({place})", rule.written);
        add("name-pattern", message, &rule.examples);
    }
    found
}
