//! Chance, as something that is handed in.

use std::fmt::Debug;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};

/// Where jitter comes from. It spreads load and protects nothing, so it needs no cryptographic strength.
pub trait Randomness: Debug + Send + Sync + 'static {
    /// An even draw from `[0, 1)`.
    fn unit(&self) -> f64;
}

/// `SplitMix64` (Steele, Lea, Flood 2014): one atomic addition a draw, no lock.
#[derive(Debug)]
pub struct SplitMix {
    state: AtomicU64,
}

impl SplitMix {
    /// The same seed draws the same numbers.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self { state: AtomicU64::new(seed) }
    }

    /// Seeded from the operating system, by way of the standard library's hash keys.
    #[must_use]
    pub fn from_system() -> Self {
        Self::seeded(RandomState::new().hash_one(0_u8))
    }
}

impl Randomness for SplitMix {
    fn unit(&self) -> f64 {
        const STEP: u64 = 0x9E37_79B9_7F4A_7C15;
        let mut mixed = self.state.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^= mixed >> 31;
        // 53 bits fill a double's mantissa exactly, so 1.0 itself is never drawn.
        (mixed >> 11) as f64 / (1_u64 << 53) as f64
    }
}
