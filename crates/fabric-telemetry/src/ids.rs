//! New trace and span ids.

use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

use crate::model::{SpanId, TraceId};

/// Gives ids that occur once. A trace id costs a look at the system's randomness, a span id some nanoseconds.
#[derive(Debug)]
pub(crate) struct Ids(AtomicU64);

impl Ids {
    pub(crate) fn new() -> Self {
        Self(AtomicU64::new(Uuid::new_v4().as_u64_pair().1))
    }

    pub(crate) fn trace() -> TraceId {
        TraceId(Uuid::new_v4().into_bytes())
    }

    /// SplitMix64: each seed gives another number, and none but one gives zero.
    pub(crate) fn span(&self) -> SpanId {
        let mut mixed = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        SpanId(mixed.max(1).to_be_bytes())
    }
}
