//! Who signs in: to Fabric with credentials that may themselves be secrets, and to the vault without them.

use std::sync::{Arc, PoisonError, RwLock};

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::HttpClient;
use fabric_client::RefusedToken;
use fabric_identity::{ChainError, CredentialChain, FailureReason, Method, SettingsError};
use fabric_secrets::Secret;

use crate::environment::Environment;
use crate::failure::Failure;
use crate::render;
use crate::secrets::{self, Secrets, SecretsError};
use crate::variables::{KEY_VAULT_AUTH, KEY_VAULT_CLIENT_ID};

/// Credential variables whose value may be `${secret:name}`.
const BORROWING: [&str; 8] = [
    "FABRIC_CLIENT_SECRET",
    "AZURE_CLIENT_SECRET",
    "ARM_CLIENT_SECRET",
    "FAB_SPN_CLIENT_SECRET",
    "FABRIC_CLIENT_CERTIFICATE",
    "ARM_CLIENT_CERTIFICATE",
    "FABRIC_TOKEN",
    "FAB_TOKEN",
];

/// A token that was given for Fabric opens nothing else.
const TOKENS: [&str; 2] = ["FABRIC_TOKEN", "FAB_TOKEN"];
const CLIENTS: [&str; 4] = ["FABRIC_CLIENT_ID", "AZURE_CLIENT_ID", "ARM_CLIENT_ID", "FAB_SPN_CLIENT_ID"];
const SWITCHES: [&str; 8] = [
    "FABRIC_AUTH",
    "FABRIC_USE_OIDC",
    "ARM_USE_OIDC",
    "FABRIC_USE_MSI",
    "ARM_USE_MSI",
    "FAB_MANAGED_IDENTITY",
    "FABRIC_USE_CLI",
    "ARM_USE_CLI",
];

/// Every credential variable that refers to a secret, and the reference.
pub(crate) fn borrowing(environment: &Environment) -> impl Iterator<Item = (&'static str, &str)> {
    BORROWING.into_iter().filter_map(|variable| Some((variable, secrets::reference(environment.get(variable)?)?)))
}

/// Who opens the vault: the identity that the variables give without what is kept in the vault, without a token that was
/// made for Fabric, and with what `KEY_VAULT_AUTH` and `KEY_VAULT_CLIENT_ID` say.
pub(crate) fn of_vault(
    environment: &Environment,
    http: &Arc<dyn HttpClient>,
) -> Result<CredentialChain, SettingsError> {
    let own_way = environment.value(&KEY_VAULT_AUTH);
    let own_client = environment.value(&KEY_VAULT_CLIENT_ID);
    let is_other = own_way.is_some() || borrowing(environment).next().is_some();
    let build = |no_client: bool| {
        let look_up = |name: &str| {
            let value = match name {
                _ if TOKENS.contains(&name) => None,
                "FABRIC_AUTH" if own_way.is_some() => own_way,
                // It says how to sign in to Fabric, which may be with what is in the vault.
                "FABRIC_AUTH" if is_other || environment.get(name) == Some("token") => None,
                _ if own_way.is_some() && SWITCHES.contains(&name) => None,
                _ if CLIENTS.contains(&name) && own_client.is_some() => own_client,
                _ if CLIENTS.contains(&name) && no_client => None,
                _ => environment.get(name).filter(|value| secrets::reference(value).is_none()),
            };
            value.map(str::to_owned)
        };
        CredentialChain::builder(&look_up).transport(Arc::clone(http)).build()
    };
    let chain = build(false)?;
    if is_other && own_client.is_none() && chain.method() == Method::ManagedIdentity {
        // The client id is the application's, and not that of an identity that was assigned to this machine.
        return build(true);
    }
    Ok(chain)
}

/// The identity for Fabric. It forgets a token that Fabric says has expired, and asks the store again for a secret that
/// is no longer accepted.
pub(crate) struct Identity {
    environment: Environment,
    http: Arc<dyn HttpClient>,
    secrets: Arc<Secrets>,
    current: RwLock<Arc<SignedIn>>,
    renewing: tokio::sync::Mutex<()>,
}

/// A chain, and the secrets that it was built with.
struct SignedIn {
    chain: CredentialChain,
    borrowed: Vec<Borrowed>,
}

/// A variable's value that comes from the store.
struct Borrowed {
    variable: &'static str,
    reference: String,
    secret: Secret,
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Identity").field("chain", &self.current().chain).finish_non_exhaustive()
    }
}

impl Identity {
    /// The identity that the variables say. Secrets are read for it; nothing is asked of Entra yet.
    pub(crate) async fn of_variables(
        environment: &Environment,
        http: Arc<dyn HttpClient>,
        secrets: Arc<Secrets>,
    ) -> Result<Self, Failure> {
        let borrowed = borrow(environment, &secrets).await?;
        for Borrowed { variable, reference, secret } in &borrowed {
            render::say_note(&format!("{variable} is the secret {reference} from {}", secret.source()));
        }
        let signed_in = sign_in(environment, &http, borrowed).map_err(crate::connect::ConnectError::Settings)?;
        Ok(Self {
            environment: environment.clone(),
            http,
            secrets,
            current: RwLock::new(Arc::new(signed_in)),
            renewing: tokio::sync::Mutex::default(),
        })
    }

    /// Whether the only token is one that somebody gave: for Fabric, and for nothing else.
    pub(crate) fn is_given(&self) -> bool {
        self.current().chain.method() == Method::Token
    }

    /// How it signs in.
    pub(crate) fn method(&self) -> Method {
        self.current().chain.method()
    }

