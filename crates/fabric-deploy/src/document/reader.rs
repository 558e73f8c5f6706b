//! Typed access to a document that collects every finding.

use std::cell::RefCell;
use std::path::Path;

use super::mapping::MappingReader;
use super::node::{Mark, Node, ScalarKind, Value};
use super::variables::{Unresolved, substitute};
use super::{Document, scalar};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// How variables are looked up.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// A value and where it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it begins.
    pub place: Place,
}

/// Reads one document. Every method that finds something wrong reports it here and returns `None`.
pub struct Reader<'d> {
    document: &'d Document,
    lookup: Option<Lookup<'d>>,
    findings: RefCell<Diagnostics>,
}

impl<'d> Reader<'d> {
    /// A reader that takes `${NAME}` in values as it stands.
    pub fn new(document: &'d Document) -> Self {
        Self { document, lookup: None, findings: RefCell::default() }
    }

    /// A reader that replaces `${NAME}` in the values it is asked for. Values that nobody asks for are left alone: a
    /// variable that is missing there is no finding.
    pub fn with_variables(document: &'d Document, lookup: Lookup<'d>) -> Self {
        Self { document, lookup: Some(lookup), findings: RefCell::default() }
    }

    /// The file that is read.
    pub fn file(&self) -> &'d Path {
        &self.document.file
    }

    /// The place of a mark in this file.
    pub fn place(&self, mark: Mark) -> Place {
        mark.place(self.file())
    }

    /// Adds a finding.
    pub fn report(&self, finding: Diagnostic) {
        self.findings.borrow_mut().push(finding);
    }

    /// Every finding so far.
    pub fn into_findings(self) -> Diagnostics {
        self.findings.into_inner()
    }

    /// The document as a mapping; an empty document is an error.
    pub fn root(&self) -> Option<MappingReader<'_, 'd>> {
        self.mapping(&self.document.root, "")
    }

    /// `node` as a mapping. `path` names it in messages, as `environments.dev`; the root's is empty.
    pub fn mapping(&self, node: &'d Node, path: &str) -> Option<MappingReader<'_, 'd>> {
        let Some(entries) = node.as_mapping() else {
            self.wrong_type(node, path, "a mapping", None);
            return None;
        };
        Some(MappingReader::new(self, path, node.mark, entries))
    }

    /// `node` as a list.
    pub fn sequence(&self, node: &'d Node, path: &str) -> Option<&'d [Node]> {
        if node.as_sequence().is_none() {
            self.wrong_type(node, path, "a list", None);
        }
        node.as_sequence()
    }

    /// `node` as text, variables replaced. Numbers and truth values are not text.
    pub fn text(&self, node: &Node, path: &str) -> Option<Located<String>> {
        let Some(text) = node.as_text() else {
            let remedy = node.as_scalar().filter(|scalar| scalar.kind != ScalarKind::Null);
            self.wrong_type(node, path, "text", remedy.map(|_| "put the value in quotes"));
            return None;
        };
        self.complete(text, node.mark, path).map(|value| Located { value, place: self.place(node.mark) })
    }

    /// `node` as a truth value: `true`, `false`, and `yes`, `no`, `on`, `off` without quotes or from a variable.
    pub fn boolean(&self, node: &Node, path: &str) -> Option<Located<bool>> {
        let value = match &node.value {
            Value::Scalar(scalar) => match &scalar.kind {
                ScalarKind::Bool(value) => Some(*value),
                ScalarKind::Text => scalar::truth(&self.complete(&scalar.text, node.mark, path)?),
                _ => None,
            },
            _ => None,
        };
        if value.is_none() {
            self.wrong_type(node, path, "`true` or `false`", None);
        }
        value.map(|value| Located { value, place: self.place(node.mark) })
    }

    /// `node` as a whole number that is not negative.
    pub fn unsigned(&self, node: &Node, path: &str) -> Option<Located<u64>> {
        let value = match &node.value {
            Value::Scalar(scalar) => match &scalar.kind {
                ScalarKind::Number(number) => number.as_u64(),
                ScalarKind::Text => self.complete(&scalar.text, node.mark, path)?.parse().ok(),
                _ => None,
            },
            _ => None,
        };
        if value.is_none() {
            self.wrong_type(node, path, "a whole number, 0 or more", None);
        }
        value.map(|value| Located { value, place: self.place(node.mark) })
    }

    fn complete(&self, text: &str, mark: Mark, path: &str) -> Option<String> {
        let Some(lookup) = self.lookup else { return Some(text.to_owned()) };
        let unresolved = match substitute(text, lookup) {
            Ok(complete) => return Some(complete),
            Err(unresolved) => unresolved,
        };
        for problem in unresolved {
            let finding = match problem {
                Unresolved::Unknown(name) if name.starts_with("secret:") => {
                    let message = format!("`{path}` cannot hold a secret: its value is shown in plans and on record");
                    Diagnostic::error("secret-not-here", message)
                        .remedy("put secrets into definitions, by parameters, or into credential variables")
                }
                Unresolved::Unknown(name) => {
                    let message = format!("`{path}` needs the variable `{name}`, which is not set");
                    Diagnostic::error("unresolved-variable", message).remedy(format!("set `{name}` in the environment"))
                }
                Unresolved::Malformed => {
                    Diagnostic::error("malformed-variable", format!("`{path}` has a `${{` without a name and a `}}`"))
                        .remedy("write `${NAME}`, or `$${` for the characters themselves")
                }
            };
            self.report(finding.at(self.place(mark)));
        }
        None
    }

    /// Reports that `node` is not what it should be.
    pub(crate) fn wrong_type(&self, node: &Node, path: &str, expected: &str, remedy: Option<&str>) {
        let subject = if path.is_empty() { "the file".to_owned() } else { format!("`{path}`") };
        let message = format!("{subject} should be {expected}, but is {}", node.describe());
        let mut finding = Diagnostic::error("wrong-type", message).at(self.place(node.mark));
        finding.remedy = remedy.map(str::to_owned);
        self.report(finding);
    }
}
