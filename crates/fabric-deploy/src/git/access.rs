//! Which connection signs in to a repository: the one that was named, the one that is there, or a new one.

use fabric_client::{Client, GitCredentials, GitRepository, NewConnection, RepositoryAccess};
use uuid::Uuid;

use super::error::{GitError, WhileTrying};

/// What is at hand to reach a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// The connection to use.
    pub connection: Option<Uuid>,
    /// What a new connection signs in with.
    pub secret: Option<RepositoryAccess>,
}

/// How the caller will sign in to the repository's provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Credentials {
    /// So.
    Ready(GitCredentials),
    /// With a connection of this name, which has to be made first.
    New {
        /// Its name.
        name: String,
    },
}

/// What a connection to the repository is called when this tool makes it.
pub(crate) fn connection_name(repository: &GitRepository) -> String {
    match repository {
        GitRepository::GitHub { owner, repository } => format!("GitHub-{owner}-{repository}"),
        GitRepository::AzureDevOps { organization, project, repository } => {
            format!("AzureDevOps-{organization}-{project}-{repository}")
        }
        other => other.url(),
    }
}

/// Looks for the connection to a repository. Only one that leads to exactly this repository counts, and of several
/// none is guessed.
///
/// # Errors
/// Where no connection can be used, or several could.
pub async fn choose(client: &Client, repository: &GitRepository, access: &Access) -> Result<Credentials, GitError> {
    let configured = |connection_id| Credentials::Ready(GitCredentials::ConfiguredConnection { connection_id });
    if let Some(id) = access.connection {
        let found = client.connections().get(id).await.while_trying("read the connection to Git")?;
        return if found.leads_to(repository) {
            Ok(configured(id))
        } else {
            Err(GitError::WrongConnection { id, repository: repository.url() })
        };
    }
    let found = client.connections().to_repository(repository).await.while_trying("list the connections")?;
    let name = connection_name(repository);
    let mut ours = found.iter().filter(|connection| connection.display_name.as_deref() == Some(name.as_str()));
    match (found.as_slice(), ours.next(), &access.secret, repository) {
        ([only], _, _, _) | (_, Some(only), _, _) => Ok(configured(only.id)),
        ([], None, Some(_), _) => Ok(Credentials::New { name }),
        // A user signs in to Azure DevOps as itself.
        ([], None, None, GitRepository::AzureDevOps { .. }) => Ok(Credentials::Ready(GitCredentials::Automatic)),
        ([], None, None, _) => Err(GitError::NoConnection { repository: repository.url() }),
        (several, None, _, _) => Err(GitError::AmbiguousConnection {
            repository: repository.url(),
            ids: several.iter().map(|connection| connection.id).collect(),
        }),
    }
}

/// Makes the connection to a repository, or finds it where the answer of an earlier attempt was lost.
///
/// # Errors
/// Where it cannot be made.
pub async fn create_connection(
    client: &Client,
    repository: &GitRepository,
    access: &RepositoryAccess,
) -> Result<Uuid, GitError> {
    let name = connection_name(repository);
    let wanted = NewConnection::to_repository(&name, repository, access)
        .ok_or_else(|| GitError::NoConnection { repository: repository.url() })?;
    let error = match client.connections().create(&wanted).await {
        Ok(created) => return Ok(created.id),
        Err(error) => error,
    };
    let taken = error.error_code().is_some_and(|code| code.starts_with("DuplicateConnectionName"));
    if (error.is_ambiguous() || taken)
        && let Some(id) = find_made(client, repository).await?
    {
        return Ok(id);
    }
    Err(GitError::Fabric { action: "create the connection to Git", source: error })
}

/// The connection that [`create_connection`] makes, where it is there.
pub(crate) async fn find_made(client: &Client, repository: &GitRepository) -> Result<Option<Uuid>, GitError> {
    let found = client.connections().to_repository(repository).await.while_trying("list the connections")?;
    let name = connection_name(repository);
    Ok(found.iter().find(|found| found.display_name.as_deref() == Some(name.as_str())).map(|found| found.id))
}
