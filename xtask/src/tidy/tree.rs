//! The files that the style guide is about.

use std::path::Path;

use anyhow::Context;
use walkdir::{DirEntry, WalkDir};

/// What a file is to the style guide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Rust,
    Markdown,
    Manifest,
    Other,
}

/// A text file of the tree.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the workspace's root, with `/`.
    pub(crate) path: String,
    pub(crate) kind: Kind,
    pub(crate) text: String,
}

/// File name endings that are read; everything else is data.
const ENDINGS: [&str; 8] = [".rs", ".md", ".toml", ".yaml", ".yml", ".json", ".sh", ".py"];

impl File {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let kind = if path.ends_with(".rs") {
            Kind::Rust
        } else if path.ends_with(".md") {
            Kind::Markdown
        } else if path.rsplit('/').next() == Some("Cargo.toml") {
            Kind::Manifest
        } else {
            Kind::Other
        };
        Self { path: path.to_owned(), kind, text: text.to_owned() }
    }

    /// Whether all of it is test or benchmark code.
    pub(crate) fn is_test(&self) -> bool {
        let mut folders: Vec<&str> = self.path.split('/').collect();
        let name = folders.pop().unwrap_or_default();
        folders.iter().any(|folder| matches!(*folder, "tests" | "benches"))
            || matches!(name, "tests.rs")
            || name.ends_with("_tests.rs")
    }

    /// Whether it is data for a test: its content is what the test is about, not our prose.
    pub(crate) fn is_fixture(&self) -> bool {
        self.path.split('/').any(|folder| matches!(folder, "fixtures" | "proptest-regressions"))
    }
}

/// Reads every text file below the root, in order of their paths.
///
/// # Errors
/// A folder or file that cannot be read, or a source file that is not UTF-8.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<File>> {
    let mut files = Vec::new();
    for entry in WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(is_ours) {
        let entry = entry.with_context(|| format!("cannot read {}", root.display()))?;
        let path = entry.path().strip_prefix(root)?.to_string_lossy().replace('\\', "/");
        if !entry.file_type().is_file() || !(path == ".ci/run" || ENDINGS.iter().any(|ending| path.ends_with(ending))) {
            continue;
        }
        let text = std::fs::read_to_string(entry.path()).with_context(|| format!("cannot read {path}"))?;
        files.push(File::new(&path, &text));
    }
    files.retain(|file| !file.is_fixture());
    Ok(files)
}

/// Build output, other tools' state and local secrets are not part of the tree.
fn is_ours(entry: &DirEntry) -> bool {
    !matches!(entry.file_name().to_str(), Some("target" | ".git" | ".fabric" | ".venv" | "__pycache__"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_code_is_known_by_its_place() {
        for path in
            ["crates/a/tests/all/main.rs", "tests/end_to_end/main.rs", "crates/a/benches/b.rs", "a/src/x/tests.rs"]
        {
            assert!(File::new(path, "").is_test(), "{path}");
        }
        for path in ["crates/a/src/lib.rs", "crates/a/src/attestation.rs", "crates/a/examples/b.rs"] {
            assert!(!File::new(path, "").is_test(), "{path}");
        }
    }
}
