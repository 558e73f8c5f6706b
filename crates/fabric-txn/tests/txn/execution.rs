//! Order, parallelism, failures and what the report says about them.

use std::sync::{Arc, Mutex};

use fabric_txn::store::MemoryStore;
use fabric_txn::{
    End, Error, Event, ExecuteOptions, GraphError, Observer, OnFailure, Record, Reversibility, StepSpec, StepStatus,
};
use serde_json::{Value, json};

use crate::support::{begin, clock, options, run};
use crate::world::{Fault, Phase, World, create, delete, delete_for_good, slow, update};

#[tokio::test]
async fn all_is_applied_in_the_order_of_needs() {
    let world = World::with(&["b", "d"]);
    let steps = vec![delete("d").after(["c"]), create("c").after(["a", "b"]), update("b").after(["a"]), create("a")];
    let run = run(&world, steps, &options()).await;
    assert_eq!(run.report.end, End::Committed);
    assert_eq!(world.calls(Phase::Apply), ["a", "b", "c", "d"]);
    assert!(run.report.steps.iter().all(|step| step.status == StepStatus::Applied && step.attempts == 1));
    assert_eq!(run.report.left, []);
    assert_eq!(run.report.reason, None);
}

#[tokio::test]
async fn steps_that_need_nothing_run_at_the_same_time_up_to_the_limit() {
    for (concurrency, first_to_finish) in [(1, "a"), (2, "b")] {
        let world = World::default();
        let steps = vec![slow(create("a"), 40), slow(create("b"), 2), slow(create("c"), 2).after(["b"])];
        let options = ExecuteOptions { concurrency, ..options() };
        run(&world, steps, &options).await;
        assert_eq!(world.calls(Phase::Apply)[0], first_to_finish, "{concurrency}");
    }
}

#[tokio::test]
async fn the_output_of_a_step_is_there_for_those_that_need_it() {
    let world = World::default();
    let run = run(&world, vec![create("a")], &options()).await;
    let id = world.items()["a"].id;
    assert_eq!(run.report.steps[0].output, json!({"id": id}));
    assert_eq!(run.transaction.state().step("a").unwrap().output, json!({"id": id}));
}

