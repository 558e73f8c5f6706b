//! A JSON document as a tree.
//!
//! serde_json decides first what is JSON and says where it is not. The walk that follows only finds positions, and may
//! rely on every bracket, comma and quotation mark being there.

use std::collections::HashMap;
use std::path::Path;

use super::node::{Entry, Key, Mark, Node, Scalar, ScalarKind, Value};
use super::{MAX_DEPTH, duplicate_key, too_large};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The value of `text`.
pub(super) fn parse(text: &str, file: &Path, diagnostics: &mut Diagnostics) -> Option<Node> {
    if let Err(error) = serde_json::from_str::<serde::de::IgnoredAny>(text) {
        let what = error.to_string();
        let what = what.split(" at line ").next().unwrap_or_default();
        let mark = Mark { line: error.line().max(1), column: error.column().max(1) };
        diagnostics
            .push(Diagnostic::error("json-syntax", format!("this is not valid JSON: {what}")).at(mark.place(file)));
        return None;
    }
    Walk { text, file, diagnostics, offset: 0, line: 1, line_start: 0 }.value(0)
}

struct Walk<'a> {
    text: &'a str,
    file: &'a Path,
    diagnostics: &'a mut Diagnostics,
    offset: usize,
    line: usize,
    line_start: usize,
}

impl<'a> Walk<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.offset).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek().filter(|byte| byte.is_ascii_whitespace()) {
            self.offset += 1;
            if byte == b'\n' {
                self.line += 1;
                self.line_start = self.offset;
            }
        }
    }

    /// Steps over `byte` if it comes next.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let found = self.peek() == Some(byte);
        self.offset += usize::from(found);
        found
    }

    fn mark(&self) -> Mark {
        let before = self.text.get(self.line_start..self.offset).unwrap_or_default();
        Mark { line: self.line, column: before.chars().count() + 1 }
    }

    fn value(&mut self, depth: usize) -> Option<Node> {
        self.skip_blanks();
        let mark = self.mark();
        if depth > MAX_DEPTH {
            self.diagnostics.push(too_large(self.file, mark));
            return None;
        }
        let value = match self.peek()? {
            b'{' => Value::Mapping(self.mapping(depth)?),
            b'[' => Value::Sequence(self.sequence(depth)?),
            b'"' => Value::Scalar(Scalar { text: self.string()?, kind: ScalarKind::Text }),
            _ => Value::Scalar(self.word()?),
        };
        Some(Node { value, mark })
    }

    fn mapping(&mut self, depth: usize) -> Option<Vec<Entry>> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = HashMap::new();
        self.take(b'{');
        while !self.take(b'}') {
            let key = Key { mark: self.mark(), name: self.string()? };
            self.take(b':');
            let node = self.value(depth + 1)?;
            self.take(b',');
            if let Some(first) = seen.get(&key.name) {
                self.diagnostics.push(duplicate_key(self.file, &key, *first));
            } else {
                seen.insert(key.name.clone(), key.mark);
                entries.push(Entry { key, node });
            }
        }
        Some(entries)
    }

    fn sequence(&mut self, depth: usize) -> Option<Vec<Node>> {
        let mut nodes = Vec::new();
        self.take(b'[');
        while !self.take(b']') {
            nodes.push(self.value(depth + 1)?);
            self.take(b',');
        }
        Some(nodes)
    }

    fn string(&mut self) -> Option<String> {
        let start = self.offset;
        let mut escaped = false;
        let rest = self.text.as_bytes().get(start + 1..)?;
        let length = rest.iter().position(|byte| {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            ends
        })?;
        self.offset = start + length + 2;
        serde_json::from_str(self.text.get(start..self.offset)?).ok()
    }

    fn word(&mut self) -> Option<Scalar> {
        let start = self.offset;
        while self.peek().is_some_and(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)) {
            self.offset += 1;
        }
        let text = self.text.get(start..self.offset)?;
        let kind = match serde_json::from_str::<serde_json::Value>(text).ok()? {
            serde_json::Value::Bool(value) => ScalarKind::Bool(value),
            serde_json::Value::Number(number) => ScalarKind::Number(number),
            _ => ScalarKind::Null,
        };
        Some(Scalar { text: text.to_owned(), kind })
    }
}
