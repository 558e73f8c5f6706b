//! Connections that lead to a Git repository.

use std::fmt;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Connection, ConnectionParameter, GitRepository, NewConnection};

/// How a connection signs in to a Git provider. Never shown by `Debug`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RepositoryAccess {
    /// A personal access token, or a token of an application: for GitHub.
    Token(String),
    /// A service principal: for Azure DevOps.
    ServicePrincipal {
        /// Its tenant.
        tenant_id: Uuid,
        /// Its application's id.
        client_id: Uuid,
        /// Its secret.
        client_secret: String,
    },
}

impl fmt::Debug for RepositoryAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::ServicePrincipal { .. } => "ServicePrincipal",
        })
    }
}

impl RepositoryAccess {
    fn credentials(&self) -> Value {
        match self {
            Self::Token(token) => json!({"credentialType": "Key", "key": token}),
            Self::ServicePrincipal { tenant_id, client_id, client_secret } => json!({
                "credentialType": "ServicePrincipal",
                "tenantId": tenant_id,
                "servicePrincipalClientId": client_id,
                "servicePrincipalSecret": client_secret,
            }),
        }
    }
}

impl NewConnection {
    /// A connection to one repository; `None` where its provider is not known.
    pub fn to_repository(
        display_name: impl Into<String>,
        repository: &GitRepository,
        access: &RepositoryAccess,
    ) -> Option<Self> {
        let connection_type = repository.connection_type()?;
        Some(Self {
            display_name: display_name.into(),
            connection_type: connection_type.to_owned(),
            creation_method: format!("{connection_type}.Contents"),
            parameters: vec![ConnectionParameter { name: "url".to_owned(), value: repository.url() }],
            privacy_level: None,
            credential_details: json!({
                "singleSignOnType": "None",
                "connectionEncryption": "NotEncrypted",
                "skipTestConnection": false,
                "credentials": access.credentials(),
            }),
        })
    }
}

impl Connection {
    /// Whether the connection leads to exactly this repository.
    pub fn leads_to(&self, repository: &GitRepository) -> bool {
        Some(self.connection_details.connection_type.as_str()) == repository.connection_type()
            && self.connection_details.path.as_deref().is_some_and(|path| repository.is_at(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_is_not_shown() {
        let access = RepositoryAccess::ServicePrincipal {
            tenant_id: Uuid::nil(),
            client_id: Uuid::nil(),
            client_secret: "hidden".to_owned(),
        };
        assert_eq!(format!("{access:?} {:?}", RepositoryAccess::Token("hidden".to_owned())), "ServicePrincipal Token");
    }

    #[test]
    fn a_connection_leads_to_the_repository_that_it_names_and_to_no_other() {
        let connection = |kind: &str, path: &str| -> Connection {
            let shown = json!({"id": Uuid::nil(), "connectionDetails": {"type": kind, "path": path}});
            serde_json::from_value(shown).unwrap()
        };
        let repository = GitRepository::AzureDevOps {
            organization: "contoso".to_owned(),
            project: "Sales".to_owned(),
            repository: "fabric".to_owned(),
        };
        let url = "https://dev.azure.com/contoso/sales/_git/fabric/";
        assert!(connection("AzureDevOpsSourceControl", url).leads_to(&repository));
        assert!(!connection("GitHubSourceControl", url).leads_to(&repository));
        assert!(
            !connection("AzureDevOpsSourceControl", "https://dev.azure.com/contoso/sales/_git/fabric2")
                .leads_to(&repository)
        );
    }

    #[test]
    fn a_new_connection_leads_to_its_repository_with_what_it_was_given() {
        let repository = "fabric".to_owned();
        let github = GitRepository::GitHub { owner: "contoso".to_owned(), repository: repository.clone() };
        let token = RepositoryAccess::Token("the-token".to_owned());
        let made = NewConnection::to_repository("GitHub-contoso-fabric", &github, &token).unwrap();
        assert_eq!(
            (made.display_name.as_str(), made.connection_type.as_str()),
            ("GitHub-contoso-fabric", "GitHubSourceControl")
        );
        assert_eq!(made.creation_method, "GitHubSourceControl.Contents");
        assert_eq!(made.parameters.len(), 1);
        assert_eq!(
            (made.parameters[0].name.as_str(), made.parameters[0].value.as_str()),
            ("url", github.url().as_str())
        );
        let key = json!({"credentialType": "Key", "key": "the-token"});
        assert_eq!(made.credential_details["credentials"], key);
        assert_eq!(made.credential_details["skipTestConnection"], false);

        let azure_devops = GitRepository::AzureDevOps {
            organization: "contoso".to_owned(),
            project: "Sales".to_owned(),
            repository: repository.clone(),
        };
        let principal = RepositoryAccess::ServicePrincipal {
            tenant_id: Uuid::from_u128(1),
            client_id: Uuid::from_u128(2),
            client_secret: "the-secret".to_owned(),
        };
        let made = NewConnection::to_repository("n", &azure_devops, &principal).unwrap();
        let credentials = json!({"credentialType": "ServicePrincipal", "tenantId": Uuid::from_u128(1),
            "servicePrincipalClientId": Uuid::from_u128(2), "servicePrincipalSecret": "the-secret"});
        assert_eq!(made.connection_type, "AzureDevOpsSourceControl");
        assert_eq!(made.credential_details["credentials"], credentials);

        let unknown = GitRepository::Other { provider: "Bitbucket".to_owned(), repository };
        assert!(NewConnection::to_repository("n", &unknown, &token).is_none());
    }
}
