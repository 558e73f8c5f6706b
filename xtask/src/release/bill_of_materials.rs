//! What the program is made of, as a CycloneDX document.
//!
//! Written here and not by cargo-cyclonedx, whose documents carry a random serial number: this one is the same whenever it
//! is made from the same commit, like the program that it describes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId};
use serde_json::{Value, json};

use super::binary::TARGET;
use super::history;
use crate::process::{cargo, output};
use crate::workspace::Workspace;

/// The package that the document describes.
const PROGRAM: &str = "fabric-cli";

/// Writes the document beside the program.
///
/// # Errors
/// Cargo or git cannot be asked, or the file cannot be written.
#[expect(clippy::disallowed_methods, reason = "the folder of artifacts is this room's")]
pub(super) fn write(workspace: &Workspace, artifacts: &Path) -> anyhow::Result<()> {
    let document = describe(workspace, &history::commit_date(workspace)?)?;
    let path = artifacts.join(format!("{PROGRAM}.cdx.json"));
    let text = serde_json::to_string_pretty(&document)? + "\n";
    std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
}

/// The program as cargo builds it for [`TARGET`].
fn describe(workspace: &Workspace, date: &str) -> anyhow::Result<Value> {
    let mut tree = cargo(workspace.root());
    tree.args(["tree", "--locked", "--package", PROGRAM, "--edges", "normal,build", "--target", TARGET]);
    let parts = parts(&output(tree.args(["--prefix", "none", "--format", "{p}"]))?);
    let metadata = MetadataCommand::new()
        .manifest_path(workspace.root().join("Cargo.toml"))
        .other_options(["--locked".to_owned(), "--filter-platform".to_owned(), TARGET.to_owned()])
        .exec()
        .context("cannot read the dependency graph")?;
    let lock = std::fs::read_to_string(workspace.root().join("Cargo.lock")).context("cannot read Cargo.lock")?;
    Ok(document(&metadata, &parts, &digests(&lock), date))
}

/// Names and versions as `cargo tree` prints them: `name v1.2.3 (and more)`.
fn parts(tree: &str) -> BTreeSet<(String, String)> {
    tree.lines()
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            Some((words.next()?.to_owned(), words.next()?.strip_prefix('v')?.to_owned()))
        })
        .collect()
}

/// The SHA-256 of each package of the registry, from the lock file.
fn digests(lock: &str) -> BTreeMap<(String, String), String> {
    let mut digests = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(" = \""))?;
            line.strip_suffix('"').map(str::to_owned)
        };
        if let (Some(name), Some(version), Some(digest)) = (value("name"), value("version"), value("checksum")) {
            digests.insert((name, version), digest);
        }
    }
    digests
}

fn document(
    metadata: &Metadata,
    parts: &BTreeSet<(String, String)>,
    digests: &BTreeMap<(String, String), String>,
    date: &str,
) -> Value {
    let mut packages: Vec<&Package> =
        metadata.packages.iter().filter(|package| parts.contains(&identity(package))).collect();
    packages.sort_by_key(|package| identity(package));
    let references: BTreeMap<&PackageId, String> =
        packages.iter().map(|package| (&package.id, reference(package))).collect();
    let (program, libraries): (Vec<&Package>, Vec<&Package>) =
        packages.iter().partition(|package| package.name.as_str() == PROGRAM);
    let component = |package: &&Package| component(package, digests.get(&identity(package)));
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "timestamp": date, "component": program.first().map(component) },
        "components": libraries.iter().map(component).collect::<Vec<_>>(),
        "dependencies": dependencies(metadata, &references),
    })
}

fn identity(package: &Package) -> (String, String) {
    (package.name.to_string(), package.version.to_string())
}

/// The package URL, which is unique in one dependency graph of one registry.
fn reference(package: &Package) -> String {
    format!("pkg:cargo/{}@{}", package.name, package.version.to_string().replace('+', "%2B"))
}

