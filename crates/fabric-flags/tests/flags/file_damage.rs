//! What a damaged flag file says, and on which line.

use fabric_flags::{ErrorCode, FlagFile, FlagFileError, Reason};
use serde_json::json;

use crate::{file, nobody};

#[track_caller]
fn refused(text: &str) -> String {
    FlagFile::parse(text).unwrap_err().to_string()
}

#[test]
fn a_damaged_document_is_refused_with_its_line() {
    assert_eq!(refused("{\n  \"feature_management\": {\n    oops\n}}"), "line 3: key must be a string");
    assert_eq!(refused("{\n}"), "line 2: missing field `feature_management`");
    assert_eq!(
        refused("{\"feature_management\":\n\n {\"feature_flags\": {}}}"),
        "line 3: invalid type: map, expected a sequence"
    );
    let text = "{\"feature_management\": {\"feature_flags\": [\n{\"id\": \"A\"},\n{\"enabled\":\ntrue}\n]}}";
    assert_eq!(refused(text), "line 4: missing field `id`");
    let text = "{\"feature_management\": {\"feature_flags\": [\n{\"id\": \"A\"},\n\n{\"id\": \"A\"}]}}";
    assert_eq!(refused(text), "line 4: flag \"A\" is declared twice");
}

#[test]
fn an_empty_section_and_a_byte_order_mark_are_sound() {
    let flags = FlagFile::parse("\u{feff}{\"feature_management\": {}}").unwrap();
    assert_eq!(flags.ids().count(), 0);
    let flags =
        FlagFile::parse("\u{feff}\n{\"feature_management\": {\"feature_flags\": [\n{\"id\": \"A\", \"enabled\": 3}]}}")
            .unwrap();
    let error = flags.evaluate("A", &nobody()).error.unwrap();
    assert_eq!(error.message, "line 3: Invalid setting 'enabled' with value '3' for feature 'A'.");
}

/// The error of the flag `Bad`, which stands on lines 3 to 5 between two sound flags.
#[track_caller]
fn bad(declaration: &str) -> String {
    let text = format!(
        "{{\"feature_management\": {{\"feature_flags\": [\n{{\"id\": \"Good\", \"enabled\": true}},\n{{\"id\": \"Bad\",\n{declaration}\n}},\n{{\"id\": \"Better\", \"enabled\": true}}\n]}}}}"
    );
    let flags = FlagFile::parse(&text).unwrap();
    assert_eq!(flags.ids().collect::<Vec<_>>(), ["Good", "Bad", "Better"]);
    assert!(flags.evaluate("Good", &nobody()).enabled);
    assert!(flags.evaluate("Better", &nobody()).enabled);
    let decision = flags.evaluate("Bad", &nobody());
    assert!(!decision.enabled);
    assert_eq!(decision.reason, Reason::Error);
    assert!(decision.event_properties(&nobody()).is_none());
    let error = decision.error.unwrap();
    assert_eq!(error.code, ErrorCode::ParseError);
    assert_eq!(error.to_string(), error.message);
    error.message
}

#[test]
fn a_damaged_flag_does_not_hide_the_others() {
    let filter = |name: &str, parameters: &str| {
        format!(r#""conditions": {{"client_filters": [{{"name": "{name}", "parameters": {parameters}}}]}}"#)
    };
    for (declaration, message) in [
        (r#""enabled": "invalid""#.to_owned(), "line 4: Invalid setting 'enabled' with value 'invalid'"),
        (
            r#""conditions": {"requirement_type": "Some"}"#.to_owned(),
            "line 4: unknown variant `Some`, expected `Any` or `All`",
        ),
        (filter("Microsoft.Targeting", "{}"), "line 4: missing field `Audience`"),
        (
            filter("Microsoft.Targeting", r#"{"Audience": {"DefaultRolloutPercentage": 101}}"#),
            "line 4: invalid value: floating point `101.0`, expected a percentage from 0 to 100",
        ),
        (
            filter("Percentage", r#"{"Value": -1}"#),
            "line 4: invalid value: floating point `-1.0`, expected a percentage from 0 to 100",
        ),
        (
            filter("TimeWindow", r#"{"Start": "soon"}"#),
            "line 4: invalid value: string \"soon\", expected a date and time with a zone",
        ),
        (filter("TimeWindow", "{}"), "line 4: A time window has neither Start nor End"),
        (
            r#""conditions": {"client_filters": [{"name": "TimeWindow"}]}"#.to_owned(),
            "line 4: The filter TimeWindow has no parameters",
        ),
        (r#""variants": [{}]"#.to_owned(), "line 4: missing field `name`"),
        (
            r#""allocation": {"default_when_enabled": "A"}"#.to_owned(),
            "line 3: Variant 'A' is allocated but not declared",
        ),
        (
            r#""variants": [{"name": "A"}], "allocation": {"percentile": [{"variant": "A", "from": 60, "to": 50}]}"#
                .to_owned(),
            "line 3: A percentile range ends before it begins",
        ),
    ] {
        assert_eq!(bad(&declaration), format!("{message} for feature 'Bad'."), "{declaration}");
    }
}

#[test]
fn an_allocation_may_only_name_declared_variants() {
    for allocation in [
        json!({"user": [{"variant": "B", "users": ["x"]}]}),
        json!({"group": [{"variant": "B", "groups": ["x"]}]}),
        json!({"percentile": [{"variant": "B", "from": 0, "to": 1}]}),
        json!({"default_when_disabled": "B"}),
        json!({"default_when_enabled": "B"}),
    ] {
        let flags = file(json!([{"id": "F", "variants": [{"name": "A"}], "allocation": allocation}]));
        let error = flags.evaluate("F", &nobody()).error.unwrap();
        assert_eq!(error.message, "line 1: Variant 'B' is allocated but not declared for feature 'F'.");
    }
}

#[test]
fn null_counts_as_absent() {
    let flags = file(json!([{"id": "F", "enabled": true, "conditions": null, "variants": null, "allocation": null,
        "telemetry": null}, {"id": "G", "enabled": true, "conditions": {"client_filters": null, "requirement_type": null}}]));
    for id in ["F", "G"] {
        let decision = flags.evaluate(id, &nobody());
        assert_eq!((decision.enabled, decision.reason), (true, Reason::Static), "{id}");
    }
}

#[test]
fn a_missing_flag_is_off_with_an_error() {
    let flags = file(json!([]));
    let error = flags.evaluate("F", &nobody()).error.unwrap();
    assert_eq!((error.code, error.message.as_str()), (ErrorCode::FlagNotFound, "there is no flag \"F\""));
}

#[test]
fn an_error_names_its_line() {
    assert_eq!(FlagFileError { line: 7, message: "odd".to_owned() }.to_string(), "line 7: odd");
}
