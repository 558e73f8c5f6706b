//! Which files an entry of the parameter file is about.

use std::collections::BTreeSet;

use globset::GlobMatcher;

use crate::desired::ItemKey;

/// The conditions of one entry. A condition that is absent holds for every file; all that are there must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) item_types: Option<BTreeSet<String>>,
    pub(crate) item_names: Option<BTreeSet<String>>,
    pub(crate) paths: Option<Vec<PathFilter>>,
}

/// A condition on a file's path below the source folder, with `/`.
#[derive(Debug, Clone)]
pub(crate) enum PathFilter {
    /// This file.
    Exact(String),
    /// Every file that the pattern matches.
    Glob(GlobMatcher),
}

impl Filter {
    /// Whether the entry is about the file at `path` of the item `key`.
    pub(crate) fn allows(&self, key: &ItemKey, path: &str) -> bool {
        self.item_types.as_ref().is_none_or(|types| types.contains(&key.item_type))
            && self.item_names.as_ref().is_none_or(|names| names.contains(&key.name))
            && self.paths.as_ref().is_none_or(|paths| paths.iter().any(|filter| filter.allows(path)))
    }
}

impl PathFilter {
    fn allows(&self, path: &str) -> bool {
        match self {
            Self::Exact(exact) => exact == path,
            Self::Glob(glob) => glob.is_match(path),
        }
    }
}
