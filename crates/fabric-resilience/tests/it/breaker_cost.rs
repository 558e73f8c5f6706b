//! What does not depend on the machine: admit and record allocate nothing while the breaker is closed.

use fabric_resilience::{Breaker, BreakerSettings, Health};

#[test]
fn a_closed_breaker_allocates_nothing() {
    let breaker = Breaker::new("service", BreakerSettings::default());
    let measured = allocation_counter::measure(|| {
        for call in 0..10_000 {
            let Ok(permit) = breaker.admit() else { panic!("open") };
            permit.settle(if call % 7 == 0 { Health::Down } else { Health::Up });
        }
    });
    assert_eq!(measured.count_total, 0);
}

#[test]
fn a_refusal_allocates_nothing() {
    let breaker = Breaker::new("service", BreakerSettings::default());
    for _ in 0..5 {
        breaker.admit().unwrap().settle(Health::Down);
    }
    let measured = allocation_counter::measure(|| {
        for _ in 0..1_000 {
            assert!(breaker.admit().is_err());
        }
    });
    assert_eq!(measured.count_total, 0);
}
