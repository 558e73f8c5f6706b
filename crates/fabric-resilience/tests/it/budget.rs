//! The retry budget against the rules that it follows, by the names that those rules have.

use std::sync::Arc;

use fabric_resilience::{Call, ManualClock, Next, Retry, RetryBudget, RetrySettings, Safety, Schedule, Stop, Verdict};

use crate::support::{Fixed, secs};

const FAILED: Verdict = Verdict::Transient { retry_after: None };
const THROTTLED: Verdict = Verdict::Throttled { retry_after: None };

/// A retry layer that only its budget limits.
fn retry(budget: &Arc<RetryBudget>, retries: u32) -> Retry {
    let settings = RetrySettings {
        schedule: Schedule::doubling(secs(1), secs(1), retries),
        budget: Some(Arc::clone(budget)),
        ..RetrySettings::default()
    };
    Retry::with(settings, Arc::new(ManualClock::leaping()), Arc::new(Fixed(0.0)))
}

/// One call that meets these verdicts; how often it was retried, and why it ended.
fn call(retry: &Retry, verdicts: impl IntoIterator<Item = Verdict>) -> (u32, Option<Stop>) {
    let mut retrying = retry.start(Call::new(Safety::Read), None);
    let mut retries = 0;
    for verdict in verdicts {
        retrying.attempt_begins();
        match retrying.attempt_ends(verdict.into()) {
            Next::Done(stop) => return (retries, Some(stop)),
            Next::At(_) => retries += 1,
        }
    }
    (retries, None)
}

#[test]
fn aws_2_1_retry_eventually_succeeds_gives_the_last_retrys_cost_back() {
    let budget = Arc::new(RetryBudget::aws());
    let outcome = call(&retry(&budget, 3), [FAILED, FAILED, Verdict::Success]);
    assert_eq!(outcome, (2, Some(Stop::Success)));
    assert_eq!(budget.tokens(), 500.0 - 14.0);
}

#[test]
fn aws_2_1_fail_due_to_max_attempts_reached() {
    let budget = Arc::new(RetryBudget::aws());
    assert_eq!(call(&retry(&budget, 2), [FAILED; 3]), (2, Some(Stop::NoRetriesLeft)));
    assert_eq!(budget.tokens(), 500.0 - 28.0);
}

#[test]
fn aws_2_1_throttling_costs_five() {
    let budget = Arc::new(RetryBudget::aws());
    assert_eq!(call(&retry(&budget, 3), [THROTTLED]), (1, None));
    assert_eq!(budget.tokens(), 495.0);
}

#[test]
fn aws_2_1_retry_quota_reached_after_a_single_retry() {
    let budget = Arc::new(RetryBudget::costs(14, 14, 5));
    assert_eq!(call(&retry(&budget, 3), [FAILED, FAILED]), (1, Some(Stop::BudgetSpent)));
    assert_eq!(budget.tokens(), 0.0);
}

#[test]
fn aws_2_1_no_retries_at_all_if_retry_quota_is_zero() {
    let budget = Arc::new(RetryBudget::costs(0, 14, 5));
    assert_eq!(call(&retry(&budget, 3), [FAILED]), (0, Some(Stop::BudgetSpent)));
}

#[test]
fn aws_2_1_retry_quota_recovery_after_successful_responses() {
    let budget = Arc::new(RetryBudget::costs(30, 14, 5));
    let retry = retry(&budget, 5);
    assert_eq!(call(&retry, [FAILED, FAILED, Verdict::Success]), (2, Some(Stop::Success)));
    assert_eq!(budget.tokens(), 16.0);
    assert_eq!(call(&retry, [FAILED, Verdict::Success]), (1, Some(Stop::Success)));
    assert_eq!(budget.tokens(), 16.0);
    assert_eq!(call(&retry, [Verdict::Success]), (0, Some(Stop::Success)));
    assert_eq!(budget.tokens(), 17.0);
}

#[test]
fn aws_2_1_an_outage_gets_thirty_five_retries_from_all_calls_together() {
    let budget = Arc::new(RetryBudget::aws());
    let retry = retry(&budget, 3);
    let retries: u32 = (0..100).map(|_| call(&retry, [FAILED; 4]).0).sum();
    assert_eq!(retries, 35);
}

#[test]
fn the_purse_is_never_fuller_than_full() {
    let budget = Arc::new(RetryBudget::aws());
    let retry = retry(&budget, 3);
    for _ in 0..10 {
        call(&retry, [Verdict::Success]);
    }
    assert_eq!(budget.tokens(), 500.0);
}

#[test]
fn grpc_a6_failure_takes_one_and_success_gives_the_ratio_back() {
    let budget = Arc::new(RetryBudget::grpc(10, 0.1));
    let retry = retry(&budget, 9);
    assert_eq!(call(&retry, [FAILED, Verdict::Success]), (1, Some(Stop::Success)));
    assert_eq!(budget.tokens(), 9.1);
}

#[test]
fn grpc_a6_no_retry_at_half_of_max_tokens() {
    let budget = Arc::new(RetryBudget::grpc(10, 0.1));
    let retry = retry(&budget, 9);
    // 9, 8, 7, 6 are above half; 5 is not.
    assert_eq!(call(&retry, [FAILED; 9]), (4, Some(Stop::BudgetSpent)));
    assert_eq!(budget.tokens(), 5.0);
    assert_eq!(call(&retry, [FAILED]), (0, Some(Stop::BudgetSpent)));
    assert_eq!(budget.tokens(), 4.0);
}

#[test]
fn grpc_a6_token_count_stays_between_zero_and_max_tokens() {
    let budget = Arc::new(RetryBudget::grpc(3, 1.0));
    let retry = retry(&budget, 0);
    for _ in 0..5 {
        call(&retry, [FAILED]);
    }
    assert_eq!(budget.tokens(), 0.0);
    for _ in 0..5 {
        call(&retry, [Verdict::Success]);
    }
    assert_eq!(budget.tokens(), 3.0);
}

#[test]
fn grpc_a6_ratio_counts_to_three_decimals() {
    let budget = Arc::new(RetryBudget::grpc(1_000, 0.0015));
    let retry = retry(&budget, 0);
    call(&retry, [FAILED]);
    call(&retry, [Verdict::Success]);
    assert_eq!(budget.tokens(), 999.002);
}

#[test]
fn what_cannot_be_retried_costs_nothing() {
    let budget = Arc::new(RetryBudget::aws());
    let retry = retry(&budget, 3);
    assert_eq!(call(&retry, [Verdict::Permanent]), (0, Some(Stop::Permanent)));
    let mut create = retry.start(Call::new(Safety::Ambiguous), None);
    create.attempt_begins();
    assert_eq!(create.attempt_ends(Verdict::UnknownOutcome.into()), Next::Done(Stop::UnknownOutcome));
    assert_eq!(budget.tokens(), 500.0);
}
