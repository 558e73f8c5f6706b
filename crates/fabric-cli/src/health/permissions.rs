//! Whether the caller's role in the workspace is what a deployment needs.

use fabric_client::WorkspaceRole;
use futures::future::try_join_all;

use super::surroundings::refusal;
use super::{Finding, Surroundings};

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let target = surroundings.target()?;
    let Some(workspace) = surroundings.workspace(target).await? else {
        return Ok(Finding::degraded(
            "the workspace does not exist, or this identity has no role in it; a deployment would create it",
            "whether this identity may create workspaces cannot be told without doing so: see the tenant setting \
             \"Create workspaces\"; if the workspace exists, ask its administrator for a role",
        ));
    };
    let caller = surroundings.caller().await?;
    let roles = [WorkspaceRole::Admin, WorkspaceRole::Member, WorkspaceRole::Contributor, WorkspaceRole::Viewer];
    let workspaces = caller.client.workspaces();
    let lists = try_join_all(roles.iter().map(|role| workspaces.list_with_role(role))).await;
    let lists = lists.map_err(|error| refusal("learn the role in the workspace", &error))?;
    let held = lists.iter().position(|list| list.iter().any(|found| found.id == workspace.id));
    let assigns = target.capacity.is_some_and(|capacity| workspace.capacity_id != Some(capacity));
    let (needed, why) = if target.gives_roles {
        (WorkspaceRole::Admin, "to give roles")
    } else if assigns {
        (WorkspaceRole::Admin, "to assign the capacity")
    } else {
        (WorkspaceRole::Contributor, "to change items")
    };
    let name = &workspace.display_name;
    let Some(held) = held else {
        let detail = format!("{} has no role in {name}; {needed} is needed {why}", caller.method);
        return Err(Finding::denied(detail, "ask an administrator of the workspace for the role"));
    };
    // Strongest first, in both.
    let enough = roles.iter().position(|role| *role == needed).is_some_and(|needed| held <= needed);
    let held = &roles[held];
    if enough {
        Ok(Finding::healthy(format!("{held} of {name}; {needed} is needed {why}")))
    } else {
        let detail = format!("{} is {held} of {name}, and {needed} is needed {why}", caller.method);
        Err(Finding::denied(detail, "ask an administrator of the workspace for the role"))
    }
}
