//! One entry of a parameter file, read for one environment.

use regex::Regex;

use super::filter::Filter;
use super::json_path::JsonPath;
use super::value::Replacement;
use crate::content::Reference;
use crate::diagnostic::Place;

/// What to replace, by what, and in which files.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) place: Place,
    pub(crate) filter: Filter,
    pub(crate) action: Action,
}

/// What an entry does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Replaces text.
    FindReplace { find: Find, replacement: Replacement },
    /// Replaces values of JSON and YAML files.
    KeyValueReplace { path: JsonPath, value: NewValue },
}

/// What is looked for.
#[derive(Debug)]
pub(crate) enum Find {
    /// This text.
    Literal(String),
    /// This text in upper or lower case.
    AnyCase(Regex),
    /// The only group of this expression.
    Group(Regex),
}

/// What takes the place of a JSON or YAML value.
#[derive(Debug)]
pub(crate) enum NewValue {
    /// This value.
    Json(serde_json::Value),
    /// The value of a reference, as a string.
    Reference(Reference),
}
