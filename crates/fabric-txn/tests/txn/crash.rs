//! A journal that is cut at every byte recovers, and the world ends as it was before or as it should be after.

use std::collections::BTreeMap;
use std::sync::Arc;

use fabric_txn::store::MemoryStore;
use fabric_txn::{
    DeploymentTransaction, End, JournalStore, Lease, LeaseOptions, ManualClock, Phase as TxnPhase, StepSpec,
    TransactionId, recover,
};
use proptest::prelude::*;

use crate::support::{SCOPE, block_on, options, run};
use crate::world::{Fault, Item, Phase, World, contents, create, delete, slow, update};

type Items = BTreeMap<String, Item>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Resume,
    Rollback,
}

/// What a crash can leave behind.
struct Wreck<'a> {
    store: &'a MemoryStore,
    transaction: TransactionId,
    bytes: &'a [u8],
    items: Items,
    at_ms: u64,
}

/// What the world may be like at the end.
struct Ends {
    before: BTreeMap<String, String>,
    after: BTreeMap<String, String>,
}

/// Two parallel branches of unequal length, of which the longer one fails at its end: the shape at which recovery of a
/// well-known saga library fails for almost half of all journal prefixes.
fn uneven() -> Vec<StepSpec> {
    vec![
        create("root"),
        update("short").after(["root"]),
        create("long1").after(["root"]),
        delete("long2").after(["long1"]),
        update("long3").after(["long2"]),
    ]
}

/// When recovery takes place, in milliseconds since 1970: long after the lease ran out.
const SOON: u64 = 1_900_000_000_000;

const PRESENT: [&str; 4] = ["short", "long2", "long3", "bystander"];

#[test]
fn two_uneven_branches_recover_from_every_byte() {
    let world = World::with(&PRESENT);
    let recovered = every_byte(&world, &uneven(), 1);
    assert!(recovered > 2_000, "only {recovered}");
}

#[test]
fn every_failure_recovers_from_every_record() {
    for step in uneven() {
        for fault in [Fault::Refused, Fault::LostBefore, Fault::LostAfter, Fault::Lie, Fault::Idle] {
            let world = World::with(&PRESENT);
            world.inject(&step.name, Phase::Apply, &[Some(fault)]);
            every_byte(&world, &uneven(), 199);
        }
    }
}

#[test]
fn a_roll_back_that_fails_recovers_from_every_record() {
    for step in ["root", "short", "long1", "long2"] {
        for fault in [Fault::Refused, Fault::LostAfter, Fault::Idle] {
            let world = World::with(&PRESENT);
            world.inject("long3", Phase::Apply, &[Some(Fault::Refused)]);
            world.inject(step, Phase::Undo, &[Some(fault); 3]);
            every_byte(&world, &uneven(), 199);
        }
    }
}

#[test]
fn a_recovery_that_crashes_recovers() {
    let world = World::with(&PRESENT);
    let ends = Ends { before: world.contents(), after: after(&uneven()) };
    let first = block_on(run(&world, uneven(), &options()));
    let id = first.transaction.id();
    let bytes = block_on(first.store.read(id)).unwrap().unwrap();
    let mut crashes = 0;
    for cut in boundaries(&bytes) {
        for items in possible(&bytes, cut, &world, &World::with(&PRESENT).items()) {
            for way in [Way::Resume, Way::Rollback] {
                let wreck = Wreck {
                    store: &first.store,
                    transaction: id,
                    bytes: &bytes[..cut],
                    items: items.clone(),
                    at_ms: SOON,
                };
                let Some((store, recovering)) = block_on(end_of(&wreck, way, &ends)) else { continue };
                let longer = block_on(store.read(id)).unwrap().unwrap();
                for second_cut in boundaries(&longer).into_iter().filter(|second| *second > cut) {
                    for items in possible(&longer, second_cut, &recovering, &items) {
                        let wreck = Wreck {
                            store: &store,
                            transaction: id,
                            bytes: &longer[..second_cut],
                            items,
                            at_ms: SOON * 2,
                        };
                        block_on(end_of(&wreck, Way::Rollback, &ends));
                        crashes += 1;
                    }
                }
            }
        }
    }
    assert!(crashes > 500, "only {crashes}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_graphs_recover(
        shape in prop::collection::vec((0..3_u8, any::<u16>(), 0..4_u64), 1..9),
        fault in prop::option::of((any::<prop::sample::Index>(), 0..5_usize, 0..3_u8)),
    ) {
        let (world, steps) = graph(&shape);
        if let Some((step, kind, phase)) = fault {
            let kind = [Fault::Refused, Fault::LostBefore, Fault::LostAfter, Fault::Lie, Fault::Idle][kind];
            let phase = [Phase::Apply, Phase::Undo, Phase::Probe][usize::from(phase)];
            world.inject(&step.get(&steps).name, phase, &[Some(kind)]);
            if phase == Phase::Undo {
                world.inject(&steps.last().unwrap().name, Phase::Apply, &[Some(Fault::Refused)]);
            }
        }
        every_byte(&world, &steps, 499);
    }
}

