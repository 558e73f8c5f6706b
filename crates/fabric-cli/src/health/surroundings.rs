//! What checks look at, and what they share: one answer of Fabric, one identity, one list of workspaces.

use std::sync::Arc;
use std::time::SystemTime;

use azure_core::credentials::AccessToken;
use fabric_client::Workspace;
use fabric_client::{CallMetadata, Client, Endpoint, Safety};
use fabric_deploy::desired::WorkspaceSelector;
use fabric_deploy::report;
use reqwest::header::DATE;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Cause, Finding, milliseconds};
use crate::commands::Context;
use crate::connect::{self, Place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::layers;

/// What would be deployed to.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) workspace: WorkspaceSelector,
    /// The capacity that a deployment assigns.
    pub(crate) capacity: Option<Uuid>,
    /// Whether a deployment gives roles to others.
    pub(crate) gives_roles: bool,
}

/// What is asked of Fabric to see whether it answers.
const ANYTHING: CallMetadata = CallMetadata {
    operation: "Workspaces_ListWorkspaces",
    api_class: "workspaces.list",
    safety: Safety::Read,
    url_template: "/v1/workspaces",
};

/// What checks look at. Made anew for each round, so that nothing is remembered.
pub(crate) struct Surroundings<'a> {
    pub(super) context: &'a Context,
    pub(super) place: &'a Place,
    pub(super) target: Option<&'a Target>,
    answer: OnceCell<Result<Answer, String>>,
    caller: OnceCell<Result<SignedIn, Finding>>,
    workspaces: OnceCell<Result<Vec<Workspace>, Finding>>,
}

/// What Fabric answers to somebody who is not signed in.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: reqwest::StatusCode,
    pub(super) latency_ms: u64,
    /// What time it is there.
    pub(super) date: Option<String>,
    /// What time it is here.
    pub(super) at: SystemTime,
    /// The cluster that answers.
    pub(super) cluster: Option<String>,
}

/// Somebody with a token.
pub(super) struct SignedIn {
    pub(super) client: Client,
    pub(super) method: String,
    pub(super) token: AccessToken,
}

impl<'a> Surroundings<'a> {
    pub(crate) fn new(context: &'a Context, place: &'a Place, target: Option<&'a Target>) -> Self {
        Self { context, place, target, answer: OnceCell::new(), caller: OnceCell::new(), workspaces: OnceCell::new() }
    }

    /// Fabric's answer to somebody who is not signed in, whatever it is.
    pub(super) async fn answer(&self) -> Result<&Answer, String> {
        let answer = self.answer.get_or_init(|| ask(&self.place.endpoint, self.context)).await;
        answer.as_ref().map_err(Clone::clone)
    }

    /// Who calls.
    pub(super) async fn caller(&self) -> Result<&SignedIn, Finding> {
        let caller = self.caller.get_or_init(|| self.sign_in()).await;
        caller.as_ref().map_err(Clone::clone)
    }

    async fn sign_in(&self) -> Result<SignedIn, Finding> {
        let refused = |failure: Failure| {
            let detail = report::error_text(&failure).replace('\n', "; ");
            let advice = failure.remedy().unwrap_or_else(|| "check the credential variables".to_owned());
            match failure.exit() {
                Exit::Denied => Finding::denied(detail, advice),
                _ => Finding::unhealthy(detail, advice),
            }
        };
        let caller = connect::identity(self.context, self.place.emulator.as_ref()).await.map_err(refused)?;
        let token = caller.token(self.place.cloud).await.map_err(|error| refused(error.into()))?;
        // No layers: a check asks once, and its deadline is its own.
        let http =
            Client::http_defaults().build().map_err(|error| refused(connect::ConnectError::Http(error).into()))?;
        let endpoint = Endpoint::parse(&self.place.endpoint);
        let endpoint = endpoint.map_err(|error| refused(connect::ConnectError::Endpoint(error).into()))?;
        let http = layers::plain(http, &self.context.flags);
        let client = Client::builder(http, Arc::clone(&caller.credential));
        let client = client.endpoint(endpoint).scope(self.place.cloud.scope()).build();
        Ok(SignedIn { client, method: caller.method, token })
    }

    /// Every workspace that the caller sees.
    pub(super) async fn workspaces(&self) -> Result<&[Workspace], Finding> {
        let list = || async {
            let caller = self.caller().await.map_err(|_| nobody())?;
            caller.client.workspaces().list().await.map_err(|error| refusal("list workspaces", &error))
        };
        let listed = self.workspaces.get_or_init(list).await;
        listed.as_deref().map_err(Clone::clone)
    }

    /// The workspace that would be deployed to; `None` where there is none that the caller sees.
    pub(super) async fn workspace(&self, target: &Target) -> Result<Option<&Workspace>, Finding> {
        let listed = self.workspaces().await?;
        let is_it = |workspace: &&Workspace| match &target.workspace {
            WorkspaceSelector::Id(id) => workspace.id == *id,
            WorkspaceSelector::Name(name) => workspace.display_name == *name,
        };
        Ok(listed.iter().find(is_it))
    }

    /// What is deployed to, or that nothing was named.
    pub(super) fn target(&self) -> Result<&Target, Finding> {
        self.target.ok_or_else(|| Finding::disabled("no workspace was named: give --workspace NAME, or --config FILE"))
    }
}

/// What depends on an identity cannot be told without one.
fn nobody() -> Finding {
    Finding::denied("not checked: nobody is signed in", "see the check `identity`")
}

/// What Fabric answered instead of what was asked for.
pub(super) fn refusal(action: &str, error: &fabric_client::Error) -> Finding {
    let exit = Exit::of_fabric(error);
    let detail = format!("cannot {action}: {}", report::error_text(error));
    let known = error.error_code().and_then(report::remedy);
    let advice = known.unwrap_or(match exit {
        Exit::Denied => "sign in as an identity that has a role in the workspace",
        Exit::TryLater => "try again later",
        _ => "see what the check `fabric` says",
    });
    match exit {
        Exit::Denied => Finding::denied(detail, advice),
        Exit::TryLater => Finding::degraded(detail, advice),
        _ if error.status().is_some_and(|status| status >= 500) => {
            Finding { cause: Cause::Service, ..Finding::unhealthy(detail, advice) }
        }
        _ => Finding::unhealthy(detail, advice),
    }
}

#[expect(clippy::disallowed_methods, reason = "the clock of this machine is what is compared")]
async fn ask(endpoint: &str, context: &Context) -> Result<Answer, String> {
    let http = Client::http_defaults().build().map_err(|error| report::error_text(&error))?;
    let http = layers::plain(http, &context.flags);
    let request = http.get(format!("{}{}", endpoint.trim_end_matches('/'), ANYTHING.url_template));
    let started = Instant::now();
    let asked = request.with_extension(ANYTHING).send().await;
    let answer = asked.map_err(|error| report::error_text(&error))?;
    let header = |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    Ok(Answer {
        status: answer.status(),
        latency_ms: milliseconds(started.elapsed()),
        date: header(DATE.as_str()),
        at: SystemTime::now(),
        cluster: header("home-cluster-uri"),
    })
}
