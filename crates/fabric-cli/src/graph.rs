//! Which Graph is asked, and as whom. It is asked only where a name has to be looked up.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use fabric_client::{Client, Endpoint, Graph};
use fabric_deploy::desired::DesiredState;
use fabric_deploy::principals::{self, NamedRole, PrincipalsError};
use fabric_emulator::{Emulator, Service};
use fabric_identity::{Cloud, FixedToken};

use crate::commands::Context;
use crate::connect::ConnectError;
use crate::failure::Failure;
use crate::{layers, variables};

/// Graph, before anything was asked.
pub(crate) struct GraphAccess {
    endpoint: String,
    scope: &'static str,
    /// `None`: the only token that there is is Fabric's.
    credential: Option<Arc<dyn TokenCredential>>,
}

impl GraphAccess {
    /// The embedded emulator's.
    pub(crate) fn embedded(emulator: &Emulator) -> Self {
        Self {
            endpoint: emulator.endpoint_of(Service::Graph).unwrap_or_default(),
            scope: Cloud::Public.graph_scope(),
            credential: Some(Arc::new(FixedToken::new(emulator.graph_token()))),
        }
    }

    /// The cloud's, or the one that `FABRIC_GRAPH_ENDPOINT` names. `identity` is asked for a token of its own for
    /// Graph; `FABRIC_GRAPH_TOKEN` wins.
    pub(crate) fn of(context: &Context, cloud: Cloud, identity: Option<Arc<dyn TokenCredential>>) -> Self {
        let given = context.environment.value(&variables::GRAPH_TOKEN);
        let given = given.map(|token| Arc::new(FixedToken::new(token.to_owned())) as Arc<dyn TokenCredential>);
        let endpoint = context.environment.value(&variables::GRAPH_ENDPOINT).unwrap_or_else(|| cloud.graph_endpoint());
        Self { endpoint: endpoint.to_owned(), scope: cloud.graph_scope(), credential: given.or(identity) }
    }

    /// Graph, with the layers of the features that are on.
    pub(crate) fn open(&self, context: &Context) -> Result<Graph, ConnectError> {
        let credential = self.credential.clone().ok_or(ConnectError::NoGraphToken)?;
        let endpoint = Endpoint::parse(&self.endpoint).map_err(ConnectError::GraphEndpoint)?;
        let layered = layers::compose(Client::http_defaults().build()?, &context.flags, context.calls, None);
        let client = Client::builder(layered, credential)
            .endpoint(endpoint)
            .scope(self.scope)
            .refused_before_sending(layers::refused_before_sending)
            .ended_by_layer(layers::ended_by_layer)
            .build();
        Ok(Graph::new(client))
    }

    /// Adds the roles of those whom the files call by name. Where nobody is, Graph is not asked.
    pub(crate) async fn complete(
        &self,
        mut desired: DesiredState,
        named: &[NamedRole],
        context: &Context,
    ) -> Result<DesiredState, Failure> {
        if !named.is_empty() {
            let graph = self.open(context)?;
            desired.roles.extend(principals::resolve(&graph, named).await.map_err(Failure::from)?);
        }
        Ok(desired)
    }
}

impl From<PrincipalsError> for Failure {
    fn from(error: PrincipalsError) -> Self {
        match error {
            PrincipalsError::Names(findings) => Self::Input(findings),
            PrincipalsError::Denied(findings) => Self::PrincipalsDenied(findings),
            PrincipalsError::Graph(source) => Self::graph(source),
        }
    }
}
