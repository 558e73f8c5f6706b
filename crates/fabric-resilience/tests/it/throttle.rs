//! The gate: nobody early, everybody spread, other classes free.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fabric_resilience::{
    Clock, Deadline, Randomness, ResilienceError, SplitMix, SystemClock, ThrottleGate, ThrottleKey, ThrottleSettings,
    Verdict,
};
use futures::future::join_all;
use futures::poll;

use crate::support::{millis, secs};

fn key(class: &str) -> ThrottleKey {
    ThrottleKey { host: "host".into(), principal: "app".into(), class: class.into() }
}

fn gate_with(settings: ThrottleSettings) -> ThrottleGate {
    let randomness: Arc<dyn Randomness> = Arc::new(SplitMix::seeded(1));
    ThrottleGate::with(settings, Arc::new(SystemClock), randomness)
}

fn gate() -> ThrottleGate {
    gate_with(ThrottleSettings::default())
}

async fn leave(gate: &ThrottleGate, class: &str) -> Instant {
    gate.pass(&key(class), None).await.unwrap();
    SystemClock.now()
}

#[tokio::test(start_paused = true)]
async fn an_open_gate_is_no_wait() {
    let gate = ThrottleGate::new(ThrottleSettings::default());
    assert!(gate.is_clear());
    assert_eq!(gate.pass(&key("items"), None).await, Ok(Duration::ZERO));
    assert_eq!(gate.parked_until(&key("items")), None);
}

#[tokio::test(start_paused = true)]
async fn everyone_of_the_class_waits_for_the_servers_instant_and_the_grace() {
    let gate = gate();
    let start = SystemClock.now();
    gate.throttled(&key("items"), Some(secs(30)));
    assert_eq!(gate.parked_until(&key("items")), Some(start + secs(31)));
    let left = join_all((0..5).map(|_| leave(&gate, "items"))).await;
    assert!(left.iter().all(|at| *at >= start + secs(31)));
}

#[tokio::test(start_paused = true)]
async fn a_class_is_parked_up_to_its_instant_and_not_at_it() {
    let gate = gate();
    let start = SystemClock.now();
    gate.throttled(&key("items"), Some(secs(30)));
    tokio::time::advance(secs(31) - millis(1)).await;
    assert_eq!(gate.parked_until(&key("items")), Some(start + secs(31)));
    tokio::time::advance(millis(1)).await;
    assert_eq!(gate.parked_until(&key("items")), None);
}

