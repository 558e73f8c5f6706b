//! Every published crate with features compiles with none of them, with each alone, and with all.

use std::collections::BTreeSet;

use cargo_metadata::Package;

use crate::process::{cargo, run};
use crate::release;
use crate::stage::Outcome;
use crate::tools;
use crate::workspace::Workspace;

/// Checks each set of features of each crate that has some.
///
/// # Errors
/// A set that does not compile.
pub(crate) fn run_all(workspace: &Workspace) -> anyhow::Result<Outcome> {
    tools::need_component(workspace, "clippy", "clippy")?;
    let packages = workspace.metadata.workspace_packages();
    for package in packages.into_iter().filter(|package| release::is_published(package)) {
        for set in sets(package) {
            let mut check = cargo(workspace.root());
            check.args(["clippy", "--quiet", "--locked", "--no-default-features", "--package", package.name.as_str()]);
            if !set.is_empty() {
                check.args(["--features", &set.join(",")]);
            }
            run(check.args(["--", "-D", "warnings"]))?;
        }
    }
    Ok(Outcome::Passed)
}

/// None, each, those that are on by default, all: each set once. A crate without features has no sets.
fn sets(package: &Package) -> BTreeSet<Vec<&str>> {
    let all: Vec<&str> = package.features.keys().map(String::as_str).filter(|name| *name != "default").collect();
    if all.is_empty() {
        return BTreeSet::new();
    }
    let mut sets: BTreeSet<Vec<&str>> = all.iter().map(|name| vec![*name]).collect();
    sets.insert(Vec::new());
    sets.insert(all);
    if let Some(default) = package.features.get("default") {
        let mut default: Vec<&str> = default.iter().map(String::as_str).collect();
        default.sort_unstable();
        sets.insert(default);
    }
    sets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(features: &str) -> Package {
        let text = format!(
            "{{\"name\":\"a\",\"version\":\"0.1.0\",\"id\":\"a\",\"dependencies\":[],\"targets\":[],\"features\":{features},\
             \"manifest_path\":\"/a/Cargo.toml\"}}"
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn each_set_is_checked_once() {
        let three = package("{\"default\":[\"c\",\"b\"],\"a\":[],\"b\":[],\"c\":[]}");
        let expected: [&[&str]; 6] = [&[], &["a"], &["a", "b", "c"], &["b"], &["b", "c"], &["c"]];
        assert_eq!(sets(&three).into_iter().collect::<Vec<_>>(), expected);
        assert_eq!(sets(&package("{\"default\":[],\"a\":[]}")), BTreeSet::from([vec![], vec!["a"]]));
        assert!(sets(&package("{}")).is_empty());
        assert!(sets(&package("{\"default\":[]}")).is_empty());
    }
}
