//! Retry around any future: waits, floors, ceilings, and what is never sent twice.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use fabric_resilience::{
    AttemptLog, Call, Clock, Deadline, ManualClock, Next, Retry, RetryBudget, RetrySettings, Safety, Seen, Stop,
    Verdict,
};

use crate::support::{Fixed, secs};

const FAILED: Verdict = Verdict::Transient { retry_after: None };

fn asked(seconds: u64) -> Verdict {
    Verdict::Throttled { retry_after: Some(secs(seconds)) }
}

fn settings() -> RetrySettings {
    RetrySettings { budget: None, ..RetrySettings::default() }
}

async fn run(
    settings: RetrySettings,
    draw: f64,
    safety: Safety,
    limit: Option<Duration>,
    verdicts: &[Verdict],
) -> (u32, AttemptLog, Duration) {
    let clock = ManualClock::leaping();
    let start = clock.now();
    let retry = Retry::with(settings, Arc::new(clock.clone()), Arc::new(Fixed(draw)));
    let deadline = limit.map(|limit| Deadline::after(limit, &clock));
    let attempts = Cell::new(0);
    let attempt = |number: u32| {
        attempts.set(number);
        async move { Ok::<u32, ()>(number) }
    };
    let judge = |output: &Result<u32, ()>| verdicts[output.unwrap() as usize - 1];
    let (output, log) = retry.run(Call::new(safety), deadline, attempt, judge).await;
    assert_eq!(output, Ok(attempts.get()));
    assert_eq!(log.len(), attempts.get() as usize);
    (attempts.get(), log, clock.now() - start)
}

fn waits(log: &AttemptLog) -> Vec<u64> {
    log.attempts().iter().map(|attempt| attempt.waited.as_millis() as u64).collect()
}

#[tokio::test]
async fn waits_two_four_and_eight_seconds() {
    let (attempts, log, took) = run(settings(), 0.0, Safety::Read, None, &[FAILED; 4]).await;
    assert_eq!((attempts, waits(&log)), (4, vec![0, 2_000, 4_000, 8_000]));
    assert_eq!(took, secs(14));
    assert_eq!(log.stop(), Some(Stop::NoRetriesLeft));
}

#[tokio::test]
async fn jitter_lengthens_by_up_to_a_quarter() {
    let (_, log, _) = run(settings(), 0.998, Safety::Read, None, &[FAILED; 4]).await;
    assert_eq!(waits(&log), [0, 2_499, 4_998, 9_996]);
}

#[tokio::test]
async fn success_ends_it() {
    let verdicts = [FAILED, FAILED, Verdict::Success];
    let (attempts, log, _) = run(settings(), 0.0, Safety::Idempotent, None, &verdicts).await;
    assert_eq!((attempts, log.stop()), (3, Some(Stop::Success)));
}

#[tokio::test]
async fn permanent_failures_are_not_retried() {
    let (attempts, log, took) = run(settings(), 0.0, Safety::Read, None, &[Verdict::Permanent]).await;
    assert_eq!((attempts, log.stop(), took), (1, Some(Stop::Permanent), Duration::ZERO));
}

#[tokio::test]
async fn the_servers_wish_is_a_floor_and_jitter_comes_on_top() {
    let verdicts = [asked(57), asked(1), Verdict::Success];
    let (_, log, _) = run(settings(), 0.5, Safety::Read, None, &verdicts).await;
    assert_eq!(waits(&log), [0, 57_250, 4_500]);
}

#[tokio::test]
async fn a_wait_that_cannot_fit_fails_at_once_and_says_why() {
    let (attempts, log, took) = run(settings(), 0.0, Safety::Read, Some(secs(12)), &[asked(57)]).await;
    assert_eq!((attempts, took), (1, Duration::ZERO));
    assert_eq!(log.stop(), Some(Stop::WaitPastDeadline { needed: secs(57), left: secs(12) }));
    assert_eq!(log.to_string(), "attempt 1: no answer; not retried: it would need to wait 57.0s, and 12.0s are left");
}

#[tokio::test]
async fn a_wait_that_ends_just_at_the_deadline_does_not_fit() {
    let (attempts, ..) = run(settings(), 0.0, Safety::Read, Some(secs(2)), &[FAILED]).await;
    assert_eq!(attempts, 1);
    let enough = secs(2) + Duration::from_nanos(1);
    let (attempts, ..) = run(settings(), 0.0, Safety::Read, Some(enough), &[FAILED, Verdict::Success]).await;
    assert_eq!(attempts, 2);
}

#[tokio::test]
async fn a_create_whose_outcome_is_unknown_is_never_sent_again() {
    let (attempts, log, _) = run(settings(), 0.0, Safety::Ambiguous, None, &[Verdict::UnknownOutcome]).await;
    assert_eq!((attempts, log.stop()), (1, Some(Stop::UnknownOutcome)));
}

#[tokio::test]
async fn a_throttled_create_is_returned_because_it_may_have_taken_effect() {
    let (attempts, log, _) = run(settings(), 0.0, Safety::Ambiguous, None, &[asked(1)]).await;
    assert_eq!((attempts, log.stop()), (1, Some(Stop::ThrottledAmbiguous)));
}

#[tokio::test]
async fn a_create_that_surely_took_no_effect_is_retried() {
    let (attempts, ..) = run(settings(), 0.0, Safety::Ambiguous, None, &[FAILED, Verdict::Success]).await;
    assert_eq!(attempts, 2);
}

