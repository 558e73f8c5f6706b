//! A value for all environments, or one for each.

use crate::diagnostic::Diagnostic;
use crate::document::{Entry, MappingReader, Node, Reader};

/// What is said where the environment has no value of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// It must have one.
    Error,
    /// The setting is left out, and the user is told.
    Warning,
    /// The setting is left out.
    Nothing,
}

/// Values by environment, for one of them.
#[derive(Clone, Copy)]
pub(super) struct ByEnvironment<'r, 'd> {
    pub(super) reader: &'r Reader<'d>,
    pub(super) environment: Option<&'r str>,
}

impl<'d> ByEnvironment<'_, 'd> {
    /// The value of `key` for the environment.
    pub(super) fn value(
        &self,
        section: &MappingReader<'_, 'd>,
        key: &'static str,
        missing: Missing,
    ) -> Option<&'d Node> {
        let node = section.optional(key)?;
        self.choose(node, &section.path_of(key), missing)
    }

    /// The value that `node` has for the environment.
    pub(super) fn choose(&self, node: &'d Node, path: &str, missing: Missing) -> Option<&'d Node> {
        let Some(entries) = node.as_mapping() else { return Some(node) };
        let place = self.reader.place(node.mark);
        let Some(environment) = self.environment else {
            let message = format!("`{path}` has a value for each environment, and none was named");
            self.reader
                .report(Diagnostic::error("environment-needed", message).at(place).remedy("pass --environment NAME"));
            return None;
        };
        if let Some(found) = entries.iter().find(|entry| entry.key.name == environment) {
            return Some(&found.node);
        }
        let message = format!("`{path}` has no value for the environment `{environment}`");
        let remedy = format!("it has values for {}", names(entries));
        match missing {
            Missing::Error => {
                self.reader.report(Diagnostic::error("environment-missing", message).at(place).remedy(remedy));
            }
            Missing::Warning => {
                let message = format!("{message}: it is left out");
                self.reader.report(Diagnostic::warning("environment-missing", message).at(place).remedy(remedy));
            }
            Missing::Nothing => {}
        }
        None
    }
}

fn names(entries: &[Entry]) -> String {
    let names: Vec<_> = entries.iter().map(|entry| format!("`{}`", entry.key.name)).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
