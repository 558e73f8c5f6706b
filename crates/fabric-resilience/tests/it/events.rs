//! The events, by the names under which others look for them.

use std::sync::{Arc, Mutex};

use fabric_resilience::{
    AdaptiveLimit, Breaker, BreakerSettings, Call, ConcurrencySettings, Feedback, Health, ManualClock, Retry,
    RetrySettings, Safety, ThrottleGate, ThrottleKey, ThrottleSettings, Verdict, events,
};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::support::{Fixed, secs};

#[derive(Clone, Default)]
struct Collected(Arc<Mutex<Vec<String>>>);

impl<S: Subscriber> Layer<S> for Collected {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if event.metadata().target() == events::TARGET {
            let mut line = Line(event.metadata().name().to_owned());
            event.record(&mut line);
            self.0.lock().unwrap().push(line.0);
        }
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() != "message" {
            self.0.push_str(&format!(" {}={value:?}", field.name()));
        }
    }
}

/// What the second of two runs reports. An event that another thread meets for the first time while a subscriber comes is
/// off for that subscriber until interests are asked for again; after a first run no event is new.
fn collect(work: impl Fn()) -> Vec<String> {
    let collected = Collected::default();
    let subscriber = tracing_subscriber::registry().with(collected.clone());
    tracing::subscriber::with_default(subscriber, || {
        work();
        tracing::callsite::rebuild_interest_cache();
        collected.0.lock().unwrap().clear();
        work();
    });
    collected.0.lock().unwrap().clone()
}

#[test]
fn retries() {
    let lines = collect(|| {
        let retry = Retry::with(RetrySettings::default(), Arc::new(ManualClock::leaping()), Arc::new(Fixed(0.0)));
        let mut call = retry.start(Call::new(Safety::Read).in_class("items"), None);
        call.attempt_begins();
        call.attempt_ends(Verdict::Throttled { retry_after: Some(secs(44)) }.into());
        call.attempt_begins();
        call.attempt_ends(Verdict::Throttled { retry_after: Some(secs(55)) }.into());
        call.attempt_begins();
        call.attempt_ends(Verdict::Permanent.into());
        let mut create = retry.start(Call::new(Safety::Ambiguous), None);
        create.attempt_begins();
        create.attempt_ends(Verdict::UnknownOutcome.into());
    });
    assert_eq!(
        lines,
        [
            "resilience.retry attempt=1 wait_ms=44000 throttled=true class=\"items\"",
            "resilience.retry attempt=2 wait_ms=55000 throttled=true class=\"items\"",
            "resilience.give_up attempts=1 reason=not retried: it may have taken effect class=\"\"",
        ]
    );
}

#[test]
fn breaker_transitions() {
    let lines = collect(|| {
        let clock = ManualClock::default();
        let settings = BreakerSettings { failures: 1, half_open_successes: 1, ..BreakerSettings::default() };
        let breaker = Breaker::with("host", settings, Arc::new(clock.clone()), Arc::new(Fixed(0.0)));
        breaker.admit().unwrap().settle(Health::Down);
        clock.advance(secs(60));
        breaker.admit().unwrap().settle(Health::Up);
        breaker.force_open();
        breaker.release();
    });
    assert_eq!(
        lines,
        [
            "resilience.breaker.transition breaker=\"host\" from=closed to=open retry_in_ms=60000",
            "resilience.breaker.transition breaker=\"host\" from=open to=half_open",
            "resilience.breaker.transition breaker=\"host\" from=half_open to=closed",
            "resilience.breaker.transition breaker=\"host\" from=closed to=forced_open",
            "resilience.breaker.transition breaker=\"host\" from=forced_open to=closed",
        ]
    );
}

#[test]
fn throttles_and_limits() {
    let lines = collect(|| {
        futures::executor::block_on(async {
            let gate =
                ThrottleGate::with(ThrottleSettings::default(), Arc::new(ManualClock::leaping()), Arc::new(Fixed(0.0)));
            let key = ThrottleKey { host: "h".into(), principal: "p".into(), class: "items".into() };
            gate.throttled(&key, Some(secs(3)));
            gate.pass(&key, None).await.unwrap();
            let settings = ConcurrencySettings { min: 1, start: 4, max: 8 };
            let limit = Arc::new(AdaptiveLimit::with(settings, Arc::new(ManualClock::leaping())));
            limit.acquire(None).await.unwrap().leave(Feedback::Throttled);
        });
    });
    assert_eq!(
        lines,
        [
            "resilience.throttle.parked class=\"items\" wait_ms=4000",
            "resilience.throttle.wait class=\"items\" wait_ms=4125",
            "resilience.concurrency.limit limit=2",
        ]
    );
}
