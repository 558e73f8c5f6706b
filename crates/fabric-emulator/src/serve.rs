//! The emulator as the command line starts it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;

use crate::emulator::{Emulator, StartError};
use crate::services::Service;

/// What `emulator serve` takes.
#[derive(Debug, Clone, Default)]
pub struct ServeOptions {
    /// The address to listen on; `None`: a free port of this machine.
    pub listen: Option<String>,
    /// The folder that keeps the world; `None`: it is kept in memory.
    pub state: Option<PathBuf>,
    /// The folder of the certificate authority for https; `None`: plain http.
    pub tls: Option<PathBuf>,
    /// Real time added before every answer.
    pub latency: Duration,
    /// How long long-running operations take.
    pub operation_duration: Duration,
    /// Most entries on one page of a list; `None`: everything on one page.
    pub page_size: Option<usize>,
    /// The world to start with; `None`: the default one.
    pub seed: Option<Value>,
}

/// Where a served emulator is found; serialises to what `emulator serve` prints.
///
/// Its token is a secret only in form: it opens nothing but this emulator.
#[derive(Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Endpoints {
    /// The Fabric API, without `/v1`.
    pub fabric: String,
    /// The services beside it, each under its name: `entra`, …
    #[serde(flatten)]
    pub services: BTreeMap<Service, String>,
    /// The control plane.
    pub control: String,
    /// The certificate authority to trust, as a PEM file; only where https is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_authority: Option<PathBuf>,
    /// A bearer token of the default administrator.
    pub token: String,
}

impl std::fmt::Debug for Endpoints {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Endpoints")
            .field("fabric", &self.fabric)
            .field("services", &self.services)
            .field("control", &self.control)
            .finish_non_exhaustive()
    }
}

/// Starts an emulator and says where it is. It runs until it is dropped.
///
/// # Errors
///
/// Those of [`crate::EmulatorBuilder::start`].
pub async fn serve(options: ServeOptions) -> Result<(Emulator, Endpoints), StartError> {
    let mut builder =
        Emulator::builder().all_services().latency(options.latency).operation_duration(options.operation_duration);
    if let Some(address) = options.listen {
        builder = builder.listen(address);
    }
    if let Some(folder) = options.state {
        builder = builder.state_directory(folder);
    }
    if let Some(entries) = options.page_size {
        builder = builder.page_size(entries);
    }
    if let Some(world) = options.seed {
        builder = builder.seed(world);
    }
    if let Some(folder) = &options.tls {
        builder = builder.tls(folder);
    }
    let emulator = builder.start().await?;
    let place = |service: &Service| Some((*service, emulator.endpoint_of(*service)?));
    let endpoints = Endpoints {
        services: Service::BESIDE_FABRIC.iter().filter_map(place).collect(),
        fabric: emulator.endpoint(),
        control: format!("{}/_emulator", emulator.endpoint()),
        certificate_authority: options.tls.as_deref().map(crate::tls::authority),
        token: emulator.token(),
    };
    Ok((emulator, endpoints))
}
