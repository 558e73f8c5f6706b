//! Puts the values of a parameter file into the text of one part.

use std::borrow::Cow;
use std::path::Path;

use memchr::memmem;

use super::entry::{Action, Find, NewValue};
use super::in_place::{self, CannotReplace};
use super::json_path::JsonPath;
use super::layout::{self, Node, Notation};
use super::token::Tokens;
use super::{Parameters, entry::Entry};
use crate::desired::ItemKey;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

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
    /// The entries that changed it.
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
                Action::KeyValueReplace { path, value } => work.key_value(entry, path, value, tokens),
                Action::FindReplace { find, replacement } => {
                    let may_occur = *literals_may_occur.get_or_insert_with(|| {
                        self.literals.as_ref().is_none_or(|all| all.is_match(work.applied.text.as_bytes()))
                    });
                    if !may_occur && !work.applied.by_text && matches!(find, Find::Literal(_)) {
                        continue;
                    }
                    work.find(entry, find, || replacement.text(tokens))
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
    fn find(&mut self, entry: &Entry, find: &Find, replacement: impl FnOnce() -> String) -> bool {
        let text = self.applied.text.as_ref();
        let replaced = match find {
            Find::Literal(literal) => memmem::find(text.as_bytes(), literal.as_bytes())
                .map(|_| text.replace(literal.as_str(), &replacement())),
            Find::AnyCase(regex) => {
                regex.is_match(text).then(|| regex.replace_all(text, regex::NoExpand(&replacement())).into_owned())
            }
            Find::Group(regex) => match replace_group(regex, text, replacement) {
                Ok(replaced) => replaced,
                Err(EmptyCapture) => {
                    let message = format!("the group captured nothing in {}", self.part.file.display());
                    self.applied.diagnostics.push(
                        Diagnostic::error("parameter-empty-capture", message)
                            .at(entry.place.clone())
                            .remedy("Change the expression so that its group always captures the value to replace."),
                    );
                    None
                }
            },
        };
        let Some(replaced) = replaced else { return false };
        self.applied.text = Cow::Owned(replaced);
        self.applied.by_text = true;
        true
    }

    fn key_value(&mut self, entry: &Entry, path: &JsonPath, value: &NewValue, tokens: &mut Tokens) -> bool {
        let Some(notation) = notation(self.part.path, &self.applied.text) else { return false };
        // Names with escapes may be written in ways that do not contain the name.
        let text = self.applied.text.as_ref();
        let escaped = memchr::memchr(b'\\', text.as_bytes()).is_some();
        if !escaped && path.required_names().any(|name| memmem::find(text.as_bytes(), name.as_bytes()).is_none()) {
            return false;
        }
        if matches!(self.tree, Tree::Unread) {
            let node = match notation {
                Notation::Json => layout::read_json(text).ok(),
                Notation::Yaml => layout::read_yaml(text),
            };
            self.tree = node.map_or(Tree::None, |node| Tree::Read(notation, node));
        }
        let Tree::Read(notation, root) = &self.tree else { return false };
        let nodes = path.select(root);
        if nodes.is_empty() {
            return false;
        }
        let value = match value {
            NewValue::Json(value) => Cow::Borrowed(value),
            NewValue::Reference(reference) => Cow::Owned(serde_json::Value::String(tokens.token(reference))),
        };
        match in_place::replace(text, *notation, &nodes, &value) {
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
                false
            }
        }
    }
}

/// The notation in which `key_value_replace` reads a file; `None` for files that it does not look into.
fn notation(path: &str, text: &str) -> Option<Notation> {
    if path.ends_with(".yml") || path.ends_with(".yaml") {
        return Some(Notation::Yaml);
    }
    let (text, _) = layout::without_byte_order_mark(text);
    text.trim_start().starts_with(['{', '[']).then_some(Notation::Json)
}

struct EmptyCapture;

/// `text` with every capture of the only group of `regex` replaced; `None` where nothing matches.
fn replace_group(
    regex: &regex::Regex,
    text: &str,
    replacement: impl FnOnce() -> String,
) -> Result<Option<String>, EmptyCapture> {
    let mut captures = regex.captures_iter(text).peekable();
    if captures.peek().is_none() {
        return Ok(None);
    }
    let replacement = replacement();
    let mut replaced = String::with_capacity(text.len());
    let mut end = 0;
    for captured in captures {
        let group = captured.get(1).filter(|group| !group.is_empty()).ok_or(EmptyCapture)?;
        replaced.push_str(text.get(end..group.start()).unwrap_or_default());
        replaced.push_str(&replacement);
        end = group.end();
    }
    replaced.push_str(text.get(end..).unwrap_or_default());
    Ok(Some(replaced))
}
