//! The same work for each of many things, on all cores, with results in order.

use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

/// `work` for every one of `things`; the results stand in the order of `things`, whoever finished first.
pub(super) fn map<T: Send, R: Send>(things: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let workers = thread::available_parallelism().map_or(1, NonZeroUsize::get).min(things.len());
    if workers < 2 {
        return things.into_iter().map(work).collect();
    }
    let slots: Vec<Mutex<Slot<T, R>>> = things.into_iter().map(|thing| Mutex::new(Slot::Waiting(thing))).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(slot) = slots.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let taken =
                        std::mem::replace(&mut *slot.lock().unwrap_or_else(PoisonError::into_inner), Slot::Taken);
                    if let Slot::Waiting(thing) = taken {
                        let result = work(thing);
                        *slot.lock().unwrap_or_else(PoisonError::into_inner) = Slot::Done(result);
                    }
                }
            });
        }
    });
    let done = slots.into_iter().filter_map(|slot| match slot.into_inner().unwrap_or_else(PoisonError::into_inner) {
        Slot::Done(result) => Some(result),
        Slot::Waiting(_) | Slot::Taken => None,
    });
    done.collect()
}

enum Slot<T, R> {
    Waiting(T),
    Taken,
    Done(R),
}
