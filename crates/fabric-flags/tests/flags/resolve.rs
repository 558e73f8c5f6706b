//! Precedence of sources, mistakes and warnings.

use fabric_flags::{Error, ErrorCode, Errors, Feature, FlagSet, Profile, Reason, Snapshot, Source, Sources, Warning};
use serde_json::json;

use crate::{document, nobody};

fn resolve(sources: Sources) -> Snapshot {
    FlagSet::resolve(&sources).unwrap()
}

fn mistakes(sources: Sources) -> Vec<String> {
    let errors: Errors = FlagSet::resolve(&sources).unwrap_err();
    errors.iter().map(ToString::to_string).collect()
}

fn off(feature: Feature) -> String {
    document(json!([{"id": feature.variable(), "enabled": false}]))
}

#[test]
fn without_sources_every_feature_is_off_by_default() {
    let snapshot = resolve(Sources::new());
    for row in snapshot.explain() {
        assert!(!snapshot.is_on(row.feature));
        assert_eq!((row.value, row.reason, row.source), (false, Reason::Default, Source::Default));
    }
    assert_eq!(snapshot.why(Feature::KeyVault).to_string(), "FEATURE_USE_KEY_VAULT=off (default, DEFAULT)");
    assert_eq!(snapshot, Snapshot::default());
    assert_eq!(snapshot.profile(), None);
    assert!(snapshot.warnings().is_empty());
}

#[test]
fn each_variable_turns_on_its_own_feature_and_no_other() {
    for feature in Feature::ALL {
        let snapshot = resolve(Sources::new().environment([(feature.variable(), "true")]));
        for other in Feature::ALL {
            assert_eq!(snapshot.is_on(other), other == feature, "{feature} and {other}");
        }
    }
}

#[test]
fn the_production_profile_turns_everything_on_and_a_single_flag_still_overrides() {
    let profile = [("FABRIC_PROFILE", " Production ")];
    let snapshot = resolve(Sources::new().environment(profile));
    assert!(Feature::ALL.into_iter().all(|feature| snapshot.is_on(feature)));
    assert!(snapshot.explain().iter().all(|row| (row.source, row.reason) == (Source::Profile, Reason::Static)));
    assert_eq!(snapshot.profile(), Some(Profile::Production));

    let snapshot = resolve(Sources::new().environment(profile).environment([("FEATURE_USE_ROLLBACK", "off")]));
    let on: Vec<Feature> = Feature::ALL.into_iter().filter(|feature| snapshot.is_on(*feature)).collect();
    assert_eq!(on, [Feature::KeyVault, Feature::RetryLogic, Feature::Telemetry, Feature::CircuitBreaker]);
}

#[test]
fn the_development_profile_says_nothing() {
    let snapshot = resolve(Sources::new().environment([("FABRIC_PROFILE", "development")]));
    assert_eq!(snapshot.explain(), Snapshot::default().explain());
    assert_eq!(snapshot.profile(), Some(Profile::Development));
}

#[test]
fn command_line_over_environment_over_file_over_profile() {
    let name = "FEATURE_USE_ROLLBACK";
    let source = |snapshot: &Snapshot| {
        let row = snapshot.why(Feature::Rollback);
        (row.source, row.value)
    };
    let sources = Sources::new().environment([("FABRIC_PROFILE", "production")]);
    assert_eq!(source(&resolve(sources.clone())), (Source::Profile, true));
    let sources = sources.file("flags.json", off(Feature::Rollback), nobody());
    assert_eq!(source(&resolve(sources.clone())), (Source::File, false));
    let sources = sources.environment([(name, "on")]);
    assert_eq!(source(&resolve(sources.clone())), (Source::Environment, true));
    let sources = sources.command_line([format!("{name}=off")]);
    assert_eq!(source(&resolve(sources)), (Source::CommandLine, false));
}

#[test]
fn of_several_values_in_one_source_the_last_counts() {
    let name = "FEATURE_USE_ROLLBACK";
    let snapshot = resolve(Sources::new().environment([(name, "on"), (name, "off")]));
    assert!(!snapshot.is_on(Feature::Rollback));
    let snapshot =
        resolve(Sources::new().command_line(["FEATURE_USE_ROLLBACK=off"]).command_line(["FEATURE_USE_ROLLBACK = on"]));
    assert!(snapshot.is_on(Feature::Rollback));
}

#[test]
fn every_mistake_is_reported_at_once_with_variable_and_value() {
    let sources = Sources::new()
        .command_line(["FEATURE_USE_ROLBACK=on", "rollback", "FEATURE_USE_TELEMETRY=maybe", "COLOUR=red"])
        .environment([("FABRIC_PROFILE", "prod"), ("FEATURE_USE_ROLLBACK", "flase"), ("FEATURE_USE_KEY_VAULT", "")])
        .file("flags.json", "{", nobody());
    assert_eq!(
        mistakes(sources.clone()),
        [
            "there is no flag FEATURE_USE_ROLBACK; did you mean FEATURE_USE_ROLLBACK?",
            "\"rollback\" is not of the form NAME=on|off",
            "FEATURE_USE_TELEMETRY is \"maybe\" (command line); accepted are true, 1, yes, on or false, 0, no, off",
            "there is no flag COLOUR",
            "FABRIC_PROFILE is \"prod\"; known profiles are development, production",
            "FEATURE_USE_ROLLBACK is \"flase\" (environment); accepted are true, 1, yes, on or false, 0, no, off",
            "FEATURE_USE_KEY_VAULT is \"\" (environment); accepted are true, 1, yes, on or false, 0, no, off",
            "flags.json, line 1: EOF while parsing an object",
        ]
    );
    let errors = FlagSet::resolve(&sources).unwrap_err();
    assert_eq!(errors.to_string().lines().collect::<Vec<_>>(), mistakes(sources));
    let first = (&errors).into_iter().next();
    assert!(matches!(first, Some(Error::UnknownFlag { nearest: Some(Feature::Rollback), .. })));
}