#[tokio::test]
async fn after_a_failure_nothing_starts_and_all_is_undone_in_reverse() {
    let world = World::with(&["b", "c"]);
    let before = world.contents();
    world.inject("d", Phase::Apply, &[Some(Fault::Refused)]);
    let steps = vec![
        create("a"),
        update("b").after(["a"]),
        delete("c").after(["b"]),
        create("d").after(["c"]),
        create("e").after(["d"]),
    ];
    let run = run(&world, steps, &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(run.report.reason.as_deref(), Some("d: refused"));
    assert_eq!(world.contents(), before);
    assert_eq!(world.calls(Phase::Undo), ["c", "b", "a"]);
    let statuses: Vec<_> = run.report.steps.iter().map(|step| step.status).collect();
    use StepStatus::{NotApplied, Registered, Undone};
    assert_eq!(statuses, [Undone, Undone, Undone, NotApplied, Registered]);
    assert_eq!(run.report.steps[2].reversibility, Some(Reversibility::ReversibleWithNewId));
    assert_eq!(run.report.steps[2].undo_output, json!({"id": world.items()["c"].id}));
}

#[tokio::test]
async fn what_is_in_flight_at_a_failure_is_finished_and_undone() {
    let world = World::default();
    world.inject("bad", Phase::Apply, &[Some(Fault::Refused)]);
    let run = run(&world, vec![slow(create("late"), 30), create("bad")], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(world.calls(Phase::Undo), ["late"]);
    assert!(world.items().is_empty());
}

#[tokio::test]
async fn a_namesake_is_neither_taken_over_nor_deleted() {
    let world = World::with(&["a"]);
    let before = world.items();
    let run = run(&world, vec![create("b"), create("a").after(["b"])], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(world.items(), before);
}

#[tokio::test]
async fn a_create_without_an_answer_is_looked_up_and_not_repeated() {
    let world = World::default();
    world.inject("a", Phase::Apply, &[Some(Fault::LostAfter)]);
    let run = run(&world, vec![create("a"), create("b").after(["a"])], &options()).await;
    assert_eq!(run.report.end, End::Committed);
    assert_eq!(world.calls(Phase::Apply), ["a", "b"]);
    assert_eq!(run.report.steps[0].output, json!({"id": world.items()["a"].id}));
}

#[tokio::test]
async fn a_create_that_got_lost_is_repeated_once_that_is_known() {
    let world = World::default();
    world.inject("a", Phase::Apply, &[Some(Fault::LostBefore), Some(Fault::LostBefore)]);
    let run = run(&world, vec![create("a")], &options()).await;
    assert_eq!(run.report.end, End::Committed);
    assert_eq!(run.report.steps[0].attempts, 3);
    assert_eq!(world.calls(Phase::Probe).len(), 3, "two for the lost ones, one to verify");
}

#[tokio::test]
async fn a_create_is_not_repeated_for_ever() {
    let world = World::default();
    world.inject("a", Phase::Apply, &[Some(Fault::LostBefore); 9]);
    let run = run(&world, vec![create("a")], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(world.calls(Phase::Apply).len(), 3);
}

#[tokio::test]
async fn a_create_whose_look_up_fails_is_never_repeated() {
    let world = World::default();
    world.inject("a", Phase::Apply, &[Some(Fault::LostAfter)]);
    world.inject("a", Phase::Probe, &[Some(Fault::Refused)]);
    let run = run(&world, vec![create("a")], &options()).await;
    assert_eq!(world.calls(Phase::Apply), ["a"]);
    assert_eq!(run.report.end, End::RolledBack, "the roll-back looked it up again");
    assert!(world.items().is_empty());
}

#[tokio::test]
async fn a_step_that_wrongly_says_that_it_failed_is_found_out() {
    let world = World::with(&["b"]);
    let before = world.contents();
    world.inject("b", Phase::Apply, &[Some(Fault::Lie)]);
    let run = run(&world, vec![create("a"), update("b").after(["a"])], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(world.contents(), before);
}

#[tokio::test]
async fn a_step_that_wrongly_says_that_it_is_applied_is_found_out() {
    let world = World::default();
    world.inject("b", Phase::Apply, &[Some(Fault::Idle)]);
    let run = run(&world, vec![create("a"), create("b")], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(run.report.reason.as_deref(), Some("b: the effect was not found when it was looked up again"));
    assert!(world.items().is_empty());
}

#[tokio::test]
async fn verification_can_be_left_to_the_caller() {
    let world = World::default();
    let options = ExecuteOptions { verify: false, ..options() };
    let run = run(&world, vec![create("a")], &options).await;
    assert_eq!(run.report.end, End::Committed);
    assert_eq!(world.calls(Phase::Probe), [""; 0]);
}

#[tokio::test]
async fn a_failure_can_be_kept_and_resumed() {
    let world = World::default();
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let keep = ExecuteOptions { on_failure: OnFailure::Keep, ..options() };
    let mut run = run(&world, vec![create("a"), create("b").after(["a"])], &keep).await;
    assert_eq!(run.report.end, End::Unfinished);
    assert_eq!(run.report.reason.as_deref(), Some("b: refused"));
    assert!(world.items().contains_key("a"));
    let report = run.transaction.resume(&world.registry(), &keep).await.unwrap();
    assert_eq!(report.end, End::Committed);
    assert_eq!(world.calls(Phase::Apply), ["a", "b", "b"]);
}

#[tokio::test]
async fn what_cannot_be_undone_comes_last() {
    let world = World::with(&["z"]);
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let run = run(&world, vec![delete_for_good("z"), create("a"), slow(create("b"), 9)], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert!(world.items().contains_key("z"), "it was not even started");
}

#[tokio::test]
async fn nothing_may_need_what_cannot_be_undone() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::with(&["z"]));
    let mut transaction = begin(&store, &clock).await;
    let steps = vec![delete_for_good("z"), create("a").after(["z"])];
    let refused = transaction.execute(steps.clone(), &world.registry(), &options()).await;
    assert!(matches!(refused, Err(Error::IrreversibleNotLast { step, needed_by }) if step == "z" && needed_by == "a"));
    let anywhere = ExecuteOptions { irreversible_anywhere: true, ..options() };
    let report = transaction.execute(steps, &world.registry(), &anywhere).await.unwrap();
    assert_eq!(report.end, End::Committed);
}

#[tokio::test]
async fn what_cannot_be_carried_out_is_refused_before_the_first_effect() {
    let (store, clock, world) = (Arc::new(MemoryStore::new()), clock(), World::default());
    let mut transaction = begin(&store, &clock).await;
    let unknown = vec![create("a"), StepSpec::new("b", "paint", Value::Null)];
    let refused = transaction.execute(unknown, &world.registry(), &options()).await;
    assert!(matches!(refused, Err(Error::UnknownKind { kind, .. }) if kind == "paint"));
    let twice = transaction.execute(vec![create("a"), create("a")], &world.registry(), &options()).await;
    assert!(matches!(twice, Err(Error::Graph(GraphError::Duplicate(name))) if name == "a"));
    assert_eq!(world.calls(Phase::Apply), [""; 0]);
    let report = transaction.execute(vec![create("a")], &world.registry(), &options()).await.unwrap();
    assert_eq!(report.end, End::Committed, "a refusal leaves the transaction usable");
}

#[derive(Default)]
struct Listener(Mutex<Vec<Record>>);

impl Observer for Listener {
    fn recorded(&self, record: &Record) {
        self.0.lock().unwrap().push(record.clone());
    }
}

#[tokio::test]
async fn an_observer_is_told_of_everything_in_order() {
    let listener = Arc::new(Listener::default());
    let options = ExecuteOptions { observer: Some(listener.clone()), ..options() };
    run(&World::default(), vec![create("a"), create("b")], &options).await;
    let records = listener.0.lock().unwrap();
    let expected: Vec<u64> = (2..2 + records.len() as u64).collect();
    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), expected);
    assert_eq!(records.last().unwrap().event, Event::Committed);
}

#[tokio::test]
async fn a_hundred_steps_on_one_journal_keep_their_order() {
    let world = World::default();
    let steps = (0..100).map(|i| slow(create(&format!("n{i}")), i % 7)).collect();
    let run = run(&world, steps, &ExecuteOptions { concurrency: 32, ..options() }).await;
    assert_eq!(run.report.end, End::Committed);
    assert_eq!(world.items().len(), 100);
}
