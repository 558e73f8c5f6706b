//! Naming standards.

use std::path::Path;

use fabric_deploy::desired::ItemKey;
use fabric_deploy::diagnostic::{Diagnostics, Place, Severity};
use fabric_deploy::naming::{Standards, validate};

const ORIGINAL: &str = include_str!("../product/fixtures/naming_standards.yaml");

fn read(text: &str) -> (Option<Standards>, Diagnostics) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("naming_standards.yaml");
    std::fs::write(&file, text).unwrap();
    Standards::read(&file)
}

/// The original standards with one change.
fn standards(from: &str, to: &str) -> Standards {
    assert!(ORIGINAL.contains(from), "{from}");
    let (standards, diagnostics) = read(&ORIGINAL.replacen(from, to, 1));
    standards.unwrap_or_else(|| panic!("{diagnostics}"))
}

fn original() -> Standards {
    standards("version", "version")
}

fn check(standards: &Standards, item_type: &str, name: &str) -> Diagnostics {
    let key = ItemKey::new(item_type, name);
    validate(standards, "dev", [(&key, Place::line("product_config.yaml", 7))])
}

fn codes(standards: &Standards, item_type: &str, name: &str) -> Vec<&'static str> {
    check(standards, item_type, name).iter().map(|finding| finding.code).collect()
}

fn suggestion(item_type: &str, name: &str) -> Option<String> {
    check(&original(), item_type, name).iter().find_map(|finding| finding.remedy.clone())
}

#[test]
fn every_example_of_the_original_conforms() {
    let standards = original();
    let document: serde_json::Value = {
        let (document, _) = fabric_deploy::document::Document::parse(
            ORIGINAL,
            Path::new("naming_standards.yaml"),
            fabric_deploy::document::Format::Yaml,
        );
        document.unwrap().root.to_json()
    };
    let mut checked = 0;
    for (item_type, rule) in document["item_types"].as_object().unwrap() {
        for example in rule["examples"].as_array().unwrap() {
            let name = example.as_str().unwrap();
            assert!(codes(&standards, item_type, name).is_empty(), "{name}");
            checked += 1;
        }
    }
    assert_eq!(checked, 29);
}

#[test]
fn names_are_matched_from_their_first_to_their_last_character() {
    let standards = original();
    for (item_type, name, expected) in [
        ("Lakehouse", "BRONZE_A_Lakehouse\n", &["name-characters", "name-pattern"][..]),
        ("Lakehouse", "xBRONZE_A_Lakehouse", &["name-pattern"]),
        ("Lakehouse", "bronze_A_Lakehouse", &["name-pattern"]),
        ("Lakehouse", "BRONZE__Lakehouse", &["name-pattern"]),
        ("Notebook", "1_A_Notebook", &["name-pattern"]),
        ("Notebook", "", &["empty-name"]),
        ("Notebook", " \t", &["empty-name"]),
        ("Warehouse", "Sales Data_Warehouse", &["name-characters", "name-pattern"]),
        ("Report", "_Sales_Report", &["name-leading-special", "name-pattern"]),
        ("Report", "TEST", &["reserved-name", "name-pattern"]),
    ] {
        assert_eq!(codes(&standards, item_type, name), expected, "{name:?}");
    }
    let long = format!("{}_Report", "a".repeat(250));
    assert_eq!(codes(&standards, "Report", &long), ["name-too-long"]);
    assert!(codes(&standards, "Report", &long[1..]).is_empty());
}

#[test]
fn a_pattern_without_anchors_still_matches_the_whole_name() {
    let standards = standards("\"^[A-Za-z0-9]+(_[A-Za-z0-9]+)*_Report$\"", "\"a|b\"");
    assert!(codes(&standards, "Report", "b").is_empty());
    assert_eq!(codes(&standards, "Report", "bc"), ["name-pattern"]);
    assert_eq!(codes(&standards, "Report", "ca"), ["name-pattern"]);
}

