//! One breaker per key, and a bound on their number.

use std::sync::Arc;

use fabric_resilience::{Breaker, BreakerSettings, BreakerState, Breakers, Health};

fn names(breakers: &Breakers) -> Vec<String> {
    let mut names: Vec<String> = breakers.all().iter().map(|breaker| breaker.name().to_owned()).collect();
    names.sort();
    names
}

fn open(breaker: &Breaker) {
    for _ in 0..5 {
        breaker.admit().unwrap().settle(Health::Down);
    }
    assert_eq!(breaker.state(), BreakerState::Open);
}

#[test]
fn the_same_key_is_the_same_breaker_and_another_key_another() {
    let breakers = Breakers::new(BreakerSettings::default(), 8);
    assert!(Arc::ptr_eq(&breakers.get("a"), &breakers.get("a")));
    open(&breakers.get("a"));
    assert_eq!(breakers.get("b").state(), BreakerState::Closed);
}

#[test]
fn the_least_recently_used_closed_breaker_makes_room() {
    let breakers = Breakers::new(BreakerSettings::default(), 3);
    open(&breakers.get("outage"));
    let _ = (breakers.get("b"), breakers.get("c"), breakers.get("b"));
    let _ = breakers.get("d");
    assert_eq!(names(&breakers), ["b", "d", "outage"]);
    assert_eq!(breakers.get("outage").state(), BreakerState::Open);
}

#[test]
fn where_none_is_closed_the_least_recently_used_of_all_makes_room() {
    let breakers = Breakers::new(BreakerSettings::default(), 2);
    open(&breakers.get("a"));
    open(&breakers.get("b"));
    let held = breakers.get("a");
    let _ = breakers.get("c");
    assert_eq!(names(&breakers), ["a", "c"]);
    assert!(held.admit().is_err());
}

#[test]
fn a_capacity_of_zero_counts_as_one_and_the_bound_holds() {
    let breakers = Breakers::new(BreakerSettings::default(), 0);
    for key in 0..100 {
        let _ = breakers.get(&key.to_string());
    }
    assert_eq!(names(&breakers), ["99"]);
    assert!(format!("{breakers:?}").contains("99"));
}
