//! fabric-cicd's `config.yml`: what is read, and what is found.

use std::path::PathBuf;

use fabric_deploy::config_file::{self, ConfigFile, ConfigRequest};
use fabric_deploy::desired::{FolderPath, ItemKey, WorkspaceSelector};
use fabric_deploy::diagnostic::{Diagnostics, Severity};
use tempfile::TempDir;

struct Case {
    folder: TempDir,
}

impl Case {
    fn new(text: &str) -> Self {
        let folder = TempDir::new().unwrap();
        std::fs::create_dir(folder.path().join("workspace")).unwrap();
        std::fs::write(folder.path().join("parameter.yml"), "find_replace: []\n").unwrap();
        std::fs::write(folder.path().join("config.yml"), text).unwrap();
        Self { folder }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("config.yml")
    }

    fn load(&self, environment: Option<&str>, overrides: Option<&str>) -> (Option<ConfigFile>, Diagnostics) {
        config_file::load(&ConfigRequest { file: &self.file(), environment, overrides })
    }

    fn config(&self, environment: &str) -> ConfigFile {
        let (config, diagnostics) = self.load(Some(environment), None);
        config.unwrap_or_else(|| panic!("{diagnostics}"))
    }
}

fn findings(diagnostics: &Diagnostics, severity: Severity) -> Vec<String> {
    let found = diagnostics.iter().filter(|found| found.severity == severity);
    found
        .map(|found| {
            let line = found.place.as_ref().and_then(|place| place.line).unwrap_or_default();
            format!("{line} {} {}", found.code, found.message)
        })
        .collect()
}

const FULL: &str = "\
core:
  workspace:
    dev: Sales [dev]
    prod: Sales
  repository_directory: workspace
  item_types_in_scope:
    dev: [Notebook, DataPipeline]
  parameter: parameter.yml
publish:
  exclude_regex: tmp_
  folder_exclude_regex: ^/legacy
  skip:
    dev: false
    prod: true
unpublish:
  items_to_include:
    dev: [Old.One.Notebook]
  skip:
    prod: true
features:
  - enable_shortcut_publish
  - enable_lakehouse_unpublish
";

#[test]
fn values_are_those_of_the_environment() {
    let case = Case::new(FULL);
    let dev = case.config("dev");
    assert_eq!(dev.workspace, WorkspaceSelector::Name("Sales [dev]".into()));
    assert_eq!(dev.source, case.folder.path().join("workspace"));
    assert_eq!(dev.parameters, Some(case.folder.path().join("parameter.yml")));
    assert!(dev.unpublishes && dev.features.shortcuts && !dev.features.no_folders);
    assert_eq!(dev.features.deletable_data, ["Lakehouse"]);
    let admits = |item_type: &str, name: &str, folder: &[&str]| {
        let folder = FolderPath(folder.iter().map(|name| (*name).to_owned()).collect());
        dev.publish.admits(&ItemKey::new(item_type, name), &folder)
    };
    assert!(admits("Notebook", "Load", &[]));
    assert!(!admits("Lakehouse", "Load", &[]), "the type is not in scope");
    assert!(!admits("Notebook", "tmp_load", &[]), "the name begins as it must not");
    assert!(admits("Notebook", "load_tmp_", &[]), "an expression for names begins at the start");
    assert!(!admits("Notebook", "Load", &["legacy", "deep"]), "the folder above is left out");
    assert!(dev.unpublish.admits(&ItemKey::new("Notebook", "Old.One"), &FolderPath::root()));
    assert!(!dev.unpublish.admits(&ItemKey::new("Notebook", "Other"), &FolderPath::root()));

    let prod = case.config("prod");
    assert_eq!(prod.workspace, WorkspaceSelector::Name("Sales".into()));
    assert!(!prod.unpublishes);
    assert!(!prod.publish.admits(&ItemKey::new("Notebook", "Load"), &FolderPath::root()), "publish is skipped");
    let (_, diagnostics) = case.load(Some("prod"), None);
    assert_eq!(
        findings(&diagnostics, Severity::Warning),
        ["7 environment-missing `core.item_types_in_scope` has no value for the environment `prod`: it is left out"]
    );
}

