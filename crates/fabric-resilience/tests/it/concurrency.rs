//! The adaptive concurrency limit.

use std::sync::Arc;

use fabric_resilience::{
    AdaptiveLimit, Clock, ConcurrencySettings, Deadline, Feedback, Place, ResilienceError, SystemClock,
};
use futures::poll;

use crate::support::secs;

fn limit(min: usize, start: usize, max: usize) -> Arc<AdaptiveLimit> {
    Arc::new(AdaptiveLimit::new(ConcurrencySettings { min, start, max }))
}

async fn fill(limit: &Arc<AdaptiveLimit>) -> Vec<Place> {
    let mut places = Vec::new();
    for _ in 0..limit.limit() {
        places.push(limit.acquire(None).await.unwrap());
    }
    let mut one_more = Box::pin(limit.acquire(None));
    assert!(poll!(&mut one_more).is_pending(), "more than {} at once", limit.limit());
    places
}

#[tokio::test]
async fn a_burst_of_throttles_halves_once() {
    let limit = limit(1, 16, 64);
    for place in fill(&limit).await {
        place.leave(Feedback::Throttled);
    }
    assert_eq!(limit.limit(), 8);
    for place in fill(&limit).await {
        place.leave(Feedback::Throttled);
    }
    assert_eq!(limit.limit(), 4);
    assert_eq!(limit.in_use(), 0);
}

#[tokio::test]
async fn never_below_min_nor_above_max() {
    let limit = limit(2, 4, 5);
    for _ in 0..5 {
        limit.acquire(None).await.unwrap().leave(Feedback::Throttled);
    }
    assert_eq!(limit.limit(), 2);
    for _ in 0..20 {
        for place in fill(&limit).await {
            place.leave(Feedback::Fine);
        }
    }
    assert_eq!(limit.limit(), 5);
    fill(&limit).await;
}

#[tokio::test]
async fn grows_by_one_a_round() {
    let limit = limit(1, 4, 64);
    for expected in [5, 6, 7] {
        let places = fill(&limit).await;
        // A round: as many good calls as the limit is wide, each made while the limit is in use.
        let mut kept = Vec::new();
        for place in places {
            place.leave(Feedback::Fine);
            kept.push(limit.acquire(None).await.unwrap());
        }
        assert_eq!(limit.limit(), expected);
    }
}

#[tokio::test]
async fn an_idle_limit_does_not_grow() {
    let limit = limit(1, 16, 64);
    for _ in 0..1_000 {
        limit.acquire(None).await.unwrap().leave(Feedback::Fine);
    }
    assert_eq!(limit.limit(), 16);
}

#[tokio::test]
async fn a_limit_that_is_half_in_use_grows() {
    let limit = limit(1, 16, 64);
    let mut held = Vec::new();
    for _ in 0..7 {
        held.push(limit.acquire(None).await.unwrap());
    }
    for _ in 0..16 {
        limit.acquire(None).await.unwrap().leave(Feedback::Fine);
    }
    assert_eq!(limit.limit(), 17);
}

#[tokio::test]
async fn places_in_use_are_withdrawn_when_they_are_left() {
    let limit = limit(1, 8, 8);
    let mut places = fill(&limit).await;
    places.pop().unwrap().leave(Feedback::Throttled);
    assert_eq!((limit.limit(), limit.in_use()), (4, 7));
    let mut waiting = Box::pin(limit.acquire(None));
    for _ in 0..3 {
        assert!(poll!(&mut waiting).is_pending());
        drop(places.pop());
    }
    assert!(poll!(&mut waiting).is_pending(), "four are still under way");
    drop(places.pop());
    assert!(poll!(&mut waiting).is_ready());
}

#[tokio::test]
async fn a_dropped_place_is_free_and_says_nothing() {
    let limit = limit(1, 1, 1);
    for _ in 0..10 {
        drop(limit.acquire(None).await.unwrap());
    }
    assert_eq!((limit.limit(), limit.in_use()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn waiting_ends_at_the_deadline() {
    let limit = limit(1, 1, 1);
    let held = limit.acquire(None).await.unwrap();
    let start = SystemClock.now();
    let refused = limit.acquire(Some(Deadline::after(secs(3), &SystemClock))).await;
    assert_eq!(refused.unwrap_err(), ResilienceError::NoPlaceInTime { limit: 1 });
    assert_eq!(SystemClock.now() - start, secs(3));
    drop(held);
    assert!(limit.acquire(Some(Deadline::after(secs(3), &SystemClock))).await.is_ok());
}

#[test]
fn senseless_bounds_are_set_right() {
    assert_eq!(limit(0, 0, 0).limit(), 1);
    assert_eq!(limit(5, 1, 2).limit(), 5);
    assert_eq!(AdaptiveLimit::new(ConcurrencySettings::default()).limit(), 16);
}
