//! The first signal asks to stop, the second one ends the process.

use std::sync::Arc;

use fabric_deploy::execute::Stop;

use crate::render;

/// Watches for signals until the process ends.
pub(crate) fn watch() -> Arc<Stop> {
    let stop = Arc::new(Stop::new());
    let requested = Arc::clone(&stop);
    tokio::spawn(async move {
        if signalled().await.is_ok() {
            requested.request();
            render::say_note("stopping: nothing new is started, what is under way is finished. Once more: end now.");
        }
        if signalled().await.is_ok() {
            end_now();
        }
    });
    stop
}

/// Waits for one signal.
pub(crate) async fn wait() -> std::io::Result<()> {
    signalled().await
}

#[cfg(unix)]
async fn signalled() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signalled() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

#[expect(clippy::exit, reason = "the user asked twice: nothing may run on")]
fn end_now() {
    std::process::exit(crate::exit::Exit::Interrupted as i32);
}