fn component(package: &Package, digest: Option<&String>) -> Value {
    let kind = if package.name.as_str() == PROGRAM { "application" } else { "library" };
    let mut component = json!({
        "type": kind,
        "bom-ref": reference(package),
        "name": package.name.as_str(),
        "version": package.version.to_string(),
        "purl": reference(package),
    });
    if let Some(license) = &package.license {
        // Before SPDX expressions, cargo wrote "or" as a slash.
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    if let Some(digest) = digest {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": digest }]);
    }
    component
}

fn dependencies(metadata: &Metadata, references: &BTreeMap<&PackageId, String>) -> Vec<Value> {
    let nodes = metadata.resolve.as_ref().map(|resolve| resolve.nodes.as_slice()).unwrap_or_default();
    let mut entries: Vec<(&String, BTreeSet<&String>)> = nodes
        .iter()
        .filter_map(|node| {
            let built = |kind: &cargo_metadata::DepKindInfo| kind.kind != cargo_metadata::DependencyKind::Development;
            let needed = node.deps.iter().filter(|needed| needed.dep_kinds.iter().any(built));
            Some((references.get(&node.id)?, needed.filter_map(|needed| references.get(&needed.pkg)).collect()))
        })
        .collect();
    entries.sort();
    entries.into_iter().map(|(reference, needed)| json!({ "ref": reference, "dependsOn": needed })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_made_of_what_it_needs_and_of_nothing_else() {
        let document = describe(&Workspace::load().unwrap(), "2030-01-01T00:00:00Z").unwrap();
        assert_eq!(document["metadata"]["component"]["name"], PROGRAM);
        let components = document["components"].as_array().unwrap();
        let names: BTreeSet<&str> = components.iter().filter_map(|one| one["name"].as_str()).collect();
        assert!(names.contains("tokio") && names.contains("fabric-txn"), "{names:?}");
        assert!(!names.contains("proptest") && !names.contains("windows-sys") && !names.contains("xtask"), "{names:?}");
        let known: BTreeSet<&str> = components.iter().filter_map(|one| one["bom-ref"].as_str()).collect();
        assert_eq!(known.len(), components.len(), "a reference stands for one component");
        let edges = document["dependencies"].as_array().unwrap();
        assert_eq!(edges.len(), components.len() + 1);
        for needed in edges.iter().flat_map(|edge| edge["dependsOn"].as_array().unwrap()) {
            assert!(known.contains(needed.as_str().unwrap()), "{needed}");
        }
        for one in components.iter().filter(|one| !one["name"].as_str().unwrap().starts_with("fabric-")) {
            assert!(one["hashes"][0]["content"].is_string() && one["licenses"].is_array(), "{one}");
        }
    }

    #[test]
    fn cargos_tree_is_read() {
        let tree = "fabric-cli v0.1.0 (/w/crates/fabric-cli)\nanstream v1.0.0\nasync-trait v0.1.89 (proc-macro)\n\nanstream v1.0.0 (*)\n";
        let names: Vec<_> = parts(tree).into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(names, ["anstream 1.0.0", "async-trait 0.1.89", "fabric-cli 0.1.0"]);
    }

    #[test]
    fn the_lock_file_knows_the_digests_of_other_peoples_crates() {
        let lock = "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\nchecksum = \"00ff\"\n\n\
                    [[package]]\nname = \"ours\"\nversion = \"0.1.0\"\ndependencies = [\n \"a\",\n]\n";
        let digests = digests(lock);
        assert_eq!(digests.len(), 1);
        assert_eq!(digests.get(&("a".to_owned(), "1.0.0".to_owned())).map(String::as_str), Some("00ff"));
    }

    #[test]
    fn a_component_says_whose_licence_it_has() {
        let text = "{\"name\":\"a\",\"version\":\"1.0.0+2\",\"id\":\"a\",\"dependencies\":[],\"targets\":[],\"features\":{},\
                    \"manifest_path\":\"/a/Cargo.toml\",\"license\":\"MIT/Apache-2.0\"}";
        let package: Package = serde_json::from_str(text).unwrap();
        let component = component(&package, Some(&"00ff".to_owned()));
        assert_eq!(component["purl"], "pkg:cargo/a@1.0.0%2B2");
        assert_eq!(component["licenses"], json!([{ "expression": "MIT OR Apache-2.0" }]));
        assert_eq!(component["hashes"], json!([{ "alg": "SHA-256", "content": "00ff" }]));
    }
}
