//! The end of what a process has left that was killed, or could not go on.

use serde_json::json;

use super::scene::{Known, Scene};

/// How a killed process's work is ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Then {
    Resume,
    Rollback,
}

/// Ends what a killed process left, and holds the world against the one before or the one after. `back`: it was already
/// to be taken back.
pub(super) fn ends(scene: &Scene, then: Then, back: bool) {
    let known = Known::get();
    let transaction = scene.transaction();
    let is_after = match transaction.as_ref().map(|(id, status)| (id.as_str(), status.as_str())) {
        None | Some((_, "rolled back" | "never begun")) => false,
        Some((_, "committed")) if !back => true,
        Some((id, status)) => {
            let resumes = then == Then::Resume && status != "committed";
            let (run, _) = scene.run(&[if resumes { "resume" } else { "rollback" }, id]);
            let begun_only = run.stderr.contains("before all of its steps were known");
            let run = if begun_only { scene.run(&["rollback", id]).0 } else { run };
            let is_after = resumes && !begun_only && run.code == 0;
            let run = run.exits(if is_after || !resumes || begun_only { 0 } else { 5 });
            let document = run.document();
            assert_eq!(document["status"], if is_after { "committed" } else { "rolled_back" }, "{document}");
            assert_eq!(document["left_behind"], json!([]));
            is_after
        }
    };
    assert!(!(back && is_after), "it was taken back, and then it is committed");
    let expected = if is_after { &known.after } else { &known.before };
    assert_eq!(scene.world(&known.kept).differences(expected), [""; 0]);
}
