//! A snapshot behind the OpenFeature interface.

use std::pin::pin;
use std::task::{Context as Task, Poll, Waker};

use fabric_flags::{FlagSet, SnapshotProvider, Sources};
use open_feature::provider::FeatureProvider;
use open_feature::{EvaluationContext, EvaluationErrorCode, EvaluationReason};
use serde_json::json;

use crate::{document, nobody};

/// The provider never waits: its futures are ready at the first poll.
fn now<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Task::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        Poll::Pending => panic!("the provider waits"),
    }
}

fn provider() -> SnapshotProvider {
    let filter =
        |name: &str, percent: u32| json!({"client_filters": [{"name": name, "parameters": {"Value": percent}}]});
    let flags = document(json!([
        {"id": "FEATURE_USE_ROLLBACK", "enabled": true, "variants": [{"name": "Canary"}],
            "allocation": {"user": [{"variant": "Canary", "users": ["prod"]}]}},
        {"id": "FEATURE_USE_TELEMETRY", "enabled": true, "conditions": filter("Percentage", 100)},
        {"id": "FEATURE_USE_RETRY_LOGIC", "enabled": false},
        {"id": "FEATURE_USE_KEY_VAULT", "enabled": true, "conditions": filter("Browser", 100)},
    ]));
    let sources = Sources::new().file("flags.json", flags, nobody().user("prod"));
    SnapshotProvider::new(FlagSet::resolve(&sources).unwrap())
}

#[test]
fn booleans_are_answered_with_reason_and_variant() {
    let (provider, context) = (provider(), EvaluationContext::default());
    assert_eq!(provider.metadata().name, "fabric-flags");
    for (key, expected) in [
        ("FEATURE_USE_ROLLBACK", (true, EvaluationReason::TargetingMatch, Some("Canary"))),
        ("FEATURE_USE_TELEMETRY", (true, EvaluationReason::Split, None)),
        ("FEATURE_USE_RETRY_LOGIC", (false, EvaluationReason::Disabled, None)),
        ("FEATURE_USE_KEY_VAULT", (false, EvaluationReason::Error, None)),
        ("FEATURE_USE_CIRCUIT_BREAKER", (false, EvaluationReason::Default, None)),
    ] {
        let details = now(provider.resolve_bool_value(key, &context)).unwrap();
        assert_eq!((details.value, details.reason.unwrap(), details.variant.as_deref()), expected, "{key}");
    }
    let sources = Sources::new().command_line(["FEATURE_USE_ROLLBACK=on"]);
    let provider = SnapshotProvider::new(FlagSet::resolve(&sources).unwrap());
    let details = now(provider.resolve_bool_value("FEATURE_USE_ROLLBACK", &context)).unwrap();
    assert_eq!((details.value, details.reason), (true, Some(EvaluationReason::Static)));
}

#[test]
fn other_types_and_other_keys_are_errors() {
    let (provider, context) = (provider(), EvaluationContext::default());
    for (key, code) in
        [("FEATURE_USE_ROLLBACK", EvaluationErrorCode::TypeMismatch), ("Beta", EvaluationErrorCode::FlagNotFound)]
    {
        assert_eq!(now(provider.resolve_int_value(key, &context)).unwrap_err().code, code);
        assert_eq!(now(provider.resolve_float_value(key, &context)).unwrap_err().code, code);
        assert_eq!(now(provider.resolve_string_value(key, &context)).unwrap_err().code, code);
        assert_eq!(now(provider.resolve_struct_value(key, &context)).unwrap_err().code, code);
    }
    let error = now(provider.resolve_bool_value("Beta", &context)).unwrap_err();
    assert_eq!(error.code, EvaluationErrorCode::FlagNotFound);
}
