//! The breaker beside a reference model that is slow and obvious: whatever is done to both, both show the same.

use std::sync::Arc;
use std::time::{Duration, Instant};

use fabric_resilience::{Breaker, BreakerSettings, BreakerState, Clock, Health, ManualClock, Permit};
use proptest::prelude::*;

use crate::support::{Fixed, secs};

#[derive(Debug, Clone, Copy)]
enum Act {
    Admit,
    Settle(usize, Health),
    Abandon(usize),
    Advance(u64),
    ForceOpen,
    ForceClosed,
    Release,
}

fn act() -> impl Strategy<Value = Act> {
    let health = prop_oneof![3 => Just(Health::Down), 2 => Just(Health::Up), 1 => Just(Health::NoVerdict)];
    prop_oneof![
        12 => Just(Act::Admit),
        12 => (0..8_usize, health).prop_map(|(which, health)| Act::Settle(which, health)),
        2 => (0..8_usize).prop_map(Act::Abandon),
        4 => prop_oneof![Just(1), Just(9), Just(10), Just(20), Just(40), 0..50_u64].prop_map(Act::Advance),
        1 => prop_oneof![Just(Act::ForceOpen), Just(Act::ForceClosed), Just(Act::Release)],
    ]
}

struct Model {
    settings: BreakerSettings,
    state: BreakerState,
    era: u64,
    streak: u32,
    pause: Duration,
    until: Instant,
    probes: u32,
    probe_successes: u32,
    stale: u64,
    refused: u64,
    counted: [u64; 3],
}

impl Model {
    fn new(settings: BreakerSettings, now: Instant) -> Self {
        Self {
            settings,
            state: BreakerState::Closed,
            era: 0,
            streak: 0,
            pause: settings.recovery,
            until: now,
            probes: 0,
            probe_successes: 0,
            stale: 0,
            refused: 0,
            counted: [0; 3],
        }
    }

    fn enter(&mut self, state: BreakerState) {
        self.state = state;
        self.era += 1;
    }

    fn admit(&mut self, now: Instant) -> Option<u64> {
        match self.state {
            BreakerState::Closed | BreakerState::ForcedClosed => return Some(self.era),
            BreakerState::ForcedOpen => {}
            BreakerState::Open if now >= self.until => return Some(self.probe(now)),
            BreakerState::Open => {}
            BreakerState::HalfOpen if self.probes < self.settings.half_open_places => {
                self.probes += 1;
                return Some(self.era);
            }
            BreakerState::HalfOpen if now >= self.until => return Some(self.probe(now)),
            BreakerState::HalfOpen => {}
        }
        self.refused += 1;
        None
    }

    fn probe(&mut self, now: Instant) -> u64 {
        self.enter(BreakerState::HalfOpen);
        (self.probes, self.probe_successes) = (1, 0);
        self.until = now + self.settings.recovery;
        self.era
    }

    fn settle(&mut self, era: u64, health: Health, now: Instant) {
        if era != self.era {
            self.stale += 1;
            return;
        }
        self.counted[health as usize] += 1;
        match (self.state, health) {
            (BreakerState::Closed, Health::Up) => self.streak = 0,
            (BreakerState::Closed, Health::Down) => {
                self.streak += 1;
                if self.streak >= self.settings.failures {
                    self.open(now);
                }
            }
            (BreakerState::HalfOpen, Health::Up) => {
                self.probes -= 1;
                self.probe_successes += 1;
                if self.probe_successes >= self.settings.half_open_successes {
                    self.enter(BreakerState::Closed);
                    self.streak = 0;
                    self.pause = self.settings.recovery;
                }
            }
            (BreakerState::HalfOpen, Health::Down) => {
                self.streak += 1;
                self.open(now);
            }
            (BreakerState::HalfOpen, Health::NoVerdict) => self.probes -= 1,
            _ => {}
        }
    }

    fn open(&mut self, now: Instant) {
        self.enter(BreakerState::Open);
        self.until = now + self.pause;
        self.pause = (self.pause * 2).min(self.settings.longest_recovery);
    }

    fn force(&mut self, state: BreakerState) {
        self.enter(state);
        self.streak = 0;
        self.pause = self.settings.recovery;
    }
}

fn check(settings: BreakerSettings, acts: &[Act]) -> Result<(), TestCaseError> {
    let clock = ManualClock::default();
    let breaker = Breaker::with("service", settings, Arc::new(clock.clone()), Arc::new(Fixed(0.0)));
    let mut model = Model::new(settings, clock.now());
    let mut permits: Vec<(Permit<'_>, u64)> = Vec::new();
    for act in acts {
        match *act {
            Act::Admit => match (breaker.admit(), model.admit(clock.now())) {
                (Ok(permit), Some(era)) => permits.push((permit, era)),
                (Err(_), None) => {}
                (real, model) => prop_assert!(false, "{:?} but the model says {:?}", real.is_ok(), model),
            },
            Act::Settle(which, health) if which < permits.len() => {
                let (permit, era) = permits.swap_remove(which);
                permit.settle(health);
                model.settle(era, health, clock.now());
            }
            Act::Abandon(which) if which < permits.len() => {
                let (permit, era) = permits.swap_remove(which);
                drop(permit);
                model.settle(era, Health::NoVerdict, clock.now());
            }
            Act::Settle(..) | Act::Abandon(_) => {}
            Act::Advance(by) => clock.advance(secs(by)),
            Act::ForceOpen => {
                breaker.force_open();
                model.force(BreakerState::ForcedOpen);
            }
            Act::ForceClosed => {
                breaker.force_closed();
                model.force(BreakerState::ForcedClosed);
            }
            Act::Release => {
                breaker.release();
                model.force(BreakerState::Closed);
            }
        }
        let counters = breaker.counters();
        prop_assert_eq!(breaker.state(), model.state);
        prop_assert_eq!(counters.streak, model.streak);
        prop_assert_eq!(breaker.next_attempt(), (model.state == BreakerState::Open).then_some(model.until));
        prop_assert_eq!((counters.stale, counters.refused), (model.stale, model.refused));
        prop_assert_eq!([counters.successes, counters.failures, counters.no_verdict], model.counted);
    }
    Ok(())
}

proptest! {
    // `PROPTEST_CASES=25000` makes it a hundred thousand.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases * 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn agrees_with_its_reference_model(
        failures in 1..4_u32,
        half_open_places in 1..4_u32,
        half_open_successes in 1..4_u32,
        acts in prop::collection::vec(act(), 0..120),
    ) {
        let settings = BreakerSettings {
            failures,
            half_open_places,
            half_open_successes,
            recovery: secs(10),
            longest_recovery: secs(40),
        };
        check(settings, &acts)?;
    }
}
