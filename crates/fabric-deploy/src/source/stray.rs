//! Files of a source folder that no item takes: they are told, so that nobody believes that they were deployed.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::tree::SourceTree;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};
use crate::item_type;

/// How many names a message lists.
const LISTED: usize = 5;

/// Warns of every file that no item takes and that is not among `used`. Hidden files are tools' own and not told.
///
/// A directory in which there is no item at all is one finding, and so are the files that lie beside items.
pub(super) fn warn(tree: &SourceTree, used: &[&Path], diagnostics: &mut Diagnostics) {
    let is_used = |path: &Path| {
        used.iter().filter(|used| used.file_name() == path.file_name()).any(|used| is_same_file(used, path))
    };
    // The files of each directory that is told of: its own, and those of directories without items below it.
    let mut strays: BTreeMap<usize, Vec<PathBuf>> = BTreeMap::new();
    for (index, directory) in tree.directories.iter().enumerate() {
        let files = directory.files.iter().map(|file| directory.path.join(file)).filter(|file| !is_used(file));
        strays.entry(topmost(tree, index)).or_default().extend(files);
    }
    for (index, files) in strays {
        let Some(directory) = tree.directories.get(index) else { continue };
        if let Some(finding) = finding(&directory.path, directory.holds_items, &files) {
            diagnostics.push(finding);
        }
    }
    warn_of_excluded(tree, diagnostics);
}

fn is_same_file(one: &Path, other: &Path) -> bool {
    std::fs::canonicalize(one).is_ok_and(|one| std::fs::canonicalize(other).is_ok_and(|other| one == other))
}

/// The directory that is told of in the place of this one: the first of those it lies in that holds no item, or the one
/// that is called like an item.
fn topmost(tree: &SourceTree, mut index: usize) -> usize {
    while let Some(directory) = tree.directories.get(index)
        && !directory.holds_items
        && !is_called_like_an_item(&directory.path)
        && let Some(parent) = directory.parent
        && tree.directories.get(parent).is_some_and(|parent| !parent.holds_items)
    {
        index = parent;
    }
    index
}

fn is_called_like_an_item(directory: &Path) -> bool {
    directory.extension().and_then(OsStr::to_str).is_some_and(|ending| item_type::find(ending).is_some())
}

fn finding(directory: &Path, holds_items: bool, files: &[PathBuf]) -> Option<Diagnostic> {
    let is_called_like_an_item = !holds_items && is_called_like_an_item(directory);
    let (message, remedy) = match files {
        [] => return None,
        _ if is_called_like_an_item => (
            "no `.platform` says which item these files are: they are not deployed".to_owned(),
            "Restore `.platform`, or remove the folder.",
        ),
        [_] => (
            "this file belongs to no item: it is not deployed".to_owned(),
            "Move it into the folder of an item, or out of the source folder.",
        ),
        _ => (
            format!("{} files here belong to no item and are not deployed: {}", files.len(), listed(directory, files)),
            "Move them into the folders of items, or out of the source folder.",
        ),
    };
    let place = match files {
        [file] if !is_called_like_an_item => Place::file(file),
        _ => Place::file(directory),
    };
    Some(Diagnostic::warning("files-unused", message).at(place).remedy(remedy))
}

/// One finding for all files that types leave out: people have them for every item of such a type.
fn warn_of_excluded(tree: &SourceTree, diagnostics: &mut Diagnostics) {
    let excluded: Vec<PathBuf> =
        tree.items.iter().flat_map(|item| item.excluded.iter().map(|file| item.path.join(file))).collect();
    let (message, place) = match excluded.as_slice() {
        [] => return,
        [file] => ("this file is a user's own state: it is not deployed".to_owned(), file),
        _ => {
            let listed = listed(&tree.root, &excluded);
            (format!("{} files are a user's own state and are not deployed: {listed}", excluded.len()), &tree.root)
        }
    };
    diagnostics.push(
        Diagnostic::warning("files-left-out", message)
            .at(Place::file(place))
            .remedy("Keep them out of the repository, if nobody else needs them."),
    );
}

/// The first of `files`, as paths below `directory`.
fn listed(directory: &Path, files: &[PathBuf]) -> String {
    let names = files.iter().take(LISTED).map(|file| file.strip_prefix(directory).unwrap_or(file));
    let mut listed = names.map(|name| name.display().to_string()).collect::<Vec<_>>().join(", ");
    if files.len() > LISTED {
        listed.push_str(&format!(" and {} more", files.len() - LISTED));
    }
    listed
}
