//! Starts long-running operations and carries them out when they are due.
//!
//! An operation takes effect at the moment it completes: an item that is being created is seen by nobody before,
//! though its name is taken; a definition that is being updated keeps its old content; a failed operation leaves
//! no effect.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::api::{bulk, definitions, environments, git, identity, items};
use crate::call::Call;
use crate::clock::{Moment, micros};
use crate::faults::OperationFault;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::settings::{Answers, Settings};
use crate::types::Answer;
use crate::world::World;
use crate::world::operation::{Effect, Operation, Outcome, Status};

/// What an effect needs to know besides the world.
pub(crate) struct Completion<'a> {
    pub(crate) settings: &'a Settings,
    /// When the effect takes place.
    pub(crate) at: Moment,
}

/// Seconds that `Retry-After` advises for operations on items.
pub(crate) const ITEM_RETRY: u32 = 20;

/// Carries an effect out at once or announces an operation, as the type, the settings and a fault decide.
///
/// `immediate` turns the outcome into the answer that is given at once.
pub(crate) fn run(
    call: &mut Call<'_>,
    usual: Answer,
    retry_after: u32,
    effect: Effect,
    immediate: impl FnOnce(&World, Outcome) -> Reply,
) -> Result<Reply, Refusal> {
    let answer = match (call.settings.answers, &call.fault) {
        (_, Some(_)) | (Answers::ForceLongRunning, _) => Answer::LongRunning,
        (Answers::ForceImmediate, None) => Answer::Immediate,
        (Answers::PerType, None) => usual,
    };
    if answer == Answer::Immediate {
        let completion = Completion { settings: call.settings, at: call.now };
        let outcome = take_effect(call.world, &completion, &effect)?;
        return Ok(immediate(call.world, outcome));
    }
    let starts = call.later(call.settings.operation_queue);
    let due = starts.saturating_add(micros(call.settings.operation_duration));
    let operation = Operation {
        id: Uuid::new_v4(),
        caller: call.caller.id,
        status: Status::Pending,
        created: call.now,
        starts,
        due: (call.fault != Some(OperationFault::Never)).then_some(due),
        updated: call.now,
        retry_after,
        effect,
        doomed: match &call.fault {
            Some(OperationFault::Failed(code)) => Some(code.clone()),
            _ => None,
        },
        outcome: Outcome::Nothing,
        error: None,
    };
    let reply = Reply::announced(operation.id, retry_after);
    call.world.put_operation(operation);
    Ok(reply)
}

/// Carries out every operation that is due, in order of time.
pub(crate) fn complete_due(world: &mut World, settings: &Settings, now: Moment) {
    while let Some(mut operation) = world.next_due(now) {
        let at = operation.due.unwrap_or(now);
        let completion = Completion { settings, at };
        let outcome = match operation.doomed.clone() {
            Some(code) => Err(Refusal::bad(&code, "The operation failed")),
            None => take_effect(world, &completion, &operation.effect),
        };
        operation.updated = at;
        match outcome {
            Ok(outcome) => {
                operation.status = Status::Succeeded;
                operation.outcome = outcome;
            }
            Err(refusal) => {
                undo_preparation(world, &operation.effect);
                operation.status = Status::Failed;
                operation.error = Some(error_of(&refusal));
            }
        }
        world.put_operation(operation);
    }
}

fn take_effect(world: &mut World, completion: &Completion<'_>, effect: &Effect) -> Result<Outcome, Refusal> {
    match effect {
        Effect::CreateItem { item } => items::finish_creation(world, completion, *item),
        Effect::UpdateDefinition { item, parts, format, metadata } => {
            definitions::finish_update(world, completion, *item, parts, format.as_ref(), metadata.as_ref())
        }
        Effect::GetDefinition { item, format } => definitions::finish_reading(world, *item, format.clone()),
        Effect::Export { items } => bulk::finish_export(world, items),
        Effect::Import { workspace, entries, partly } => {
            bulk::finish_import(world, completion, *workspace, entries, *partly)
        }
        Effect::PublishEnvironment { item } => environments::finish_publication(world, completion, *item),
        Effect::ProvisionIdentity { workspace } => identity::finish_provisioning(world, *workspace),
        Effect::DeprovisionIdentity { workspace } => identity::finish_deprovisioning(world, *workspace),
        Effect::GitInitialize { workspace, strategy } => {
            git::initialize::finish(world, completion, *workspace, *strategy)
        }
        Effect::GitStatus { workspace } => git::status::finish(world, completion, *workspace),
        Effect::GitCommit { workspace, items, comment, author } => {
            git::commit::finish(world, completion, *workspace, items, comment, *author)
        }
        Effect::GitUpdate { workspace, commit, policy } => {
            git::update::finish(world, completion, *workspace, commit, *policy)
        }
    }
}

/// An item whose creation failed never existed.
fn undo_preparation(world: &mut World, effect: &Effect) {
    if let Effect::CreateItem { item } = effect {
        world.items.remove(*item);
    }
}

fn error_of(refusal: &Refusal) -> Value {
    json!({
        "errorCode": refusal.code,
        "message": refusal.message,
        "moreDetails": refusal.details,
    })
}
