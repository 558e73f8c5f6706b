//! `git connect`: from nothing to a workspace that is in step with its branch.

use fabric_client::{Client, GitCredentials, GitPreference, GitProviderDetails, GitRepository};
use fabric_deploy::git::{self, Credentials, GitError, Wanted};
use fabric_deploy::report::Status;
use uuid::Uuid;

use super::{Place, preference};
use crate::arguments::git::{ConnectArguments, Provider};
use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::login::Wishes;
use crate::render::git::GitDocument;
use crate::repository_access;

pub(super) async fn run(arguments: &ConnectArguments, context: &Context) -> Result<Exit, Failure> {
    let place = Place::find(&arguments.workspace.workspace, context).await?;
    let preference = preference(arguments.prefer);
    let login = arguments.login.then(Wishes::default);
    let wanted =
        wanted(&place.service.client, provider_of(arguments), preference, arguments.connection, login, context).await?;
    let git = place.workspace.git();
    let connected = git::connect(&git, &wanted).await?;
    let moved = git::begin(&git, &connected.connection, preference, &arguments.message).await?;
    let changed = connected.changed || !moved.changes.is_empty();
    let status = if changed { Status::Committed } else { Status::Unchanged };
    let side = place.side().await?;
    GitDocument::new("git connect", status, place.workspace.id(), side, context)
        .with_changes(&moved.changes)
        .write(context)?;
    Ok(Exit::Success)
}

fn provider_of(arguments: &ConnectArguments) -> GitProviderDetails {
    let (organization, repository) = (arguments.organization.clone(), arguments.repository.clone());
    let repository = match arguments.provider {
        Provider::GitHub => GitRepository::GitHub { owner: organization, repository },
        Provider::AzureDevops => {
            let project = arguments.project.clone().unwrap_or_else(|| repository.clone());
            GitRepository::AzureDevOps { organization, project, repository }
        }
    };
    GitProviderDetails { repository, branch: arguments.branch.clone(), directory: arguments.directory.clone() }
}

/// The connection that shall be there, with credentials that exist: where none do, they are made.
pub(in crate::commands) async fn wanted(
    client: &Client,
    provider: GitProviderDetails,
    preference: Option<GitPreference>,
    connection: Option<Uuid>,
    login: Option<Wishes>,
    context: &Context,
) -> Result<Wanted, Failure> {
    let mut access = repository_access::of(&provider.repository, connection, context).await?;
    if access.connection.is_none() && access.secret.is_none() {
        access.secret = repository_access::of_person(&provider.repository, login, context).await?;
    }
    let chosen = git::choose(client, &provider.repository, &access).await?;
    let credentials = ready(client, &provider.repository, chosen, access.secret.as_ref()).await?;
    Ok(Wanted { provider, credentials, preference })
}

/// Credentials that exist.
async fn ready(
    client: &Client,
    repository: &GitRepository,
    chosen: Credentials,
    secret: Option<&fabric_client::RepositoryAccess>,
) -> Result<GitCredentials, Failure> {
    match (chosen, secret) {
        (Credentials::Ready(credentials), _) => Ok(credentials),
        (Credentials::New { .. }, Some(secret)) => {
            let connection_id = git::create_connection(client, repository, secret).await?;
            Ok(GitCredentials::ConfiguredConnection { connection_id })
        }
        (Credentials::New { .. }, None) => Err(GitError::NoConnection { repository: repository.url() }.into()),
    }
}
