//! Variables change values, never structure.

use proptest::prelude::*;

use super::fixture::Project;

#[test]
fn variables_that_nothing_needs_may_be_missing() {
    let mut project = Project::original();
    project.variables.remove("DATA_OWNER_EMAIL");
    assert_eq!(project.errors(), ["unresolved-variable product_config.yaml:64"], "`product.owner_email` needs none");
    project.change("  - email: \"${DATA_OWNER_EMAIL}\"", "  - email: owner@contoso.example");
    project.loaded();
}

#[test]
fn a_variable_may_hold_a_truth_value_a_guid_or_text() {
    let mut project = Project::original();
    project.change("    enabled: true\n", "    enabled: ${ON}\n");
    project.change("\"0749b635-c51b-46c6-948a-02f05d7fe177\"", "${CAPACITY}");
    project.change("\"AUTOMATED-SCENARIO\"", "\"$${RUN} ${RUN}-${RUN}\"");
    for (name, value) in [("ON", "true"), ("CAPACITY", "0749B635-C51B-46C6-948A-02F05D7FE177"), ("RUN", "${RUN}")] {
        project.variables.insert(name.to_owned(), value.to_owned());
    }
    let product = project.loaded();
    assert!(product.desired.workspace.capacity_id.is_some());
    assert_eq!(product.settings.audit_reference.as_deref(), Some("${RUN} ${RUN}-${RUN}"));
}

#[test]
fn the_value_of_a_variable_is_not_shown() {
    let mut project = Project::original();
    project.change("\"0749b635-c51b-46c6-948a-02f05d7fe177\"", "${CAPACITY}");
    project.change("    enabled: true\n", "    enabled: \"${CAPACITY}\"\n");
    project.variables.insert("CAPACITY".to_owned(), "hush".to_owned());
    assert_eq!(project.errors(), ["wrong-type product_config.yaml:13", "invalid-guid product_config.yaml:15"]);
    assert!(!project.load().1.to_string().contains("hush"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_value_changes_the_structure(value in "[\\x20-\\x7e\n\té{}\\[\\]:#\"'&*!|>%@`,?-]{0,40}") {
        let mut project = Project::original();
        project.change("\"Development environment for Sales Analytics\"", "${TEXT}");
        project.replace("project.config.json", "LEIT-TekSystems", "${TEXT}");
        let missing = ["unresolved-variable project.config.json:6", "unresolved-variable product_config.yaml:16"];
        prop_assert_eq!(project.errors(), missing);
        project.variables.insert("TEXT".to_owned(), value.clone());
        let changed = project.loaded();
        let mut expected = Project::original().loaded();
        prop_assert_eq!(changed.desired.workspace.description.as_ref(), Some(&value));
        expected.desired.workspace.description = Some(value);
        let original: Vec<_> = expected.desired.items.keys().collect();
        let found: Vec<_> = changed.desired.items.keys().collect();
        prop_assert_eq!(original, found);
        prop_assert_eq!(expected.desired.workspace, changed.desired.workspace);
        prop_assert_eq!(expected.desired.roles, changed.desired.roles);
    }
}
