//! Tables of every key a file may have: which act, which are only reported, and which are unknown.

use super::mapping::unknown_key;
use super::node::{Mark, Node, Value};
use super::reader::Reader;
use crate::diagnostic::Diagnostic;

/// What becomes of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Treatment {
    /// The program acts on it.
    Effect,
    /// The program always acts as if the value were this; another value is a warning that says why.
    Always(bool, &'static str),
    /// The program cannot act on it yet; any value but this is a warning that says so.
    NotYetUnless(bool, &'static str),
    /// The program never acts on it, for this reason.
    NoEffect(&'static str),
    /// It tells people something. One warning lists all of these.
    Information,
    /// The report on a key around or beside it covers it.
    Covered,
}

/// Paths of keys, each with what becomes of it. `*` stands for a name that the user chooses, `[]` for a place in a
/// list, and a path that ends in `.**` covers everything below it.
pub(crate) type KeyTable = [(&'static str, Treatment)];

/// Holds the keys of `root` against `table`.
///
/// Unknown keys are errors. Keys without effect are warnings, except where `ignored` says that the part of the file at
/// this path is not in use.
pub(crate) fn check_keys(reader: &Reader<'_>, root: &Node, table: &KeyTable, ignored: &dyn Fn(&str) -> bool) {
    let mut check = Check { reader, table, ignored, informative: Vec::new() };
    check.walk(root, "", "");
    if let Some((_, first)) = check.informative.first() {
        let keys: Vec<_> =
            check.informative.iter().map(|(path, mark)| format!("`{path}` (line {})", mark.line)).collect();
        let message = format!("these keys inform people and change nothing: {}", keys.join(", "));
        reader.report(Diagnostic::warning("no-effect", message).at(reader.place(*first)));
    }
}

struct Check<'a> {
    reader: &'a Reader<'a>,
    table: &'a KeyTable,
    ignored: &'a dyn Fn(&str) -> bool,
    informative: Vec<(String, Mark)>,
}

impl Check<'_> {
    fn treatment(&self, pattern: &str) -> Option<Treatment> {
        let listed = |path: &str| self.table.iter().find(|(known, _)| *known == path).map(|(_, treatment)| *treatment);
        listed(pattern).or_else(|| listed(&format!("{pattern}.**")))
    }

    fn covers_everything_below(&self, pattern: &str) -> bool {
        self.table.iter().any(|(known, _)| known.strip_suffix(".**") == Some(pattern))
    }

    /// The names that may stand below `pattern`.
    fn names_below(&self, pattern: &str) -> Vec<&'static str> {
        let below = self.table.iter().filter_map(|(known, _)| {
            let rest = if pattern.is_empty() { known } else { known.strip_prefix(pattern)?.strip_prefix('.')? };
            rest.split(['.', '[']).next()
        });
        let mut names: Vec<_> = below.collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    fn has_list(&self, pattern: &str) -> bool {
        self.table.iter().any(|(known, _)| known.strip_prefix(pattern).is_some_and(|rest| rest.starts_with("[]")))
    }

    fn walk(&mut self, node: &Node, pattern: &str, path: &str) {
        let names = self.names_below(pattern);
        match &node.value {
            Value::Mapping(entries) if !names.is_empty() => {
                for entry in entries {
                    let name = entry.key.name.as_str();
                    let step = match names.iter().find(|known| **known == name) {
                        Some(known) => known,
                        None if names.contains(&"*") => "*",
                        None => {
                            let finding = unknown_key(name, path, &names);
                            self.reader.report(finding.at(self.reader.place(entry.key.mark)));
                            continue;
                        }
                    };
                    let (pattern, path) = (join(pattern, step), join(path, name));
                    self.treat(&entry.node, entry.key.mark, &pattern, &path);
                    if !self.covers_everything_below(&pattern) {
                        self.walk(&entry.node, &pattern, &path);
                    }
                }
            }
            Value::Sequence(nodes) if self.has_list(pattern) => {
                for (index, node) in nodes.iter().enumerate() {
                    self.walk(node, &format!("{pattern}[]"), &format!("{path}[{index}]"));
                }
            }
            _ if node.is_null() => {}
            _ if !names.is_empty() => self.reader.wrong_type(node, path, "a mapping", None),
            _ if self.has_list(pattern) => self.reader.wrong_type(node, path, "a list", None),
            _ => {}
        }
    }

    fn treat(&mut self, node: &Node, mark: Mark, pattern: &str, path: &str) {
        let empty = node.is_null() || node.as_sequence().is_some_and(<[Node]>::is_empty);
        if empty || (self.ignored)(path) {
            return;
        }
        let finding = match self.treatment(pattern) {
            None | Some(Treatment::Effect | Treatment::Covered) => None,
            Some(Treatment::Information) => {
                self.informative.push((path.to_owned(), mark));
                None
            }
            Some(Treatment::Always(value, why)) => self.differs(node, path, value).then_some(("no-effect", why)),
            Some(Treatment::NotYetUnless(value, why)) => {
                self.differs(node, path, value).then_some(("not-supported-yet", why))
            }
            Some(Treatment::NoEffect(why)) => Some(("no-effect", why)),
        };
        if let Some((code, why)) = finding {
            let verdict = if code == "no-effect" { "changes nothing" } else { "is not acted on yet" };
            let message = format!("`{path}` {verdict}: {why}");
            self.reader.report(Diagnostic::warning(code, message).at(self.reader.place(mark)));
        }
    }

    fn differs(&self, node: &Node, path: &str, value: bool) -> bool {
        self.reader.boolean(node, path).is_some_and(|given| given.value != value)
    }
}

fn join(path: &str, step: &str) -> String {
    if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") }
}
