//! Which service is talked to, and as whom.

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use azure_core::credentials::{AccessToken, TokenCredential};
use azure_core::error::ErrorKind;
use azure_core::http::{AsyncRawResponse, HttpClient, Request};
use fabric_client::{Client, Endpoint, EndpointError};
use fabric_deploy::plan::PlanInputs;
use fabric_emulator::{Emulator, Service};
use fabric_identity::{ChainError, Cloud, FixedToken, SettingsError};
use secrecy::SecretString;
use thiserror::Error;

use crate::arguments::git::LoginProvider;
use crate::commands::Context;
use crate::environment::Environment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::graph::GraphAccess;
use crate::identity::Identity;
use crate::inputs::{self, Loaded};
use crate::layers::{self, LeaseGuard};
use crate::{login, variables};

/// How long an operation of the embedded emulator takes: long enough to be seen, short enough not to bore.
const EMBEDDED_OPERATION: Duration = Duration::from_millis(200);

/// A client, and the emulator behind it where there is one; it stops when the connection is dropped.
pub(crate) struct Connection {
    pub(crate) client: Client,
    graph: GraphAccess,
    _emulator: Option<Emulator>,
}

impl Connection {
    /// Adds to what the files of `inputs` describe what only the services know: the values that parameters look for,
    /// and the roles of those whom the files call by name.
    pub(crate) async fn complete(
        &self,
        loaded: Loaded,
        inputs: &PlanInputs,
        context: &Context,
    ) -> Result<Loaded, Failure> {
        let loaded = inputs::look_up(loaded, &self.client, inputs, context).await?;
        self.graph.complete(loaded, context).await
    }
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub(crate) enum ConnectError {
    #[error("it is not clear who to sign in as: {0}")]
    Settings(#[from] SettingsError),
    #[error(transparent)]
    Identity(#[from] ChainError),
    #[error("the endpoint cannot be used: {0}")]
    Endpoint(#[from] EndpointError),
    #[error("the endpoint of Microsoft Graph cannot be used: {0}")]
    GraphEndpoint(EndpointError),
    #[error("names cannot be looked up in Microsoft Graph: the token that was given is Fabric's alone")]
    NoGraphToken,
    #[error("there is no token: {0}")]
    Token(azure_core::Error),
    #[error("the HTTP client could not be built: {0}")]
    Http(#[from] reqwest::Error),
}

impl ConnectError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Identity(_)
            | Self::Token(_)
            | Self::Settings(SettingsError::Incomplete { .. })
            | Self::NoGraphToken => Exit::Denied,
            Self::Settings(_) => Exit::InvalidInput,
            Self::Endpoint(_) | Self::GraphEndpoint(_) => Exit::InvalidInput,
            Self::Http(_) => Exit::Failed,
        }
    }

    pub(crate) fn remedy(&self) -> String {
        match self {
            Self::Settings(error) => error.remedy(),
            Self::Identity(error) => format!("{}; or use --emulator, which needs no identity", error.remedy()),
            Self::Endpoint(_) => {
                "give --endpoint or FABRIC_ENDPOINT an https address (http only for this machine)".to_owned()
            }
            Self::GraphEndpoint(_) => {
                "give FABRIC_GRAPH_ENDPOINT an https address (http only for this machine)".to_owned()
            }
            Self::NoGraphToken => {
                "set FABRIC_GRAPH_TOKEN as well, or sign in in another way than FABRIC_TOKEN".to_owned()
            }
            Self::Token(_) => "sign in again".to_owned(),
            Self::Http(_) => "check the proxy and certificate settings of this machine".to_owned(),
        }
    }
}

/// Connects to the embedded emulator or to the endpoint that arguments and environment name.
pub(crate) async fn connect(context: &Context) -> Result<Connection, Failure> {
    connect_through(context, None).await
}

/// As [`connect`], for a command that changes something only under a lease: `guard` sees to it.
pub(crate) async fn connect_leased(context: &Context, guard: &LeaseGuard) -> Result<Connection, Failure> {
    connect_through(context, Some(guard)).await
}

async fn connect_through(context: &Context, guard: Option<&LeaseGuard>) -> Result<Connection, Failure> {
    let Place { endpoint, cloud, emulator } = place(context).await?;
    let caller = identity(context, emulator.as_ref()).await?;
    // Before anything else, so that a deployment does not start as nobody.
    caller.token(cloud).await?;
    let graph = match &emulator {
        Some(emulator) => GraphAccess::embedded(emulator),
        None => GraphAccess::of(context, cloud, caller.chain.as_ref().and_then(for_graph)).await?,
    };
    let client = compose(&endpoint, cloud, caller.credential, context, guard)?;
    Ok(Connection { client, graph, _emulator: emulator })
}

/// The service: nobody has signed in to it yet.
pub(crate) struct Place {
    pub(crate) endpoint: String,
    pub(crate) cloud: Cloud,
    pub(crate) emulator: Option<Emulator>,
}

/// The embedded emulator, started, or the endpoint that arguments and environment name.
pub(crate) async fn place(context: &Context) -> Result<Place, Failure> {
    if let Some(directory) = &context.global.emulator {
        let emulator = start_emulator(directory).await?;
        return Ok(Place { endpoint: emulator.endpoint(), cloud: Cloud::Public, emulator: Some(emulator) });
    }
    let environment = &context.environment;
    let cloud = Cloud::of_variables(|name: &str| environment.get(name).map(str::to_owned));
    let cloud = cloud.map_err(ConnectError::Settings)?;
    let named = context.global.endpoint.as_deref().or_else(|| environment.value(&variables::ENDPOINT));
    let endpoint = named.unwrap_or_else(|| cloud.endpoint()).to_owned();
    Endpoint::parse(&endpoint).map_err(ConnectError::Endpoint)?;
    Ok(Place { endpoint, cloud, emulator: None })
}

/// Who signs in, and how.
pub(crate) struct Caller {
    pub(crate) credential: Arc<dyn TokenCredential>,
    /// Such as "a client secret"; for people.
    pub(crate) method: String,
    chain: Option<Arc<Identity>>,
}

impl Caller {
    /// The token for Fabric.
    pub(crate) async fn token(&self, cloud: Cloud) -> Result<AccessToken, ConnectError> {
        match &self.chain {
            Some(identity) => Ok(identity.token(&[cloud.scope()]).await?),
            None => Ok(self.credential.get_token(&[cloud.scope()], None).await.map_err(ConnectError::Token)?),
        }
    }
}

/// Variables that name an identity: where one of them is set, nobody's own sign-in is used.
const NAMING_AN_IDENTITY: [&str; 11] = [
    "FABRIC_AUTH",
    "FABRIC_TOKEN",
    "FAB_TOKEN",
    "FABRIC_CLIENT_ID",
    "AZURE_CLIENT_ID",
    "ARM_CLIENT_ID",
    "FAB_SPN_CLIENT_ID",
    "FABRIC_USE_OIDC",
    "FABRIC_USE_MSI",
    "FABRIC_USE_CLI",
    "IDENTITY_ENDPOINT",
];

/// The token of a person who has signed in with `git login --provider entra`, where no variable names somebody else.
async fn of_person(environment: &Environment) -> Result<Option<SecretString>, Failure> {
    if NAMING_AN_IDENTITY.iter().any(|name| environment.get(name).is_some()) {
        return Ok(None);
    }
    login::token(LoginProvider::Entra, environment).await
}

/// The identity that the variables name, or the emulator's own. Secrets are read for it; nothing is asked of Entra yet.
pub(crate) async fn identity(context: &Context, emulator: Option<&Emulator>) -> Result<Caller, Failure> {
    if let Some(emulator) = emulator {
        let credential = Arc::new(FixedToken::new(emulator.token()));
        return Ok(Caller { credential, method: "the embedded emulator's administrator".to_owned(), chain: None });
    }
    if let Some(token) = of_person(&context.environment).await? {
        let credential = Arc::new(FixedToken::new(login::exposed(&token)));
        return Ok(Caller { credential, method: "a person's sign-in".to_owned(), chain: None });
    }
    let identity = Identity::of_variables(&context.environment, transport()?, context.secrets()?).await?;
    let identity = Arc::new(identity);
    let method = identity.method().to_string();
    Ok(Caller { credential: Arc::clone(&identity) as Arc<dyn TokenCredential>, method, chain: Some(identity) })
}

/// Graph alone, and the emulator behind it where there is one: nobody signs in before a name is asked for.
pub(crate) async fn to_graph(context: &Context) -> Result<(GraphAccess, Option<Emulator>), Failure> {
    if let Some(directory) = &context.global.emulator {
        let emulator = start_emulator(directory).await?;
        return Ok((GraphAccess::embedded(&emulator), Some(emulator)));
    }
    let environment = &context.environment;
    let lookup = |name: &str| environment.get(name).map(str::to_owned);
    let cloud = Cloud::of_variables(lookup).map_err(ConnectError::Settings)?;
    if environment.value(&variables::GRAPH_TOKEN).is_some() {
        return Ok((GraphAccess::of(context, cloud, None).await?, None));
    }
    let identity = Identity::of_variables(environment, transport()?, context.secrets()?).await?;
    Ok((GraphAccess::of(context, cloud, for_graph(&Arc::new(identity))).await?, None))
}

/// Who signs in to Graph: a token that was given is Fabric's and goes nowhere else.
fn for_graph(identity: &Arc<Identity>) -> Option<Arc<dyn TokenCredential>> {
    (!identity.is_given()).then(|| Arc::clone(identity) as Arc<dyn TokenCredential>)
}

/// How identities and vaults are asked.
pub(crate) fn transport() -> Result<Arc<dyn HttpClient>, ConnectError> {
    Ok(Arc::new(Transport::new()?))
}

/// How identities and vaults are asked: over the proxy of this machine, but never where the machine itself answers, because a
/// proxy would hand out an identity of its own.
#[derive(Debug)]
struct Transport {
    http: reqwest::Client,
    direct: OnceLock<reqwest::Client>,
}

impl Transport {
    fn new() -> Result<Self, reqwest::Error> {
        Ok(Self { http: Client::http_defaults().build()?, direct: OnceLock::new() })
    }

    fn direct(&self) -> Result<&reqwest::Client, reqwest::Error> {
        match self.direct.get() {
            Some(client) => Ok(client),
            None => {
                let client = Client::http_defaults().no_proxy().build()?;
                Ok(self.direct.get_or_init(|| client))
            }
        }
    }
}

#[async_trait::async_trait]
impl HttpClient for Transport {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let client = if request.url().scheme() == "http" {
            self.direct().map_err(|error| azure_core::Error::new(ErrorKind::Io, error))?
        } else {
            &self.http
        };
        let headers = layers::trace_headers();
        if headers.is_empty() {
            return client.execute_request(request).await;
        }
        let mut traced = request.clone();
        for (name, value) in headers {
            traced.insert_header(name, value);
        }
        client.execute_request(&traced).await
    }
}

async fn start_emulator(directory: &Path) -> Result<Emulator, Failure> {
    let builder = Emulator::builder().service(Service::Graph).state_directory(directory);
    Ok(builder.operation_duration(EMBEDDED_OPERATION).start().await?)
}

fn compose(
    endpoint: &str,
    cloud: Cloud,
    credential: Arc<dyn TokenCredential>,
    context: &Context,
    guard: Option<&LeaseGuard>,
) -> Result<Client, ConnectError> {
    let http = Client::http_defaults().build()?;
    let layered = layers::compose(http, &context.flags, context.calls, guard);
    Ok(Client::builder(layered, credential)
        .endpoint(Endpoint::parse(endpoint)?)
        .scope(cloud.scope())
        .refused_before_sending(layers::refused_before_sending)
        .ended_by_layer(layers::ended_by_layer)
        .attempts(layers::attempts)
        .build())
}
