//! The synchronisation that the state machine uses; the loom model puts loom's in its place.

pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
pub(crate) use std::sync::{Mutex, MutexGuard};
