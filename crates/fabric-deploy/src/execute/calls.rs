//! Which calls a step made: how often they were sent, and the service's id of the last one.

use std::cell::Cell;
use std::future::Future;

use std::cell::RefCell;

/// What is known of the calls of one step.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StepCalls {
    /// How many times one call was sent at most.
    pub attempts: u32,
    /// The service's id of the last request that it answered.
    pub request_id: Option<String>,
}

tokio::task_local! {
    static CALLS: (Cell<u32>, RefCell<Option<String>>);
}

/// Runs a step and gathers its calls.
pub(super) async fn gather<F: Future>(step: F) -> (F::Output, StepCalls) {
    CALLS
        .scope((Cell::new(0), RefCell::new(None)), async {
            let output = step.await;
            let calls = CALLS.with(|(attempts, request_id)| StepCalls {
                attempts: attempts.get(),
                request_id: request_id.borrow().clone(),
            });
            (output, calls)
        })
        .await
}

/// Tells the step that is running, if one is, of a call that ended after `attempts` sends.
pub fn current_calls(attempts: u32, request_id: Option<&str>) {
    let told = CALLS.try_with(|(most, last)| {
        most.set(most.get().max(attempts));
        if let Some(request_id) = request_id {
            *last.borrow_mut() = Some(request_id.to_owned());
        }
    });
    if told.is_err() {
        tracing::trace!(attempts, request_id, "a call outside of any step");
    }
}
