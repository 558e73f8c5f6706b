//! Typed access to the keys of one mapping.

use std::cell::RefCell;

use super::nearest::nearest;
use super::node::{Entry, Mark, Node};
use super::reader::{Located, Reader};
use crate::diagnostic::{Diagnostic, Place};

/// Reads one mapping by key. It remembers what it was asked for, so that [`MappingReader::finish`] knows every key
/// that the program understands. A key whose value is null counts as absent.
#[must_use = "unknown keys go unnoticed without `finish` or `check_keys`"]
pub struct MappingReader<'r, 'd> {
    reader: &'r Reader<'d>,
    path: String,
    mark: Mark,
    entries: &'d [Entry],
    known: RefCell<Vec<&'static str>>,
}

impl<'r, 'd> MappingReader<'r, 'd> {
    pub(super) fn new(reader: &'r Reader<'d>, path: &str, mark: Mark, entries: &'d [Entry]) -> Self {
        Self { reader, path: path.to_owned(), mark, entries, known: RefCell::default() }
    }

    /// Where the mapping begins.
    pub fn place(&self) -> Place {
        self.reader.place(self.mark)
    }

    /// What the mapping is called in messages, such as `environments.dev`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What `key` of this mapping is called in messages.
    pub(crate) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Every entry, for a mapping whose keys are the user's own, such as names of environments.
    pub fn entries(&self) -> &'d [Entry] {
        self.entries
    }

    /// Declares keys that are understood but read elsewhere or not at all.
    pub fn accept(&self, keys: &[&'static str]) {
        self.known.borrow_mut().extend(keys);
    }

    /// The entry of `key`, null included.
    pub fn entry(&self, key: &'static str) -> Option<&'d Entry> {
        self.accept(&[key]);
        self.entries.iter().find(|entry| entry.key.name == key)
    }

    /// The value of `key`.
    pub fn optional(&self, key: &'static str) -> Option<&'d Node> {
        self.entry(key).map(|entry| &entry.node).filter(|node| !node.is_null())
    }

    /// The value of `key`; its absence is an error.
    pub fn required(&self, key: &'static str) -> Option<&'d Node> {
        let node = self.optional(key);
        if node.is_none() {
            let mark = self.entry(key).map_or(self.mark, |entry| entry.key.mark);
            let message = format!("`{}` is missing", self.path_of(key));
            self.reader.report(Diagnostic::error("missing-key", message).at(self.reader.place(mark)));
        }
        node
    }

    /// Text that may be absent.
    pub(crate) fn optional_string(&self, key: &'static str) -> Option<Located<String>> {
        self.reader.text(self.optional(key)?, &self.path_of(key))
    }

    /// Text that must be there.
    pub fn required_string(&self, key: &'static str) -> Option<Located<String>> {
        self.reader.text(self.required(key)?, &self.path_of(key))
    }

    /// A truth value that may be absent.
    pub fn optional_bool(&self, key: &'static str) -> Option<Located<bool>> {
        self.reader.boolean(self.optional(key)?, &self.path_of(key))
    }

    /// A whole number that may be absent.
    pub fn optional_unsigned(&self, key: &'static str) -> Option<Located<u64>> {
        self.reader.unsigned(self.optional(key)?, &self.path_of(key))
    }

    /// A mapping that may be absent.
    pub(crate) fn optional_mapping(&self, key: &'static str) -> Option<MappingReader<'r, 'd>> {
        self.reader.mapping(self.optional(key)?, &self.path_of(key))
    }

    /// A mapping that must be there.
    pub fn required_mapping(&self, key: &'static str) -> Option<MappingReader<'r, 'd>> {
        self.reader.mapping(self.required(key)?, &self.path_of(key))
    }

    /// A list that may be absent; empty then.
    pub fn sequence(&self, key: &'static str) -> &'d [Node] {
        self.optional(key).and_then(|node| self.reader.sequence(node, &self.path_of(key))).unwrap_or_default()
    }

    /// A list of text, without the values that are not text; those are reported.
    pub fn strings(&self, key: &'static str) -> Vec<Located<String>> {
        let nodes = self.sequence(key).iter().enumerate();
        let path = self.path_of(key);
        nodes.filter_map(|(index, node)| self.reader.text(node, &format!("{path}[{index}]"))).collect()
    }

    /// Reports every key that nobody asked for, with the nearest key that is known.
    pub fn finish(self) {
        let known = self.known.into_inner();
        for entry in self.entries.iter().filter(|entry| !known.contains(&entry.key.name.as_str())) {
            self.reader.report(unknown_key(&entry.key.name, &self.path, &known).at(self.reader.place(entry.key.mark)));
        }
    }
}

/// The finding that the mapping at `path` has no key `name`, with the nearest one that it has.
pub(super) fn unknown_key(name: &str, path: &str, known: &[&str]) -> Diagnostic {
    let subject = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
    let remedy = match nearest(name, known.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            let mut known = known.to_vec();
            known.sort_unstable();
            known.dedup();
            format!("remove it; known keys are `{}`", known.join("`, `"))
        }
    };
    Diagnostic::error("unknown-key", format!("`{name}` is not a key of {subject}")).remedy(remedy)
}