#[tokio::test]
async fn an_unknown_outcome_does_not_matter_to_a_read() {
    let verdicts = [Verdict::UnknownOutcome, Verdict::Success];
    let (attempts, ..) = run(settings(), 0.0, Safety::Read, None, &verdicts).await;
    assert_eq!(attempts, 2);
}

fn turned_away(retry_in: Option<Duration>) -> Seen {
    Seen { turned_away: true, ..Seen::from(Verdict::Transient { retry_after: retry_in }) }
}

#[test]
fn waits_for_an_open_breaker_free_of_charge() {
    let clock = ManualClock::leaping();
    let budget = Arc::new(RetryBudget::aws());
    let settings = RetrySettings { budget: Some(Arc::clone(&budget)), ..RetrySettings::default() };
    let retry = Retry::with(settings, Arc::new(clock.clone()), Arc::new(Fixed(0.0)));
    let mut create = retry.start(Call::new(Safety::Ambiguous), None);
    create.attempt_begins();
    assert_eq!(create.attempt_ends(turned_away(Some(secs(60)))), Next::At(clock.now() + secs(60)));
    assert_eq!(budget.tokens(), 500.0);
    let mut read = retry.start(Call::new(Safety::Read), None);
    read.attempt_begins();
    read.attempt_ends(FAILED.into());
    assert_eq!(budget.tokens(), 486.0);
    read.attempt_begins();
    read.attempt_ends(turned_away(None));
    assert_eq!(budget.tokens(), 500.0, "the retry that was paid for was not sent");
}

#[test]
fn what_the_breaker_turned_away_uses_up_no_attempt() {
    let clock = ManualClock::leaping();
    let retry = Retry::with(settings(), Arc::new(clock.clone()), Arc::new(Fixed(0.0)));
    let mut read = retry.start(Call::new(Safety::Read), Some(Deadline::after(secs(1_000), &clock)));
    let mut waits = Vec::new();
    for attempt in 0..9 {
        read.attempt_begins();
        let seen = if attempt % 2 == 0 { FAILED.into() } else { turned_away(None) };
        match read.attempt_ends(seen) {
            Next::At(instant) => waits.push((instant - clock.now()).as_secs()),
            Next::Done(stop) => {
                assert_eq!((stop, attempt), (Stop::NoRetriesLeft, 6));
                break;
            }
        }
    }
    assert_eq!(waits, [2, 2, 4, 4, 8, 8]);
    assert_eq!((read.log().len(), read.log().sent()), (7, 4));
}

#[test]
fn fails_at_once_at_an_open_breaker_if_told_to() {
    let retry = Retry::new(RetrySettings { wait_for_breaker: false, ..RetrySettings::default() });
    let mut read = retry.start(Call::new(Safety::Read), None);
    read.attempt_begins();
    assert_eq!(read.attempt_ends(turned_away(None)), Next::Done(Stop::BreakerOpen));
}

#[test]
fn a_body_that_can_be_sent_once_is_sent_once() {
    let retry = Retry::new(settings());
    let mut read = retry.start(Call::new(Safety::Idempotent), None);
    read.body_is_not_repeatable();
    read.attempt_begins();
    assert!(read.log().in_flight());
    assert_eq!((read.log().len(), read.log().sent(), read.log().is_empty()), (1, 1, false));
    assert_eq!(read.attempt_ends(FAILED.into()), Next::Done(Stop::BodyNotRepeatable));
    assert!(!read.log().in_flight());
}

#[test]
fn the_record_reads_as_a_sentence() {
    let clock = ManualClock::default();
    let retry = Retry::with(settings(), Arc::new(clock.clone()), Arc::new(Fixed(0.0)));
    let mut read = retry.start(Call::new(Safety::Read), None);
    assert!(read.log().is_empty());
    clock.advance(secs(7));
    read.attempt_begins();
    clock.advance(secs(1));
    let seen = Seen { status: Some(503), request_id: Some("abc".into()), ..Seen::from(FAILED) };
    read.attempt_ends(seen);
    clock.advance(secs(2));
    read.attempt_begins();
    assert_eq!(read.log().to_string(), "attempt 1: status 503, request abc; attempt 2: cut off");
    clock.advance(secs(3));
    read.attempt_ends(Verdict::Permanent.into());
    let attempts = read.log().attempts();
    assert_eq!((attempts[0].took, attempts[0].waited), (secs(1), Duration::ZERO));
    assert_eq!((attempts[1].took, attempts[1].waited), (secs(3), secs(2)));
    assert_eq!(
        read.log().to_string(),
        "attempt 1: status 503, request abc; attempt 2 after 2.0s: no answer; not retried: it would fail again"
    );
}

#[test]
fn every_reason_has_words() {
    for (stop, words) in [
        (Stop::Success, "succeeded"),
        (Stop::UnknownOutcome, "not retried: it may have taken effect"),
        (Stop::ThrottledAmbiguous, "not retried: throttled, and it may have taken effect"),
        (Stop::BodyNotRepeatable, "not retried: its body can be sent only once"),
        (Stop::NoRetriesLeft, "no retries left"),
        (Stop::BudgetSpent, "not retried: the client's retry budget is spent"),
        (Stop::BreakerOpen, "not retried: the circuit breaker is open"),
    ] {
        assert_eq!(stop.to_string(), words);
    }
}
