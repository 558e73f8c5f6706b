//! Which Graph is asked, and as whom. It is asked only where a name has to be looked up.

use std::sync::Arc;

use azure_core::credentials::TokenCredential;
use fabric_client::{Client, Endpoint, Graph};
use fabric_deploy::principals::{self, Directory, PrincipalsError};
use fabric_emulator::{Emulator, Service};
use fabric_identity::{Cloud, FixedToken};

use crate::commands::Context;
use crate::connect::ConnectError;
use crate::failure::Failure;
use crate::inputs::Loaded;
use crate::{layers, render, secrets, variables};

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
    pub(crate) async fn of(
        context: &Context,
        cloud: Cloud,
        identity: Option<Arc<dyn TokenCredential>>,
    ) -> Result<Self, Failure> {
        let given = secrets::meant(&[variables::GRAPH_TOKEN.name], context).await?;
        let given = given.map(|token| Arc::new(FixedToken::new(token)) as Arc<dyn TokenCredential>);
        let endpoint = context.environment.value(&variables::GRAPH_ENDPOINT).unwrap_or_else(|| cloud.graph_endpoint());
        Ok(Self { endpoint: endpoint.to_owned(), scope: cloud.graph_scope(), credential: given.or(identity) })
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

    /// Adds the roles of those whom the files call by name, and what is to be said of it. Where nobody is, Graph is not
    /// asked.
    pub(crate) async fn complete(&self, mut loaded: Loaded, context: &Context) -> Result<Loaded, Failure> {
        if loaded.named_roles.is_empty() {
            return Ok(loaded);
        }
        let opened = match self.open(context) {
            Err(error @ ConnectError::NoGraphToken) => Err((error.to_string(), error.remedy())),
            opened => Ok(opened?),
        };
        let directory = match &opened {
            Ok(graph) => Directory::Graph(graph),
            Err((reason, remedy)) => Directory::Nobody { reason, remedy },
        };
        let given = std::mem::take(&mut loaded.desired.roles);
        let (roles, findings) = principals::resolve(directory, &loaded.named_roles, given).await?;
        render::say_warnings(&findings, "");
        loaded.desired.roles = roles;
        loaded.findings.extend(findings);
        Ok(loaded)
    }
}

impl From<PrincipalsError> for Failure {
    fn from(error: PrincipalsError) -> Self {
        match error {
            PrincipalsError::Names(findings) => Self::Input(findings),
            PrincipalsError::Denied(findings) => Self::PrincipalsDenied(findings),
            PrincipalsError::Graph { findings, source } => {
                Self::PrincipalsUnanswered(findings, Box::new(Self::graph(source)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    /// Where Graph is, and for what a token is asked, by these variables.
    async fn of(variables: &[(&str, &str)]) -> (String, &'static str, bool) {
        let context = Context::of(Environment::of(variables));
        let cloud = Cloud::of_variables(|name: &str| context.environment.get(name).map(str::to_owned)).unwrap();
        let access = GraphAccess::of(&context, cloud, None).await.unwrap();
        (access.endpoint, access.scope, access.credential.is_some())
    }

    #[tokio::test]
    async fn each_cloud_has_a_graph_and_tokens_of_its_own() {
        for (environment, host) in [
            ("public", "https://graph.microsoft.com"),
            ("usgovernment", "https://graph.microsoft.us"),
            ("china", "https://microsoftgraph.chinacloudapi.cn"),
        ] {
            let (endpoint, scope, _) = of(&[("FABRIC_ENVIRONMENT", environment)]).await;
            assert_eq!((endpoint.as_str(), scope.strip_suffix("/.default")), (host, Some(host)), "{environment}");
        }
        let named = [("FABRIC_ENVIRONMENT", "china"), ("FABRIC_GRAPH_ENDPOINT", "http://127.0.0.1:1")];
        let (endpoint, scope, _) = of(&named).await;
        assert_eq!(
            (endpoint.as_str(), scope),
            ("http://127.0.0.1:1", "https://microsoftgraph.chinacloudapi.cn/.default")
        );
    }

    #[tokio::test]
    async fn a_token_for_graph_may_be_a_secret() {
        assert!(!of(&[]).await.2);
        assert!(of(&[("FABRIC_GRAPH_TOKEN", "${secret:graph}"), ("GRAPH", "a token")]).await.2);
        let context = Context::of(Environment::of(&[("FABRIC_GRAPH_TOKEN", "${secret:graph}")]));
        let Err(failure) = GraphAccess::of(&context, Cloud::Public, None).await else {
            panic!("there is no such secret")
        };
        assert!(failure.to_string().starts_with("FABRIC_GRAPH_TOKEN: "), "{failure}");
    }
}
