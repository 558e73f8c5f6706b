//! The layers in their order.

use std::sync::Arc;
use std::time::Duration;

use reqwest_middleware::{ClientBuilder, Middleware};

use crate::breaker::{BreakerSettings, Breakers};
use crate::classify::{ByStatus, Classify};
use crate::clock::{Clock, SystemClock};
use crate::concurrency::{AdaptiveLimit, ConcurrencySettings};
use crate::http::{
    AttemptTimeout, BodyLayer, BreakerLayer, Common, ConcurrencyLayer, RetryLayer, ThrottleLayer, TotalDeadline,
};
use crate::randomness::{Randomness, SplitMix};
use crate::retry::{Retry, RetrySettings};
use crate::throttle::{ThrottleGate, ThrottleSettings};

/// What shares one circuit breaker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakerScope {
    /// All calls to one host and port.
    #[default]
    Host,
    /// All calls of one API class to one host and port.
    HostAndClass,
}

/// A stack of layers, to be put on a client. Clones share breakers, gate, limit and budget; so do all clients that one
/// stack is put on.
#[derive(Clone)]
pub struct Resilience {
    layers: Vec<Arc<dyn Middleware>>,
    breakers: Option<Arc<Breakers>>,
    gate: Option<Arc<ThrottleGate>>,
    limit: Option<Arc<AdaptiveLimit>>,
}

impl Resilience {
    /// Nothing yet: every layer that is not asked for is absent, and costs nothing.
    #[must_use]
    pub fn builder() -> ResilienceBuilder {
        ResilienceBuilder::default()
    }

    /// The layers, outermost first.
    #[must_use]
    pub fn layers(&self) -> &[Arc<dyn Middleware>] {
        &self.layers
    }

    /// Puts the layers on a client, inside those that it has already.
    #[must_use]
    pub fn apply(&self, client: ClientBuilder) -> ClientBuilder {
        self.layers.iter().fold(client, |client, layer| client.with_arc(Arc::clone(layer)))
    }

    /// The breakers, if there are any.
    #[must_use]
    pub fn breakers(&self) -> Option<&Arc<Breakers>> {
        self.breakers.as_ref()
    }

    /// The throttle gate, if there is one.
    #[must_use]
    pub fn gate(&self) -> Option<&Arc<ThrottleGate>> {
        self.gate.as_ref()
    }

    /// The concurrency limit, if there is one.
    #[must_use]
    pub fn limit(&self) -> Option<&Arc<AdaptiveLimit>> {
        self.limit.as_ref()
    }
}

/// Collects the layers. The order of the calls does not matter: the layers have an order of their own.
pub struct ResilienceBuilder {
    classify: Arc<dyn Classify>,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    total_deadline: Option<Duration>,
    retry: Option<RetrySettings>,
    throttle: Option<ThrottleSettings>,
    concurrency: Option<ConcurrencySettings>,
    breaker: Option<BreakerSettings>,
    breaker_scope: BreakerScope,
    breaker_capacity: usize,
    attempt_timeout: Option<Duration>,
    bodies: bool,
}

impl Default for ResilienceBuilder {
    fn default() -> Self {
        Self {
            classify: Arc::new(ByStatus),
            clock: Arc::new(SystemClock),
            randomness: Arc::new(SplitMix::from_system()),
            total_deadline: None,
            retry: None,
            throttle: None,
            concurrency: None,
            breaker: None,
            breaker_scope: BreakerScope::default(),
            breaker_capacity: 256,
            attempt_timeout: None,
            bodies: false,
        }
    }
}

impl ResilienceBuilder {
    /// The application's knowledge of its calls. Without it, method and status decide.
    #[must_use]
    pub fn classify(mut self, classify: impl Classify) -> Self {
        self.classify = Arc::new(classify);
        self
    }

    /// Time, handed in.
    #[must_use]
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Chance, handed in.
    #[must_use]
    pub fn randomness(mut self, randomness: Arc<dyn Randomness>) -> Self {
        self.randomness = randomness;
        self
    }

    /// The most that one call may take, with all its attempts and waits. A [`Deadline`](crate::Deadline) in the
    /// request's extensions can only shorten it.
    #[must_use]
    pub fn total_deadline(mut self, limit: Duration) -> Self {
        self.total_deadline = Some(limit);
        self
    }