#[test]
fn a_required_value_that_the_environment_does_not_have_is_an_error() {
    let case = Case::new(FULL);
    let (config, diagnostics) = case.load(Some("test"), None);
    assert!(config.is_none());
    assert_eq!(
        findings(&diagnostics, Severity::Error),
        ["3 environment-missing `core.workspace` has no value for the environment `test`"]
    );
    let (_, diagnostics) = case.load(None, None);
    assert!(findings(&diagnostics, Severity::Error).iter().all(|found| found.contains("environment-needed")));
}

#[test]
fn everything_that_is_wrong_is_found_at_once_with_its_line() {
    let case = Case::new(
        "core:\n  workspace_id: not-an-id\n  repository_directory: elsewhere\n  item_types_in_scope: []\n\
         publish:\n  exclude_regex: '('\n  items_to_include: [Load]\n  folder_path_to_include: [Ingest]\n  \
         folder_exclude_regex: x\n  skips: true\nfeatures: [enable_shortcut_publsh]\nunpublsh: {}\n",
    );
    let (config, diagnostics) = case.load(Some("dev"), None);
    assert!(config.is_none());
    let found = findings(&diagnostics, Severity::Error);
    for expected in [
        "2 bad-value",
        "3 path-not-found",
        "4 empty-value",
        "6 bad-pattern",
        "7 bad-value",
        "8 bad-value",
        "contradiction",
        "10 unknown-key",
        "11 unknown-feature",
        "12 unknown-key",
    ] {
        assert!(found.iter().any(|found| found.contains(expected)), "{expected} is not among {found:#?}");
    }
}

#[test]
fn constants_and_flags_without_effect_are_named() {
    let case = Case::new(
        "core:\n  workspace: Sales\n  repository_directory: workspace\nconstants:\n  DEFAULT_API_ROOT_URL:\n    \
         dev: https://api.fabric.microsoft.com\nfeatures: [enable_hard_delete, enable_experimental_features]\n",
    );
    let (config, diagnostics) = case.load(Some("dev"), None);
    assert!(config.is_some());
    let warnings = findings(&diagnostics, Severity::Warning);
    assert_eq!(warnings.len(), 2, "{warnings:#?}");
    assert!(warnings[0].starts_with("5 no-effect"), "{warnings:#?}");
    assert!(warnings[1].starts_with("7 no-effect"), "{warnings:#?}");
}

#[test]
fn the_command_line_replaces_values() {
    let case = Case::new(FULL);
    let load = |overrides: &str| case.load(Some("dev"), Some(overrides));
    let (config, _) =
        load(r#"{"core": {"workspace": {"dev": "Mine"}}, "publish": {"exclude_regex": "^x"}, "features": []}"#);
    let config = config.unwrap();
    assert_eq!(config.workspace, WorkspaceSelector::Name("Mine".into()));
    assert!(!config.features.shortcuts);
    assert!(config.publish.admits(&ItemKey::new("Notebook", "tmp_"), &FolderPath::root()));
    assert_eq!(case.config("prod").workspace, WorkspaceSelector::Name("Sales".into()), "other environments stay");
    for wrong in ["{", "[]", r#"{"cor": {}}"#, r#"{"core": 1}"#] {
        let (config, diagnostics) = load(wrong);
        assert!(config.is_none() && diagnostics.has_errors(), "{wrong}");
    }
    let (config, diagnostics) = load(r#"{"core": {"workspace_id": "00000000-0000-4000-8000-000000000001"}}"#);
    assert!(config.is_some(), "{diagnostics}");
}

#[test]
fn its_keys_tell_it_from_a_product_configuration() {
    assert!(config_file::is_config_file(&Case::new(FULL).file()));
    assert!(!config_file::is_config_file(&Case::new("product:\n  name: Sales\n").file()));
    assert!(!config_file::is_config_file(&PathBuf::from("nowhere.yml")));
}

#[test]
fn nothing_of_the_file_can_be_a_secret() {
    let case = Case::new(&FULL.replace("dev: Sales [dev]", "dev: ${secret:workspace}"));
    let (config, diagnostics) = case.load(Some("dev"), None);
    assert!(config.is_none());
    let found = findings(&diagnostics, Severity::Error);
    assert!(found.len() == 1 && found[0].starts_with("3 secret-not-here"), "{found:?}");
}
