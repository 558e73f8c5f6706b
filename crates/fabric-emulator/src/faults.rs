//! Faults as data: which requests fail, how, and how often. The same rules and requests give the same faults.

use http::Method;
use serde::{Deserialize, Serialize};

use crate::services::Service;

/// A rule: requests it matches suffer its fault.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Which requests.
    #[serde(rename = "match", default)]
    pub matching: FaultMatch,
    /// What happens to them.
    pub kind: FaultKind,
}

/// Which requests a fault befalls. An absent condition is met by every request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FaultMatch {
    /// The service. Default: Fabric.
    #[serde(skip_serializing_if = "is_fabric")]
    pub service: Service,
    /// The HTTP method.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The route's template, such as `/v1/workspaces/{workspaceId}/items`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<String>,
    /// The route's operation, such as `CreateItem`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operation: Option<String>,
    /// A part of the path as it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The first request that suffers, counted from 1 among those that meet the conditions above. Default: 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nth: Option<u64>,
    /// How many suffer, from `nth` on. Default: one if `nth` is given, otherwise all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<u64>,
    /// The share of those that really suffer, between 0 and 1; drawn from `seed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub probability: Option<f64>,
    /// The seed of the draw. Default: 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The connection closes before the request has an effect.
    LostBefore,
    /// The request takes effect, then the connection closes without an answer.
    AppliedThenLost,
    /// An error status instead of the answer.
    Status(StatusFault),
    /// 429 `RequestBlocked`.
    Throttled(ThrottledFault),
    /// The connection is reset (TCP RST) before the request has an effect.
    Reset,
    /// The request takes effect, but only half of the answer's body arrives.
    Truncated,
    /// The answer comes this many milliseconds of real time later.
    SlowMs(u64),
    /// The operation that the request starts fails with this code. An immediate answer becomes a 202 for it.
    LroFailed {
        /// The error code of the failed operation.
        error_code: String,
    },
    /// The operation that the request starts never ends.
    LroNever,
    /// Of the items that a bulk import brings, some fail. An immediate answer becomes a 202.
    ImportPartly(ImportPartly),
    /// Of the items that Application Insights receives with the request, some are refused.
    ItemsRefused(ItemsRefused),
}

/// An error status.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusFault {
    /// The HTTP status.
    pub code: u16,
    /// Whether the request takes effect all the same.
    #[serde(default)]
    pub applied: bool,
    /// The error code; by default one that suits the status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<String>,
    /// `Retry-After` in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// A throttled request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ThrottledFault {
    /// `Retry-After` in seconds.
    pub seconds: u64,
    /// Whether the request takes effect all the same.
    #[serde(default)]
    pub applied: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_fabric(service: &Service) -> bool {
    *service == Service::Fabric
}

/// A bulk import that does not do all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportPartly {
    /// The first of this many, again and again: 1 befalls all, 2 every other.
    pub every: usize,
    /// Whether such an item ends as `SucceededDespiteFailures`, without the last of its parts, and not as `Failed`.
    #[serde(default)]
    pub despite: bool,
}

impl ImportPartly {
    /// Whether it befalls the item at this place.
    pub(crate) fn befalls(self, place: usize) -> bool {
        place.is_multiple_of(self.every.max(1))
    }
}

/// Refused items.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemsRefused {
    /// The first of this many, again and again: 1 refuses all, 2 every other.
    pub every: usize,
    /// The status of each refused item.
    pub code: u16,
}

/// What befalls the long-running operation that a request starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OperationFault {
    Failed(String),
    Never,
    Partly(ImportPartly),
}

/// A request as rules see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target<'a> {
    pub(crate) service: Service,
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) template: Option<&'a str>,
    pub(crate) operation: Option<&'a str>,
}

/// The rules in force, with how often each was met.
#[derive(Debug, Default)]
pub(crate) struct FaultRules {
    rules: Vec<(Fault, u64)>,
}

impl FaultRules {
    pub(crate) fn replace(&mut self, faults: Vec<Fault>) {
        self.rules.clear();
        self.add(faults);
    }

    pub(crate) fn add(&mut self, faults: Vec<Fault>) {
        self.rules.extend(faults.into_iter().map(|fault| (fault, 0)));
    }

