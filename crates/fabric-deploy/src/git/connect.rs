//! The way from no connection to an initialised one, and back.

use fabric_client::{
    Git, GitConnectRequest, GitConnection, GitConnectionState, GitCredentials, GitPreference, GitProviderDetails,
};

use super::error::{GitError, WhileTrying};
use super::pace::{Sent, alone, moment};

/// Most steps on the way: two transitions, and as many answers that may be lost at each.
const MOST_STEPS: usize = 8;

/// The connection that shall be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// What to connect to.
    pub provider: GitProviderDetails,
    /// How the caller signs in there.
    pub credentials: GitCredentials,
    /// Which side wins where both hold items.
    pub preference: Option<GitPreference>,
}

/// A connection that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connected {
    /// Whether this call made it, or a part of it.
    pub changed: bool,
    /// As the service shows it.
    pub connection: GitConnection,
}

/// Connects and initialises, from wherever the workspace is on that way. Moves no item.
///
/// # Errors
/// Where the workspace is connected to something else, where both sides hold items and none is preferred, or where
/// Fabric refuses.
pub async fn connect(git: &Git, wanted: &Wanted) -> Result<Connected, GitError> {
    let mut changed = false;
    let mut doubt = None;
    for _ in 0..MOST_STEPS {
        let connection = git.connection().await.while_trying("read the connection to Git")?;
        if let Some(found) = connection.provider.as_ref().filter(|found| !found.is(&wanted.provider)) {
            let (found, wanted) = (found.to_string(), wanted.provider.to_string());
            return Err(GitError::ConnectedElsewhere { found, wanted });
        }
        let step = match &connection.state {
            GitConnectionState::NotConnected => make(git, wanted).await?,
            GitConnectionState::Connected => initialize(git, wanted.preference).await?,
            GitConnectionState::ConnectedAndInitialized => return Ok(Connected { changed, connection }),
            other => return Err(GitError::UnknownState(other.to_string())),
        };
        changed = true;
        if let Some(error) = step {
            tracing::info!(%error, "an answer was lost on the way to Git; looking where that leads");
            doubt = Some(error);
            moment().await;
        }
    }
    match doubt {
        Some(source) => Err(GitError::Fabric { action: "connect the workspace to Git", source }),
        None => Err(GitError::Restless),
    }
}

/// The first transition. An error that it gives back leaves open whether it happened.
async fn make(git: &Git, wanted: &Wanted) -> Result<Option<fabric_client::Error>, GitError> {
    let request =
        GitConnectRequest { provider: wanted.provider.clone(), credentials: Some(wanted.credentials.clone()) };
    match git.connect(&request).await {
        Ok(()) => Ok(None),
        Err(error) if error.is_ambiguous() || error.error_code() == Some("WorkspaceAlreadyConnectedToGit") => {
            Ok(Some(error))
        }
        Err(error)
            if error.error_code() == Some("PrincipalTypeNotSupported")
                && wanted.credentials == GitCredentials::Automatic =>
        {
            Err(GitError::AutomaticRefused)
        }
        Err(source) => Err(GitError::Fabric { action: "connect the workspace to Git", source }),
    }
}

/// The second one.
async fn initialize(git: &Git, preference: Option<GitPreference>) -> Result<Option<fabric_client::Error>, GitError> {
    match alone("initialize the connection to Git", || git.initialize(preference)).await {
        Ok(Sent::Answered(_)) => Ok(None),
        Ok(Sent::InDoubt(error)) => Ok(Some(error)),
        Err(GitError::Fabric { source, action }) => match source.error_code() {
            Some("WorkspaceGitConnectionAlreadyInitialized") => Ok(Some(source)),
            Some("MissingInitializationPolicy" | "MissingInitializationStrategy") => Err(GitError::BothSidesHoldItems),
            _ => Err(GitError::Fabric { source, action }),
        },
        Err(other) => Err(other),
    }
}

/// Lets go of the branch. Says whether there was anything to let go of.
///
/// # Errors
/// Where Fabric refuses.
pub async fn disconnect(git: &Git) -> Result<bool, GitError> {
    let mut changed = false;
    let mut doubt = None;
    for _ in 0..MOST_STEPS {
        let connection = git.connection().await.while_trying("read the connection to Git")?;
        if connection.state == GitConnectionState::NotConnected {
            return Ok(changed);
        }
        match alone("disconnect the workspace from Git", || git.disconnect()).await {
            Ok(Sent::Answered(())) => changed = true,
            Ok(Sent::InDoubt(error)) => {
                changed = true;
                doubt = Some(error);
                moment().await;
            }
            Err(GitError::Fabric { source, .. }) if source.error_code() == Some("WorkspaceNotConnectedToGit") => {}
            Err(other) => return Err(other),
        }
    }
    match doubt {
        Some(source) => Err(GitError::Fabric { action: "disconnect the workspace from Git", source }),
        None => Err(GitError::Restless),
    }
}
