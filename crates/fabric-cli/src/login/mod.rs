//! Signing in as a person, with a code that is typed elsewhere. Never needed in a pipeline.

mod browser;
mod keep;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::SystemTime;

use fabric_identity::{Cloud, DeviceCodeError, DeviceCodeFlow, Invitation, Tokens};
use secrecy::{ExposeSecret, SecretString};

use crate::arguments::git::LoginProvider;
use crate::commands::Context;
use crate::connect;
use crate::environment::Environment;
use crate::failure::Failure;
use crate::variables::{AUTHORITY, GITHUB_CLIENT_ID, GITHUB_URL, LOGIN_CLIENT_ID, LOGIN_TENANT, TOKEN_FILE};
use crate::{interrupt, render};

pub(crate) use keep::KeepError;
use keep::{Keeper, Kept};

/// Microsoft's public client for command lines, which every tenant knows: the Azure CLI's.
const AZURE_CLI: &str = "04b07795-8ddb-461a-bbee-02f9e1bf7b46";
/// Read and write access to the contents of the person's repositories.
const GITHUB_SCOPE: &str = "repo";
/// A token that counts for less than this is renewed.
const MARGIN: i64 = 120;

/// How the person is invited.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wishes {
    /// The application to sign in to.
    pub(crate) client_id: Option<String>,
    /// Entra's tenant.
    pub(crate) tenant: Option<String>,
    /// Open the page in a browser.
    pub(crate) open: bool,
    /// Keep what is granted in this file.
    pub(crate) token_file: Option<PathBuf>,
}

/// Who is signed in to, and as which application.
struct Service {
    place: String,
    tenant: String,
    client: String,
    scope: String,
}

impl Service {
    fn new(provider: LoginProvider, wishes: &Wishes, environment: &Environment) -> Result<Self, Failure> {
        let wished =
            |wish: &Option<String>, variable| wish.clone().or_else(|| environment.value(variable).map(str::to_owned));
        Ok(match provider {
            LoginProvider::GitHub => Self {
                place: environment.value(&GITHUB_URL).unwrap_or("https://github.com").to_owned(),
                tenant: String::new(),
                client: wished(&wishes.client_id, &GITHUB_CLIENT_ID).ok_or(Failure::NoClientId)?,
                scope: GITHUB_SCOPE.to_owned(),
            },
            LoginProvider::Entra => {
                let lookup = |name: &str| environment.get(name).map(str::to_owned);
                let cloud = Cloud::of_variables(lookup).map_err(connect::ConnectError::Settings)?;
                Self {
                    place: environment.value(&AUTHORITY).unwrap_or("https://login.microsoftonline.com").to_owned(),
                    tenant: wished(&wishes.tenant, &LOGIN_TENANT).unwrap_or_else(|| "organizations".to_owned()),
                    client: wished(&wishes.client_id, &LOGIN_CLIENT_ID).unwrap_or_else(|| AZURE_CLI.to_owned()),
                    scope: format!("{} offline_access", cloud.scope()),
                }
            }
        })
    }

    fn of(kept: &Kept) -> Self {
        let Kept { place, tenant, client, scope, .. } = kept.clone();
        Self { place, tenant, client, scope }
    }

    fn flow(&self, provider: LoginProvider) -> Result<DeviceCodeFlow, Failure> {
        let transport = connect::transport()?;
        let flow = match provider {
            LoginProvider::GitHub => DeviceCodeFlow::github(&self.place, &self.client, &self.scope, transport),
            LoginProvider::Entra => {
                DeviceCodeFlow::entra(&self.place, &self.tenant, &self.client, &self.scope, transport)
            }
        };
        Ok(flow?)
    }

