//! Keys that act: changing each of them changes the result.

use super::fixture::{Project, STANDARDS};

fn folders(project: &Project) -> Vec<String> {
    project.loaded().desired.folders().iter().map(ToString::to_string).collect()
}

#[test]
fn folders_are_made_only_when_asked_for() {
    let project = Project::original();
    project.change("    auto_deploy: true\n", "    use_medallion_architecture: true\n");
    assert!(folders(&project).is_empty());
    assert!(project.findings().contains(&"warning no-effect product_config.yaml:17".to_owned()));
    project.change("use_medallion_architecture: true", "use_medallion_architecture: true\n    create_folders: true");
    let made = folders(&project);
    assert_eq!(made.len(), 12);
    assert_eq!(made[..3], ["/Bronze Layer", "/Gold Layer", "/Silver Layer"]);
    assert!(made.contains(&"/Silver Layer/Validated".to_owned()));
}

#[test]
fn a_folder_structure_is_a_mapping_or_a_list() {
    let structure = "    create_folders: true
    folder_structure:
      Ingest: [Raw, Archive]
      Serve:
        Reports: {Monthly: }
        Models:
";
    let project = Project::original();
    project.change("    auto_deploy: true\n", structure);
    let expected = [
        "/Ingest",
        "/Serve",
        "/Ingest/Archive",
        "/Ingest/Raw",
        "/Serve/Models",
        "/Serve/Reports",
        "/Serve/Reports/Monthly",
    ];
    assert_eq!(folders(&project), expected);
    project.change("      Serve:", "      \"a/b\":");
    assert_eq!(project.errors(), ["invalid-folder product_config.yaml:20"]);
}

#[test]
fn items_are_left_out_with_create_items_false() {
    let project = Project::original();
    project.change("create_items: true", "create_items: false");
    assert!(project.loaded().desired.items.is_empty());
}

#[test]
fn naming_can_be_strict_lenient_or_off() {
    let project = Project::original();
    project.change("BRONZE_SalesData_Lakehouse", "SalesData");
    assert_eq!(project.errors(), ["name-pattern product_config.yaml:36"]);
    project.change("strict_mode: true", "strict_mode: false");
    assert!(project.findings().contains(&"warning name-pattern product_config.yaml:36".to_owned()));
    project.change("validate_naming: true", "validate_naming: no");
    assert!(!project.findings().iter().any(|finding| finding.contains("name-pattern")));
    project.change("validate_naming: no", "validate_naming: yes");
    project.change("  validate: true", "  validate: false");
    assert!(!project.findings().iter().any(|finding| finding.contains("name-pattern")));
}

#[test]
fn naming_standards_are_found_in_config_and_missed_when_absent() {
    let project = Project::original();
    project.remove("naming_standards.yaml");
    assert_eq!(project.errors(), ["naming-standards-missing product_config.yaml:82"]);
    project.write("config/naming_standards.yaml", STANDARDS);
    assert!(project.errors().is_empty());
}

#[test]
fn values_that_contradict_what_always_happens_are_warned_about() {
    for (from, to, line) in [
        ("wait_for_completion: true", "wait_for_completion: false", 92),
        ("verify_items_created: true", "verify_items_created: false", 93),
        ("log_all_operations: true", "log_all_operations: false", 88),
        ("auto_fix: false", "auto_fix: true", 83),
    ] {
        let project = Project::original();
        let expected = format!("warning no-effect product_config.yaml:{line}");
        assert!(!project.findings().contains(&expected));
        project.change(from, to);
        assert!(project.findings().contains(&expected), "{to}: {:?}", project.findings());
    }
}

#[test]
fn settings_follow_their_keys() {
    let project = Project::original();
    project.change("rollback_on_error: false", "rollback_on_error: true");
    project.change("audit:\n  enabled: true", "audit:\n  enabled: false");
    project.change("  reference: \"AUTOMATED-SCENARIO\"\n", "");
    let settings = project.loaded().settings;
    assert_eq!(settings.rollback_on_error, Some(true));
    assert_eq!(settings.audit_enabled, Some(false));
    assert_eq!(settings.audit_reference, None);
}
