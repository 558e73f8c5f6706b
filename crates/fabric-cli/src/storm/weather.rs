//! What befalls requests, by seed.

use fabric_emulator::{Fault, FaultKind, FaultMatch, StatusFault, ThrottledFault};

/// The share of requests that each fault befalls.
const SHARE: f64 = 0.05;
/// The share that is throttled out of turn, beside the windows of the emulator's own throttle.
const THROTTLED: f64 = 0.01;

/// Every fault there is, each on its share of all requests.
pub(super) fn storm(seed: u64) -> Vec<Fault> {
    let status = |code, applied| FaultKind::Status(StatusFault { code, applied, error_code: None, retry_after: None });
    let throttled = |applied| FaultKind::Throttled(ThrottledFault { seconds: 5 + seed % 20, applied });
    let kinds = [
        (SHARE, status(500, true)),
        (SHARE, status(500, false)),
        (SHARE, status(502, false)),
        (SHARE, status(503, false)),
        (SHARE, FaultKind::LostBefore),
        (SHARE, FaultKind::Reset),
        (SHARE, FaultKind::AppliedThenLost),
        (SHARE, FaultKind::Truncated),
        (SHARE, FaultKind::SlowMs(8_000)),
        (THROTTLED, throttled(true)),
        (THROTTLED, throttled(false)),
    ];
    let mut rules: Vec<_> = (0_u64..)
        .zip(kinds)
        .map(|(index, (share, kind))| Fault {
            matching: FaultMatch {
                probability: Some(share),
                seed: Some(seed.wrapping_mul(1_000).wrapping_add(index)),
                ..FaultMatch::default()
            },
            kind,
        })
        .collect();
    // The first rule that strikes wins, so that each seed lets another one go first.
    let first = usize::try_from(seed).unwrap_or_default() % rules.len();
    rules.rotate_left(first);
    rules
}

/// The same faults, each alone, on every request.
pub(super) fn always(seed: u64) -> Vec<Fault> {
    let mut rules = storm(seed);
    rules.retain(|rule| !matches!(rule.kind, FaultKind::SlowMs(_)));
    rules.truncate(1);
    for rule in &mut rules {
        rule.matching = FaultMatch::default();
    }
    rules
}
