//! Whatever a killed process was doing, the next one ends it, and the emulator's whole world is as before or as after.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::ended::{Then, ends};
use super::figures;
use super::gate::{At, POINTS};
use super::is_full;
use super::scene::{Known, Scene, Snapshot, deploy};

/// A request, counted from 1, where it is stopped, and what follows.
type Death = (usize, At, Then);

/// About how many deaths the short form has of each kind.
const WANTED: usize = 10;

/// How many processes are under way at once: they wait more than they work.
const AT_ONCE: usize = 6;

/// Every point of `requests` requests, each ended in one of two ways; in the short form about [`WANTED`] of them, evenly
/// spread.
fn deaths(requests: usize) -> Vec<Death> {
    let ways = [[Then::Resume, Then::Rollback], [Then::Rollback, Then::Resume]];
    let of_one = |number: usize| {
        let ends = ways[number % 2].into_iter().cycle();
        POINTS.into_iter().zip(ends).map(move |(at, then)| (number, at, then))
    };
    let all: Vec<Death> = (1..=requests).flat_map(of_one).collect();
    // An odd step meets each of the points.
    let step = if is_full() { 1 } else { (all.len() / WANTED) | 1 };
    all.into_iter().step_by(step).collect()
}

/// Lets one process die each death; says all that went wrong, at once, and how many really died.
#[track_caller]
fn each(deaths: &[Death], work: impl Fn(Death) -> bool + Sync) -> usize {
    let (next, died) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some(death) = deaths.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match catch_unwind(AssertUnwindSafe(|| work(*death))) {
                        Ok(has_died) => {
                            died.fetch_add(usize::from(has_died), Ordering::Relaxed);
                        }
                        Err(_) => wrong.lock().unwrap().push(*death),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {} deaths ended wrong: {wrong:?}", wrong.len(), deaths.len());
    died.into_inner()
}

/// Lets processes with these arguments die on copies of `snapshot`.
fn all_die(name: &'static str, snapshot: &Snapshot, requests: usize, arguments: &[&str], back: bool) {
    let deaths = deaths(requests);
    let points: BTreeSet<_> = deaths.iter().map(|(_, at, _)| format!("{at:?}")).collect();
    assert_eq!(points.len(), POINTS.len(), "{deaths:?}");
    let died = each(&deaths, |(number, at, then)| {
        let scene = Scene::of(snapshot);
        let died = scene.kill((number, at), arguments);
        ends(&scene, then, back);
        died
    });
    // What is left to do after the last answer may be done before anybody can say stop.
    assert!(died + deaths.len() / 10 >= deaths.len(), "only {died} of {} were killed", deaths.len());
    if is_full() {
        figures::keep(name, requests, died);
    }
}

#[test]
fn a_deployment_that_is_killed_at_any_request_ends_before_or_after() {
    let known = Known::get();
    all_die("deployment", &known.first, known.requests, &deploy(true), false);
}

#[test]
fn a_roll_back_that_is_killed_at_any_request_ends_before() {
    let known = Known::get();
    all_die("roll-back", &known.second, known.undo_requests, &["rollback"], true);
}

/// A deployment that was killed halfway, and what is left of it for the next process.
fn killed_halfway() -> (Scene, String) {
    let known = Known::get();
    let scene = Scene::of(&known.first);
    assert!(scene.kill((known.requests * 2 / 3, At::BeforeTheAnswer), &deploy(true)));
    let (transaction, status) = scene.transaction().unwrap();
    assert_ne!(status, "committed");
    (scene, transaction)
}

#[test]
fn a_recovery_forwards_that_is_killed_at_any_request_ends_before_or_after() {
    let (scene, transaction) = killed_halfway();
    let snapshot = scene.snapshot();
    let resume = ["resume", &transaction];
    let (run, requests) = Scene::of(&snapshot).run(&resume);
    run.exits(0);
    all_die("recovery forwards", &snapshot, requests, &resume, false);
}

#[test]
fn a_recovery_backwards_that_is_killed_at_any_request_ends_before() {
    let (scene, transaction) = killed_halfway();
    let snapshot = scene.snapshot();
    let rollback = ["rollback", &transaction];
    let (run, requests) = Scene::of(&snapshot).run(&rollback);
    run.exits(0);
    all_die("recovery backwards", &snapshot, requests, &rollback, false);
}
