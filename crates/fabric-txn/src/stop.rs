//! A request to stop, and a second one to stop at once.

use std::sync::Arc;

use tokio::sync::watch;

/// A request to stop, made from elsewhere: a signal handler, for example. Clones share it.
///
/// The first request: nothing new is started, what is in flight is finished, then it is rolled back (or left, by
/// [`OnFailure`](crate::OnFailure)). The second: nothing is waited for; the transaction stays resumable.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<u8>>);

impl Stop {
    /// Not requested.
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    /// Requests it, or more of it.
    pub fn request(&self) {
        self.0.send_modify(|requests| *requests = requests.saturating_add(1));
    }

    /// Whether nothing new should be started.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Whether nothing should be waited for.
    pub fn is_urgent(&self) -> bool {
        *self.0.borrow() > 1
    }

    pub(crate) async fn requested(&self) {
        self.at_least(1).await;
    }

    pub(crate) async fn urgent(&self) {
        self.at_least(2).await;
    }

    async fn at_least(&self, requests: u8) {
        // An error means that the sender is gone, and the sender is `self`.
        let _ = self.0.subscribe().wait_for(|made| *made >= requests).await;
    }
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}
