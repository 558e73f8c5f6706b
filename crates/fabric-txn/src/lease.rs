//! One writer per scope, for a limited time.
//!
//! Each holder of a scope gets the next fencing number by creating `scopes/<scope>/lease-<number>` if that does not
//! exist; only it writes `beat-<number>`, which prolongs or ends its lease. Time decides when somebody else may try;
//! the store decides who succeeds.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use futures::future::{Either, select};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::clock::{Clock, millis};
use crate::error::{Error, StoreError};
use crate::id::scope_folder;
use crate::store::JournalStore;

/// How long a lease lasts.
#[derive(Debug, Clone, Copy)]
pub struct LeaseOptions {
    /// How long the lease lasts after it was last renewed. It is renewed after a third of that.
    pub ttl: Duration,
    /// How long after its end others wait before they take over: more than the clocks of two machines may differ.
    pub grace: Duration,
}

impl Default for LeaseOptions {
    fn default() -> Self {
        Self { ttl: Duration::from_secs(60), grace: Duration::from_secs(10) }
    }
}

/// The right to change one scope. Clones share it.
#[derive(Debug, Clone)]
pub struct Lease(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    store: Arc<dyn JournalStore>,
    clock: Arc<dyn Clock>,
    scope: String,
    folder: String,
    holder: String,
    fence: u64,
    ttl: Duration,
    /// By the calendar, which others go by, and which goes on while the machine sleeps.
    expires_at_ms: AtomicU64,
    /// By the steady clock, which nobody can set back.
    steady_end_ms: AtomicU64,
    lost: AtomicBool,
}

#[derive(Debug, Serialize, Deserialize)]
struct Claim {
    holder: String,
    /// Makes every claim different, so that a store can tell whose it keeps.
    nonce: Uuid,
    at_ms: u64,
    expires_at_ms: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Beat {
    expires_at_ms: u64,
    #[serde(default)]
    released: bool,
}

/// Who has a scope now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Who.
    pub holder: String,
    /// How long it lasts yet if it is not renewed, in milliseconds, with the time that others wait after its end.
    pub remaining_ms: u64,
}

impl Lease {
    /// Who has the lease on `scope`; `None` if it could be taken. Nothing is changed.
    ///
    /// # Errors
    /// The store failed.
    pub async fn held(
        store: &dyn JournalStore,
        clock: &dyn Clock,
        scope: &str,
        options: LeaseOptions,
    ) -> Result<Option<Held>, Error> {
        let folder = scope_folder(scope);
        let latest = latest_fence(store, &folder).await?;
        if latest == 0 {
            return Ok(None);
        }
        let Some((holder, until)) = current(store, &folder, latest).await? else { return Ok(None) };
        let remaining_ms = until.saturating_add(millis(options.grace)).saturating_sub(clock.now_ms());
        Ok((remaining_ms > 0).then_some(Held { holder, remaining_ms }))
    }

    /// Takes the lease on `scope`. `holder` is what others are told: who, where, since when.
    ///
    /// # Errors
    /// [`Error::Held`] while somebody else has it.
    pub async fn acquire(
        store: Arc<dyn JournalStore>,
        clock: Arc<dyn Clock>,
        scope: &str,
        holder: &str,
        options: LeaseOptions,
    ) -> Result<Self, Error> {
        let folder = scope_folder(scope);
        let latest = latest_fence(&*store, &folder).await?;
        let (now, steady) = (clock.now_ms(), clock.steady_ms());
        if let Some(Held { holder, remaining_ms }) = Self::held(&*store, &*clock, scope, options).await? {
            return Err(Error::Held { scope: scope.to_owned(), holder, remaining_ms });
        }
        let fence = latest + 1;
        let expires_at_ms = now.saturating_add(millis(options.ttl));
        let claim = Claim { holder: holder.to_owned(), nonce: Uuid::new_v4(), at_ms: now, expires_at_ms };
        let created = store.create(&claim_key(&folder, fence), &json(&claim)?).await?;
        let newest = latest_fence(&*store, &folder).await?;
        if !created || newest != fence {
            let rival = current(&*store, &folder, newest).await?;
            let (holder, until) = rival.unwrap_or_else(|| ("somebody else".to_owned(), now));
            let remaining_ms = until.saturating_sub(now);
            return Err(Error::Held { scope: scope.to_owned(), holder, remaining_ms });
        }
        tracing::debug!(scope, fence, "lease acquired");
        Ok(Self(Arc::new(Inner {
            store,
            clock,
            scope: scope.to_owned(),
            folder,
            holder: holder.to_owned(),
            fence,
            ttl: options.ttl,
            expires_at_ms: AtomicU64::new(expires_at_ms),
            steady_end_ms: AtomicU64::new(steady.saturating_add(millis(options.ttl))),
            lost: AtomicBool::new(false),
        })))
    }

    /// What is leased.
    pub fn scope(&self) -> &str {
        &self.0.scope
    }

    /// Who holds it.
    pub fn holder(&self) -> &str {
        &self.0.holder
    }

    /// The fencing number: greater than that of every earlier holder.
    pub fn fence(&self) -> u64 {
        self.0.fence
    }

    /// The clock that decides about its end.
    pub fn clock(&self) -> &Arc<dyn Clock> {
        &self.0.clock
    }

    /// Whether this process still has it, as far as it can tell without asking the store: it was neither lost nor given
    /// back, and its time is not over by either clock. The last look before a change, at the place where it is sent: it
    /// costs no wait, so that nothing comes between.
    pub fn holds(&self) -> bool {
        !self.0.lost.load(Ordering::SeqCst) && self.remaining_ms() > 0
    }