#[test]
fn global_rules_follow_the_file() {
    let digits = standards("no_leading_numbers: false", "no_leading_numbers: true");
    assert_eq!(codes(&digits, "Notebook", "01_A_Notebook"), ["name-leading-digit"]);
    let any_start = standards("no_special_chars_start: true", "no_special_chars_start: false");
    assert_eq!(codes(&any_start, "Report", "_Sales_Report"), ["name-pattern"]);
    let any_case = standards("case_sensitive: true", "case_sensitive: false");
    assert!(codes(&any_case, "Lakehouse", "bronze_a_lakehouse").is_empty());
    let short = standards("max_length: 256", "max_length: 10");
    assert_eq!(codes(&short, "Report", "Sales_Report"), ["name-too-long"]);
    let letters = standards("\"A-Za-z0-9_-\"", "\"A-Za-z_\"");
    assert_eq!(codes(&letters, "Report", "Sales1_Report"), ["name-characters"]);
}

#[test]
fn a_ticket_replaces_the_pattern_of_the_type() {
    let standards = original();
    for name in ["JIRA-12345_CustomerSegmentation_Lakehouse", "GH-4_X_Lakehouse"] {
        assert!(codes(&standards, "Lakehouse", name).is_empty(), "{name}");
    }
    assert_eq!(codes(&standards, "Lakehouse", "JIRA-1_Customers"), ["ticket-pattern"]);
    assert_eq!(codes(&standards, "Lakehouse", "LINEAR-1_X_Lakehouse"), ["name-pattern"], "not a ticket system");
    assert_eq!(codes(&standards, "Lakehouse", "JIRA12_X_Lakehouse"), ["name-pattern"], "not a ticket");
    let off = self::standards("ticket_based_naming:\n  enabled: true", "ticket_based_naming:\n  enabled: false");
    assert_eq!(codes(&off, "Lakehouse", "JIRA-1_X_Lakehouse"), ["name-pattern"]);
}

#[test]
fn an_environment_suffix_is_demanded_and_must_be_the_right_one() {
    let standards = standards("environment_suffixes:\n  enabled: false", "environment_suffixes:\n  enabled: true");
    assert!(codes(&standards, "Lakehouse", "BRONZE_Sales_Lakehouse--DEV").is_empty());
    assert_eq!(codes(&standards, "Lakehouse", "BRONZE_Sales_Lakehouse--PROD"), ["environment-suffix"]);
    assert_eq!(codes(&standards, "Lakehouse", "BRONZE_Sales_Lakehouse"), ["environment-suffix"]);
    assert_eq!(codes(&standards, "Lakehouse", "Sales--DEV"), ["name-pattern"]);
    let found = check(&standards, "Lakehouse", "Sales--DEV");
    assert!(found.to_string().contains("call it `BRONZE_Sales_Lakehouse--DEV`"), "{found}");
}

#[test]
fn strictness_decides_between_errors_and_warnings() {
    let severity = |standards: &Standards, item_type: &str| {
        check(standards, item_type, "x").iter().map(|finding| finding.severity).collect::<Vec<_>>()
    };
    assert_eq!(severity(&original(), "Report"), [Severity::Error]);
    assert_eq!(severity(&original(), "Eventhouse"), [Severity::Error]);
    assert_eq!(severity(&original().strict(false), "Report"), [Severity::Warning]);
    assert_eq!(severity(&original().strict(false), "Eventhouse"), [Severity::Warning]);
    assert_eq!(codes(&original(), "Eventhouse", "x"), ["no-naming-rule"]);
    let silent = standards("warn_on_deviation: true", "warn_on_deviation: false");
    assert_eq!(severity(&silent, "Report"), [Severity::Error]);
    assert!(severity(&silent.strict(false), "Report").is_empty());
    let legacy = standards("allow_legacy_names: false", "allow_legacy_names: true");
    assert_eq!(severity(&legacy, "Report"), [Severity::Warning]);
}

