//! Data sources that have to use another connection.

use std::collections::BTreeSet;

use super::build::Builder;
use super::{Binding, Change};
use crate::actual::source_of;
use crate::desired::{DesiredItem, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::error::DeployError;

impl Builder<'_> {
    /// Every connection that an item shall use must be there.
    pub(super) fn check_connections(&self) -> Result<(), DeployError> {
        let mut diagnostics = Diagnostics::new();
        for item in self.desired.items.values() {
            for wanted in item.connections.iter().filter(|wanted| !self.actual.connections.contains_key(&wanted.id)) {
                let message = format!("{} shall use the connection {}, which is not there", item.key, wanted.id);
                diagnostics.push(
                    Diagnostic::error("unknown-connection", message)
                        .at(Place::file(&item.source))
                        .remedy("correct the id, or share the connection with the identity that deploys"),
                );
            }
        }
        if diagnostics.has_errors() { Err(DeployError::Invalid(diagnostics.sorted())) } else { Ok(()) }
    }

    /// Adds the steps that bind connections, each after its item's own steps, and gives the items they are about.
    pub(super) fn connections(&mut self) -> Result<BTreeSet<ItemKey>, DeployError> {
        let mut changed = BTreeSet::new();
        let state = self.desired;
        for item in state.items.values().filter(|item| !item.connections.is_empty()) {
            let after = self.of_item.get(&item.key).cloned().unwrap_or_default();
            for change in self.bindings_of(item, !after.is_empty())? {
                self.add(change, after.clone());
                changed.insert(item.key.clone());
            }
        }
        Ok(changed)
    }

    fn bindings_of(&self, item: &DesiredItem, changes: bool) -> Result<Vec<Change>, DeployError> {
        let found = self.actual.items.find(&item.key, item.folder.as_ref())?;
        let sources = found.and_then(|found| self.actual.sources.get(&found.id));
        let mut bindings = Vec::new();
        for wanted in &item.connections {
            let Some(connection) = self.actual.connections.get(&wanted.id) else { continue };
            let source = source_of(&connection.connection_details);
            let mut now = sources.into_iter().flatten();
            let now = now.find(|other| source.is(&source_of(&other.connection_details)));
            let from = now.map(|now| Binding { connection: now.id, connectivity_type: now.connectivity_type.clone() });
            let is_bound = from.as_ref().is_some_and(|from| from.connection == Some(wanted.id));
            // New content may have the source that the content so far has not.
            let may_have_it = from.is_some() || wanted.required || found.is_none() || changes;
            if !is_bound && may_have_it {
                bindings.push(Change::BindConnection {
                    key: item.key.clone(),
                    connection: wanted.id,
                    source,
                    from,
                    required: wanted.required,
                });
            }
        }
        Ok(bindings)
    }
}
