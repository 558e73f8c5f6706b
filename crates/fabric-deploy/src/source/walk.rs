//! Finds the items of a source folder: every directory that holds a `.platform`, with the files that belong to it.

use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use super::PLATFORM_FILE;
use super::names::{self, MAX_DEPTH};
use super::tree::Directory;
use crate::desired::FolderPath;
use crate::diagnostic::{Diagnostic, Diagnostics, Place};

/// An item's directory before any file in it is opened.
pub(super) struct Found {
    /// Relative to the root, with `/`; empty for the root itself.
    pub(super) directory: String,
    pub(super) path: PathBuf,
    pub(super) folder: FolderPath,
    /// Index of the item that this one is nested in.
    pub(super) parent: Option<usize>,
    /// Path inside the item with `/`, and where the bytes are.
    pub(super) files: Vec<(String, PathBuf)>,
}

/// Every item below `root`, sorted by directory, parents before what is nested in them; and every directory that is
/// neither an item nor inside of one.
pub(super) fn find(root: &Path, diagnostics: &mut Diagnostics) -> (Vec<Found>, Vec<Directory>) {
    let real_root = match fs::canonicalize(root) {
        Ok(real) if real.is_dir() => real,
        Ok(_) => {
            diagnostics.push(unreadable(root, "it is not a folder"));
            return Default::default();
        }
        Err(error) => {
            diagnostics.push(unreadable(root, &error.to_string()));
            return Default::default();
        }
    };
    let mut walk = Walk { real_root, items: Vec::new(), directories: Vec::new(), diagnostics };
    walk.directory(root, "", Location { item: None, folder: FolderPath::root(), directory: None, is_hidden: false });
    let (items, directories) = (walk.items, walk.directories);
    if items.is_empty() && !diagnostics.has_errors() {
        diagnostics.push(
            Diagnostic::error("source-empty", "the source folder holds no item: no `.platform` file was found")
                .at(Place::file(root))
                .remedy("Point to the folder that Fabric's Git integration writes, or check out its files."),
        );
    }
    (items, directories)
}

fn unreadable(path: &Path, why: &str) -> Diagnostic {
    Diagnostic::error("source-unreadable", format!("cannot read {}: {why}", path.display()))
        .at(Place::file(path))
        .remedy("Check that the path is right and that it may be read.")
}

/// Where in the tree the walk is.
#[derive(Clone)]
struct Location {
    /// The item that files found here belong to, and the length of its directory's name.
    item: Option<(usize, usize)>,
    folder: FolderPath,
    /// The directory outside of every item that this is, or lies in.
    directory: Option<usize>,
    /// Whether this is a hidden directory, or lies in one.
    is_hidden: bool,
}

struct Walk<'a> {
    real_root: PathBuf,
    items: Vec<Found>,
    directories: Vec<Directory>,
    diagnostics: &'a mut Diagnostics,
}

impl Walk<'_> {
    fn directory(&mut self, path: &Path, relative: &str, mut location: Location) {
        let entries = match sorted_entries(path) {
            Ok(entries) => entries,
            Err(error) => {
                self.diagnostics.push(unreadable(path, &error.to_string()));
                return;
            }
        };
        if entries.iter().any(|entry| entry.file_name() == PLATFORM_FILE) {
            let parent = location.item.map(|(index, _)| index);
            if parent.is_none() {
                // The item's own directory is not a workspace folder.
                location.folder = location.folder.parent().unwrap_or_default();
                self.check_depth(path, &location.folder);
                self.mark_as_holding_items(location.directory);
            }
            location.item = Some((self.items.len(), relative.len()));
            self.items.push(Found {
                directory: relative.to_owned(),
                path: path.to_owned(),
                folder: location.folder.clone(),
                parent,
                files: Vec::new(),
            });
        } else if location.item.is_none() && !location.is_hidden {
            let parent = location.directory.replace(self.directories.len());
            self.directories.push(Directory { path: path.to_owned(), parent, ..Directory::default() });
        }
        for entry in entries {
            self.entry(&entry, relative, &location);
        }
    }

    fn entry(&mut self, entry: &DirEntry, relative: &str, location: &Location) {
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            self.diagnostics.push(
                Diagnostic::error("name-not-unicode", "the name of this file is not valid Unicode")
                    .at(Place::file(path))
                    .remedy("Rename the file."),
            );
            return;
        };
        let relative = if relative.is_empty() { name.clone() } else { format!("{relative}/{name}") };
        let kind = match entry.file_type() {
            Ok(kind) => kind,
            Err(error) => {
                self.diagnostics.push(unreadable(&path, &error.to_string()));
                return;
            }
        };
        if kind.is_dir() {
            // Git's own store is never part of a workspace and may be larger than all items together.
            if name != ".git" {
                let mut inside = location.clone();
                inside.is_hidden |= name.starts_with('.');
                if inside.item.is_none() {
                    inside.folder.0.push(name);
                }
                self.directory(&path, &relative, inside);
            }
        } else if let Some((item, length)) = location.item
            && name != PLATFORM_FILE
        {
            if kind.is_symlink() && !self.link_is_allowed(&path) {
                return;
            }
            let inside = relative.get(length..).unwrap_or_default().trim_start_matches('/');
            if let Some(found) = self.items.get_mut(item) {
                found.files.push((inside.to_owned(), path));
            }
        } else if location.item.is_none()
            && !location.is_hidden
            && !name.starts_with('.')
            && let Some(directory) = location.directory.and_then(|index| self.directories.get_mut(index))
        {
            directory.files.push(name);
        }
    }

    fn mark_as_holding_items(&mut self, mut next: Option<usize>) {
        while let Some(directory) = next.and_then(|index| self.directories.get_mut(index)) {
            directory.holds_items = true;
            next = directory.parent;
        }
    }

    /// A link may point to another file of the source folder, and to nothing else: what is deployed must be what was
    /// reviewed.
    fn link_is_allowed(&mut self, path: &Path) -> bool {
        let (code, message) = match fs::canonicalize(path) {
            Ok(target) if !target.starts_with(&self.real_root) => {
                ("path-leaves-source", "this link leads out of the source folder".to_owned())
            }
            Ok(target) if target.is_dir() => ("directory-link", "links to directories are not followed".to_owned()),
            Ok(_) => return true,
            Err(error) => ("source-unreadable", format!("this link leads nowhere: {error}")),
        };
        self.diagnostics.push(
            Diagnostic::error(code, message).at(Place::file(path)).remedy("Replace the link by the file itself."),
        );
        false
    }

    fn check_depth(&mut self, path: &Path, folder: &FolderPath) {
        if folder.depth() > MAX_DEPTH {
            self.diagnostics.push(
                Diagnostic::error(
                    "folder-too-deep",
                    format!("this item is {} folders deep; Fabric allows {MAX_DEPTH}", folder.depth()),
                )
                .at(Place::file(path))
                .remedy("Move the item up."),
            );
        }
        let mut directory = path.parent();
        for name in folder.0.iter().rev() {
            if let (Some(place), Some(problem)) = (directory, names::folder_problem(name)) {
                self.diagnostics.push(
                    Diagnostic::error(
                        "folder-name-refused",
                        format!("Fabric refuses the folder name {name:?}: {problem}"),
                    )
                    .at(Place::file(place))
                    .remedy("Rename the directory."),
                );
            }
            directory = directory.and_then(Path::parent);
        }
    }
}

fn sorted_entries(path: &Path) -> std::io::Result<Vec<DirEntry>> {
    let mut entries = fs::read_dir(path)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}