#[tokio::test(start_paused = true)]
async fn other_classes_principals_and_hosts_are_free() {
    let gate = gate();
    gate.throttled(&key("items"), Some(secs(30)));
    let others = [
        key("folders"),
        ThrottleKey { principal: "another".into(), ..key("items") },
        ThrottleKey { host: "another".into(), ..key("items") },
    ];
    for other in others {
        assert_eq!(gate.pass(&other, None).await, Ok(Duration::ZERO));
        assert_eq!(gate.parked_until(&other), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_leave_one_by_one() {
    let gate = gate();
    let start = SystemClock.now();
    gate.throttled(&key("items"), Some(secs(44)));
    let left = join_all((0..100).map(|_| leave(&gate, "items"))).await;
    let least = ThrottleSettings::default().least_gap / 2;
    assert!(left.windows(2).all(|pair| pair[1] - pair[0] >= least), "two left together");
    assert!(left[0] >= start + secs(45) && left[99] <= start + secs(45) + secs(4));
    let first_second = left.iter().filter(|at| **at < left[0] + secs(1)).count();
    assert!(first_second <= 10, "{first_second} left within the first second");
    let busiest = left.iter().map(|from| left.iter().filter(|at| (*from..*from + secs(1)).contains(at)).count()).max();
    assert!(busiest.unwrap() <= 100, "{busiest:?} in one second");
}

#[tokio::test(start_paused = true)]
async fn who_comes_during_the_release_queues_behind() {
    let gate = gate();
    gate.throttled(&key("items"), Some(secs(1)));
    let first = leave(&gate, "items").await;
    let later = join_all((0..10).map(|_| leave(&gate, "items"))).await;
    assert!(later[0] > first);
    assert!(later.windows(2).all(|pair| pair[1] > pair[0]));
}

#[tokio::test(start_paused = true)]
async fn the_gate_is_clear_again_after_the_release() {
    let gate = gate();
    gate.throttled(&key("items"), Some(secs(1)));
    leave(&gate, "items").await;
    tokio::time::advance(secs(5)).await;
    assert_eq!(gate.pass(&key("items"), None).await, Ok(Duration::ZERO));
    assert!(gate.is_clear());
}

#[tokio::test(start_paused = true)]
async fn a_second_throttle_parks_those_who_wait_already() {
    let gate = gate();
    let start = SystemClock.now();
    gate.throttled(&key("items"), Some(secs(10)));
    let key = key("items");
    let mut waiting = Box::pin(gate.pass(&key, None));
    assert!(poll!(&mut waiting).is_pending());
    tokio::time::advance(secs(5)).await;
    gate.throttled(&key, Some(secs(40)));
    assert!(waiting.await.unwrap() >= secs(46));
    assert!(SystemClock.now() >= start + secs(46));
}

#[tokio::test(start_paused = true)]
async fn a_later_word_never_shortens_an_earlier_one() {
    let gate = gate();
    let start = SystemClock.now();
    gate.throttled(&key("items"), Some(secs(50)));
    gate.throttled(&key("items"), Some(secs(1)));
    assert_eq!(gate.parked_until(&key("items")), Some(start + secs(51)));
}

#[tokio::test(start_paused = true)]
async fn a_turn_past_the_deadline_is_refused_at_once() {
    let gate = gate();
    let start = SystemClock.now();
    gate.throttled(&key("items"), Some(secs(57)));
    let deadline = Deadline::after(secs(12), &SystemClock);
    let refused = gate.pass(&key("items"), Some(deadline)).await.unwrap_err();
    assert_eq!(SystemClock.now(), start);
    let ResilienceError::ThrottledPastDeadline { class, needed, left } = refused else { panic!("{refused}") };
    assert_eq!((class.as_str(), left), ("items", secs(12)));
    assert!(needed >= secs(58) && needed <= secs(59), "{needed:?}");
    let patient = Deadline::after(secs(90), &SystemClock);
    assert!(gate.pass(&key("items"), Some(patient)).await.is_ok(), "the refused caller holds no turn");
}

#[tokio::test(start_paused = true)]
async fn a_throttle_that_does_not_say_how_long() {
    let gate = gate();
    let start = SystemClock.now();
    gate.throttled(&key("items"), None);
    assert_eq!(gate.parked_until(&key("items")), Some(start + secs(3)));
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_the_queue_holds_nobody_up_for_ever() {
    let gate = gate();
    gate.throttled(&key("items"), Some(secs(1)));
    {
        let key = key("items");
        let mut impatient = Box::pin(gate.pass(&key, None));
        assert!(poll!(&mut impatient).is_pending());
    }
    assert!(gate.pass(&key("items"), None).await.unwrap() < secs(4));
}

#[tokio::test(start_paused = true)]
async fn classes_beyond_the_bound_share_a_lane_and_nobody_is_early() {
    let gate = gate_with(ThrottleSettings { max_classes: 2, ..ThrottleSettings::default() });
    let start = SystemClock.now();
    for class in 0..10 {
        gate.throttled(&key(&class.to_string()), Some(secs(20)));
    }
    gate.throttled(&key("0"), Some(secs(30)));
    for class in 0..10 {
        let until = if class == 0 { secs(31) } else { secs(21) };
        assert_eq!(gate.parked_until(&key(&class.to_string())), Some(start + until), "{class}");
    }
    assert!(leave(&gate, "9").await >= start + secs(21));
    assert!(leave(&gate, "0").await >= start + secs(31));
    tokio::time::advance(secs(60)).await;
    leave(&gate, "0").await;
    assert!(gate.is_clear());
}

#[tokio::test(start_paused = true)]
async fn one_class_beside_the_shared_lane_is_not_a_clear_gate() {
    let gate = gate_with(ThrottleSettings { max_classes: 1, ..ThrottleSettings::default() });
    let start = SystemClock.now();
    gate.throttled(&key("a"), Some(secs(5)));
    gate.throttled(&key("b"), Some(secs(20)));
    assert!(!gate.is_clear());
    assert!(leave(&gate, "c").await >= start + secs(21));
}

#[tokio::test(start_paused = true)]
async fn a_turn_of_one_lane_does_not_hold_in_a_later_one() {
    let gate = gate_with(ThrottleSettings { max_classes: 1, ..ThrottleSettings::default() });
    let start = SystemClock.now();
    gate.throttled(&key("a"), Some(secs(5)));
    let waiting = async { leave(&gate, "a").await };
    let meanwhile = async {
        tokio::time::sleep(secs(1)).await;
        gate.throttled(&key("b"), Some(secs(20)));
    };
    let (left, ()) = futures::join!(waiting, meanwhile);
    assert!(left >= start + secs(22), "the lane that all share was parked after the turn was given");
}

#[tokio::test(start_paused = true)]
async fn finished_lanes_make_room_for_new_ones() {
    let gate = gate_with(ThrottleSettings { max_classes: 1, ..ThrottleSettings::default() });
    gate.throttled(&key("a"), Some(secs(1)));
    tokio::time::advance(secs(60)).await;
    gate.throttled(&key("b"), Some(secs(5)));
    assert_eq!(gate.pass(&key("a"), None).await, Ok(Duration::ZERO), "b has a lane of its own");
}

#[tokio::test(start_paused = true)]
async fn wraps_any_future() {
    let gate = gate();
    let items = key("items");
    let verdict = |_: &u32| Verdict::Throttled { retry_after: Some(secs(9)) };
    assert_eq!(gate.call(&items, None, async { 1 }, verdict).await, Ok(1));
    let start = SystemClock.now();
    assert_eq!(gate.call(&items, None, async { 2 }, |_| Verdict::Success).await, Ok(2));
    assert!(SystemClock.now() >= start + secs(10));
    gate.throttled(&items, Some(secs(9)));
    let soon = Some(Deadline::after(millis(10), &SystemClock));
    let never = gate.call(&items, soon, async { panic!("started") }, |(): &()| Verdict::Success).await;
    assert!(never.is_err());
}
