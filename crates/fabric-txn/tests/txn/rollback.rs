//! Undoing: as much as possible, never more, and honest about the rest.

use fabric_txn::{
    DeploymentTransaction, End, Error, ExecuteOptions, Finding, JournalStore, Left, OnFailure, Phase as TxnPhase,
    StepStatus, Why, recover,
};

use crate::support::{LATER, SCOPE, lease, options, run, take_over};
use crate::world::{Fault, Phase, World, create, delete, delete_for_good, update};

fn stays(left: &[Left]) -> Vec<String> {
    left.iter().map(ToString::to_string).collect()
}

#[tokio::test]
async fn an_undo_that_fails_blocks_only_what_it_needs() {
    let world = World::default();
    world.inject("leaf", Phase::Undo, &[Some(Fault::Refused); 3]);
    world.inject("bad", Phase::Apply, &[Some(Fault::Refused)]);
    let steps = vec![
        create("root"),
        create("branch").after(["root"]),
        create("leaf").after(["branch"]),
        create("other").after(["root"]),
        create("alone"),
        create("bad").after(["leaf", "other", "alone"]),
    ];
    let run = run(&world, steps, &options()).await;
    assert_eq!(run.report.end, End::Stuck);
    assert_eq!(
        stays(&run.report.left),
        ["leaf: the undo failed: undo refused", "branch: still needed by leaf", "root: still needed by branch"]
    );
    assert_eq!(world.items().keys().collect::<Vec<_>>(), ["branch", "leaf", "root"]);
    assert_eq!(world.calls(Phase::Undo).iter().filter(|step| *step == "leaf").count(), 3);
}

