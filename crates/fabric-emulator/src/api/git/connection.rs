//! Connecting a workspace to a branch, and letting go of it.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::credentials::{GivenCredentials, accept};
use super::{check_capacity, check_idle, link, resource_not_found};
use crate::call::Call;
use crate::clock::stamp_utc;
use crate::git::provider::{ProviderDetails, ProviderType};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::git::{GitCredentials, GitLink};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Connect {
    git_provider_details: ProviderDetails,
    #[serde(default)]
    my_git_credentials: Option<GivenCredentials>,
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let mut shown = Map::new();
    let state = match call.world.git_links.get(call.workspace_id()) {
        None => "NotConnected",
        Some(link) => {
            shown.insert("gitProviderDetails".to_owned(), json!(link.provider));
            if let (Some(head), true) = (&link.head, link.last_sync > 0) {
                let details = json!({"head": head, "lastSyncTime": stamp_utc(link.last_sync)});
                shown.insert("gitSyncDetails".to_owned(), details);
            }
            if link.initialized { "ConnectedAndInitialized" } else { "Connected" }
        }
    };
    shown.insert("gitConnectionState".to_owned(), json!(state));
    Ok(Reply::ok(Value::Object(shown)))
}

pub(crate) fn connect(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: Connect = call.json()?;
    let provider = wanted.git_provider_details;
    if !provider.is_complete() {
        return Err(Refusal::body("the Git provider details are not complete".to_owned()));
    }
    if call.world.git_links.get(call.workspace_id()).is_some() {
        return Err(Refusal::conflict("WorkspaceAlreadyConnectedToGit", "The workspace is already connected to Git"));
    }
    check_capacity(call)?;
    let credentials = accept(call, &provider, wanted.my_git_credentials.as_ref())?;
    if provider.git_provider_type == ProviderType::GitHub && credentials == GitCredentials::None {
        return Err(Refusal::input("GitHub needs Git credentials of a configured connection"));
    }
    let repository = provider.open(call.settings.repositories.as_deref()).ok_or_else(resource_not_found)?;
    let head = repository.head(&provider.branch_name).ok_or_else(resource_not_found)?;
    let folder = provider.folder();
    let holds_folder = || repository.files(&head, folder).is_ok_and(|files| !files.is_empty());
    // Only the portal makes folders.
    if !folder.is_empty() && !holds_folder() {
        return Err(resource_not_found());
    }
    call.world.git_links.put(GitLink {
        id: call.workspace_id(),
        provider,
        initialized: false,
        head: None,
        last_sync: 0,
        credentials: vec![(call.caller.id, credentials)],
        synced: Vec::new(),
    });
    Ok(Reply::done())
}

pub(crate) fn disconnect(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let id = link(call.world, call.workspace_id())?.id;
    check_idle(call)?;
    call.world.git_links.remove(id);
    Ok(Reply::done())
}
