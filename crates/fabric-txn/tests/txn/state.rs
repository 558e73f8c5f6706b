//! The state is a fold over the records: the same records give the same state, and only legal ones give one.

use fabric_txn::{
    Digest, Event, Failure, Finding, Left, Outcome, Phase, Record, Reversibility, State, StepSpec, StepStatus,
    TransactionId, Why, show,
};
use serde_json::{Value, json};

use crate::support::{options, run};
use crate::world::{Fault, World, create};

fn begun() -> Event {
    Event::Begun {
        transaction: TransactionId::new(0),
        scope: "s".to_owned(),
        holder: "h".to_owned(),
        meta: Value::Null,
    }
}

fn registered() -> Event {
    let step = |name: &str| StepSpec::new(name, "kind", Value::Null);
    Event::Registered { steps: vec![step("a"), step("b").after(["a"])], complete: true }
}

fn intent(step: &str, attempt: u32) -> Event {
    Event::Intent { step: step.to_owned(), attempt, reversibility: Reversibility::Reversible }
}

fn outcome(step: &str, outcome: Outcome) -> Event {
    Event::Outcome { step: step.to_owned(), outcome }
}

fn applied(step: &str) -> Event {
    outcome(step, Outcome::Applied(json!(step)))
}

fn probed(step: &str, finding: Finding) -> Event {
    Event::Probed { step: step.to_owned(), finding }
}

fn undo(step: &str, attempt: u32) -> Event {
    Event::UndoIntent { step: step.to_owned(), attempt }
}

fn undone(step: &str) -> Event {
    Event::Undone { step: step.to_owned(), output: Value::Null }
}

fn back() -> Event {
    Event::RollbackStarted { reason: "r".to_owned() }
}

fn fold(events: &[Event]) -> Result<State, String> {
    let record =
        |(seq, event): (usize, &Event)| Record { seq: seq as u64, fence: 1, at_ms: seq as u64, event: event.clone() };
    let records: Vec<Record> = events.iter().enumerate().map(record).collect();
    State::fold(&records).map_err(|illegal| illegal.why)
}

/// `prefix` is legal, and `event` may not follow it.
fn refuse(prefix: &[Event], event: Event, why: &str) {
    fold(prefix).unwrap();
    let refused = fold(&[prefix, &[event]].concat()).unwrap_err();
    assert!(refused.contains(why), "{refused}");
}

#[test]
fn nothing_folds_to_nothing() {
    assert_eq!(fold(&[]).unwrap().phase, Phase::NeverBegun);
}

#[test]
fn a_whole_life_folds() {
    let life = [
        begun(),
        registered(),
        intent("a", 1),
        outcome("a", Outcome::Unknown(Failure::new("lost"))),
        probed("a", Finding::NotApplied),
        intent("a", 2),
        applied("a"),
        intent("b", 1),
        outcome("b", Outcome::NotApplied(Failure::new("no"))),
        back(),
        probed("b", Finding::NotApplied),
        undo("a", 1),
        undone("a"),
        Event::RolledBack,
    ];
    let state = fold(&life).unwrap();
    assert_eq!(state.phase, Phase::RolledBack);
    assert_eq!(state.step("a").unwrap().status, StepStatus::Undone);
    assert_eq!((state.step("a").unwrap().attempts, state.step("a").unwrap().started_at_ms), (2, Some(2)));
    assert_eq!((state.begun_at_ms, state.changed_at_ms, state.records), (0, 13, 14));
}

#[test]
fn the_end_is_the_end() {
    for end in [Event::Abandoned { by: "b".to_owned(), reason: "r".to_owned() }] {
        let ended = [begun(), registered(), end];
        for event in [registered(), intent("a", 1), back(), Event::Committed, Event::RolledBack] {
            refuse(&ended, event, "");
        }
        refuse(&ended, Event::Claimed { holder: "h".to_owned() }, "nothing goes on after the end");
    }
    refuse(&[begun(), Event::Committed], Event::Abandoned { by: String::new(), reason: String::new() }, "abandon");
    refuse(&[begun(), back(), Event::RolledBack], back(), "nothing to roll back");
    refuse(&[Event::Voided { holder: "h".to_owned() }], begun(), "first record");
    refuse(&[begun()], Event::Voided { holder: "h".to_owned() }, "never began");
    refuse(&[], Event::Claimed { holder: "h".to_owned() }, "nothing goes on");
}

