//! Puts the values of a parameter file into the text of one part.

use std::borrow::Cow;
use std::ops::Range;
use std::path::Path;

use memchr::memmem;

use super::entry::{Action, Find, NewValue};
use super::in_place::{self, CannotReplace, Quotes};
use super::json_path::JsonPath;
use super::layout::{self, Node, Notation, Value};
use super::token::Tokens;
use super::value::Replacement;
use super::{Parameters, entry::Entry};
use crate::desired::ItemKey;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::python_regex::TooSlow;

/// The part that is worked on.
pub(crate) struct Part<'a> {
    /// The item that it belongs to.
    pub(crate) item: &'a ItemKey,
    /// Its path below the source folder, with `/`.
    pub(crate) path: &'a str,
    /// The file, as the user would type it.
    pub(crate) file: &'a Path,
}

/// What became of a part's text.
pub(crate) struct Applied<'t> {
    /// The text; borrowed where nothing matched.
    pub(crate) text: Cow<'t, str>,
    /// The entries that changed it, or that should have.
    pub(crate) matched: Vec<usize>,
    /// Whether an entry replaced text without regard to the file's structure.
    pub(crate) by_text: bool,
    /// What went wrong.
    pub(crate) diagnostics: Diagnostics,
}

impl Parameters {
    /// Applies every entry that is about `part`, in order.
    pub(crate) fn apply<'t>(&self, part: &Part<'_>, text: Cow<'t, str>, tokens: &mut Tokens) -> Applied<'t> {
        let mut work = Work {
            part,
            applied: Applied { text, matched: Vec::new(), by_text: false, diagnostics: Diagnostics::new() },
            tree: Tree::Unread,
        };
        // The automaton knows the text as it was; once an entry changed the text, each is looked for by itself.
        let mut literals_may_occur = None;
        for (index, entry) in self.entries.iter().enumerate() {
            if !entry.filter.allows(part.item, part.path) {
                continue;
            }
            let matched = match &entry.action {
                Action::KeyValueReplace { path, value } => work.key_value(entry, path, |_| true, value, tokens),
                Action::SparkPool { path, pool, value } => {
                    let is_pool = |node: &Node| node.as_str().is_some_and(|found| found.eq_ignore_ascii_case(pool));
                    work.key_value(entry, path, is_pool, value, tokens)
                }
                Action::FindReplace { find, replacement } => {
                    let may_occur = *literals_may_occur.get_or_insert_with(|| {
                        self.literals.as_ref().is_none_or(|all| all.is_match(work.applied.text.as_bytes()))
                    });
                    if !may_occur && !work.applied.by_text && matches!(find, Find::Literal(_)) {
                        continue;
                    }
                    work.find(entry, find, replacement, tokens)
                }
            };
            if matched {
                work.applied.matched.push(index);
            }
        }
        work.applied
    }
}

struct Work<'a, 't> {
    part: &'a Part<'a>,
    applied: Applied<'t>,
    tree: Tree,
}

/// The text as a tree, read when it is first needed and again after it changed.
enum Tree {
    Unread,
    None,
    Read(Notation, Node),
}

impl Work<'_, '_> {
    fn find(&mut self, entry: &Entry, find: &Find, replacement: &Replacement, tokens: &mut Tokens) -> bool {
        let text = self.applied.text.as_ref();
        let finding = match occurrences(find, text) {
            Ok(ranges) if ranges.is_empty() => return false,
            Ok(ranges) if !tokens.are_cut_by(text, &ranges) => {
                self.applied.text = Cow::Owned(splice(text, &ranges, &replacement.text(tokens)));
                self.applied.by_text = true;
                return true;
            }
            Ok(_) => Diagnostic::error(
                "parameter-cuts-id",
                format!("this would replace only a part of the id of an item in {}", self.part.file.display()),
            )
            .remedy("Replace the whole id, or exclude the file."),
            Err(NotFound::EmptyCapture) => Diagnostic::error(
                "parameter-empty-capture",
                format!("the group captured nothing in {}", self.part.file.display()),
            )
            .remedy("Change the expression so that its group always captures the value to replace."),
            Err(NotFound::TooSlow) => Diagnostic::error(
                "parameter-regex-too-slow",
                format!("the expression takes too many steps in {}", self.part.file.display()),
            )
            .remedy("Write it without nested repetitions, look-around or back-references."),
        };
        self.applied.diagnostics.push(finding.at(entry.place.clone()));
        true
    }

