//! Feature flags from the outside: where they come from, what is said of them, what a mistake costs.

use std::fs;

use serde_json::Value;

use crate::binary::{self, Run, Stage, fabric_cli};
use crate::sources;

/// Every feature.
pub(crate) const ALL: [&str; 5] = [
    "FEATURE_USE_KEY_VAULT",
    "FEATURE_USE_RETRY_LOGIC",
    "FEATURE_USE_ROLLBACK",
    "FEATURE_USE_TELEMETRY",
    "FEATURE_USE_CIRCUIT_BREAKER",
];

fn flags(stage: &Stage, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
    binary::run(fabric_cli(stage.directory.path()).args(arguments).arg("flags").envs(variables.iter().copied()))
}

/// The evaluation of one flag.
#[track_caller]
fn evaluation(document: &Value, feature: &str) -> Value {
    let evaluations = document["evaluations"].as_array().unwrap();
    evaluations.iter().find(|evaluation| evaluation["feature"] == feature).unwrap().clone()
}

#[test]
fn a_value_that_is_none_stops_everything_and_names_what_is_accepted() {
    let stage = Stage::new();
    sources::notebook(&stage.directory.path().join("source"), "One", 1, "print(1)");
    let run = binary::run(
        fabric_cli(stage.directory.path())
            .args(["deploy", "--source", "source", "--workspace", "W", "--environment", "dev"])
            .env("FABRIC_ENDPOINT", stage.emulator.endpoint())
            .env("FABRIC_TOKEN", stage.emulator.token())
            .env("FEATURE_USE_ROLLBACK", "flase"),
    )
    .exits(7);
    assert_eq!(run.stderr.matches("error").count(), 1, "{}", run.stderr);
    for part in ["FEATURE_USE_ROLLBACK", "\"flase\"", "true", "false", "on", "off"] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert_eq!(stage.emulator.requests().len(), 0);
}

#[test]
fn a_name_that_is_none_warns_with_the_nearest() {
    let stage = Stage::new();
    let run = flags(&stage, &[("FEATURE_USE_RETRY_LOGICS", "on")], &[]).exits(0);
    let warned =
        run.stderr.contains("FEATURE_USE_RETRY_LOGICS") && run.stderr.contains("did you mean FEATURE_USE_RETRY_LOGIC?");
    assert!(warned, "{}", run.stderr);
    let mistaken = flags(&stage, &[], &["--flag", "FEATURE_USE_RETRY_LOGICS=on"]).exits(7);
    assert!(mistaken.stderr.contains("FEATURE_USE_RETRY_LOGIC"), "{}", mistaken.stderr);
}

#[test]
fn a_damaged_file_is_an_error_with_its_line() {
    let stage = Stage::new();
    let damaged = "{\n \"feature_management\": {\n  \"feature_flags\": [\n   {\"id\": \"FEATURE_USE_RETRY_LOGIC\", \"enabled\": tru}\n  ]\n }\n}";
    fs::write(stage.directory.path().join("flags.json"), damaged).unwrap();
    for (variables, arguments) in
        [(&[][..], &["--flag-file", "flags.json"][..]), (&[("FABRIC_FLAG_FILE", "flags.json")], &[])]
    {
        let run = flags(&stage, variables, arguments).exits(7);
        assert!(run.stderr.contains("flags.json") && run.stderr.contains("line 4"), "{}", run.stderr);
    }
    let missing = flags(&stage, &[], &["--flag-file", "nowhere.json"]).exits(7);
    assert!(missing.stderr.contains("nowhere.json"), "{}", missing.stderr);
}

#[test]
fn every_flag_is_shown_with_its_reason_and_what_it_changes() {
    let stage = Stage::new();
    let text = flags(&stage, &[("FEATURE_USE_ROLLBACK", "1")], &[]).exits(0).stdout;
    for feature in ALL {
        assert!(text.contains(&format!("{feature}=")), "{text}");
    }
    assert!(text.contains("FEATURE_USE_ROLLBACK=on (environment"), "{text}");
    assert!(text.contains("FEATURE_USE_RETRY_LOGIC=off (default"), "{text}");
    assert!(text.contains("sent again after a growing wait"), "{text}");

    let document = flags(&stage, &[("FEATURE_USE_ROLLBACK", "1")], &["--output", "json"]).exits(0).document();
    assert_eq!(document["flags"].as_object().unwrap().keys().collect::<Vec<_>>(), ALL);
    let rollback = evaluation(&document, "FEATURE_USE_ROLLBACK");
    assert_eq!((&rollback["value"], &rollback["source"]), (&Value::Bool(true), &Value::from("environment")));
}

#[test]
fn command_line_over_environment_over_file_over_profile() {
    let stage = Stage::new();
    let file = r#"{"feature_management": {"feature_flags": [{"id": "FEATURE_USE_RETRY_LOGIC", "enabled": false}]}}"#;
    fs::write(stage.directory.path().join("flags.json"), file).unwrap();
    let source = |variables: &[(&str, &str)], arguments: &[&str]| {
        let arguments: Vec<_> = ["--output", "json"].iter().chain(arguments).copied().collect();
        let document = flags(&stage, variables, &arguments).exits(0).document();
        let found = evaluation(&document, "FEATURE_USE_RETRY_LOGIC");
        (found["source"].as_str().unwrap().to_owned(), found["value"].as_bool().unwrap())
    };
    let production = ("FABRIC_PROFILE", "production");
    assert_eq!(source(&[], &[]), ("default".to_owned(), false));
    assert_eq!(source(&[production], &[]), ("profile".to_owned(), true));
    assert_eq!(source(&[production], &["--flag-file", "flags.json"]), ("file".to_owned(), false));
    let variables = [production, ("FEATURE_USE_RETRY_LOGIC", "yes")];
    assert_eq!(source(&variables, &["--flag-file", "flags.json"]), ("environment".to_owned(), true));
    let arguments = ["--flag-file", "flags.json", "--flag", "FEATURE_USE_RETRY_LOGIC=off"];
    assert_eq!(source(&variables, &arguments), ("command_line".to_owned(), false));
}

#[test]
fn the_profile_production_turns_everything_on_and_another_is_refused() {
    let stage = Stage::new();
    let document = flags(&stage, &[("FABRIC_PROFILE", "production")], &["--output", "json"]).exits(0).document();
    assert!(document["flags"].as_object().unwrap().values().all(|on| on == true), "{document}");
    let refused = flags(&stage, &[("FABRIC_PROFILE", "prodction")], &[]).exits(7);
    assert!(refused.stderr.contains("prodction") && refused.stderr.contains("production"), "{}", refused.stderr);
}
