//! `spark_pool`: environments name the pool of the workspace that is deployed.

use fabric_deploy::source::LoadedItems;

use super::{Folder, id, item, parts, text};

const POOL: &str = "655fc33c-2712-45a3-864a-b2a00429a8aa";

fn folder(parameters: &str) -> Folder {
    let folder = Folder::new();
    for (number, name) in [(1, "One"), (2, "Two")] {
        folder
            .item(&format!("in/{name}.Environment"), "Environment", name, &id(number))
            .file(&format!("in/{name}.Environment/Setting/Sparkcompute.yml"), compute(POOL))
            .file(&format!("in/{name}.Environment/Libraries/other.yml"), compute(POOL));
    }
    folder.file("parameter.yml", parameters);
    folder
}

fn compute(pool: &str) -> String {
    format!("enable_native_execution_engine: false # kept\ninstance_pool_id: {pool}\ndriver_cores: 4\n")
}

/// What the environment's part says.
fn part(items: &LoadedItems, name: &str, path: &str) -> String {
    let part = parts(item(items, "Environment", name)).iter().find(|part| part.path == path).unwrap();
    text(&part.content)
}

fn entry(more: &str) -> String {
    format!(
        "spark_pool:\n- instance_pool_id: {POOL}\n  replace_value:\n    dev: {{type: Workspace, name: Small}}\n    \
         prod: {{type: Capacity, name: $ENV:POOL}}\n{more}"
    )
}

#[test]
fn the_pool_is_replaced_in_the_compute_settings_alone() {
    let folder = folder(&entry(""));
    let items = folder.items("dev");
    for name in ["One", "Two"] {
        let expected = compute("<the Spark pool \"Small\" of the Workspace>");
        assert_eq!(part(&items, name, "Setting/Sparkcompute.yml"), expected);
        assert_eq!(part(&items, name, "Libraries/other.yml"), compute(POOL));
    }
    let (items, _) = folder.load_with("prod", &|name| (name == "POOL").then(|| "Large".to_owned()));
    let expected = compute("<the Spark pool \"Large\" of the Capacity>");
    assert_eq!(part(&items.unwrap(), "One", "Setting/Sparkcompute.yml"), expected);
}

#[test]
fn an_entry_may_be_about_some_environments() {
    let items = folder(&entry("  item_name: [Two, Three]\n")).items("dev");
    assert_eq!(part(&items, "One", "Setting/Sparkcompute.yml"), compute(POOL));
    assert!(part(&items, "Two", "Setting/Sparkcompute.yml").contains("Small"));
}

#[test]
fn another_pool_stays_and_every_finding_has_its_line() {
    let cases: &[(&str, &[&str])] = &[
        (&entry("").replace(POOL, "another"), &["warning parameter-unused:2"]),
        (&entry("").replace("dev:", "test:"), &["warning parameter-environment-missing:4"]),
        (&entry("").replace("Workspace", "workspace"), &["error parameter-bad-pool:4"]),
        (&entry("").replace("Small", "'${secret:pool}'"), &["error parameter-bad-pool:4"]),
        (&entry("").replace("Capacity", "Tenant"), &["error parameter-bad-pool:5"]),
        (&entry("  item_type: Environment\n"), &["error unknown-key:6"]),
        (&entry("").replace("name: Small", "nam: Small"), &["error missing-key:4", "error unknown-key:4"]),
        (&entry("").replace("name: Small", "name: Small, size: 1"), &["error unknown-key:4"]),
        ("spark_pool:\n- {}\n", &["error missing-key:2", "error missing-key:2"]),
        ("spark_pool: {}\n", &["error wrong-type:1"]),
    ];
    for (parameters, expected) in cases {
        let folder = folder(parameters);
        let (items, diagnostics) = folder.load("dev");
        let found: Vec<_> =
            folder.findings(&diagnostics).iter().map(|finding| finding.replace(" parameter.yml", "")).collect();
        assert_eq!(found, *expected, "{parameters}");
        if let Some(items) = items {
            assert_eq!(part(&items, "One", "Setting/Sparkcompute.yml"), compute(POOL), "{parameters}");
        }
    }
    let (_, diagnostics) = folder(&entry("")).load("prod");
    assert_eq!(diagnostics.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["unset-variable"]);
}
