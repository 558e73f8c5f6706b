//! The crate as its users see it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, missing_docs)]
// The cases are literals: taking them by reference would only add an ampersand to each.
#![allow(clippy::needless_pass_by_value)]

mod documents;
mod file_damage;
mod file_rules;
#[cfg(feature = "open-feature")]
mod open_feature;
mod properties;
mod resolve;
mod time_window;
mod variants;
mod vectors;

use std::time::{Duration, SystemTime};

use fabric_flags::{Context, FlagFile};
use serde_json::{Value, json};

/// 2026-01-01T00:00:00Z: inside the windows of Microsoft's cases that are open, outside those that are shut.
fn new_year() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600)
}

fn nobody() -> Context {
    Context::at(new_year())
}

fn document(flags: Value) -> String {
    json!({"feature_management": {"feature_flags": flags}}).to_string()
}

fn file(flags: Value) -> FlagFile {
    FlagFile::parse(&document(flags)).unwrap()
}

/// A file with one flag, `F`, that is enabled under `conditions`.
fn conditional(conditions: Value) -> FlagFile {
    file(json!([{"id": "F", "enabled": true, "conditions": conditions}]))
}

/// A file with one flag, `F`, that has one filter.
fn filtered(name: &str, parameters: Value) -> FlagFile {
    conditional(json!({"client_filters": [{"name": name, "parameters": parameters}]}))
}
