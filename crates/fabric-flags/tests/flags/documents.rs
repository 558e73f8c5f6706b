//! The generated documents name every feature, and agree with the code.

use std::time::UNIX_EPOCH;

use fabric_flags::{
    Context, Feature, FlagFile, Profile, Snapshot, env_section, flag_file_schema, help_text, json_schema,
    markdown_table,
};
use serde_json::json;

#[test]
fn the_variables_are_the_documented_five() {
    let names = Feature::ALL.map(Feature::variable);
    assert_eq!(
        names,
        [
            "FEATURE_USE_KEY_VAULT",
            "FEATURE_USE_RETRY_LOGIC",
            "FEATURE_USE_ROLLBACK",
            "FEATURE_USE_TELEMETRY",
            "FEATURE_USE_CIRCUIT_BREAKER"
        ]
    );
    for feature in Feature::ALL {
        assert_eq!(Feature::from_variable(feature.variable()), Some(feature));
        assert!(!feature.summary().ends_with('.') && feature.effect().ends_with('.'), "{feature}");
        assert!(!feature.summary().contains('|') && !feature.effect().contains('|'), "{feature}");
    }
    assert_eq!(Feature::from_variable("feature_use_rollback"), None);
}

#[test]
fn the_table_has_a_row_for_each_feature() {
    let table = markdown_table();
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2 + Feature::ALL.len());
    assert_eq!(lines[1], "|---|---|---|---|");
    for (line, feature) in lines[2..].iter().zip(Feature::ALL) {
        let (summary, effect) = (feature.summary(), feature.effect());
        assert_eq!(*line, format!("| `{feature}` | `false` | {summary} | {effect} |"));
    }
}

#[test]
fn the_readme_holds_the_table() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    assert!(readme.contains(&markdown_table()), "README.md does not hold the table that `--example documents` prints");
}

#[test]
fn the_env_section_changes_nothing_and_uncommented_gives_the_defaults() {
    let section = env_section();
    assert!(section.lines().all(|line| line.is_empty() || line.starts_with("# ")));
    let assignments: Vec<&str> = section
        .lines()
        .filter_map(|line| line.strip_prefix("# "))
        .filter(|line| line.starts_with("F") && line.contains("="))
        .collect();
    let mut expected = vec![format!("{}={}", Profile::VARIABLE, Profile::Production)];
    expected.extend(Feature::ALL.map(|feature| format!("{feature}=false")));
    assert_eq!(assignments, expected);
    for feature in Feature::ALL {
        assert!(section.contains(&format!("# {}.\n# {}\n", feature.summary(), feature.effect())), "{feature}");
    }
}

#[test]
fn help_is_one_aligned_line_a_feature() {
    let help = help_text();
    let lines: Vec<&str> = help.lines().collect();
    assert_eq!(lines.len(), 1 + Feature::ALL.len());
    assert_eq!(lines[1], "  FEATURE_USE_KEY_VAULT        Read secrets from Azure Key Vault [default: off]");
    assert_eq!(lines[5], "  FEATURE_USE_CIRCUIT_BREAKER  Stop calling a service that is down [default: off]");
}

#[test]
fn the_schema_describes_a_serialised_snapshot() {
    let schema = json_schema();
    let snapshot = json!(Snapshot::default());
    let names: Vec<&String> = snapshot.as_object().unwrap().keys().collect();
    assert_eq!(schema["required"], json!(names));
    assert_eq!(schema["additionalProperties"], json!(false));
    let properties = schema["properties"].as_object().unwrap();
    assert_eq!(properties.keys().collect::<Vec<_>>(), names);
    for (name, property) in properties {
        assert_eq!(property["type"], "boolean", "{name}");
        assert_eq!(property["default"], snapshot[name], "{name}");
        let feature = Feature::from_variable(name).unwrap();
        assert_eq!(property["description"], json!(format!("{}. {}", feature.summary(), feature.effect())));
    }
}

#[test]
fn the_schema_of_the_file_offers_every_feature_and_no_filter_that_is_not_understood() {
    let schema = flag_file_schema();
    let flag = &schema["properties"]["feature_management"]["properties"]["feature_flags"]["items"];
    let ids = flag["properties"]["id"]["anyOf"].as_array().unwrap();
    let named: Vec<_> = ids.iter().filter_map(|id| id["const"].as_str()).collect();
    assert_eq!(named, Feature::ALL.map(Feature::variable));

    let filter = &flag["properties"]["conditions"]["properties"]["client_filters"]["items"];
    for name in filter["properties"]["name"]["enum"].as_array().unwrap() {
        let parameters = json!({"Audience": {}, "Value": 0, "Start": "Wed, 01 Jan 2025 00:00:00 GMT"});
        let conditions = json!({"client_filters": [{"name": name, "parameters": parameters}]});
        let flags = json!([{"id": "A", "enabled": true, "conditions": conditions}]);
        let file = json!({"feature_management": {"feature_flags": flags}});
        let file = FlagFile::parse(&file.to_string()).unwrap();
        let decision = file.evaluate("A", &Context::at(UNIX_EPOCH));
        assert!(decision.error.is_none(), "{name}: {:?}", decision.error);
    }
}