    /// Counts the request for every rule that matches it and returns what the first one inflicts.
    pub(crate) fn strike(&mut self, target: Target<'_>) -> Option<FaultKind> {
        let mut struck = None;
        for (fault, met) in &mut self.rules {
            if !meets(&fault.matching, target) {
                continue;
            }
            *met += 1;
            if struck.is_none() && suffers(&fault.matching, *met) {
                struck = Some(fault.kind.clone());
            }
        }
        struck
    }
}

fn meets(matching: &FaultMatch, target: Target<'_>) -> bool {
    let is_named = |wanted: &Option<String>, name: Option<&str>| {
        wanted.as_ref().is_none_or(|wanted| name.is_some_and(|name| name.eq_ignore_ascii_case(wanted)))
    };
    matching.service == target.service
        && is_named(&matching.method, Some(target.method.as_str()))
        && matching.path.as_ref().is_none_or(|part| target.path.contains(part.as_str()))
        && is_named(&matching.route, target.template)
        && is_named(&matching.operation, target.operation)
}

fn suffers(matching: &FaultMatch, met: u64) -> bool {
    let first = matching.nth.unwrap_or(1);
    let times = matching.times.or_else(|| matching.nth.map(|_| 1)).unwrap_or(u64::MAX);
    if met < first || met - first >= times {
        return false;
    }
    matching.probability.is_none_or(|share| draw(matching.seed.unwrap_or(0), met) < share)
}

/// A number in `0.0..1.0` that depends on nothing but its arguments (splitmix64).
fn draw(seed: u64, count: u64) -> f64 {
    let mut mixed = seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // 53 bits fill the mantissa exactly.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact in an f64")]
    let share = (mixed >> 11) as f64 / (1_u64 << 53) as f64;
    share
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strikes(matching: FaultMatch, requests: usize) -> Vec<bool> {
        let mut rules = FaultRules::default();
        rules.replace(vec![Fault { matching, kind: FaultKind::Reset }]);
        let (method, path) = (&Method::GET, "/v1/workspaces");
        let target = Target { service: Service::Fabric, method, path, template: None, operation: None };
        (0..requests).map(|_| rules.strike(target).is_some()).collect()
    }

    #[test]
    fn nth_and_times_choose_requests() {
        let nth = |nth, times| FaultMatch { nth, times, ..FaultMatch::default() };
        assert_eq!(strikes(nth(None, None), 3), [true, true, true]);
        assert_eq!(strikes(nth(Some(2), None), 3), [false, true, false]);
        assert_eq!(strikes(nth(Some(2), Some(2)), 4), [false, true, true, false]);
        assert_eq!(strikes(nth(None, Some(1)), 3), [true, false, false]);
    }

    #[test]
    fn a_rule_that_names_no_service_means_fabric() {
        let mut rules = FaultRules::default();
        rules.replace(vec![Fault { matching: FaultMatch::default(), kind: FaultKind::Reset }]);
        let (method, path) = (&Method::GET, "/v1/workspaces");
        let target = |service| Target { service, method, path, template: None, operation: None };
        assert!(rules.strike(target(Service::Entra)).is_none());
        assert!(rules.strike(target(Service::Fabric)).is_some());
    }

    #[test]
    fn probability_is_a_draw_that_repeats() {
        let some = |seed| FaultMatch { probability: Some(0.3), seed: Some(seed), ..FaultMatch::default() };
        let first = strikes(some(7), 1_000);
        assert_eq!(first, strikes(some(7), 1_000));
        assert_ne!(first, strikes(some(8), 1_000));
        let hits = first.iter().filter(|hit| **hit).count();
        assert!((250..350).contains(&hits), "{hits} of 1000");
    }

    #[test]
    fn rules_are_written_as_the_documentation_shows() {
        let rules = r#"[
            {"match": {"method": "POST", "nth": 2}, "kind": "lost_before"},
            {"match": {"operation": "CreateItem"}, "kind": {"status": {"code": 500, "applied": true}}},
            {"kind": {"throttled": {"seconds": 5}}},
            {"kind": {"slow_ms": 20}},
            {"kind": {"lro_failed": {"error_code": "Boom"}}},
            {"kind": "lro_never"},
            {"kind": {"import_partly": {"every": 2}}}
        ]"#;
        let rules: Vec<Fault> = serde_json::from_str(rules).unwrap();
        assert_eq!(rules.len(), 7);
        assert_eq!(rules[0].kind, FaultKind::LostBefore);
    }
}
