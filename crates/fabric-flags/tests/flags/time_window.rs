//! Time windows: formats, edges, and what is not supported.

use std::time::{Duration, SystemTime};

use fabric_flags::{Context, ErrorCode, Reason};
use serde_json::json;

use crate::{filtered, new_year, nobody};

fn enabled(parameters: serde_json::Value, now: SystemTime) -> bool {
    let flags = filtered("Microsoft.TimeWindow", parameters);
    let decision = flags.evaluate("F", &Context::at(now));
    assert!(decision.error.is_none(), "{:?}", decision.error);
    decision.enabled
}

#[test]
fn a_window_includes_its_start_and_excludes_its_end() {
    let window = json!({"Start": "2026-01-01T00:00:00Z", "End": "Thu, 01 Jan 2026 01:00:00 GMT"});
    let before = new_year() - Duration::from_millis(1);
    let last = new_year() + Duration::from_millis(3_599_999);
    let end = new_year() + Duration::from_secs(3_600);
    for (now, expected) in [(before, false), (new_year(), true), (last, true), (end, false)] {
        assert_eq!(enabled(window.clone(), now), expected, "{now:?}");
    }
}

#[test]
fn offsets_count() {
    assert!(enabled(json!({"Start": "2026-01-01T02:00:00+02:00"}), new_year()));
    assert!(!enabled(json!({"Start": "Thu, 01 Jan 2026 00:00:00 -0100"}), new_year()));
    assert!(enabled(json!({"End": "Thu, 01 Jan 2026 00:00:00 -0100"}), new_year()));
}

#[test]
fn a_date_without_zone_is_refused() {
    let flags = filtered("Microsoft.TimeWindow", json!({"Start": "2026-01-01T00:00:00"}));
    assert_eq!(flags.evaluate("F", &nobody()).error.unwrap().code, ErrorCode::ParseError);
}

#[test]
fn recurrence_is_refused_by_name_even_inside_the_first_window() {
    let recurrence = json!({"Pattern": {"Type": "Daily"}, "Range": {"Type": "NoEnd"}});
    let flags = filtered(
        "Microsoft.TimeWindow",
        json!({"Start": "2025-12-31T23:00:00Z", "End": "2026-01-01T01:00:00Z", "Recurrence": recurrence}),
    );
    let decision = flags.evaluate("F", &nobody());
    assert_eq!((decision.enabled, decision.reason), (false, Reason::Error));
    let error = decision.error.unwrap();
    assert_eq!(
        (error.code, error.message.as_str()),
        (ErrorCode::General, "a time window's Recurrence is not supported")
    );
}