    /// Prolongs the lease, unless it has run out or somebody else has it.
    ///
    /// # Errors
    /// [`Error::LeaseLost`], or the store failed and the lease is as it was.
    pub async fn renew(&self) -> Result<(), Error> {
        let inner = &self.0;
        if !self.holds() {
            return Err(self.lose().await);
        }
        let (now, steady) = (inner.clock.now_ms(), inner.clock.steady_ms());
        if inner.store.get(&claim_key(&inner.folder, inner.fence + 1)).await?.is_some() {
            return Err(self.lose().await);
        }
        let expires_at_ms = now.saturating_add(millis(inner.ttl));
        self.beat(&Beat { expires_at_ms, released: false }).await?;
        inner.expires_at_ms.store(expires_at_ms, Ordering::SeqCst);
        inner.steady_end_ms.store(steady.saturating_add(millis(inner.ttl)), Ordering::SeqCst);
        Ok(())
    }

    /// Makes sure that the lease lasts for at least half of its time, renewing it if it does not.
    ///
    /// # Errors
    /// [`Error::LeaseLost`].
    pub async fn ensure(&self) -> Result<(), Error> {
        let remaining = self.remaining_ms();
        if !self.0.lost.load(Ordering::SeqCst) && remaining > millis(self.0.ttl) / 2 {
            return Ok(());
        }
        match self.renew().await {
            // The lease still lasts: an outage of the store costs nothing yet.
            Err(Error::Store(_)) if self.remaining_ms() > 0 => Ok(()),
            renewed => renewed,
        }
    }

    /// Renews the lease again and again, and returns when it is lost.
    pub async fn keep_alive(&self) -> Error {
        loop {
            self.0.clock.sleep(self.0.ttl / 3).await;
            match self.renew().await {
                Err(Error::Store(error)) => tracing::warn!(%error, scope = self.scope(), "the lease was not renewed"),
                Err(error) => return error,
                Ok(()) => {}
            }
        }
    }

    /// Does `work`, such as reading what a transaction will start from, and renews the lease for as long as that takes.
    ///
    /// # Errors
    /// The lease was lost; `work` is dropped where it stands.
    pub async fn held_during<T>(&self, work: impl Future<Output = T>) -> Result<T, Error> {
        match select(pin!(work), pin!(self.keep_alive())).await {
            Either::Left((done, _)) => Ok(done),
            Either::Right((lost, _)) => Err(lost),
        }
    }

    /// Gives the lease back, so that others need not wait for its end.
    ///
    /// # Errors
    /// The store failed: the lease ends by itself.
    pub async fn release(&self) -> Result<(), Error> {
        if !self.0.lost.swap(true, Ordering::SeqCst) {
            self.beat(&Beat { expires_at_ms: self.0.clock.now_ms(), released: true }).await?;
        }
        Ok(())
    }

    fn remaining_ms(&self) -> u64 {
        let inner = &self.0;
        let by_calendar = inner.expires_at_ms.load(Ordering::SeqCst).saturating_sub(inner.clock.now_ms());
        let by_steady_clock = inner.steady_end_ms.load(Ordering::SeqCst).saturating_sub(inner.clock.steady_ms());
        by_calendar.min(by_steady_clock)
    }

    async fn beat(&self, beat: &Beat) -> Result<(), Error> {
        Ok(self.0.store.replace(&beat_key(&self.0.folder, self.0.fence), &json(beat)?).await?)
    }

    async fn lose(&self) -> Error {
        let inner = &self.0;
        inner.lost.store(true, Ordering::SeqCst);
        let by = match latest_fence(&*inner.store, &inner.folder).await {
            Ok(latest) if latest > inner.fence => current(&*inner.store, &inner.folder, latest).await.ok().flatten(),
            _ => None,
        };
        Error::LeaseLost { scope: inner.scope.clone(), by: by.map(|(holder, _)| holder) }
    }
}

fn claim_key(folder: &str, fence: u64) -> String {
    format!("{folder}/lease-{fence:010}")
}

fn beat_key(folder: &str, fence: u64) -> String {
    format!("{folder}/beat-{fence:010}")
}

fn json<T: Serialize>(value: &T) -> Result<Vec<u8>, Error> {
    let written = serde_json::to_vec(value);
    written.map_err(|error| {
        let message = error.to_string();
        StoreError::Remote { action: "write", key: "a lease".to_owned(), message }.into()
    })
}

async fn latest_fence(store: &dyn JournalStore, folder: &str) -> Result<u64, Error> {
    let names = store.list(folder).await?;
    Ok(names.iter().filter_map(|name| name.strip_prefix("lease-")?.parse().ok()).max().unwrap_or_default())
}

/// Who has the lease `fence` and until when; none if it was given back.
async fn current(store: &dyn JournalStore, folder: &str, fence: u64) -> Result<Option<(String, u64)>, Error> {
    let Some(claim) = store.get(&claim_key(folder, fence)).await? else { return Ok(None) };
    // A claim is created as a whole, so what cannot be read was not written by this crate, or not by this version.
    let Ok(claim) = serde_json::from_slice::<Claim>(&claim) else {
        return Ok(Some(("a lease that this version cannot read".to_owned(), u64::MAX)));
    };
    // A beat may be lost with the power; the claim then counts, which is at most that much earlier.
    let beat = store.get(&beat_key(folder, fence)).await?;
    let beat = beat.and_then(|beat| serde_json::from_slice::<Beat>(&beat).ok());
    match beat {
        Some(Beat { released: true, .. }) => Ok(None),
        Some(beat) => Ok(Some((claim.holder, beat.expires_at_ms))),
        None => Ok(Some((claim.holder, claim.expires_at_ms))),
    }
}
