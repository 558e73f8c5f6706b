//! The first request to stop is gentle, the second is not, and neither loses anything.

use std::sync::Arc;
use std::time::Duration;

use fabric_txn::store::MemoryStore;
use fabric_txn::{End, Error, ExecuteOptions, OnFailure, Stop};

use crate::support::{LATER, begin, clock, options, run, take_over};
use crate::world::{Fault, Phase, World, create, slow};

/// Requests a stop as soon as `step` is called in `phase`.
async fn stop_at(world: &World, stop: &Stop, phase: Phase, step: &str) {
    while !world.calls(phase).iter().any(|called| called == step) {
        tokio::task::yield_now().await;
    }
    stop.request();
}

#[tokio::test]
async fn the_first_request_finishes_what_is_in_flight_and_rolls_back() {
    let world = World::default();
    let options = ExecuteOptions { concurrency: 2, ..options() };
    let steps = vec![create("a"), slow(create("b"), 50), slow(create("c"), 50).after(["a"]), create("d").after(["b"])];
    let (run, ()) = tokio::join!(run(&world, steps, &options), stop_at(&world, &options.stop, Phase::Apply, "a"));
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(run.report.reason.as_deref(), Some("stopped on request"));
    assert!(world.calls(Phase::Apply).contains(&"b".to_owned()), "it was in flight");
    assert!(!world.calls(Phase::Apply).contains(&"d".to_owned()));
    assert!(world.items().is_empty());
}

#[tokio::test]
async fn the_first_request_can_keep_what_is_there() {
    let world = World::default();
    let options = ExecuteOptions { on_failure: OnFailure::Keep, ..options() };
    let steps = vec![create("a"), slow(create("b"), 9).after(["a"])];
    options.stop.request();
    let run = run(&world, steps, &options).await;
    assert_eq!(run.report.end, End::Unfinished);
    assert_eq!(run.report.reason.as_deref(), Some("stopped on request"));
    let mut later = take_over(&run).await;
    let report = later.resume(&world.registry(), &crate::support::options()).await.unwrap();
    assert_eq!(report.end, End::Committed);
}

#[tokio::test]
async fn the_second_request_waits_for_nothing_and_stays_resumable() {
    let world = World::default();
    world.inject("b", Phase::Apply, &[Some(Fault::Hangs)]);
    let options = options();
    let stop = async {
        stop_at(&world, &options.stop, Phase::Apply, "b").await;
        assert!(options.stop.is_requested() && !options.stop.is_urgent());
        options.stop.request();
    };
    let (run, ()) = tokio::join!(run(&world, vec![create("a"), create("b").after(["a"])], &options), stop);
    assert_eq!(run.report.end, End::Unfinished);
    let mut later = take_over(&run).await;
    let report = later.resume(&world.registry(), &crate::support::options()).await.unwrap();
    assert_eq!(report.end, End::Committed);
    assert_eq!(world.items().len(), 2);
}

#[tokio::test]
async fn a_roll_back_goes_on_after_one_request_and_stops_at_the_second() {
    for (requests, end) in [(1, End::RolledBack), (2, End::Unfinished)] {
        let world = World::default();
        world.inject("c", Phase::Apply, &[Some(Fault::Refused)]);
        let options = options();
        let steps = vec![create("a"), create("b").after(["a"]), create("c").after(["b"])];
        let stop = async {
            for _ in 0..requests {
                stop_at(&world, &options.stop, Phase::Undo, "b").await;
            }
        };
        let (run, ()) = tokio::join!(run(&world, steps, &options), stop);
        assert_eq!(run.report.end, end);
        if end == End::Unfinished {
            let report = take_over(&run).await.resume(&world.registry(), &crate::support::options()).await.unwrap();
            assert_eq!(report.end, End::RolledBack);
        }
        assert!(world.items().is_empty());
    }
}

#[tokio::test]
async fn a_lease_that_is_lost_meanwhile_starts_nothing_more() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut transaction = begin(&store, &clock).await;
    let steps = vec![slow(create("a"), 30), create("b").after(["a"])];
    let (registry, options) = (world.registry(), options());
    let suspended = async {
        while !store.dump().windows(8).any(|window| window == b"\"intent\"") {
            tokio::task::yield_now().await;
        }
        for _ in 0..5 {
            tokio::task::yield_now().await;
        }
        clock.advance(LATER);
    };
    let (ended, ()) = tokio::join!(transaction.execute(steps, &registry, &options), suspended);
    assert!(matches!(ended, Err(Error::LeaseLost { .. })));
    assert_eq!(world.calls(Phase::Apply), ["a"], "what was in flight was finished");
}

#[tokio::test]
async fn a_long_step_keeps_its_lease() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut transaction = begin(&store, &clock).await;
    let (registry, options) = (world.registry(), options());
    let steps = vec![slow(create("a"), 500)];
    let minutes = async {
        for _ in 0..40 {
            for _ in 0..5 {
                tokio::task::yield_now().await;
            }
            clock.advance(Duration::from_secs(20));
        }
    };
    let (ended, ()) = tokio::join!(transaction.execute(steps, &registry, &options), minutes);
    assert_eq!(ended.unwrap().end, End::Committed);
}

#[tokio::test]
async fn waits_between_undos_double() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut transaction = begin(&store, &clock).await;
    world.inject("a", Phase::Undo, &[Some(Fault::Refused); 3]);
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let options = ExecuteOptions { undo_attempts: 4, undo_wait: Duration::from_secs(1), ..options() };
    let registry = world.registry();
    let execute = transaction.execute(vec![create("a"), create("b").after(["a"])], &registry, &options);
    let mut execute = std::pin::pin!(execute);
    let report = loop {
        if let std::task::Poll::Ready(report) = futures::poll!(&mut execute) {
            break report.unwrap();
        }
        tokio::task::yield_now().await;
        clock.advance(Duration::from_millis(250));
    };
    assert_eq!(report.end, End::RolledBack);
    let waits: Vec<u64> = clock.waits().iter().map(Duration::as_secs).filter(|wait| *wait < 20).collect();
    assert_eq!(waits, [1, 2, 4]);
}
