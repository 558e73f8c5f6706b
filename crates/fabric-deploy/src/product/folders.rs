//! The folders that an environment asks for.

use crate::desired::FolderPath;
use crate::diagnostic::Diagnostic;
use crate::document::{MappingReader, Mark, Node, Reader, Value};

/// The folders of `use_medallion_architecture`.
const MEDALLION: [(&str, [&str; 3]); 3] = [
    ("Bronze Layer", ["Raw Data", "Archive", "External Sources"]),
    ("Silver Layer", ["Cleaned", "Transformed", "Validated"]),
    ("Gold Layer", ["Analytics", "Reports", "Business Metrics"]),
];

/// How deep Fabric nests folders, by Microsoft's documentation.
const MAX_DEPTH: usize = 10;

/// Characters that no folder name may have, by Microsoft's documentation.
const FORBIDDEN: &str = "~\"#.&*:<>?/\\{|}%";

/// The folders of one environment, parents before children. Nothing without `create_folders: true`.
pub(super) fn read<'d>(reader: &Reader<'d>, environment: &MappingReader<'_, 'd>) -> Vec<FolderPath> {
    let create = environment.optional_bool("create_folders").is_some_and(|flag| flag.value);
    let medallion = environment.optional_bool("use_medallion_architecture").filter(|flag| flag.value);
    let structure = environment.optional("folder_structure");
    if !create {
        let unused = medallion.map(|flag| ("use_medallion_architecture", flag.place)).into_iter();
        let structure = structure.map(|node| ("folder_structure", reader.place(node.mark)));
        for (key, place) in unused.chain(structure) {
            let message = format!("`{}` changes nothing without `create_folders: true`", environment.path_of(key));
            reader.report(Diagnostic::warning("no-effect", message).at(place));
        }
        return Vec::new();
    }
    let mut folders = Vec::new();
    if medallion.is_some() {
        for (layer, below) in MEDALLION {
            folders.push(FolderPath(vec![layer.to_owned()]));
            folders.extend(below.map(|name| FolderPath(vec![layer.to_owned(), name.to_owned()])));
        }
    }
    if let Some(structure) = structure {
        add(reader, structure, &environment.path_of("folder_structure"), &FolderPath::root(), &mut folders);
    }
    folders.sort_by(|a, b| (a.depth(), a).cmp(&(b.depth(), b)));
    folders.dedup();
    folders
}

/// Adds the folders of `node` below `above`: a mapping from names to what they hold, or a list of names and mappings.
fn add(reader: &Reader<'_>, node: &Node, path: &str, above: &FolderPath, folders: &mut Vec<FolderPath>) {
    match &node.value {
        Value::Mapping(entries) => {
            for entry in entries {
                if let Some(folder) = below(reader, above, &entry.key.name, entry.key.mark) {
                    folders.push(folder.clone());
                    add(reader, &entry.node, &format!("{path}.{}", entry.key.name), &folder, folders);
                }
            }
        }
        Value::Sequence(nodes) => {
            for (index, node) in nodes.iter().enumerate() {
                let path = format!("{path}[{index}]");
                if node.as_mapping().is_some() {
                    add(reader, node, &path, above, folders);
                } else if let Some(name) = reader.text(node, &path) {
                    folders.extend(below(reader, above, &name.value, node.mark));
                }
            }
        }
        Value::Scalar(_) if node.is_null() => {}
        Value::Scalar(_) => reader.wrong_type(node, path, "a list of folders or a mapping", None),
    }
}

fn below(reader: &Reader<'_>, above: &FolderPath, name: &str, mark: Mark) -> Option<FolderPath> {
    let wrong = if name.is_empty() || name.trim() != name {
        Some("it is empty or has blanks around it".to_owned())
    } else if name.chars().count() > 255 {
        Some("it has more than 255 characters".to_owned())
    } else if name.chars().any(|c| c.is_control() || FORBIDDEN.contains(c)) {
        Some(format!("it has one of `{FORBIDDEN}` or a control character"))
    } else if above.depth() >= MAX_DEPTH {
        Some(format!("it lies deeper than {MAX_DEPTH} folders"))
    } else {
        None
    };
    if let Some(wrong) = wrong {
        let message = format!("`{}` cannot be a folder: {wrong}", name.escape_debug());
        reader.report(Diagnostic::error("invalid-folder", message).at(reader.place(mark)));
        return None;
    }
    let mut names = above.0.clone();
    names.push(name.to_owned());
    Some(FolderPath(names))
}