#[test]
fn a_mistake_counts_even_where_another_source_overrides_it() {
    let sources = Sources::new().command_line(["FEATURE_USE_ROLLBACK=on"]);
    assert_eq!(mistakes(sources.clone().environment([("FEATURE_USE_ROLLBACK", "yess")])).len(), 1);
    let damaged = document(json!([{"id": "FEATURE_USE_ROLLBACK", "enabled": "yes"}]));
    assert_eq!(
        mistakes(sources.file("flags.json", damaged, nobody())),
        ["flags.json, line 1: Invalid setting 'enabled' with value 'yes' for feature 'FEATURE_USE_ROLLBACK'."]
    );
}

#[test]
fn a_name_that_only_looks_like_a_flag_is_a_warning_with_the_nearest_name() {
    let snapshot = resolve(
        Sources::new()
            .environment([
                ("FEATURE_ENABLE_CIRCUIT_BREAKER", "true"),
                ("FEATURE_COLLECT_METRICS", "whatever"),
                ("feature_use_rollback", "true"),
                ("PATH", "/bin"),
                ("MY_FEATURE_USE_ROLLBACK", "on"),
            ])
            .file("flags.json", document(json!([{"id": "FEATURE_USE_KEYVAULT"}, {"id": "Beta"}])), nobody()),
    );
    let texts: Vec<String> = snapshot.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        texts,
        [
            "FEATURE_ENABLE_CIRCUIT_BREAKER (environment) is not a flag and has no effect; did you mean FEATURE_USE_CIRCUIT_BREAKER?",
            "FEATURE_COLLECT_METRICS (environment) is not a flag and has no effect",
            "feature_use_rollback (environment) is not a flag and has no effect; did you mean FEATURE_USE_ROLLBACK?",
            "FEATURE_USE_KEYVAULT (flag file) is not a flag and has no effect; did you mean FEATURE_USE_KEY_VAULT?",
        ]
    );
    assert!(Feature::ALL.into_iter().all(|feature| !snapshot.is_on(feature)));
}

#[test]
fn rules_that_are_not_understood_are_off_with_an_error_and_a_warning() {
    let name = "FEATURE_USE_ROLLBACK";
    let text =
        document(json!([{"id": name, "enabled": true, "conditions": {"client_filters": [{"name": "Browser"}]}}]));
    let snapshot =
        resolve(Sources::new().environment([("FABRIC_PROFILE", "production")]).file("flags.json", text, nobody()));
    let row = snapshot.why(Feature::Rollback);
    assert_eq!((row.value, row.reason, row.source), (false, Reason::Error, Source::File));
    assert_eq!(row.error.as_ref().map(|error| error.code), Some(ErrorCode::General));
    assert_eq!(row.to_string(), "FEATURE_USE_ROLLBACK=off (flag file, ERROR: there is no filter \"Browser\")");
    let message = "there is no filter \"Browser\"".to_owned();
    assert_eq!(snapshot.warnings(), [Warning::NotEvaluated { feature: Feature::Rollback, message }]);
    assert_eq!(
        snapshot.warnings()[0].to_string(),
        "FEATURE_USE_ROLLBACK counts as off in the flag file: there is no filter \"Browser\""
    );
}

#[test]
fn a_variant_of_the_file_is_explained() {
    let text = document(json!([{"id": "FEATURE_USE_TELEMETRY", "enabled": true,
        "variants": [{"name": "Canary"}], "allocation": {"default_when_enabled": "Canary"}}]));
    let snapshot = resolve(Sources::new().file("flags.json", text, nobody()));
    let row = snapshot.why(Feature::Telemetry);
    assert_eq!(row.to_string(), "FEATURE_USE_TELEMETRY=on (flag file, STATIC, variant Canary)");
    assert_eq!(
        json!(row),
        json!({"feature": "FEATURE_USE_TELEMETRY", "value": true, "reason": "STATIC", "source": "file",
            "variant": "Canary", "error": null})
    );
}

#[test]
fn a_snapshot_serialises_as_names_and_booleans() {
    let snapshot = resolve(Sources::new().command_line(["FEATURE_USE_ROLLBACK=1"]));
    assert_eq!(
        serde_json::to_string(&snapshot).unwrap(),
        r#"{"FEATURE_USE_KEY_VAULT":false,"FEATURE_USE_RETRY_LOGIC":false,"FEATURE_USE_ROLLBACK":true,"FEATURE_USE_TELEMETRY":false,"FEATURE_USE_CIRCUIT_BREAKER":false}"#
    );
}

#[test]
fn names_are_spelt_as_the_open_feature_specification_spells_them() {
    for (reason, name) in [
        (Reason::Static, "STATIC"),
        (Reason::Default, "DEFAULT"),
        (Reason::TargetingMatch, "TARGETING_MATCH"),
        (Reason::Split, "SPLIT"),
        (Reason::Disabled, "DISABLED"),
        (Reason::Error, "ERROR"),
    ] {
        assert_eq!((reason.name(), json!(reason)), (name, json!(name)));
    }
    let codes = [ErrorCode::FlagNotFound, ErrorCode::ParseError, ErrorCode::General];
    assert_eq!(json!(codes), json!(["FLAG_NOT_FOUND", "PARSE_ERROR", "GENERAL"]));
    assert_eq!(json!(Profile::ALL), json!(["development", "production"]));
    assert_eq!(
        format!("{:>12}|{:<10}|{:>23}", Profile::Production, Source::Profile, Feature::Rollback),
        "  production|profile   |   FEATURE_USE_ROLLBACK"
    );
}
