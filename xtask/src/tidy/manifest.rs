//! Manifests: one table of dependencies, one set of lints, and what a published crate owes its users.

use cargo_metadata::{Metadata, Package};

use super::finding::Finding;
use super::tree::File;

/// Checks the text of one member's `Cargo.toml`. The root manifest, which has no package, is the table itself; a package
/// that is a workspace of its own cannot take anything from it.
pub(crate) fn check(file: &File) -> Vec<Finding> {
    let has = |section: &str| file.text.lines().any(|line| line.trim() == section);
    if !has("[package]") || has("[workspace]") {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let mut section = "";
    let mut single_dependency: Option<(usize, bool)> = None;
    let mut has_lints = false;
    for (number, line) in (1..).zip(file.text.lines().map(str::trim)) {
        if line.starts_with('[') {
            findings.extend(unshared(file, single_dependency.take()));
            section = line.trim_matches(['[', ']']);
            single_dependency = is_single_dependency(section).then_some((number, false));
        } else if section == "lints" && takes_from_workspace(line) {
            has_lints = true;
        } else if let Some((_, shared)) = &mut single_dependency {
            *shared = *shared || takes_from_workspace(line);
        } else if is_dependency_table(section) && line.contains('=') && !line.starts_with('#') && !shares(line) {
            findings.extend(unshared(file, Some((number, false))));
        }
    }
    findings.extend(unshared(file, single_dependency));
    if !has_lints {
        let message = "the workspace's lints are not on: `[lints]` with `workspace = true`";
        findings.push(Finding::new(&file.path, 0, "workspace-lints", message));
    }
    findings
}

fn unshared(file: &File, dependency: Option<(usize, bool)>) -> Option<Finding> {
    let (line, false) = dependency? else { return None };
    let message = "take the dependency from the workspace's table: `workspace = true`";
    Some(Finding::new(&file.path, line, "workspace-dependency", message))
}

fn is_dependency_table(section: &str) -> bool {
    section == "dependencies" || section.ends_with("-dependencies") || section.ends_with(".dependencies")
}

fn is_single_dependency(section: &str) -> bool {
    section.rsplit_once('.').is_some_and(|(table, _)| is_dependency_table(table))
}

fn shares(line: &str) -> bool {
    let dense: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    dense.contains(".workspace=true") || dense.contains("{workspace=true") || dense.contains(",workspace=true")
}

fn takes_from_workspace(line: &str) -> bool {
    line.chars().filter(|c| !c.is_whitespace()).collect::<String>() == "workspace=true"
}

/// Checks what cargo knows of each member: description and licence, and for published ones the documents.
pub(crate) fn check_packages(metadata: &Metadata) -> Vec<Finding> {
    let root = metadata.workspace_root.as_std_path();
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        let folder = package.manifest_path.parent().map(|folder| folder.as_std_path().to_owned()).unwrap_or_default();
        let place =
            folder.strip_prefix(root).unwrap_or(&folder).join("Cargo.toml").to_string_lossy().replace('\\', "/");
        let missing = missing(package, &|name| folder.join(name).is_file());
        findings.extend(missing.into_iter().map(|what| Finding::new(&place, 0, "published-crate", what)));
    }
    findings
}

fn missing(package: &Package, has_file: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut missing = Vec::new();
    let mut want = |there: bool, what: &str| {
        if !there {
            missing.push(format!("{what} is missing"));
        }
    };
    want(package.description.is_some(), "`description`");
    want(package.license.is_some(), "`license`");
    let published = package.publish.as_ref().is_none_or(|registries| !registries.is_empty());
    if published {
        want(package.readme.is_some(), "`readme`");
        want(has_file("README.md"), "README.md");
        want(has_file("CHANGELOG.md"), "CHANGELOG.md");
        want(has_file("LICENSE"), "LICENSE");
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(usize, &'static str)> {
        check(&File::new("crates/a/Cargo.toml", text)).iter().map(|finding| (finding.line, finding.rule)).collect()
    }

    #[test]
    fn a_dependency_of_its_own_is_found() {
        let text = "[package]\n[lints]\nworkspace = true\n[dependencies]\na.workspace = true\nb = \"1\"\n\
                    c = { workspace = true, features = [\"x\"] }\n[target.'cfg(unix)'.dependencies]\nd = { version = \"1\" }\n";
        assert_eq!(found(text), [(6, "workspace-dependency"), (9, "workspace-dependency")]);
    }

    #[test]
    fn a_dependency_in_a_table_of_its_own_is_found() {
        let text = "[package]\n[lints]\nworkspace = true\n[dependencies.a]\nworkspace = true\n[dev-dependencies.b]\nversion = \"1\"\n";
        assert_eq!(found(text), [(6, "workspace-dependency")]);
    }

    #[test]
    fn missing_lints_are_found() {
        assert_eq!(found("[package]\nname = \"a\"\n"), [(0, "workspace-lints")]);
        assert!(found("[workspace]\n[workspace.dependencies]\na = \"1\"\n").is_empty());
    }

    #[test]
    fn a_published_crate_without_documents_is_found() {
        let package = |extra: &str| -> Package {
            let text = format!(
                "{{\"name\":\"a\",\"version\":\"0.1.0\",\"id\":\"a\",\"dependencies\":[],\"targets\":[],\"features\":{{}},\
                 \"manifest_path\":\"/a/Cargo.toml\"{extra}}}"
            );
            serde_json::from_str(&text).unwrap()
        };
        assert_eq!(missing(&package(""), &|_| false).len(), 6);
        let private = package(",\"publish\":[],\"description\":\"d\",\"license\":\"MIT\"");
        assert_eq!(missing(&private, &|_| false), Vec::<String>::new());
        let complete = package(",\"description\":\"d\",\"license\":\"MIT\",\"readme\":\"README.md\"");
        assert_eq!(missing(&complete, &|name| name != "CHANGELOG.md"), ["CHANGELOG.md is missing"]);
    }
}
