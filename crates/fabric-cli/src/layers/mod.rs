//! The one place where flags become layers.
//!
//! ```text
//! record → total deadline → retry → throttle gate → concurrency → circuit breaker → attempt timeout → trace →
//! lease guard → HTTP
//! ```
//!
//! A feature that is off has no layer: its code is never entered.

mod fabric_calls;
mod lease_guard;
mod record;
mod trace;
mod vault;

use std::sync::Arc;
use std::time::Duration;

use fabric_deploy::execute::{CreatePolicy, ExecuteOptions};
use fabric_flags::{Feature, Snapshot};
use fabric_resilience::{
    AttemptLog, BreakerSettings, ConcurrencySettings, GaveUp, Resilience, ResilienceError, RetryBudget, RetrySettings,
    Schedule, Stop, ThrottleSettings,
};
use http::HeaderName;
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};

use fabric_calls::FabricCalls;
pub(crate) use lease_guard::LeaseGuard;
use lease_guard::NotLeased;
use record::Record;
use trace::Trace;
pub(crate) use trace::trace_headers;
pub(crate) use vault::for_vault;

/// The header in which Fabric names a request.
static REQUEST_ID: HeaderName = HeaderName::from_static("requestid");

/// What the user may set about calls.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallSettings {
    /// How many requests may be under way.
    pub(crate) concurrency: usize,
    /// How often one call is sent at most, with `FEATURE_USE_RETRY_LOGIC`.
    pub(crate) max_attempts: u32,
    /// How long one call may take with all its attempts, with `FEATURE_USE_RETRY_LOGIC`.
    pub(crate) timeout: Duration,
    /// How long a create that was left in doubt is looked for.
    pub(crate) settle: Duration,
}

/// How long one attempt may take: a bulk export of some hundred items comes well within it.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(100);

/// The waits between attempts: 2, 4, 8 s, and on to this.
const FIRST_WAIT: Duration = Duration::from_secs(2);
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Whether an error of a layer says that nothing was sent: neither now nor by an earlier attempt at the same call.
pub(crate) fn refused_before_sending(error: &reqwest_middleware::Error) -> bool {
    let earlier = |all_but_last: bool| {
        GaveUp::within(error).is_some_and(|gave_up| was_sent_before(gave_up.attempts(), all_but_last))
    };
    match ResilienceError::within(error) {
        // The deadline ended a wait, which is no attempt of its own.
        Some(ResilienceError::DeadlineExceeded { attempt_in_flight, .. }) => !attempt_in_flight && !earlier(false),
        Some(own) => !own.was_sent() && !earlier(true),
        None => NotLeased::within(error).is_some() && !earlier(true),
    }
}

fn was_sent_before(log: &AttemptLog, all_but_last: bool) -> bool {
    let mut attempts = log.attempts();
    if all_but_last {
        attempts.pop();
    }
    attempts.iter().any(|attempt| !attempt.turned_away)
}

/// Whether an error of a layer says that the time for the call was over, or the service not to be called for now.
pub(crate) fn ended_by_layer(error: &reqwest_middleware::Error) -> bool {
    ResilienceError::within(error).is_some() || NotLeased::within(error).is_some()
}

/// How the attempts at a call went, unless there was one and nothing more to be said of it.
pub(crate) fn attempts(response: &reqwest::Response) -> Option<String> {
    let log: &AttemptLog = response.extensions().get()?;
    let is_plain = log.len() == 1 && matches!(log.stop(), Some(Stop::Success | Stop::Permanent));
    (!is_plain).then(|| log.to_string())
}

/// What is done about a create whose outcome is unknown: with retries it may be sent again once it is known not to
/// have happened.
pub(crate) fn create_policy(flags: &Snapshot, settings: CallSettings) -> CreatePolicy {
    if flags.is_on(Feature::RetryLogic) {
        CreatePolicy { attempts: settings.max_attempts, settle: settings.settle }
    } else {
        CreatePolicy::default()
    }
}

/// The purse of retries: everything that a deployment has under way can use all of its attempts once, and what it gives
/// out beyond that must be earned by successes.
///
/// The 500 tokens of the AWS SDKs, 35 retries, are meant for services that callers keep calling. A deployment starts
/// nothing new once a step has failed, so that a second without answers, met by 64 calls at once, would end it.
fn budget(max_attempts: u32) -> RetryBudget {
    const RETRY: u32 = 14;
    const THROTTLED: u32 = 5;
    let under_way = u32::try_from(ExecuteOptions::default().steps_under_way).unwrap_or(u32::MAX);
    RetryBudget::costs(RETRY.saturating_mul(max_attempts.saturating_sub(1)).saturating_mul(under_way), RETRY, THROTTLED)
}

/// The HTTP client as it is, told of by telemetry where that is on: for calls that are sent once, by nobody's layers.
pub(crate) fn plain(http: reqwest::Client, flags: &Snapshot) -> ClientWithMiddleware {
    let builder = ClientBuilder::new(http);
    if flags.is_on(Feature::Telemetry) { builder.with(Trace).build() } else { builder.build() }
}

/// The HTTP client with the layers of the features that are on, and with the guard of a command that works under a lease.
pub(crate) fn compose(
    http: reqwest::Client,
    flags: &Snapshot,
    settings: CallSettings,
    guard: Option<&LeaseGuard>,
) -> ClientWithMiddleware {
    let CallSettings { concurrency, max_attempts, timeout, .. } = settings;
    let retry = flags.is_on(Feature::RetryLogic);
    let mut layers = Resilience::builder().classify(FabricCalls).concurrency(ConcurrencySettings {
        min: if retry { 1 } else { concurrency },
        start: concurrency,
        max: concurrency,
    });
    if retry {
        let schedule = Schedule::doubling(FIRST_WAIT, LONGEST_WAIT, max_attempts.saturating_sub(1));
        layers = layers
            .total_deadline(timeout)
            .retry(RetrySettings {
                schedule,
                budget: Some(Arc::new(budget(max_attempts))),
                request_id_header: Some(REQUEST_ID.clone()),
                ..RetrySettings::default()
            })
            .throttle_gate(ThrottleSettings::default())
            .attempt_timeout(ATTEMPT_TIMEOUT)
            .read_bodies();
    }
    if flags.is_on(Feature::CircuitBreaker) {
        layers = layers.breaker(BreakerSettings::default());
    }
    let layered = layers.build().apply(ClientBuilder::new(http).with(Record));
    let traced = if flags.is_on(Feature::Telemetry) { layered.with(Trace) } else { layered };
    match guard {
        Some(guard) => traced.with(guard.clone()).build(),
        None => traced.build(),
    }
}
