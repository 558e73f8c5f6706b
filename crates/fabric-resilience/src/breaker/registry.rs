//! One breaker per key, and never more than a fixed number of them.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::{Breaker, BreakerSettings, BreakerState};
use crate::clock::{Clock, SystemClock};
use crate::randomness::{Randomness, SplitMix};

/// The breakers of a process by key, made when first asked for.
///
/// When it is full, the least recently used breaker that is closed makes room; if none is closed, the least recently
/// used of all. Calls that still hold the breaker that left finish with it; whoever asks for its key again gets a
/// fresh one, which needs the full number of failures to open.
pub struct Breakers {
    settings: BreakerSettings,
    capacity: usize,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    uses: AtomicU64,
    kept: RwLock<HashMap<Arc<str>, Kept>>,
}

struct Kept {
    breaker: Arc<Breaker>,
    last_use: AtomicU64,
}

impl Breakers {
    /// At most `capacity` breakers (at least one), all alike.
    #[must_use]
    pub fn new(settings: BreakerSettings, capacity: usize) -> Self {
        Self::with(settings, capacity, Arc::new(SystemClock), Arc::new(SplitMix::from_system()))
    }

    /// With time and chance handed in.
    #[must_use]
    pub fn with(
        settings: BreakerSettings,
        capacity: usize,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        let kept = RwLock::default();
        Self { settings, capacity: capacity.max(1), clock, randomness, uses: AtomicU64::new(0), kept }
    }

    /// The breaker of this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Arc<Breaker> {
        let use_number = self.uses.fetch_add(1, Ordering::Relaxed);
        if let Some(kept) = self.kept.read().unwrap_or_else(PoisonError::into_inner).get(key) {
            kept.last_use.store(use_number, Ordering::Relaxed);
            return Arc::clone(&kept.breaker);
        }
        let mut all = self.kept.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= self.capacity && !all.contains_key(key) {
            let least = all.iter().min_by_key(|(_, kept)| {
                (kept.breaker.state() != BreakerState::Closed, kept.last_use.load(Ordering::Relaxed))
            });
            if let Some(key) = least.map(|(key, _)| Arc::clone(key)) {
                all.remove(&key);
            }
        }
        let name: Arc<str> = Arc::from(key);
        let kept = all.entry(Arc::clone(&name)).or_insert_with(|| {
            let breaker = Breaker::with(name, self.settings, Arc::clone(&self.clock), Arc::clone(&self.randomness));
            Kept { breaker: Arc::new(breaker), last_use: AtomicU64::new(use_number) }
        });
        Arc::clone(&kept.breaker)
    }

    /// Every breaker that is kept, in no order: for a health check or a report.
    #[must_use]
    pub fn all(&self) -> Vec<Arc<Breaker>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.values().map(|kept| Arc::clone(&kept.breaker)).collect()
    }
}

impl fmt::Debug for Breakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all()).finish()
    }
}
