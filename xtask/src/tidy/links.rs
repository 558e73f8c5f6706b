//! Relative links of documents lead somewhere.

use super::finding::Finding;
use super::prose::outside_code_blocks;
use super::tree::File;

/// Checks one document. `exists` answers for a path relative to the workspace's root.
pub(crate) fn check(file: &File, exists: &dyn Fn(&str) -> bool) -> Vec<Finding> {
    let folder = file.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut findings = Vec::new();
    for (number, line) in outside_code_blocks(&file.text) {
        for target in targets(line) {
            let path = target.split('#').next().unwrap_or_default();
            if path.is_empty() || path.contains("://") || path.starts_with("mailto:") {
                continue;
            }
            let leads = resolve(folder, path).is_some_and(|path| exists(&path));
            if !leads {
                let message = format!("the link `{target}` leads nowhere");
                findings.push(Finding::new(&file.path, number, "dead-link", message));
            }
        }
    }
    findings
}

/// What inline links, images and link definitions of a line point to.
fn targets(line: &str) -> Vec<&str> {
    let inline = line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next());
    let definition =
        line.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: ")).map(|(_, target)| target);
    inline
        .chain(definition.into_iter().filter_map(|target| target.split(' ').next()))
        .filter(|t| !t.is_empty())
        .collect()
}

/// The path from the root; `None` where it leaves the tree.
fn resolve(folder: &str, path: &str) -> Option<String> {
    let base = if path.starts_with('/') { "" } else { folder };
    let mut parts: Vec<&str> = Vec::new();
    for part in base.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dead(path: &str, text: &str) -> Vec<usize> {
        let exists = |path: &str| matches!(path, "README.md" | "docs/a.md" | "docs");
        check(&File::new(path, text), &exists).iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn dead_links_are_found() {
        assert_eq!(
            dead("docs/a.md", "[x](b.md)\n[y](../README.md)\n[z](../../README.md)\n\n[q]: gone.md\n"),
            [1, 3, 5]
        );
    }

    #[test]
    fn living_links_pass() {
        assert!(
            dead("README.md", "[a](docs/a.md#part) [b](#here) [c](https://example.org/x) ![d](docs \"t\")\n")
                .is_empty()
        );
        assert!(dead("README.md", "```\n[x](gone.md)\n```\n").is_empty());
    }
}
