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

/// Watches for signals of a transaction: the first asks to stop and roll back, the second to stop at once and stay
/// resumable, the third ends the process.
pub(crate) fn watch_transaction() -> fabric_txn::Stop {
    let stop = fabric_txn::Stop::new();
    let requested = stop.clone();
    tokio::spawn(async move {
        let notes = [
            "stopping: nothing new is started, what is under way is finished, then all of it is rolled back",
            "stopping at once: `fabric-cli resume` or `fabric-cli rollback` goes on from here",
        ];
        for note in notes {
            if signalled().await.is_ok() {
                requested.request();
                render::say_note(note);
            }
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