    /// Replaces the values at `path` that pass `is_meant`.
    fn key_value(
        &mut self,
        entry: &Entry,
        path: &JsonPath,
        is_meant: impl Fn(&Node) -> bool,
        value: &NewValue,
        tokens: &mut Tokens,
    ) -> bool {
        // Names with escapes may be written in ways that do not contain the name.
        let text = self.applied.text.as_ref();
        let escaped = memchr::memchr(b'\\', text.as_bytes()).is_some();
        if !escaped && path.required_names().any(|name| memmem::find(text.as_bytes(), name.as_bytes()).is_none()) {
            return false;
        }
        if matches!(self.tree, Tree::Unread) {
            self.tree = read(text);
        }
        let Tree::Read(notation, root) = &self.tree else { return false };
        let mut nodes = path.select(root);
        nodes.retain(|node| is_meant(node));
        if nodes.is_empty() {
            return false;
        }
        let (value, quotes) = match value {
            NewValue::Json(value) => (Cow::Borrowed(value), Quotes::AsBefore),
            NewValue::Reference(reference) => {
                // A name may hold anything, other values hold nothing that has a meaning in either notation.
                let quotes = if reference.is_name() { Quotes::Double } else { Quotes::AsBefore };
                (Cow::Owned(serde_json::Value::String(tokens.token(&reference.in_quotes()))), quotes)
            }
            NewValue::Tree(tree) => (Cow::Owned(tree.to_json(tokens)), Quotes::Double),
        };
        match in_place::replace(text, *notation, &nodes, &value, quotes) {
            Ok(edited) => {
                self.applied.text = Cow::Owned(edited);
                self.tree = Tree::Unread;
                true
            }
            Err(CannotReplace { offset }) => {
                let at = Place::at_offset(self.part.file, text, offset);
                self.applied.diagnostics.push(
                    Diagnostic::error(
                        "parameter-yaml-layout",
                        format!("the value at {at} cannot be replaced in place"),
                    )
                    .at(entry.place.clone())
                    .remedy("Name a value that is written on one line, or use find_replace."),
                );
                true
            }
        }
    }
}

/// The text as a tree, whatever the file is called: JSON, or else YAML that is more than one scalar, as fabric-cicd reads
/// it.
fn read(text: &str) -> Tree {
    let (content, _) = layout::without_byte_order_mark(text);
    let json = content.trim_start().starts_with(['{', '[']).then(|| layout::read_json(text).ok()).flatten();
    if let Some(node) = json {
        return Tree::Read(Notation::Json, node);
    }
    let yaml = layout::read_yaml(text).filter(|node| matches!(node.value, Value::Array(_) | Value::Object(_)));
    yaml.map_or(Tree::None, |node| Tree::Read(Notation::Yaml, node))
}

enum NotFound {
    EmptyCapture,
    TooSlow,
}

/// Every run of `text` that `find` replaces, in order and without overlaps.
fn occurrences(find: &Find, text: &str) -> Result<Vec<Range<usize>>, NotFound> {
    match find {
        Find::Literal(literal) => {
            let starts = memmem::find_iter(text.as_bytes(), literal.as_bytes());
            Ok(starts.map(|start| start..start + literal.len()).collect())
        }
        Find::Unknown(_) => Ok(Vec::new()),
        Find::AnyCase(regex) => Ok(regex.find_iter(text).map(|found| found.range()).collect()),
        Find::Group(regex) => regex
            .first_groups(text)
            .map_err(|TooSlow| NotFound::TooSlow)?
            .into_iter()
            .map(|group| group.filter(|group| !group.is_empty()))
            .collect::<Option<_>>()
            .ok_or(NotFound::EmptyCapture),
    }
}

fn splice(text: &str, ranges: &[Range<usize>], replacement: &str) -> String {
    let mut spliced = String::with_capacity(text.len());
    let mut end = 0;
    for range in ranges {
        spliced.push_str(text.get(end..range.start).unwrap_or_default());
        spliced.push_str(replacement);
        end = range.end;
    }
    spliced.push_str(text.get(end..).unwrap_or_default());
    spliced
}
