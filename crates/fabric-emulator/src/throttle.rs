//! Throttling: so many requests per API class, caller and window; then 429 until the window ends.

use std::collections::HashMap;
use std::time::Duration;

use http::StatusCode;
use uuid::Uuid;

use crate::clock::{Moment, micros, stamp_american};
use crate::refusal::Refusal;

/// The windows that are open.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    windows: HashMap<(Uuid, &'static str), Window>,
}

#[derive(Debug)]
struct Window {
    ends: Moment,
    used: u32,
}

impl Throttle {
    /// Counts a request; refuses it where the window's budget is used up.
    pub(crate) fn admit(
        &mut self,
        caller: Uuid,
        api_class: &'static str,
        now: Moment,
        budget: u32,
        length: Duration,
    ) -> Result<(), Refusal> {
        let fresh = Window { ends: now.saturating_add(micros(length)), used: 0 };
        let window = self.windows.entry((caller, api_class)).or_insert(Window { ends: now, used: 0 });
        if window.ends <= now {
            *window = fresh;
        }
        if window.used >= budget {
            let left = u64::try_from(window.ends - now).unwrap_or(0);
            return Err(blocked(now, left.div_ceil(1_000_000)));
        }
        window.used += 1;
        Ok(())
    }

    pub(crate) fn clear(&mut self) {
        self.windows.clear();
    }
}

/// The answer to a throttled request.
pub(crate) fn blocked(now: Moment, seconds: u64) -> Refusal {
    let until = now.saturating_add(micros(Duration::from_secs(seconds)));
    let message = format!("Request is blocked by the upstream service until: {} (UTC)", stamp_american(until));
    Refusal::new(StatusCode::TOO_MANY_REQUESTS, "RequestBlocked", message).retriable().after(seconds)
}
