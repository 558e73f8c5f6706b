//! A source folder as it was read: items with their files, nothing interpreted yet.

use std::path::PathBuf;

use crate::desired::{FolderPath, ItemKey};
use crate::source::platform::Platform;

/// A folder in Fabric's Git format.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SourceTree {
    /// The folder.
    pub root: PathBuf,
    /// Its items, sorted by directory.
    pub items: Vec<SourceItem>,
    /// Its directories that are no items, with the files in them that no item takes.
    pub(crate) directories: Vec<Directory>,
}

/// A directory outside of every item.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Directory {
    /// As the user would type it.
    pub(crate) path: PathBuf,
    /// The index of the directory that it lies in.
    pub(crate) parent: Option<usize>,
    /// The names of its own files, without hidden ones.
    pub(crate) files: Vec<String>,
    /// Whether an item lies in it or below it.
    pub(crate) holds_items: bool,
}

/// A directory that holds a `.platform`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceItem {
    /// What `.platform` says.
    pub platform: Platform,
    /// The directory, relative to the root, with `/`; empty where the root itself is the item.
    pub directory: String,
    /// The directory, as the user would type it.
    pub path: PathBuf,
    /// The workspace folder that it stands for.
    pub folder: FolderPath,
    /// The item whose directory this one is nested in.
    pub parent: Option<ItemKey>,
    /// Its files, sorted by path, without `.platform`, nested items and what the type excludes.
    pub files: Vec<SourceFile>,
    /// The paths of the files that the type excludes.
    pub(crate) excluded: Vec<String>,
}

/// One file of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its path inside the item, with `/`.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl SourceItem {
    /// The file at `path` inside the item.
    pub fn file(&self, path: &str) -> Option<&SourceFile> {
        self.files.iter().find(|file| file.path == path)
    }

    /// The paths of its files below the source folder.
    pub(crate) fn paths(&self) -> Vec<String> {
        self.files.iter().map(|file| below(&self.directory, &file.path)).collect()
    }

    /// The `.platform` file, as the user would type it.
    pub(crate) fn platform_path(&self) -> PathBuf {
        self.path.join(super::PLATFORM_FILE)
    }
}

/// The path `inside` an item as a path below the source folder.
pub(super) fn below(directory: &str, inside: &str) -> String {
    if directory.is_empty() { inside.to_owned() } else { format!("{directory}/{inside}") }
}

impl SourceFile {
    /// The bytes as text; `None` for a binary file, which is one with a NUL byte or that is not UTF-8.
    pub fn text(&self) -> Option<&str> {
        if memchr::memchr(0, &self.bytes).is_some() {
            return None;
        }
        std::str::from_utf8(&self.bytes).ok()
    }
}
