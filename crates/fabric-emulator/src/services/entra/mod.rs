//! Microsoft Entra: gives tokens for this emulator's Fabric and the services beside it.

mod discovery;
mod wording;

use http::Method;

use super::{Definition, ServiceRoute};

pub(super) static DEFINITION: Definition = Definition {
    routes: &[ServiceRoute {
        method: Method::GET,
        template: "/{tenant}/v2.0/.well-known/openid-configuration",
        operation: "OpenIdConfiguration",
        mutating: false,
        handler: discovery::configuration,
    }],
    word: wording::word,
};