#[test]
fn intents_come_before_outcomes_and_in_order() {
    let open = [begun(), registered()];
    refuse(&open, applied("a"), "a is Registered");
    refuse(&open, intent("b", 1), "only when all that it needs is applied");
    refuse(&open, intent("a", 2), "one by one");
    refuse(&open, intent("z", 1), "only when");
    refuse(&open, applied("z"), "there is no step z");
    refuse(&open, registered(), "all steps were registered before");
    refuse(&open, Event::Committed, "a step is not applied");
    refuse(&open, undo("a", 1), "the transaction is open, not rolling back");
    refuse(&open, probed("a", Finding::NotApplied), "no effect to look for");
    refuse(&open, probed("z", Finding::NotApplied), "there is no step z");
    let unknown = [&open[..], &[intent("a", 1), outcome("a", Outcome::Unknown(Failure::new("lost")))]].concat();
    refuse(&unknown, intent("a", 2), "a is Unknown");
}

#[test]
fn undos_come_in_reverse_order() {
    let all = [begun(), registered(), intent("a", 1), applied("a"), intent("b", 1), applied("b")];
    refuse(&all, undo("b", 1), "not rolling back");
    let back = [&all[..], &[back()]].concat();
    refuse(&back, undo("a", 1), "something that needs it is still there");
    refuse(&back, intent("a", 2), "rolling back, not open");
    refuse(&back, Event::RolledBack, "a step is not undone");
    refuse(&back, Event::Stuck { left: Vec::new() }, "nothing is left");
    refuse(&back, undo("b", 2), "one by one");
    refuse(&back, undone("b"), "b is Applied");
    let stuck = Event::Stuck { left: vec![Left { step: "b".to_owned(), why: Why::Irreversible }] };
    let state = fold(&[&back[..], &[stuck]].concat()).unwrap();
    assert!(!state.phase.is_over(), "a stuck transaction needs somebody");
}

#[test]
fn only_a_claim_raises_the_fence() {
    let record = |seq, fence, event| Record { seq, fence, at_ms: 0, event };
    let first = record(0, 3, begun());
    let claim = Event::Claimed { holder: "h2".to_owned() };
    assert_eq!(State::fold(&[first.clone(), record(1, 5, claim.clone())]).unwrap().fence, 5);
    assert!(State::fold(&[first.clone(), record(1, 4, back())]).unwrap_err().why.contains("fencing number 4 after 3"));
    assert!(State::fold(&[first.clone(), record(1, 2, claim)]).is_err());
    assert!(State::fold(&[first, record(2, 3, back())]).unwrap_err().why.contains("should be record 1"));
}

#[test]
fn a_probe_keeps_what_apply_returned() {
    let prefix = [begun(), registered(), intent("a", 1), applied("a"), back()];
    let state = fold(&[&prefix[..], &[probed("a", Finding::Applied(json!("other")))]].concat()).unwrap();
    assert_eq!(state.step("a").unwrap().output, json!("a"));
    let prefix = [begun(), registered(), intent("a", 1), back()];
    let state = fold(&[&prefix[..], &[probed("a", Finding::Applied(json!("found")))]].concat()).unwrap();
    assert_eq!(state.step("a").unwrap().output, json!("found"));
}

#[test]
fn a_before_image_replaces_only_the_one_of_its_name() {
    let saved = |name: &str, digest: &str| Event::Saved {
        step: "a".to_owned(),
        name: name.to_owned(),
        digest: Digest::of(digest.as_bytes()),
        bytes: 1,
    };
    let events = [begun(), registered(), intent("a", 1), saved("x", "1"), saved("y", "2"), saved("x", "3")];
    let state = fold(&events).unwrap();
    let images: Vec<_> =
        state.step("a").unwrap().before.iter().map(|image| (image.name.as_str(), image.digest.clone())).collect();
    assert_eq!(images, [("y", Digest::of(b"2")), ("x", Digest::of(b"3"))]);
}

#[tokio::test]
async fn the_live_state_is_the_fold_of_its_records() {
    let world = World::default();
    world.inject("b", crate::world::Phase::Apply, &[Some(Fault::LostAfter)]);
    world.inject("c", crate::world::Phase::Apply, &[Some(Fault::Refused)]);
    let run = run(&world, vec![create("a"), create("b"), create("c").after(["a", "b"])], &options()).await;
    let (state, records) = show(&*run.store, run.transaction.id()).await.unwrap();
    assert_eq!(state, run.transaction.state());
    assert_eq!(State::fold(&records).unwrap(), state);
    let text = serde_json::to_string(&records).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Record>>(&text).unwrap(), records);
}

#[test]
fn what_is_left_reads_as_a_sentence() {
    let left =
        Left { step: "a".to_owned(), why: Why::Unknown(Failure::new("timed out").with_detail(json!({"id": 1}))) };
    assert_eq!(left.to_string(), "a: it is not known whether it is there: timed out");
}
