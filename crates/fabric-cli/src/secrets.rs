//! The one store of secrets of this process: the vault where `FEATURE_USE_KEY_VAULT` is on, the environment, `.env`.
//!
//! What a configuration writes as `${secret:name}` or `${secret:name/version}` comes from here, and so does a credential
//! variable whose value is such a reference.

#[cfg(test)]
mod outage;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::HttpClient;
use fabric_deploy::desired::DesiredState;
use fabric_deploy::diagnostic::{Diagnostic, Diagnostics};
use fabric_deploy::secret::{self as content, MissingSecret, SecretFailure, SecretSource, SecretValue};
use fabric_flags::{Feature, Snapshot};
use fabric_identity::{Method, SettingsError};
use fabric_secrets::{
    CacheSettings, CachedStore, Chain, Clock, Error, KeyVaultStore, NameError, Secret, SecretName, SecretStore, Source,
    VariablesStore, VaultUrlError, Version,
};
use thiserror::Error;

use crate::commands::Context;
use crate::connect::ConnectError;
use crate::delivery::Masks;
use crate::environment::{Environment, Origin};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::identity;
use crate::layers::{self, CallSettings};
use crate::variables::{GITHUB_TOKEN, GRAPH_TOKEN, KEY_VAULT_URL, SECRET_CACHE_TTL};

/// What a reference begins with.
pub(crate) const OPENING: &str = "${secret:";

/// Every secret of this process comes from here.
#[derive(Debug)]
pub(crate) struct Secrets {
    store: Arc<dyn SecretStore>,
    vault: Option<Vault>,
    masks: Masks,
}

/// The vault itself, for what only a vault can do.
#[derive(Debug)]
pub(crate) struct Vault {
    pub(crate) store: Arc<KeyVaultStore>,
    /// As whom it is opened.
    pub(crate) method: Method,
}

