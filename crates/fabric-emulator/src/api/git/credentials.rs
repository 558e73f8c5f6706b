//! How the caller signs in to the Git provider.

use serde::Deserialize;
use serde_json::json;
use uuid::Uuid;

use super::link;
use crate::api::connections;
use crate::call::Call;
use crate::git::provider::{ProviderDetails, ProviderType};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::world::entities::PrincipalKind;
use crate::world::git::GitCredentials;

/// Credentials as a caller names them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GivenCredentials {
    source: String,
    #[serde(default)]
    connection_id: Option<Uuid>,
}

pub(super) fn principal_not_supported() -> Refusal {
    Refusal::forbidden("PrincipalTypeNotSupported", "The operation is not supported for the principal type")
}

impl GivenCredentials {
    fn read(&self) -> Result<GitCredentials, Refusal> {
        let is = |name: &str| self.source.eq_ignore_ascii_case(name);
        if is("ConfiguredConnection") {
            let connection_id =
                self.connection_id.ok_or_else(|| Refusal::body("`connectionId` is missing".to_owned()))?;
            Ok(GitCredentials::ConfiguredConnection { connection_id })
        } else if is("Automatic") {
            Ok(GitCredentials::Automatic)
        } else if is("None") {
            Ok(GitCredentials::None)
        } else {
            Err(Refusal::body(format!("'{}' is not a source of Git credentials", self.source)))
        }
    }
}

/// What the caller may use with the provider. GitHub and service principals insist on a connection.
pub(super) fn accept(
    call: &Call<'_>,
    provider: &ProviderDetails,
    given: Option<&GivenCredentials>,
) -> Result<GitCredentials, Refusal> {
    let wanted = given.map(GivenCredentials::read).transpose()?;
    let is_application = call.caller.kind == PrincipalKind::ServicePrincipal;
    match &wanted {
        Some(GitCredentials::ConfiguredConnection { connection_id }) => {
            check_connection(call, provider, *connection_id)?;
        }
        Some(GitCredentials::Automatic) | None if is_application => return Err(principal_not_supported()),
        Some(GitCredentials::Automatic) if provider.git_provider_type == ProviderType::GitHub => {
            return Err(Refusal::input("GitHub does not support automatic Git credentials"));
        }
        _ => {}
    }
    Ok(wanted.unwrap_or(match provider.git_provider_type {
        ProviderType::GitHub => GitCredentials::None,
        ProviderType::AzureDevOps => GitCredentials::Automatic,
    }))
}

/// The connection exists for the caller, and leads to the repository.
pub(super) fn check_connection(call: &Call<'_>, provider: &ProviderDetails, id: Uuid) -> Result<(), Refusal> {
    let connection =
        call.world.connections.get(id).filter(|connection| connections::is_permitted(call, connection)).ok_or_else(
            || {
                Refusal::not_found("ConnectionNotFound", "The requested connection could not be found")
                    .about(id, "Connection")
            },
        )?;
    let details = &connection.connection_details;
    let leads_there = details["type"] == provider.connection_type()
        && details["path"].as_str().is_some_and(|path| provider.is_at(path));
    if leads_there {
        Ok(())
    } else {
        Err(Refusal::bad("ConnectionMismatch", "The connection does not match the Git provider details"))
    }
}

pub(crate) fn get(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let link = link(call.world, call.workspace_id())?;
    let credentials = link.credentials_of(call.caller.id).unwrap_or(&GitCredentials::None);
    Ok(Reply::ok(json!(credentials)))
}

pub(crate) fn update(call: &mut Call<'_>) -> Result<Reply, Refusal> {
    let wanted: GivenCredentials = call.json()?;
    let workspace = call.workspace_id();
    let provider = link(call.world, workspace)?.provider.clone();
    let accepted = accept(call, &provider, Some(&wanted))?;
    let principal = call.caller.id;
    if let Some(link) = call.world.git_links.edit(workspace) {
        link.set_credentials(principal, accepted);
    }
    get(call)
}
