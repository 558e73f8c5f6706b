//! A JSON or YAML text as a tree of values that know which bytes they come from.
//!
//! Replacing a value means replacing its bytes: everything else in the file, comments and line ends included, stays
//! as it was written.

mod json;
mod yaml;

use std::ops::Range;

use serde::de::IgnoredAny;

/// A value and the bytes that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Byte offsets into the text that was read.
    pub(crate) span: Range<usize>,
    /// The value.
    pub(crate) value: Value,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// The number as it is written.
    Number(String),
    String(String),
    Array(Vec<Node>),
    Object(Vec<Member>),
    /// A YAML alias or a node with a tag of its own, which is never looked into.
    Opaque,
}

/// One member of an object.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Member {
    pub(crate) name: String,
    pub(crate) name_span: Range<usize>,
    pub(crate) value: Node,
}

/// How a file's text is laid out, and therefore how a new value is written into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notation {
    Json,
    Yaml,
}

/// Where JSON is not valid, and why. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) message: String,
}

impl Node {
    /// The member of this name, if this is an object that has it.
    pub(crate) fn member(&self, name: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name == name)
    }

    /// The members, if this is an object.
    pub(crate) fn members(&self) -> &[Member] {
        match &self.value {
            Value::Object(members) => members,
            _ => &[],
        }
    }

    /// The text, if this is a string.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }
}

/// `text` without a leading byte-order mark, and how many bytes that mark has.
pub(crate) fn without_byte_order_mark(text: &str) -> (&str, usize) {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => (rest, text.len() - rest.len()),
        None => (text, 0),
    }
}

/// Whether `text` is JSON. A byte-order mark before it is accepted.
pub(crate) fn check_json(text: &str) -> Result<(), SyntaxError> {
    let (text, _) = without_byte_order_mark(text);
    match serde_json::from_str::<IgnoredAny>(text) {
        Ok(_) => Ok(()),
        Err(error) => {
            let message = error.to_string();
            let message = message.split(" at line ").next().unwrap_or_default().to_owned();
            Err(SyntaxError { line: error.line().max(1), column: error.column().max(1), message })
        }
    }
}

/// Reads `text` as JSON.
pub(crate) fn read_json(text: &str) -> Result<Node, SyntaxError> {
    check_json(text)?;
    let (_, skipped) = without_byte_order_mark(text);
    json::read(text, skipped).ok_or(SyntaxError { line: 1, column: 1, message: "nested too deeply".to_owned() })
}

/// Reads `text` as one YAML document; `None` if it is not one.
pub(crate) fn read_yaml(text: &str) -> Option<Node> {
    yaml::read(text)
}
