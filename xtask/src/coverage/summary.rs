//! What `llvm-cov export --summary-only` prints.

use std::path::Path;

use anyhow::Context;
use serde::Deserialize;

/// How far the tests reached into one source file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct File {
    /// From the root of the workspace, with `/`.
    pub(super) path: String,
    pub(super) lines: u64,
    pub(super) reached: u64,
}

#[derive(Deserialize)]
struct Export {
    data: Vec<Data>,
}

#[derive(Deserialize)]
struct Data {
    files: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    filename: String,
    summary: Summary,
}

#[derive(Deserialize)]
struct Summary {
    lines: Lines,
}

#[derive(Deserialize)]
struct Lines {
    count: u64,
    covered: u64,
}

/// What is shipped of the files below `root`: no tests, examples and benchmarks in files of their own.
///
/// # Errors
/// It is not such a document.
pub(super) fn parse(text: &str, root: &Path) -> anyhow::Result<Vec<File>> {
    let export: Export = serde_json::from_str(text).context("llvm-cov printed something else than its export")?;
    let entries = export.data.into_iter().flat_map(|data| data.files);
    let files = entries.filter_map(|entry| {
        // Rustc names the files of the workspace from its root, but not with every version and setting.
        let path = Path::new(&entry.filename);
        let path = path.strip_prefix(root).unwrap_or(path);
        let path = path.is_relative().then(|| path.to_string_lossy().replace('\\', "/"))?;
        let (_, in_crate) = path.strip_prefix("crates/")?.split_once('/')?;
        if !in_crate.starts_with("src/") {
            return None;
        }
        Some(File { path, lines: entry.summary.lines.count, reached: entry.summary.lines.covered })
    });
    Ok(files.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_shipped_are_kept() {
        let text = r#"{"data":[{"files":[
            {"filename":"/w/crates/a/src/lib.rs","summary":{"lines":{"count":4,"covered":3,"percent":75}}},
            {"filename":"/w/crates/a/tests/a/main.rs","summary":{"lines":{"count":8,"covered":8,"percent":100}}},
            {"filename":"/w/xtask/src/main.rs","summary":{"lines":{"count":8,"covered":8,"percent":100}}},
            {"filename":"/home/.cargo/x.rs","summary":{"lines":{"count":9,"covered":9,"percent":100}}},
            {"filename":"crates/b/src/lib.rs","summary":{"lines":{"count":2,"covered":0,"percent":0}}}
        ]}],"type":"llvm.coverage.json.export","version":"3.0.1"}"#;
        let file = |path: &str, lines, reached| File { path: path.to_owned(), lines, reached };
        let found = parse(text, Path::new("/w")).unwrap();
        assert_eq!(found, [file("crates/a/src/lib.rs", 4, 3), file("crates/b/src/lib.rs", 2, 0)]);
        assert!(parse("{}", Path::new("/w")).is_err());
    }
}