/// Steps on items `n0`, `n1`, …; each needs some of those before it.
fn graph(shape: &[(u8, u16, u64)]) -> (World, Vec<StepSpec>) {
    let world = World::with(&["bystander"]);
    let steps = shape.iter().enumerate().map(|(i, (kind, needs, yields))| {
        let name = format!("n{i}");
        let step = match kind {
            0 => create(&name),
            1 => update(&name),
            _ => delete(&name),
        };
        if *kind > 0 {
            world.put(&name, &format!("old {name}"));
        }
        let after = (0..i).filter(|j| needs & (1 << j) != 0).map(|j| format!("n{j}"));
        slow(step, *yields).after(after)
    });
    let steps = steps.collect();
    (world, steps)
}

/// Runs `steps`, cuts the journal at every `stride`th byte and at every record, and recovers in both directions from
/// every state of the world that is possible at that point. Returns how many recoveries there were.
fn every_byte(world: &World, steps: &[StepSpec], stride: usize) -> usize {
    let (at_first, before) = (world.items(), world.contents());
    let ends = Ends { after: after_in(steps, &at_first), before };
    let first = block_on(run(world, steps.to_vec(), &options()));
    let id = first.transaction.id();
    let bytes = block_on(first.store.read(id)).unwrap().unwrap();
    let boundaries = boundaries(&bytes);
    let mut recovered = 0;
    for cut in (0..=bytes.len()).filter(|cut| cut % stride == 0 || boundaries.contains(cut)) {
        // Inside of a record, where only the torn tail differs, the two ways take turns.
        let ways = [Way::Resume, Way::Rollback];
        let ways = if boundaries.contains(&cut) { &ways[..] } else { &ways[cut % 2..=cut % 2] };
        for items in possible(&bytes, cut, world, &at_first) {
            for way in ways.iter().copied() {
                let wreck = Wreck {
                    store: &first.store,
                    transaction: id,
                    bytes: &bytes[..cut],
                    items: items.clone(),
                    at_ms: SOON,
                };
                block_on(end_of(&wreck, way, &ends));
                recovered += 1;
            }
        }
    }
    recovered
}

/// Where records end.
fn boundaries(bytes: &[u8]) -> Vec<usize> {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(place, _)| place + 1);
    std::iter::once(0).chain(ends).collect()
}

/// The states that the world can be in when the journal has been written up to `cut`: as the last change before the last
/// whole record left it, and as each change left it that happened between that record and the next.
fn possible(bytes: &[u8], cut: usize, world: &World, at_first: &Items) -> Vec<Items> {
    let durable = boundaries(bytes).into_iter().filter(|end| *end <= cut).max().unwrap();
    let changes = world.changes();
    let earlier = changes.iter().rev().find(|(len, _)| *len < durable).map_or(at_first, |(_, items)| items);
    let meanwhile = changes.iter().filter(|(len, _)| *len == durable).map(|(_, items)| items);
    std::iter::once(earlier).chain(meanwhile).cloned().collect()
}

/// Lets another process end what a crash left. Checks the end, and returns the store and the world if there was
/// something to end.
async fn end_of(wreck: &Wreck<'_>, way: Way, ends: &Ends) -> Option<(Arc<MemoryStore>, World)> {
    let store = Arc::new(wreck.store.snapshot());
    store.set_journal(wreck.transaction, wreck.bytes.to_vec());
    let world = World::at(wreck.items.clone());
    world.watch(&store, wreck.transaction);
    let clock = Arc::new(ManualClock::new(wreck.at_ms));
    let state = recover(&*store, wreck.transaction).await.unwrap();
    let options = options();
    let lease = Lease::acquire(store.clone(), clock, SCOPE, "next", LeaseOptions::default()).await.unwrap();
    match state.phase {
        TxnPhase::NeverBegun | TxnPhase::RolledBack => {
            assert_eq!(world.contents(), ends.before);
            return None;
        }
        TxnPhase::Committed if way == Way::Resume => {
            assert_eq!(world.contents(), ends.after);
            return None;
        }
        _ => {}
    }
    let mut transaction = DeploymentTransaction::reopen(store.clone(), lease, wreck.transaction).await.unwrap();
    let way = if transaction.state().complete { way } else { Way::Rollback };
    let report = match way {
        Way::Resume => transaction.resume(&world.registry(), &options).await.unwrap(),
        Way::Rollback => transaction.rollback(&world.registry(), "recovery", &options).await.unwrap(),
    };
    match (way, report.end) {
        (Way::Resume, End::Committed) => assert_eq!(world.contents(), ends.after),
        (_, End::RolledBack) => {
            assert_eq!(world.contents(), ends.before);
            assert!(report.left.is_empty());
        }
        (way, end) => panic!("{way:?} of {:?} ended {end:?}: {report:#?}", state.phase),
    }
    Some((store, world))
}

fn after(steps: &[StepSpec]) -> BTreeMap<String, String> {
    after_in(steps, &World::with(&PRESENT).items())
}

/// What the world should be like when all of `steps` are applied.
fn after_in(steps: &[StepSpec], before: &Items) -> BTreeMap<String, String> {
    let mut items = contents(before);
    for step in steps {
        match step.kind.as_str() {
            "delete" => items.remove(&step.name),
            _ => items.insert(step.name.clone(), format!("new {}", step.name)),
        };
    }
    items
}
