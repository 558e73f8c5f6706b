//! A YAML document as a tree, from the parser's events.

use std::collections::HashMap;
use std::path::Path;

use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag, options};

use super::node::{Entry, Key, Mark, Node, Scalar, ScalarKind, Value};
use super::{MAX_DEPTH, MAX_WEIGHT, duplicate_key, scalar, too_large};
use crate::diagnostic::{Diagnostic, Diagnostics};

/// The one document of `text`. An empty document is null.
pub(super) fn parse(text: &str, file: &Path, diagnostics: &mut Diagnostics) -> Option<Node> {
    let options = options! {
        emit_comments: false,
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    let mut tree = Tree { file, diagnostics, open: Vec::new(), anchors: HashMap::new(), root: None, weight: 0 };
    let mut documents = 0;
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let message = format!("this is not valid YAML: {}", error.info());
                tree.diagnostics.push(Diagnostic::error("yaml-syntax", message).at(mark(error.marker()).place(file)));
                return None;
            }
        };
        let here = mark(&span.start);
        match event {
            Event::DocumentStart(..) => {
                documents += 1;
                if documents > 1 {
                    let finding = Diagnostic::error("yaml-several-documents", "a second YAML document begins here");
                    tree.diagnostics.push(finding.at(here.place(file)).remedy("put it into a file of its own"));
                    return None;
                }
            }
            Event::Alias(anchor) => tree.alias(anchor, here)?,
            Event::Scalar(text, style, anchor, tag) => {
                let kind = tree.scalar_kind(&text, style, tag.as_deref(), here);
                let merges = style == ScalarStyle::Plain && text == "<<";
                let node = Node { value: Value::Scalar(Scalar { text: text.into_owned(), kind }), mark: here };
                tree.add(node, anchor, merges)?;
            }
            Event::SequenceStart(_, anchor, tag) => {
                tree.check_collection_tag(tag.as_deref(), "seq", here);
                tree.open(Collection::Sequence(Vec::new()), anchor, here)?;
            }
            Event::MappingStart(_, anchor, tag) => {
                tree.check_collection_tag(tag.as_deref(), "map", here);
                tree.open(Collection::Mapping(Mapping::default()), anchor, here)?;
            }
            Event::SequenceEnd | Event::MappingEnd => tree.close()?,
            _ => {}
        }
    }
    let empty = Scalar { text: String::new(), kind: ScalarKind::Null };
    Some(tree.root.unwrap_or(Node { value: Value::Scalar(empty), mark: Mark { line: 1, column: 1 } }))
}

fn mark(marker: &Marker) -> Mark {
    Mark { line: marker.line(), column: marker.col() + 1 }
}

/// A collection whose end has not been read yet.
struct Open {
    collection: Collection,
    anchor: usize,
    mark: Mark,
}

enum Collection {
    Sequence(Vec<Node>),
    Mapping(Mapping),
}

#[derive(Default)]
struct Mapping {
    entries: Vec<Entry>,
    seen: HashMap<String, Mark>,
    /// A key whose value comes next, and whether it is the merge key `<<`.
    key: Option<(Key, bool)>,
    /// Entries that `<<` brings, for keys that the mapping does not have itself.
    merged: Vec<Entry>,
}

struct Tree<'a> {
    file: &'a Path,
    diagnostics: &'a mut Diagnostics,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
    weight: usize,
}

