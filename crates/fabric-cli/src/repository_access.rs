//! How a Git provider is reached: connections and credentials that arguments and variables name.

use fabric_client::{GitRepository, RepositoryAccess};
use fabric_deploy::git::Access;
use uuid::Uuid;

use crate::arguments::git::LoginProvider;
use crate::commands::Context;
use crate::failure::Failure;
use crate::login::{self, Wishes};
use crate::secrets;
use crate::variables::{GIT_CONNECTION_ID, GITHUB_TOKEN, Variable};

/// The variables of the service principal, each with the other names that it goes by.
const TENANT: [&str; 4] = ["FABRIC_TENANT_ID", "AZURE_TENANT_ID", "ARM_TENANT_ID", "FAB_TENANT_ID"];
const CLIENT: [&str; 4] = ["FABRIC_CLIENT_ID", "AZURE_CLIENT_ID", "ARM_CLIENT_ID", "FAB_SPN_CLIENT_ID"];
const SECRET: [&str; 4] = ["FABRIC_CLIENT_SECRET", "AZURE_CLIENT_SECRET", "ARM_CLIENT_SECRET", "FAB_SPN_CLIENT_SECRET"];

/// What is at hand to reach the repository. A connection that is named wins; a secret is used only to make a connection
/// where none leads to the repository.
pub(crate) async fn of(
    repository: &GitRepository,
    connection: Option<Uuid>,
    context: &Context,
) -> Result<Access, Failure> {
    let named = match (connection, context.environment.value(&GIT_CONNECTION_ID)) {
        (Some(id), _) => Some(id),
        (None, Some(text)) => Some(parsed(&GIT_CONNECTION_ID, text)?),
        (None, None) => None,
    };
    let secret = match repository {
        GitRepository::GitHub { .. } => {
            secrets::meant(&[GITHUB_TOKEN.name], context).await?.map(RepositoryAccess::Token)
        }
        GitRepository::AzureDevOps { .. } => service_principal(context).await?,
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

async fn service_principal(context: &Context) -> Result<Option<RepositoryAccess>, Failure> {
    let id = |names: &[&str]| names.iter().find_map(|name| context.environment.get(name))?.parse().ok();
    let (Some(tenant_id), Some(client_id)) = (id(&TENANT), id(&CLIENT)) else { return Ok(None) };
    let secret = secrets::meant(&SECRET, context).await?;
    Ok(secret.map(|client_secret| RepositoryAccess::ServicePrincipal { tenant_id, client_id, client_secret }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    async fn of(repository: GitRepository, variables: &[(&str, &str)]) -> Result<Option<RepositoryAccess>, Failure> {
        let context = Context::of(Environment::of(variables));
        Ok(super::of(&repository, None, &context).await?.secret)
    }

    fn github() -> GitRepository {
        GitRepository::GitHub { owner: "contoso".to_owned(), repository: "fabric".to_owned() }
    }

    #[tokio::test]
    async fn what_a_connection_is_made_with_may_be_a_secret() {
        let variables = [("GITHUB_TOKEN", "${secret:git-token}"), ("GIT_TOKEN", "the token")];
        let access = of(github(), &variables).await.unwrap();
        assert!(matches!(access, Some(RepositoryAccess::Token(token)) if token == "the token"));

        let devops = GitRepository::AzureDevOps {
            organization: "contoso".to_owned(),
            project: "Sales".to_owned(),
            repository: "fabric".to_owned(),
        };
        let id = "b0000000-0000-4000-8000-000000000001";
        let principal =
            [("AZURE_TENANT_ID", id), ("AZURE_CLIENT_ID", id), ("AZURE_CLIENT_SECRET", "${secret:deployer}")];
        let access = of(devops.clone(), &[&principal[..], &[("DEPLOYER", "its secret")]].concat()).await.unwrap();
        let Some(RepositoryAccess::ServicePrincipal { client_secret, .. }) = access else { panic!("{access:?}") };
        assert_eq!(client_secret, "its secret");
        assert!(of(devops, &principal[..2]).await.unwrap().is_none());
    }

    #[tokio::test]
    async fn a_secret_that_does_not_exist_is_told_with_its_variable() {
        let Err(failure) = of(github(), &[("GITHUB_TOKEN", "${secret:git-token}")]).await else {
            panic!("it was sent")
        };
        assert!(failure.to_string().starts_with("GITHUB_TOKEN: "), "{failure}");
        assert_eq!(failure.exit(), crate::exit::Exit::InvalidInput);
        assert!(of(github(), &[]).await.unwrap().is_none());
    }
}
