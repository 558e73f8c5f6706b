//! Variants: allocation, overrides, and the evaluation event.

use fabric_flags::{Assignment, Context, Decision, FlagFile, Reason};
use serde_json::{Value, json};

use crate::{file, nobody};

fn flag(enabled: bool, overrule: &str, allocation: Value) -> FlagFile {
    file(json!([{"id": "F", "enabled": enabled, "allocation": allocation, "telemetry": {"enabled": true},
        "variants": [{"name": "A", "status_override": overrule}, {"name": "B", "configuration_value": [1]}]}]))
}

fn summary<'a>(decision: &Decision<'a>) -> (bool, Reason, Option<&'a str>, &'static str) {
    let variant = decision.variant.map(|variant| variant.name.as_str());
    (decision.enabled, decision.reason, variant, decision.assignment.name())
}

#[test]
fn user_comes_before_group_before_percentile_before_default() {
    let flags = flag(
        true,
        "None",
        json!({"user": [{"variant": "A", "users": ["alice"]}], "group": [{"variant": "B", "groups": ["ring"]}],
            "percentile": [{"variant": "A", "from": 0, "to": 100}], "default_when_enabled": "B"}),
    );
    for (context, expected) in [
        (nobody().user("alice").group("ring"), (true, Reason::TargetingMatch, Some("A"), "User")),
        (nobody().user("bob").group("ring"), (true, Reason::TargetingMatch, Some("B"), "Group")),
        (nobody().user("bob"), (true, Reason::Split, Some("A"), "Percentile")),
        (nobody().group("other"), (true, Reason::Split, Some("A"), "Percentile")),
        (nobody(), (true, Reason::Static, Some("B"), "DefaultWhenEnabled")),
    ] {
        assert_eq!(summary(&flags.evaluate("F", &context)), expected, "{context:?}");
    }
}

#[test]
fn a_variant_may_overrule_the_state_of_an_enabled_flag_only() {
    let both = json!({"default_when_enabled": "A", "default_when_disabled": "A"});
    for (enabled, overrule, expected) in [
        (true, "None", (true, Reason::Static, Some("A"), "DefaultWhenEnabled")),
        (true, "Disabled", (false, Reason::Static, Some("A"), "DefaultWhenEnabled")),
        (false, "Enabled", (false, Reason::Disabled, Some("A"), "DefaultWhenDisabled")),
    ] {
        let flags = flag(enabled, overrule, both.clone());
        assert_eq!(summary(&flags.evaluate("F", &nobody())), expected, "{enabled} {overrule}");
    }
    // Enabled, but no filter matches: the variant of the disabled state may turn it on again.
    let flags = file(json!([{"id": "F", "enabled": true, "allocation": both,
        "conditions": {"client_filters": [{"name": "Percentage", "parameters": {"Value": 0}}]},
        "variants": [{"name": "A", "status_override": "Enabled"}]}]));
    let expected = (true, Reason::Default, Some("A"), "DefaultWhenDisabled");
    assert_eq!(summary(&flags.evaluate("F", &nobody())), expected);
}

#[test]
fn without_a_default_there_is_no_variant() {
    let on = flag(true, "None", json!({}));
    assert_eq!(summary(&on.evaluate("F", &nobody())), (true, Reason::Static, None, "DefaultWhenEnabled"));
    let off = flag(false, "None", json!({}));
    assert_eq!(summary(&off.evaluate("F", &nobody())), (false, Reason::Disabled, None, "DefaultWhenDisabled"));
}

#[test]
fn a_variant_without_value_has_null() {
    let flags = flag(true, "None", json!({"default_when_enabled": "A"}));
    assert_eq!(flags.evaluate("F", &nobody()).variant.unwrap().configuration_value, Value::Null);
}

#[test]
fn an_empty_seed_is_no_seed_and_a_seed_is_shared_by_flags() {
    let halves = |seed: Option<&str>, id: &str| {
        let mut allocation =
            json!({"percentile": [{"variant": "A", "from": 0, "to": 50}, {"variant": "B", "from": 50, "to": 100}]});
        if let Some(seed) = seed {
            allocation["seed"] = json!(seed);
        }
        file(json!([{"id": id, "enabled": true, "variants": [{"name": "A"}, {"name": "B"}], "allocation": allocation}]))
    };
    let assigned = |seed, id: &str| -> Vec<String> {
        let flags = halves(seed, id);
        let variant = |user: u32| flags.evaluate(id, &nobody().user(user.to_string())).variant.unwrap().name.clone();
        (0..64).map(variant).collect()
    };
    assert_eq!(assigned(Some(""), "F"), assigned(None, "F"));
    assert_eq!(assigned(Some("allocation\nF"), "G"), assigned(None, "F"));
    assert_eq!(assigned(Some("s"), "F"), assigned(Some("s"), "G"));
    assert_ne!(assigned(None, "F"), assigned(None, "G"));
}

#[test]
fn the_event_tells_the_share_that_the_assignment_stands_for() {
    let allocation = json!({"percentile": [{"variant": "A", "from": 0, "to": 12.5}, {"variant": "A", "from": 90, "to": 91}],
        "default_when_enabled": "B", "default_when_disabled": "A"});
    let event = |enabled, context: &Context| {
        let flags = flag(enabled, "None", allocation.clone());
        json!(flags.evaluate("F", context).event_properties(context))
    };
    assert_eq!(
        event(true, &nobody()),
        json!({"FeatureName": "F", "Enabled": "True", "Version": "1.0.0", "TargetingId": "", "Variant": "B",
            "VariantAssignmentReason": "DefaultWhenEnabled", "DefaultWhenEnabled": "B",
            "VariantAssignmentPercentage": "86.5"})
    );
    assert_eq!(
        event(false, &nobody().user("alice")),
        json!({"FeatureName": "F", "Enabled": "False", "Version": "1.0.0", "TargetingId": "alice", "Variant": "A",
            "VariantAssignmentReason": "DefaultWhenDisabled", "DefaultWhenEnabled": "B"})
    );
}

#[test]
fn metadata_never_replaces_a_result_and_no_telemetry_means_no_event() {
    let telemetry = |enabled: bool| json!({"enabled": enabled, "metadata": {"Enabled": "Perhaps", "ETag": "x"}});
    let flags = file(json!([{"id": "On", "enabled": true, "telemetry": telemetry(true)},
        {"id": "Off", "enabled": true, "telemetry": telemetry(false)}]));
    let decision = flags.evaluate("On", &nobody());
    assert_eq!(decision.assignment, Assignment::None);
    let properties = decision.event_properties(&nobody()).unwrap();
    assert_eq!((properties["Enabled"].as_str(), properties["ETag"].as_str()), ("True", "x"));
    assert_eq!(properties["Variant"], "");
    assert!(!properties.contains_key("VariantAssignmentPercentage"));
    assert!(flags.evaluate("Off", &nobody()).event_properties(&nobody()).is_none());
}

#[test]
fn an_empty_percentile_range_is_sound_and_reaches_nobody() {
    let allocation = json!({"percentile": [{"variant": "A", "from": 50, "to": 50}], "default_when_enabled": "B"});
    let flags = flag(true, "None", allocation);
    let expected = (true, Reason::Static, Some("B"), "DefaultWhenEnabled");
    assert_eq!(summary(&flags.evaluate("F", &nobody().user("alice"))), expected);
}
