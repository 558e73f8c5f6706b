//! Which connections the data sources of semantic models shall use.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::entry_reader::EntryReader;
use super::read::ParameterRequest;
use crate::desired::{DesiredConnection, DesiredItem, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{MappingReader, Mark, Node, Reader};

const NEW: &str = "semantic_model_binding";
const OLD: &str = "gateway_binding";

/// What `semantic_model_binding` and `gateway_binding` say for one environment.
#[derive(Debug, Default)]
pub(crate) struct Bindings {
    /// For every model that nothing else is said of. The last one counts.
    defaults: Vec<Binding>,
    /// For models by their names. The last one that names a model counts.
    explicit: Vec<(Vec<(String, Place)>, Binding)>,
}

#[derive(Debug)]
struct Binding {
    place: Place,
    connections: Vec<Uuid>,
}

impl Bindings {
    /// Lets the semantic models among `items` use their connections, and warns of what is about none of them.
    pub(crate) fn apply(&self, items: &mut BTreeMap<ItemKey, DesiredItem>, diagnostics: &mut Diagnostics) {
        let mut used: Vec<&Binding> = Vec::new();
        for item in items.values_mut().filter(|item| item.key.item_type == "SemanticModel") {
            let is_named = |names: &[(String, Place)]| names.iter().any(|(name, _)| *name == item.key.name);
            let explicit = self.explicit.iter().rev().find(|(names, _)| is_named(names)).map(|(_, binding)| binding);
            let Some(binding) = explicit.or(self.defaults.last()) else { continue };
            let required = explicit.is_some();
            item.connections = binding.connections.iter().map(|id| DesiredConnection { id: *id, required }).collect();
            used.push(binding);
        }
        for binding in self.defaults.iter().chain(self.explicit.iter().map(|(_, binding)| binding)) {
            if !used.iter().any(|used| std::ptr::eq(*used, binding)) {
                diagnostics.push(
                    Diagnostic::warning("parameter-unused", "no semantic model uses these connections")
                        .at(binding.place.clone())
                        .remedy("Check the names, and whether a later entry says something else, or remove it."),
                );
            }
        }
        for (name, place) in self.explicit.iter().filter(|(names, _)| names.len() > 1).flat_map(|(names, _)| names) {
            if !items.contains_key(&ItemKey::new("SemanticModel", name)) {
                diagnostics.push(
                    Diagnostic::warning("reference-outside-source", format!("no semantic model is called `{name}`"))
                        .at(place.clone())
                        .remedy("Correct the name, or remove it."),
                );
            }
        }
    }
}

/// Reads both keys of `root`. `semantic_model_binding` comes last, so that it counts where both name a model.
pub(super) fn read_bindings<'d>(
    request: &ParameterRequest<'_>,
    reader: &Reader<'d>,
    root: &MappingReader<'_, 'd>,
    bindings: &mut Bindings,
) {
    let of = |node: &'d Node, path: &str| {
        Some(EntryReader { request, reader, mapping: reader.mapping(node, path)?, mark: node.mark })
    };
    if let Some(entry) = root.entry(OLD).filter(|entry| !entry.node.is_null()) {
        deprecated(reader, entry.key.mark, "`gateway_binding` is an older name of `semantic_model_binding`");
        for (index, node) in root.sequence(OLD).iter().enumerate() {
            let entry = of(node, &format!("{OLD}[{index}]"));
            bindings.explicit.extend(entry.and_then(|entry| entry.for_all("gateway_id", "dataset_name")));
        }
    }
    let Some(entry) = root.entry(NEW).filter(|entry| !entry.node.is_null()) else { return };
    if let Some(nodes) = entry.node.as_sequence() {
        deprecated(reader, entry.key.mark, "`semantic_model_binding` as a list is an older form");
        for (index, node) in nodes.iter().enumerate() {
            let entry = of(node, &format!("{NEW}[{index}]"));
            bindings.explicit.extend(entry.and_then(|entry| entry.for_all("connection_id", "semantic_model_name")));
        }
        return;
    }
    let Some(mapping) = reader.mapping(&entry.node, NEW) else { return };
    if let Some(node) = mapping.optional("default") {
        let entry = of(node, &mapping.path_of("default"));
        bindings.defaults.extend(entry.and_then(EntryReader::for_environment));
    }
    for (index, node) in mapping.sequence("models").iter().enumerate() {
        let entry = of(node, &format!("{NEW}.models[{index}]"));
        bindings.explicit.extend(entry.and_then(|entry| {
            let names = entry.names("semantic_model_name");
            let binding = entry.for_environment();
            names.zip(binding)
        }));
    }
    mapping.finish();
}

fn deprecated(reader: &Reader<'_>, mark: Mark, message: &str) {
    reader.report(
        Diagnostic::warning("parameter-deprecated", message)
            .at(reader.place(mark))
            .remedy("Write `semantic_model_binding` with `models`, each with a `connection_id` by environment."),
    );
}

impl<'d> EntryReader<'_, 'd> {
    /// A binding of the older form: the same in every environment.
    fn for_all(self, id: &'static str, name: &'static str) -> Option<(Vec<(String, Place)>, Binding)> {
        let names = self.names(name);
        let node = self.mapping.required(id);
        let connections = node.and_then(|node| self.ids(node, &self.mapping.path_of(id), true));
        self.mapping.finish();
        names.zip(connections.map(|connections| Binding { place: self.reader.place(self.mark), connections }))
    }

    /// The connections for the environment.
    fn for_environment(self) -> Option<Binding> {
        let path = self.mapping.path_of("connection_id");
        let node = self.environment_value("connection_id", |node, path| self.ids(node, path, false).is_some());
        let connections = node.and_then(|node| self.ids(node, &path, true));
        self.mapping.finish();
        connections.map(|connections| Binding { place: self.reader.place(self.mark), connections })
    }

    fn names(&self, key: &'static str) -> Option<Vec<(String, Place)>> {
        self.mapping.required(key)?;
        let names = self.one_or_more(key).ok()??;
        Some(names.into_iter().map(|(name, mark)| (name, self.reader.place(mark))).collect())
    }

    /// One id or a list of ids. Variables are replaced in those of the environment alone.
    fn ids(&self, node: &'d Node, path: &str, is_wanted: bool) -> Option<Vec<Uuid>> {
        let nodes = node.as_sequence().unwrap_or(std::slice::from_ref(node));
        let ids: Vec<_> = nodes.iter().map(|node| self.id(node, path, is_wanted)).collect();
        ids.into_iter().collect()
    }

    fn id(&self, node: &'d Node, path: &str, is_wanted: bool) -> Option<Uuid> {
        let written = self.reader.text(node, path)?.value;
        if !is_wanted && written.contains("$ENV:") {
            return Some(Uuid::nil());
        }
        let text = self.expand(&written, node.mark)?;
        let id = Uuid::try_parse(&text).ok();
        if id.is_none() {
            let message = format!("`{path}` is not the id of a connection");
            self.error("parameter-bad-connection", node.mark, message, "Write the id as a GUID.");
        }
        id
    }
}