    /// The token for these scopes.
    pub(crate) async fn token(&self, scopes: &[&str]) -> Result<AccessToken, ChainError> {
        let current = self.current();
        match current.chain.token(scopes).await {
            Err(refused) if is_refused(&refused) && !current.borrowed.is_empty() => match self.renew(&current).await {
                Some(newer) => newer.chain.token(scopes).await,
                None => Err(refused),
            },
            outcome => outcome,
        }
    }

    /// The identity with secrets that are newer than those of `refused`, if there are any. Callers that meet one rotation
    /// share one question.
    async fn renew(&self, refused: &Arc<SignedIn>) -> Option<Arc<SignedIn>> {
        let _renewing = self.renewing.lock().await;
        let current = self.current();
        if !Arc::ptr_eq(&current, refused) {
            return Some(current);
        }
        let mut asks_again = false;
        for borrowed in &refused.borrowed {
            asks_again |= self.secrets.reject(&borrowed.reference, &borrowed.secret).await;
        }
        if !asks_again {
            return None;
        }
        let borrowed = match borrow(&self.environment, &self.secrets).await {
            Ok(borrowed) => borrowed,
            Err(error) => {
                tracing::warn!(%error, "a credential was refused, and could not be read again");
                return None;
            }
        };
        let same = |(old, new): (&Borrowed, &Borrowed)| old.secret.value().expose() == new.secret.value().expose();
        if refused.borrowed.iter().zip(&borrowed).all(same) {
            return None;
        }
        let renewed = Arc::new(sign_in(&self.environment, &self.http, borrowed).ok()?);
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&renewed);
        tracing::info!("a credential was rotated, and its new value is used");
        Some(renewed)
    }

    fn current(&self) -> Arc<SignedIn> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl TokenCredential for Identity {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let context = options.as_ref().map(|options| &options.method_options.context);
        if let Some(refused) = context.and_then(|context| context.value::<RefusedToken>()) {
            self.current().chain.forget(|token| refused.is(token));
        }
        Ok(self.token(scopes).await?)
    }
}

/// Whether Entra said no: 400 and 401 are what it answers to a credential that it does not take.
fn is_refused(error: &ChainError) -> bool {
    matches!(error.reason, FailureReason::Refused { status: 400 | 401, .. })
}

async fn borrow(environment: &Environment, secrets: &Secrets) -> Result<Vec<Borrowed>, Failure> {
    let mut borrowed = Vec::new();
    for (variable, reference) in borrowing(environment) {
        let secret = secrets
            .get(reference)
            .await
            .map_err(|error| SecretsError::Reference { place: variable.to_owned(), error })?;
        borrowed.push(Borrowed { variable, reference: reference.to_owned(), secret });
    }
    Ok(borrowed)
}

fn sign_in(
    environment: &Environment,
    http: &Arc<dyn HttpClient>,
    borrowed: Vec<Borrowed>,
) -> Result<SignedIn, SettingsError> {
    let look_up = |name: &str| match borrowed.iter().find(|borrowed| borrowed.variable == name) {
        Some(borrowed) => Some(borrowed.secret.value().expose().to_owned()),
        None => environment.get(name).map(str::to_owned),
    };
    let chain = CredentialChain::builder(&look_up).transport(Arc::clone(http)).build()?;
    Ok(SignedIn { chain, borrowed })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connect;

    /// As whom the vault is opened.
    fn opener(variables: &[(&str, &str)]) -> Result<Method, SettingsError> {
        let http = connect::transport().unwrap();
        of_vault(&Environment::of(variables), &http).map(|chain| chain.method())
    }

    const PRINCIPAL: [(&str, &str); 2] = [("AZURE_CLIENT_ID", "c"), ("AZURE_TENANT_ID", "t")];
    const KEPT: (&str, &str) = ("AZURE_CLIENT_SECRET", "${secret:fabric-client-secret}");

    fn with(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        PRINCIPAL.into_iter().chain(more.iter().copied()).collect()
    }

    #[test]
    fn the_vault_is_opened_without_what_is_kept_in_it() {
        assert_eq!(opener(&with(&[KEPT])), Ok(Method::AzureCli));
        assert_eq!(opener(&with(&[KEPT, ("FABRIC_AUTH", "client-secret")])), Ok(Method::AzureCli));
        let managed = [KEPT, ("FABRIC_AUTH", "client-secret"), ("KEY_VAULT_AUTH", "managed-identity")];
        assert_eq!(opener(&with(&managed)), Ok(Method::ManagedIdentity));
        let federated = [KEPT, ("AZURE_FEDERATED_TOKEN_FILE", "assertion")];
        assert_eq!(opener(&with(&federated)), Ok(Method::FederatedToken));
    }

    #[test]
    fn a_token_for_fabric_opens_no_vault() {
        assert_eq!(opener(&[("FABRIC_TOKEN", "x")]), Ok(Method::AzureCli));
        let both = [("FABRIC_TOKEN", "x"), ("FABRIC_AUTH", "token"), ("AZURE_CLIENT_SECRET", "s")];
        assert_eq!(opener(&with(&both)), Ok(Method::ClientSecret));
    }

    #[test]
    fn otherwise_it_is_the_same_identity() {
        assert_eq!(opener(&with(&[("AZURE_CLIENT_SECRET", "s")])), Ok(Method::ClientSecret));
        assert_eq!(opener(&with(&[("FABRIC_AUTH", "managed-identity")])), Ok(Method::ManagedIdentity));
        let two = [("AZURE_CLIENT_SECRET", "s"), ("AZURE_CLIENT_CERTIFICATE_PATH", "x.pem")];
        assert!(matches!(opener(&with(&two)), Err(SettingsError::Contradiction { .. })));
    }
}
