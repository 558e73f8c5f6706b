//! The style guide in code. Every finding is reported at once, with its file and line.

mod edges;
mod finding;
mod lexer;
mod links;
mod manifest;
mod names;
mod prose;
mod rust;
mod text;
mod tree;

use std::collections::BTreeSet;

use anyhow::bail;

use crate::stage::Outcome;
use crate::workspace::Workspace;
use finding::Finding;
use tree::{File, Kind};

/// No source file is longer than this many lines.
const MAX_LINES: usize = 800;

/// Checks the whole tree.
///
/// # Errors
/// There are findings; they are printed.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<Outcome> {
    let files = tree::read(workspace.root())?;
    let mut findings = edges::check(&workspace.metadata);
    findings.extend(manifest::check_packages(&workspace.metadata));
    let paused = rust::paused_folders(&files);
    for file in &files {
        findings.extend(check_file(file, &paused, &|path| workspace.root().join(path).exists()));
    }
    findings.sort();
    findings.dedup();
    for finding in &findings {
        println!("{finding}");
    }
    println!("{}", sizes(&files));
    if !findings.is_empty() {
        bail!("{} finding{}", findings.len(), if findings.len() == 1 { "" } else { "s" });
    }
    Ok(Outcome::Passed)
}

fn check_file(file: &File, paused: &BTreeSet<&str>, exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let mut findings = text::check(file);
    match file.kind {
        Kind::Rust => {
            let lines = lexer::lex(&file.text, file.is_test());
            findings.extend(rust::check(file, &lines, paused));
            findings.extend(names::check(file, &lines));
            findings.extend(prose::check_comments(file, &lines));
        }
        Kind::Markdown => {
            findings.extend(prose::check_markdown(file));
            findings.extend(links::check(file, exists));
        }
        Kind::Manifest => findings.extend(manifest::check(file)),
        Kind::Other => {}
    }
    findings
}

/// How long the source files are, in one line.
fn sizes(files: &[File]) -> String {
    let mut lines: Vec<usize> =
        files.iter().filter(|file| file.kind == Kind::Rust).map(|file| file.text.lines().count()).collect();
    lines.sort_unstable();
    let total: usize = lines.iter().sum();
    let median = lines.get(lines.len() / 2).copied().unwrap_or_default();
    let longest = lines.last().copied().unwrap_or_default();
    format!("{} Rust files, {total} lines; median {median}, longest {longest} (limit {MAX_LINES})", lines.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_summed_up() {
        let file = |lines: usize| File::new("a.rs", &"x\n".repeat(lines));
        assert_eq!(sizes(&[file(10), file(30), file(20)]), "3 Rust files, 60 lines; median 20, longest 30 (limit 800)");
    }
}
