//! One entry of a parameter file, read for one environment.

use regex::Regex;
use serde_json::Value;

use super::filter::Filter;
use super::json_path::JsonPath;
use super::token::Tokens;
use super::value::Replacement;
use crate::content::Reference;
use crate::diagnostic::Place;
use crate::python_regex::PythonRegex;

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
    /// Replaces the pool of an environment, if it is this one.
    SparkPool { path: JsonPath, pool: String, value: NewValue },
}

/// What is looked for.
#[derive(Debug)]
pub(crate) enum Find {
    /// This text.
    Literal(String),
    /// This text in upper or lower case.
    AnyCase(Regex),
    /// The only group of this expression.
    Group(PythonRegex),
    /// The value of a reference that is not known, and so is nowhere.
    Unknown(Reference),
}

/// What takes the place of a JSON or YAML value.
#[derive(Debug)]
pub(crate) enum NewValue {
    /// This value.
    Json(Value),
    /// The value of a reference, as a string.
    Reference(Reference),
    /// A value in which secrets stand.
    Tree(Tree),
}

/// A JSON value in which secrets stand.
#[derive(Debug)]
pub(crate) enum Tree {
    Text(Replacement),
    Other(Value),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// The value that stands for this while a part is worked on.
    pub(crate) fn to_json(&self, tokens: &mut Tokens) -> Value {
        match self {
            Self::Text(text) => text.text(tokens).into(),
            Self::Other(value) => value.clone(),
            Self::Array(trees) => trees.iter().map(|tree| tree.to_json(tokens)).collect(),
            Self::Object(members) => {
                let members = members.iter().map(|(name, tree)| (name.clone(), tree.to_json(tokens)));
                Value::Object(members.collect())
            }
        }
    }

    /// Whether `occurs` is true of any text in this.
    pub(crate) fn mentions(&self, occurs: &impl Fn(&str) -> bool) -> bool {
        match self {
            Self::Text(text) => text.mentions(occurs),
            Self::Other(value) => occurs(&value.to_string()),
            Self::Array(trees) => trees.iter().any(|tree| tree.mentions(occurs)),
            Self::Object(members) => members.iter().any(|(name, tree)| occurs(name) || tree.mentions(occurs)),
        }
    }
}
