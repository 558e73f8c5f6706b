//! Which service is talked to, and as whom.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use fabric_client::{Client, Endpoint, EndpointError};
use fabric_emulator::Emulator;
use fabric_identity::FixedToken;
use thiserror::Error;

use crate::commands::Context;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::{layers, variables};

/// Where Fabric is.
const FABRIC: &str = "https://api.fabric.microsoft.com";

/// How long an operation of the embedded emulator takes: long enough to be seen, short enough not to bore.
const EMBEDDED_OPERATION: Duration = Duration::from_millis(200);

/// A client, and the emulator behind it where there is one; it stops when the connection is dropped.
pub(crate) struct Connection {
    pub(crate) client: Client,
    _emulator: Option<Emulator>,
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    #[error("no identity: FABRIC_TOKEN is not set")]
    NoToken,
    #[error("the endpoint cannot be used: {0}")]
    Endpoint(#[from] EndpointError),
    #[error("the HTTP client could not be built: {0}")]
    Http(#[from] reqwest::Error),
}

impl ConnectError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::NoToken => Exit::Denied,
            Self::Endpoint(_) => Exit::InvalidInput,
            Self::Http(_) => Exit::Failed,
        }
    }

    pub(crate) fn remedy(&self) -> &'static str {
        match self {
            Self::NoToken => {
                "set FABRIC_TOKEN to a token for https://api.fabric.microsoft.com, or use --emulator, which needs none"
            }
            Self::Endpoint(_) => "give --endpoint or FABRIC_ENDPOINT an https address (http only for this machine)",
            Self::Http(_) => "check the proxy and certificate settings of this machine",
        }
    }
}

/// Connects to the embedded emulator or to the endpoint that arguments and environment name.
pub(crate) async fn connect(context: &Context) -> Result<Connection, Failure> {
    match &context.global.emulator {
        Some(directory) => {
            let emulator = start_emulator(directory).await?;
            let token = FixedToken::new(emulator.token());
            let client = compose(&emulator.endpoint(), Arc::new(token), context)?;
            Ok(Connection { client, _emulator: Some(emulator) })
        }
        None => {
            let environment = &context.environment;
            let endpoint = context
                .global
                .endpoint
                .as_deref()
                .or_else(|| environment.value(&variables::ENDPOINT))
                .unwrap_or(FABRIC);
            let token = environment.value(&variables::TOKEN).ok_or(ConnectError::NoToken)?;
            let client = compose(endpoint, Arc::new(FixedToken::new(token.to_owned())), context)?;
            Ok(Connection { client, _emulator: None })
        }
    }
}

async fn start_emulator(directory: &Path) -> Result<Emulator, Failure> {
    Ok(Emulator::builder().state_directory(directory).operation_duration(EMBEDDED_OPERATION).start().await?)
}

fn compose(endpoint: &str, credential: Arc<dyn TokenCredential>, context: &Context) -> Result<Client, ConnectError> {
    let http = Client::http_defaults().build()?;
    let layered = layers::compose(http, &context.flags, context.calls);
    Ok(Client::builder(layered, credential)
        .endpoint(Endpoint::parse(endpoint)?)
        .refused_before_sending(layers::refused_before_sending)
        .build())
}
