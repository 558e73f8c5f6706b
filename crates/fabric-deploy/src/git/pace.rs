//! One operation at a time: whoever comes second waits.

use std::future::{Future, IntoFuture};
use std::time::Duration;

use super::error::GitError;

/// How long to wait before asking again.
const PAUSE: Duration = Duration::from_secs(2);
/// How long another operation is waited for. The longest recorded operation of any kind took 394 s.
const LONGEST: Duration = Duration::from_secs(600);

/// What became of a call whose answer may have been lost.
pub(super) enum Sent<T> {
    /// It was answered.
    Answered(T),
    /// It may have happened: look.
    InDoubt(fabric_client::Error),
}

/// Sends a call, again and again while another operation on the workspace is under way.
pub(super) async fn alone<T, F, C>(action: &'static str, call: C) -> Result<Sent<T>, GitError>
where
    C: Fn() -> F,
    F: IntoFuture<Output = Result<T, fabric_client::Error>>,
    F::IntoFuture: Future + Send,
{
    let mut waited = Duration::ZERO;
    loop {
        match call().into_future().await {
            Ok(answer) => return Ok(Sent::Answered(answer)),
            Err(error) if error.error_code() == Some("WorkspacePreviousOperationInProgress") => {
                if waited >= LONGEST {
                    return Err(GitError::Busy { waited });
                }
                tokio::time::sleep(PAUSE).await;
                waited += PAUSE;
            }
            Err(error) if error.is_ambiguous() => return Ok(Sent::InDoubt(error)),
            Err(source) => return Err(GitError::Fabric { action, source }),
        }
    }
}

/// Lets a moment pass before looking again.
pub(super) async fn moment() {
    tokio::time::sleep(PAUSE).await;
}
