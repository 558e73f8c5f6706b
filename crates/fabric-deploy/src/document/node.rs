//! The tree of a document.

use std::path::Path;

use crate::diagnostic::Place;

/// A position in a file. Both numbers count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mark {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

impl Mark {
    /// This position in `file`.
    pub fn place(self, file: &Path) -> Place {
        Place { file: file.to_owned(), line: Some(self.line), column: Some(self.column) }
    }
}

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its first character.
    pub mark: Mark,
}

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A single value.
    Scalar(Scalar),
    /// Values in order.
    Sequence(Vec<Node>),
    /// Values by key, in the file's order. No key occurs twice.
    Mapping(Vec<Entry>),
}

/// One key of a mapping with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Key,
    /// The value.
    pub node: Node,
}

/// A key and where it begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The key's text. Keys that look like numbers or truth values stay text.
    pub name: String,
    /// Its first character.
    pub mark: Mark,
}

/// A single value: its text as written (after quotes and escapes), and what that text means.
#[derive(Debug, Clone, PartialEq)]
pub struct Scalar {
    /// The text. For `007` this is `007`, whatever its kind.
    pub text: String,
    /// What it means.
    pub kind: ScalarKind,
}

/// What a scalar means.
#[derive(Debug, Clone, PartialEq)]
pub enum ScalarKind {
    /// Nothing: `null`, `~`, or no value at all.
    Null,
    /// A truth value.
    Bool(bool),
    /// A number.
    Number(serde_json::Number),
    /// Text.
    Text,
}

impl Node {
    /// The entries of a mapping.
    pub fn as_mapping(&self) -> Option<&[Entry]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The values of a sequence.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(nodes) => Some(nodes),
            _ => None,
        }
    }

    /// The scalar.
    pub(crate) fn as_scalar(&self) -> Option<&Scalar> {
        match &self.value {
            Value::Scalar(scalar) => Some(scalar),
            _ => None,
        }
    }

    /// The text of a scalar that is text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(Scalar { text, kind: ScalarKind::Text }) => Some(text),
            _ => None,
        }
    }

    /// The value of `key`, where this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.iter().find(|entry| entry.key.name == key).map(|entry| &entry.node)
    }

    /// Whether this is `null` or nothing.
    pub fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar(Scalar { kind: ScalarKind::Null, .. }))
    }

    /// The same value for serde, without positions.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Scalar(scalar) => match &scalar.kind {
                ScalarKind::Null => serde_json::Value::Null,
                ScalarKind::Bool(value) => (*value).into(),
                ScalarKind::Number(number) => number.clone().into(),
                ScalarKind::Text => scalar.text.as_str().into(),
            },
            Value::Sequence(nodes) => nodes.iter().map(Self::to_json).collect(),
            Value::Mapping(entries) => entries
                .iter()
                .map(|entry| (entry.key.name.clone(), entry.node.to_json()))
                .collect::<serde_json::Map<_, _>>()
                .into(),
        }
    }

    /// What this is, in words, for messages. Never longer than a line, and with variables still by name.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Sequence(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
            Value::Scalar(scalar) => match &scalar.kind {
                ScalarKind::Null => "nothing".to_owned(),
                ScalarKind::Bool(_) => format!("the truth value `{}`", scalar.text),
                ScalarKind::Number(_) => format!("the number `{}`", scalar.text),
                ScalarKind::Text => match scalar.text.lines().next() {
                    Some(line) if line.chars().count() <= 80 => format!("the text `{line}`"),
                    _ => "text".to_owned(),
                },
            },
        }
    }

    /// How much memory the value takes, roughly, in bytes.
    pub(super) fn weight(&self) -> usize {
        const NODE: usize = size_of::<Entry>();
        match &self.value {
            Value::Scalar(scalar) => NODE + scalar.text.len(),
            Value::Sequence(nodes) => nodes.iter().fold(NODE, |sum, node| sum.saturating_add(node.weight())),
            Value::Mapping(entries) => entries
                .iter()
                .fold(NODE, |sum, entry| sum.saturating_add(entry.key.name.len()).saturating_add(entry.node.weight())),
        }
    }
}