impl Tree<'_> {
    fn report(&mut self, code: &'static str, message: impl Into<String>, mark: Mark) {
        self.diagnostics.push(Diagnostic::error(code, message).at(mark.place(self.file)));
    }

    fn scalar_kind(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, mark: Mark) -> ScalarKind {
        let Some(tag) = tag else {
            return if style == ScalarStyle::Plain { scalar::resolve(text) } else { ScalarKind::Text };
        };
        let resolved = scalar::resolve(text);
        match (tag.core_suffix(), &resolved) {
            (Some("str"), _) => ScalarKind::Text,
            (None, _) if tag.suffix() == "!" => ScalarKind::Text,
            (Some("null"), ScalarKind::Null)
            | (Some("bool"), ScalarKind::Bool(_))
            | (Some("int" | "float"), ScalarKind::Number(_)) => resolved,
            (Some(_), _) => {
                self.report("yaml-tag", format!("`{text}` does not fit its tag `{}`", tag.original()), mark);
                ScalarKind::Text
            }
            (None, _) => {
                self.report("yaml-tag", format!("the tag `{}` is not supported", tag.original()), mark);
                ScalarKind::Text
            }
        }
    }

    fn check_collection_tag(&mut self, tag: Option<&Tag>, expected: &str, mark: Mark) {
        if let Some(tag) = tag
            && !tag.is_yaml_core_schema_tag(expected)
            && tag.suffix() != "!"
        {
            self.report("yaml-tag", format!("the tag `{}` is not supported here", tag.original()), mark);
        }
    }

    fn open(&mut self, collection: Collection, anchor: usize, mark: Mark) -> Option<()> {
        if self.open.len() >= MAX_DEPTH {
            self.diagnostics.push(too_large(self.file, mark));
            return None;
        }
        self.open.push(Open { collection, anchor, mark });
        Some(())
    }

    fn close(&mut self) -> Option<()> {
        let Open { collection, anchor, mark } = self.open.pop()?;
        let value = match collection {
            Collection::Sequence(nodes) => Value::Sequence(nodes),
            Collection::Mapping(mut mapping) => {
                for entry in mapping.merged {
                    if !mapping.seen.contains_key(&entry.key.name) {
                        mapping.seen.insert(entry.key.name.clone(), entry.key.mark);
                        mapping.entries.push(entry);
                    }
                }
                Value::Mapping(mapping.entries)
            }
        };
        self.add(Node { value, mark }, anchor, false)
    }

    fn alias(&mut self, anchor: usize, mark: Mark) -> Option<()> {
        let Some(node) = self.anchors.get(&anchor) else {
            self.report("yaml-alias", "this alias refers to the value that contains it", mark);
            return None;
        };
        self.weight = self.weight.saturating_add(node.weight());
        if self.weight > MAX_WEIGHT {
            self.diagnostics.push(too_large(self.file, mark));
            return None;
        }
        let node = node.clone();
        self.add(node, 0, false)
    }

    /// Puts a finished node where it belongs: into the collection that is open, or at the root.
    fn add(&mut self, node: Node, anchor: usize, merges: bool) -> Option<()> {
        if anchor != 0 {
            self.weight = self.weight.saturating_add(node.weight());
            if self.weight > MAX_WEIGHT {
                self.diagnostics.push(too_large(self.file, node.mark));
                return None;
            }
            self.anchors.insert(anchor, node.clone());
        }
        let file = self.file;
        let mut finding = None;
        match self.open.last_mut().map(|open| &mut open.collection) {
            None => self.root = Some(node),
            Some(Collection::Sequence(nodes)) => nodes.push(node),
            Some(Collection::Mapping(mapping)) => match mapping.key.take() {
                None => {
                    let name = match &node.value {
                        Value::Scalar(scalar) => scalar.text.clone(),
                        _ => {
                            let message = format!("{} cannot be a key", node.describe());
                            finding = Some(Diagnostic::error("yaml-key", message).at(node.mark.place(file)));
                            String::new()
                        }
                    };
                    mapping.key = Some((Key { name, mark: node.mark }, merges));
                }
                Some((_, true)) => match merged_entries(node) {
                    Ok(entries) => mapping.merged.extend(entries),
                    Err(mark) => {
                        let message = "`<<` takes a mapping or a list of mappings";
                        finding = Some(Diagnostic::error("yaml-merge", message).at(mark.place(file)));
                    }
                },
                Some((key, false)) => match mapping.seen.get(&key.name) {
                    Some(first) => finding = Some(duplicate_key(file, &key, *first)),
                    None => {
                        mapping.seen.insert(key.name.clone(), key.mark);
                        mapping.entries.push(Entry { key, node });
                    }
                },
            },
        }
        if let Some(finding) = finding {
            self.diagnostics.push(finding);
        }
        Some(())
    }
}

/// The entries that a value of `<<` brings, or where it is something else than mappings.
fn merged_entries(node: Node) -> Result<Vec<Entry>, Mark> {
    match node.value {
        Value::Mapping(entries) => Ok(entries),
        Value::Sequence(nodes) => {
            let mut merged = Vec::new();
            for node in nodes {
                match node.value {
                    Value::Mapping(entries) => merged.extend(entries),
                    _ => return Err(node.mark),
                }
            }
            Ok(merged)
        }
        Value::Scalar(_) => Err(node.mark),
    }
}
