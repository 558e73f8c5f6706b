//! How long a cache believes what it was told.

use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a cache believes what it was told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CacheSettings {
    /// The time to live of a secret: one hour.
    pub ttl: Duration,
    /// The part of the time to live by which it is shortened at most, by chance, so that what was fetched together is
    /// not fetched together again: 0.1.
    pub jitter: f64,
    /// The part of the time to live after which a read starts a fetch in the background: 0.8.
    pub refresh_at: f64,
    /// How long beyond its time to live a secret is served, marked stale, while the store gives no answer: one hour.
    pub max_stale: Duration,
    /// How long "there is none" and "you may not" are believed: 30 s.
    pub negative_ttl: Duration,
    /// How long a store that gave no answer is left alone: 1 s, doubled with every failure,
    pub first_retry: Duration,
    /// and never more than this: 60 s.
    pub longest_retry: Duration,
    /// How long a secret that was fetched again after [`invalidate`](crate::SecretStore::invalidate), and had not
    /// changed, cannot be invalidated: 30 s.
    pub invalidate_pause: Duration,
    /// How many secrets are remembered: 1 000.
    pub capacity: u64,
}

impl Default for CacheSettings {
    fn default() -> Self {
        const HOUR: Duration = Duration::from_secs(3600);
        Self {
            ttl: HOUR,
            jitter: 0.1,
            refresh_at: 0.8,
            max_stale: HOUR,
            negative_ttl: Duration::from_secs(30),
            first_retry: Duration::from_secs(1),
            longest_retry: Duration::from_secs(60),
            invalidate_pause: Duration::from_secs(30),
            capacity: 1_000,
        }
    }
}

/// The settings with the chance that spreads them.
pub(super) struct Schedule {
    pub(super) settings: CacheSettings,
    seed: RandomState,
    draws: AtomicU64,
}

impl Schedule {
    pub(super) fn new(settings: CacheSettings) -> Self {
        Self { settings, seed: RandomState::new(), draws: AtomicU64::new(0) }
    }

    /// The time to live of one secret.
    pub(super) fn ttl(&self) -> Duration {
        let chance = self.seed.hash_one(self.draws.fetch_add(1, Ordering::Relaxed));
        // 53 bits fill a double's mantissa exactly.
        let unit = (chance >> 11) as f64 / (1_u64 << 53) as f64;
        self.settings.ttl.mul_f64(1.0 - self.settings.jitter.clamp(0.0, 1.0) * unit)
    }

    /// How long a store is left alone after so many failures in a row.
    pub(super) fn retry_after(&self, failures: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.settings.first_retry.saturating_mul(doubled).min(self.settings.longest_retry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_to_live_is_spread_over_its_last_tenth() {
        let schedule = Schedule::new(CacheSettings::default());
        let drawn: Vec<u64> = (0..1_000).map(|_| schedule.ttl().as_secs()).collect();
        assert!(drawn.iter().all(|ttl| (3240..=3600).contains(ttl)));
        assert!(drawn.iter().any(|ttl| *ttl < 3280) && drawn.iter().any(|ttl| *ttl > 3560));
    }

    #[test]
    fn a_store_that_fails_is_left_alone_ever_longer_up_to_a_minute() {
        let schedule = Schedule::new(CacheSettings::default());
        let waits: Vec<u64> = (1..=8).map(|failures| schedule.retry_after(failures).as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60]);
        assert_eq!(schedule.retry_after(u32::MAX).as_secs(), 60);
    }
}
