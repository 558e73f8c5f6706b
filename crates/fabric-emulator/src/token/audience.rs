//! Whom a token is meant for: the resources that Entra of the emulator knows.

/// A service that takes tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Audience {
    Fabric,
    KeyVault,
    Graph,
    /// One that the emulator does not offer, but gives tokens for.
    Elsewhere,
}

/// What Graph lets be read of a directory.
pub(super) const GRAPH_PERMISSIONS: [&str; 3] = ["User.Read.All", "Group.Read.All", "Application.Read.All"];

/// The audience of the control plane's tokens.
pub(crate) const FABRIC: &str = "https://api.fabric.microsoft.com";

/// The audience of tokens for Graph in the public cloud.
pub(crate) const GRAPH: &str = "https://graph.microsoft.com";

/// Resources in the public cloud and the sovereign ones. Tokens for the Power BI resource are accepted by Fabric too.
const RESOURCES: [(&str, Audience); 20] = [
    (FABRIC, Audience::Fabric),
    ("https://api.fabric.microsoft.us", Audience::Fabric),
    ("https://api.fabric.microsoft.cn", Audience::Fabric),
    ("https://analysis.windows.net/powerbi/api", Audience::Fabric),
    ("00000009-0000-0000-c000-000000000000", Audience::Fabric),
    ("https://vault.azure.net", Audience::KeyVault),
    ("https://vault.usgovcloudapi.net", Audience::KeyVault),
    ("https://vault.azure.cn", Audience::KeyVault),
    ("cfa8b339-82a2-471a-a3c9-0fc0be7a4093", Audience::KeyVault),
    (GRAPH, Audience::Graph),
    ("https://graph.microsoft.us", Audience::Graph),
    ("https://microsoftgraph.chinacloudapi.cn", Audience::Graph),
    ("00000003-0000-0000-c000-000000000000", Audience::Graph),
    ("https://management.azure.com", Audience::Elsewhere),
    ("https://management.core.windows.net", Audience::Elsewhere),
    ("https://storage.azure.com", Audience::Elsewhere),
    ("https://database.windows.net", Audience::Elsewhere),
    ("https://monitor.azure.com", Audience::Elsewhere),
    // Azure DevOps, by its id and by its address.
    ("499b84ac-1321-427f-aa17-267ca6975798", Audience::Elsewhere),
    ("https://app.vssps.visualstudio.com", Audience::Elsewhere),
];

impl Audience {
    /// Who is behind an audience; `None`: Entra does not know it.
    pub(crate) fn of(audience: &str) -> Option<Self> {
        let audience = audience.trim_end_matches('/');
        RESOURCES.iter().find(|(known, _)| *known == audience).map(|(_, audience)| *audience)
    }
}
