//! Microsoft Entra: gives tokens for this emulator's Fabric and the services beside it.

mod application;
mod assertion;
mod device_code;
mod discovery;
mod grant;
mod managed_identity;
mod wording;

pub use managed_identity::IDENTITY_HEADER;

use std::collections::HashMap;

use http::Method;

use super::{Definition, read, write};

pub(super) static DEFINITION: Definition = Definition {
    routes: &[
        read(
            Method::GET,
            "/{tenant}/v2.0/.well-known/openid-configuration",
            "OpenIdConfiguration",
            discovery::configuration,
        ),
        read(Method::GET, "/{tenant}/discovery/v2.0/keys", "Keys", discovery::keys),
        read(Method::GET, "/{tenant}/discovery/instance", "DiscoverInstance", discovery::instance),
        write(Method::POST, "/{tenant}/oauth2/v2.0/token", "Token", grant::token),
        write(Method::POST, "/{tenant}/oauth2/v2.0/devicecode", "DeviceCode", device_code::begin),
        read(Method::GET, "/devicelogin", "DeviceLoginPage", device_code::page),
        write(Method::POST, "/devicelogin", "DeviceLogin", device_code::decide),
        read(Method::GET, "/metadata/identity/oauth2/token", "MachineIdentityToken", managed_identity::machine),
        read(Method::GET, "/msi/token", "AppServiceIdentityToken", managed_identity::app_service),
    ],
    word: wording::word,
};

/// What Entra remembers between requests.
#[derive(Debug, Default)]
pub(crate) struct EntraMemory {
    /// By device code.
    pending: HashMap<String, device_code::Pending>,
    /// Who a refresh token is for, by the token.
    refresh_tokens: HashMap<String, grant::Refresh>,
}
