//! A purse of retries that all calls of a client share, so that retries cannot multiply an outage.

use std::sync::atomic::{AtomicU64, Ordering};

/// Thousandths, so that the ratio of gRFC A6 needs no floating-point atomics.
const TOKEN: u64 = 1_000;

/// A token bucket for retries. Share one per client.
#[derive(Debug)]
pub struct RetryBudget {
    rule: Rule,
    capacity: u64,
    tokens: AtomicU64,
}

#[derive(Debug, Clone, Copy)]
enum Rule {
    /// A retry costs; a success gives its last retry's cost back, or a little if it needed none.
    Costs { retry: u64, throttled: u64, unretried_success: u64 },
    /// A failure costs, a success gives a part back, and retries rest while the purse is at most half full.
    HalfFull { success: u64 },
}

/// What one retry took, to be given back if the call then succeeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Cost(u64);

impl RetryBudget {
    /// The rule of the AWS SDKs' retry behaviour 2.1: 500 tokens; a retry costs 14, after a throttle 5; a success
    /// gives back what its last retry cost, or 1 if it needed none. An outage gets 35 retries from one client.
    #[must_use]
    pub fn aws() -> Self {
        Self::costs(500, 14, 5)
    }

    /// The same rule with other numbers.
    #[must_use]
    pub fn costs(capacity: u32, retry: u32, throttled: u32) -> Self {
        let thousandths = |tokens: u32| u64::from(tokens) * TOKEN;
        let rule =
            Rule::Costs { retry: thousandths(retry), throttled: thousandths(throttled), unretried_success: TOKEN };
        Self { rule, capacity: thousandths(capacity), tokens: AtomicU64::new(thousandths(capacity)) }
    }

    /// The rule of gRFC A6 (`retryThrottling`): a failure takes one token, a success gives `ratio` back (to three
    /// decimals), and nothing is retried while at most half of `max_tokens` is left.
    #[must_use]
    pub fn grpc(max_tokens: u32, ratio: f64) -> Self {
        let success = (ratio.clamp(0.0, f64::from(max_tokens)) * TOKEN as f64).round() as u64;
        let capacity = u64::from(max_tokens) * TOKEN;
        Self { rule: Rule::HalfFull { success }, capacity, tokens: AtomicU64::new(capacity) }
    }

    /// What is in the purse, in tokens.
    #[must_use]
    pub fn tokens(&self) -> f64 {
        self.tokens.load(Ordering::Relaxed) as f64 / TOKEN as f64
    }

    pub(crate) fn failed(&self) {
        if let Rule::HalfFull { .. } = self.rule {
            self.update(|tokens| Some(tokens.saturating_sub(TOKEN)));
        }
    }

    pub(crate) fn take(&self, after_throttle: bool) -> Option<Cost> {
        match self.rule {
            Rule::Costs { retry, throttled, .. } => {
                let cost = if after_throttle { throttled } else { retry };
                self.update(|tokens| tokens.checked_sub(cost)).then_some(Cost(cost))
            }
            Rule::HalfFull { .. } => (self.tokens.load(Ordering::Relaxed) > self.capacity / 2).then_some(Cost(0)),
        }
    }

    pub(crate) fn succeeded(&self, last_retry: Option<Cost>) {
        let back = match (self.rule, last_retry) {
            (Rule::Costs { .. }, Some(Cost(cost))) => cost,
            (Rule::Costs { unretried_success, .. }, None) => unretried_success,
            (Rule::HalfFull { success }, _) => success,
        };
        self.put_back(back);
    }

    /// Gives back what a retry took that was then never sent.
    pub(crate) fn untake(&self, cost: Cost) {
        self.put_back(cost.0);
    }

    fn put_back(&self, thousandths: u64) {
        self.update(|tokens| Some(tokens.saturating_add(thousandths).min(self.capacity)));
    }

    fn update(&self, change: impl Fn(u64) -> Option<u64>) -> bool {
        self.tokens.fetch_update(Ordering::Relaxed, Ordering::Relaxed, change).is_ok()
    }
}
