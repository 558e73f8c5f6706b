//! The waits that the service asks for, with their end: on the bar where there is one, as one plain line elsewhere.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fabric_resilience::events::{TARGET, THROTTLE_PARKED};
use indicatif::ProgressStyle;
use tracing::field::{Field, Visit};
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;

/// A wait that ends no more than this after the one that was told is the same wait, of another call.
const SAME: Duration = Duration::from_secs(2);

/// What is known of the wait. Clones share it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Throttling(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    until: Option<SystemTime>,
    on_a_bar: bool,
}

/// Whether an event says that the service asks for a wait.
pub(super) fn is_wait(event: &Metadata<'_>) -> bool {
    event.target() == TARGET && event.name() == THROTTLE_PARKED
}

impl Throttling {
    /// What learns of waits.
    pub(super) fn layer<S: Subscriber>(&self) -> impl Layer<S> + Send + Sync + use<S> {
        Listener(self.clone())
    }

    /// A bar that shows the wait and how much of it is left.
    pub(super) fn on_a_bar(&self, style: ProgressStyle) -> ProgressStyle {
        self.known(|known| known.on_a_bar = true);
        let throttling = self.clone();
        style.with_key("throttled", move |_: &indicatif::ProgressState, out: &mut dyn std::fmt::Write| {
            if let Some(wait) = throttling.left(now()) {
                let _ = write!(out, "{wait} ");
            }
        })
    }

    /// The bar is gone.
    pub(super) fn no_bar(&self) {
        self.known(|known| known.on_a_bar = false);
    }

    /// The line to say of a wait that nobody was told of.
    fn parked(&self, now: SystemTime, wait: Duration) -> Option<String> {
        let until = now + wait;
        let is_told = self.known(|known| {
            let is_same = known.until.is_some_and(|told| until <= told + SAME);
            known.until = known.until.max(Some(until));
            is_same || known.on_a_bar
        });
        (!is_told).then(|| format!("throttled by the service until {}, {} s", clock(until), seconds(wait)))
    }

    /// What a bar says of the wait.
    fn left(&self, now: SystemTime) -> Option<String> {
        let until = self.known(|known| known.until)?;
        let left = until.duration_since(now).ok().filter(|left| !left.is_zero())?;
        Some(format!("throttled by the service until {}, {} s left", clock(until), seconds(left)))
    }

    fn known<T>(&self, work: impl FnOnce(&mut Known) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

struct Listener(Throttling);

impl<S: Subscriber> Layer<S> for Listener {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        if !is_wait(event.metadata()) {
            return;
        }
        let mut wait = Wait::default();
        event.record(&mut wait);
        if let Some(line) = self.0.parked(now(), Duration::from_millis(wait.0)) {
            super::say(&line);
        }
    }
}

#[derive(Default)]
struct Wait(u64);

impl Visit for Wait {
    fn record_u64(&mut self, field: &Field, value: u64) {
        if field.name() == "wait_ms" {
            self.0 = value;
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

#[expect(clippy::disallowed_methods, reason = "people are told by the clock on their wall when a wait ends")]
fn now() -> SystemTime {
    SystemTime::now()
}

/// The time of day in UTC: the log of a pipeline is read everywhere.
fn clock(at: SystemTime) -> String {
    let seconds = at.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    format!("{:02}:{:02}:{:02} UTC", seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60)
}

fn seconds(wait: Duration) -> u64 {
    wait.as_millis().div_ceil(1_000).try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_wait_is_told_once_with_its_end() {
        let noon = UNIX_EPOCH + Duration::from_secs(20_000 * 86_400 + 43_386);
        let throttling = Throttling::default();
        let told = throttling.parked(noon, 14 * SECOND);
        assert_eq!(told.as_deref(), Some("throttled by the service until 12:03:20 UTC, 14 s"));
        assert_eq!(throttling.parked(noon + SECOND, 14 * SECOND), None, "another call of the same wait");
        assert!(throttling.parked(noon + 5 * SECOND, 60 * SECOND).unwrap().contains("12:04:11 UTC, 60 s"));
    }

    #[test]
    fn a_bar_counts_down_to_the_end_and_is_silent_then() {
        let noon = UNIX_EPOCH + Duration::from_secs(43_386);
        let throttling = Throttling::default();
        let _ = throttling.on_a_bar(ProgressStyle::default_bar());
        assert_eq!(throttling.parked(noon, 14 * SECOND), None, "the bar tells it");
        let left = |after| throttling.left(noon + after * SECOND);
        assert_eq!(left(0).as_deref(), Some("throttled by the service until 12:03:20 UTC, 14 s left"));
        assert_eq!(left(13).as_deref(), Some("throttled by the service until 12:03:20 UTC, 1 s left"));
        assert_eq!(left(14), None);
        throttling.no_bar();
        assert!(throttling.parked(noon + 20 * SECOND, SECOND).is_some());
    }
}
