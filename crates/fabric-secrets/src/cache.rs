//! A store in front of a store: it asks once, remembers, and says so when what it remembers is old.

mod settings;
mod shortcut;
mod slot;

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::runtime::Handle;

use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::name::SecretName;
use crate::secret::{Freshness, Secret, Version};
use crate::store::{SecretStore, Source};
pub use settings::CacheSettings;
use settings::Schedule;
use shortcut::Shortcut;
use slot::{Reading, Slot};

/// A cache in front of a store. Clones share what it remembers.
///
/// However many callers want a secret, the store is asked once; the others wait for its answer. Once 80 % of the time
/// to live are over, a reader is served at once and the store is asked in the background.
#[derive(Clone)]
pub struct CachedStore(Arc<Shared>);

type Key = (SecretName, Version);

/// moka holds the slots and not the secrets: a slot also remembers answers that were no secret, keeps a value beyond
/// its time to live, and lets go of it at once when it is invalidated, none of which a cache of values does.
struct Shared {
    store: Arc<dyn SecretStore>,
    slots: moka::future::Cache<Key, Arc<Slot>>,
    shortcut: Shortcut,
    schedule: Schedule,
    clock: Arc<dyn Clock>,
}

impl CachedStore {
    /// A cache in front of `store`, on the machine's clock.
    #[must_use]
    pub fn new(store: Arc<dyn SecretStore>, settings: CacheSettings) -> Self {
        Self::with_clock(store, settings, Arc::new(SystemClock))
    }

    /// The same, on another clock.
    #[must_use]
    pub fn with_clock(store: Arc<dyn SecretStore>, settings: CacheSettings, clock: Arc<dyn Clock>) -> Self {
        let slots = moka::future::Cache::new(settings.capacity);
        let shortcut = Shortcut::new(settings.capacity);
        Self(Arc::new(Shared { store, slots, shortcut, schedule: Schedule::new(settings), clock }))
    }

    /// What is remembered and good enough.
    fn remembered(&self, slot: Arc<Slot>, name: &SecretName, version: &Version) -> Option<Result<Secret, Error>> {
        match slot.read(self.0.clock.now(), &self.0.schedule) {
            Reading::Serve { verdict, refresh } => {
                if refresh {
                    self.refresh(slot, (name.clone(), version.clone()));
                }
                Some(verdict)
            }
            Reading::Fetch => None,
        }
    }

    /// The way through moka.
    async fn look_up(&self, key: Key) -> Result<Secret, Error> {
        let slot = match self.0.slots.get(&key).await {
            Some(slot) => slot,
            None => self.0.slots.get_with_by_ref(&key, async { Arc::default() }).await,
        };
        if key.1.id().is_none() {
            self.0.shortcut.remember(&key.0, &slot);
        }
        match self.remembered(Arc::clone(&slot), &key.0, &key.1) {
            Some(verdict) => verdict,
            None => self.fetch(&slot, &key).await,
        }
    }

    /// Asks the store, unless somebody else has just done so.
    async fn fetch(&self, slot: &Slot, (name, version): &Key) -> Result<Secret, Error> {
        let Shared { store, schedule, clock, .. } = &*self.0;
        let _turn = slot.turn().await;
        loop {
            match slot.read(clock.now(), schedule) {
                Reading::Serve { verdict, .. } => return verdict,
                Reading::Fetch => {}
            }
            let generation = slot.generation();
            let answer = store.get(name, version).await;
            if let Some(verdict) = slot.settle(generation, answer, clock.now(), schedule) {
                if let Ok(secret) = &verdict
                    && let Freshness::Stale { age, cause } = secret.freshness()
                {
                    tracing::warn!(secret = %name, age_s = age.as_secs(), reason = %cause, "a secret is served stale");
                }
                return verdict;
            }
        }
    }

    /// Asks the store in the background, where there is a runtime to do so.
    fn refresh(&self, slot: Arc<Slot>, key: Key) {
        let Ok(runtime) = Handle::try_current() else { return };
        let cache = self.clone();
        runtime.spawn(async move {
            let Shared { store, schedule, clock, .. } = &*cache.0;
            let _turn = slot.turn().await;
            if !slot.is_refreshing() {
                return;
            }
            let generation = slot.generation();
            let answer = store.get(&key.0, &key.1).await;
            if let Err(error) = &answer {
                tracing::warn!(secret = %key.0, reason = %error, "a secret could not be refreshed ahead of its expiry");
            }
            slot.settle(generation, answer, clock.now(), schedule);
        });
    }
}

impl fmt::Debug for CachedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedStore").field("store", &self.0.store).finish_non_exhaustive()
    }
}

#[async_trait]
impl SecretStore for CachedStore {
    fn source(&self) -> Source {
        self.0.store.source()
    }

    async fn get(&self, name: &SecretName, version: &Version) -> Result<Secret, Error> {
        let slot = if version.id().is_none() { self.0.shortcut.find(name) } else { None };
        match slot.and_then(|slot| self.remembered(slot, name, version)) {
            Some(verdict) => verdict,
            // Boxed apart, so that a read that needs none of this is a small future.
            None => Box::pin(self.look_up((name.clone(), version.clone()))).await,
        }
    }

    async fn invalidate(&self, name: &SecretName, rejected: &Secret) -> bool {
        let slot = match self.0.shortcut.find(name) {
            Some(slot) => Some(slot),
            None => self.0.slots.get(&(name.clone(), Version::latest())).await,
        };
        let now = self.0.clock.now();
        let asks_again = slot.is_some_and(|slot| slot.invalidate(rejected, now, &self.0.schedule));
        if asks_again {
            tracing::info!(secret = %name, "a secret was not accepted and will be fetched again");
        }
        asks_again
    }
}
