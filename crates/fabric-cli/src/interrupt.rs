//! The first signal asks to stop, the second one ends the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use fabric_deploy::execute::Stop;

use crate::render;

/// Whether the command that runs has said what signals mean to it.
static WATCHED: AtomicBool = AtomicBool::new(false);

/// What is done before a signal ends the process. Signals belong to the process, and so does this.
static BEFORE_END: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// Has `last_words` said before a signal ends the process: one too many, or one that the command does not watch for.
pub(crate) fn before_end(last_words: impl Fn() + Send + Sync + 'static) {
    if BEFORE_END.set(Box::new(last_words)).is_err() {
        return;
    }
    let listening = std::thread::Builder::new().name("signals".to_owned()).spawn(|| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let Ok(runtime) = runtime else { return };
        if runtime.block_on(signalled()).is_ok() && !WATCHED.load(Ordering::SeqCst) {
            end_now();
        }
    });
    if let Err(error) = listening {
        render::say_warning(&format_args!("a signal will end this process without its last words: {error}"));
    }
}

/// Watches for signals until the process ends.
pub(crate) fn watch() -> Arc<Stop> {
    WATCHED.store(true, Ordering::SeqCst);
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
    WATCHED.store(true, Ordering::SeqCst);
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

/// The same for a command that serves until then, and ends by itself after it.
pub(crate) async fn asked_to_end() -> std::io::Result<()> {
    WATCHED.store(true, Ordering::SeqCst);
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
    if let Some(last_words) = BEFORE_END.get() {
        last_words();
    }
    std::process::exit(crate::exit::Exit::Interrupted as i32);
}
