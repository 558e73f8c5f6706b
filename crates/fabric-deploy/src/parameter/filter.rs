//! Which files an entry of the parameter file is about.

use globset::GlobMatcher;

use crate::desired::ItemKey;
use crate::diagnostic::{Diagnostic, Place};

/// The conditions of one entry. A condition that is absent holds for every file; all that are there must hold.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) item_types: Option<Vec<Condition<String>>>,
    pub(crate) item_names: Option<Vec<Condition<String>>>,
    pub(crate) paths: Option<Vec<Condition<PathFilter>>>,
}

/// One of the values that a condition accepts.
#[derive(Debug, Clone)]
pub(crate) struct Condition<T> {
    pub(crate) accepts: T,
    /// As it is written.
    pub(crate) written: String,
    pub(crate) place: Place,
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
        any(self.item_types.as_deref(), |item_type| *item_type == key.item_type)
            && any(self.item_names.as_deref(), |name| *name == key.name)
            && any(self.paths.as_deref(), |filter| filter.allows(path))
    }

    /// A finding for every value that accepts none of `files`: the items of the source folder, each with the paths of
    /// its files.
    pub(crate) fn unmatched(&self, files: &[(ItemKey, Vec<String>)]) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        for condition in self.item_types.iter().flatten() {
            if !files.iter().any(|(key, _)| key.item_type == condition.accepts) {
                findings.push(condition.unmatched("no item of the source folder has the type"));
            }
        }
        for condition in self.item_names.iter().flatten() {
            if !files.iter().any(|(key, _)| key.name == condition.accepts) {
                findings.push(condition.unmatched("no item of the source folder is called"));
            }
        }
        for condition in self.paths.iter().flatten() {
            if !files.iter().any(|(_, paths)| paths.iter().any(|path| condition.accepts.allows(path))) {
                findings.push(condition.unmatched("no item of the source folder has a file"));
            }
        }
        findings
    }
}

fn any<T>(conditions: Option<&[Condition<T>]>, holds: impl Fn(&T) -> bool) -> bool {
    conditions.is_none_or(|conditions| conditions.iter().any(|condition| holds(&condition.accepts)))
}

impl<T> Condition<T> {
    fn unmatched(&self, what: &str) -> Diagnostic {
        Diagnostic::warning("parameter-filter-unmatched", format!("{what} `{}`", self.written))
            .at(self.place.clone())
            .remedy("Correct it, upper and lower case included, or remove it.")
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
