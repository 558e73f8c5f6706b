//! Retry beside a reference model, over random weather: never early, never late, never twice, never too often.

use std::sync::Arc;
use std::time::Duration;

use fabric_resilience::{
    Call, Clock, Deadline, ManualClock, Next, Retry, RetryBudget, RetrySettings, Safety, SplitMix, Stop, Verdict,
};
use proptest::prelude::*;

use crate::support::{millis, secs};

#[derive(Debug, Clone)]
struct Weather {
    safety: Safety,
    limit: Option<u64>,
    attempts: Vec<(Verdict, u64)>,
}

fn verdict() -> impl Strategy<Value = Verdict> {
    let floor = || prop::option::weighted(0.6, (0..70_u64).prop_map(secs));
    prop_oneof![
        4 => floor().prop_map(|retry_after| Verdict::Transient { retry_after }),
        4 => floor().prop_map(|retry_after| Verdict::Throttled { retry_after }),
        1 => Just(Verdict::Success),
        1 => Just(Verdict::Permanent),
        2 => Just(Verdict::UnknownOutcome),
    ]
}

fn weather() -> impl Strategy<Value = Weather> {
    let safety = prop_oneof![Just(Safety::Read), Just(Safety::Idempotent), Just(Safety::Ambiguous)];
    let attempts = prop::collection::vec((verdict(), 0..20_000_u64), 5..6);
    (safety, prop::option::of(1..120_u64), attempts).prop_map(|(safety, limit, attempts)| Weather {
        safety,
        limit,
        attempts,
    })
}

/// What the rules say of a failed attempt, in as few words as possible: the least wait, or why there is none.
fn rule(safety: Safety, verdict: Verdict, past: u32) -> Result<Duration, Stop> {
    let floor = match (verdict, safety) {
        (Verdict::Success, _) => return Err(Stop::Success),
        (Verdict::Permanent, _) => return Err(Stop::Permanent),
        (Verdict::UnknownOutcome, Safety::Ambiguous) => return Err(Stop::UnknownOutcome),
        (Verdict::Throttled { .. }, Safety::Ambiguous) => return Err(Stop::ThrottledAmbiguous),
        (Verdict::UnknownOutcome, _) => None,
        (Verdict::Transient { retry_after } | Verdict::Throttled { retry_after }, _) => retry_after,
    };
    let step = [2, 4, 8].get(past as usize).copied().map(secs).ok_or(Stop::NoRetriesLeft)?;
    Ok(step.max(floor.unwrap_or_default()))
}

fn check(calls: &[Weather], seed: u64, capacity: u32) -> Result<(), TestCaseError> {
    let clock = ManualClock::default();
    let budget = Arc::new(RetryBudget::costs(capacity, 14, 5));
    let settings = RetrySettings { budget: Some(Arc::clone(&budget)), ..RetrySettings::default() };
    let retry = Retry::with(settings, Arc::new(clock.clone()), Arc::new(SplitMix::seeded(seed)));
    let mut purse = f64::from(capacity);
    for weather in calls {
        let deadline = weather.limit.map(|limit| Deadline::after(secs(limit), &clock));
        let mut retrying = retry.start(Call::new(weather.safety), deadline);
        let mut last_cost = None;
        for (past, (verdict, took)) in weather.attempts.iter().enumerate() {
            retrying.attempt_begins();
            clock.advance(millis(*took));
            let next = retrying.attempt_ends((*verdict).into());
            let past = past as u32;
            match (next, rule(weather.safety, *verdict, past)) {
                (Next::At(instant), Ok(least)) => {
                    let wait = instant - clock.now();
                    let step = secs([2, 4, 8][past as usize]);
                    prop_assert!(wait >= least, "{:?} is before {:?}", wait, least);
                    prop_assert!(wait <= least + step / 4, "{:?} is long after {:?}", wait, least);
                    prop_assert!(deadline.is_none_or(|deadline| instant < deadline.at()), "sleeps past the deadline");
                    let cost = if matches!(verdict, Verdict::Throttled { .. }) { 5.0 } else { 14.0 };
                    purse -= cost;
                    last_cost = Some(cost);
                    prop_assert!(purse >= 0.0, "more retries than the budget");
                    clock.advance(wait);
                }
                (Next::Done(Stop::WaitPastDeadline { needed, left }), Ok(least)) => {
                    prop_assert!(needed >= least && needed >= left);
                    prop_assert_eq!(left, deadline.map(|deadline| deadline.left(clock.now())).unwrap_or_default());
                    break;
                }
                (Next::Done(Stop::BudgetSpent), Ok(_)) => {
                    let cost = if matches!(verdict, Verdict::Throttled { .. }) { 5.0 } else { 14.0 };
                    prop_assert!(purse < cost);
                    break;
                }
                (Next::Done(stop), Err(expected)) => {
                    prop_assert_eq!(stop, expected);
                    prop_assert_eq!(retrying.log().stop(), Some(stop));
                    if stop == Stop::Success {
                        purse = (purse + last_cost.unwrap_or(1.0)).min(f64::from(capacity));
                    }
                    break;
                }
                (next, expected) => prop_assert!(false, "{:?}, but the rules say {:?}", next, expected),
            }
        }
        prop_assert!(retrying.log().len() <= 4);
        prop_assert!(retrying.log().stop().is_some());
        prop_assert_eq!(budget.tokens(), purse);
    }
    Ok(())
}

proptest! {
    // `PROPTEST_CASES=25000` makes it a hundred thousand.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases * 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn agrees_with_its_reference_model(
        calls in prop::collection::vec(weather(), 1..12),
        seed in any::<u64>(),
        capacity in 0..150_u32,
    ) {
        check(&calls, seed, capacity)?;
    }
}
