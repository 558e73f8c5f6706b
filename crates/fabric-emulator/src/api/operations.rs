//! Long-running operations as their callers see them.

use serde_json::{Value, json};

use super::{bulk, definitions};
use crate::call::Call;
use crate::clock::stamp;
use crate::refusal::Refusal;
use crate::reply::{Location, Reply};
use crate::world::operation::{Operation, Outcome, Status};

fn find<'w>(call: &'w Call<'_>) -> Result<&'w Operation, Refusal> {
    let id = call.parameters.id("operationId");
    // An operation is visible to whoever may start it: here, to whoever did.
    call.world
        .operation(id)
        .filter(|operation| operation.caller == call.caller.id)
        .ok_or_else(|| Refusal::not_found("OperationNotFound", "The requested operation could not be found"))
}

pub(crate) fn state(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let operation = find(call)?;
    let status = match operation.status {
        Status::Pending if call.now < operation.starts => "NotStarted",
        Status::Pending => "Running",
        Status::Succeeded => "Succeeded",
        Status::Failed => "Failed",
    };
    let complete = if operation.status == Status::Succeeded { json!(100) } else { Value::Null };
    let mut reply = Reply::ok(json!({
        "status": status,
        "createdTimeUtc": stamp(operation.created),
        "lastUpdatedTimeUtc": stamp(operation.updated),
        "percentComplete": complete,
        "error": operation.error,
    }));
    let path = format!("/v1/operations/{}", operation.id);
    match (operation.status, &operation.outcome) {
        (Status::Pending, _) => {
            reply.location = Some(Location::Operations(path));
            reply.operation_id = Some(operation.id);
            reply.retry_after = Some(operation.retry_after);
        }
        (Status::Succeeded, Outcome::Nothing) | (Status::Failed, _) => {}
        (Status::Succeeded, _) => {
            reply.location = Some(Location::Operations(format!("{path}/result")));
            reply.operation_id = Some(operation.id);
        }
    }
    Ok(reply)
}

pub(crate) fn result(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let operation = find(call)?;
    if operation.status != Status::Succeeded {
        return Err(Refusal::bad("OperationNotSucceeded", "The operation has not succeeded"));
    }
    match &operation.outcome {
        Outcome::Nothing => Err(Refusal::bad("OperationHasNoResult", "The operation has no result")),
        Outcome::Value(value) => Ok(Reply::result(value.clone())),
        outcome @ Outcome::Definition { .. } => Ok(Reply::result(definitions::show(call.world, outcome))),
        outcome @ Outcome::Export { .. } => Ok(Reply::result(bulk::show(call.world, outcome))),
    }
}