    fn keep(self, tokens: &Tokens) -> Kept {
        let expires = tokens.expires_in.map(|lasts| now() + i64::try_from(lasts.as_secs()).unwrap_or(i64::MAX / 2));
        Kept {
            access: tokens.access.clone(),
            refresh: tokens.refresh.clone(),
            expires,
            place: self.place,
            tenant: self.tenant,
            client: self.client,
            scope: self.scope,
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a token that is kept expires by the calendar")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn keeper(file: Option<&PathBuf>, environment: &Environment) -> Keeper {
    match file.cloned().or_else(|| environment.value(&TOKEN_FILE).map(PathBuf::from)) {
        Some(file) => Keeper::File(file),
        None => Keeper::of_system(),
    }
}

/// Invites the person and waits. Gives what was granted, and where it is kept; `None`: only in this process.
pub(crate) async fn sign_in(
    provider: LoginProvider,
    wishes: &Wishes,
    context: &Context,
) -> Result<(SecretString, Option<String>), Failure> {
    let service = Service::new(provider, wishes, &context.environment)?;
    let flow = service.flow(provider)?;
    let keeper = keeper(wishes.token_file.as_ref(), &context.environment);
    admitted(provider, service, &flow, &keeper, |invitation| invite(invitation, wishes.open)).await
}

async fn admitted(
    provider: LoginProvider,
    service: Service,
    flow: &DeviceCodeFlow,
    keeper: &Keeper,
    invite: impl FnOnce(&Invitation),
) -> Result<(SecretString, Option<String>), Failure> {
    // Whoever cannot keep a sign-in says so before the person is asked for it.
    keeper.get(provider.name())?;
    let granted = async {
        let invitation = flow.begin().await?;
        invite(&invitation);
        flow.wait(&invitation).await
    };
    let tokens = tokio::select! {
        // First: who cancels may do so as soon as the code is shown.
        biased;
        signalled = interrupt::wait() => {
            signalled?;
            return Err(Failure::Cancelled);
        }
        tokens = granted => tokens?,
    };
    let kept = service.keep(&tokens);
    match keeper.put(provider.name(), &kept) {
        Ok(()) => Ok((tokens.access, Some(keeper.to_string()))),
        Err(KeepError::NoKeyring(reason)) => {
            tracing::info!(reason, "there is no keyring");
            Ok((tokens.access, None))
        }
        Err(error) => Err(error.into()),
    }
}

fn invite(invitation: &Invitation, open: bool) {
    let Invitation { user_code, page, .. } = invitation;
    render::say_note(&format!("open {page} and enter the code {user_code}"));
    if open {
        browser::open(page);
    }
}

/// The token of an earlier sign-in, renewed where that is due; `None`: there was none, or it counts no more.
pub(crate) async fn token(provider: LoginProvider, environment: &Environment) -> Result<Option<SecretString>, Failure> {
    token_of(provider, &keeper(None, environment)).await
}

async fn token_of(provider: LoginProvider, keeper: &Keeper) -> Result<Option<SecretString>, Failure> {
    let Some(kept) = keeper.get(provider.name())? else { return Ok(None) };
    if kept.expires.is_none_or(|expires| expires > now() + MARGIN) {
        return Ok(Some(kept.access));
    }
    let Some(refresh) = &kept.refresh else { return Ok(None) };
    let service = Service::of(&kept);
    match service.flow(provider)?.refresh(refresh).await {
        Ok(tokens) => {
            keeper.put(provider.name(), &service.keep(&tokens))?;
            Ok(Some(tokens.access))
        }
        Err(DeviceCodeError::Refused { message, .. }) => {
            render::say_warning(&format!("the sign-in counts no more: {message}"));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Forgets an earlier sign-in. Says whether there was one.
pub(crate) fn forget(
    provider: LoginProvider,
    token_file: Option<&PathBuf>,
    environment: &Environment,
) -> Result<bool, Failure> {
    Ok(keeper(token_file, environment).remove(provider.name())?)
}

/// The text of a secret, for the one call that needs it.
pub(crate) fn exposed(secret: &SecretString) -> String {
    secret.expose_secret().to_owned()
}
