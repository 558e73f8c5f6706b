//! Retry: which failed attempt is followed by another, and when.

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use http::HeaderName;

use crate::attempts::{Attempt, AttemptLog, Stop};
use crate::budget::{Cost, RetryBudget};
use crate::call::{Call, Safety};
use crate::classify::Verdict;
use crate::clock::{Clock, SystemClock, later};
use crate::deadline::Deadline;
use crate::events;
use crate::randomness::{Randomness, SplitMix};
use crate::schedule::Schedule;

/// How to retry.
#[derive(Debug, Clone)]
pub struct RetrySettings {
    /// The waits.
    pub schedule: Schedule,
    /// The purse that all calls share; `None` retries without a budget.
    pub budget: Option<Arc<RetryBudget>>,
    /// Whether a call that an open breaker turned away waits for the breaker's next attempt, as it would for a
    /// `Retry-After`. Such a call was not sent, so that this is safe for every call, and uses up no attempt: without a
    /// deadline it waits as long as the breaker is open. `false` fails it at once.
    pub wait_for_breaker: bool,
    /// The response header that names the request, to be kept with each attempt.
    pub request_id_header: Option<HeaderName>,
}

impl Default for RetrySettings {
    /// 2, 4 and 8 s; the AWS budget; waits for the breaker; names no header.
    fn default() -> Self {
        Self {
            schedule: Schedule::default(),
            budget: Some(Arc::new(RetryBudget::aws())),
            wait_for_breaker: true,
            request_id_header: None,
        }
    }
}

/// The retry layer. Clones share its budget.
///
/// `reqwest_retry::RetryTransientMiddleware` is not used as it stands: it re-sends a `POST` after a 500, knows no
/// `Retry-After` (TrueLayer/reqwest-middleware#146), no deadline and no budget, cannot send a streaming body even
/// once, hides the error's kind, and sleeps on a clock of its own. Its judgement of transport errors holds and is used
/// by [`Classify`](crate::Classify); the shape of the waits is `retry_policies`' ([`Schedule`]).
#[derive(Debug, Clone)]
pub struct Retry {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: RetrySettings,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
}

/// What was seen of an attempt.
#[derive(Debug, Clone)]
pub struct Seen {
    /// What it meant.
    pub verdict: Verdict,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The server's name for it.
    pub request_id: Option<String>,
    /// Whether an open breaker turned it away: nothing was sent.
    pub turned_away: bool,
}

impl From<Verdict> for Seen {
    fn from(verdict: Verdict) -> Self {
        Self { verdict, status: None, request_id: None, turned_away: false }
    }
}

/// What follows an attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Nothing: its outcome is the call's.
    Done(Stop),
    /// Another attempt, not before this instant.
    At(Instant),
}

impl Retry {
    /// With tokio's clock and the system's randomness.
    #[must_use]
    pub fn new(settings: RetrySettings) -> Self {
        Self::with(settings, Arc::new(SystemClock), Arc::new(SplitMix::from_system()))
    }

    /// With time and chance handed in.
    #[must_use]
    pub fn with(settings: RetrySettings, clock: Arc<dyn Clock>, randomness: Arc<dyn Randomness>) -> Self {
        Self { shared: Arc::new(Shared { settings, clock, randomness }) }
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &RetrySettings {
        &self.shared.settings
    }

    /// Begins a call: the decisions without the sending, for whoever drives the attempts.
    #[must_use]
    pub fn start(&self, call: Call, deadline: Option<Deadline>) -> Retrying {
        Retrying {
            retry: self.clone(),
            call,
            deadline,
            body_is_repeatable: true,
            sent: 0,
            last_cost: None,
            began: self.clock().now(),
            waited: Duration::ZERO,
            log: AttemptLog::default(),
        }
    }

    /// Calls `attempt` (with its number, from 1) until its outcome is final, and returns it with the record.
    pub async fn run<T, E, F>(
        &self,
        call: Call,
        deadline: Option<Deadline>,
        mut attempt: impl FnMut(u32) -> F,
        judge: impl Fn(&Result<T, E>) -> Verdict,
    ) -> (Result<T, E>, AttemptLog)
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut retrying = self.start(call, deadline);
        let mut number = 1;
        loop {
            retrying.attempt_begins();
            let outcome = attempt(number).await;
            let Next::At(instant) = retrying.attempt_ends(judge(&outcome).into()) else {
                return (outcome, retrying.log);
            };
            // Whatever a failed attempt holds open is not held through the wait.
            drop(outcome);
            self.clock().sleep_until(instant).await;
            number += 1;
        }
    }

    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.shared.clock
    }
}

