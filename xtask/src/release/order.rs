//! Which crates are published, each after those it depends on.

use std::fmt::Write as _;

use anyhow::bail;
use cargo_metadata::{Metadata, Package};

use super::Planned;

/// Every published crate of the workspace, in the order in which a registry accepts them.
///
/// # Errors
/// Crates that depend on each other.
pub(super) fn published(metadata: &Metadata) -> anyhow::Result<Vec<&Package>> {
    let mut waiting: Vec<&Package> =
        metadata.workspace_packages().into_iter().filter(|package| is_published(package)).collect();
    waiting.sort_by(|one, other| one.name.cmp(&other.name));
    let mut ordered: Vec<&Package> = Vec::new();
    while !waiting.is_empty() {
        let ready = waiting.iter().position(|package| {
            // Development dependencies with a version are looked up in the registry, too.
            package.dependencies.iter().all(|needed| !waiting.iter().any(|other| *other.name == needed.name))
        });
        let Some(ready) = ready else {
            let names: Vec<_> = waiting.iter().map(|package| package.name.as_str()).collect();
            bail!("these depend on each other, so none can be published first: {}", names.join(", "));
        };
        ordered.push(waiting.remove(ready));
    }
    Ok(ordered)
}

/// Whether a package may be uploaded to a registry.
pub(crate) fn is_published(package: &Package) -> bool {
    package.publish.as_ref().is_none_or(|registries| !registries.is_empty())
}

/// The words that name the crates to cargo.
pub(super) fn package_arguments(planned: &[Planned<'_>]) -> Vec<String> {
    planned.iter().flat_map(|one| ["--package".to_owned(), one.package.name.to_string()]).collect()
}

/// The crates in their order, for people.
pub(super) fn table(planned: &[Planned<'_>]) -> String {
    if planned.is_empty() {
        return "Every version is released: there is nothing to do.\n".to_owned();
    }
    let mut text = format!("{:<5} {:<20} {:<10} last released\n", "order", "crate", "version");
    for (place, one) in (1..).zip(planned) {
        let last = one.last.as_ref().map_or_else(|| "never".to_owned(), ToString::to_string);
        let version = one.package.version.to_string();
        let _ = writeln!(text, "{place:>5} {:<20} {version:<10} {last}", one.package.name.as_str());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(packages: &[(&str, &[&str], bool)]) -> Metadata {
        let ids: Vec<_> = packages.iter().map(|(name, _, _)| format!("\"{name}\"")).collect();
        let packages: Vec<_> = packages
            .iter()
            .map(|(name, needs, published)| {
                let needs: Vec<_> = needs
                    .iter()
                    .map(|needed| {
                        format!(
                            "{{\"name\":\"{needed}\",\"req\":\"^0.1\",\"kind\":null,\"optional\":false,\
                             \"uses_default_features\":true,\"features\":[],\"target\":null}}"
                        )
                    })
                    .collect();
                format!(
                    "{{\"name\":\"{name}\",\"version\":\"0.1.0\",\"id\":\"{name}\",\"dependencies\":[{}],\"targets\":[],\
                     \"features\":{{}},\"manifest_path\":\"/{name}/Cargo.toml\",\"publish\":{}}}",
                    needs.join(","),
                    if *published { "null" } else { "[]" }
                )
            })
            .collect();
        let text = format!(
            "{{\"packages\":[{}],\"workspace_members\":[{}],\"resolve\":null,\"workspace_root\":\"/\",\
             \"target_directory\":\"/t\",\"version\":1}}",
            packages.join(","),
            ids.join(",")
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_crate_follows_what_it_needs() {
        let metadata =
            metadata(&[("a", &["c", "serde"], true), ("b", &["a"], true), ("c", &[], true), ("t", &["a"], false)]);
        let names: Vec<_> = published(&metadata).unwrap().iter().map(|package| package.name.to_string()).collect();
        assert_eq!(names, ["c", "a", "b"]);
    }

    #[test]
    fn a_circle_is_named() {
        let metadata = metadata(&[("a", &["b"], true), ("b", &["a"], true), ("c", &[], true)]);
        let told = published(&metadata).unwrap_err().to_string();
        assert_eq!(told, "these depend on each other, so none can be published first: a, b");
    }
}
