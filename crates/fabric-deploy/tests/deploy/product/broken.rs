//! Broken files: what is found, where, and that everything is found at once.

use super::fixture::{PRINCIPALS_FILE, Project};

#[test]
fn each_mistake_in_the_product_configuration_has_its_code_and_line() {
    for (from, to, expected) in [
        ("  name: \"Sales Analytics\"\n", "", "missing-key product_config.yaml:5"),
        ("name: \"Sales Analytics\"", "name: 5", "wrong-type product_config.yaml:5"),
        ("name: \"Sales Analytics\"", "name: \" \"", "invalid-product-name product_config.yaml:5"),
        ("domain:", "domian:", "unknown-key product_config.yaml:9"),
        ("audit:\n", "audits:\n", "unknown-key product_config.yaml:86"),
        ("    enabled: true\n", "    enabled: perhaps\n", "wrong-type product_config.yaml:13"),
        ("    enabled: true\n", "    enabled: false\n", "environment-not-chosen product_config.yaml:12"),
        ("  dev:\n", "  \"../dev\":\n", "invalid-environment product_config.yaml:12"),
        ("0749b635-c51b", "0749b635-c51", "invalid-guid product_config.yaml:15"),
        ("\"0749b635-c51b-46c6-948a-02f05d7fe177\"", "${CAPACITY}", "unresolved-variable product_config.yaml:15"),
        ("\"0749b635-c51b-46c6-948a-02f05d7fe177\"", "\"${CAPACITY\"", "malformed-variable product_config.yaml:15"),
        ("  lakehouses:\n", "  lakehouse:\n", "unknown-key product_config.yaml:35"),
        ("SILVER_SalesData", "BRONZE_SalesData", "duplicate-item product_config.yaml:39"),
        ("    - name: \"GOLD_SalesAnalytics_Lakehouse\"\n      ", "    - ", "missing-key product_config.yaml:42"),
        ("  auto_fix: false", "  auto_fix: false\n  validate: true", "duplicate-key product_config.yaml:84"),
        ("deployment:\n", "deployment: [\n", "yaml-syntax product_config.yaml:93"),
        ("git:\n", "parameters: parameter.yml\ngit:\n", "missing-key product_config.yaml:19"),
        ("git:\n", "source: nowhere\ngit:\n", "source-missing product_config.yaml:19"),
    ] {
        let project = Project::original();
        project.change(from, to);
        assert_eq!(project.errors(), [expected], "{to}");
    }
}

#[test]
fn each_mistake_in_the_project_configuration_has_its_code_and_line() {
    for (from, to, expected) in [
        ("\"prefix\": \"usf2-fabric\",", "", "missing-key project.config.json:2"),
        ("{prefix}-{name}-{environment}", "{prefix}-{nmae}", "unknown-placeholder project.config.json:9"),
        ("{prefix}-{name}-{environment}", "{prefix}-{name", "malformed-placeholder project.config.json:9"),
        ("{prefix}-{name}-{environment}", "prefix}", "malformed-placeholder project.config.json:9"),
        ("{prefix}-{name}-{environment}", " ", "invalid-workspace-name project.config.json:9"),
        ("\"organization\": \"LEIT-TekSystems\"", "\"organisation\": \"x\"", "unknown-key project.config.json:6"),
        ("\"products\": [],", "\"products\": [,],", "json-syntax project.config.json:86"),
        ("\"version\": \"1.0.0\",", "\"version\": \"1.0.0\", \"version\": 2,", "duplicate-key project.config.json:89"),
    ] {
        let project = Project::original();
        project.replace("project.config.json", from, to);
        assert_eq!(project.errors(), [expected], "{to}");
    }
}

#[test]
fn each_mistake_in_the_principals_file_has_its_code_and_line() {
    for (line, expected) in [
        ("a1b2c3d4,Admin", vec!["invalid-guid"]),
        ("d4e5f6a7-0000-4000-8000-000000000003,Administrator", vec!["invalid-role"]),
        ("d4e5f6a7-0000-4000-8000-000000000003,admin", vec!["invalid-role"]),
        ("d4e5f6a7-0000-4000-8000-000000000003,Admin,x,Robot", vec!["invalid-principal-type"]),
        ("d4e5f6a7-0000-4000-8000-000000000003", vec!["principal-fields"]),
        ("d4e5f6a7-0000-4000-8000-000000000003,Admin,Sales, North,User", vec!["principal-fields"]),
        ("a1b2c3d4-e5f6-7890-abcd-ef1234567890,Viewer,,User", vec!["duplicate-principal"]),
        ("nobody,None,x,Nothing", vec!["invalid-guid", "invalid-principal-type", "invalid-role"]),
    ] {
        let project = Project::original();
        let mut text = super::fixture::PRINCIPALS.to_owned();
        text.push_str(line);
        project.write(PRINCIPALS_FILE, &text);
        let expected: Vec<_> =
            expected.iter().map(|code| format!("{code} sales_analytics_dev_principals.txt:5")).collect();
        assert_eq!(project.errors(), expected, "{line}");
    }
    let project = Project::original();
    project.write(PRINCIPALS_FILE, "# nobody yet\n");
    assert_eq!(project.errors(), ["principals-empty sales_analytics_dev_principals.txt"]);
}

#[test]
fn mistakes_in_several_files_are_found_in_one_run() {
    let project = Project::original();
    project.change("domain:", "domian:");
    project.change("0749b635-c51b", "0749b635");
    project.replace("project.config.json", "\"contacts\"", "\"contact\"");
    project.replace("naming_standards.yaml", "max_length: 256", "max_length: long");
    project.write(PRINCIPALS_FILE, "me,Admin\n");
    assert_eq!(
        project.errors(),
        [
            "invalid-guid sales_analytics_dev_principals.txt:1",
            "wrong-type naming_standards.yaml:11",
            "unknown-key project.config.json:74",
            "unknown-key product_config.yaml:9",
            "invalid-guid product_config.yaml:15",
        ]
    );
}

#[test]
fn missing_files_are_named() {
    let project = Project::original();
    project.remove("project.config.json");
    assert_eq!(project.errors(), ["project-config-missing product_config.yaml"]);
    project.remove("scenarios/sales/product_config.yaml");
    assert_eq!(project.errors(), ["file-not-found product_config.yaml"]);
}

#[test]
fn an_environment_that_is_unknown_or_disabled_is_refused() {
    let project = Project::original();
    assert_eq!(project.errors_for(Some("test")), ["unknown-environment product_config.yaml:12"]);
    let (_, diagnostics) = project.load_for(Some("Dev"));
    assert!(diagnostics.to_string().contains("did you mean `dev`?"), "{diagnostics}");
    project.change("    enabled: true\n", "    enabled: off\n");
    assert_eq!(project.errors_for(Some("dev")), ["environment-disabled product_config.yaml:12"]);
}

#[test]
fn an_unknown_key_is_told_its_nearest_neighbour() {
    let project = Project::original();
    project.change("rollback_on_error", "rollback_on_eror");
    let (_, diagnostics) = project.load();
    assert!(diagnostics.to_string().contains("did you mean `rollback_on_error`?"), "{diagnostics}");
}
