//! Time, as something that is handed in.

mod manual;

pub use manual::ManualClock;

use std::fmt::Debug;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::{Duration, Instant, SystemTime};

/// A pause that ends by itself.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Where a layer gets its time from.
pub trait Clock: Debug + Send + Sync + 'static {
    /// Monotonic time: every wait and every deadline is measured on it.
    fn now(&self) -> Instant;

    /// The calendar's time: only for an HTTP date in `Retry-After`.
    fn wall(&self) -> SystemTime;

    /// Ends at `at` and never before it.
    fn sleep_until(&self, at: Instant) -> Sleep;
}

/// Tokio's clock: a test that pauses tokio's time pauses this one too.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        tokio::time::Instant::now().into_std()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the room that owns the clock")]
    fn wall(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep_until(&self, at: Instant) -> Sleep {
        Box::pin(tokio::time::sleep_until(at.into()))
    }
}

/// The output of `work`, or `None` if `at` comes first. `work` is asked first, so that an answer that is already there
/// is never thrown away, and needs no timer.
pub(crate) async fn before<W: Future>(clock: &dyn Clock, at: Instant, work: W) -> Option<W::Output> {
    let mut work = pin!(work);
    let mut end: Option<Sleep> = None;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => end.get_or_insert_with(|| clock.sleep_until(at)).as_mut().poll(context).map(|()| None),
    })
    .await
}

/// `now + by`, where a wait that no clock can express becomes one that nobody will see the end of.
pub(crate) fn later(now: Instant, by: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    now.checked_add(by).unwrap_or_else(|| now + CENTURY)
}
