//! Which crate of the workspace may depend on which.

use cargo_metadata::{DependencyKind, Metadata};

use super::finding::Finding;

/// Every edge there may be. What is not here is a finding: the hardening crates know nothing of each other, and
/// nothing knows the command line.
const ALLOWED: [(&str, &[&str]); 2] = [
    (
        "fabric-cli",
        &[
            "fabric-flags",
            "fabric-secrets",
            "fabric-identity",
            "fabric-resilience",
            "fabric-telemetry",
            "fabric-emulator",
            "fabric-deploy",
            "fabric-client",
            "fabric-txn",
        ],
    ),
    ("fabric-deploy", &["fabric-client", "fabric-txn"]),
];

/// The crate that every other may use in its tests.
const TEST_BENCH: &str = "fabric-emulator";

/// Checks every edge that cargo knows.
pub(crate) fn check(metadata: &Metadata) -> Vec<Finding> {
    let members = metadata.workspace_packages();
    let mut findings = Vec::new();
    for package in &members {
        let place = package.manifest_path.strip_prefix(&metadata.workspace_root).unwrap_or(&package.manifest_path);
        for dependency in &package.dependencies {
            let is_member = members.iter().any(|member| *member.name == dependency.name);
            if is_member && !is_allowed(&package.name, &dependency.name, dependency.kind) {
                let message = format!("{} may not depend on {}", package.name, dependency.name);
                findings.push(Finding::new(&place.as_str().replace('\\', "/"), 0, "crate-edge", message));
            }
        }
    }
    findings
}

fn is_allowed(from: &str, to: &str, kind: DependencyKind) -> bool {
    let listed = ALLOWED.iter().any(|(crate_name, below)| *crate_name == from && below.contains(&to));
    listed || (kind == DependencyKind::Development && to == TEST_BENCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges_run_downwards_only() {
        assert!(is_allowed("fabric-cli", "fabric-txn", DependencyKind::Normal));
        assert!(is_allowed("fabric-deploy", "fabric-client", DependencyKind::Normal));
        assert!(!is_allowed("fabric-client", "fabric-resilience", DependencyKind::Normal));
        assert!(!is_allowed("fabric-txn", "fabric-deploy", DependencyKind::Normal));
        assert!(!is_allowed("fabric-deploy", "fabric-flags", DependencyKind::Development));
    }

    #[test]
    fn the_emulator_is_for_tests() {
        assert!(is_allowed("fabric-client", "fabric-emulator", DependencyKind::Development));
        assert!(!is_allowed("fabric-client", "fabric-emulator", DependencyKind::Normal));
        assert!(!is_allowed("fabric-deploy", "fabric-emulator", DependencyKind::Build));
    }
}
