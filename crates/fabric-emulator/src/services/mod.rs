//! The services beside Fabric that the tool talks to. Each has a listener of its own, in the same world and time.
//!
//! A service is a [`Definition`]: a table of routes and the way it words refusals. To add one, add it to [`Service`],
//! give it a definition, and where it remembers something of its own, a field in [`Memory`].

mod application_insights;
mod call;
mod dispatch;
mod entra;
mod github;
mod graph;
mod key_vault;
mod reply;

use http::Method;
use serde::{Deserialize, Serialize};

pub use entra::IDENTITY_HEADER;

pub(crate) use call::ServiceCall;
pub(crate) use dispatch::{handle, operation_of};
pub(crate) use reply::{Refused, ServiceReply};

/// A service that the emulator can offer. Its serialised name is the one of the line that `emulator serve` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Service {
    /// The Fabric API; always there.
    #[default]
    Fabric,
    /// Microsoft Entra: tokens for secrets, assertions, device codes and managed identities.
    Entra,
    /// Azure Key Vault: one vault with secrets.
    KeyVault,
    /// GitHub's sign-in.
    GitHub,
    /// Microsoft Graph: users, groups and service principals.
    Graph,
    /// Application Insights: takes telemetry.
    #[serde(rename = "appinsights")]
    ApplicationInsights,
}

impl Service {
    /// Those that are started only where they are asked for.
    pub const BESIDE_FABRIC: &[Self] =
        &[Self::Entra, Self::KeyVault, Self::GitHub, Self::Graph, Self::ApplicationInsights];

    /// Its routes and its way of refusing; `None`: Fabric, which has a table of its own.
    fn definition(self) -> Option<&'static Definition> {
        match self {
            Self::Fabric => None,
            Self::Entra => Some(&entra::DEFINITION),
            Self::KeyVault => Some(&key_vault::DEFINITION),
            Self::GitHub => Some(&github::DEFINITION),
            Self::Graph => Some(&graph::DEFINITION),
            Self::ApplicationInsights => Some(&application_insights::DEFINITION),
        }
    }
}

/// A route that changes nothing.
const fn read(
    method: Method,
    template: &'static str,
    operation: &'static str,
    handler: ServiceHandler,
) -> ServiceRoute {
    ServiceRoute { method, template, operation, mutating: false, handler }
}

/// A route that may change something.
const fn write(
    method: Method,
    template: &'static str,
    operation: &'static str,
    handler: ServiceHandler,
) -> ServiceRoute {
    ServiceRoute { method, template, operation, mutating: true, handler }
}

/// What carries a request to a service out. It changes the world only once nothing can refuse the request any more.
pub(crate) type ServiceHandler = fn(&mut ServiceCall<'_>) -> Result<ServiceReply, Refused>;

/// What a service consists of.
pub(crate) struct Definition {
    pub(crate) routes: &'static [ServiceRoute],
    /// Words a refusal, whether a route or a fault is its cause.
    pub(crate) word: fn(&Refused, &ServiceCall<'_>) -> ServiceReply,
}

/// One operation of a service.
pub(crate) struct ServiceRoute {
    pub(crate) method: Method,
    /// The path, with parameters in braces.
    pub(crate) template: &'static str,
    /// What a fault or a reader of the requests calls it.
    pub(crate) operation: &'static str,
    /// Whether it may change anything.
    pub(crate) mutating: bool,
    pub(crate) handler: ServiceHandler,
}

/// What services remember that is not part of the world: it is not kept across restarts.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    entra: entra::EntraMemory,
    pub(crate) application_insights: application_insights::InsightsMemory,
    github: github::GitHubMemory,
}