    /// Retry what may be retried.
    #[must_use]
    pub fn retry(mut self, settings: RetrySettings) -> Self {
        self.retry = Some(settings);
        self
    }

    /// Respect a throttle in all callers at once.
    #[must_use]
    pub fn throttle_gate(mut self, settings: ThrottleSettings) -> Self {
        self.throttle = Some(settings);
        self
    }

    /// Learn how many calls at once the server bears.
    #[must_use]
    pub fn concurrency(mut self, settings: ConcurrencySettings) -> Self {
        self.concurrency = Some(settings);
        self
    }

    /// Stop calling a service that does not answer.
    #[must_use]
    pub fn breaker(mut self, settings: BreakerSettings) -> Self {
        self.breaker = Some(settings);
        self
    }

    /// What shares one breaker.
    #[must_use]
    pub fn breaker_scope(mut self, scope: BreakerScope) -> Self {
        self.breaker_scope = scope;
        self
    }

    /// How many breakers are kept, 256 unless told otherwise.
    #[must_use]
    pub fn breaker_capacity(mut self, capacity: usize) -> Self {
        self.breaker_capacity = capacity;
        self
    }

    /// The most that one attempt may take until the head of its response. The body has reqwest's `read_timeout`.
    #[must_use]
    pub fn attempt_timeout(mut self, limit: Duration) -> Self {
        self.attempt_timeout = Some(limit);
        self
    }

    /// Read the whole body of every answer before it is classified: an answer that breaks off is then a failed attempt,
    /// and a [`Classify`] can decide by the error code in the body of a 4xx or 5xx. The caller still gets the body. Not
    /// for answers that are too large to be held in memory.
    #[must_use]
    pub fn read_bodies(mut self) -> Self {
        self.bodies = true;
        self
    }

    /// The stack: total deadline → retry → throttle gate → concurrency → breaker → attempt timeout.
    ///
    /// The concurrency limit stands outside the breaker because a call may wait there: the breaker must judge by what
    /// it knows when the call is really sent.
    #[must_use]
    pub fn build(self) -> Resilience {
        let common = Common { classify: self.classify, clock: Arc::clone(&self.clock) };
        let mut layers: Vec<Arc<dyn Middleware>> = Vec::new();
        if let Some(limit) = self.total_deadline {
            layers.push(Arc::new(TotalDeadline { common: common.clone(), limit }));
        }
        if let Some(settings) = self.retry {
            let retry = Retry::with(settings, Arc::clone(&self.clock), Arc::clone(&self.randomness));
            layers.push(Arc::new(RetryLayer { common: common.clone(), retry }));
        }
        let gate = self.throttle.map(|settings| {
            Arc::new(ThrottleGate::with(settings, Arc::clone(&self.clock), Arc::clone(&self.randomness)))
        });
        if let Some(gate) = &gate {
            layers.push(Arc::new(ThrottleLayer { common: common.clone(), gate: Arc::clone(gate) }));
        }
        let limit = self.concurrency.map(|settings| Arc::new(AdaptiveLimit::with(settings, Arc::clone(&self.clock))));
        if let Some(limit) = &limit {
            layers.push(Arc::new(ConcurrencyLayer {
                common: common.clone(),
                limit: Arc::clone(limit),
                gate: gate.clone(),
            }));
        }
        let breakers = self.breaker.map(|settings| {
            let (clock, randomness) = (Arc::clone(&self.clock), Arc::clone(&self.randomness));
            Arc::new(Breakers::with(settings, self.breaker_capacity, clock, randomness))
        });
        if let Some(breakers) = &breakers {
            let breakers = Arc::clone(breakers);
            layers.push(Arc::new(BreakerLayer { common: common.clone(), breakers, scope: self.breaker_scope }));
        }
        if self.bodies {
            layers.push(Arc::new(BodyLayer));
        }
        if let Some(limit) = self.attempt_timeout {
            layers.push(Arc::new(AttemptTimeout { common, limit }));
        }
        Resilience { layers, breakers, gate, limit }
    }
}
