//! When a long-running operation is looked at.

use std::time::Duration;

/// The schedule of looking at a long-running operation.
///
/// Recorded operations take 0.3 s (tenth percentile), 1.6 s (median), 11 s (ninetieth) and up to 394 s, while the
/// service always says `Retry-After: 20`. Waiting in proportion to the time that has passed bounds the overshoot by
/// the same proportion whatever the duration, with a number of polls that grows only with its logarithm; the step
/// keeps the first ones apart. With the defaults polls fall at 0.5, 0.9, 1.3, 1.7, 2.1, 2.6, 3.3, 4.1, 5.1 … s:
/// nothing is noticed later than 0.4 s or a quarter of its duration after it happened, whichever is longer, and an
/// operation of 2 s costs five polls, one of a minute twenty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pacing {
    /// From the answer that started the operation to the first poll.
    pub first: Duration,
    /// The shortest time between two polls.
    pub step: Duration,
    /// Each poll happens at this multiple of the time that had passed at the one before. At least 1.
    pub factor: f64,
    /// The longest time between two polls where the server names none with `Retry-After`.
    pub ceiling: Duration,
    /// How long an operation may take before waiting for it ends in [`Error::OperationTimedOut`].
    ///
    /// [`Error::OperationTimedOut`]: crate::Error::OperationTimedOut
    pub deadline: Duration,
}

impl Default for Pacing {
    /// 0.5 s, then steps of at least 0.4 s growing by a quarter of the time passed up to `Retry-After` or 20 s; 30 min.
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            step: Duration::from_millis(400),
            factor: 1.25,
            ceiling: Duration::from_secs(20),
            deadline: Duration::from_secs(30 * 60),
        }
    }
}

impl Pacing {
    /// The time to wait before the next poll, `elapsed` after waiting began; `None` once the deadline has passed.
    /// The last poll falls on the deadline.
    pub(crate) fn next(&self, elapsed: Duration, retry_after: Option<Duration>) -> Option<Duration> {
        let left = self.deadline.checked_sub(elapsed).filter(|left| !left.is_zero())?;
        let share = (self.factor - 1.0).clamp(0.0, 1_000.0);
        let ceiling = retry_after.unwrap_or(self.ceiling).max(self.step);
        let wait = elapsed.as_secs_f64() * share;
        let wait = Duration::try_from_secs_f64(wait).unwrap_or(ceiling);
        Some(wait.clamp(self.step, ceiling).min(left))
    }

    /// The time to wait before the first poll.
    pub(crate) fn before_first(&self) -> Duration {
        self.first.min(self.deadline)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(pacing: &Pacing, until: Duration, retry_after: Option<Duration>) -> Vec<Duration> {
        let mut at = pacing.before_first();
        let mut polls = vec![at];
        while at < until {
            let Some(wait) = pacing.next(at, retry_after) else { break };
            at += wait;
            polls.push(at);
        }
        polls
    }

    #[test]
    fn overshoot_is_bounded_by_a_step_or_a_quarter() {
        let pacing = Pacing::default();
        for milliseconds in (0..400_000).step_by(137) {
            let done = Duration::from_millis(milliseconds);
            let polls = schedule(&pacing, done, Some(Duration::from_secs(20)));
            let noticed = *polls.last().unwrap();
            let allowed = if done < pacing.first { pacing.first } else { done + pacing.step.max(done / 4) };
            assert!(noticed <= allowed, "{done:?} noticed at {noticed:?}");
        }
    }

    #[test]
    fn two_seconds_cost_five_polls_and_a_minute_twenty() {
        let pacing = Pacing::default();
        assert_eq!(schedule(&pacing, Duration::from_secs(2), Some(Duration::from_secs(20))).len(), 5);
        assert_eq!(schedule(&pacing, Duration::from_secs(60), Some(Duration::from_secs(20))).len(), 20);
    }

    #[test]
    fn a_retry_after_of_nothing_does_not_make_a_busy_loop() {
        let pacing = Pacing::default();
        assert_eq!(pacing.next(Duration::from_secs(100), Some(Duration::ZERO)), Some(pacing.step));
    }

    #[test]
    fn the_last_poll_falls_on_the_deadline() {
        let pacing = Pacing { deadline: Duration::from_secs(10), ..Pacing::default() };
        let polls = schedule(&pacing, Duration::from_secs(3_600), None);
        assert_eq!(polls.last(), Some(&Duration::from_secs(10)));
        assert_eq!(pacing.next(Duration::from_secs(10), None), None);
    }

    #[test]
    fn absurd_factors_do_no_harm() {
        for factor in [f64::NAN, f64::INFINITY, -3.0, 0.0] {
            let pacing = Pacing { factor, ..Pacing::default() };
            let wait = pacing.next(Duration::from_secs(60), None).unwrap();
            assert!(wait >= pacing.step && wait <= pacing.ceiling, "{factor}: {wait:?}");
        }
    }
}
