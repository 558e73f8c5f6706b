//! Which application asks, and whether it proves it.

use http::StatusCode;
use uuid::Uuid;

use super::assertion;
use super::wording::{bad, not_proven, numbered};
use crate::call::Query;
use crate::services::{Refused, ServiceCall};
use crate::world::defaults::TENANT;
use crate::world::entities::{Principal, PrincipalKind};

/// The Azure CLI's, which developers' tools borrow for their sign-in of persons.
const AZURE_CLI: Uuid = Uuid::from_u128(0x04b0_7795_8ddb_461a_bbee_02f9_e1bf_7b46);

/// A field that the form must have.
pub(super) fn required<'a>(form: &'a Query, name: &str) -> Result<&'a str, Refused> {
    form.get(name).filter(|value| !value.is_empty()).ok_or_else(|| {
        bad("invalid_request", 900_144, format!("The request body must contain the following parameter: '{name}'."))
    })
}

/// The service principal of the form, once it has proven itself.
pub(super) fn proven(call: &ServiceCall<'_>, form: &Query) -> Result<Principal, Refused> {
    let client = required(form, "client_id")?;
    let principal = of_client(call, client).ok_or_else(|| unknown(client))?;
    match (form.get("client_secret"), form.get("client_assertion")) {
        (Some(secret), _) => by_secret(principal, client, secret)?,
        (None, Some(presented)) => {
            let kind = required(form, "client_assertion_type")?;
            if kind != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" {
                let text = format!("The client assertion type '{kind}' is not supported.");
                return Err(bad("invalid_request", 50_027, text));
            }
            assertion::check(call, principal, client, presented)?;
        }
        (None, None) => {
            let text =
                "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.";
            return Err(not_proven(7_000_216, text));
        }
    }
    Ok(principal.clone())
}

/// The application of a form in which a person signs in: it proves nothing.
pub(super) fn public(call: &ServiceCall<'_>, form: &Query) -> Result<Uuid, Refused> {
    let client = required(form, "client_id")?;
    let id = client.parse::<Uuid>().ok();
    id.filter(|id| *id == AZURE_CLI || of_client(call, client).is_some()).ok_or_else(|| unknown(client))
}

fn of_client<'a>(call: &'a ServiceCall<'_>, client: &str) -> Option<&'a Principal> {
    let id: Uuid = client.parse().ok()?;
    let mut principals = call.world.principals.iter();
    principals.find(|known| known.kind == PrincipalKind::ServicePrincipal && known.app_id == Some(id))
}

fn by_secret(principal: &Principal, client: &str, secret: &str) -> Result<(), Refused> {
    let held = &principal.credentials;
    if held.secrets.iter().any(|known| known == secret) {
        return Ok(());
    }
    if held.expired_secrets.iter().any(|known| known == secret) {
        let text = format!(
            "The provided client secret keys for app '{client}' are expired. Visit the Azure portal to create new keys for \
             your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: \
             https://aka.ms/certCreds."
        );
        return Err(not_proven(7_000_222, text));
    }
    let text = format!(
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the \
         client secret ID, for a secret added to app '{client}'."
    );
    Err(not_proven(7_000_215, text))
}

fn unknown(client: &str) -> Refused {
    let text = format!(
        "Application with identifier '{client}' was not found in the directory '{TENANT}'. This can happen if the \
         application has not been installed by the administrator of the tenant or consented to by any user in the tenant. \
         You may have sent your authentication request to the wrong tenant."
    );
    numbered(StatusCode::BAD_REQUEST, "unauthorized_client", 700_016, text)
}
