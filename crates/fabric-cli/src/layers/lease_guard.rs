//! The last look at the lease: right before a request is sent that changes something.

use std::sync::{Arc, OnceLock};

use fabric_client::{CallMetadata, Safety};
use fabric_txn::Lease;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{Error, Middleware, Next, Result};
use thiserror::Error as ThisError;

/// Lets requests that change something pass only while the lease lasts. It stands below all other layers: whatever a
/// request waited for above, it is looked at again before it goes out.
///
/// The client is there before the lease is, whose scope may have to be asked for. Until then nothing may be changed.
#[derive(Debug, Clone, Default)]
pub(crate) struct LeaseGuard(Arc<OnceLock<Lease>>);

/// Why a request was not sent.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
pub(crate) enum NotLeased {
    #[error("the lease on {scope} is over, so that nothing more may be changed: the request was not sent")]
    Over { scope: String },
    #[error("nothing may be changed before the workspace is leased: the request was not sent")]
    NotYet,
}

impl LeaseGuard {
    /// From now on, `lease` decides. The first one stays: a command takes one lease.
    pub(crate) fn watch(&self, lease: &Lease) {
        let _ = self.0.set(lease.clone());
    }

    fn check(&self) -> std::result::Result<(), NotLeased> {
        match self.0.get() {
            Some(lease) if lease.holds() => Ok(()),
            Some(lease) => Err(NotLeased::Over { scope: lease.scope().to_owned() }),
            None => Err(NotLeased::NotYet),
        }
    }
}

impl NotLeased {
    /// The guard's error within a middleware error, however wrapped.
    pub(super) fn within(error: &Error) -> Option<&Self> {
        let Error::Middleware(error) = error else { return None };
        error.chain().find_map(|cause| cause.downcast_ref())
    }
}

#[async_trait::async_trait]
impl Middleware for LeaseGuard {
    async fn handle(&self, request: Request, extensions: &mut Extensions, next: Next<'_>) -> Result<Response> {
        if changes_something(&request, extensions) {
            self.check().map_err(Error::middleware)?;
        }
        next.run(request, extensions).await
    }
}

fn changes_something(request: &Request, extensions: &Extensions) -> bool {
    match extensions.get::<CallMetadata>() {
        Some(metadata) => metadata.safety != Safety::Read,
        None => !request.method().is_safe(),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::time::Duration;

    use fabric_flags::{FlagSet, Sources};
    use fabric_txn::store::MemoryStore;
    use fabric_txn::{LeaseOptions, ManualClock};
    use http::Method;
    use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

    use super::*;
    use crate::layers::{self, CallSettings};

    /// The service: remembers what reached it, never answers well, and takes longer than a lease lasts.
    struct Slow {
        seen: Arc<Mutex<Vec<Method>>>,
        clock: Arc<ManualClock>,
    }

    #[async_trait::async_trait]
    impl Middleware for Slow {
        async fn handle(&self, request: Request, _: &mut Extensions, _: Next<'_>) -> Result<Response> {
            self.seen.lock().unwrap().push(request.method().clone());
            self.clock.advance(Duration::from_secs(61));
            Ok(http::Response::builder().status(503).body("").unwrap().into())
        }
    }

    struct Stage {
        guard: LeaseGuard,
        client: ClientWithMiddleware,
        clock: Arc<ManualClock>,
        seen: Arc<Mutex<Vec<Method>>>,
    }

    fn stage() -> Stage {
        let flags = ["FEATURE_USE_RETRY_LOGIC=on", "FEATURE_USE_CIRCUIT_BREAKER=on"];
        let flags = FlagSet::resolve(&Sources::new().command_line(flags)).unwrap();
        let settings = CallSettings {
            concurrency: 8,
            max_attempts: 4,
            timeout: Duration::from_secs(300),
            settle: Duration::from_secs(20),
        };
        let (guard, seen) = (LeaseGuard::default(), Arc::default());
        let clock = Arc::new(ManualClock::new(1_790_000_000_000));
        let layered = layers::compose(reqwest::Client::new(), &flags, settings, Some(&guard));
        let service = Slow { seen: Arc::clone(&seen), clock: Arc::clone(&clock) };
        Stage { guard, client: ClientBuilder::from_client(layered).with(service).build(), clock, seen }
    }

    impl Stage {
        async fn lease(&self) -> Lease {
            let (store, clock) = (Arc::new(MemoryStore::new()), self.clock.clone());
            let lease = Lease::acquire(store, clock, "local/Sales", "a test", LeaseOptions::default()).await.unwrap();
            self.guard.watch(&lease);
            lease
        }

        async fn send(&self, method: Method) -> Result<Response> {
            self.client.request(method, "http://127.0.0.1:9/").send().await
        }

        fn seen(&self) -> Vec<Method> {
            self.seen.lock().unwrap().clone()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_changed_before_there_is_a_lease() {
        let stage = stage();
        let error = stage.send(Method::POST).await.unwrap_err();
        assert_eq!(NotLeased::within(&error), Some(&NotLeased::NotYet));
        assert!(layers::refused_before_sending(&error) && layers::ended_by_layer(&error));
        assert!(stage.seen().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_is_refused_once_the_lease_is_over_and_reading_goes_on() {
        let stage = stage();
        stage.lease().await.release().await.unwrap();
        for method in [Method::POST, Method::PATCH, Method::PUT, Method::DELETE] {
            let error = stage.send(method).await.unwrap_err();
            let over = NotLeased::Over { scope: "local/Sales".to_owned() };
            assert_eq!(NotLeased::within(&error), Some(&over), "{error}");
            assert!(layers::refused_before_sending(&error));
        }
        assert_eq!(stage.send(Method::GET).await.unwrap().status(), 503);
        assert_eq!(stage.seen(), [Method::GET; 4]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_retry_that_waited_past_the_end_of_the_lease_is_not_sent() {
        let stage = stage();
        stage.lease().await;
        let error = stage.send(Method::PUT).await.unwrap_err();
        assert!(NotLeased::within(&error).is_some(), "{error}");
        assert!(!layers::refused_before_sending(&error), "the first attempt was sent, and nobody knows what it did");
        assert_eq!(stage.seen(), [Method::PUT]);
    }
}
