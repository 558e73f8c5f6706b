//! How a Git provider is reached: connections and credentials that arguments and variables name.

use fabric_client::{GitRepository, RepositoryAccess};
use fabric_deploy::git::Access;
use uuid::Uuid;

use crate::arguments::git::LoginProvider;
use crate::commands::Context;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::login::{self, Wishes};
use crate::variables::{GIT_CONNECTION_ID, GITHUB_TOKEN, Variable};

/// The variables of the service principal, each with the other names that it goes by.
const TENANT: [&str; 3] = ["FABRIC_TENANT_ID", "AZURE_TENANT_ID", "ARM_TENANT_ID"];
const CLIENT: [&str; 3] = ["FABRIC_CLIENT_ID", "AZURE_CLIENT_ID", "ARM_CLIENT_ID"];
const SECRET: [&str; 3] = ["FABRIC_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET"];

/// What is at hand to reach the repository. A connection that is named wins; a secret is used only to make a connection
/// where none leads to the repository.
pub(crate) fn of(
    repository: &GitRepository,
    connection: Option<Uuid>,
    environment: &Environment,
) -> Result<Access, Failure> {
    let named = match (connection, environment.value(&GIT_CONNECTION_ID)) {
        (Some(id), _) => Some(id),
        (None, Some(text)) => Some(parsed(&GIT_CONNECTION_ID, text)?),
        (None, None) => None,
    };
    let secret = match repository {
        GitRepository::GitHub { .. } => {
            environment.value(&GITHUB_TOKEN).map(|token| RepositoryAccess::Token(token.to_owned()))
        }
        GitRepository::AzureDevOps { .. } => service_principal(environment),
        _ => None,
    };
    Ok(Access { connection: named, secret })
}

/// The token of a person who has signed in to GitHub, or does so now if `login` says so.
pub(crate) async fn of_person(
    repository: &GitRepository,
    login: Option<Wishes>,
    context: &Context,
) -> Result<Option<RepositoryAccess>, Failure> {
    if !matches!(repository, GitRepository::GitHub { .. }) {
        return Ok(None);
    }
    let token = match (login::token(LoginProvider::GitHub, &context.environment).await?, login) {
        (Some(token), _) => Some(token),
        (None, Some(wishes)) => Some(login::sign_in(LoginProvider::GitHub, &wishes, context).await?.0),
        (None, None) => None,
    };
    Ok(token.map(|token| RepositoryAccess::Token(login::exposed(&token))))
}

fn parsed(variable: &Variable, text: &str) -> Result<Uuid, Failure> {
    text.parse().map_err(|_| Failure::Setting {
        variable: variable.name,
        value: text.to_owned(),
        reason: "it must be the id of a connection".to_owned(),
    })
}

fn service_principal(environment: &Environment) -> Option<RepositoryAccess> {
    let first = |names: &[&str]| names.iter().find_map(|name| environment.get(name));
    Some(RepositoryAccess::ServicePrincipal {
        tenant_id: first(&TENANT)?.parse().ok()?,
        client_id: first(&CLIENT)?.parse().ok()?,
        client_secret: first(&SECRET)?.to_owned(),
    })
}