/// Why secrets cannot be had.
#[derive(Debug, Error)]
pub(crate) enum SecretsError {
    #[error("FEATURE_USE_KEY_VAULT is on, and KEY_VAULT_URL is not set")]
    NoVault,
    #[error("KEY_VAULT_URL: {0}")]
    VaultUrl(#[from] VaultUrlError),
    #[error("SECRET_CACHE_TTL: it is not a whole number of seconds")]
    CacheTtl,
    #[error("it is not clear who opens the vault: {0}")]
    Identity(#[source] SettingsError),
    #[error("{place}: {error}")]
    Reference { place: String, error: ReferenceError },
    #[error("{0}")]
    References(Diagnostics, Exit),
    #[error(transparent)]
    Store(#[from] Error),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error("secrets can only be written to a vault, and FEATURE_USE_KEY_VAULT is off")]
    Off,
    #[error("there is no value on standard input")]
    NoValue,
}

/// Why one reference has no value.
#[derive(Debug, Error)]
pub(crate) enum ReferenceError {
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Store(#[from] Error),
}

impl Secrets {
    /// The store for these flags. Nothing is sent.
    ///
    /// Off: the environment, then `.env`; nothing of the vault is entered. On: the vault behind a cache comes first, and
    /// the others are asked only if it has no such secret or gives no answer.
    pub(crate) fn open(
        environment: &Environment,
        flags: &Snapshot,
        calls: CallSettings,
        clock: Arc<dyn Clock>,
        masks: Masks,
        http: impl FnOnce() -> Result<Arc<dyn HttpClient>, ConnectError>,
    ) -> Result<Self, Failure> {
        let of_process = Arc::new(variables(environment, Origin::Process));
        let of_file = Arc::new(variables(environment, Origin::File));
        if !flags.is_on(Feature::KeyVault) {
            return Ok(Self { store: Arc::new(Chain::new(of_process).or(of_file)), vault: None, masks });
        }
        let url = environment.value(&KEY_VAULT_URL).ok_or(SecretsError::NoVault)?;
        let settings = cache_settings(environment)?;
        let http = http()?;
        let opener = identity::of_vault(environment, &http).map_err(SecretsError::Identity)?;
        let method = opener.method();
        let calls = layers::for_vault(http, flags, calls);
        let mut vault = KeyVaultStore::new(url, Arc::new(opener), calls.http).map_err(SecretsError::VaultUrl)?;
        if let Some(deadline) = calls.deadline {
            vault = vault.deadline(deadline);
        }
        let vault = Arc::new(vault);
        let cached = CachedStore::with_clock(Arc::clone(&vault) as Arc<dyn SecretStore>, settings, clock);
        let store = Chain::new(Arc::new(cached)).or(of_process).or(of_file);
        Ok(Self { store: Arc::new(store), vault: Some(Vault { store: vault, method }), masks })
    }

    /// The vault, where there is one.
    pub(crate) fn vault(&self) -> Option<&Vault> {
        self.vault.as_ref()
    }

    /// The secret that a reference names: `name` or `name/version`.
    pub(crate) async fn get(&self, reference: &str) -> Result<Secret, ReferenceError> {
        let (name, version) = parse(reference)?;
        let secret = self.store.get(&name, &version).await?;
        fabric_telemetry::register_secret(secret.value().expose());
        if *secret.source() != Source::Environment {
            self.masks.hide(secret.value().expose());
        }
        Ok(secret)
    }

    /// Says that whoever `rejected` was shown to did not accept it. Returns whether the store will be asked again.
    pub(crate) async fn reject(&self, reference: &str, rejected: &Secret) -> bool {
        match parse(reference) {
            Ok((name, version)) if version.id().is_none() => self.store.invalidate(&name, rejected).await,
            _ => false,
        }
    }

    /// The values of everything that `desired` refers to, or all that have none, each with its places.
    pub(crate) async fn values_for(self: &Arc<Self>, desired: &DesiredState) -> Result<content::Secrets, SecretsError> {
        let source = Arc::clone(self) as Arc<dyn SecretSource>;
        content::Secrets::read(source, desired).await.map_err(missing)
    }
}

/// What `text` refers to, if it is a reference and nothing else.
pub(crate) fn reference(text: &str) -> Option<&str> {
    text.trim().strip_prefix(OPENING)?.strip_suffix('}').map(str::trim)
}

/// Credential variables beside those of the identity whose value may be `${secret:name}`.
const ALSO_BORROWING: [&str; 2] = [GITHUB_TOKEN.name, GRAPH_TOKEN.name];

/// Every credential variable that refers to a secret, and the reference.
pub(crate) fn borrowing(environment: &Environment) -> impl Iterator<Item = (&'static str, &str)> {
    let also = ALSO_BORROWING.into_iter();
    let also = also.filter_map(|variable| Some((variable, reference(environment.get(variable)?)?)));
    identity::borrowing(environment).chain(also)
}

/// The value of the first of these credential variables that is set: of the secret that it refers to, where it does.
pub(crate) async fn meant(variables: &[&str], context: &Context) -> Result<Option<String>, Failure> {
    let set = |name: &&str| Some(((*name).to_owned(), context.environment.get(name)?));
    let Some((place, value)) = variables.iter().find_map(set) else { return Ok(None) };
    let Some(reference) = reference(value) else { return Ok(Some(value.to_owned())) };
    let secret = context.secrets()?.get(reference).await;
    let secret = secret.map_err(|error| SecretsError::Reference { place, error })?;
    Ok(Some(secret.value().expose().to_owned()))
}

/// The secret and version that a reference names.
pub(crate) fn parse(reference: &str) -> Result<(SecretName, Version), NameError> {
    Ok(match reference.split_once('/') {
        Some((name, version)) => (SecretName::parse(name)?, Version::pinned(version)?),
        None => (SecretName::parse(reference)?, Version::latest()),
    })
}

/// What is wrong with the names that `desired` refers to, as far as can be known without a store.
pub(crate) fn check_names(desired: &DesiredState) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    for reference in desired.secret_references() {
        if let Err(error) = parse(&reference.name) {
            let found = finding("secret-name", error.to_string(), reference.place.clone());
            diagnostics.push(found.remedy("correct the name; `secrets list` tells those that the vault has"));
        }
    }
    diagnostics
}

/// The variables of one origin, but for those that only refer to secrets.
fn variables(environment: &Environment, origin: Origin) -> VariablesStore {
    let environment = environment.clone();
    let look_up = move |name: &str| match environment.find(name) {
        Some((value, found)) if found == origin && reference(value).is_none() => Some(value.to_owned()),
        _ => None,
    };
    match origin {
        Origin::Process => VariablesStore::environment(look_up),
        Origin::File => VariablesStore::env_file_with(look_up),
    }
}

/// How long a secret is believed: as before, in seconds.
fn cache_settings(environment: &Environment) -> Result<CacheSettings, SecretsError> {
    let Some(text) = environment.value(&SECRET_CACHE_TTL) else { return Ok(CacheSettings::default()) };
    let seconds: u64 = text.trim().parse().map_err(|_| SecretsError::CacheTtl)?;
    Ok(CacheSettings { ttl: Duration::from_secs(seconds), ..CacheSettings::default() })
}

#[async_trait]
impl SecretSource for Secrets {
    async fn get(&self, name: &str) -> Result<SecretValue, content::SecretError> {
        let secret = Secrets::get(self, name)
            .await
            .map_err(|error| content::SecretError { failure: error.failure(), message: error.to_string() })?;
        let again = match (&secret.properties().version, name.split_once('/')) {
            (Some(version), None) => format!("{name}/{version}"),
            _ => name.to_owned(),
        };
        Ok(SecretValue::new(secret.value().expose().to_owned().into(), again))
    }
}

impl ReferenceError {
    pub(crate) fn failure(&self) -> SecretFailure {
        match self {
            Self::Name(_) | Self::Store(Error::NotFound { .. }) => SecretFailure::Missing,
            Self::Store(Error::Denied { .. } | Error::NotSignedIn { .. }) => SecretFailure::Denied,
            Self::Store(Error::Unreachable { .. }) => SecretFailure::Unreachable,
            Self::Store(Error::Unusable { .. }) => SecretFailure::Other,
        }
    }
}

/// What does not exist comes before what is refused, and that before what gives no answer: only the last may mend itself.
pub(crate) fn exit_of(failures: impl IntoIterator<Item = SecretFailure>) -> Option<Exit> {
    let failures: Vec<_> = failures.into_iter().collect();
    let exits = [
        (SecretFailure::Missing, Exit::InvalidInput),
        (SecretFailure::Denied, Exit::Denied),
        (SecretFailure::Other, Exit::Failed),
        (SecretFailure::Unreachable, Exit::TryLater),
    ];
    exits.into_iter().find(|(failure, _)| failures.contains(failure)).map(|(_, exit)| exit)
}

/// What `failure` asks for.
pub(crate) fn remedy_of(failure: SecretFailure) -> &'static str {
    match failure {
        SecretFailure::Missing => {
            "correct the name, write the secret with `fabric-cli secrets set NAME`, or set the variable of that name"
        }
        SecretFailure::Denied => {
            "give the identity that opens the vault the role \"Key Vault Secrets User\", or correct that identity; a \
             refused secret is never taken from elsewhere"
        }
        SecretFailure::Unreachable => "check network and proxy, and the address in KEY_VAULT_URL; then try again",
        SecretFailure::Other => "check the address in KEY_VAULT_URL, and what is between here and the vault",
    }
}

fn missing(missing: Vec<MissingSecret>) -> SecretsError {
    let exit = exit_of(missing.iter().map(|secret| secret.error.failure)).unwrap_or(Exit::Failed);
    let mut diagnostics = Diagnostics::new();
    for secret in missing {
        let code = match secret.error.failure {
            SecretFailure::Missing => "secret-missing",
            SecretFailure::Denied => "secret-denied",
            SecretFailure::Unreachable => "secret-unreachable",
            SecretFailure::Other => "secret-unusable",
        };
        for place in secret.places {
            let found = finding(code, secret.error.message.clone(), place);
            diagnostics.push(found.remedy(remedy_of(secret.error.failure)));
        }
    }
    SecretsError::References(diagnostics.sorted(), exit)
}

fn finding(code: &'static str, message: String, place: fabric_deploy::diagnostic::Place) -> Diagnostic {
    Diagnostic::error(code, message).at(place)
}

impl SecretsError {
    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoVault | Self::VaultUrl(_) | Self::CacheTtl | Self::Name(_) | Self::Off | Self::NoValue => {
                Exit::InvalidInput
            }
            Self::Identity(SettingsError::Incomplete { .. }) => Exit::Denied,
            Self::Identity(_) => Exit::InvalidInput,
            Self::Reference { error, .. } => exit_of([error.failure()]).unwrap_or(Exit::Failed),
            Self::References(_, exit) => *exit,
            Self::Store(error) => exit_of([failure_of(error)]).unwrap_or(Exit::Failed),
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> Option<String> {
        Some(match self {
            Self::NoVault => {
                "set KEY_VAULT_URL to https://NAME.vault.azure.net, or turn FEATURE_USE_KEY_VAULT off".to_owned()
            }
            Self::VaultUrl(_) => "correct KEY_VAULT_URL".to_owned(),
            Self::CacheTtl => "write 3600 for an hour, or unset SECRET_CACHE_TTL".to_owned(),
            Self::Identity(error) => format!("{}; KEY_VAULT_AUTH says it for the vault alone", error.remedy()),
            Self::Reference { error, .. } => remedy_of(error.failure()).to_owned(),
            Self::Store(error) => remedy_of(failure_of(error)).to_owned(),
            Self::Off => "turn FEATURE_USE_KEY_VAULT on and set KEY_VAULT_URL, or set the variable yourself".to_owned(),
            Self::NoValue => "pipe the value in: `fabric-cli secrets set NAME < FILE`".to_owned(),
            Self::Name(_) | Self::References(..) => return None,
        })
    }
}

fn failure_of(error: &Error) -> SecretFailure {
    ReferenceError::Store(error.clone()).failure()
}

/// What a reference came to, in a word.
pub(crate) fn status_of(failure: SecretFailure) -> &'static str {
    match failure {
        SecretFailure::Missing => "missing",
        SecretFailure::Denied => "denied",
        SecretFailure::Unreachable => "unreachable",
        SecretFailure::Other => "unusable",
    }
}

/// The name of a vault.
pub(crate) fn source_of(vault: &KeyVaultStore) -> Source {
    SecretStore::source(vault)
}

/// The name of a source for machines.
pub(crate) fn source_name(source: &Source) -> String {
    match source {
        Source::KeyVault { host } => format!("key-vault:{host}"),
        Source::Environment => "environment".to_owned(),
        Source::EnvironmentFile => "env-file".to_owned(),
        other => other.to_string(),
    }
}