#[test]
fn suggestions_conform_and_keep_inner_capitals() {
    for (item_type, name, expected) in [
        ("Lakehouse", "SalesData", "BRONZE_SalesData_Lakehouse"),
        ("Lakehouse", "silver sales_data", "SILVER_SalesData_Lakehouse"),
        ("Lakehouse", "SalesDataLakehouse", "BRONZE_SalesData_Lakehouse"),
        ("Lakehouse", "BRONZE_A_Lakehouse\n", "BRONZE_A_Lakehouse"),
        ("Notebook", "7-ingest-CSVFiles", "07_IngestCSVFiles_Notebook"),
        ("Notebook", "test", "01_Test_Notebook"),
        ("DataPipeline", "daily refresh", "DailyRefresh_Pipeline"),
        ("MLModel", "churn", "Churn_Model"),
        ("SemanticModel", "sales.semanticmodel", "Sales_SemanticModel"),
    ] {
        assert_eq!(suggestion(item_type, name), Some(format!("call it `{expected}`")), "{name}");
        assert!(codes(&original(), item_type, expected).is_empty());
    }
    let examples = "choose a name like `Executive_Dashboard`, `Operations_Dashboard`, `RealTime_Monitoring_Dashboard`";
    assert_eq!(suggestion("Dashboard", "--"), Some(examples.to_owned()));
    let silent = standards("auto_fix_suggestions: true", "auto_fix_suggestions: false");
    assert!(check(&silent, "Report", "x").iter().all(|finding| finding.remedy.is_none()));
}

#[test]
fn findings_say_where_the_item_and_the_rule_are() {
    let found = check(&original(), "Report", "x").to_string();
    assert!(found.starts_with("product_config.yaml:7: error[name-pattern]: the Report `x` does not match"), "{found}");
    assert!(found.contains("naming_standards.yaml:105:14"), "{found}");
}

#[test]
fn one_name_with_two_types_is_checked_twice() {
    let keys = [ItemKey::new("Report", "x"), ItemKey::new("Dashboard", "x")];
    let found = validate(&original(), "dev", keys.iter().map(|key| (key, Place::file("f"))));
    assert_eq!(found.iter().count(), 2);
}

#[test]
fn mistakes_in_the_standards_have_codes_and_lines() {
    for (from, to, expected) in [
        ("\"^[A-Za-z0-9]+(_[A-Za-z0-9]+)*_Report$\"", "\"(?=x)y\"", ("naming-pattern", 105)),
        ("\"^[A-Za-z0-9]+(_[A-Za-z0-9]+)*_Report$\"", "\"a)|(b\"", ("naming-pattern", 105)),
        ("\"A-Za-z0-9_-\"", "\"z-a\"", ("naming-pattern", 12)),
        ("max_length", "max_lenght", ("unknown-key", 11)),
        ("no_leading_numbers: false", "no_leading_numbers: 3", ("wrong-type", 14)),
        ("  Dataflow:\n", "  Report:\n", ("duplicate-key", 127)),
        ("\"system\"", "3", ("wrong-type", 17)),
    ] {
        assert!(ORIGINAL.contains(from), "{from}");
        let (standards, diagnostics) = read(&ORIGINAL.replacen(from, to, 1));
        assert!(standards.is_none(), "{to}");
        let errors: Vec<_> = diagnostics
            .iter()
            .filter(|finding| finding.severity == Severity::Error)
            .map(|finding| (finding.code, finding.place.as_ref().unwrap().line.unwrap()))
            .collect();
        assert_eq!(errors, [expected], "{to}");
    }
}

#[test]
fn keys_that_cannot_act_are_named_only_when_they_are_used() {
    let (_, quiet) = read(ORIGINAL);
    assert!(!quiet.to_string().contains("exempt_item_ids"));
    let (_, said) = read(&ORIGINAL.replace("exempt_item_ids: []", "exempt_item_ids: [a]"));
    assert!(said.to_string().contains("`exemptions.exempt_item_ids` changes nothing"), "{said}");
}
