//! The identity that a workspace may own.

use serde_json::json;
use uuid::Uuid;

use crate::call::Call;
use crate::operations;
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::types::Answer;
use crate::world::World;
use crate::world::entities::WorkspaceIdentity;
use crate::world::operation::{Effect, Outcome};

/// Seconds that `Retry-After` advises.
const RETRY: u32 = 5;

pub(crate) fn provision(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let workspace = call.workspace()?;
    if workspace.identity.is_some() {
        return Err(Refusal::conflict("WorkspaceIdentityAlreadyExists", "The workspace has an identity already"));
    }
    let effect = Effect::ProvisionIdentity { workspace: workspace.id };
    operations::run(call, Answer::LongRunning, RETRY, effect, |_, outcome| match outcome {
        Outcome::Value(identity) => Reply::ok(identity),
        _ => Reply::done(),
    })
}

pub(crate) fn deprovision(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let effect = Effect::DeprovisionIdentity { workspace: call.workspace()?.id };
    operations::run(call, Answer::LongRunning, RETRY, effect, |_, _| Reply::done())
}

pub(crate) fn finish_provisioning(world: &mut World, id: Uuid) -> Result<Outcome, Refusal> {
    let workspace = world.workspaces.edit(id).ok_or_else(gone)?;
    let identity = WorkspaceIdentity { application_id: Uuid::new_v4(), service_principal_id: Uuid::new_v4() };
    let shown = json!(identity);
    workspace.identity = Some(identity);
    Ok(Outcome::Value(shown))
}

pub(crate) fn finish_deprovisioning(world: &mut World, id: Uuid) -> Result<Outcome, Refusal> {
    world.workspaces.edit(id).ok_or_else(gone)?.identity = None;
    Ok(Outcome::Nothing)
}

fn gone() -> Refusal {
    Refusal::not_found("WorkspaceNotFound", "The requested workspace could not be found")
}