/// One call on its way through its attempts.
#[derive(Debug)]
pub struct Retrying {
    retry: Retry,
    call: Call,
    deadline: Option<Deadline>,
    body_is_repeatable: bool,
    /// Attempts that were really sent: an open breaker sends nothing.
    sent: u32,
    last_cost: Option<Cost>,
    began: Instant,
    waited: Duration,
    log: AttemptLog,
}

impl Retrying {
    /// The call as it was classified.
    #[must_use]
    pub fn call(&self) -> &Call {
        &self.call
    }

    /// The record so far.
    #[must_use]
    pub fn log(&self) -> &AttemptLog {
        &self.log
    }

    /// Declares that the body can be sent only once.
    pub fn body_is_not_repeatable(&mut self) {
        self.body_is_repeatable = false;
    }

    /// An attempt is about to be made.
    pub fn attempt_begins(&mut self) {
        let now = self.retry.clock().now();
        if !self.log.begin() {
            self.waited = now.saturating_duration_since(self.began);
        }
        self.began = now;
    }

    /// An attempt has ended: what now?
    pub fn attempt_ends(&mut self, seen: Seen) -> Next {
        let now = self.retry.clock().now();
        let verdict = seen.verdict;
        self.sent += u32::from(!seen.turned_away);
        self.log.end(Attempt {
            waited: self.waited,
            took: now.saturating_duration_since(self.began),
            verdict,
            status: seen.status,
            turned_away: seen.turned_away,
            request_id: seen.request_id,
        });
        self.began = now;
        match self.decide(verdict, seen.turned_away, now) {
            Ok(instant) => {
                let throttled = matches!(verdict, Verdict::Throttled { .. });
                events::retry(self.attempts(), instant.saturating_duration_since(now), throttled, &self.call.class);
                Next::At(instant)
            }
            Err(stop) => {
                if !matches!(stop, Stop::Success | Stop::Permanent) {
                    events::give_up(self.attempts(), stop, &self.call.class);
                }
                self.log.finish(stop);
                Next::Done(stop)
            }
        }
    }

    fn decide(&mut self, verdict: Verdict, turned_away: bool, now: Instant) -> Result<Instant, Stop> {
        let budget = self.retry.shared.settings.budget.as_ref();
        if turned_away && let (Some(budget), Some(cost)) = (budget, self.last_cost.take()) {
            budget.untake(cost);
        }
        let ambiguous = self.call.safety == Safety::Ambiguous;
        let floor = match verdict {
            Verdict::Success => {
                if let Some(budget) = budget {
                    budget.succeeded(self.last_cost);
                }
                return Err(Stop::Success);
            }
            Verdict::Permanent => return Err(Stop::Permanent),
            Verdict::UnknownOutcome if ambiguous => return Err(Stop::UnknownOutcome),
            Verdict::Throttled { .. } if ambiguous => return Err(Stop::ThrottledAmbiguous),
            Verdict::UnknownOutcome => None,
            Verdict::Transient { retry_after } | Verdict::Throttled { retry_after } => retry_after,
        };
        // A call that was turned away was not sent: it neither failed nor adds load, so that it costs nothing.
        if let (false, Some(budget)) = (turned_away, budget) {
            budget.failed();
        }
        let wait = self.wait(floor.unwrap_or_default(), turned_away)?;
        let instant = later(now, wait);
        if let Some(deadline) = self.deadline.filter(|deadline| deadline.forbids(instant)) {
            return Err(Stop::WaitPastDeadline { needed: wait, left: deadline.left(now) });
        }
        if let (false, Some(budget)) = (turned_away, budget) {
            let throttled = matches!(verdict, Verdict::Throttled { .. });
            self.last_cost = Some(budget.take(throttled).ok_or(Stop::BudgetSpent)?);
        }
        Ok(instant)
    }

    fn attempts(&self) -> u32 {
        u32::try_from(self.log.len()).unwrap_or(u32::MAX)
    }

    fn wait(&self, floor: Duration, turned_away: bool) -> Result<Duration, Stop> {
        let settings = &self.retry.shared.settings;
        if turned_away && !settings.wait_for_breaker {
            return Err(Stop::BreakerOpen);
        }
        // A call that was turned away keeps its attempts: how long it waits for the breaker, only its deadline limits.
        let step = settings.schedule.step(self.sent.saturating_sub(1)).ok_or(Stop::NoRetriesLeft)?;
        if !self.body_is_repeatable {
            return Err(Stop::BodyNotRepeatable);
        }
        // The jitter comes on top of the server's wish too: it spreads callers who were all told the same instant.
        let lengthening = settings.schedule.lengthening(step, &*self.retry.shared.randomness);
        Ok(step.max(floor).saturating_add(lengthening))
    }
}
