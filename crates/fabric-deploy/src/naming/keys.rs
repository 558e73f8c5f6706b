//! Every key of `naming_standards.yaml`.

use crate::document::{KeyTable, Treatment::*};

const BEFORE_IDS: &str = "names are checked before anything has an id";
const NO_REPORTS: &str = "reports are not written; the findings are printed by every run";

/// What becomes of each key.
pub(super) const KEYS: &KeyTable = &[
    ("version", Information),
    ("description", Information),
    ("global_rules.max_length", Effect),
    ("global_rules.allowed_characters", Effect),
    ("global_rules.case_sensitive", Effect),
    ("global_rules.no_leading_numbers", Effect),
    ("global_rules.no_special_chars_start", Effect),
    ("global_rules.reserved_words.**", Effect),
    ("item_types.*.pattern", Effect),
    ("item_types.*.examples.**", Effect),
    ("item_types.*.recommended_prefixes.**", Effect),
    ("item_types.*.description", Information),
    ("item_types.*.rules.**", Information),
    ("item_types.*.recommended_sequences.**", Information),
    ("ticket_based_naming.enabled", Effect),
    ("ticket_based_naming.pattern", Effect),
    ("ticket_based_naming.ticket_systems.**", Effect),
    ("ticket_based_naming.examples.**", Effect),
    ("ticket_based_naming.description", Information),
    ("ticket_based_naming.rules.**", Information),
    ("environment_suffixes.enabled", Effect),
    ("environment_suffixes.pattern", Effect),
    ("environment_suffixes.examples.**", Effect),
    ("environment_suffixes.description", Information),
    ("environment_suffixes.note", Information),
    ("validation.strict_mode", Effect),
    ("validation.warn_on_deviation", Effect),
    ("validation.auto_fix_suggestions", Effect),
    ("validation.log_violations", Effect),
    ("exemptions.allow_legacy_names", Effect),
    ("exemptions.exempt_item_ids.**", NoEffect(BEFORE_IDS)),
    ("exemptions.exempt_workspaces.**", NoEffect(BEFORE_IDS)),
    ("reporting.generate_compliance_reports", NotYetUnless(false, NO_REPORTS)),
    ("reporting.report_frequency", Covered),
    ("reporting.report_path", Covered),
];