#[tokio::test]
async fn what_is_stuck_can_be_tried_again() {
    let world = World::default();
    world.inject("a", Phase::Undo, &[Some(Fault::Refused); 3]);
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let mut run = run(&world, vec![create("a"), create("b").after(["a"])], &options()).await;
    assert_eq!(run.report.end, End::Stuck);
    let report = run.transaction.resume(&world.registry(), &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
    assert!(world.items().is_empty());
}

#[tokio::test]
async fn an_undo_is_tried_again_with_growing_waits() {
    let world = World::default();
    world.inject("a", Phase::Undo, &[Some(Fault::Refused), Some(Fault::Idle)]);
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let run = run(&world, vec![create("a"), create("b").after(["a"])], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(run.report.steps[0].undo_attempts, 3);
}

#[tokio::test]
async fn an_undo_without_an_answer_counts_by_what_the_probe_finds() {
    let world = World::default();
    world.inject("a", Phase::Undo, &[Some(Fault::LostAfter)]);
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    let run = run(&world, vec![create("a"), create("b").after(["a"])], &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(world.calls(Phase::Undo), ["a"]);
}

#[tokio::test]
async fn an_undo_that_nobody_can_verify_is_not_called_done() {
    let world = World::default();
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    world.inject("a", Phase::Probe, &[Some(Fault::Refused); 3]);
    let mut run = run(&world, vec![create("a"), create("b").after(["a"])], &options()).await;
    assert_eq!(run.report.end, End::Stuck);
    assert_eq!(stays(&run.report.left), ["a: it is not known whether it is there: the look-up failed"]);
    assert_eq!(world.calls(Phase::Undo), ["a"], "what is not known is looked up, not undone again");
    let report = run.transaction.resume(&world.registry(), &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
}

#[tokio::test]
async fn an_undo_whose_probe_answers_later_is_done() {
    let world = World::default();
    world.inject("b", Phase::Apply, &[Some(Fault::Refused)]);
    world.inject("a", Phase::Undo, &[Some(Fault::Refused)]);
    world.inject("a", Phase::Probe, &[Some(Fault::Refused), Some(Fault::Refused)]);
    let options = ExecuteOptions { undo_attempts: 4, ..options() };
    let run = run(&world, vec![create("a"), create("b").after(["a"])], &options).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(world.calls(Phase::Undo), ["a", "a"]);
}

#[tokio::test]
async fn undoing_several_times_is_undoing() {
    let world = World::with(&["b", "c"]);
    let before = world.contents();
    for step in ["a", "b", "c"] {
        world.inject_repeat(step, Phase::Undo, 3);
    }
    world.inject("d", Phase::Apply, &[Some(Fault::Refused)]);
    let steps = vec![create("a"), update("b"), delete("c"), create("d").after(["a", "b", "c"])];
    let run = run(&world, steps, &options()).await;
    assert_eq!(run.report.end, End::RolledBack);
    assert_eq!(world.contents(), before);
}

#[tokio::test]
async fn what_cannot_be_undone_is_left_and_said() {
    let world = World::with(&["z"]);
    let mut run = run(&world, vec![create("a"), delete_for_good("z").after(["a"])], &options()).await;
    assert_eq!(run.report.end, End::Committed);
    let report = run.transaction.rollback(&world.registry(), "second thoughts", &options()).await.unwrap();
    assert_eq!(report.end, End::Stuck);
    assert_eq!(report.left[0].why, Why::Irreversible);
    assert_eq!(stays(&report.left), ["z: cannot be undone", "a: still needed by z"]);
    assert_eq!(world.calls(Phase::Undo), [""; 0]);
}

#[tokio::test]
async fn a_committed_transaction_is_rolled_back_weeks_later() {
    let world = World::with(&["b", "c", "bystander"]);
    let before = world.contents();
    let run = run(&world, vec![create("a"), update("b"), delete("c")], &options()).await;
    let mut later = take_over(&run).await;
    let report = later.rollback(&world.registry(), "regression", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
    assert_eq!(report.reason.as_deref(), Some("regression"));
    assert_eq!(world.contents(), before);
    assert!(matches!(later.rollback(&world.registry(), "", &options()).await, Err(Error::Ended { .. })));
}

#[tokio::test]
async fn what_somebody_else_changed_since_is_not_overwritten() {
    let world = World::with(&["b", "c"]);
    let run = run(&world, vec![create("a"), update("b"), update("c")], &options()).await;
    world.put("b", "changed by somebody else");
    let mut later = take_over(&run).await;
    let (records, survey) = (later.state().records, later.survey(&world.registry()).await.unwrap());
    let found: Vec<_> =
        survey.iter().map(|(step, found)| (step.as_str(), matches!(found, Finding::Applied(_)))).collect();
    assert_eq!(found, [("a", true), ("b", false), ("c", true)]);
    assert_eq!(later.state().records, records, "a survey records nothing");
    let report = later.rollback(&world.registry(), "regression", &options()).await.unwrap();
    assert_eq!(report.end, End::Stuck);
    assert_eq!(stays(&report.left), ["b: it is not known whether it is there: somebody else changed it"]);
    assert_eq!(world.contents()["b"], "changed by somebody else");
    assert_eq!(world.contents()["c"], "old c");
}

#[tokio::test]
async fn what_somebody_else_removed_since_needs_no_undo() {
    let world = World::default();
    let run = run(&world, vec![create("a"), create("b")], &options()).await;
    world.remove("a");
    let mut later = take_over(&run).await;
    let report = later.rollback(&world.registry(), "regression", &options()).await.unwrap();
    assert_eq!(report.end, End::RolledBack);
    assert_eq!(report.steps[0].status, StepStatus::Undone);
    assert_eq!(world.calls(Phase::Undo), ["b"]);
}

#[tokio::test]
async fn a_transaction_can_be_abandoned_on_the_record() {
    let world = World::default();
    world.inject("a", Phase::Apply, &[Some(Fault::Refused)]);
    let keep = ExecuteOptions { on_failure: OnFailure::Keep, ..options() };
    let mut run = run(&world, vec![create("a")], &keep).await;
    let report = run.transaction.abandon("operator", "cleaned up by hand").await.unwrap();
    assert_eq!(report.end, End::Abandoned);
    let state = recover(&*run.store, run.transaction.id()).await.unwrap();
    assert!(
        matches!(state.phase, TxnPhase::Abandoned { by, reason } if by == "operator" && reason == "cleaned up by hand")
    );
    assert!(matches!(run.transaction.abandon("operator", "").await, Err(Error::Ended { .. })));
    assert!(matches!(run.transaction.resume(&world.registry(), &keep).await, Err(Error::Ended { .. })));
    run.clock.advance(LATER);
    let lease = lease(&run.store, &run.clock, "next").await.unwrap();
    assert_eq!(lease.scope(), SCOPE);
    DeploymentTransaction::begin(run.store.clone(), lease, serde_json::Value::Null).await.unwrap();
}

#[tokio::test]
async fn a_before_image_that_is_missing_leaves_its_step_and_says_so() {
    let world = World::with(&["b"]);
    let run = run(&world, vec![create("a"), update("b")], &options()).await;
    let digest = run.report.steps[1].before[0].digest.clone();
    run.store.replace(&format!("blobs/{digest}"), b"something else").await.unwrap();
    let mut later = take_over(&run).await;
    let report = later.rollback(&world.registry(), "regression", &options()).await.unwrap();
    assert_eq!(report.end, End::Stuck);
    assert!(stays(&report.left)[0].ends_with("is missing or damaged"), "{:?}", report.left);
    assert_eq!(world.items().keys().collect::<Vec<_>>(), ["b"]);
}
