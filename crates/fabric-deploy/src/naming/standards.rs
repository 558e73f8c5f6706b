//! The naming standards of one file.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use regex::Regex;

use super::keys::KEYS;
use super::pattern::{only_characters, whole_name};
use crate::diagnostic::{Diagnostics, Place};
use crate::document::{Document, Located, MappingReader, Reader, check_keys};

/// What items may be called.
#[derive(Debug, Clone)]
pub struct Standards {
    pub(super) file: PathBuf,
    pub(super) strict: bool,
    pub(super) warns: bool,
    pub(super) suggests: bool,
    /// Whether names that do not conform go on record.
    pub(super) records: bool,
    pub(super) allows_legacy_names: bool,
    pub(super) global: GlobalRules,
    pub(super) types: BTreeMap<String, TypeRule>,
    pub(super) tickets: Option<TicketRule>,
    pub(super) suffixes: Option<SuffixRule>,
}

/// Rules for every name.
#[derive(Debug, Clone)]
pub(super) struct GlobalRules {
    /// In characters.
    pub(super) max_length: usize,
    pub(super) allowed: Option<(String, Regex)>,
    pub(super) refuses_leading_digit: bool,
    pub(super) refuses_leading_special: bool,
    pub(super) reserved_words: Vec<String>,
}

/// The rule for one item type.
#[derive(Debug, Clone)]
pub(super) struct TypeRule {
    pub(super) pattern: Regex,
    pub(super) written: String,
    pub(super) place: Place,
    pub(super) examples: Vec<String>,
    /// Words to begin with, such as `BRONZE`, the usual one first.
    pub(super) prefixes: Vec<String>,
}

/// The rule for names that begin with a ticket.
#[derive(Debug, Clone)]
pub(super) struct TicketRule {
    /// What tells such a name.
    pub(super) begins: Regex,
    pub(super) pattern: Regex,
    pub(super) written: String,
    pub(super) examples: Vec<String>,
}

/// The rule for the environment at the end of a name.
#[derive(Debug, Clone)]
pub(super) struct SuffixRule {
    pub(super) pattern: Regex,
    pub(super) written: String,
    pub(super) examples: Vec<String>,
}

impl Standards {
    /// Reads the file. There are no standards where it has errors.
    pub fn read(file: &Path) -> (Option<Self>, Diagnostics) {
        let (document, mut diagnostics) = Document::read(file);
        let Some(document) = document else { return (None, diagnostics) };
        let reader = Reader::new(&document);
        check_keys(&reader, &document.root, KEYS, &|_| false);
        let standards = reader.root().and_then(|root| Self::from_root(&reader, &root));
        diagnostics.extend(reader.into_findings());
        (standards.filter(|_| !diagnostics.has_errors()), diagnostics)
    }

    /// The same standards, with deviations as errors (`true`) or as warnings (`false`).
    #[must_use]
    pub fn strict(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    fn from_root(reader: &Reader<'_>, root: &MappingReader<'_, '_>) -> Option<Self> {
        let validation = root.optional_mapping("validation");
        let exemptions = root.optional_mapping("exemptions");
        let rules = root.optional_mapping("global_rules");
        let case_sensitive = flag(rules.as_ref(), "case_sensitive", true);
        Some(Self {
            file: reader.file().to_owned(),
            strict: flag(validation.as_ref(), "strict_mode", true),
            warns: flag(validation.as_ref(), "warn_on_deviation", true),
            suggests: flag(validation.as_ref(), "auto_fix_suggestions", true),
            records: flag(validation.as_ref(), "log_violations", true),
            allows_legacy_names: flag(exemptions.as_ref(), "allow_legacy_names", false),
            global: global_rules(reader, rules.as_ref()),
            types: type_rules(reader, root, case_sensitive)?,
            tickets: root
                .optional_mapping("ticket_based_naming")
                .filter(|section| flag(Some(section), "enabled", false))
                .and_then(|section| ticket_rule(reader, &section, case_sensitive)),
            suffixes: root
                .optional_mapping("environment_suffixes")
                .filter(|section| flag(Some(section), "enabled", false))
                .and_then(|section| suffix_rule(reader, &section, case_sensitive)),
        })
    }
}

fn flag(section: Option<&MappingReader<'_, '_>>, key: &'static str, default: bool) -> bool {
    section.and_then(|section| section.optional_bool(key)).map_or(default, |flag| flag.value)
}

fn texts(section: &MappingReader<'_, '_>, key: &'static str) -> Vec<String> {
    section.strings(key).into_iter().map(|text| text.value).collect()
}

fn global_rules(reader: &Reader<'_>, section: Option<&MappingReader<'_, '_>>) -> GlobalRules {
    let max_length = section.and_then(|section| section.optional_unsigned("max_length"));
    let allowed = section.and_then(|section| section.optional_string("allowed_characters"));
    GlobalRules {
        max_length: max_length.map_or(256, |length| usize::try_from(length.value).unwrap_or(usize::MAX)),
        allowed: allowed.and_then(|class| {
            let regex = only_characters(reader, &class)?;
            Some((class.value, regex))
        }),
        refuses_leading_digit: flag(section, "no_leading_numbers", false),
        refuses_leading_special: flag(section, "no_special_chars_start", true),
        reserved_words: section.map(|section| texts(section, "reserved_words")).unwrap_or_default(),
    }
}

fn type_rules(
    reader: &Reader<'_>,
    root: &MappingReader<'_, '_>,
    case_sensitive: bool,
) -> Option<BTreeMap<String, TypeRule>> {
    let section = root.required_mapping("item_types")?;
    let mut types = BTreeMap::new();
    for entry in section.entries() {
        let Some(rule) = reader.mapping(&entry.node, &section.path_of(&entry.key.name)) else { continue };
        let examples = texts(&rule, "examples");
        let prefixes = rule
            .optional_mapping("recommended_prefixes")
            .map(|prefixes| prefixes.entries().iter().map(|entry| entry.key.name.clone()).collect())
            .unwrap_or_default();
        let Some(written) = rule.required_string("pattern") else { continue };
        if let Some(pattern) = whole_name(reader, &written, case_sensitive) {
            let Located { value: written, place } = written;
            types.insert(entry.key.name.clone(), TypeRule { pattern, written, place, examples, prefixes });
        }
    }
    Some(types)
}

fn ticket_rule(reader: &Reader<'_>, section: &MappingReader<'_, '_>, case_sensitive: bool) -> Option<TicketRule> {
    let written = section.required_string("pattern")?;
    let systems: Vec<_> = texts(section, "ticket_systems").iter().map(|system| regex::escape(system)).collect();
    let systems = if systems.is_empty() { "[A-Z]+".to_owned() } else { systems.join("|") };
    let begins = Regex::new(&format!(r"\A(?:{systems})-[0-9]+_")).ok()?;
    let pattern = whole_name(reader, &written, case_sensitive)?;
    Some(TicketRule { begins, pattern, written: written.value, examples: texts(section, "examples") })
}

fn suffix_rule(reader: &Reader<'_>, section: &MappingReader<'_, '_>, case_sensitive: bool) -> Option<SuffixRule> {
    let written = section.required_string("pattern")?;
    let pattern = whole_name(reader, &written, case_sensitive)?;
    Some(SuffixRule { pattern, written: written.value, examples: texts(section, "examples") })
}
