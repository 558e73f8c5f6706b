//! Which calls a step made: how often they were sent, how long they waited, and the service's id of the last one.

use std::cell::RefCell;
use std::future::Future;
use std::time::Duration;

/// What is known of the calls of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepCalls {
    /// How many times one call was sent at most.
    pub attempts: u32,
    /// How long its calls waited between attempts, all together.
    pub waited: Duration,
    /// How many attempts the service throttled.
    pub throttled: u32,
    /// The service's id of the last request that it answered.
    pub request_id: Option<String>,
}

tokio::task_local! {
    static CALLS: RefCell<StepCalls>;
}

/// Runs a step and gathers its calls.
pub(super) async fn gather<F: Future>(step: F) -> (F::Output, StepCalls) {
    CALLS
        .scope(RefCell::default(), async {
            let output = step.await;
            (output, CALLS.with(RefCell::take))
        })
        .await
}

/// Tells the step that is running, if one is, of a call that ended.
pub fn current_calls(call: &StepCalls) {
    let told = CALLS.try_with(|calls| {
        let calls = &mut *calls.borrow_mut();
        calls.attempts = calls.attempts.max(call.attempts);
        calls.waited += call.waited;
        calls.throttled += call.throttled;
        if call.request_id.is_some() {
            calls.request_id.clone_from(&call.request_id);
        }
    });
    if told.is_err() {
        tracing::trace!(?call, "a call outside of any step");
    }
}
