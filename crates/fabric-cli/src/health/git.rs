//! Whether the workspace's connection to Git works, where it has one.

use fabric_client::{GitConnectionState, GitCredentials};

use super::surroundings::refusal;
use super::{Cause, Finding, Status, Surroundings};
use crate::exit::Exit;

pub(super) async fn check(surroundings: &Surroundings<'_>) -> Result<Finding, Finding> {
    let target = surroundings.target()?;
    let Some(workspace) = surroundings.workspace(target).await? else {
        return Ok(Finding::disabled("the workspace is not there, or not shared with this identity"));
    };
    let git = surroundings.caller().await?.client.workspace(workspace.id).git();
    let connection = git.connection().await.map_err(|error| {
        let found = refusal("read the connection to Git", &error);
        match Exit::of_fabric(&error) {
            // A deployment does not need it: only administrators of a workspace see its connection.
            Exit::Denied => Finding { status: Status::Degraded, cause: Cause::Other, ..found },
            _ => found,
        }
    })?;
    let branch = connection
        .provider
        .as_ref()
        .map_or_else(String::new, |details| format!(" to {}, branch {}", details.repository.url(), details.branch));
    match connection.state {
        GitConnectionState::NotConnected => Ok(Finding::disabled("the workspace is not connected to Git")),
        GitConnectionState::Connected => Ok(Finding::degraded(
            format!("connected{branch}, and not initialised"),
            "let both sides be compared once: initialise the connection",
        )),
        GitConnectionState::ConnectedAndInitialized => {
            let credentials = git.credentials().await;
            let credentials = credentials.map_err(|error| refusal("read the credentials for Git", &error))?;
            Ok(if matches!(credentials, GitCredentials::None) {
                Finding::degraded(
                    format!("connected{branch}, and this identity has no credentials for it"),
                    "name a connection whose credentials are used for Git",
                )
            } else {
                Finding::healthy(format!("connected{branch}"))
            })
        }
        GitConnectionState::Other(other) => {
            Ok(Finding::degraded(format!("the connection says {other}"), "this version does not know that state"))
        }
        _ => Ok(Finding::degraded("the state of the connection is not known", "update fabric-cli")),
    }
}
