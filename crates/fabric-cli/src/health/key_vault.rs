//! Whether the vault can be read, where secrets come from one.

use fabric_deploy::report;
use fabric_flags::Feature;
use fabric_secrets::{Error, SecretName, SecretStore, Version};

use super::{Finding, Surroundings};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::secrets::SecretsError;

/// A secret that nobody is expected to have: whoever may read is told so, and whoever may not is refused.
const PROBE: &str = "fabric-cli-health";

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let context = surroundings.context;
    if !context.flags.is_on(Feature::KeyVault) {
        return Ok(Finding::disabled("FEATURE_USE_KEY_VAULT is off: secrets come from the environment and .env"));
    }
    let secrets = context.secrets().map_err(|failure| refused(&failure))?;
    let vault = secrets.vault().ok_or_else(|| Finding::disabled("there is no vault"))?;
    let name = SecretName::parse(PROBE).map_err(|error| refused(&SecretsError::Name(error).into()))?;
    match vault.store.get(&name, &Version::latest()).await {
        Ok(_) | Err(Error::NotFound { .. }) => Ok(Finding::healthy(format!("readable, signed in by {}", vault.method))),
        Err(error) => {
            let found = refused(&SecretsError::Store(error).into());
            Err(Finding { detail: format!("signing in by {}: {}", vault.method, found.detail), ..found })
        }
    }
}

fn refused(failure: &Failure) -> Finding {
    let detail = report::error_text(failure).replace('\n', "; ");
    let advice = failure.remedy().unwrap_or_else(|| "check KEY_VAULT_URL, and who may read the vault".to_owned());
    match failure.exit() {
        Exit::Denied => Finding::denied(detail, advice),
        _ => Finding::unhealthy(detail, advice),
    }
}
