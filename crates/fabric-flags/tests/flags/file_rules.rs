//! Filters, requirement types and reasons beyond Microsoft's cases.

use fabric_flags::{ErrorCode, Reason};
use serde_json::{Value, json};

use crate::{conditional, file, filtered, nobody};

fn never() -> Value {
    json!({"name": "TimeWindow", "parameters": {"End": "2000-01-01T00:00:00Z"}})
}

fn always() -> Value {
    json!({"name": "TimeWindow", "parameters": {"Start": "2000-01-01T00:00:00Z"}})
}

fn share(percent: u32) -> Value {
    json!({"name": "Percentage", "parameters": {"Value": percent}})
}

#[test]
fn reasons_tell_how_the_filters_decided() {
    for (requirement, filters, expected) in [
        ("Any", vec![never(), always()], (true, Reason::TargetingMatch)),
        ("Any", vec![never(), share(100)], (true, Reason::Split)),
        ("Any", vec![share(0), always()], (true, Reason::TargetingMatch)),
        ("Any", vec![never(), share(0)], (false, Reason::Default)),
        ("All", vec![always(), always()], (true, Reason::TargetingMatch)),
        ("All", vec![always(), share(100)], (true, Reason::Split)),
        ("All", vec![share(100), always()], (true, Reason::Split)),
        ("All", vec![always(), never()], (false, Reason::Default)),
        ("All", vec![], (true, Reason::Static)),
        ("Any", vec![], (true, Reason::Static)),
    ] {
        let flags = conditional(json!({"requirement_type": requirement, "client_filters": filters}));
        let decision = flags.evaluate("F", &nobody());
        assert_eq!((decision.enabled, decision.reason), expected, "{requirement} {filters:?}");
        assert!(decision.error.is_none());
    }
}

#[test]
fn a_disabled_flag_says_so() {
    let flags = file(json!([{"id": "F", "enabled": false, "conditions": {"client_filters": [always()]}}]));
    let decision = flags.evaluate("F", &nobody());
    assert_eq!((decision.enabled, decision.reason), (false, Reason::Disabled));
}

#[test]
fn an_unknown_filter_turns_the_flag_off_unless_an_earlier_one_has_decided() {
    let unknown = json!({"name": "Microsoft.Unheard", "parameters": {"Of": 1}});
    for (requirement, filters, error) in [
        ("Any", vec![unknown.clone()], true),
        ("Any", vec![never(), unknown.clone(), always()], true),
        ("Any", vec![always(), unknown.clone()], false),
        ("All", vec![always(), unknown.clone()], true),
        ("All", vec![never(), unknown], false),
    ] {
        let flags = conditional(json!({"requirement_type": requirement, "client_filters": filters}));
        let decision = flags.evaluate("F", &nobody());
        assert_eq!(decision.error.is_some(), error, "{requirement} {filters:?}");
        if let Some(error) = decision.error {
            assert_eq!((decision.enabled, decision.reason), (false, Reason::Error));
            assert_eq!(
                (error.code, error.message.as_str()),
                (ErrorCode::General, "there is no filter \"Microsoft.Unheard\"")
            );
        }
    }
}

#[test]
fn filter_names_count_with_and_without_their_prefix() {
    for name in ["Percentage", "Microsoft.Percentage"] {
        assert!(filtered(name, json!({"Value": 100})).evaluate("F", &nobody()).enabled, "{name}");
    }
    for name in ["Targeting", "Microsoft.Targeting"] {
        let parameters = json!({"Audience": {"DefaultRolloutPercentage": 100}});
        assert!(filtered(name, parameters).evaluate("F", &nobody()).enabled, "{name}");
    }
}

#[test]
fn a_percentage_gives_one_user_always_the_same_answer() {
    let flags = |percent: f64| {
        file(json!([{"id": "ComplexTargeting", "enabled": true,
        "conditions": {"client_filters": [{"name": "Percentage", "parameters": {"Value": percent}}]}}]))
    };
    // Aiden stands at 62.9 % of ComplexTargeting.
    let aiden = nobody().user("Aiden");
    assert!(!flags(62.0).evaluate("ComplexTargeting", &aiden).enabled);
    assert!(flags(64.0).evaluate("ComplexTargeting", &aiden).enabled);
}

#[test]
fn targeting_looks_at_exclusions_then_users_then_groups_then_everybody() {
    let flags = filtered(
        "Microsoft.Targeting",
        json!({"Audience": {"Users": ["alice", "mallory"], "Groups": [{"Name": "all", "RolloutPercentage": 100}, {"Name": "none", "RolloutPercentage": 0}],
            "DefaultRolloutPercentage": 0, "Exclusion": {"Users": ["mallory"], "Groups": ["shut"]}}}),
    );
    for (context, expected) in [
        (nobody(), (false, Reason::Default)),
        (nobody().user("alice"), (true, Reason::TargetingMatch)),
        (nobody().user("Alice"), (false, Reason::Default)),
        (nobody().user("mallory"), (false, Reason::Default)),
        (nobody().user("mallory").group("all"), (false, Reason::Default)),
        (nobody().user("alice").group("shut"), (false, Reason::Default)),
        (nobody().group("all"), (true, Reason::Split)),
        (nobody().group("none"), (false, Reason::Default)),
        (nobody().group("none").group("all"), (true, Reason::Split)),
    ] {
        let decision = flags.evaluate("F", &context);
        assert_eq!((decision.enabled, decision.reason), expected, "{context:?}");
    }
}
