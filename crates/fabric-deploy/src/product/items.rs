//! The items of a product: those it lists, and those of its source folder.

use std::collections::BTreeMap;
use std::path::Path;

use super::keys::COLLECTIONS;
use super::{ProductRequest, SourceFolder, SourceParameters};
use crate::desired::{DesiredBody, DesiredItem, ItemKey};
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::document::{Document, MappingReader, Reader};

/// An item that the product configuration lists.
pub(super) struct Declared {
    pub(super) place: Place,
    description: Option<String>,
}

/// The items that `items` lists; none where `workspace.create_items` is false.
pub(super) fn declared(reader: &Reader<'_>, root: &MappingReader<'_, '_>) -> BTreeMap<ItemKey, Declared> {
    let mut declared: BTreeMap<ItemKey, Declared> = BTreeMap::new();
    let Some(items) = root.optional_mapping("items") else { return declared };
    for (collection, item_type) in COLLECTIONS {
        for (index, node) in items.sequence(collection).iter().enumerate() {
            let path = format!("{}[{index}]", items.path_of(collection));
            let Some(item) = reader.mapping(node, &path) else { continue };
            let description = item.optional_string("description").map(|text| text.value);
            let Some(name) = item.required_string("name") else { continue };
            let key = ItemKey::new(item_type, name.value);
            if let Some(first) = declared.get(&key) {
                let message = format!("the item `{key}` is already listed at {}", first.place);
                reader.report(Diagnostic::error("duplicate-item", message).at(name.place));
            } else {
                declared.insert(key, Declared { place: name.place, description });
            }
        }
    }
    let create = root.optional_mapping("workspace").and_then(|workspace| workspace.optional_bool("create_items"));
    if create.is_some_and(|create| !create.value) {
        declared.clear();
    }
    declared
}

/// The items of the folder that `source` names, for an environment.
pub(super) fn from_source(
    request: &ProductRequest<'_>,
    reader: &Reader<'_>,
    root: &MappingReader<'_, '_>,
    environment: &str,
    around: &mut Diagnostics,
) -> BTreeMap<ItemKey, DesiredItem> {
    let base = request.config.parent().unwrap_or(Path::new(""));
    let parameters = root.optional("parameters");
    let Some(source) = root.optional_string("source") else {
        if let Some(parameters) = parameters
            && root.optional("source").is_none()
        {
            let message = "`parameters` needs `source`, the folder whose items they are for";
            reader.report(Diagnostic::error("missing-key", message).at(reader.place(parameters.mark)));
        }
        return BTreeMap::new();
    };
    let parameters = match parameters {
        None => SourceParameters::Default,
        // They keep the rules of a parameter file: a secret in them is a reference, and stays one until it is sent.
        Some(section) if section.as_mapping().is_some() => {
            SourceParameters::Here(Document { file: request.config.clone(), root: section.clone() })
        }
        Some(file) => match reader.text(file, "parameters") {
            Some(file) => SourceParameters::File(base.join(file.value)),
            None => return BTreeMap::new(),
        },
    };
    let folder = SourceFolder { root: base.join(source.value), parameters, environment: environment.to_owned() };
    if !folder.root.is_dir() {
        let message = format!("the source folder {} does not exist", folder.root.display());
        around.push(Diagnostic::error("source-missing", message).at(source.place));
        return BTreeMap::new();
    }
    let (items, diagnostics) = (request.load_source)(&folder);
    around.extend(diagnostics);
    items.unwrap_or_default()
}

/// Both together: an item in both has its definition from the folder and its description from the configuration.
pub(super) fn merged(
    declared: &BTreeMap<ItemKey, Declared>,
    mut items: BTreeMap<ItemKey, DesiredItem>,
) -> BTreeMap<ItemKey, DesiredItem> {
    for (key, declared) in declared {
        let item = items.entry(key.clone()).or_insert_with(|| DesiredItem {
            key: key.clone(),
            description: None,
            folder: None,
            logical_id: None,
            body: DesiredBody::Shell { creation_payload: None },
            parents: Vec::new(),
            active_value_set: None,
            shortcuts: None,
            connections: Vec::new(),
            deployed_as: Vec::new(),
            source: declared.place.file.clone(),
        });
        if declared.description.is_some() {
            item.description.clone_from(&declared.description);
        }
    }
    items
}
