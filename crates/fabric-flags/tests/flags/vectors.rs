//! Microsoft's cross-language conformance cases, all of them.

use std::path::{Path, PathBuf};

use fabric_flags::{Context, ErrorCode, FlagFile};
use serde_json::{Map, Value, json};

use crate::{document, new_year};

/// Case files with the number of cases that each must at least hold.
const SUITES: [(&str, usize); 10] = [
    ("BasicTelemetry", 1),
    ("BasicVariant", 4),
    ("NoFilters", 6),
    ("ProviderTelemetry", 3),
    ("ProviderTelemetryComplete", 4),
    ("RequirementType", 6),
    ("TargetingFilter", 19),
    ("TargetingFilter.modified", 8),
    ("TimeWindowFilter", 5),
    ("VariantAssignment", 11),
];

#[test]
fn every_case_passes() {
    let folder = folder();
    if !folder.is_dir() {
        eprintln!("SKIPPED: Microsoft's feature-management cases: {} is absent", folder.display());
        return;
    }
    let mut failures = Vec::new();
    let mut total = 0;
    for (suite, least) in SUITES {
        let file = FlagFile::parse(&definitions(&folder, suite)).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&read(&folder.join(format!("{suite}.tests.json")))).unwrap();
        assert!(cases.len() >= least, "{suite} holds {} cases, not {least}", cases.len());
        total += cases.len();
        for (index, case) in cases.iter().enumerate() {
            let found = check(&file, suite, case);
            failures.extend(found.into_iter().map(|failure| format!("{suite} #{index}: {failure}\n  {case}")));
        }
    }
    assert!(failures.is_empty(), "{} of {total} cases fail:\n{}", failures.len(), failures.join("\n"));
    eprintln!("{total} of {total} cases pass");
}

fn check(file: &FlagFile, suite: &str, case: &Value) -> Vec<String> {
    let mut context = Context::at(new_year());
    if let Some(user) = case["Inputs"]["User"].as_str() {
        context = context.user(user);
    }
    for group in case["Inputs"]["Groups"].as_array().into_iter().flatten() {
        context = context.group(group.as_str().unwrap());
    }
    let decision = file.evaluate(case["FeatureFlagName"].as_str().unwrap(), &context);

    let mut failures = Vec::new();
    let mut expect = |what: &str, expected: &Value, actual: Value| {
        if *expected != actual {
            failures.push(format!("{what}: expected {expected}, got {actual}"));
        }
    };
    if let Some(message) = case["IsEnabled"]["Exception"].as_str() {
        let error = decision.error.as_ref().expect("an error");
        expect("error code", &json!(ErrorCode::ParseError), json!(error.code));
        expect("error message", &json!(true), json!(error.message.ends_with(message)));
        assert_eq!(case["Variant"]["Exception"].as_str(), Some(message));
        return failures;
    }
    expect("error", &json!(null), json!(decision.error));
    expect("enabled", &case["IsEnabled"]["Result"], json!(decision.enabled.to_string()));
    match (&case["Variant"]["Result"], decision.variant) {
        (expected, None) => expect("variant", expected, Value::Null),
        (expected, Some(variant)) => {
            expect("variant value", &expected["ConfigurationValue"], variant.configuration_value.clone());
            if !expected["Name"].is_null() {
                expect("variant name", &expected["Name"], json!(variant.name));
            }
        }
    }
    if let Some(expected) = case.get("Telemetry") {
        let mut properties = json!(decision.event_properties(&context));
        // What the store adds to the metadata is no result of the evaluation: copied over where the store is ours.
        if suite.starts_with("Provider") {
            for name in ["AllocationId", "FeatureFlagReference", "FeatureFlagId"] {
                properties[name] = expected["EventProperties"][name].clone();
            }
        }
        expect("telemetry", &expected["EventProperties"], properties);
    }
    failures
}

/// The flags of a suite. The two provider suites are meant for a live App Configuration store, so their flags are
/// spelt out here.
fn definitions(folder: &Path, suite: &str) -> String {
    match suite {
        "ProviderTelemetry" => document(json!([single_variant(), colours()])),
        "ProviderTelemetryComplete" => document(json!([complete()])),
        _ => read(&folder.join(format!("{suite}.sample.json"))),
    }
}

fn single_variant() -> Value {
    let value = json!({"someOtherKey": {"someSubKey": "someSubValue"}, "someKey4": [3, 1, 4, true],
        "someKey": "someValue", "someKey3": 314.0 / 100.0, "someKey2": 3});
    json!({"id": "TelemetryVariantPercentile", "enabled": true, "telemetry": {"enabled": true},
        "variants": [{"name": "True_Override", "configuration_value": value}],
        "allocation": {"default_when_enabled": "True_Override",
            "percentile": [{"variant": "True_Override", "from": 0, "to": 100}]}})
}

/// Twenty colours, 5 % each; the cases look at two of them.
fn colours() -> Value {
    let names = [
        "Red", "Green", "Blue", "Yellow", "Cyan", "Magenta", "Orange", "Purple", "Pink", "Brown", "Black", "White",
        "Gray", "Lime", "Indigo", "Violet", "Gold", "Silver", "Teal", "Navy",
    ];
    let value = |name: &str| match name {
        "Orange" => json!({"r": 255, "g": 162, "b": 0}),
        "Indigo" => json!({"r": 75, "g": 0, "b": 130}),
        _ => Value::Object(Map::new()),
    };
    let variants = names.map(|name| json!({"name": name, "configuration_value": value(name)}));
    let percentile: Vec<Value> =
        (0..20).map(|index| json!({"variant": names[index], "from": index * 5, "to": index * 5 + 5})).collect();
    json!({"id": "Background.Colors", "enabled": true, "variants": variants, "telemetry": {"enabled": true},
        "allocation": {"percentile": percentile, "seed": "Rainbow",
            "default_when_enabled": "Red", "default_when_disabled": "Red"}})
}

fn complete() -> Value {
    let range = |variant: &str, from: u32, to: u32| json!({"variant": variant, "from": from, "to": to});
    let window = json!({"Start": "Mon, 21 Oct 2024 07:00:00 GMT", "End": "Fri, 22 Oct 3024 07:00:00 GMT"});
    json!({"id": "Complete", "enabled": true, "telemetry": {"enabled": true},
        "conditions": {"client_filters": [{"name": "Microsoft.TimeWindow", "parameters": window}]},
        "variants": [{"name": "Large", "configuration_value": 100}, {"name": "Medium", "configuration_value": 50},
            {"name": "Small", "configuration_value": 10}],
        "allocation": {"seed": "test-seed", "default_when_enabled": "Medium", "default_when_disabled": "Medium",
            "percentile": [range("Large", 0, 25), range("Medium", 25, 55), range("Small", 55, 95),
                range("Large", 95, 100)],
            "group": [{"variant": "Large", "groups": ["beta"]}],
            "user": [{"variant": "Small", "users": ["Rachel"]}]}})
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/conformance/feature-management")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
