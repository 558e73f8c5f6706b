//! What the table of item types means for the files of a source folder.

use crate::item_type::{self, Deployed, Format};

/// The parts without which the service refuses a definition of this type: of each group, one.
pub(super) fn required_parts(item_type: &str) -> &'static [&'static [&'static str]] {
    item_type::find(item_type).map(|known| known.required).unwrap_or_default()
}

/// Whether a directory of this type with nothing but a `.platform` is a whole item.
pub(super) fn may_be_empty(item_type: &str) -> bool {
    item_type::find(item_type).is_some_and(|known| known.may_be_empty)
}

/// Whether the file at `path` is one of these parts.
pub(super) fn is_one_of(patterns: &[&str], path: &str) -> bool {
    patterns.iter().any(|pattern| {
        if let Some(ending) = pattern.strip_prefix('*') {
            path.ends_with(ending)
        } else if let Some(beginning) = pattern.strip_suffix('*') {
            path.starts_with(beginning)
        } else {
            path == *pattern
        }
    })
}

/// Whether a file is a user's local state and not part of the item.
pub(super) fn is_excluded(item_type: &str, path: &str) -> bool {
    let Some(excluded) = item_type::find(item_type).and_then(|known| known.excluded) else { return false };
    path.rsplit_once('/').is_some_and(|(directories, _)| directories.split('/').any(|name| name == excluded))
}

/// Whether only the name of such an item is deployed.
pub(super) fn is_shell(item_type: &str) -> bool {
    item_type::find(item_type).is_some_and(|known| known.deployed == Deployed::Shell)
}

/// Whether the part at `path` must be JSON. Folders that carry a user's own files are not looked into.
pub(super) fn is_json(path: &str) -> bool {
    let own_files = ["Libraries/", "Libs/", "Main/", "Resources/"];
    !own_files.iter().any(|folder| path.starts_with(folder))
        && path
            .rsplit_once('.')
            .is_some_and(|(_, extension)| matches!(extension, "json" | "ipynb" | "pbir" | "pbism" | "bim"))
}

/// The definition format to name to the server.
pub(super) fn format<'a>(item_type: &str, mut paths: impl Iterator<Item = &'a str>) -> Option<String> {
    match item_type::find(item_type)?.format {
        Format::Unnamed => None,
        Format::Always(format) => Some(format.to_owned()),
        Format::WithFile { format, ending } => paths.any(|path| path.ends_with(ending)).then(|| format.to_owned()),
    }
}

/// Whether ids of other items in the files of such an item are left as they are.
pub(super) fn keeps_ids(item_type: &str) -> bool {
    item_type::find(item_type).is_some_and(|known| known.keeps_ids)
}
