//! Findings of probes, in few words.

use fabric_txn::{Failure, Finding};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::execute::StepError;
use crate::report;

/// The effect is there, as this id.
pub(super) fn applied(id: impl Into<Option<Uuid>>) -> Finding {
    Finding::Applied(json!({ "id": id.into() }))
}

/// The effect is there if the value is the new one, it is not if the value is the old one, and otherwise somebody else
/// was here.
pub(super) fn by_value<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, from: &T, to: &T, id: Uuid) -> Finding {
    if found == to {
        applied(id)
    } else if found == from {
        Finding::NotApplied
    } else {
        Finding::Unknown(Failure::new(format!(
            "{what} is {found:?}: neither as before nor as after, somebody changed it"
        )))
    }
}

/// Fabric did not answer the probe.
pub(super) fn unanswered(error: &fabric_client::Error) -> Finding {
    Finding::Unknown(of_fabric(error))
}

/// Why a step failed, for the journal.
pub(super) fn failure(error: &StepError) -> Failure {
    let detail = serde_json::to_value(error.failure()).unwrap_or(Value::Null);
    Failure::new(report::error_text(error)).with_detail(detail)
}

/// Why a call failed, for the journal.
pub(super) fn of_fabric(error: &fabric_client::Error) -> Failure {
    let detail = json!({
        "code": report::code_of(error),
        "request_id": error.request_id(),
        "http_status": error.status(),
        "try_later": error.is_try_later(),
    });
    Failure::new(report::error_text(error)).with_detail(detail)
}
